"""Precision, recall, F1 and Jaccard index of counts, whatever was matched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class DetectionScores:
    """Scores, one number per class; 0 where nothing is there to be right about.

    Attributes:
        precision: ``tp / (tp + fp)``.
        recall: ``tp / (tp + fn)``.
        f1: harmonic mean of the two.
        jaccard: ``tp / (tp + fp + fn)``.
    """

    precision: Numbers
    recall: Numbers
    f1: Numbers
    jaccard: Numbers


def detection_scores(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike) -> DetectionScores:
    """Scores of correct detections, false ones and missed truths, numbers or arrays of them."""
    right, false, missed = (np.asarray(count, np.float64) for count in (tp, fp, fn))
    precision, recall = _ratio(right, right + false), _ratio(right, right + missed)
    return DetectionScores(
        precision=precision,
        recall=recall,
        f1=_ratio(2 * precision * recall, precision + recall),
        jaccard=_ratio(right, right + false + missed),
    )


def scores_of_channels(matches: Any) -> DetectionScores:
    """Scores of each channel over all samples, of matches with counts ``(sample, channel)``."""
    counts: Iterable[Any] = (matches.tp, matches.fp, matches.fn)
    return detection_scores(*(count.sum(0) for count in counts))


def mean_f1(matches: Any) -> float:
    """Mean over channels of F1 over all samples."""
    return float(scores_of_channels(matches).f1.mean())


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
