"""Checking, before anything runs, that what a sweep shows is something its trials will have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bench.planning.axes import axis, is_number
from bench.planning.metric_choice import metric_of
from bench.planning.surface_scales import logarithmic, misplaced
from bench.planning.trial import PlannedTrial
from bench.plugin import UsageError
from bench.specs.sweep import Source, SurfaceView, Sweep, TableView
from bench.specs.yaml_file import KeyPath


def check_views(source: Source, trials: Sequence[PlannedTrial]) -> None:
    """Resolve every axis and metric of ``show`` for the planned trials.

    Raises:
        UsageError: all problems, each with its line.
    """
    problems: list[str] = []
    for number, view in enumerate(source.sweep.show):
        place: KeyPath = ("show", number)
        found: Iterable[tuple[KeyPath, str]]
        if (view.surface is None) == (view.table is None):
            found = [(place, "an entry of 'show' is either a surface or a table")]
        elif view.surface is not None:
            found = _surface(source.sweep, view.surface, (*place, "surface"), trials)
        elif view.table is not None:
            found = _table(view.table, (*place, "table"), trials)
        problems += [source.file.at(at, message) for at, message in found]
    if problems:
        raise UsageError(problems)


def _table(
    view: TableView, place: KeyPath, trials: Sequence[PlannedTrial]
) -> Iterator[tuple[KeyPath, str]]:
    yield from _unknown({"rows": view.rows, "columns": view.columns}, place, trials)
    for number, name in enumerate(view.values):
        try:
            metric_of(trials, name)
        except UsageError as error:
            yield (*place, "values", number), str(error)


def _surface(
    sweep: Sweep, view: SurfaceView, place: KeyPath, trials: Sequence[PlannedTrial]
) -> Iterator[tuple[KeyPath, str]]:
    """Problems of a surface; its axes are numbers of one unit wherever they exist."""
    unknown = list(_unknown({"x": view.x, "y": view.y}, place, trials))
    yield from unknown
    try:
        metric_of(trials, view.value)
    except UsageError as error:
        yield (*place, "value"), str(error)
    if view.x == view.y:
        yield (*place, "y"), f"a surface needs two parameters, got '{view.x}' twice"
    if unknown:
        return
    for key, parameter in (("x", view.x), ("y", view.y)):
        shown = axis(trials, parameter)
        values = [shown.value(planned) for planned in trials]
        wrong = [value for value in values if value is not None and not is_number(value)]
        if wrong:
            yield (*place, key), f"a surface needs numbers, and '{parameter}' is {wrong[0]!r}"
        elif not any(map(is_number, values)):
            yield (*place, key), f"a surface needs numbers, and '{parameter}' has none"
        elif len(shown.units) > 1:
            units = ", ".join(unit or "none" for unit in shown.units)
            yield (*place, key), f"a surface needs one unit, and '{parameter}' has {units}"
    for key, message in misplaced(view, logarithmic(sweep, view, trials), trials):
        yield (*place, key), message


def _unknown(
    axes: dict[str, str], place: KeyPath, trials: Sequence[PlannedTrial]
) -> Iterator[tuple[KeyPath, str]]:
    for key, parameter in axes.items():
        try:
            axis(trials, parameter)
        except UsageError as error:
            yield (*place, key), str(error)
