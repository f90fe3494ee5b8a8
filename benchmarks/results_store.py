"""How long the store takes with many trials: append, list, load, compact.

    python benchmarks/results_store.py [--trials 100000] [--folder DIR]

Appends are timed with every write forced to disk, as in a sweep; the store is then filled up
without forcing, so that the benchmark itself takes a minute or two.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import results.store.folder
from results.store.trial_store import Store, TrialRecord


def record(index: int) -> TrialRecord:
    """A record of the size that a drums trial leaves: 30 points of learning curve."""
    return TrialRecord(
        trial_id=f"{index * 2654435761 % 2**64:016x}",
        sweep="softness-noise",
        scale="laptop",
        task="drums",
        loss="softloc",
        replicate=index % 5,
        status="finished" if index % 50 else "failed",
        reason=None if index % 50 else "Traceback (most recent call last): …",
        task_options={"noise": index * 1e-6, "split": "random", "size": "laptop"},
        loss_options={"softness": 0.15 - index * 1e-6, "alpha": {"form": "linear", "start": 1.0}},
        train_options={"steps": 1500, "batch_size": 32, "lr": 0.003},
        metrics={"f1": 0.9, "precision": 0.91, "recall": 0.89, "validation_f1": 0.9},
        details={"threshold": 0.4},
        curve=[{"step": 50 * s, "loss": 1 / (index + s + 1), "f1": s / 30} for s in range(30)],
        seconds={"prepare": 0.1, "train": 10.0, "evaluate": 1.0, "total": 11.1},
        finished_at=1.7e9 + index,
        host="worker-1",
        device="cpu",
        hardware="AMD EPYC",
        versions={"torch": "2.9.0", "python": "3.11.7", "pointbench": "0.1.0"},
        git_revision="0123456789abcdef",
        data_name="rendered drums",
        data_version="1",
    )


@contextmanager
def timed(what: str, count: int) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds = time.perf_counter() - start
    print(f"{what:<58}{seconds:9.3f} s{1e3 * seconds / count:10.4f} ms/trial", flush=True)


def read(store: Store, trials: int) -> None:
    with timed("  statuses", trials):
        assert len(store.statuses()) == trials
    with timed("  load, two metrics and two options", trials):
        store.load(
            columns=["trial_id", "metric.f1", "metric.recall", "task.noise", "loss.softness"]
        )
    with timed("  one record", 1):
        store.record(record(trials // 2).trial_id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where to make the store (default: temporary)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        store = Store.open(Path(folder) / "runs")
        durations = []
        for index in range(1_000):
            start = time.perf_counter()
            store.append(record(index))
            durations.append(1e3 * (time.perf_counter() - start))
        median, late = np.percentile(durations, [50, 95])
        print(f"append: median {median:.2f} ms, 95 % within {late:.2f} ms (forced to disk)")

        results.store.folder._sync = lambda descriptor: None
        results.store.folder._sync_directory = lambda path: None
        for index in range(1_000, 10_000):
            store.append(record(index))
        print("10,000 trials, none merged")
        read(store, 10_000)
        with timed("  compact", 10_000):
            store.compact()
        print("10,000 trials, all merged")
        read(store, 10_000)

        for index in range(10_000, options.trials):
            store.append(record(index))
        print(f"{options.trials:,} trials, {options.trials - 10_000:,} of them not merged")
        with timed("  statuses", options.trials):
            assert len(store.statuses()) == options.trials
        with timed("  compact", options.trials - 10_000):
            store.compact()
        print(f"{options.trials:,} trials, all merged")
        read(store, options.trials)
        with timed("  load, all but curves", options.trials):
            store.load()
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"on disk {size / 2**20:.0f} MiB, peak memory {peak:.2f} GiB, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
