"""Tuning one loss on one task setting: rounds of search trials on validation data, then finals.

A study is a pure function of the specification and of the results of its own earlier rounds. Round
0 is drawn at random, later rounds are proposed by Optuna; when the search has ended, the best
settings are trained again on replicates that it never saw.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean
from typing import Any, Literal

from bench.planning.earlier_results import Results, Values
from bench.planning.halving import promotions, rung_steps
from bench.planning.optuna_proposals import (
    Observation,
    Point,
    Space,
    draw_point,
    options_at,
    propose,
)
from bench.planning.trial import PlannedTrial, canonical_json, create, planned_trial
from bench.plugin import Task, TrainSettings
from bench.specs.domains import Grid, draw, find_domains, replace
from bench.specs.sweep import Sweep
from bench.specs.train_section import train_settings
from bench.specs.yaml_file import KeyPath

SEARCH_REPLICATE = 1000
"""Replicate of a setting's search trials; finals have replicates from 0 on. All settings of a study
meet the same data and initial weights, so that their order owes nothing to those. A setting that is
proposed again (there may be few) gets the next replicate, and counts by its mean."""


INITIAL, BATCH = 10, 4
"""Settings of the first round and of each later one. As many random draws as Optuna starts with;
small rounds learn more from each trial, larger ones keep more machines busy with one study."""
FINALISTS, REPLICATES = 3, 3


@dataclass(frozen=True)
class Budget:
    """How much a study may try.

    Attributes:
        trials: settings to search; ``initial`` of them are drawn at random, then ``batch`` a round.
        finalists: best settings by validation that are trained again on ``replicates`` replicates.
        rungs: training steps of successive halving, the last in full; one rung for no halving.
        reduction: a rung's best 1 / reduction go on to the next.
    """

    trials: int
    initial: int
    batch: int
    finalists: int
    replicates: int
    rungs: tuple[int, ...]
    reduction: int

    @property
    def most_trials(self) -> int:
        """Of search and finals."""
        halvings = range(1, len(self.rungs))
        above = sum(int(self.trials // self.reduction**halving) for halving in halvings)
        return self.trials + above + min(self.finalists, self.trials) * self.replicates


@dataclass(frozen=True)
class Study:
    """What is planned of a study so far.

    Attributes:
        loss: the loss's name; ``given`` are its options that are not searched.
        method: name that the sweep gives it, if it does.
        task: the task setting.
        objective: validation metric that is optimised; ``direction`` is ``max`` or ``min``.
        searched: all search trials.
        values: objective of each search trial that ended, by trial id; None where it has none.
        finals: replicates of each finalist by its settings (canonical JSON of the searched
            options), the best by validation first. Empty until the search has ended, and for good
            if no search trial finished.
        rounds: search trials by round, then the finals.
        unplanned: trials that depend on results still to come, at most.
    """

    loss: str
    given: dict[str, Any]
    task: Task
    objective: str
    direction: Literal["max", "min"]
    searched: tuple[PlannedTrial, ...] = ()
    values: dict[str, float | None] = field(default_factory=dict)
    finals: dict[str, tuple[PlannedTrial, ...]] = field(default_factory=dict)
    rounds: tuple[tuple[PlannedTrial, ...], ...] = ()
    unplanned: int = 0
    method: str | None = None


@dataclass(frozen=True)
class StudySpec:
    """One loss on one task setting.

    Attributes:
        loss: options of the loss with its name; at the paths of ``space`` they are searched.
    """

    sweep: str
    scale: str
    task: Task
    loss: dict[str, Any]
    space: Space
    train: TrainSettings
    budget: Budget
    method: str | None = None

    def plan(self, results: Results) -> Study:
        """Every round whose predecessors have ended."""
        metric, budget = self.task.metrics[0], self.budget
        objective = f"validation.{metric.name}"
        values = results.values(objective)
        search = _Search(self, values)
        rounds: list[tuple[PlannedTrial, ...]] = []
        ended, skipped = True, False
        while ended and not skipped and (trials := tuple(search.next_round(len(rounds)))):
            rounds.append(trials)
            ended = all(planned.trial_id in values for planned in trials)
            skipped = all(planned.skip_reason for planned in trials)
        searched = tuple(planned for trials in rounds for planned in trials)
        finals = search.finals() if ended else {}
        if finals:
            rounds.append(tuple(planned for trials in finals.values() for planned in trials))
        return Study(
            loss=self.loss["name"],
            given=self._given(),
            task=self.task,
            objective=objective,
            direction=metric.best,
            searched=searched,
            values={p.trial_id: values[p.trial_id] for p in searched if p.trial_id in values},
            finals=finals,
            rounds=tuple(rounds),
            unplanned=0 if ended or skipped else budget.most_trials - len(searched),
            method=self.method,
        )

    def trial(self, point: Point, replicate: int, steps: int) -> PlannedTrial:
        """The trial of a setting."""
        loss = create("loss", replace(self.loss, options_at(self.space, point)))
        train = self.train.model_copy(update={"steps": steps})
        return planned_trial(self.task, loss, train, self.scale, replicate, self.method)

    def settings_key(self, point: Point) -> str:
        """Searched options of a setting as canonical JSON, such as ``{"softness":0.05}``."""
        values = options_at(self.space, point)
        return canonical_json({".".join(map(str, path)): values[path] for path, _ in self.space})

    def first_points(self, count: int) -> list[Point]:
        """Keyed random draws, the same for all studies of the sweep."""

        def fraction(path: KeyPath, index: int) -> float:
            return draw(self.sweep, ".".join(["loss", *map(str, path)]), index)

        return [draw_point(self.space, partial(fraction, index=i)) for i in range(count)]

    def seed(self, number: int) -> int:
        """Of the proposals of a round; depends on what is searched, not on where it runs."""
        space = {".".join(map(str, path)): domain.describe() for path, domain in self.space}
        task = {key: value for key, value in self.task.options().items() if key != "root"}
        text = canonical_json(
            [
                self.sweep,
                self.task.plugin_name,
                task,
                self.loss["name"],
                self._given(),
                space,
                number,
            ]
        )
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")

    def _given(self) -> dict[str, Any]:
        searched = {path[0] for path, _ in self.space}
        return {k: v for k, v in self.loss.items() if k != "name" and k not in searched}


def study_specs(sweep: Sweep, scale: str) -> Iterator[StudySpec]:
    """One study per task setting, training and loss; grids of each are expanded."""
    tasks = [options for spec in sweep.tasks for options in _grid(spec)]
    trainings = list(_grid(sweep.train))
    losses = [
        (options, method)
        for spec, method in zip(sweep.losses, sweep.methods, strict=True)
        for options in _grid(spec)
    ]
    for task_options, section, (loss, method) in itertools.product(tasks, trainings, losses):
        task, space = create("task", task_options), tuple(find_domains(loss))
        train = train_settings(task, section)
        budget = _budget(sweep, train)
        yield StudySpec(sweep.name, scale, task, loss, space, train, budget, method)


def _grid(options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    grids = {path: d.values for path, d in find_domains(options) if isinstance(d, Grid)}
    for values in itertools.product(*grids.values()):
        yield replace(options, dict(zip(grids, values, strict=True)))


def _budget(sweep: Sweep, train: TrainSettings) -> Budget:
    assert sweep.trials is not None  # checked with the specification
    asha = sweep.scheduler.asha if sweep.scheduler is not None else None
    return Budget(
        trials=sweep.trials,
        initial=sweep.initial or INITIAL,
        batch=sweep.batch or BATCH,
        finalists=sweep.finalists or min(FINALISTS, sweep.trials),
        replicates=sweep.replicates or REPLICATES,
        rungs=rung_steps(asha.min_steps, train.steps, asha.reduction) if asha else (train.steps,),
        reduction=asha.reduction if asha else 1,
    )


@dataclass
class _Setting:
    """A point with its search trial on each rung that it has reached."""

    point: Point
    key: str
    replicate: int
    trials: list[PlannedTrial] = field(default_factory=list)


class _Search:
    """The rounds of a study's search, one after the other."""

    def __init__(self, spec: StudySpec, values: Values) -> None:
        self._spec = spec
        self._values = values
        self._settings: list[_Setting] = []
        self._sign = 1.0 if spec.task.metrics[0].best == "max" else -1.0

    def next_round(self, number: int) -> Iterator[PlannedTrial]:
        """Trials of round ``number``; all earlier ones have ended."""
        spec, budget = self._spec, self._spec.budget
        if not spec.space:
            return
        scores = [self._scores(setting) for setting in self._settings]
        going_on = promotions(scores, len(budget.rungs), budget.reduction)
        left = budget.trials - len(self._settings)
        if number == 0:
            points = spec.first_points(min(budget.initial, left))
        else:
            points = self._proposals(number, min(budget.batch, left))
        for point in points:
            key = spec.settings_key(point)
            repeated = sum(setting.key == key for setting in self._settings)
            self._settings.append(_Setting(point, key, SEARCH_REPLICATE + repeated))
        new = self._settings[len(scores) :]
        for setting in [*(self._settings[index] for index in going_on), *new]:
            steps = budget.rungs[len(setting.trials)]
            setting.trials.append(spec.trial(setting.point, setting.replicate, steps))
            yield setting.trials[-1]

    def finals(self) -> dict[str, tuple[PlannedTrial, ...]]:
        """Replicates of the best settings: those of the highest rung first, then by value."""
        spec, budget = self._spec, self._spec.budget
        if not spec.space:
            best: dict[str, Point] = {spec.settings_key(()): ()}
        else:
            best = dict(self._ranked()[: budget.finalists])
        return {
            key: tuple(
                spec.trial(point, replicate, budget.rungs[-1])
                for replicate in range(budget.replicates)
            )
            for key, point in best.items()
        }

    def _ranked(self) -> list[tuple[str, Point]]:
        """Settings all of whose search trials have a value, the best first."""
        same: dict[str, list[_Setting]] = {}
        for setting in self._settings:
            same.setdefault(setting.key, []).append(setting)
        ranked = []
        for order, (key, settings) in enumerate(same.items()):
            scores = [self._scores(setting) for setting in settings]
            top = max(map(len, scores))
            last = [score[-1] for score in scores if len(score) == top]
            known = [value for value in last if value is not None]
            if len(known) == len(last):
                ranked.append((-top, -fmean(known), order, key, settings[0].point))
        return [(key, point) for *_, key, point in sorted(ranked, key=lambda entry: entry[:3])]

    def _proposals(self, number: int, count: int) -> list[Point]:
        if count == 0:
            return []
        direction = self._spec.task.metrics[0].best
        observed = tuple(self._observation(setting) for setting in self._settings)
        seed = self._spec.seed(number)
        return list(propose(self._spec.space, observed, count, direction, seed))

    def _observation(self, setting: _Setting) -> Observation:
        rungs = self._spec.budget.rungs
        value = self._values[setting.trials[-1].trial_id]
        rung = rungs[len(setting.trials) - 1] if value is not None else rungs[0]
        return Observation(setting.point, value, None if rung == rungs[-1] else rung)

    def _scores(self, setting: _Setting) -> list[float | None]:
        """On each rung that the setting has reached; larger ones are better."""
        found = [self._values[planned.trial_id] for planned in setting.trials]
        return [None if value is None else self._sign * value for value in found]
