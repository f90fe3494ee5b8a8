"""Semitone bands: tones in their band, clicks in their frame."""

import numpy as np
import pytest

from tasks.data.audio.log_semitones import log_semitones
from tasks.data.audio.piano_pieces import BANDS, LOWEST_BAND

RATE = 22_050


@pytest.mark.parametrize("key", [60, 72, 84, 100])
def test_a_tone_lies_in_the_band_of_its_key(key):
    time = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 440 * 2 ** ((key - 69) / 12) * time).astype(np.float32)
    bands = log_semitones(tone, RATE, np.array([0.5]))
    assert bands.shape == (BANDS, 1)
    assert abs(int(np.argmax(bands)) + LOWEST_BAND - key) <= 1


def test_a_click_is_brightest_in_its_own_frame():
    audio = np.zeros(2 * RATE, np.float32)
    audio[RATE : RATE + 40] = 1.0
    centres = (np.arange(100) + 0.5) * 0.02
    bands = log_semitones(audio, RATE, centres)
    assert abs(centres[np.argmax(bands.sum(0))] - 1.0) <= 0.02


def test_silence_is_the_floor():
    bands = log_semitones(np.zeros(RATE, np.float32), RATE, np.array([0.1, 0.9]))
    np.testing.assert_allclose(bands, (np.log(1e-4) + 6) / 2, rtol=1e-6)
