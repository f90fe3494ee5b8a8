"""Digits that were found on canvases: which are right, how far off, and which are found twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.plugin import Metric
from tasks.metrics.detection_scores import scores_of_channels
from tasks.metrics.event_matching import SLACK
from tasks.metrics.point_lists import Numbers, Points
from tasks.metrics.point_matching import PointMatches, match_points, optimal_pairs

DETECTION: tuple[Metric, ...] = (
    Metric("f1", "max", 0.0, 1.0, description="digits found within 14 px, mean of the classes"),
    Metric("precision", "max", 0.0, 1.0, description="share of detections that are right"),
    Metric("recall", "max", 0.0, 1.0, description="share of digits that are found"),
    Metric(
        "center_distance",
        "min",
        0.0,
        None,
        "px",
        "mean distance between the centres of digits and their detections, however far",
        digits=2,
        optional=True,
    ),
    Metric(
        "duplicates",
        "min",
        0.0,
        None,
        description="further detections of digits that are found already, per digit",
    ),
)


@dataclass(frozen=True)
class DigitDetections:
    """Detections compared with the digits that are there, canvas by canvas and class by class.

    Attributes:
        matches: pairs within the tolerance.
        distance: ``(pair,)`` distances of as many pairs as there can be, however far apart.
        repeated: detections within the tolerance of a digit that another one is paired with.
    """

    matches: PointMatches
    distance: Numbers
    repeated: int

    @property
    def measures(self) -> dict[str, float]:
        """Values of `DETECTION`."""
        scores, there = scores_of_channels(self.matches), self.matches.tp + self.matches.fn
        return {
            "f1": float(scores.f1.mean()),
            "precision": float(scores.precision.mean()),
            "recall": float(scores.recall.mean()),
            "center_distance": float(self.distance.mean()) if len(self.distance) else float("nan"),
            "duplicates": self.repeated / max(int(there.sum()), 1),
        }


def compare(truth: Points, found: Points, tolerance: float) -> DigitDetections:
    """Pair detections with digits, within ``tolerance`` and without a limit."""
    matches = match_points(truth, found, tolerance, optimal_pairs)
    anywhere = match_points(truth, found, _farthest(truth, found), optimal_pairs)
    near = _near(truth, found, tolerance)
    return DigitDetections(matches, anywhere.distance, int(near.sum() - matches.tp.sum()))


def expected_class(p: NDArray[np.floating]) -> NDArray[np.int64]:
    """``(sample,)`` class with the largest expected count.

    The expectation of a Poisson-binomial count is the sum of its probabilities.

    Args:
        p: ``(sample, class, cell)`` probabilities.
    """
    return np.asarray(p.sum(-1, dtype=np.float64).argmax(1))


def _near(truth: Points, found: Points, tolerance: float) -> NDArray[np.bool_]:
    """``(detection,)`` whether a digit of its class lies within the tolerance on its canvas."""
    near = np.zeros(len(found), bool)
    for true, candidate in zip(truth.groups(), found.groups(), strict=True):
        if len(true) and len(candidate):
            offset = found.position[candidate][:, None] - truth.position[true]
            distance = np.linalg.norm(offset, axis=-1).min(1)
            near[candidate] = distance <= tolerance + SLACK
    return near


def _farthest(truth: Points, found: Points) -> float:
    """Farther than any digit lies from any detection."""
    places = np.concatenate([truth.position, found.position])
    return float(np.linalg.norm(np.ptp(places, axis=0))) + 1.0 if len(places) else 1.0
