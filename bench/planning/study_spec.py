"""What a study tunes: one loss on one task setting, with its search space and its budget."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.planning.halving import rung_steps
from bench.planning.optuna_proposals import Point, Space, draw_point, options_at
from bench.planning.trial import PlannedTrial, canonical_json, create, planned_trial
from bench.plugin import Task, TrainSettings
from bench.specs.domains import Grid, draw, find_domains, replace
from bench.specs.sweep import Sweep
from bench.specs.train_section import train_settings
from bench.specs.yaml_file import KeyPath

INITIAL, BATCH = 10, 4
"""Settings of the first round and of each later one. As many random draws as Optuna starts with;
small rounds learn more from each trial, larger ones keep more machines busy with one search."""
REPLICATES = 5


@dataclass(frozen=True)
class Budget:
    """How much the search inside one replicate may try.

    Attributes:
        trials: settings to try; ``initial`` of them are drawn at random, then ``batch`` a round.
        rungs: training steps of successive halving, the last in full; one rung for no halving.
        reduction: a rung's best 1 / reduction go on to the next.
    """

    trials: int
    initial: int
    batch: int
    rungs: tuple[int, ...]
    reduction: int

    @property
    def most_trials(self) -> int:
        """Trainings, those of all rungs together."""
        return sum(self.trials // self.reduction**halving for halving in range(len(self.rungs)))


@dataclass(frozen=True)
class StudySpec:
    """One loss on one task setting.

    Attributes:
        loss: options of the loss with its name; at the paths of ``space`` they are searched.
        budget: of the search inside each of ``replicates`` replicates.
    """

    sweep: str
    scale: str
    task: Task
    loss: dict[str, Any]
    space: Space
    train: TrainSettings
    budget: Budget
    replicates: int
    method: str | None = None

    @property
    def given(self) -> dict[str, Any]:
        """Options of the loss that are not searched."""
        searched = {path[0] for path, _ in self.space}
        return {k: v for k, v in self.loss.items() if k != "name" and k not in searched}

    def trial(self, point: Point, replicate: int, steps: int) -> PlannedTrial:
        """The trial of a setting."""
        loss = create("loss", replace(self.loss, options_at(self.space, point)))
        train = self.train.model_copy(update={"steps": steps})
        return planned_trial(self.task, loss, train, self.scale, replicate, self.method)

    def searched_options(self, point: Point) -> dict[str, Any]:
        """Searched options of a setting by dotted name, such as ``{"softness": 0.05}``."""
        values = options_at(self.space, point)
        return {".".join(map(str, path)): values[path] for path, _ in self.space}

    def random_points(self, replicate: int) -> Iterator[Point]:
        """Keyed random draws without end, in a replicate the same for all studies of the sweep."""

        def fraction(index: int, path: KeyPath) -> float:
            parameter = ".".join(["loss", *map(str, path)])
            return draw(self.sweep, f"{parameter} in replicate {replicate}", index)

        return (draw_point(self.space, partial(fraction, index)) for index in itertools.count())

    def seed(self, replicate: int, number: int) -> int:
        """Of the proposals of a round; depends on what is searched, not on where it runs."""
        text = canonical_json(
            [
                self.sweep,
                self.task.plugin_name,
                self.task.without_places(self.task.options()),
                self.loss["name"],
                self.given,
                {".".join(map(str, path)): domain.describe() for path, domain in self.space},
                replicate,
                number,
            ]
        )
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


def study_specs(sweep: Sweep, scale: str) -> Iterator[StudySpec]:
    """One study per task setting, training and loss; grids of each are expanded."""
    tasks = [options for spec in sweep.tasks for options in _grid(spec)]
    trainings = list(_grid(sweep.train))
    losses = [
        (options, method)
        for spec, method in zip(sweep.losses, sweep.methods, strict=True)
        for options in _grid(spec)
    ]
    replicates = sweep.replicates or REPLICATES
    for task_options, section, (loss, method) in itertools.product(tasks, trainings, losses):
        task, space = create("task", task_options), tuple(find_domains(loss))
        train = train_settings(task, section)
        budget = _budget(sweep, train, space)
        yield StudySpec(sweep.name, scale, task, loss, space, train, budget, replicates, method)


def _grid(options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    grids = {path: d.values for path, d in find_domains(options) if isinstance(d, Grid)}
    for values in itertools.product(*grids.values()):
        yield replace(options, dict(zip(grids, values, strict=True)))


def _budget(sweep: Sweep, train: TrainSettings, space: Space) -> Budget:
    """Of a sweep's search; a loss with nothing to search is trained once, in full."""
    assert sweep.trials is not None  # checked with the specification
    asha = sweep.scheduler.asha if sweep.scheduler is not None and space else None
    return Budget(
        trials=sweep.trials if space else 1,
        initial=sweep.initial or INITIAL,
        batch=sweep.batch or BATCH,
        rungs=rung_steps(asha.min_steps, train.steps, asha.reduction) if asha else (train.steps,),
        reduction=asha.reduction if asha else 1,
    )
