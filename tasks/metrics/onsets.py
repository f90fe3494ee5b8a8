"""Onsets: matching within a tolerance, F1, and the threshold that validation data choose.

Times are seconds. A detected onset is correct when it can be paired with an annotated one at most
``tolerance`` away, each used once. Reported scores come from ``mir_eval``; the threshold search
uses an equivalent matcher of our own, since it scores many thresholds.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]

THRESHOLDS: Times = 1 / (1 + np.exp(-np.linspace(-6.0, 6.0, 61)))
"""Candidate thresholds, evenly spaced in logit from 0.0025 to 0.9975."""


@dataclass(frozen=True)
class Annotations:
    """Annotated onsets of the pieces of one split.

    Attributes:
        piece: ``(event,)`` index of the piece within the split.
        channel: ``(event,)`` class.
        time: ``(event,)`` seconds from the start of the piece.
        pieces, channels: how many there are.
        duration: seconds of a piece.
    """

    piece: NDArray[np.int64]
    channel: NDArray[np.int64]
    time: Times
    pieces: int
    channels: int
    duration: float

    def timelines(self, gap: float) -> list[Times]:
        """Sorted onsets per channel, with the pieces laid one after the other, ``gap`` apart."""
        on_line = self.piece * (self.duration + gap) + self.time
        return [np.sort(on_line[self.channel == channel]) for channel in range(self.channels)]


def count_matches(reference: Times, estimate: Times, tolerance: float) -> int:
    """Size of the largest one-to-one matching within ``tolerance`` of two sorted lists.

    With one tolerance for all, pairing the earliest possible onsets first is optimal: an exchange
    argument turns any matching into that one without losing a pair.
    """
    return int(_compiled_matcher()(reference, estimate, tolerance))


def _count_matches(reference: Times, estimate: Times, tolerance: float) -> int:
    matched = i = j = 0
    while i < len(reference) and j < len(estimate):
        difference = estimate[j] - reference[i]
        if difference > tolerance:
            i += 1
        elif difference < -tolerance:
            j += 1
        else:
            matched, i, j = matched + 1, i + 1, j + 1
    return matched


@functools.cache
def _compiled_matcher() -> Callable[[Times, Times, float], Any]:
    from numba import njit

    matcher: Callable[[Times, Times, float], Any] = njit(cache=True)(_count_matches)
    return matcher


def f_measure(matched: int, references: int, estimates: int) -> float:
    """Harmonic mean of precision and recall; 0 when there is nothing on either side."""
    return 2 * matched / (references + estimates) if references + estimates else 0.0


def detections(scores: NDArray[np.float32], step: float, gap: float, duration: float) -> list[Any]:
    """Per channel, time on the common line and score of every bin, in order of time.

    Args:
        scores: ``(piece, channel, bin)``.
        step: seconds per bin.
        gap: seconds between pieces on the line.
        duration: seconds of a piece.
    """
    pieces, channels, bins = scores.shape
    line = np.arange(pieces)[:, None] * (duration + gap) + np.arange(bins) * step
    return [(line.ravel(), scores[:, channel].ravel()) for channel in range(channels)]


def choose_threshold(
    scores: NDArray[np.float32], annotations: Annotations, step: float, tolerance: float
) -> float:
    """Threshold with the largest mean F1 over channels, among `THRESHOLDS`.

    One threshold serves all channels. Of several that tie exactly, the one nearest to 0.5 wins, and
    of two equally near the lower one. NaN when the scores are not finite.
    """
    if not np.isfinite(scores).all():
        return float("nan")
    gap = 4 * tolerance
    references = annotations.timelines(gap)
    lines = detections(scores, step, gap, annotations.duration)
    mean_f1 = np.zeros(len(THRESHOLDS))
    for (times, values), reference in zip(lines, references, strict=True):
        above = values >= THRESHOLDS[0]
        times, values = times[above], values[above]
        for index, threshold in enumerate(THRESHOLDS):
            found = times[values >= threshold]
            matched = count_matches(reference, found, tolerance)
            mean_f1[index] += f_measure(matched, len(reference), len(found))
    best = THRESHOLDS[mean_f1 >= mean_f1.max() - 1e-12]
    return float(best[np.argmin(np.round(np.abs(best - 0.5), 12))])


def onset_scores(
    scores: NDArray[np.float32],
    annotations: Annotations,
    step: float,
    tolerance: float,
    threshold: float,
) -> list[tuple[float, float, float]]:
    """F1, precision and recall per channel at ``threshold``, by ``mir_eval.onset``."""
    from mir_eval.onset import f_measure as mir_eval_f_measure

    gap = 4 * tolerance
    references = annotations.timelines(gap)
    lines = detections(scores, step, gap, annotations.duration)
    results = []
    for (times, values), reference in zip(lines, references, strict=True):
        found = times[values >= threshold]
        if len(reference) == 0 or len(found) == 0:  # mir_eval warns on empty lists and gives 0
            results.append((0.0, 0.0, 0.0))
            continue
        f1, precision, recall = mir_eval_f_measure(reference, found, window=tolerance)
        results.append((float(f1), float(precision), float(recall)))
    return results
