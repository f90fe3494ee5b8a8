"""Pairing detected events with true ones: the one rule behind threshold search and report.

A detection is correct when it is paired with a true event of its own sample and channel at most
``tolerance`` away; each is used once. Of the pairings with most pairs, the one with the smallest
sum of distances is taken, so that timing errors mean something where a detector fires in several
bins around an event.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.metrics.event_lists import Events, Indices, Times

SLACK = 1e-9
"""Added to every tolerance, in the unit of time: a distance that equals the tolerance is a hit,
however times that decimals cannot hold were rounded. A time of an hour is good to 5e-13 s."""


@dataclass(frozen=True)
class EventMatches:
    """What was found of the true events, and what else.

    Attributes:
        tp: ``(sample, channel)`` paired events.
        fp: ``(sample, channel)`` detections without a true event.
        fn: ``(sample, channel)`` true events without a detection.
        sample: ``(pair,)`` sample of each pair.
        error: ``(pair,)`` signed timing error, detection minus truth: positive when late.
    """

    tp: Indices
    fp: Indices
    fn: Indices
    sample: Indices
    error: Times

    def errors_per_sample(self, of: Callable[[Times], Times] = np.asarray) -> Times:
        """``(sample,)`` sum over the pairs of a sample of ``of(error)``."""
        sums = np.bincount(self.sample, weights=of(self.error), minlength=len(self.tp))
        return sums.astype(np.float64)  # integers where nothing matched


def match_events(truth: Events, found: Events, tolerance: float) -> EventMatches:
    """Pairs within ``tolerance + SLACK``, sample by sample and channel by channel.

    Raises:
        ValueError: the two lists are about different samples or channels.
    """
    if (truth.samples, truth.channels) != (found.samples, found.channels):
        raise ValueError(
            f"truth has {truth.samples} samples of {truth.channels} channels, the detections have "
            f"{found.samples} of {found.channels}"
        )
    truth, found = _in_order(truth), _in_order(found)
    partner = _compiled()(*_keyed(truth), *_keyed(found), tolerance + SLACK)
    paired = partner >= 0
    tp = truth.per_sample(paired)
    return EventMatches(
        tp=tp,
        fp=found.per_sample() - tp,
        fn=truth.per_sample() - tp,
        sample=truth.sample[paired],
        error=found.time[partner[paired]] - truth.time[paired],
    )


def _in_order(events: Events) -> Events:
    order = np.lexsort((events.time, events.channel, events.sample))
    where = (events.sample[order], events.channel[order], events.time[order])
    return Events(*where, events.samples, events.channels)


def _keyed(events: Events) -> tuple[Indices, Times]:
    return events.sample * events.channels + events.channel, events.time.astype(np.float64)


def _partners(
    truth_key: Indices, truth_time: Times, found_key: Indices, found_time: Times, reach: float
) -> Indices:
    """Index of the detection that each true event is paired with, -1 for none.

    Both lists are sorted by key and time. On a line some best pairing crosses nowhere, so a
    dynamic program over true events and the detections in reach of each finds it. Row i holds, for
    every j of the window, the most pairs and then the least distance that true events up to i and
    detections before j allow. Beyond its window a row stays as it is at the end of it.
    """
    truths, detections = len(truth_time), len(found_time)
    low, high = np.empty(truths, np.int64), np.empty(truths, np.int64)
    start = np.empty(truths + 1, np.int64)
    first = last = size = 0
    for i in range(truths):
        key, time = truth_key[i], truth_time[i]
        while first < detections and (
            found_key[first] < key
            or (found_key[first] == key and found_time[first] - time < -reach)
        ):
            first += 1
        while last < detections and (
            found_key[last] < key or (found_key[last] == key and found_time[last] - time <= reach)
        ):
            last += 1
        low[i], high[i], start[i] = first, last, size
        size += last - first + 1
    pairs, distance = np.zeros(size, np.int64), np.zeros(size)
    move = np.zeros(size, np.int8)  # 0: event i is missed, 1: detection j - 1 is left, 2: paired
    for i in range(truths):
        follows = i > 0 and truth_key[i - 1] == truth_key[i]
        for j in range(low[i], high[i] + 1):
            here = start[i] + j - low[i]
            if follows:
                above = start[i - 1] + min(j, high[i - 1]) - low[i - 1]
                pairs[here], distance[here] = pairs[above], distance[above]
            if j == low[i]:
                continue
            left = here - 1
            if pairs[left] > pairs[here] or (
                pairs[left] == pairs[here] and distance[left] < distance[here]
            ):
                pairs[here], distance[here], move[here] = pairs[left], distance[left], 1
            many, far = 1, abs(found_time[j - 1] - truth_time[i])
            if follows:
                before = start[i - 1] + min(j - 1, high[i - 1]) - low[i - 1]
                many, far = many + pairs[before], far + distance[before]
            if many > pairs[here] or (many == pairs[here] and far < distance[here]):
                pairs[here], distance[here], move[here] = many, far, 2
    partner = np.full(truths, -1, np.int64)
    i, j, key = truths - 1, 0, -1
    while i >= 0:
        j, key = high[i] if truth_key[i] != key else min(j, high[i]), truth_key[i]
        step = move[start[i] + j - low[i]]
        if step == 2:
            partner[i] = j - 1
        if step >= 1:
            j -= 1
        if step != 1:
            i -= 1
    return partner


@functools.cache
def _compiled() -> Callable[..., NDArray[Any]]:
    from numba import njit  # loading it takes a second

    compiled: Callable[..., NDArray[Any]] = njit(cache=True)(_partners)
    return compiled
