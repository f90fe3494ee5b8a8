"""Frozen, validated option sets: what losses, tasks and training settings have in common."""

from __future__ import annotations

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
            owner = type(self)
            details = error.errors(include_url=False)
            raise OptionError(
                [_explain(owner, detail) for detail in details],
                [tuple(detail["loc"]) for detail in details],
            ) from None

    @model_validator(mode="before")
    @classmethod
    def _convert_quantities(cls, options: Any) -> Any:
        """Turn quantities written with their unit (``"100 ms"``) into numbers."""
        if not isinstance(options, Mapping):
            return options
        converted = dict(options)
        for name, field in cls.model_fields.items():
            unit, value = unit_of(field), converted.get(name)
            if unit is not None and isinstance(value, str):
                try:
                    converted[name] = unit.parse(value)
                except ValueError as error:
                    raise ValueError(f"option '{name}': {error}") from None
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


def _explain(owner: type[Options], detail: ErrorDetails) -> str:
    """One line for one pydantic error: which option, the rule, the value, a suggestion."""
    label = owner.plugin_name or owner.__name__
    location = [str(part) for part in detail["loc"]]
    option, kind, value = ".".join(location), detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        hint = nearest(location[-1], owner.model_fields) if len(location) == 1 else ""
        return f"{label}: unknown option '{option}'{hint}"
    if kind == "missing":
        return f"{label}: option '{option}' is missing"
    if not location:  # a check over several options, or a quantity in the wrong unit
        return f"{label}: {detail['msg'].removeprefix('Value error, ')}"
    field = owner.model_fields.get(location[0])
    unit = unit_of(field) if field is not None else None
    suffix = f" {unit.symbol}" if unit else ""
    rule = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{label}: option '{option}' {rule}{suffix}, got {value!r}"
