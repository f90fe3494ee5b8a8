"""Pairing detected points with true ones within a tolerance, by either of two rules.

`optimal_pairs` pairs as many as possible, then as near as possible. `nearest_pairs` is the rule of
the single-molecule localisation challenge's tool: pairs within the tolerance are taken by
increasing distance, each point once; it may pair fewer. The rule belongs to the number it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.metrics.detection_scores import detection_scores
from tasks.metrics.event_matching import SLACK
from tasks.metrics.growing_matching import largest_matchings
from tasks.metrics.point_lists import Indices, Numbers, Points
from tasks.metrics.thresholds import THRESHOLDS

Pairing = Callable[[Numbers, float], tuple[Indices, Indices]]
"""From distances ``(truth, found)`` and the largest that counts, to rows and columns of pairs."""


@dataclass(frozen=True)
class PointMatches:
    """What was found of the true points, and what else.

    Attributes:
        tp, fp, fn: ``(sample, channel)`` pairs, detections without and truths without partner.
        sample: ``(pair,)`` sample of each pair.
        offset: ``(pair, dim)`` detection minus truth.
    """

    tp: Indices
    fp: Indices
    fn: Indices
    sample: Indices
    offset: Numbers

    @property
    def distance(self) -> Numbers:
        """``(pair,)`` Euclidean distance of each pair."""
        return np.asarray(np.linalg.norm(self.offset, axis=1))

    def squares_per_sample(self) -> Numbers:
        """``(sample,)`` sum of squared distances over the pairs of a sample."""
        sums = np.bincount(self.sample, weights=self.distance**2, minlength=len(self.tp))
        return sums.astype(np.float64)  # integers where nothing matched


def optimal_pairs(distance: Numbers, reach: float) -> tuple[Indices, Indices]:
    """As many pairs as possible, and of such pairings the one with the least total distance."""
    near = distance <= reach
    rows, columns = np.flatnonzero(near.any(1)), np.flatnonzero(near.any(0))
    if not len(rows):
        return rows, columns
    from scipy.optimize import linear_sum_assignment

    window = np.ix_(rows, columns)
    # One more pair is worth more than all distances together.
    worth = 1.0 + min(len(rows), len(columns))
    cost = np.where(near[window], distance[window] / reach - worth, 0.0)
    row, column = linear_sum_assignment(cost)
    real = near[window][row, column]
    return rows[row[real]], columns[column[real]]


def nearest_pairs(distance: Numbers, reach: float) -> tuple[Indices, Indices]:
    """Pairs by increasing distance, each point used once; of equal distances the first listed."""
    rows, columns = np.nonzero(distance <= reach)
    order = np.argsort(distance[rows, columns], kind="stable")
    taken: list[tuple[int, int]] = []
    used_rows, used_columns = set[int](), set[int]()
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in used_rows and column not in used_columns:
            used_rows.add(row)
            used_columns.add(column)
            taken.append((row, column))
    pairs = np.array(sorted(taken), np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


PAIRINGS: dict[str, Pairing] = {"optimal": optimal_pairs, "nearest": nearest_pairs}


def match_points(truth: Points, found: Points, tolerance: float, pairing: Pairing) -> PointMatches:
    """Pairs at most ``tolerance`` (and a slack for rounding) apart, by sample and channel."""
    shape = truth.samples, truth.channels
    true_groups, found_groups = truth.groups(), found.groups()
    pairs = [np.empty((0, 2), np.int64)]
    for true, candidate in zip(true_groups, found_groups, strict=True):
        if len(true) and len(candidate):
            distance = _distances(truth.position[true], found.position[candidate])
            rows, columns = pairing(distance, tolerance + SLACK)
            pairs.append(np.stack([true[rows], candidate[columns]], 1))
    ours, theirs = np.concatenate(pairs).T
    key = truth.sample[ours] * truth.channels + truth.channel[ours]
    tp = np.bincount(key, minlength=shape[0] * shape[1]).reshape(shape)
    sizes = (np.array([len(g) for g in groups], np.int64) for groups in (true_groups, found_groups))
    truths, detections = (size.reshape(shape) for size in sizes)
    offset = found.position[theirs] - truth.position[ours]
    return PointMatches(tp, detections - tp, truths - tp, truth.sample[ours], offset)


def f1_by_threshold(
    truth: Points, found: Points, tolerances: Sequence[float], pairing: Pairing
) -> NDArray[np.float64]:
    """Mean F1 over channels and tolerances at each of `THRESHOLDS`: what `match_points` would give.

    By increasing distance, pairs are sought again only where a threshold removes a detection.
    """
    assert found.score is not None
    channels = truth.channels
    right = np.zeros((len(tolerances), len(THRESHOLDS), channels))
    detected, there = np.zeros((len(THRESHOLDS), channels)), np.zeros(channels)
    for index, (true, candidate) in enumerate(zip(truth.groups(), found.groups(), strict=True)):
        channel = index % channels
        score = found.score[candidate]
        numbers = (score[:, None] >= THRESHOLDS).sum(0)
        detected[:, channel] += numbers
        there[channel] += len(true)
        if not len(true):
            continue
        distance = _distances(truth.position[true], found.position[candidate])
        if pairing is optimal_pairs:  # whose numbers of pairs are found without the pairs
            falling = distance[:, np.argsort(-score, kind="stable")]
            for which, tolerance in enumerate(tolerances):
                sizes = largest_matchings(falling <= tolerance + SLACK)
                right[which, :, channel] += sizes[numbers]
            continue
        for number in np.unique(numbers[numbers > 0]):
            same = numbers == number
            kept = distance[:, score >= THRESHOLDS[same][0]]
            for which, tolerance in enumerate(tolerances):
                pairs = len(pairing(kept, tolerance + SLACK)[0])
                right[which, same, channel] += pairs
    scores = detection_scores(right, detected - right, there - right)
    return np.asarray(scores.f1.mean((0, 2)))


def _distances(truth: Numbers, found: Numbers) -> Numbers:
    return np.asarray(np.linalg.norm(truth[:, None] - found[None], axis=-1))
