"""A surface whose later runs are placed where they tell most: rounds of an adaptive sweep."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from bench.planning.earlier_results import Results, Values
from bench.planning.optuna_proposals import rounded
from bench.planning.surface_scales import logarithmic
from bench.planning.trial import PlannedTrial, create, planned_trial
from bench.plugin import LogUniform, Uniform
from bench.specs.domains import draw, find_domains, replace
from bench.specs.sweep import Sweep
from bench.specs.train_section import train_settings
from bench.specs.yaml_file import KeyPath
from results.surface.placement import Extent, next_points

INITIAL, BATCH = 40, 10
"""Runs of the first round and of each later one. The first ones must show roughly where the noise
is; of a later round only the first point knows all results before it."""


Point = tuple[float, float]


@dataclass(frozen=True)
class SurfaceRounds:
    """Rounds planned so far, and how many runs depend on results still to come."""

    rounds: tuple[tuple[PlannedTrial, ...], ...]
    unplanned: int


@dataclass(frozen=True)
class _Axis:
    """One parameter of the surface: where its domain stands in the specification."""

    section: str
    path: KeyPath
    domain: Uniform | LogUniform

    @property
    def name(self) -> str:
        return ".".join([self.section, *map(str, self.path)])


class SurfaceSearch:
    """The rounds of a sweep with ``search: surface``. Run i has replicate i."""

    def __init__(self, sweep: Sweep, scale: str) -> None:
        [view] = [view.surface for view in sweep.show if view.surface is not None]
        self._sweep, self._scale, self._view = sweep, scale, view
        self._axes = (_axis(sweep, view.x), _axis(sweep, view.y))

    def plan(self, results: Results) -> SurfaceRounds:
        """Every round whose predecessors have ended."""
        trials = self._sweep.trials
        assert trials is not None  # checked with the specification
        values = results.values(self._view.value)
        rounds: list[tuple[PlannedTrial, ...]] = []
        points: list[Point] = []
        while len(points) < trials:
            if not points:
                new = self._drawn(min(self._sweep.initial or INITIAL, trials))
            else:
                new = self._placed(points, rounds, values, trials - len(points))
            replicates = range(len(points), len(points) + len(new))
            rounds.append(tuple(map(self._trial, new, replicates)))
            points += new
            if any(planned.trial_id not in values for planned in rounds[-1]):
                break
        return SurfaceRounds(tuple(rounds), trials - len(points))

    def _drawn(self, count: int) -> list[Point]:
        """Keyed random draws, those of a random sweep of this name."""
        x, y = self._axes
        name = self._sweep.name
        return [
            (x.domain.at(draw(name, x.name, index)), y.domain.at(draw(name, y.name, index)))
            for index in range(count)
        ]

    def _placed(
        self,
        points: list[Point],
        rounds: list[tuple[PlannedTrial, ...]],
        values: Values,
        left: int,
    ) -> list[Point]:
        """The next round; trials without a value are left out of what it knows."""
        planned = (trial for trials in rounds for trial in trials)
        known = [
            (*point, value)
            for point, trial in zip(points, planned, strict=True)
            if (value := values[trial.trial_id]) is not None
        ]
        x, y = self._axes
        view = self._view
        log_x, log_y = logarithmic(self._sweep, view, [one for trials in rounds for one in trials])
        extent = view.extent or [[x.domain.low, x.domain.high], [y.domain.low, y.domain.high]]
        placed = _next_points(
            tuple((_on(a, log_x), _on(b, log_y), value) for a, b, value in known),
            (
                (_on(extent[0][0], log_x), _on(extent[0][1], log_x)),
                (_on(extent[1][0], log_y), _on(extent[1][1], log_y)),
            ),
            (view.bandwidth[0], view.bandwidth[1]) if view.bandwidth else None,
            min(self._sweep.batch or BATCH, left),
        )
        return [
            (rounded(_off(a, log_x), x.domain), rounded(_off(b, log_y), y.domain))
            for a, b in placed
        ]

    def _trial(self, point: Point, replicate: int) -> PlannedTrial:
        options = dict(_sections(self._sweep))
        for axis, value in zip(self._axes, point, strict=True):
            options[axis.section] = replace(options[axis.section], {axis.path: value})
        task, loss = create("task", options["task"]), create("loss", options["loss"])
        train = train_settings(task, options["train"])
        return planned_trial(task, loss, train, self._scale, replicate, self._sweep.methods[0])


@lru_cache(maxsize=1024)
def _next_points(
    known: tuple[tuple[float, float, float], ...],
    extent: Extent,
    bandwidth: tuple[float, float] | None,
    count: int,
) -> tuple[Point, ...]:
    """`next_points`, remembered: a plan is made anew after every result."""
    x, y, value = np.array(known, dtype=np.float64).reshape(-1, 3).T
    placed = next_points(x, y, value, extent, count, bandwidth=bandwidth)
    return tuple((float(a), float(b)) for a, b in placed)


def _on(value: float, log: bool) -> float:
    """The coordinate in which the surface is smoothed."""
    return math.log10(value) if log else value


def _off(position: float, log: bool) -> float:
    """The value at a coordinate in which the surface is smoothed."""
    return 10.0**position if log else position


def _sections(sweep: Sweep) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The one task and the one loss of the sweep, and its training."""
    return ("task", sweep.tasks[0]), ("loss", sweep.losses[0]), ("train", sweep.train)


def _axis(sweep: Sweep, name: str) -> _Axis:
    for section, options in _sections(sweep):
        for path, domain in find_domains(options):
            axis = _Axis(section, path, domain)
            if axis.name == name:
                return axis
    raise ValueError(f"'{name}' is not drawn")  # checked with the specification
