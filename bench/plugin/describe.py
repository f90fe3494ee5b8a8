"""Options as rows for people and machines: type, unit, range, choices, default, description."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bench.plugin.options import Options, unit_of
from bench.plugin.schedule import Schedule

_RULES = {Gt: (">", "gt"), Ge: (">=", "ge"), Lt: ("<", "lt"), Le: ("<=", "le")}


def describe_options(cls: type[Options]) -> list[dict[str, Any]]:
    """One JSON-able row per option.

    Keys: ``name``; ``type`` (``float``, ``int``, ``bool``, ``str``, ``choice`` or ``schedule``,
    and ``or none`` behind it where the option may be empty); ``unit``, the symbol, None without
    dimension; ``range``, e.g. ``> 0, <= 1``, None without bounds; ``choices``, None unless the type
    is a choice; ``required``; ``default``; ``description``.
    """
    rows = []
    for name, field in cls.model_fields.items():
        unit = unit_of(field)
        kind, choices, rules = _read(field.annotation)
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            default = default.model_dump(mode="json")
        rows.append(
            {
                "name": name,
                "type": kind,
                "unit": unit.symbol if unit else None,
                "range": ", ".join(_bounds(field) + rules) or None,
                "choices": choices,
                "required": field.is_required(),
                "default": default,
                "description": field.description,
            }
        )
    return rows


def _bounds(annotated: FieldInfo | Any) -> list[str]:
    """Range rules in the metadata of a field or of an ``Annotated`` type, e.g. ``["> 0"]``."""
    metadata = annotated.metadata if isinstance(annotated, FieldInfo) else annotated.__metadata__
    return [
        f"{sign} {getattr(item, attribute)}"
        for item in metadata
        for rule, (sign, attribute) in _RULES.items()
        if isinstance(item, rule)
    ]


def _read(annotation: Any) -> tuple[str, list[Any] | None, list[str]]:
    """Type, choices and range rules of an annotation."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return "choice", list(arguments), []
    if origin is Annotated:
        kind, choices, rules = _read(arguments[0])
        return kind, choices, rules + _bounds(annotation)
    if origin in (Union, UnionType):
        read = [_read(argument) for argument in arguments if argument is not NoneType]
        kind = " or ".join(kind for kind, _, _ in read)
        choices = [choice for _, own, _ in read for choice in own or ()]
        empty = " or none" if NoneType in arguments else ""
        return kind + empty, choices or None, [rule for _, _, rules in read for rule in rules]
    if isinstance(annotation, type) and origin is None:
        return "schedule" if annotation is Schedule else annotation.__name__, None, []
    return str(annotation).replace("typing.", ""), None, []
