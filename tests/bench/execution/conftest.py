"""Trials of the small task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from bench.planning.trial import Trial
from bench.plugin import Loss, Task, TrainSettings

from .toys import Squares, Toy


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def toy_trial() -> Callable[..., Trial]:
    def make(task: Task | None = None, loss: Loss | None = None, **train: Any) -> Trial:
        settings = {"steps": 10, "batch_size": 4, "validations": 0, "device": "cpu"} | train
        return Trial(
            task or Toy(), loss or Squares(), TrainSettings(**settings), "laptop", 0, "events"
        )

    return make
