"""Trials in processes that share one device: started once, then used by few or many at a time."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.pool import Pool
from typing import Any

import torch
from _steps import on_device, pace, train

from bench.execution import trainer
from bench.planning.trial import from_config

_START = 120.0
"""Seconds for all processes to import torch and warm up."""
_WARM = 3


@dataclass
class Ended:
    """What became of trials.

    Attributes:
        at: seconds from the start at which each finished, in order.
        results: metrics and seconds of each.
        failures: first lines of what the others raised.
    """

    at: list[float] = field(default_factory=list)
    results: list[dict[str, dict[str, float]]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def started(processes: int, config: dict[str, Any], device: str) -> Pool:
    """Processes that have each trained a few steps of a trial, and wait.

    Raises:
        threading.BrokenBarrierError: one of them did not get there.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes + 1)
    pool = context.Pool(processes, _warm, (barrier, config, device))
    try:
        barrier.wait(_START)
    except threading.BrokenBarrierError:
        pool.terminate()
        raise
    return pool


def steps_per_second(
    pool: Pool, configs: list[dict[str, Any]], device: str, seconds: float, most: int
) -> float:
    """Training steps a second of all ``configs`` together, each in a process of its own."""
    jobs = [(config, device, seconds, most) for config in configs]
    return float(sum(1 / step for step in pool.starmap(_pace, jobs, chunksize=1)))


def run_all(
    pool: Pool, configs: list[dict[str, Any]], device: str, at_once: int, seconds: float
) -> Ended:
    """Run whole trials, ``at_once`` at a time, until all have ended or the time is over."""
    ended, begin = Ended(), time.perf_counter()
    room, change = threading.Semaphore(at_once), threading.Condition()

    def left() -> float:
        return seconds - (time.perf_counter() - begin)

    def note(add: Callable[[Any], None]) -> Callable[[Any], None]:
        def noted(value: Any) -> None:
            with change:
                add(value)
                change.notify()
            room.release()

        return noted

    def finished(result: dict[str, dict[str, float]]) -> None:
        ended.at.append(time.perf_counter() - begin)
        ended.results.append(result)

    def failed(error: BaseException) -> None:
        text = (str(error).splitlines() or [""])[0]
        ended.failures.append(f"{type(error).__name__}: {text}")

    for config in configs:
        if not room.acquire(timeout=max(left(), 0.0)) or left() <= 0:
            break
        pool.apply_async(
            _run, (config, device), callback=note(finished), error_callback=note(failed)
        )
    with change:
        change.wait_for(
            lambda: len(ended.results) + len(ended.failures) == len(configs), max(left(), 0.0)
        )
    return ended


def _warm(barrier: Any, config: dict[str, Any], device: str) -> None:
    torch.set_num_threads(1)
    train(on_device(from_config(config), device), lambda step: step >= _WARM)
    barrier.wait(_START)


def _pace(config: dict[str, Any], device: str, seconds: float, most: int) -> float:
    return pace(from_config(config), device, _WARM, seconds, most)


def _run(config: dict[str, Any], device: str) -> dict[str, dict[str, float]]:
    outcome = trainer.run(on_device(from_config(config), device))
    return {"metrics": outcome.metrics, "seconds": outcome.seconds}
