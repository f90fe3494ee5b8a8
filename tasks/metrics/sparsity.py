"""How undecided probabilities are: what a counting loss that has converged leaves little of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.plugin import Metric

UNDECIDED = Metric(
    "undecided",
    None,
    0.0,
    1.0,
    description="share of the probability mass that lies between 0.05 and 0.95",
    optional=True,
)
"""What tasks report it as."""


@dataclass
class ProbabilityMass:
    """Sums over probabilities that come batch by batch."""

    between: float = 0.0
    total: float = 0.0

    def add(self, p: NDArray[np.floating]) -> None:
        """Probabilities of any shape, 0 on padding."""
        self.between += float(p[(p > 0.05) & (p < 0.95)].sum(dtype=np.float64))
        self.total += float(p.sum(dtype=np.float64))

    @property
    def undecided(self) -> float:
        """Share of the mass in values between 0.05 and 0.95; NaN of no mass."""
        return self.between / self.total if self.total > 0 else float("nan")


def undecided(p: NDArray[np.floating]) -> float:
    """That of all probabilities at once."""
    mass = ProbabilityMass()
    mass.add(p)
    return mass.undecided
