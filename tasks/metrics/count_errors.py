"""Errors of counts: accuracy, root mean square, bias, and what is too much or too little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class CountErrors:
    """Counts found against true ones, ``(sample,)`` each."""

    found: Counts
    truth: Counts

    @property
    def tp(self) -> Counts:
        """What is in both counts."""
        return np.minimum(self.found, self.truth)

    @property
    def fp(self) -> Counts:
        """What was counted too much."""
        return np.asarray(np.maximum(self.found - self.truth, 0))

    @property
    def fn(self) -> Counts:
        """What was counted too little."""
        return np.asarray(np.maximum(self.truth - self.found, 0))

    @property
    def accuracy(self) -> float:
        """Share of samples whose count is right."""
        return float(np.mean(self.found == self.truth))

    @property
    def rmse(self) -> float:
        """Root mean square error."""
        return float(np.sqrt(np.mean((self.found - self.truth) ** 2.0)))

    @property
    def bias(self) -> float:
        """Mean of count minus truth: positive where too much is counted."""
        return float(np.mean(self.found - self.truth))
