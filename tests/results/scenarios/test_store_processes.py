"""Real processes on one store: killed at any instant, and several at once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from results.store import row_log as rowlog
from results.store.trial_store import Store

WORKER = Path(__file__).with_name("store_worker.py")


@pytest.fixture
def start(tmp_path, make_record):
    template = tmp_path / "record.json"
    curve = [{"step": step, "loss": 1 / (step + 1)} for step in range(20)]
    template.write_text(make_record(curve=curve).to_json())
    started = []

    def start(name, trials, every, output):
        command = [WORKER, tmp_path / "runs", template, name, trials, every]
        with output.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, *map(str, command)], stdout=file, stderr=subprocess.STDOUT
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_sigkill_while_appending_and_compacting_loses_no_finished_append(start, tmp_path):
    chance = random.Random(0)
    acknowledged = set()
    for round_number in range(8):
        output = tmp_path / f"out-{round_number}"
        process = start(f"r{round_number}", 100_000, 3, output)
        wait_for(lambda output=output: output.exists() and output.stat().st_size > 50)
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        process.wait()
        lines = output.read_text().split("\n")
        acknowledged.update(lines[:-1])  # the last line may be cut

        store = Store.open(tmp_path / "runs")
        statuses = store.statuses()
        assert acknowledged <= set(statuses)
        assert (
            len(statuses) <= len(acknowledged) + round_number + 1
        )  # appended, killed before print
        frame = store.load(columns=["trial_id", "metric.f1", "curve"])
        assert set(frame["trial_id"]) == set(statuses)
        assert frame["trial_id"].is_unique
        assert (frame["metric.f1"] == 0.95).all()
        assert frame["curve"].map(len).eq(20).all()
    assert store.compact() >= 0
    assert set(store.statuses()) == set(statuses)
    assert len(acknowledged) > 80


def test_two_processes_append_and_compact_while_a_third_reads(start, tmp_path):
    processes = [start(name, 150, 5, tmp_path / f"out-{name}") for name in ("a", "b")]
    store = Store.open(tmp_path / "runs")
    seen: set[str] = set()
    while any(process.poll() is None for process in processes):
        statuses = set(store.statuses())
        assert seen <= statuses, "a trial that was there has vanished"
        seen = statuses
        frame = store.load(columns=["trial_id"])
        assert seen <= set(frame["trial_id"])
        assert frame["trial_id"].is_unique
        store.compact()
    outputs = [(tmp_path / f"out-{name}").read_text() for name in ("a", "b")]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert set(store.statuses()) == {f"{name}-{index}" for name in "ab" for index in range(150)}
    assert len(store.load()) == 300
    merged = list((tmp_path / "runs" / "trials" / "merged").iterdir())
    assert len(merged) < 2 * rowlog.MANY_SMALL


def test_two_processes_that_run_the_same_trials_leave_each_once(start, tmp_path):
    processes = [start("same", 60, 7, tmp_path / f"out-{copy}") for copy in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    store = Store.open(tmp_path / "runs")
    assert len(store.load()) == len(store.statuses()) == 60
    store.compact()
    assert len(store.load()) == len(store.statuses()) == 60


def wait_for(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the worker wrote nothing"
        time.sleep(0.005)
