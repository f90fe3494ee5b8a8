"""How plans are run, whatever they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.execution.checkpoints import EVERY


@dataclass(frozen=True)
class RunSettings:
    """How plans are run.

    Attributes:
        address: of a Ray cluster; None starts Ray on this machine unless ``RAY_ADDRESS`` is set.
        failed: run failed trials again.
        plugins: files whose losses and tasks the workers need.
        verbose: show Ray's own output.
        checkpoints: folder or URL of unfinished trainings, which workers can reach; by default
            beside the store's trials.
        checkpoint_every: seconds between two checkpoints of a training, at least.
    """

    address: str | None = None
    failed: bool = False
    plugins: tuple[Path, ...] = ()
    verbose: bool = False
    checkpoints: str | None = None
    checkpoint_every: float = EVERY
