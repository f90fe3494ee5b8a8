"""A task under examination: fresh tasks, splits, networks and losses, so that no check meets what
another one left behind."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bench.conformance.outcome import NotApplicable
from bench.plugin import Evaluation, Loss, Split, Splits, Task
from bench.plugin.registry import losses

PARTS = ("train", "validation", "test")
_MOST = 128
_PEAKS = 64


@dataclass(frozen=True)
class TaskCase:
    """A task class with the options it is checked with.

    Attributes:
        folder: an empty folder for data that the checks prepare.
        seed: of the global generators while the task makes data or evaluates: a task that draws
            from them is found where two seeds are compared, and nowhere else.
    """

    cls: type[Task]
    options: dict[str, Any]
    folder: Path
    seed: int = 0

    def make(self, **changes: Any) -> Task:
        """A fresh task with some options changed."""
        task = self.cls(**{**self.options, **changes})
        task.check_data()
        return task

    def splits(self, head: str, replicate: int = 0, **changes: Any) -> Splits:
        """Fresh data of a fresh task."""
        return self.splits_of(self.make(**changes), head, replicate)

    def splits_of(self, task: Task, head: str, replicate: int = 0) -> Splits:
        """Fresh data of ``task``."""
        with global_seeds(self.seed):
            return task.splits(replicate, head)

    def network(self, head: str, loss: Loss | None = None, seed: int = 0) -> nn.Module:
        """A fresh network with weights from ``seed``, in evaluation mode."""
        chosen = self.loss(head) if loss is None else loss
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self.make().network(head, chosen).eval()

    def losses(self, head: str) -> list[Loss]:
        """Every registered loss, whoever brought it, that trains this task's networks of a head.

        One that looks for a single point in a map, and is skipped for that, looks for more.

        Raises:
            NotApplicable: there is none.
        """
        task = self.make()
        classes = [losses.get(name) for name in losses.names()]
        made = [cls() for cls in classes if head in cls.heads and cls.trains]
        made = [_looking_for_many(one) if task.skip(one) else one for one in made]
        found = [loss for loss in made if not task.skip(loss)]
        if not found:
            raise NotApplicable(f"no loss for head '{head}'")
        return sorted(found, key=_order)

    def loss(self, head: str) -> Loss:
        """One of them: built-in, without views, and learning locations, if there is such a one."""
        return self.losses(head)[0]

    def evaluate(
        self, head: str, network: nn.Module, loss: Loss, seed: int | None = None
    ) -> Evaluation:
        """Fresh data: calibrated on validation, evaluated on test, under a global seed."""
        task = self.make()
        splits = self.splits_of(task, head)
        with torch.no_grad(), global_seeds(self.seed if seed is None else seed):
            decoding = task.calibrate(network, loss, splits.validation)
            return task.evaluate(network, loss, splits.test, decoding)

    def repeating(self, found: Evaluation) -> dict[str, Any]:
        """The metrics that a second evaluation has to repeat: all but measured times."""
        timed = {metric.name for metric in self.cls.metrics if metric.timed}
        return {name: value for name, value in found.metrics.items() if name not in timed}


def _looking_for_many(loss: Loss) -> Loss:
    """The loss with a decoder of many points, where it has the option."""
    many: dict[str, Any] = {"peaks": _PEAKS}
    return type(loss)(**many) if "peaks" in type(loss).model_fields else loss


def _order(loss: Loss) -> tuple[bool, bool, bool]:
    foreign = type(loss).__module__.partition(".")[0] != "losses"
    return foreign, loss.views > 1, not loss.needs_locations


def some_rows(split: Split, most: int = _MOST) -> np.ndarray:
    """All rows of a split, or evenly spaced ones where there are many."""
    return np.unique(np.linspace(0, len(split) - 1, min(len(split), most)).astype(np.int64))


def some_batch(split: Split) -> tuple[Tensor, Any]:
    """Inputs and target of `some_rows`."""
    return split.batch(some_rows(split))


def batches(split: Split, most: int, size: int = 128) -> Iterator[tuple[Tensor, Any]]:
    """Inputs and target of all rows, or of ``most`` evenly spaced ones, batch by batch."""
    rows = some_rows(split, most)
    return (split.batch(part) for part in np.split(rows, range(size, len(rows), size)))


def training_batch(
    task: Task, splits: Splits, most: int, key: int = 0, views: int = 1
) -> tuple[Any, Any]:
    """A batch as the trainer makes it: with draws, augmented, each sample so many times."""
    rows = np.repeat(some_rows(splits.train, most), views)
    inputs, target = splits.train.batch(rows, generator(key))
    return task.augment(inputs, target, generator(key + 1))


def generator(key: int) -> np.random.Generator:
    """Of the kind that training steps are given."""
    return np.random.Generator(np.random.Philox(key))


@contextlib.contextmanager
def global_seeds(seed: int) -> Iterator[None]:
    """Global generators (torch, NumPy, Python) seeded, and afterwards as they were."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        try:
            torch.manual_seed(seed)
            np.random.seed(seed)  # noqa: NPY002 - what plugins must not draw from
            random.seed(seed)
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002
