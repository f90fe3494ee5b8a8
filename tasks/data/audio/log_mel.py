"""Log-mel spectrograms at any hop and playback rate.

Playing a recording ``rate`` times as fast is the same as reading its samples at ``rate`` times the
sample rate: hop and window stretch by ``rate`` in samples and the mel bands follow. No resampling
is needed, and the grid of frames can start exactly at each piece.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy import fft

WINDOW = 0.046
"""Length of the analysis window, in seconds of played time."""
LOWEST, HIGHEST = 30.0, 10_500.0
"""Range of the mel bands in Hz."""
_FLOOR = 1e-4
_BLOCK = 4096


def log_mel(
    audio: NDArray[np.float32],
    sample_rate: int,
    centres: NDArray[np.float64],
    bands: int,
    rate: float = 1.0,
) -> NDArray[np.float32]:
    """Log-mel spectrogram ``(bands, frame)``.

    Args:
        audio: mono samples; silence is assumed around them.
        sample_rate: Hz.
        centres: ``(frame,)`` centre of each frame, in seconds of played time.
        bands: number of mel bands.
        rate: playback rate, 2 is twice as fast.

    Returns:
        Natural logarithm of mel amplitude above a floor, scaled to roughly zero mean and unit
        variance.
    """
    played_rate = sample_rate * rate
    size = round(WINDOW * played_rate)
    filters = _mel_filters(bands, fft_length(size), played_rate)
    return log_bands(audio, np.rint(centres * played_rate).astype(int), size, filters)


def fft_length(size: int) -> int:
    """Length of the Fourier transform of a window of ``size`` samples."""
    return 1 << (size - 1).bit_length()


def log_bands(
    audio: NDArray[np.float32],
    centres: NDArray[np.int64],
    size: int,
    filters: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Logarithm of the amplitude in each band, scaled as in `log_mel`: ``(bands, frame)``.

    Args:
        centres: ``(frame,)`` sample that each window of ``size`` samples is centred at.
        filters: ``(bands, fft_length(size) // 2 + 1)`` weights.
    """
    n_fft, starts = fft_length(size), centres
    padded = np.zeros(max(len(audio), int(starts.max(initial=0))) + 2 * size, np.float32)
    padded[size // 2 : size // 2 + len(audio)] = audio
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)
    shape = np.hanning(size).astype(np.float32)
    scaled = filters * np.float32(2 / shape.sum())
    out = np.empty((len(filters), len(centres)), np.float32)
    for begin in range(0, len(centres), _BLOCK):
        block = windows[starts[begin : begin + _BLOCK]] * shape
        out[:, begin : begin + _BLOCK] = scaled @ np.abs(fft.rfft(block, n_fft)).T
    return np.asarray((np.log(out + _FLOOR) + 6.0) / 2.0, np.float32)


@functools.cache
def _mel_filters(bands: int, n_fft: int, sample_rate: float) -> NDArray[np.float32]:
    """Triangular filters ``(bands, n_fft // 2 + 1)`` evenly spaced in mel, each of sum 1."""
    highest = min(HIGHEST, sample_rate / 2)
    edges = _hertz(np.linspace(_mel(LOWEST), _mel(highest), bands + 2))
    return triangles(edges, n_fft, sample_rate)


def triangles(edges: NDArray[np.float64], n_fft: int, sample_rate: float) -> NDArray[np.float32]:
    """Triangular filters ``(bands, n_fft // 2 + 1)``, each of sum 1.

    Args:
        edges: ``(bands + 2,)`` Hz; a band rises from one edge to the next and falls to the third.
    """
    bands = len(edges) - 2
    frequency = fft.rfftfreq(n_fft, 1 / sample_rate)[None, :]
    low, centre, high = (edges[i : i + bands, None] for i in range(3))
    rise, fall = (frequency - low) / (centre - low), (high - frequency) / (high - centre)
    filters = np.maximum(0.0, np.minimum(rise, fall))
    empty = np.flatnonzero(filters.sum(1) == 0)  # bands narrower than the resolution
    nearest = np.abs(frequency - centre[empty]).argmin(1)
    filters[empty, nearest] = 1.0
    return np.asarray(filters / filters.sum(1, keepdims=True), np.float32)


def _mel(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
