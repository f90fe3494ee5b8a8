"""Log-frequency spectrograms with a band for each semitone.

On a logarithmic axis the partials of every tone lie at the same distances from its fundamental, so
that one detector fits all keys, whereas mel bands are linear below 700 Hz. Otherwise as `log_mel`.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from tasks.data.audio.log_mel import fft_length, log_bands, triangles
from tasks.data.audio.piano_pieces import BANDS, LOWEST_BAND

WINDOW = 0.093
"""Length of the analysis window in seconds: low tones need a long one."""


def log_semitones(
    audio: NDArray[np.float32], sample_rate: int, centres: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Log-frequency spectrogram ``(BANDS, frame)``, scaled as `log_mel`.

    Args:
        audio: mono samples; silence is assumed around them.
        sample_rate: Hz.
        centres: ``(frame,)`` centre of each frame in seconds.
    """
    size = round(WINDOW * sample_rate)
    filters = _filters(fft_length(size), sample_rate)
    return log_bands(audio, np.rint(centres * sample_rate).astype(int), size, filters)


@functools.cache
def _filters(n_fft: int, sample_rate: int) -> NDArray[np.float32]:
    keys = LOWEST_BAND - 1 + np.arange(BANDS + 2)
    return triangles(440.0 * 2 ** ((keys - 69) / 12), n_fft, sample_rate)
