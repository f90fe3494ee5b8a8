"""Log-mel features: position in time and frequency, playback rate."""

import numpy as np
import pytest
from scipy.signal import resample

from tasks.data.audio.log_mel import _mel_filters, log_mel

RATE = 22_050


def test_a_click_is_centred_on_its_frame():
    audio = np.zeros(RATE, np.float32)
    audio[RATE // 2] = 1.0
    mel = log_mel(audio, RATE, np.arange(100) * 0.01, 40)
    assert mel.shape == (40, 100)
    assert mel.sum(0).argmax() == 50


def test_a_higher_tone_is_in_a_higher_band():
    time = np.arange(RATE) / RATE
    bands = [
        log_mel(np.sin(2 * np.pi * f * time).astype(np.float32), RATE, np.array([0.5]), 40).argmax()
        for f in (100, 400, 1600, 6400)
    ]
    assert bands == sorted(set(bands))


def test_silence_and_frames_beyond_the_end():
    mel = log_mel(np.zeros(100, np.float32), RATE, np.array([0.0, 2.0]), 40)
    assert np.isfinite(mel).all()
    assert mel.std() == 0


@pytest.mark.parametrize("bands", [40, 80])
def test_filters_average(bands):
    filters = _mel_filters(bands, 1024, RATE)
    assert (filters >= 0).all()
    np.testing.assert_allclose(filters.sum(1), 1, rtol=1e-5)


def test_playing_faster_equals_resampling():
    rng = np.random.default_rng(0)
    audio = np.convolve(rng.standard_normal(RATE), np.hanning(9) / 4, "same").astype(np.float32)
    centres = np.arange(10, 60) * 0.01
    faster = log_mel(audio, RATE, centres, 20, rate=1.25)
    resampled = resample(audio, round(RATE / 1.25)).astype(np.float32)
    expected = log_mel(resampled, RATE, centres, 20)
    assert np.median(np.abs(faster - expected)) < 0.05
