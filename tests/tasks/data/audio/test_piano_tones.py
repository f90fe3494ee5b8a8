"""Tones of the two pianos: pitch, latency, difference; notes at their times."""

import numpy as np
import pytest

from tasks.data.audio.drum_kits import SAMPLE_RATE
from tasks.data.audio.piano_tones import PIANOS, Note, mix, tone

KEYS = range(21, 109, 3)


@pytest.mark.parametrize("piano", PIANOS)
def test_tones_have_the_pitch_of_their_key(piano):
    for key in range(36, 97, 6):
        sound = tone(piano, key)[0][:SAMPLE_RATE]
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 8 * len(sound)))
        hertz = np.arange(len(spectrum)) * SAMPLE_RATE / (8 * len(sound))
        wanted = 440 * 2 ** ((key - 69) / 12)
        near = np.abs(np.log2(np.maximum(hertz, 1) / wanted)) < 1.5 / 12
        peak = hertz[near][np.argmax(spectrum[near])]
        assert abs(1200 * np.log2(peak / wanted)) < 30, key


@pytest.mark.parametrize("piano", PIANOS)
def test_energy_rises_at_once_on_every_key(piano):
    """Latency: median and range over keys below 5 ms."""
    sounds = [np.abs(tone(piano, key)[0]) for key in KEYS]
    late = [np.argmax(sound > 0.05 * sound.max()) / SAMPLE_RATE for sound in sounds]
    assert np.median(late) < 0.005
    assert np.ptp(late) < 0.005


def test_the_pianos_sound_different():
    for key in (48, 60, 72):
        first, second = (tone(piano, key)[0] for piano in PIANOS)
        shapes = [np.abs(np.fft.rfft(x[:8192])) for x in (first, second)]
        assert np.corrcoef(np.log(shapes[0] + 1e-3), np.log(shapes[1] + 1e-3))[0, 1] < 0.95


def test_soft_tones_are_darker():
    loud, soft = tone("Piano 1", 60)
    centroid = [
        (np.arange(4097) * np.abs(np.fft.rfft(x[:8192])) ** 2).sum()
        / (np.abs(np.fft.rfft(x[:8192])) ** 2).sum()
        for x in (loud, soft)
    ]
    assert centroid[1] < centroid[0]


def test_notes_sound_from_their_onset_to_their_end():
    rng = np.random.default_rng(0)
    dry = np.abs(mix(rng, "Piano 1", [Note(0.5, 0.9, 60, 0.8)], 2.0))
    assert np.argmax(dry > 0.05 * dry.max()) / SAMPLE_RATE == pytest.approx(0.5, abs=0.005)
    held, after = dry[round(0.8 * SAMPLE_RATE) :][:500], dry[round(1.12 * SAMPLE_RATE) :][:500]
    assert after.max() < 0.1 * held.max()
    assert dry[: round(0.499 * SAMPLE_RATE)].max() == 0


def test_loud_notes_are_louder():
    loud, soft = (
        np.abs(mix(np.random.default_rng(0), "Piano 3", [Note(0.0, 1.0, 60, v)], 1.0)).max()
        for v in (0.9, 0.3)
    )
    assert loud > 2 * soft
