"""Whether what a prediction says of its certainty ranks its errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def rank_correlation(certainty: Numbers, errors: Numbers) -> float:
    """Spearman's correlation of certainty with accuracy: 1 where the surest are the nearest.

    0 where either is the same everywhere: then nothing is ranked.

    Args:
        certainty, errors: ``(keypoint,)`` of all labelled keypoints of all samples.
    """
    from scipy.stats import rankdata

    if len(errors) == 0 or np.ptp(certainty) == 0 or np.ptp(errors) == 0:
        return 0.0
    return float(np.corrcoef(rankdata(certainty), rankdata(-errors))[0, 1])
