"""A notice to go away ends a sweep as Ctrl-C does, and what was trained until then is kept."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from results.store.trial_store import Store

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(1200)]
SECONDS = 4.0
"""Of CPU that a training has had when the notice comes: a part of what it needs."""


def ended_at(process: psutil.Process, seconds: float) -> bool:
    """Wait until a process has had so much CPU, or is gone."""
    try:
        while sum(process.cpu_times()[:2]) < seconds:
            psutil.wait_procs([process], timeout=0.05)
    except psutil.NoSuchProcess:
        return False
    return True


def training(driver: psutil.Process) -> psutil.Process | None:
    for process in driver.children(recursive=True):
        try:
            if process.cmdline()[0].startswith("ray::") and ".train" in process.cmdline()[0]:
                return process
        except (psutil.Error, IndexError):
            continue
    return None


def test_a_notice_keeps_the_training_and_leaves_nothing(
    commands: Any, write_sweep: Callable
) -> None:
    file = write_sweep(
        task={"name": "puffs", "size": "tiny"},
        loss={"name": "cross_entropy"},
        train={"steps": 4000, "validations": 0},
    )
    arguments = ("run", file, "--store", commands.store, "--checkpoint-every", 100000)
    process = commands.start(*arguments)
    driver, worker = None, None
    while worker is None:
        assert process.poll() is None, commands.wait(process)
        for child in psutil.Process(process.pid).children():  # below the one that watches its time
            driver, worker = child, training(child)
    assert driver is not None
    everything = driver.children(recursive=True)
    assert ended_at(worker, sum(worker.cpu_times()[:2]) + SECONDS)
    driver.send_signal(signal.SIGTERM)
    ended = commands.wait(process)
    assert ended.code == 130
    assert ended.errors[-1] == "interrupted; finished trials are kept, the same command goes on"
    assert "Traceback" not in "\n".join(ended.errors)
    # Ray's idle agents are not waited for: they give up after a minute without a cluster.
    everything = [one for one in everything if one.is_running() and "Agent" not in one.name()]
    assert psutil.wait_procs(everything, timeout=60)[1] == []
    [kept] = Path(commands.store, "checkpoints").glob("*.pt")
    assert kept.stat().st_size > 0

    assert commands.run(*arguments).code == 0
    [trial] = Store.open(commands.store, create=False).load().to_dict("records")
    assert trial["status"] == "finished"
    assert trial["seconds.cpu"] > SECONDS / 2  # those of the first process are among them
    assert not list(Path(commands.store, "checkpoints").glob("*.pt"))
