"""Mistakes in what a specification says about its search, with their places in the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

from bench.plugin import Domain, LogUniform, Uniform, UsageError
from bench.plugin.registry import losses as loss_registry
from bench.plugin.registry import tasks as task_registry
from bench.specs.domains import Grid, find_domains
from bench.specs.sweep import Asha, Sweep
from bench.specs.yaml_file import KeyPath

SEQUENTIAL = ("optuna", "surface")
"""Searches in which later trials depend on the results of earlier ones."""


def with_search_spaces(sweep: Sweep) -> Sweep:
    """The sweep with each loss that has no domain given those of its own search space.

    Options that the specification sets stay as they are.
    """
    losses = [_with_space(entry) for entry in sweep.loss_entries]
    return sweep.model_copy(update={"loss": losses if isinstance(sweep.loss, list) else losses[0]})


def _with_space(options: dict[str, object]) -> dict[str, object]:
    try:
        space: dict[str, Domain] = loss_registry.get(str(options.get("name"))).space
    except UsageError:
        return options  # reported where options are checked
    if any(True for _ in find_domains(options)):
        return options
    return options | {
        name: domain.describe() for name, domain in space.items() if name not in options
    }


def check_search(sweep: Sweep) -> Iterator[tuple[KeyPath, str]]:
    """Problems of ``search`` and its options as (place, message)."""
    search = sweep.search or "random"
    for key in ("initial", "batch"):
        if getattr(sweep, key) is not None and search not in SEQUENTIAL:
            yield (key,), f"'{key}' has no effect without search 'optuna' or 'surface'"
    if sweep.scheduler is not None and search != "optuna":
        yield ("scheduler",), "'scheduler' has no effect without search 'optuna'"
    if search == "optuna":
        yield from _check_optuna(sweep)
    if search == "surface":
        yield from _check_surface(sweep)


def _check_optuna(sweep: Sweep) -> Iterator[tuple[KeyPath, str]]:
    if sweep.trials is None:
        yield ("search",), "search 'optuna' needs 'trials', the number of settings to try"
    for number, options in enumerate(sweep.tasks):
        place: KeyPath = ("task", number) if isinstance(sweep.task, list) else ("task",)
        for path, domain in find_domains(options):
            if isinstance(domain, Domain) and not isinstance(domain, Grid):
                yield (
                    (*place, *path),
                    "search 'optuna' tunes losses; a task takes values or a grid",
                )
    for path, domain in find_domains(sweep.train):
        if isinstance(domain, Domain) and not isinstance(domain, Grid):
            yield ("train", *path), "search 'optuna' tunes losses; 'train' takes values or a grid"
    searched = [
        domain
        for options in sweep.losses
        for _, domain in find_domains(options)
        if not isinstance(domain, Grid)
    ]
    if not searched:
        yield ("search",), "search 'optuna' finds no option of any loss to tune"
    if sweep.scheduler is not None:
        yield from _check_asha(sweep, sweep.scheduler.asha)


def _check_asha(sweep: Sweep, asha: Asha | None) -> Iterator[tuple[KeyPath, str]]:
    if asha is None:
        yield ("scheduler",), "'scheduler' names none; valid: asha"
        return
    full = list(_full_steps(sweep))
    steps = min(full, default=asha.min_steps + 1)
    if asha.min_steps >= steps:
        yield (
            ("scheduler", "asha", "min_steps"),
            f"'min_steps' must be less than the {steps} steps of a full training, "
            f"got {asha.min_steps}",
        )
        return
    needed, rung = 1, asha.min_steps
    while rung < max(full, default=0):
        needed, rung = needed * asha.reduction, rung * asha.reduction
    if sweep.trials is not None and sweep.trials < needed:
        message = f"'trials' is {sweep.trials}, but of {needed} settings one is trained in full"
        yield ("trials",), message


def _full_steps(sweep: Sweep) -> Iterator[int]:
    """Steps of full trainings, as far as they are numbers."""
    given = sweep.train.get("steps")
    if given is None:
        for options in sweep.tasks:
            with suppress(UsageError):  # an unknown task is reported where options are checked
                yield task_registry.get(str(options.get("name"))).train.steps
    grids = [domain.values for _, domain in find_domains(given) if isinstance(domain, Grid)]
    yield from (value for value in (given, *chain(*grids)) if isinstance(value, int))


def _check_surface(sweep: Sweep) -> Iterator[tuple[KeyPath, str]]:
    if sweep.trials is None:
        yield ("search",), "search 'surface' needs 'trials', the number of runs"
    if sweep.replicates is not None:
        message = "'replicates' has no effect with search 'surface': each run has its own"
        yield ("replicates",), message
    for section, several in (("task", sweep.tasks), ("loss", sweep.losses)):
        if len(several) > 1:
            yield (section,), f"search 'surface' takes one {section}, got {len(several)}"
    views = [view.surface for view in sweep.show if view.surface is not None]
    if len(views) != 1:
        message = f"search 'surface' needs one surface under 'show', got {len(views)}"
        yield ("show",) if views else ("search",), message
        return
    axes = {views[0].x, views[0].y}
    sections = (("task", sweep.tasks), ("loss", sweep.losses), ("train", [sweep.train]))
    for section, several in sections:
        for path, domain in find_domains(several[0]) if several else ():
            name = ".".join([section, *map(str, path)])
            place = (section, *([0] if isinstance(getattr(sweep, section), list) else []), *path)
            if name not in axes:
                yield place, f"search 'surface' draws the surface's x and y; '{name}' is neither"
            elif not isinstance(domain, Uniform | LogUniform | ValueError):
                yield place, f"search 'surface' needs '{name}' to be uniform or log_uniform"
            axes.discard(name)
    for axis in ("x", "y"):
        name = getattr(views[0], axis)
        if name in axes:
            number = next(i for i, view in enumerate(sweep.show) if view.surface is not None)
            message = f"search 'surface' draws '{name}', which has no domain"
            yield ("show", number, "surface", axis), message
