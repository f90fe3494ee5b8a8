"""Frozen, validated option sets: what losses, tasks and training settings have in common."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bench.plugin.errors import OptionError, nearest
from bench.plugin.units import Unit

_Marker = TypeVar("_Marker")
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Place:
    """Marks an option that says where data lie or training runs, and so determines no result.

    ``root: Annotated[str | None, Place()] = None``. It is part of no identity, label or column.
    """


@dataclass(frozen=True)
class Symbol:
    """How figures and tables name an option.

    Attributes:
        text: the symbol, such as ``σ`` or ``S_M``.
        name: the option in words; default its own name.
    """

    text: str
    name: str = ""


class Options(BaseModel):
    """Immutable options with units, ranges and defaults; unknown names fail.

    An option is an annotated field; the string below it, or its ``Field(description=...)``,
    describes it to users.

    Raises:
        OptionError: with one line per problem (name, rule, value, nearest valid name).
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        strict=True,
        use_attribute_docstrings=True,
    )

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

    def deviations(self) -> dict[str, Any]:
        """JSON-able options that are not at their default; places are never among them."""
        return {
            name: value
            for name, value in self.without_places(self.options()).items()
            if not _is_default(type(self).model_fields[name], value)
        }

    @classmethod
    def places(cls) -> frozenset[str]:
        """Options that are marked as a `Place`."""
        return _places(cls)

    @classmethod
    def without_places(cls, options: Mapping[str, _Value]) -> dict[str, _Value]:
        """What determines results: not where data lie, nor where training runs.

        Args:
            options: anything by option name.
        """
        places = cls.places()
        return {name: value for name, value in options.items() if name not in places}


@cache
def _places(cls: type[Options]) -> frozenset[str]:
    return frozenset(name for name, field in cls.model_fields.items() if _marked(field, Place))


def unit_of(field: FieldInfo) -> Unit | None:
    """Unit of a field, or None."""
    return _marked(field, Unit)


def symbol_of(field: FieldInfo) -> Symbol | None:
    """Symbol of a field, or None."""
    return _marked(field, Symbol)


def _marked(field: FieldInfo, kind: type[_Marker]) -> _Marker | None:
    return next((item for item in field.metadata if isinstance(item, kind)), None)


def _is_default(field: FieldInfo, value: Any) -> bool:
    """Whether a written-out value is that of the default; False for options that are required."""
    if field.is_required():
        return False
    default = field.get_default(call_default_factory=True)
    return bool(value == (default.options() if isinstance(default, Options) else default))


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
