"""Tuning one loss on one task setting: in every replicate a search of its own.

A study is a pure function of the specification and of the results of its own earlier rounds. In
each replicate validation data choose a setting, and the test value of that setting's trial is the
tuned value of the replicate.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Literal

from bench.planning.earlier_results import Results
from bench.planning.replicate_search import Search, plan_search
from bench.planning.study_spec import StudySpec, study_specs
from bench.planning.trial import PlannedTrial
from bench.plugin import Task
from bench.specs.sweep import Sweep
from results.leaderboard.tuned import choose


@dataclass(frozen=True)
class Study:
    """What is planned of a study so far.

    Attributes:
        loss: the loss's name; ``given`` are its options that are not searched.
        searched: dotted names of the options that are.
        method: name that the sweep gives it, if it does.
        task: the task setting.
        objective: validation metric that is optimised; ``direction`` is ``max`` or ``min``.
        searches: one per replicate.
        examples: of each replicate a setting trained in full, to tell task setting and training
            by; planned or not.
    """

    loss: str
    given: dict[str, Any]
    searched: tuple[str, ...]
    task: Task
    objective: str
    direction: Literal["max", "min"]
    searches: tuple[Search, ...]
    examples: tuple[PlannedTrial, ...]
    method: str | None = None

    @property
    def rounds(self) -> tuple[tuple[PlannedTrial, ...], ...]:
        """Trials by round, those of all replicates together."""
        by_number = itertools.zip_longest(*(s.rounds for s in self.searches), fillvalue=())
        return tuple(tuple(itertools.chain(*number)) for number in by_number)

    @property
    def trials(self) -> tuple[PlannedTrial, ...]:
        """Of all searches."""
        return tuple(itertools.chain(*(search.trials for search in self.searches)))

    @property
    def unplanned(self) -> int:
        """Trials that depend on results still to come, at most."""
        return sum(search.unplanned for search in self.searches)

    def chosen(self, search: Search) -> str | None:
        """Trial of the setting that is best by validation, among those trained in full."""
        validation = {trial_id: search.values.get(trial_id) for trial_id in search.candidates}
        return choose(validation, self.direction)


def plan_studies(sweep: Sweep, scale: str, results: Results) -> list[Study]:
    """The studies of a sweep, each as far as results allow."""
    return [_study(spec, results) for spec in study_specs(sweep, scale)]


def _study(spec: StudySpec, results: Results) -> Study:
    metric, replicates = spec.task.metrics[0], range(spec.replicates)
    objective = f"validation.{metric.name}"
    values = results.values(objective)
    first, steps = next(spec.random_points(0)), spec.budget.rungs[-1]
    return Study(
        loss=spec.loss["name"],
        given=spec.given,
        searched=tuple(spec.searched_options(first)),
        task=spec.task,
        objective=objective,
        direction=metric.best,
        searches=tuple(plan_search(spec, replicate, values) for replicate in replicates),
        examples=tuple(spec.trial(first, replicate, steps) for replicate in replicates),
        method=spec.method,
    )
