"""A task under examination, its data, and comparisons of what it gives."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bench.conformance.outcome import NotApplicable
from bench.plugin import Loss, Split, Splits, Task
from bench.plugin.registry import losses

_MOST = 128


@dataclass(frozen=True)
class TaskCase:
    """A task class with the options it is checked with.

    Attributes:
        folder: an empty folder for data that the checks prepare.
    """

    cls: type[Task]
    options: dict[str, Any]
    folder: Path

    def make(self, **changes: Any) -> Task:
        """The task with some options changed."""
        return self.cls(**{**self.options, **changes})

    @cached_property
    def task(self) -> Task:
        task = self.make()
        task.check_data()
        return task

    @cached_property
    def splits(self) -> Splits:
        """Those of the first head."""
        return self.task.splits(0, min(self.cls.heads))

    def network(self, head: str, seed: int = 0) -> nn.Module:
        """A fresh network with weights from ``seed``."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self.task.network(head, self.loss(head))

    def loss(self, head: str) -> Loss:
        """A built-in loss for ``head`` that the task does not skip.

        Raises:
            NotApplicable: there is none.
        """
        for name in losses.names():
            cls = losses.get(name)
            built_in = cls.__module__.partition(".")[0] == "losses"
            if built_in and head in cls.heads and cls.views == 1 and not self.task.skip(cls()):
                return cls()  # type: ignore[no-any-return]
        raise NotApplicable(f"no loss for head '{head}'")


def some_indices(split: Split) -> np.ndarray:
    """All indices of a split, or evenly spaced ones where there are many."""
    return np.unique(np.linspace(0, len(split) - 1, min(len(split), _MOST)).astype(np.int64))


def same(ours: Any, theirs: Any) -> bool:
    """Whether two inputs, targets or predictions are equal to the bit; NaN equals NaN."""
    if isinstance(ours, Tensor) and isinstance(theirs, Tensor):
        alike = ours.shape == theirs.shape and ours.dtype == theirs.dtype
        return alike and bool(torch.allclose(ours, theirs, rtol=0, atol=0, equal_nan=True))
    if dataclasses.is_dataclass(ours) and type(ours) is type(theirs):
        fields = dataclasses.fields(ours)
        return all(same(getattr(ours, f.name), getattr(theirs, f.name)) for f in fields)
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return bool(ours == theirs)
