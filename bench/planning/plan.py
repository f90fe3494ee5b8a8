"""From a sweep to its trials: draws, validation of every option, skips. Nothing is run here."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.planning.earlier_results import NoResults, Results, StoredResults
from bench.planning.surface_rounds import SurfaceRounds, SurfaceSearch
from bench.planning.trial import PlannedTrial, create, planned_trial
from bench.planning.tuning import Study, study_specs
from bench.plugin import Choice, Domain, OptionError, Task, TrainSettings, UsageError
from bench.plugin.registry import losses as loss_registry
from bench.plugin.registry import tasks as task_registry
from bench.specs.domains import Grid, draw, find_domains, replace
from bench.specs.resources import Resources
from bench.specs.search_checks import SEQUENTIAL, check_search, with_search_spaces
from bench.specs.show_checks import check_views
from bench.specs.sweep import Source, Sweep, load
from bench.specs.yaml_file import KeyPath
from results.store.trial_source import TrialSource

__all__ = ["Plan", "PlannedTrial", "Study", "plan"]


@dataclass(frozen=True)
class Plan:
    """The trials of a sweep at a scale, in the order in which they run.

    Attributes:
        studies: of a search that tunes losses, one per task setting and loss.
        rounds: of a sequential search that are planned; 0 for a sweep that needs no results.
        unplanned: trials, at most, that depend on results still to come.
    """

    sweep: Sweep
    scale: str
    resources: Resources
    trials: tuple[PlannedTrial, ...]
    tasks: tuple[Task, ...] = field(default=())
    studies: tuple[Study, ...] = ()
    rounds: int = 0
    unplanned: int = 0
    source: Source | None = field(default=None, repr=False, compare=False)

    @property
    def ids(self) -> list[str]:
        """Trial ids in planned order."""
        return [planned.trial_id for planned in self.trials]

    @property
    def open(self) -> bool:
        """Whether trials are still to be planned, when those planned have ended."""
        return self.unplanned > 0

    def after(self, results: TrialSource | Results) -> Plan:
        """The plan as far as ``results`` allow: a sequential search goes on from what they hold."""
        if self.source is None or self.sweep.search not in SEQUENTIAL:
            return self
        return _sequential(self.source, _results(results))


def plan(
    name_or_file: str,
    scale: str = "laptop",
    *,
    trials: int | None = None,
    replicates: int | None = None,
    overrides: dict[str, Any] | None = None,
    results: TrialSource | Results | None = None,
) -> Plan:
    """Plan a shipped sweep or a specification file.

    Args:
        trials: number of random draws instead of the specification's.
        replicates: number of replicates instead of the specification's.
        overrides: dotted keys and values, applied after the scale.
        results: of earlier trials; without them a sequential search has its first round only.

    Raises:
        UsageError: all problems at once, each with file and line.
    """
    problems = [
        f"--{option} must be a positive number, got {value}"
        for option, value in (("trials", trials), ("replicates", replicates))
        if value is not None and value <= 0
    ]
    if problems:
        raise UsageError(problems)
    source = load(name_or_file, scale, overrides)
    changes = {"trials": trials, "replicates": replicates}
    sweep = source.sweep.model_copy(
        update={key: value for key, value in changes.items() if value is not None}
    )
    if sweep.search == "optuna":
        sweep = with_search_spaces(sweep)
    source = Source(sweep, source.file, scale)
    random = _check(source)
    if sweep.search in SEQUENTIAL:
        return _sequential(source, _results(results))
    return _expand(source, random)


def _results(results: TrialSource | Results | None) -> Results:
    if results is None:
        return NoResults()
    return results if isinstance(results, Results) else StoredResults(results)


def _check(source: Source) -> bool:
    """Whether any domain is drawn from at random.

    Raises:
        UsageError: all problems of the specification.
    """
    sweep, at = source.sweep, source.file.at
    problems = _check_sections(source)
    domains = [domain for _, domain in _all_domains(sweep)]
    searched = [domain for domain in domains if isinstance(domain, Domain)]
    random = any(not isinstance(domain, Grid) for domain in searched)
    problems += [at(place, message) for place, message in check_search(sweep)]
    if sweep.search == "grid" and random:
        if any(not isinstance(domain, Grid | Choice) for domain in searched):
            problems.append(at(("search",), "search 'grid' needs grid or choice domains only"))
        else:
            random = False
    if sweep.search not in SEQUENTIAL:
        if random and sweep.trials is None:
            problems.append(at((), "a sweep with random domains needs 'trials'"))
        # A domain that is wrong may have been meant to be random.
        if sweep.trials is not None and not random and len(searched) == len(domains):
            problems.append(at(("trials",), "'trials' has no effect: no domain is drawn at random"))
    if problems:
        raise UsageError(list(dict.fromkeys(problems)))
    return random


def _expand(source: Source, random: bool) -> Plan:
    """All trials of a sweep that needs no results."""
    sweep, train = source.sweep, TrainSettings(**source.sweep.train)
    trials: list[PlannedTrial] = []
    for index in range(sweep.trials or 1):
        for task_spec, loss_spec in itertools.product(sweep.tasks, sweep.losses):
            for task_options, loss_options in itertools.product(
                _values(sweep, "task", task_spec, index, random),
                _values(sweep, "loss", loss_spec, index, random),
            ):
                task, loss = create("task", task_options), create("loss", loss_options)
                trials += (
                    planned_trial(task, loss, train, source.scale, replicate)
                    for replicate in _replicates(sweep, index, random)
                )
    return _collect(source, trials)


def _sequential(source: Source, results: Results) -> Plan:
    """Every round of a sequential search whose predecessors have ended."""
    sweep, train = source.sweep, TrainSettings(**source.sweep.train)
    searches: Sequence[Study | SurfaceRounds]
    if sweep.search == "surface":
        studies: list[Study] = []
        searches = [SurfaceSearch(sweep, source.scale, train).plan(results)]
    else:
        studies = [spec.plan(results) for spec in study_specs(sweep, source.scale, train)]
        searches = studies
    by_number = itertools.zip_longest(*(search.rounds for search in searches), fillvalue=())
    return _collect(
        source,
        (planned for number in by_number for trials in number for planned in trials),
        studies=tuple(studies),
        rounds=max(len(search.rounds) for search in searches),
        unplanned=sum(search.unplanned for search in searches),
    )


def _collect(source: Source, trials: Iterable[PlannedTrial], **search: Any) -> Plan:
    """The plan of these trials, each once."""
    planned: dict[str, PlannedTrial] = {}
    tasks: dict[str, Task] = {}
    for trial in trials:
        planned.setdefault(trial.trial_id, trial)
        tasks.setdefault(trial.trial.task.data_version, trial.trial.task)
    return Plan(
        source.sweep,
        source.scale,
        Resources(**source.sweep.resources),
        tuple(planned.values()),
        tuple(tasks.values()),
        source=source,
        **search,
    )


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


def _sections(sweep: Sweep) -> Iterator[tuple[KeyPath, str, dict[str, Any]]]:
    for section, value in (("task", sweep.task), ("loss", sweep.loss)):
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield (section, number), section, item
        else:
            yield (section,), section, value


def _all_domains(sweep: Sweep) -> Iterator[tuple[KeyPath, Any]]:
    for place, _, options in _sections(sweep):
        for path, domain in find_domains(options):
            yield (*place, *path), domain


def _check_sections(source: Source) -> list[str]:
    """Every problem in the options of tasks, losses, training and resources, with its line."""
    sweep, at = source.sweep, source.file.at
    problems: list[str] = []
    built: dict[str, list[Any]] = {"task": [], "loss": []}
    for place, section, options in _sections(sweep):
        objects, found = _check_plugin(section, options)
        problems += [at((*place, *path), message) for path, message in found]
        built[section] += objects
        if section == "task" and objects:
            try:
                objects[0].check_data()
            except UsageError as error:
                problems += [at((*place, "root"), problem) for problem in error.problems]
    for section in ("task", "loss"):
        if isinstance(getattr(sweep, section), list) and not getattr(sweep, section):
            problems.append(at((section,), f"'{section}' is an empty list"))
    for key, settings in (("train", TrainSettings), ("resources", Resources)):
        try:
            settings(**getattr(sweep, key))
        except OptionError as error:
            problems += [
                at((key, *path), problem)
                for path, problem in zip(error.paths, error.problems, strict=True)
            ]
    for task, loss in itertools.product(built["task"], built["loss"]):
        if not task.heads & loss.heads:
            problems.append(
                at(
                    ("loss",),
                    f"loss '{loss.plugin_name}' takes {_names(loss.heads)}, but task "
                    f"'{task.plugin_name}' offers {_names(task.heads)}",
                )
            )
    if not problems:
        views = check_views(sweep, built["task"], built["loss"])
        problems += [at(place, message) for place, message in views]
    return problems


def _check_plugin(
    section: str, options: dict[str, Any]
) -> tuple[list[Any], list[tuple[KeyPath, str]]]:
    """Objects built at the ends of every domain, and the problems met as (path, message)."""
    if not isinstance(options.get("name"), str):
        return [], [((), f"'{section}' needs a 'name'")]
    registry = task_registry if section == "task" else loss_registry
    try:
        registry.get(options["name"])
    except UsageError as error:
        return [], [(("name",), str(error))]
    domains: dict[KeyPath, Domain] = {}
    found: dict[tuple[KeyPath, str], None] = {}
    for path, domain in find_domains(options):
        if isinstance(domain, ValueError):
            found[(path, f"{options['name']}: option '{'.'.join(map(str, path))}' {domain}")] = None
        else:
            domains[path] = domain
    if found:
        return [], list(found)
    first = {path: domain.at(0.0) for path, domain in domains.items()}
    variants = [first]
    for path, domain in domains.items():
        variants += [{**first, path: value} for value in _extremes(domain)]
    objects = []
    for values in variants:
        try:
            objects.append(create(section, replace(options, values)))
        except OptionError as error:
            found.update(dict.fromkeys(zip(error.paths, error.problems, strict=True)))
        except UsageError as error:
            found.update({((), problem): None for problem in error.problems})
    return objects[:1], list(found)


def _extremes(domain: Domain) -> tuple[Any, ...]:
    if isinstance(domain, Grid | Choice):
        return domain.values
    return (domain.at(1 - 2.0**-53),)


def _names(heads: frozenset[str]) -> str:
    return "the head " + " or ".join(sorted(heads))
