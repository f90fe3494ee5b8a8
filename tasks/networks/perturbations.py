"""What an attack optimises: a mask and a magnitude for each pixel of each picture."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.plugin import AttackPrediction, zero_count_bias

ZERO_MASS = 0.8
"""ω₀, probability that no pixel is altered at first (thesis eq 2.14, §7.2.2)."""
MASK_SPREAD = 0.1
MAGNITUDE_SPREAD = 0.5
"""Standard deviations of the initial values before the sigmoid, and of the magnitudes."""


class Perturbations(nn.Module):
    """Masks and magnitudes of a number of attacks; pictures share none of them.

    Args:
        unit: of the magnitudes, in shares of the range of a pixel.
    """

    def __init__(self, attacks: int, channels: int, side: int, unit: float = 1.0) -> None:
        super().__init__()
        bias = zero_count_bias(side * side, ZERO_MASS)
        self.mask = nn.Parameter(bias + MASK_SPREAD * torch.randn(attacks, side, side))
        magnitude = MAGNITUDE_SPREAD * torch.randn(attacks, channels, side, side)
        self.magnitude = nn.Parameter(magnitude)
        self.unit = unit

    def forward(self, number: Tensor) -> AttackPrediction:
        """Perturbations of the attacks with these numbers, ``(batch, 1)``.

        Numbers run on over replicates, each of which has as many attacks.
        """
        rows = number[:, 0] % len(self.mask)
        return AttackPrediction(self.mask[rows].sigmoid(), self.unit * self.magnitude[rows])
