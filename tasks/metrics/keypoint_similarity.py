"""Average precision of keypoint predictions by object keypoint similarity, as for COCO.

One prediction for each figure, and each known to be in the picture: what remains of COCO's rule is
the similarity, its ten thresholds, and the order in which predictions are looked at. Tied scores
keep the order of the samples, as in pycocotools those of one image id after the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)


def similarity(errors: Numbers, labelled: NDArray[np.bool_], falloff: Numbers) -> Numbers:
    """Object keypoint similarity ``(sample,)``; NaN where nothing is labelled.

    Args:
        errors: ``(sample, keypoint)`` distances over the size of the figure (COCO: √area).
        falloff: ``(keypoint,)`` κ, twice COCO's σ: at that error a keypoint counts exp(-1/2).
    """
    close = np.exp(-0.5 * (np.where(labelled, errors, 0.0) / falloff) ** 2) * labelled
    number = labelled.sum(1)
    return np.where(number > 0, close.sum(1) / np.maximum(number, 1), np.nan)


def average_precision(similar: Numbers, score: Numbers, threshold: float) -> float:
    """Precision averaged over 101 recalls; NaN without samples.

    Args:
        similar, score: ``(sample,)`` similarity of each prediction, and how sure it is. Samples
            without similarity do not count.
    """
    known = np.isfinite(similar)
    if not known.any():
        return float("nan")
    order = np.argsort(-score[known], kind="stable")
    right = np.cumsum(similar[known][order] >= threshold)
    precision = np.maximum.accumulate((right / np.arange(1, len(right) + 1))[::-1])[::-1]
    place = np.searchsorted(right / len(right), RECALLS, side="left")
    return float(np.append(precision, 0.0)[np.minimum(place, len(right))].mean())


def mean_average_precision(similar: Numbers, score: Numbers) -> float:
    """The mean of `average_precision` over COCO's thresholds, .50 to .95."""
    return float(np.mean([average_precision(similar, score, t) for t in THRESHOLDS]))
