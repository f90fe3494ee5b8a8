"""Prepare the data of all trials that the other sections train, on all cores.

Data in the cache (``POINTBENCH_CACHE``) are taken as they are; others are rendered, which takes
about 20 s of one core for one of the ten sets of `laptop`.
"""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from _card import cores
from _findings import Findings, Settings, section
from _trials import laptop_trials, paper_trial

from bench.planning.trial import from_config


def measure(settings: Settings, found: Findings) -> None:
    wanted: dict[Path, tuple[dict[str, Any], int]] = {}
    for trial in [paper_trial(settings.quick), *laptop_trials(settings.quick)]:
        world = trial.task.world(trial.replicate)
        wanted.setdefault(trial.task.data_folder(world), (trial.to_config(), world))
    missing = {folder: data for folder, data in wanted.items() if not folder.is_dir()}
    started = time.perf_counter()
    workers = max(1, min(cores(), len(missing)))
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        jobs = {folder: pool.submit(prepare, *data) for folder, data in missing.items()}
        for folder, job in jobs.items():
            with found.guarded(folder.name):
                job.result()
    ready = sum(folder.is_dir() for folder in wanted)
    found.note(
        f"{ready} of {len(wanted)} data sets are there; preparing {len(missing)} of them took "
        f"{time.perf_counter() - started:.0f} s on {workers} processes"
    )


def prepare(config: dict[str, Any], world: int) -> None:
    """Render one data set into the cache."""
    from_config(config).task.prepared(world)


if __name__ == "__main__":
    section(measure)
