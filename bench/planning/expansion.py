"""From a sweep to its trials: domains drawn from, grids expanded, replicates, search rounds."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.planning.earlier_results import Results
from bench.planning.surface_rounds import SurfaceRounds, SurfaceSearch
from bench.planning.trial import PlannedTrial, canonical_json, create, planned_trial
from bench.planning.tuning import Study, plan_studies
from bench.plugin import Choice, UsageError
from bench.specs.domains import Grid, draw, find_domains, replace
from bench.specs.sweep import Source, Sweep
from bench.specs.train_section import train_settings
from bench.specs.yaml_file import KeyPath


@dataclass(frozen=True)
class Expansion:
    """Trials of a sweep in the order in which they run, each once; the rest as in a plan."""

    trials: tuple[PlannedTrial, ...]
    studies: tuple[Study, ...] = ()
    rounds: int = 0
    unplanned: int = 0


def expand(source: Source, random: bool) -> Expansion:
    """All trials of a sweep that needs no results.

    Args:
        random: whether any of its domains is drawn from at random.
    """
    sweep = source.sweep
    methods = list(zip(sweep.losses, sweep.methods, strict=True))
    trials: list[PlannedTrial] = []
    for index in range(sweep.trials or 1):
        for task_spec, (loss_spec, method) in itertools.product(sweep.tasks, methods):
            for task_options, loss_options, train_options in itertools.product(
                _values(sweep, "task", task_spec, index, random),
                _values(sweep, "loss", loss_spec, index, random),
                _values(sweep, "train", sweep.train, index, random),
            ):
                task, loss = create("task", task_options), create("loss", loss_options)
                train = train_settings(task, train_options)
                trials += (
                    planned_trial(task, loss, train, source.scale, replicate, method)
                    for replicate in _replicates(sweep, index, random)
                )
    _check_methods(source, trials)
    return Expansion(_once(trials))


def expand_search(source: Source, results: Results) -> Expansion:
    """Every round of a sequential search whose predecessors have ended."""
    sweep = source.sweep
    searches: Sequence[Study | SurfaceRounds]
    if sweep.search == "surface":
        studies: list[Study] = []
        searches = [SurfaceSearch(sweep, source.scale).plan(results)]
    else:
        studies = plan_studies(sweep, source.scale, results)
        searches = studies
    _check_methods(
        source,
        [planned for study in studies for trials in study.rounds for planned in trials],
        one_setting=False,
    )
    by_number = itertools.zip_longest(*(search.rounds for search in searches), fillvalue=())
    return Expansion(
        _once(planned for number in by_number for trials in number for planned in trials),
        studies=tuple(studies),
        rounds=max(len(search.rounds) for search in searches),
        unplanned=sum(search.unplanned for search in searches),
    )


def _check_methods(
    source: Source, trials: Iterable[PlannedTrial], one_setting: bool = True
) -> None:
    """A method's name stands for one loss in each task setting, and a loss has one name.

    Args:
        one_setting: False for a search, which tries many settings under one name.

    Raises:
        UsageError: it is not so.
    """
    names: dict[str, str | None] = {}
    settings: dict[tuple[str, str], str] = {}
    for planned in trials:
        known = names.setdefault(planned.trial_id, planned.method)
        if known != planned.method:
            both = " and ".join(
                f"'{name or planned.trial.loss.plugin_name}'" for name in (known, planned.method)
            )
            message = f"one loss with the same options goes by two names, {both}"
            raise UsageError(source.file.at(("loss",), message))
        if one_setting and planned.method is not None:
            place = canonical_json({**planned.trial.identity, "loss": None})
            if settings.setdefault((planned.method, place), planned.trial_id) != planned.trial_id:
                message = (
                    f"'{planned.method}' names several losses of one task setting and replicate"
                )
                raise UsageError(source.file.at(("loss",), message))


def _once(trials: Iterable[PlannedTrial]) -> tuple[PlannedTrial, ...]:
    found: dict[str, PlannedTrial] = {}
    for planned in trials:
        found.setdefault(planned.trial_id, planned)
    return tuple(found.values())


def _replicates(sweep: Sweep, index: int, random: bool) -> range:
    """Replicates of draw ``index``: a random sweep gives every draw a replicate of its own."""
    if sweep.replicates is None and random:
        return range(index, index + 1)
    return range(sweep.replicates or 1)


def _values(
    sweep: Sweep, section: str, spec: dict[str, Any], index: int, random: bool
) -> Iterator[dict[str, Any]]:
    """Options of draw ``index``: grids expanded, everything else drawn at random."""
    drawn: dict[KeyPath, Any] = {}
    grids: dict[KeyPath, tuple[Any, ...]] = {}
    for path, domain in find_domains(spec):
        if isinstance(domain, Grid) or (isinstance(domain, Choice) and not random):
            grids[path] = domain.values
        else:
            parameter = ".".join([section, *map(str, path)])
            drawn[path] = domain.at(draw(sweep.name, parameter, index))
    for values in itertools.product(*grids.values()):
        yield replace(spec, drawn | dict(zip(grids, values, strict=True)))
