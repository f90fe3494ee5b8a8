"""The search inside one replicate: rounds of settings, each proposed from those before it.

All trials have the replicate's own data, split and initial weights, and all that the search looks
at is their values on its validation data; so the test data of the replicate have no part in any
choice, and searches of different replicates are independent.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.planning.earlier_results import Values
from bench.planning.halving import promotions
from bench.planning.optuna_proposals import Observation, Point, propose
from bench.planning.study_spec import StudySpec
from bench.planning.trial import PlannedTrial

PATIENCE = 10
"""How many times as many points as are wanted are looked at for settings that are new."""


@dataclass(frozen=True)
class Search:
    """What is planned of the search inside one replicate so far.

    Attributes:
        replicate: of all its trials.
        rounds: its trials by round.
        values: objective of each trial that ended, by trial id; None where it has none.
        candidates: searched options of each setting that is trained in full, by trial id: what
            may be chosen.
        tried: number of settings.
        ended: all its trials have ended, and no more will follow.
        unplanned: trials that depend on results still to come, at most.
    """

    replicate: int
    rounds: tuple[tuple[PlannedTrial, ...], ...]
    values: dict[str, float | None]
    candidates: dict[str, dict[str, Any]]
    tried: int
    ended: bool
    unplanned: int

    @property
    def trials(self) -> tuple[PlannedTrial, ...]:
        """Of all rounds."""
        return tuple(itertools.chain(*self.rounds))


def plan_search(spec: StudySpec, replicate: int, values: Values) -> Search:
    """Every round whose predecessors have ended; a loss that the task skips has only the first.

    Args:
        values: objective of all trials that ended, of this search and others.
    """
    rounds: list[tuple[PlannedTrial, ...]] = []
    settings = _Settings(spec, replicate, values)
    ended, skipped = True, False
    while ended and not skipped and (trials := tuple(settings.next_round(len(rounds)))):
        rounds.append(trials)
        ended = all(planned.trial_id in values for planned in trials)
        skipped = all(planned.skip_reason for planned in trials)
    planned_ids = [planned.trial_id for trials in rounds for planned in trials]
    return Search(
        replicate,
        tuple(rounds),
        {trial_id: values[trial_id] for trial_id in planned_ids if trial_id in values},
        settings.candidates(),
        settings.tried,
        ended,
        0 if ended or skipped else spec.budget.most_trials - len(planned_ids),
    )


@dataclass(frozen=True)
class _Setting:
    """A point with its trial on each rung that it has reached."""

    point: Point
    trials: list[PlannedTrial]


class _Settings:
    """What a search has tried, round after round."""

    def __init__(self, spec: StudySpec, replicate: int, values: Values) -> None:
        self._spec = spec
        self._replicate = replicate
        self._values = values
        self._settings: list[_Setting] = []
        self._sign = 1.0 if spec.task.metrics[0].best == "max" else -1.0

    @property
    def tried(self) -> int:
        """Number of settings."""
        return len(self._settings)

    def candidates(self) -> dict[str, dict[str, Any]]:
        """Searched options of the settings on the last rung, by the id of their trial there."""
        last = len(self._spec.budget.rungs)
        return {
            setting.trials[-1].trial_id: self._spec.searched_options(setting.point)
            for setting in self._settings
            if len(setting.trials) == last
        }

    def next_round(self, number: int) -> Iterator[PlannedTrial]:
        """Trials of round ``number``; all earlier ones have ended.

        A space of few settings may be exhausted before the budget is.
        """
        budget = self._spec.budget
        scores = [self._scores(setting) for setting in self._settings]
        going_on = promotions(scores, len(budget.rungs), budget.reduction)
        left = budget.trials - len(self._settings)
        new = self._drawn(min(budget.initial, left)) if number == 0 else self._proposed(number)
        for setting in (self._settings[index] for index in going_on):
            steps = budget.rungs[len(setting.trials)]
            setting.trials.append(self._trial(setting.point, steps))
            yield setting.trials[-1]
        for setting in new:
            self._settings.append(setting)
            yield setting.trials[0]

    def _drawn(self, count: int) -> list[_Setting]:
        points = self._spec.random_points(self._replicate)
        return self._new(itertools.islice(points, PATIENCE * count), count)

    def _proposed(self, number: int) -> list[_Setting]:
        """From this replicate's own validation values."""
        spec = self._spec
        count = min(spec.budget.batch, spec.budget.trials - len(self._settings))
        observed = tuple(map(self._observation, self._settings))
        direction, seed = spec.task.metrics[0].best, spec.seed(self._replicate, number)
        new: list[_Setting] = []
        for asked in (count, PATIENCE * count):
            if len(new) < count:
                new = self._new(propose(spec.space, observed, asked, direction, seed), count)
        return new

    def _new(self, points: Iterable[Point], count: int) -> list[_Setting]:
        """The first ``count`` settings among ``points`` that were not tried before.

        Trained again on the replicate, a setting would be the same trial.
        """
        known = {planned.trial_id for setting in self._settings for planned in setting.trials}
        found: list[_Setting] = []
        for point in points:
            if len(found) == count:
                break
            planned = self._trial(point, self._spec.budget.rungs[0])
            if planned.trial_id not in known:
                known.add(planned.trial_id)
                found.append(_Setting(point, [planned]))
        return found

    def _trial(self, point: Point, steps: int) -> PlannedTrial:
        return self._spec.trial(point, self._replicate, steps)

    def _observation(self, setting: _Setting) -> Observation:
        rungs = self._spec.budget.rungs
        value = self._values[setting.trials[-1].trial_id]
        rung = rungs[len(setting.trials) - 1] if value is not None else rungs[0]
        return Observation(setting.point, value, None if rung == rungs[-1] else rung)

    def _scores(self, setting: _Setting) -> list[float | None]:
        """On each rung that the setting has reached; larger ones are better."""
        found = [self._values[planned.trial_id] for planned in setting.trials]
        return [None if value is None else self._sign * value for value in found]
