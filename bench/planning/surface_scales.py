"""Which axes of a surface are logarithmic: those that the sweep says, or draws ``log_uniform``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.planning.axes import axis, is_number
from bench.planning.trial import PlannedTrial
from bench.plugin import Domain, LogUniform
from bench.specs.domains import find_domains
from bench.specs.sweep import SurfaceView, Sweep

Logarithmic = tuple[bool, bool]
"""Whether x and y are smoothed and drawn in the logarithm."""


def logarithmic(sweep: Sweep, view: SurfaceView, trials: Sequence[PlannedTrial]) -> Logarithmic:
    """Whether x and y are logarithmic.

    Without a word of the view itself, an axis is where all domains of its parameter are
    ``log_uniform`` and no trial has a value of 0 or less.
    """
    if view.log is not None:
        return "x" in view.log, "y" in view.log
    x, y = (_drawn(sweep, name) and _lowest(trials, name) > 0 for name in (view.x, view.y))
    return x, y


def misplaced(
    view: SurfaceView, logs: Logarithmic, trials: Sequence[PlannedTrial]
) -> Iterator[tuple[str, str]]:
    """Key and problem of what stands at 0 or below on a logarithmic axis."""
    for number, (name, log) in enumerate(zip((view.x, view.y), logs, strict=True)):
        if log and _lowest(trials, name) <= 0:
            yield "log", f"'{name}' is logarithmic and has {_lowest(trials, name):g}, not above 0"
        if log and view.extent is not None and view.extent[number][0] <= 0:
            low = view.extent[number][0]
            yield "extent", f"'{name}' is logarithmic: its extent must be above 0, got {low:g}"


def _drawn(sweep: Sweep, parameter: str) -> bool:
    domains = list(_domains(sweep, parameter))
    return bool(domains) and all(isinstance(domain, LogUniform) for domain in domains)


def _domains(sweep: Sweep, parameter: str) -> Iterator[Domain]:
    """Domains of a parameter, or of the schedule that it is a part of."""
    section, *path = parameter.split(".")
    entries = {"task": sweep.tasks, "loss": sweep.losses, "train": [sweep.train]}
    for options in entries.get(section, []):
        for place, domain in find_domains(options):
            if list(place) == path[: len(place)]:
                yield domain


def _lowest(trials: Sequence[PlannedTrial], parameter: str) -> float:
    """Least value that a trial has; infinity if none has a number."""
    shown = axis(trials, parameter)
    values = (shown.value(planned) for planned in trials)
    return min((float(value) for value in values if is_number(value)), default=float("inf"))
