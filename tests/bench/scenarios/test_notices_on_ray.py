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


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


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
    driver = commands.driver_of(process)
    [worker] = commands.wait_for(lambda: commands.actors_of(driver, ".train"), 180)
    everything, before = driver.children(recursive=True), cpu_seconds(worker)
    commands.wait_for(lambda: cpu_seconds(worker) >= before + SECONDS, 180)
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
