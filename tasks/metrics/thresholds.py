"""The threshold that validation data choose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

THRESHOLDS: NDArray[np.float64] = 1 / (1 + np.exp(-np.linspace(-6.0, 6.0, 61)))
"""Candidates, evenly spaced in logit from 0.0025 to 0.9975."""

_TIE = 1e-12


def best_threshold(values: Sequence[float] | NDArray[np.float64]) -> float:
    """The one of `THRESHOLDS` with the largest of ``values``, one for each.

    Of several that tie up to rounding, the one nearest to 0.5 wins, and of two equally near the
    lower one.
    """
    value = np.asarray(values, np.float64)
    best = THRESHOLDS[value >= value.max() - _TIE]
    return float(best[np.argmin(np.round(np.abs(best - 0.5), 12))])
