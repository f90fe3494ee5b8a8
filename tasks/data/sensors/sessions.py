"""Recordings of wearable sensors as rows of cycles, and the scale that training data give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEATURES = 37
"""Features of a respiration cycle."""


@dataclass(frozen=True)
class Session:
    """Consecutive respiration cycles of one person, without a long pause.

    Attributes:
        person: whose.
        features: ``(cycle, 37)``.
        puff: ``(cycle,)`` whether smoke was inhaled.
    """

    person: int
    features: NDArray[np.float32]
    puff: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.puff)


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of each feature, of training data alone."""

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @classmethod
    def of(cls, sessions: Sequence[Session]) -> Scale:
        """That of some sessions; a feature that never changes keeps its unit."""
        rows = np.concatenate([session.features for session in sessions]).astype(np.float64)
        deviation = rows.std(0)
        return cls(rows.mean(0), np.where(deviation > 0, deviation, 1.0))

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """``features (cycle, 37)`` in standard deviations from the mean."""
        return ((features - self.mean) / self.deviation).astype(np.float32)
