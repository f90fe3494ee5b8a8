"""Base class of tasks, and the cache of prepared data."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from filelock import FileLock

from bench.plugin.loss import Loss
from bench.plugin.one_thread import one_thread
from bench.plugin.options import Options
from bench.plugin.train_settings import TrainSettings

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import nn


Direction = Literal["max", "min"]


@dataclass(frozen=True)
class Metric:
    """A number that a task reports.

    Attributes:
        name: key in the metrics of a trial.
        direction: whether more (``max``) or less (``min``) is better; None where neither is.
        low, high: range, None where unbounded.
        unit: symbol, empty for a ratio.
        digits: decimals that tables show.
        optional: may be undefined (NaN), for example an error over matches where nothing matched.
        repeats: False for a time that was measured: it is another one when measured again.
    """

    name: str
    direction: Direction | None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    description: str = ""
    digits: int = 3
    optional: bool = False
    repeats: bool = True

    @property
    def best(self) -> Literal["max", "min"]:
        """The direction of a metric that is ranked or optimised.

        Raises:
            ValueError: it has none.
        """
        if self.direction is None:
            raise ValueError(f"neither more nor less of '{self.name}' is better")
        return self.direction


class Split(Protocol):
    """One part of a task's data."""

    def __len__(self) -> int: ...

    def batch(
        self, rows: np.ndarray, draw: np.random.Generator | None = None
    ) -> tuple[torch.Tensor, Any]:
        """Inputs ``(batch, …)`` and the head's target for samples ``rows``.

        Args:
            draw: in training, source of everything random about this batch: the same for every
                loss, another one at every step. None in evaluation, where nothing is random.
        """
        ...


@dataclass(frozen=True)
class Splits:
    """Training data (with label noise, if any), validation and test data (always clean).

    Attributes:
        unlabelled: more training data, for losses that compare views of one sample; its labelled
            counts are negative.
    """

    train: Split
    validation: Split
    test: Split
    unlabelled: Split | None = None


@dataclass(frozen=True)
class Evaluation:
    """What evaluating a network on one split gives.

    Attributes:
        metrics: every metric that the task declares: plain numbers, finite unless optional.
        details: what a reader of the trial may want beside them, JSON-able.
        seconds: times measured, such as ``{"per_sample": 0.002}``; they need not repeat.
        samples: per-sample counts by name (``tp``, ``fp``, ``fn``, …), one number per sample of the
            split, from which the noise of the test set can be bootstrapped.
    """

    metrics: dict[str, float]
    details: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    samples: dict[str, list[float]] = field(default_factory=dict)


class NotFinite(Exception):
    """A network's output is NaN or infinite: the training diverged, it is not merely bad."""


class Task(Options):
    """Data, network, metrics, and what the label noise or supervision is.

    Data, split, initial weights and label noise depend on the task and the replicate, never on the
    loss.

    Class attributes:
        metrics: every metric that `evaluate` returns; the first is the primary one.
        ranked: names of the metrics that a leaderboard compares; default the primary one.
        train: how its networks are trained unless a sweep says otherwise.
        folds: of the data's partition; replicate r has fold r mod ``folds``.
        label_noise: options that change training labels and nothing else.
        version: raise it when the task becomes something else: other data, labels, network or
            metric. It is part of every trial's identity. Last bits are no such change.
    """

    heads: ClassVar[frozenset[str]] = frozenset()
    space: ClassVar[dict[str, Any]] = {}
    label_noise: ClassVar[tuple[str, ...]] = ()
    metrics: ClassVar[Sequence[Metric]] = ()
    ranked: ClassVar[tuple[str, ...]] = ()
    train: ClassVar[TrainSettings] = TrainSettings()
    folds: ClassVar[int] = 1
    version: ClassVar[str] = "1"
    source: ClassVar[str] = ""

    @classmethod
    def ranked_metrics(cls) -> list[Metric]:
        """The metrics that a leaderboard compares."""
        names = cls.ranked or tuple(metric.name for metric in cls.metrics[:1])
        return [metric for name in names for metric in cls.metrics if metric.name == name]

    @property
    def data_name(self) -> str:
        """Name of the data for tables, e.g. ``rendered kits`` or ``IDMT-SMT-Drums``."""
        raise NotImplementedError

    @property
    def resampled(self) -> float:
        """Share of the data that is the test set, where replicates are splits of one data set.

        Such replicates share most of their training data, so intervals are widened by Nadeau and
        Bengio's factor. 0, the default, where the data of each replicate are drawn afresh.
        """
        return 0.0

    def data_key(self) -> dict[str, Any]:
        """JSON-able description of all that determines the prepared data."""
        return {}

    @property
    def worlds(self) -> int:
        """How often the prepared data exist, drawn anew each time; replicate r uses its own world.

        1 for data that exist once, as originals do; replicates then split them differently.
        """
        return 1

    def world(self, replicate: int) -> int:
        """The world of a replicate: its number mod `worlds`."""
        return replicate % self.worlds

    def prepare(self, directory: Path, world: int) -> None:
        """Write a world's prepared data into ``directory``: expensive, deterministic, done once."""

    def check_data(self) -> None:
        """Raise `UsageError` when data that the user must supply are missing. Cheap."""

    def splits(self, replicate: int, head: str) -> Splits:
        """Training, validation and test data of a replicate, with targets of ``head``."""
        raise NotImplementedError

    def augment(self, inputs: Any, target: Any, draw: np.random.Generator) -> tuple[Any, Any]:
        """A training batch, changed at random; rows of one sample may come out as several views.

        Args:
            draw: the same for every loss, another one at every step.
        """
        return inputs, target

    def network(self, head: str, loss: Loss) -> nn.Module:
        """A fresh network with output in the form of ``head``; weights from torch's global seed.

        Args:
            loss: for methods that bring a network of their own. Any two losses that share one must
                get the same weights.
        """
        raise NotImplementedError

    def finished(self, network: nn.Module, step: int) -> bool:
        """Whether training may stop after ``step`` steps; asked every ``finish_every`` of them.

        A task that has it may declare a metric ``steps`` (optional): the trainer reports the step
        there, NaN where training ended without.
        """
        return False

    finish_every: ClassVar[int] = 100

    def baseline(self, name: str, split: Split) -> Any:
        """Output of a method without training (`Loss.trains`), as a decoder would give it."""
        raise NotImplementedError

    def calibrate(
        self, network: nn.Module | None, loss: Loss, validation: Split
    ) -> dict[str, float]:
        """What validation data decide about reading the output, e.g. ``{"threshold": 0.4}``.

        Args:
            network: None for a loss that trains nothing.
        """
        return {}

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """Metrics of ``split`` with the network's output read as ``decoding`` says.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        raise NotImplementedError

    def skip(self, loss: Loss) -> str | None:
        """Why this loss cannot be trained on this task, or None."""
        return None

    @property
    def data_version(self) -> str:
        """Content key of the prepared data: equal keys mean equal data."""
        text = json.dumps([self.plugin_name, self.data_key()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def data_folder(self, world: int = 0) -> Path:
        """Where the prepared data of a world are kept on this machine."""
        place = "" if self.worlds == 1 else f"-{world}"
        return cache_root() / "data" / f"{self.plugin_name}-{self.data_version}{place}"

    def prepared(self, world: int = 0) -> Path:
        """Directory of the prepared data of a world, built now if this machine has none yet.

        Safe to call from many processes at once: one builds, the others wait. A build that is
        killed leaves nothing that a later one would take for complete.
        """
        final = self.data_folder(world)
        if final.is_dir():
            return final
        final.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{final}.lock"):
            if final.is_dir():
                return final
            building = Path(tempfile.mkdtemp(prefix=f"{final.name}.", dir=final.parent))
            try:
                with one_thread():
                    self.prepare(building, world)
                building.rename(final)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return final


def cache_root() -> Path:
    """Folder of prepared data on this machine: ``POINTBENCH_CACHE`` or the user's cache folder."""
    configured = os.environ.get("POINTBENCH_CACHE")
    if configured:
        return Path(configured).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "pointbench"
