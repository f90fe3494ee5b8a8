"""One planned trial, and how options of a specification become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.planning.identity import Trial
from bench.plugin import HEADS, Loss, Task
from bench.plugin.registry import losses as loss_registry
from bench.plugin.registry import tasks as task_registry
from bench.specs.train_settings import TrainSettings


@dataclass(frozen=True)
class PlannedTrial:
    """A trial that the sweep must have, and why it is skipped if it is."""

    trial: Trial
    trial_id: str
    skip_reason: str | None = None


def create(section: str, options: dict[str, Any]) -> Any:
    """The loss or task (``section``) that options with a ``name`` describe."""
    registry = task_registry if section == "task" else loss_registry
    options = dict(options)
    return registry.get(options.pop("name"))(**options)


def planned_trial(
    task: Task, loss: Loss, train: TrainSettings, scale: str, replicate: int
) -> PlannedTrial:
    """The trial with its id."""
    head = next(head for head in HEADS if head in task.heads & loss.heads)
    trial = Trial(task, loss, train, scale, replicate, head)
    return PlannedTrial(trial, trial.trial_id, task.skip(loss))
