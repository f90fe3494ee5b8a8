"""Other values that a task's options can take, to see what each of them changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import TaskCase
from bench.plugin import UsageError, describe_options

_FRACTIONS = (0.99, 0.5, 0.1)
_FACTORS = (2.0, 0.5)
_LEVELS = (1.0, 0.1, 10.0, 0.01)


def free_options(case: TaskCase) -> list[str]:
    """Options that may determine a result and are not the amount of data."""
    return [name for name in case.cls.without_places(case.cls.model_fields) if name != "size"]


def other_values(case: TaskCase, option: str, most: int = 2) -> list[Any]:
    """Up to ``most`` values of ``option`` that the task accepts beside the one it has."""
    now = case.make().options()[option]
    found: list[Any] = []
    for value in _candidates(case, option, now):
        if len(found) == most:
            break
        try:
            options = case.make(**{option: value}).options()
        except UsageError:
            continue
        if options[option] != now and options[option] not in found:
            found.append(options[option])
    return found


def is_level(case: TaskCase, option: str) -> bool:
    """Whether the option is a continuous quantity."""
    return str(_kind(case, option)["type"]).startswith("float")


def quiet(case: TaskCase) -> TaskCase:
    """The same case with all label noise at its default."""
    fields = case.cls.model_fields
    defaults = {
        option: fields[option].get_default(call_default_factory=True)
        for option in case.cls.label_noise
        if not fields[option].is_required()
    }
    return dataclasses.replace(case, options={**case.options, **defaults})


def noise_at_work(case: TaskCase) -> dict[str, Any]:
    """Options with every declared level of label noise well above none.

    Raises:
        NotApplicable: no label noise is declared.
    """
    if not case.cls.label_noise:
        raise NotApplicable("it declares no label noise")
    levels = [option for option in case.cls.label_noise if is_level(case, option)]
    values = {option: other_values(case, option, 1) for option in levels}
    return {option: found[0] for option, found in values.items() if found}


def _kind(case: TaskCase, option: str) -> dict[str, Any]:
    return next(row for row in describe_options(case.cls) if row["name"] == option)


def _candidates(case: TaskCase, option: str, now: Any) -> Iterator[Any]:
    domain, row = case.cls.space.get(option), _kind(case, option)
    if domain is not None:
        yield from (domain.at(fraction) for fraction in _FRACTIONS)
    yield from row["choices"] or ()
    kind = row["type"].removesuffix(" or none")
    if kind == "bool":
        yield not now
    if kind == "int":
        yield from (now + 1, now * 2, now - 1) if now is not None else ()
        yield from (1, 2, 4)
    if kind == "float":
        yield from (now * factor for factor in _FACTORS if now)
        yield from _LEVELS
