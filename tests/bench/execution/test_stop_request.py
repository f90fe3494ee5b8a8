"""A process that is asked to end does so: at once, or after the step of a training."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.execution import trainer
from bench.execution.checkpoints import Checkpoints
from bench.execution.stop_request import StopRequest, stop_request
from bench.execution.trial_record import execute

from .toys import Squares


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, stop_request)
    yield
    signal.signal(signal.SIGTERM, before)
    stop_request.asked = False


class Asking(Squares):
    """Asks in its third step."""

    plugin_name = "asking"

    def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> Any:
        if progress == 0.2:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().__call__(prediction, target, progress)


def test_a_training_is_kept_and_no_record_is_made(toy_trial: Callable, tmp_path: Path) -> None:
    trial, kept = toy_trial(loss=Asking()), Checkpoints(str(tmp_path))
    kept.offer()
    with pytest.raises(trainer.Stopped):
        execute(trial, "mine", kept)
    state = kept.of(trial, "cpu").load()
    assert state is not None
    assert state["done"] == 3
    assert not stop_request.heeded
    stop_request.asked = False
    assert execute(trial, "mine", kept).status == "finished"


def test_without_a_training_the_process_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    request = StopRequest()
    request(signal.SIGTERM, None)
    assert ended == [143]
    with request.heeding():
        request(signal.SIGTERM, None)
        assert request.asked
    assert ended == [143]
