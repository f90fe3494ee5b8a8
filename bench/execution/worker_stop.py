"""Asking the workers of this machine to keep their trainings, before Ray ends them."""

from __future__ import annotations

import contextlib

import psutil

PATIENCE = 10.0
"""Seconds for a step, and for writing a checkpoint."""


def stop_workers(patience: float = PATIENCE) -> None:
    """Ask the workers that this process's Ray started to end, and wait for them.

    A worker ends after the step that it is in, once its checkpoint is written; those on other
    machines lose what they did since their last one.
    """
    workers = [child for child in psutil.Process().children(recursive=True) if _trains(child)]
    for worker in workers:
        with contextlib.suppress(psutil.Error):
            worker.terminate()
    psutil.wait_procs(workers, timeout=patience)


def _trains(process: psutil.Process) -> bool:
    """Whether it is an actor in a trial; Ray's own processes must outlive it."""
    try:
        title = process.cmdline()
    except psutil.Error:
        return False
    return bool(title) and title[0].startswith("ray::") and title[0].endswith(".train")
