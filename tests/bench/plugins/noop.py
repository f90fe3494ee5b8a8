"""A task and a loss that do next to nothing, with results and mishaps that options decide."""

from __future__ import annotations

import contextlib
import math
import os
import time
from typing import Annotated, Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from bench.plugin import (
    Evaluation,
    EventTarget,
    Ge,
    Loss,
    Metric,
    Place,
    Splits,
    Symbol,
    Task,
    Uniform,
    Unit,
    UsageError,
    register_loss,
    register_task,
)

HEALED = "NOOP_HEALED"
"""While this variable is set, no trial crashes or dies."""
TOKENS = "NOOP_TOKENS"
"""Folder, if set, from which every trial takes a file before it begins; it waits for one. While a
file named ``all`` lies there, none is needed."""


def wait_for_token() -> None:
    folder = os.environ.get(TOKENS)
    while folder is not None and "all" not in (there := os.listdir(folder)):
        for name in there:
            with contextlib.suppress(FileNotFoundError):  # another trial was faster
                os.unlink(os.path.join(folder, name))
                return
        time.sleep(0.02)


class Samples:
    """``count`` samples; sample ``i`` is the number ``i`` and has one event."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def batch(self, indices: Any, draw: Any = None) -> tuple[Tensor, EventTarget]:
        inputs = torch.as_tensor(indices, dtype=torch.float32)[:, None]
        return inputs, EventTarget(events=torch.ones(len(inputs), 1, 1), step=0.01)


class Network(nn.Module):
    """One linear unit: ``(batch, 1)`` to probabilities ``(batch, 1, 1)``."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = nn.Linear(1, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.sigmoid(self.unit(inputs / 100))[:, None, :]


@register_task("noop", heads={"events"}, space={"score": Uniform(0.0, 1.0)})
class Noop(Task):
    """Reports ``score`` after ``sleep`` seconds."""

    score: Annotated[float, Field(description="the metric")] = 0.5
    number: int = 0
    noise: Annotated[float, Unit("s"), Symbol("σ", "label noise"), Ge(0)] = 0.0
    sleep: Annotated[float, Unit("s"), Ge(0)] = 0.0
    behaviour: Literal["finish", "crash", "skip", "die", "peak", "wobble"] = "finish"
    root: Annotated[str | None, Place()] = None

    metrics: ClassVar[tuple[Metric, ...]] = (Metric("f1", "max", 0.0, 1.0),)

    @property
    def data_name(self) -> str:
        return "nothing"

    def check_data(self) -> None:
        if self.root is not None and not os.path.isdir(self.root):
            raise UsageError(f"noop: option 'root': folder '{self.root}' does not exist")

    def splits(self, replicate: int, head: str) -> Splits:
        wait_for_token()
        return Splits(train=Samples(40), validation=Samples(8), test=Samples(8))

    def network(self, head: str, loss: Loss) -> nn.Module:
        return Network()

    def calibrate(self, network: nn.Module, loss: Loss, validation: Any) -> dict[str, float]:
        return {"threshold": 0.5}

    def evaluate(
        self, network: nn.Module, loss: Loss, split: Any, decoding: dict[str, float]
    ) -> Evaluation:
        time.sleep(self.sleep)
        if HEALED not in os.environ:
            if self.behaviour == "crash":
                raise RuntimeError("this trial crashes on purpose")
            if self.behaviour == "die":
                os._exit(1)
        if self.behaviour == "peak":  # a result that depends on the loss
            return Evaluation({"f1": 1 - abs(loss.softness - 0.1)})
        if self.behaviour == "wobble":  # on the loss, and on initial weights besides
            weight = float(next(network.parameters()).detach())
            return Evaluation({"f1": 0.5 + loss.softness + 0.01 * math.sin(1e4 * weight)})
        return Evaluation({"f1": self.score})

    def skip(self, loss: Loss) -> str | None:
        return "this trial is skipped on purpose" if self.behaviour == "skip" else None


@register_loss("noop", heads={"events"}, space={"softness": Uniform(0.0, 0.2)})
class NoopLoss(Loss):
    """Mean prediction; NaN from progress ``nan_from`` on."""

    softness: Annotated[float, Unit("s"), Symbol("S_M"), Ge(0)] = 0.1
    nan_from: Annotated[float, Ge(0)] = 2.0

    def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> Tensor:
        value: Tensor = prediction.mean((1, 2))
        return value * float("nan") if progress >= self.nan_from else value


@register_loss("noop_points", heads={"points"}, space={})
class NoopPoints(NoopLoss):
    """Takes a head that the task does not offer."""

    def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> Tensor:
        value: Tensor = prediction.p.mean((1, 2))
        return value
