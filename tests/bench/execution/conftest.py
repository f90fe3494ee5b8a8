"""Trials of the small task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from bench.execution import trial_queue
from bench.execution.trial_queue import TrialQueue
from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan, plan
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


@pytest.fixture
def planned(noop: Any, write_sweep: Callable) -> Plan:
    return plan(str(write_sweep(task={"name": "noop", "number": {"grid": [1, 2, 3, 4]}})))


@pytest.fixture
def tuned(noop: Any, write_sweep: Callable) -> Plan:
    search = {"search": "optuna", "trials": 4, "initial": 2, "batch": 2}
    return plan(str(write_sweep(**search, replicates=1)))


@pytest.fixture
def queue_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., TrialQueue]:
    """A queue that looks at the store whenever it is asked."""
    monkeypatch.setattr(trial_queue, "_STORE_LOOK_SECONDS", 0.0)

    def make(planned: Plan, results: StoredResults, **options: Any) -> TrialQueue:
        return TrialQueue(planned.after(results), results, lambda trial: None, **options)

    return make
