"""Who a trial is: its configuration, its identity, and a planned one with why it is skipped."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bench.plugin import HEADS, Loss, Task, TrainSettings, create_loss, create_task
from bench.plugin.source import source_digest

PROTOCOL_VERSION = 1
"""Raised whenever the trainer changes what a configuration results in."""


@dataclass(frozen=True)
class Trial:
    """One training and evaluation: all that determines its result, and nothing else does."""

    task: Task
    loss: Loss
    train: TrainSettings
    scale: str
    replicate: int
    head: str

    @property
    def identity(self) -> dict[str, Any]:
        """What determines the result, JSON-able.

        Options at their default are left out, so that a new option with today's behaviour as its
        default keeps all ids; whoever changes a default raises the plugin's version.
        """
        return {
            "task": _plugin_identity(self.task),
            "loss": _plugin_identity(self.loss),
            "train": self.train.deviations(),
            "head": self.head,
            "scale": self.scale,
            "replicate": self.replicate,
            "data": self.task.data_version,
            "protocol": PROTOCOL_VERSION,
        }

    @property
    def trial_id(self) -> str:
        """Hash of the canonical JSON of `identity`, 16 hexadecimal digits."""
        return hashlib.sha256(canonical_json(self.identity).encode()).hexdigest()[:16]

    def to_config(self) -> dict[str, Any]:
        """JSON-able description from which a worker rebuilds the trial."""
        return {
            "task": {"name": self.task.plugin_name, **self.task.options()},
            "loss": {"name": self.loss.plugin_name, **self.loss.options()},
            "train": self.train.options(),
            "scale": self.scale,
            "replicate": self.replicate,
            "head": self.head,
        }


def _plugin_identity(plugin: Task | Loss) -> dict[str, Any]:
    """Name, version, deviations; of a plugin from elsewhere its text, which is what it is."""
    found = {"name": plugin.plugin_name, "version": plugin.version, **plugin.deviations()}
    digest = source_digest(type(plugin))
    return found if digest is None else {**found, "source": digest}


def canonical_json(value: Any) -> str:
    """Text that is equal for equal values: sorted keys, no spaces, shortest floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def from_config(config: dict[str, Any]) -> Trial:
    """Rebuild a `Trial` from `Trial.to_config`, in any process.

    Raises:
        UsageError: a plugin or option that this process does not know.
    """
    return Trial(
        task=create("task", config["task"]),
        loss=create("loss", config["loss"]),
        train=TrainSettings(**config["train"]),
        scale=config["scale"],
        replicate=config["replicate"],
        head=config["head"],
    )


@dataclass(frozen=True)
class PlannedTrial:
    """A trial that the sweep must have.

    Attributes:
        skip_reason: why it is skipped if it is.
        method: name that the sweep gives its loss (``as: NAME``); no part of its identity.
    """

    trial: Trial
    trial_id: str
    skip_reason: str | None = None
    method: str | None = None

    @cached_property
    def config(self) -> dict[str, Any]:
        """The trial's `Trial.to_config`, to be read; tables ask it for each of their cells."""
        return self.trial.to_config()


def create(section: str, options: dict[str, Any]) -> Any:
    """The loss or task (``section``) that options with a ``name`` describe."""
    options = dict(options)
    make = create_task if section == "task" else create_loss
    return make(options.pop("name"), **options)


def head_of(task: Task, loss: Loss) -> str:
    """The first head, in the order of `HEADS`, that both have."""
    return next(head for head in HEADS if head in task.heads & loss.heads)


def planned_trial(
    task: Task,
    loss: Loss,
    train: TrainSettings,
    scale: str,
    replicate: int,
    method: str | None = None,
) -> PlannedTrial:
    """The trial with its id."""
    trial = Trial(task, loss, train, scale, replicate, head_of(task, loss))
    return PlannedTrial(trial, trial.trial_id, task.skip(loss) or _no_baseline(task, loss), method)


def _no_baseline(task: Task, loss: Loss) -> str | None:
    """Why a method without training has nothing to show on a task, or None."""
    if loss.trains or type(task).baseline is not Task.baseline:
        return None
    return f"{task.plugin_name} has no outputs of a method without training"
