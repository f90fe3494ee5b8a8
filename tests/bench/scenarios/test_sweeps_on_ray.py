"""`bench run` on a real Ray: statuses, exit codes, resuming, and processes killed in the middle."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from results.store.trial_store import Store, StoreError

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(1200)]


def statuses(store: Path) -> dict[str, str]:
    try:
        return Store.open(store, create=False).statuses()
    except StoreError:
        return {}


def finish_times(store: Path) -> dict[str, float]:
    """Of finished trials, by id."""
    trials = Store.open(store, create=False).load(columns=["trial_id", "status", "finished_at"])
    trials = trials[trials["status"] == "finished"]
    assert trials["trial_id"].is_unique
    return dict(zip(trials["trial_id"], trials["finished_at"], strict=True))


def ready_drivers(store: Path) -> int:
    """Runs on the store whose Ray is up."""
    try:
        sessions = Store.open(store, create=False).sessions()
    except StoreError:
        return 0
    return int(sessions["cores"].notna().sum()) if len(sessions) else 0


def test_every_ending_is_kept_and_failures_run_again(
    commands: Any, call: Callable, write_sweep: Callable
) -> None:
    file = write_sweep(
        task=[
            {"name": "noop", "number": {"grid": [1, 2, 3]}, "score": 0.25},
            {"name": "noop", "behaviour": "crash"},
            {"name": "noop", "behaviour": "skip"},
            {"name": "noop", "behaviour": "die"},
        ],
        loss=[{"name": "noop"}, {"name": "noop", "nan_from": 0.65}],
        show=[{"table": {"rows": "loss", "columns": "task.number", "value": "f1"}}],
    )
    first = commands.run("run", file, "--store", commands.store)

    assert first.code == 1
    paths = [Path(line) for line in first.out.splitlines()]
    assert paths
    assert all(path.is_file() for path in paths)
    said = "\n".join(first.errors)
    assert f"mine (laptop): 12 trials, 12 to run; store {commands.store}" in first.errors
    assert "failed: RuntimeError: this trial crashes on purpose" in said
    assert "mine: 10/10 trials · 2 failed · 5 diverged" in said
    assert "in the store: 5 diverged, 2 failed, 3 finished, 2 skipped" in said
    again = f"bench run {file} --failed"
    assert f"mine: 5 diverged, 2 failed, 2 skipped; {again}" in first.errors
    for noise in ("raylet", "WARNING", "INFO", "Traceback", "mlflow"):
        assert noise not in said

    store = Store.open(commands.store, create=False)
    records = [store.record(trial_id) for trial_id in store.statuses()]
    by_status: dict[str, list] = {}
    for record in records:
        by_status.setdefault(record.status, []).append(record)
    assert {record.metrics["f1"] for record in by_status["finished"]} == {0.25}
    assert {record.reason for record in by_status["skipped"]} == {
        "this trial is skipped on purpose"
    }
    assert all(record.reason.endswith(" became nan at step 8") for record in by_status["diverged"])
    failures = {record.task_options["behaviour"]: record.reason for record in by_status["failed"]}
    assert set(failures) == {"crash", "die"}
    assert failures["crash"].startswith("Traceback (most recent call last):")
    assert "noop.py" in failures["crash"]
    assert "its worker failed 4 times, at last with The actor died" in failures["die"]

    again = call("run", file, "--store", commands.store)  # fails when Ray is started
    assert again.code == 1
    assert again.errors[0] == "mine (laptop): 12 trials, none left to train"

    healed = commands.run("run", file, "--store", commands.store, "--failed", NOOP_HEALED="1")
    assert healed.code == 0
    assert "mine (laptop): 12 trials, 2 to run; store" in healed.errors[0]
    assert Counter(statuses(commands.store).values()) == {
        "finished": 5,
        "diverged": 5,
        "skipped": 2,
    }
    before = {record.trial_id: record.finished_at for record in by_status["finished"]}
    assert before.items() <= finish_times(commands.store).items()

    assert mirrored(commands.store) == statuses(commands.store)
    facts = call("status", file, "--store", commands.store)
    assert "parallel efficiency 0." in facts.out


def mirrored(store: Path) -> dict[str, str]:
    """Status by trial of the runs in the store's own MLflow; no trial has two."""
    import sqlite3

    with sqlite3.connect(f"file:{store / 'mlflow.db'}?mode=ro", uri=True) as database:
        rows = database.execute(
            "select trial.value, status.value from runs"
            " join tags trial on trial.run_uuid = runs.run_uuid"
            " join tags status on status.run_uuid = runs.run_uuid"
            " where runs.lifecycle_stage = 'active' and runs.status != 'RUNNING'"
            " and trial.key = 'pointbench.trial_id' and status.key = 'pointbench.status'"
        ).fetchall()
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_killing_anything_loses_at_most_what_is_in_flight(
    commands: Any, write_sweep: Callable
) -> None:
    task = {"name": "noop", "number": {"grid": list(range(30))}}
    file, store = write_sweep(task=task), commands.store

    def start() -> tuple[Any, psutil.Process]:
        process = commands.start("run", file, "--store", store)
        return process, commands.driver_of(process)

    def more_than(count: int) -> None:
        commands.wait_for(lambda: len(statuses(store)) > count or process.poll() is not None, 180)
        assert process.poll() is None, commands.wait(process)

    # Ctrl-C reaches every process of the terminal.
    commands.give_tokens(5)
    process, driver = start()
    more_than(3)
    for member in [driver, *driver.children(recursive=True)]:
        member.send_signal(signal.SIGINT)
    interrupted = commands.wait(process)
    assert interrupted.code == 130
    assert interrupted.errors[-1] == (
        "interrupted; finished trials are kept, the same command goes on"
    )
    assert "Traceback" not in "\n".join(interrupted.errors)
    kept = finish_times(store)
    assert 3 < len(kept) < 30

    # The driver disappears.
    commands.give_tokens(5)
    process, driver = start()
    more_than(len(kept) + 3)
    # Ray's two idle agents are not waited for: they give up after a minute without a cluster.
    orphans = [
        child
        for child in driver.children(recursive=True)
        if "Agent" not in " ".join(child.cmdline())
    ]
    assert len(orphans) > 2
    driver.kill()
    assert commands.wait(process).code == -signal.SIGKILL
    assert psutil.wait_procs(orphans, timeout=60)[1] == []
    after = finish_times(store)
    assert kept.items() <= after.items()
    assert len(kept) + 3 < len(after) < 30

    # A worker disappears, and with it the trial that it trains.
    commands.give_tokens(4)
    process, driver = start()
    more_than(len(after) + 2)
    commands.wait_for(lambda: commands.actors_of(driver), 60)[0].kill()
    commands.give_tokens(None)
    assert commands.wait(process).code == 0
    ended = finish_times(store)
    assert after.items() <= ended.items()
    assert len(ended) == 30
    assert set(statuses(store).values()) == {"finished"}
    assert not [path for path in (store / "trials").rglob("*") if path.name.endswith(".tmp")]

    sync = commands.run("mlflow", "sync", "--store", store)
    assert sync.code == 0
    assert set(mirrored(store)) == set(ended)
    sync = commands.run("mlflow", "sync", "--store", store)
    assert sync.out.startswith("0 trials written to sqlite:///")
    assert sync.out.endswith(", 30 were there\n")


def test_two_drivers_share_a_store(commands: Any, write_sweep: Callable) -> None:
    task = {"name": "noop", "sleep": 0.25, "number": {"grid": list(range(24))}}
    file, store = write_sweep(task=task), commands.store
    commands.give_tokens(0)
    processes = [commands.start("run", file, "--store", store) for _ in range(2)]
    commands.wait_for(lambda: ready_drivers(store) == 2, 180)
    commands.give_tokens(None)
    answers = [commands.wait(process) for process in processes]
    assert [answer.code for answer in answers] == [0, 0]
    assert len(finish_times(store)) == 24
    run = 0
    for answer in answers:
        said = "\n".join(answer.errors)
        assert "not mirrored" not in said
        assert "mine: 24/24 trials · " in said
        run += int(re.search(r"mine: (\d+) run in", said)[1])
    sessions = Store.open(store, create=False).sessions()
    assert len(sessions) == 2
    trained = sessions["finished"].sum()
    assert 24 <= trained <= 24 + 6, f"{trained} trainings of 24 trials"
    assert run == trained
    commands.run("mlflow", "sync", "--store", store)
    assert set(mirrored(store)) == set(finish_times(store))
