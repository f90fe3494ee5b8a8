"""From a sweep to its trials: draws, validation of every option, skips. Nothing is run here."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.domains import Grid, draw, find_domains, replace
from bench.identity import Trial
from bench.plugin import HEADS, Choice, Domain, Loss, OptionError, Task, UsageError
from bench.plugin.registry import losses as loss_registry
from bench.plugin.registry import tasks as task_registry
from bench.settings import Resources, TrainSettings
from bench.specfile import KeyPath
from bench.sweep import Source, Sweep, load
from bench.views import check_views


@dataclass(frozen=True)
class PlannedTrial:
    """A trial that the sweep must have, and why it is skipped if it is."""

    trial: Trial
    trial_id: str
    skip_reason: str | None = None


@dataclass(frozen=True)
class Plan:
    """All trials of a sweep at a scale, in the order in which they run."""

    sweep: Sweep
    scale: str
    resources: Resources
    trials: tuple[PlannedTrial, ...]
    tasks: tuple[Task, ...] = field(default=())

    @property
    def ids(self) -> list[str]:
        """Trial ids in planned order."""
        return [planned.trial_id for planned in self.trials]


def plan(
    name_or_file: str,
    scale: str = "laptop",
    *,
    trials: int | None = None,
    replicates: int | None = None,
    overrides: dict[str, Any] | None = None,
) -> Plan:
    """Plan a shipped sweep or a specification file.

    Args:
        trials: number of random draws instead of the specification's.
        replicates: number of replicates instead of the specification's.
        overrides: dotted keys and values, applied after the scale.

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
    return _expand(Source(sweep, source.file, scale))


def _expand(source: Source) -> Plan:
    sweep, at = source.sweep, source.file.at
    problems = _check_sections(source)
    domains = [domain for _, domain in _all_domains(sweep)]
    searched = [domain for domain in domains if isinstance(domain, Domain)]
    random = any(not isinstance(domain, Grid) for domain in searched)
    if sweep.search == "grid" and random:
        if any(not isinstance(domain, Grid | Choice) for domain in searched):
            problems.append(at(("search",), "search 'grid' needs grid or choice domains only"))
        else:
            random = False
    if random and sweep.trials is None:
        problems.append(at((), "a sweep with random domains needs 'trials'"))
    # A domain that is wrong may have been meant to be random.
    if sweep.trials is not None and not random and len(searched) == len(domains):
        problems.append(at(("trials",), "'trials' has no effect: no domain is drawn at random"))
    if problems:
        raise UsageError(list(dict.fromkeys(problems)))

    train, resources = TrainSettings(**sweep.train), Resources(**sweep.resources)
    planned: dict[str, PlannedTrial] = {}
    tasks: dict[str, Task] = {}
    for index in range(sweep.trials or 1):
        for task_spec, loss_spec in itertools.product(sweep.tasks, sweep.losses):
            for task_options, loss_options in itertools.product(
                _values(sweep, "task", task_spec, index, random),
                _values(sweep, "loss", loss_spec, index, random),
            ):
                task, loss = _create("task", task_options), _create("loss", loss_options)
                tasks.setdefault(task.data_version, task)
                for replicate in _replicates(sweep, index, random):
                    trial = Trial(task, loss, train, source.scale, replicate, _head(task, loss))
                    planned.setdefault(
                        trial.trial_id, PlannedTrial(trial, trial.trial_id, task.skip(loss))
                    )
    return Plan(sweep, source.scale, resources, tuple(planned.values()), tuple(tasks.values()))


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


def _create(section: str, options: dict[str, Any]) -> Any:
    registry = task_registry if section == "task" else loss_registry
    options = dict(options)
    return registry.get(options.pop("name"))(**options)


def _head(task: Task, loss: Loss) -> str:
    return next(head for head in HEADS if head in task.heads & loss.heads)


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
            objects.append(_create(section, replace(options, values)))
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
