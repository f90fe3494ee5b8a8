"""Mistakes in what a specification says about its search, with their places in the file."""

from __future__ import annotations

from collections.abc import Iterator

from bench.domains import Grid, find_domains
from bench.plugin import Domain, UsageError
from bench.plugin.registry import losses as loss_registry
from bench.settings import TrainSettings
from bench.specfile import KeyPath
from bench.sweep import Asha, Sweep

SEQUENTIAL = ("optuna", "surface")
"""Searches in which later trials depend on the results of earlier ones."""


def with_search_spaces(sweep: Sweep) -> Sweep:
    """The sweep with each loss that has no domain given those of its own search space.

    Options that the specification sets stay as they are.
    """
    losses = [_with_space(options) for options in sweep.losses]
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
    for key in ("finalists", "scheduler"):
        if getattr(sweep, key) is not None and search != "optuna":
            yield (key,), f"'{key}' has no effect without search 'optuna'"
    if search == "optuna":
        yield from _check_optuna(sweep)


def _check_optuna(sweep: Sweep) -> Iterator[tuple[KeyPath, str]]:
    if sweep.trials is None:
        yield ("search",), "search 'optuna' needs 'trials', the number of settings to try"
    elif sweep.finalists is not None and sweep.finalists > sweep.trials:
        message = f"'finalists' is {sweep.finalists}, more than the {sweep.trials} 'trials'"
        yield ("finalists",), message
    for number, options in enumerate(sweep.tasks):
        place: KeyPath = ("task", number) if isinstance(sweep.task, list) else ("task",)
        for path, domain in find_domains(options):
            if isinstance(domain, Domain) and not isinstance(domain, Grid):
                yield (
                    (*place, *path),
                    "search 'optuna' tunes losses; a task takes values or a grid",
                )
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
    steps = sweep.train.get("steps", TrainSettings.model_fields["steps"].default)
    if isinstance(steps, int) and asha.min_steps >= steps:
        yield (
            ("scheduler", "asha", "min_steps"),
            f"'min_steps' must be less than the {steps} steps of a full training, "
            f"got {asha.min_steps}",
        )
