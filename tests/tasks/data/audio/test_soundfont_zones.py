"""Zones of the soundfont: which keys they cover, their pitch, their loops."""

import numpy as np
import pytest

from tasks.data.audio.drum_kits import soundfont
from tasks.data.audio.piano_tones import PIANOS
from tasks.data.audio.soundfont_zones import Zone, play, zones

RATE = 22_050


@pytest.mark.parametrize("preset", PIANOS.values())
def test_zones_cover_every_key_of_a_piano(preset):
    for key in range(21, 109):
        assert any(low <= key <= high for low, high in (z.keys for z in zones(soundfont(), preset)))


def test_a_preset_that_is_not_there():
    with pytest.raises(ValueError, match="no preset 999"):
        zones(soundfont(), 999)


def sine(loop=100):
    wave = np.sin(2 * np.pi * np.arange(1001) / 100).astype(np.float32)
    return Zone((0, 127), wave, loop, RATE, 60.0, 0.5, 10.0)


@pytest.mark.parametrize("key", [48, 60, 72])
def test_a_loop_goes_on_at_the_key_s_pitch(key):
    sound = play(sine(), key, 2.0, RATE)[RATE:]  # long after the sample has ended
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    hertz = np.argmax(spectrum) * RATE / len(sound)
    assert hertz == pytest.approx(RATE / 100 * 2 ** ((key - 60) / 12), abs=1.5)


def test_the_level_falls_by_100_db_in_the_decay_time():
    sound = np.abs(play(sine(), 60, 6.0, RATE))
    early, late = sound[:500].max(), sound[5 * RATE :][:500].max()
    assert 20 * np.log10(early / late) == pytest.approx(50, abs=1)
