"""What can be wrong with a specification beyond its form, each problem with its line."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from bench.planning.trial import create
from bench.plugin import Choice, Domain, OptionError, Task, UsageError
from bench.plugin.registry import losses as loss_registry
from bench.plugin.registry import tasks as task_registry
from bench.specs.domains import Grid, find_domains, replace
from bench.specs.resources import Resources
from bench.specs.search_checks import SEQUENTIAL, check_search
from bench.specs.sweep import METHOD, Source, Sweep
from bench.specs.train_section import train_settings
from bench.specs.yaml_file import KeyPath


def check(source: Source) -> bool:
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


def _sections(sweep: Sweep) -> Iterator[tuple[KeyPath, str, dict[str, Any]]]:
    """Tasks and losses with their places in the file."""
    for section, value, several in (
        ("task", sweep.task, sweep.tasks),
        ("loss", sweep.loss, sweep.losses),
    ):
        for number, item in enumerate(several):
            yield ((section, number) if isinstance(value, list) else (section,)), section, item


def _all_domains(sweep: Sweep) -> Iterator[tuple[KeyPath, Any]]:
    for place, _, options in _sections(sweep):
        for path, domain in find_domains(options):
            yield (*place, *path), domain
    for path, domain in find_domains(sweep.train):
        yield ("train", *path), domain


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
    for place, method in _methods(sweep):
        if method is not None and not (isinstance(method, str) and method.strip()):
            problems.append(at((*place, METHOD), f"'{METHOD}' names a method, got {method!r}"))
    found = _check_train(sweep, built["task"])
    problems += [at(("train", *path), problem) for path, problem in found]
    try:
        Resources(**sweep.resources)
    except OptionError as error:
        problems += [
            at(("resources", *path), problem)
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
    return problems


def _methods(sweep: Sweep) -> Iterator[tuple[KeyPath, Any]]:
    for number, method in enumerate(sweep.methods):
        yield (("loss", number) if isinstance(sweep.loss, list) else ("loss",)), method


def _check_train(sweep: Sweep, tasks: Sequence[Task]) -> list[tuple[KeyPath, str]]:
    """Problems of ``train`` with the defaults of every task (or our own) as (path, message)."""
    found: dict[tuple[KeyPath, str], None] = {}
    for task in dict.fromkeys(map(type, tasks)) or (Task,):
        build = partial(train_settings, task)
        found.update(dict.fromkeys(_build_all(build, "train", sweep.train)[1]))
    return list(found)


def _check_plugin(
    section: str, options: dict[str, Any]
) -> tuple[list[Any], list[tuple[KeyPath, str]]]:
    """The first object built, and the problems of any as (path, message)."""
    if not isinstance(options.get("name"), str):
        return [], [((), f"'{section}' needs a 'name'")]
    registry = task_registry if section == "task" else loss_registry
    try:
        registry.get(options["name"])
    except UsageError as error:
        return [], [(("name",), str(error))]
    return _build_all(partial(create, section), options["name"], options)


def _build_all(
    build: Callable[[dict[str, Any]], Any], owner: str, options: dict[str, Any]
) -> tuple[list[Any], list[tuple[KeyPath, str]]]:
    """Build with the ends of every domain: the first object, and the problems met."""
    domains: dict[KeyPath, Domain] = {}
    found: dict[tuple[KeyPath, str], None] = {}
    for path, domain in find_domains(options):
        if isinstance(domain, ValueError):
            found[(path, f"{owner}: option '{'.'.join(map(str, path))}' {domain}")] = None
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
            objects.append(build(replace(options, values)))
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
