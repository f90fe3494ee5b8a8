"""Peak picking as a task may do it, whatever a loss's own decoder does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def local_peaks(scores: NDArray[np.floating[Any]], radius: int) -> NDArray[np.floating[Any]]:
    """``scores (..., bin)`` where they are the largest within ``radius`` bins, -inf elsewhere.

    Of equal neighbours the first one is the peak.
    """
    if radius == 0:
        return scores
    edge = [(0, 0)] * (scores.ndim - 1) + [(radius, radius)]
    padded, bins = np.pad(scores, edge, constant_values=-np.inf), scores.shape[-1]
    peak = np.ones(scores.shape, bool)
    for distance in range(1, radius + 1):
        peak &= scores > padded[..., radius - distance :][..., :bins]
        peak &= scores >= padded[..., radius + distance :][..., :bins]
    return np.where(peak, scores, -np.inf)
