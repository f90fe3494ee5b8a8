"""Base class of tasks, and the cache of prepared data."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from filelock import FileLock

from bench.plugin.loss import Loss
from bench.plugin.options import Options

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import nn


@dataclass(frozen=True)
class Metric:
    """A number that a task reports.

    Attributes:
        name: key in the metrics of a trial.
        direction: whether more or less is better.
        low, high: range, None where unbounded.
        unit: symbol, empty for a ratio.
    """

    name: str
    direction: Literal["max", "min"]
    low: float | None = None
    high: float | None = None
    unit: str = ""
    description: str = ""


class Split(Protocol):
    """One part of a task's data."""

    def __len__(self) -> int: ...

    def batch(self, indices: np.ndarray) -> tuple[torch.Tensor, Any]:
        """Inputs ``(batch, …)`` and the head's target for samples ``indices``."""
        ...


@dataclass(frozen=True)
class Splits:
    """Training data (with label noise, if any), validation and test data (always clean)."""

    train: Split
    validation: Split
    test: Split


@dataclass(frozen=True)
class Evaluation:
    """Metrics of one split, and what a reader of the trial may want beside them."""

    metrics: dict[str, float]
    details: dict[str, Any] = field(default_factory=dict)


class Task(Options):
    """Data, network, metrics, and what the label noise or supervision is.

    Data, split, initial weights and label noise depend on the task and the replicate, never on the
    loss.

    Class attributes:
        metrics: every metric that `evaluate` returns; the first is the primary one.
        version: raise it whenever results change; it is part of every trial's identity.
    """

    heads: ClassVar[frozenset[str]] = frozenset()
    space: ClassVar[dict[str, Any]] = {}
    metrics: ClassVar[Sequence[Metric]] = ()
    version: ClassVar[str] = "1"
    source: ClassVar[str] = ""

    @property
    def data_name(self) -> str:
        """Name of the data for tables, e.g. ``rendered kits`` or ``IDMT-SMT-Drums``."""
        raise NotImplementedError

    def data_key(self) -> dict[str, Any]:
        """JSON-able description of all that determines the prepared data."""
        return {}

    def prepare(self, directory: Path) -> None:
        """Write the prepared data into ``directory``: expensive, deterministic, done once."""

    def check_data(self) -> None:
        """Raise `UsageError` when data that the user must supply are missing. Cheap."""

    def splits(self, replicate: int) -> Splits:
        """Training, validation and test data of a replicate."""
        raise NotImplementedError

    def network(self, head: str) -> nn.Module:
        """A fresh network with output in the form of ``head``; weights from torch's global seed."""
        raise NotImplementedError

    def calibrate(self, network: nn.Module, loss: Loss, validation: Split) -> dict[str, float]:
        """What validation data decide about reading the output, e.g. ``{"threshold": 0.4}``."""
        return {}

    def evaluate(
        self, network: nn.Module, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """Metrics of ``split`` with the network's output read as ``decoding`` says."""
        raise NotImplementedError

    def skip(self, loss: Loss) -> str | None:
        """Why this loss cannot be trained on this task, or None."""
        return None

    @property
    def data_version(self) -> str:
        """Content key of the prepared data: equal keys mean equal data."""
        text = json.dumps([self.plugin_name, self.data_key()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def prepared(self) -> Path:
        """Directory of the prepared data, built now if this machine has none yet.

        Safe to call from many processes at once: one builds, the others wait. A build that is
        killed leaves nothing that a later one would take for complete.
        """
        final = cache_root() / "data" / f"{self.plugin_name}-{self.data_version}"
        if final.is_dir():
            return final
        final.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{final}.lock"):
            if final.is_dir():
                return final
            building = Path(tempfile.mkdtemp(prefix=f"{final.name}.", dir=final.parent))
            try:
                with _one_thread():
                    self.prepare(building)
                building.rename(final)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return final


def _one_thread() -> AbstractContextManager[Any]:
    """Products of matrices on one thread: their last bits depend on the number of threads."""
    import numpy  # noqa: F401  # only libraries that are loaded are limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits


def cache_root() -> Path:
    """Folder of prepared data on this machine: ``POINTBENCH_CACHE`` or the user's cache folder."""
    configured = os.environ.get("POINTBENCH_CACHE")
    if configured:
        return Path(configured).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "pointbench"
