"""A network without representation: one filter over time, whose values are probabilities."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.plugin import zero_count_bias

_ZERO_MASS = 0.8
"""Probability of no event at all before training (thesis eq 2.14)."""
_SPREAD = 0.01
"""Standard deviation of the initial logits: counting makes the largest of them larger still."""


class ImpulseFilter(nn.Module):
    """p = φ ∗ x with φ(τ) in (0, 1) for |τ| <= ``reach`` (thesis §5.4.1, the example).

    Of an input with one impulse p is the filter itself, moved there, so that it is a probability.
    """

    def __init__(self, reach: int) -> None:
        super().__init__()
        taps = 2 * reach + 1
        self.reach = reach
        self.logits = nn.Parameter(torch.randn(taps) * _SPREAD + zero_count_bias(taps, _ZERO_MASS))

    @property
    def filter(self) -> Tensor:
        """``(2 reach + 1,)`` values at -reach, …, reach."""
        return torch.sigmoid(self.logits)

    def forward(self, signal: Tensor) -> Tensor:
        """Probabilities ``(batch, 1, time)`` of ``(batch, 1, time)`` with an impulse each.

        As a product with φ(t - s) in row s and column t, which is faster than a convolution.
        """
        time = torch.arange(signal.shape[-1], device=signal.device)
        shift = time - time[:, None]
        values = nn.functional.pad(self.filter, (1, 1))  # nothing beyond the reach
        return signal @ values[shift.clamp(-self.reach - 1, self.reach + 1) + self.reach + 1]
