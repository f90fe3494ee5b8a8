"""How plans are run, whatever they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunSettings:
    """How plans are run.

    Attributes:
        address: of a Ray cluster; None starts Ray on this machine unless ``RAY_ADDRESS`` is set.
        failed: run failed trials again.
        plugins: files whose losses and tasks the workers need.
        verbose: show Ray's own output.
    """

    address: str | None = None
    failed: bool = False
    plugins: tuple[Path, ...] = ()
    verbose: bool = False
