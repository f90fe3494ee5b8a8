"""Average precision of scored boxes against true ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class BoxMatches:
    """Which of the scored boxes are right.

    Attributes:
        score: ``(sample, box)``; boxes that score 0 are no detections.
        right: ``(sample, box)`` whether a box is the one that found its object.
        objects: ``(sample,)`` true objects.
    """

    score: Numbers
    right: NDArray[np.bool_]
    objects: NDArray[np.int64]

    @property
    def average_precision(self) -> float:
        """Area below precision over recall, precision at a recall being the best from there on.

        Boxes of one score are detected together, so that their order does not matter. NaN where
        there is no object at all.
        """
        total = int(self.objects.sum())
        if total == 0:
            return float("nan")
        detected = self.score > 0
        score, right = self.score[detected], self.right[detected]
        order = np.argsort(-score, kind="stable")
        last = np.append(np.diff(score[order]) != 0, True)[: len(score)]
        found = right[order].cumsum()[last]
        precision = found / (np.flatnonzero(last) + 1)
        envelope = np.maximum.accumulate(precision[::-1])[::-1]
        return float((np.diff(found, prepend=0) * envelope).sum() / total)

    def f1(self, threshold: float) -> float:
        """F1 of the boxes whose score reaches ``threshold``; 0 where there is none."""
        detected = self.score >= threshold
        right, objects = int((self.right & detected).sum()), int(self.objects.sum())
        return 2 * right / max(1, int(detected.sum()) + objects)


def match_boxes(
    score: Numbers, overlap: Numbers, objects: NDArray[np.int64], least: float = 0.5
) -> BoxMatches:
    """Boxes by falling score: each takes the free object that it overlaps most, if it is enough.

    The rule of PASCAL VOC and COCO, over the samples separately. Of equal scores the box that
    overlaps an object most comes first.

    Args:
        score: ``(sample, box)``.
        overlap: ``(sample, box, object)`` intersection over union, 0 behind a sample's objects.
        objects: ``(sample,)`` how many objects there are.
        least: overlap from which a box shows an object.
    """
    order = np.lexsort((-overlap.max(2), -score), axis=1)
    free = np.ones(overlap[:, 0].shape, bool)
    right = np.zeros(score.shape, bool)
    rows = np.arange(len(score))
    for place in range(score.shape[1]):
        box = order[:, place]
        candidates = np.where(free, overlap[rows, box], 0.0)
        best = candidates.argmax(1)
        hit = (candidates[rows, best] >= least) & (score[rows, box] > 0)
        right[rows, box] = hit
        free[rows[hit], best[hit]] = False
    return BoxMatches(score, right, objects)
