"""Time and weight of the report for 20,000 trials: reading the store, writing the site.

    python benchmarks/report_site.py [TRIALS]

Each trial has a curve of 36 points, 12 metrics and options of the drums task.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from results.site import ListColumn, Listing, Site, SweepPage, write_site
from results.store.record import TrialRecord
from results.store.trial_columns import to_row
from results.store.trial_store import Store

METRICS = [f"{part}.m{i}" for part in ("test", "validation") for i in range(6)]


def record(number: int, generator: np.random.Generator) -> TrialRecord:
    level, noise = generator.uniform(0.4, 0.95), 0.05 * generator.normal(size=30)
    curve = [{"step": 50 * i, "loss": 5 * 0.9**i + noise[i - 1]} for i in range(1, 31)]
    curve += [{"step": 250 * i, "validation.f1": level * (1 - 0.1 / i)} for i in range(1, 7)]
    return TrialRecord(
        *(f"{generator.integers(1 << 62):016x}", "large", "laptop", "drums", "softloc", number),
        *("finished", None),
        {"size": "small", "subset": "random", "noise": generator.uniform(0, 0.1), "root": None},
        {"softness": generator.uniform(0, 0.15), "alpha": {"start": 0.2, "end": 0.9}},
        {"steps": 1500, "batch_size": 32, "lr": 0.003, "clip_norm": 10.0, "device": "auto"},
        {name: level + 0.01 * generator.normal() for name in METRICS},
        {"pieces": 80, "onsets": 771, "detections": 2405},
        curve,
        {"prepare": 0.05, "train": 15.1, "evaluate": 0.4, "total": 15.6},
        1.79e9 + number,
        *("host", "cpu", "a processor", {"python": "3.11.7", "torch": "2.13.0"}, "0" * 40),
        *("rendered kits", "10059f9b005eb09b"),
    )


def main(trials: int) -> None:
    generator = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "store")
        rows = [to_row(record(number, generator)) for number in range(trials)]
        store._trials.append(rows, "all.finished.0")
        store.compact()
        clock = time.perf_counter(), time.process_time()
        frame = store.load(columns=["trial_id", "status", "loss.softness", "metric.test.m0"])
        columns = tuple(ListColumn(name, tuple(frame[name])) for name in frame.columns[2:])
        listing = Listing(tuple(frame["trial_id"]), tuple(frame["status"]), columns)
        counts = {"finished": trials}
        sweep = SweepPage("large", "laptop", "", "", "", trials, counts, {}, listing)
        out = Path(folder) / "site"
        write_site(Site("here", "today", "1", store.records(), (sweep,)), out)
        wall, cpu = time.perf_counter() - clock[0], time.process_time() - clock[1]
        sizes = {path: path.stat().st_size for path in out.rglob("*") if path.is_file()}
        shards = [size for path, size in sizes.items() if path.parent.name == "trials"]
        print(f"{trials} trials: {wall:.1f} s wall, {cpu:.1f} s processor")
        print(f"{len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB")
        print(
            f"a trial's data file: {np.mean(shards) / 1e3:.0f} kB, at most {max(shards) / 1e3:.0f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
