"""Points that belong to nothing but themselves: positions and probabilities are the weights."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from bench.plugin import PointPrediction

_EDGE = 1e-6
"""Distance of the first probabilities from 0 and 1, whose logits are infinite."""


class PointDescent(nn.Module):
    """Several starts, each at once a sample and all of its weights, which remember their way.

    Weights are logits divided by √stride: gradient descent at rate η moves the logits as at rate
    stride · η, the same path in fewer steps as long as these are short against its bends.

    Attributes:
        first: ``(start, n)`` probabilities before training.
        number: ``(start,)`` the starts as the data name them; -1 before training.
        iterations: ``(start,)`` after how many a start was there; -1 where it is not yet.
        seen: iterations so far.
        pull: ``(start,)`` what would have moved a candidate that is held; NaN where none is.
    """

    first: Tensor
    number: Tensor
    iterations: Tensor
    seen: Tensor
    pull: Tensor

    def __init__(self, logits: Tensor, stride: int) -> None:
        super().__init__()
        self.stride, self.starts = stride, len(logits)
        self.weight = nn.Parameter(logits / math.sqrt(stride))
        self.register_buffer("number", torch.full((self.starts,), -1))
        self.register_buffer("iterations", torch.full((self.starts,), -1.0))
        self.register_buffer("seen", torch.zeros(()))
        self.register_buffer("pull", torch.full((self.starts,), torch.nan))

    def rows(self, number: Tensor) -> Tensor:
        """Starts of which the data speak as ``number (batch, 1)``, remembered in training."""
        row = number[:, 0] % self.starts
        if self.training:
            self.number[row] = number[:, 0]
        return row

    def values(self, row: Tensor) -> Tensor:
        """Weights of starts as numbers in (0, 1)."""
        return torch.sigmoid(self.weight[row] * math.sqrt(self.stride))

    def record(self, there: Tensor, step: int) -> bool:
        """Note which starts are there after ``step`` steps; whether all are or have been."""
        self.seen.fill_(float(step * self.stride))
        self.iterations[there.to(self.seen.device) & (self.iterations < 0)] = self.seen
        return bool((self.iterations >= 0).all())

    @property
    def median_iterations(self) -> float:
        """Until a start is there; who never is counts as all there were. NaN before training."""
        if not self.seen > 0:
            return math.nan
        found = torch.where(self.iterations < 0, self.seen, self.iterations)
        return float(np.median(found.cpu().numpy()))


class FreePoints(PointDescent):
    """Candidates that start anywhere in the unit square, with any probability."""

    def __init__(self, starts: int, candidates: int, stride: int) -> None:
        drawn = torch.rand(starts, candidates, 3).clamp(_EDGE, 1 - _EDGE)
        super().__init__(torch.logit(drawn), stride)
        self.register_buffer("first", drawn[..., 2].clone())

    def forward(self, number: Tensor) -> PointPrediction:
        """Candidates of the starts ``number (batch, 1)``."""
        values = self.values(self.rows(number))
        return PointPrediction(values[..., :2], values[..., 2:])


class HeldPair(PointDescent):
    """Two candidates that stay where they are; what would move the second one is kept.

    Args:
        middle: where the object is, on both axes.
        reach: candidates lie up to this far to either side of it, one start further than the last,
            and share a probability; 0 places them on it, with a probability each.
    """

    def __init__(self, starts: int, middle: float, reach: float, stride: int) -> None:
        drawn = torch.rand(starts, 1 if reach else 2).clamp(_EDGE, 1 - _EDGE)
        super().__init__(torch.logit(drawn), stride)
        self.register_buffer("first", drawn.expand(-1, 2).clone())
        aside = (torch.arange(starts) + torch.rand(starts)) * reach / starts
        place = torch.full((starts, 2, 2), middle)
        place[:, :, 1] += torch.stack([-aside, aside], 1)
        self.place = nn.Parameter(place)
        self.place.register_hook(self._hold)  # type: ignore[no-untyped-call]

    def _hold(self, gradient: Tensor) -> Tensor:
        self.pull.copy_(gradient[:, 1].norm(dim=-1))
        return torch.zeros_like(gradient)

    def forward(self, number: Tensor) -> PointPrediction:
        """Candidates of the starts ``number (batch, 1)``."""
        row = self.rows(number)
        return PointPrediction(self.place[row], self.values(row).expand(-1, 2)[..., None])
