"""Scores of recordings, averaged: each recording counts the same, however many events it has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.metrics.detection_scores import detection_scores


@dataclass(frozen=True)
class RecordingScores:
    """Means over recordings.

    Attributes:
        precision, recall, f1: NaN where no recording has anything to find.
        recordings: how many the means are over.
    """

    precision: float
    recall: float
    f1: float
    recordings: int


def recording_scores(
    tp: NDArray[np.int64], fp: NDArray[np.int64], fn: NDArray[np.int64]
) -> RecordingScores:
    """Scores of counts ``(recording, channel)``, all channels of a recording taken together.

    A recording without events is left out: mir_eval gives it 0 whatever is detected there, so that
    a right silence would be punished. The number of recordings says how many are left.
    """
    right, false, missed = (count.sum(1) for count in (tp, fp, fn))
    some = right + missed > 0
    if not some.any():
        return RecordingScores(float("nan"), float("nan"), float("nan"), 0)
    scores = detection_scores(right[some], false[some], missed[some])
    return RecordingScores(
        precision=float(scores.precision.mean()),
        recall=float(scores.recall.mean()),
        f1=float(scores.f1.mean()),
        recordings=int(some.sum()),
    )
