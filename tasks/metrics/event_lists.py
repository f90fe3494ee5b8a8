"""Events of many samples as one flat list: what truths and detections are compared as."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
Indices = NDArray[np.int64]

_EDGE = 1e-6  # part of a bin: a time so little below an edge lies on it


@dataclass(frozen=True)
class Events:
    """Events in time, in any order.

    Attributes:
        sample: ``(event,)`` index of the sample within its split.
        channel: ``(event,)`` class.
        time: ``(event,)``, from the start of the sample, in seconds or the task's own unit.
        samples, channels: how many there are, those without events included.
    """

    sample: Indices
    channel: Indices
    time: Times
    samples: int
    channels: int = 1

    @classmethod
    def above(cls, scores: NDArray[np.floating], threshold: float, times: Times) -> Events:
        """Bins whose score reaches ``threshold``.

        Args:
            scores: ``(sample, channel, bin)``.
            times: ``(bin,)`` time of each bin.
        """
        sample, channel, column = np.nonzero(scores >= threshold)
        return cls(sample, channel, times[column], *scores.shape[:2])

    @classmethod
    def counted(cls, events: NDArray[np.floating], times: Times) -> Events:
        """Labels ``(sample, channel, bin)``, how many events each bin holds, at the bins' times."""
        sample, channel, column = np.nonzero(events > 0)
        number = np.rint(events[sample, channel, column]).astype(np.int64)
        where = (np.repeat(index, number) for index in (sample, channel, column))
        sample, channel, column = where
        return cls(sample, channel, times[column], *events.shape[:2])

    def __len__(self) -> int:
        return len(self.time)

    def only(self, kept: NDArray[np.bool_]) -> Events:
        """The events in the mask ``kept (event,)``, of as many samples."""
        columns = self.sample[kept], self.channel[kept], self.time[kept]
        return Events(*columns, self.samples, self.channels)

    def per_sample(self, of: NDArray[np.bool_] | None = None) -> Indices:
        """``(sample, channel)`` number of events, or of those in the mask ``of (event,)``."""
        group = self.sample * self.channels + self.channel
        group = group if of is None else group[of]
        size = self.samples * self.channels
        return np.bincount(group, minlength=size).reshape(self.samples, self.channels)

    def on_grid(self, step: float, bins: int) -> NDArray[np.float32]:
        """Number of events in each bin, ``(sample, channel, bin)``; bin i covers [i, i + 1) steps.

        Events before the first bin or after the last one are counted in it. Otherwise the bins are
        those of `EventTarget.from_times`.
        """
        column = np.floor(self.time / step + _EDGE).astype(np.int64).clip(0, bins - 1)
        dense = np.zeros((self.samples, self.channels, bins), np.float32)
        np.add.at(dense, (self.sample, self.channel, column), 1.0)
        return dense
