"""Points of many samples as one flat list: what truths and detections are compared as."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Points:
    """Points in space, in any order.

    Attributes:
        sample: ``(point,)`` index of the sample within its split.
        channel: ``(point,)`` class.
        position: ``(point, dim)``, in the unit of the tolerances.
        samples, channels: how many there are, those without points included.
        score: ``(point,)`` of detections that a threshold has still to choose from.
    """

    sample: Indices
    channel: Indices
    position: Numbers
    samples: int
    channels: int = 1
    score: Numbers | None = None

    def __len__(self) -> int:
        return len(self.position)

    def above(self, threshold: float) -> Points:
        """Those whose score reaches ``threshold``."""
        assert self.score is not None
        return self.take(self.score >= threshold)

    def take(self, which: NDArray[np.bool_] | Indices) -> Points:
        """The points that a mask or indices choose."""
        score = None if self.score is None else self.score[which]
        chosen = self.sample[which], self.channel[which], self.position[which]
        return Points(*chosen, self.samples, self.channels, score)

    def groups(self) -> list[Indices]:
        """Indices of the points of each (sample, channel), the channel running fastest."""
        key = self.sample * self.channels + self.channel
        ends = np.cumsum(np.bincount(key, minlength=self.samples * self.channels))
        return np.split(np.argsort(key, kind="stable"), ends[:-1]) if len(ends) else []
