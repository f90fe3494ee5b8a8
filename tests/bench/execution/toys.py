"""A small task with every hook of the contract, and losses that do what a test says."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from bench.plugin import Evaluation, EventTarget, Loss, Metric, Splits, Task, TensorSplit

BINS = 6


def split(size: int, first: int = 0) -> TensorSplit:
    """Sample i is a row of numbers with i in front, and has its event in bin i mod `BINS`."""
    rows = torch.arange(first, first + size)
    inputs = torch.cat([rows[:, None].float(), torch.ones(size, BINS - 1)], 1)[:, None]
    events = nn.functional.one_hot(rows % BINS, BINS)[:, None].float()
    return TensorSplit(inputs, EventTarget(events, step=0.01))


class Toy(Task):
    """Twenty samples; its network has a linear layer and dropout."""

    plugin_name = "toy"
    heads = frozenset({"events"})
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("score", "max", 0.0, 1.0),
        Metric("error", "min", optional=True),
    )

    @property
    def data_name(self) -> str:
        return "numbers"

    def splits(self, replicate: int, head: str) -> Splits:
        return Splits(split(20), split(4, 20), split(4, 24))

    def network(self, head: str, loss: Loss) -> nn.Module:
        return nn.Sequential(nn.Dropout(0.5), nn.Linear(BINS, BINS), nn.Sigmoid())

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        return Evaluation({"score": 0.5, "error": float("nan")})


class Squares(Loss):
    """Squared error."""

    plugin_name = "squares"
    heads = frozenset({"events"})

    def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> Tensor:
        value: Tensor = ((prediction - target.events) ** 2).sum((1, 2))
        return value


class Gambler(Squares):
    """The same, and it draws random numbers of every kind on the way."""

    def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> Tensor:
        torch.rand(int(torch.randint(1, 50, ())))
        np.random.default_rng().random()
        return super().__call__(prediction, target, progress)
