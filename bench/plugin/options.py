"""Frozen, validated option sets: what losses, tasks and training settings have in common."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping
from typing import Any, ClassVar

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bench.plugin.errors import OptionError, nearest
from bench.plugin.units import Unit

_RULES = {Gt: (">", "gt"), Ge: (">=", "ge"), Lt: ("<", "lt"), Le: ("<=", "le")}


class Options(BaseModel):
    """Immutable options with units, ranges and defaults; unknown names fail.

    Raises:
        OptionError: with one line per problem (name, rule, value, nearest valid name).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    plugin_name: ClassVar[str] = ""

    def __init__(self, **options: Any) -> None:
        try:
            super().__init__(**options)
        except ValidationError as error:
            found = [_explain(type(self), d) for d in error.errors(include_url=False)]
            problems, paths = zip(*itertools.chain.from_iterable(found), strict=True)
            raise OptionError(problems, paths) from None

    @model_validator(mode="before")
    @classmethod
    def _convert_quantities(cls, options: Any) -> Any:
        """Turn quantities written with their unit (``"100 ms"``) into numbers.

        What is no quantity of that unit stays as it is and fails as no number.
        """
        if not isinstance(options, Mapping):
            return options
        converted = dict(options)
        for name, field in cls.model_fields.items():
            unit, value = unit_of(field), converted.get(name)
            if unit is not None and isinstance(value, str):
                with contextlib.suppress(ValueError):
                    converted[name] = unit.parse(value)
        return converted

    def options(self) -> dict[str, Any]:
        """JSON-able options, defaults included; ``type(self)(**options)`` gives an equal object."""
        return self.model_dump(mode="json")


def unit_of(field: FieldInfo) -> Unit | None:
    """Unit of a field, or None."""
    return next((item for item in field.metadata if isinstance(item, Unit)), None)


def bounds_of(field: FieldInfo) -> str:
    """Range rule of a field as text, e.g. ``> 0, <= 1``; empty when it has none."""
    rules = []
    for item in field.metadata:
        for rule, (sign, attribute) in _RULES.items():
            if isinstance(item, rule):
                rules.append(f"{sign} {getattr(item, attribute)}")
    return ", ".join(rules)


def describe_options(cls: type[Options]) -> list[dict[str, Any]]:
    """One row per option: name, type, unit, range, default, description. JSON-able."""
    rows = []
    for name, field in cls.model_fields.items():
        unit = unit_of(field)
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            default = default.model_dump(mode="json")
        rows.append(
            {
                "name": name,
                "type": _type_name(field.annotation),
                "unit": unit.symbol if unit else None,
                "range": bounds_of(field) or None,
                "required": field.is_required(),
                "default": default,
                "description": field.description,
            }
        )
    return rows


def _type_name(annotation: Any) -> str:
    return (
        annotation.__name__
        if isinstance(annotation, type)
        else str(annotation).replace("typing.", "")
    )


def _explain(owner: type[Options], detail: ErrorDetails) -> list[tuple[str, tuple[str | int, ...]]]:
    """One pydantic error as lines, each with the option it is about.

    A line holds option, rule, value and a suggestion; several lines come from options that are
    option sets themselves, such as schedules.
    """
    label, path = owner.plugin_name or owner.__name__, tuple(detail["loc"])
    option = ".".join(str(part) for part in path)
    inner = detail.get("ctx", {}).get("error")
    if isinstance(inner, OptionError):
        return [
            (f"{label}: option '{option}': {problem}", (*path, *inner_path))
            for problem, inner_path in zip(inner.problems, inner.paths, strict=True)
        ]
    return [(f"{label}: {_rule(owner, detail, option)}", path)]


def _rule(owner: type[Options], detail: ErrorDetails, option: str) -> str:
    path, kind, value = detail["loc"], detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        hint = nearest(path[-1], owner.model_fields) if len(path) == 1 else ""
        return f"unknown option '{option}'{hint}"
    if kind == "missing":
        return f"option '{option}' is missing"
    rule = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if not path:  # a check over several options
        return rule
    field = owner.model_fields.get(str(path[0]))
    unit = unit_of(field) if field is not None else None
    if unit is not None and isinstance(value, str):
        try:
            unit.parse(value)
        except ValueError as error:
            return f"option '{option}': {error}"
    suffix = f" {unit.symbol}" if unit else ""
    return f"option '{option}' {rule}{suffix}, got {value!r}"
