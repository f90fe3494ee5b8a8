"""Single steps of a trial's training, seen from outside of the trainer."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable
from typing import Any

import torch
from _counts import counting, place_of
from torch.optim.optimizer import register_optimizer_step_post_hook

from bench.execution import trainer
from bench.planning.trial import Trial


class Enough(Exception):
    """Ends a training from a hook; no code in between catches it."""


def on_device(trial: Trial, device: str, **train: Any) -> Trial:
    """The same trial there, with some training settings replaced."""
    settings = trial.train.model_copy(update={"device": device, **train})
    return dataclasses.replace(trial, train=settings)


def train(trial: Trial, each: Callable[[int], bool]) -> None:
    """Train until ``each``, called with the number of steps done, says that it is enough.

    Neither validation nor test follows. Data are prepared first: that may train networks, too,
    whose steps are none of the trial's.
    """
    trial.task.prepared(trial.task.world(trial.replicate))
    done = 0

    def after(*_: Any) -> None:
        nonlocal done
        done += 1
        if each(done):
            raise Enough

    handle = register_optimizer_step_post_hook(after)
    try:
        with contextlib.suppress(Enough):
            trainer.run(trial)
    finally:
        handle.remove()


def pace(trial: Trial, device: str, warm: int, seconds: float, most: int) -> float:
    """Seconds a step, over at most ``most`` steps and about ``seconds``, after ``warm`` steps."""
    started, ended, steps = 0.0, 0.0, 0

    def each(done: int) -> bool:
        nonlocal started, ended, steps
        if done == warm:
            _finish(device)
            started = time.perf_counter()
            return False
        steps = done - warm
        if steps < 1 or (steps < most and time.perf_counter() - started < seconds):
            return False
        _finish(device)
        ended = time.perf_counter()
        return True

    train(on_device(trial, device), each)
    if not ended:
        raise RuntimeError(f"the training ended after {warm + steps} steps, before it was timed")
    return (ended - started) / steps


def asked_for(trial: Trial, device: str, warm: int, steps: int) -> tuple[float, float, float, str]:
    """Operations, kernels and waits a step, and the lines that waited (`_counts.Counts`)."""
    before = None
    with counting(device) as counts:

        def each(done: int) -> bool:
            nonlocal before
            if done == warm:
                before = counts.copy()
            return done == warm + steps

        train(on_device(trial, place_of(device)), each)
    if before is None:
        raise RuntimeError(f"the training ended before step {warm}")
    return counts.since(before, steps)


def _finish(device: str) -> None:
    if device != "cpu":
        torch.cuda.synchronize()
