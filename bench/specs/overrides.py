"""Changes to a specification: those of a scale, and ``--set`` of the command line."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from bench.plugin import nearest
from bench.specs.domains import DOMAINS

Place = Callable[[str, str], str]


def apply(
    content: dict[str, Any], changes: dict[str, Any], known: set[str], place: Place
) -> tuple[dict[str, Any], list[str]]:
    """Copy of ``content`` with dotted or nested ``changes`` merged in, and the problems met.

    Args:
        known: keys of the specification that may be changed.
        place: puts the place of a change before a message.
    """
    result, problems = copy.deepcopy(content), []
    for key, value in changes.items():
        parts = key.split(".")
        if parts[0] not in known:
            problems.append(place(key, f"unknown key '{parts[0]}'{nearest(parts[0], known)}"))
            continue
        _merge(result, parts, value)
    return result, problems


def _merge(node: dict[str, Any], parts: list[str], value: Any) -> None:
    key, rest = parts[0], parts[1:]
    current = node.get(key)
    if not rest and not isinstance(value, dict):
        node[key] = value
    elif isinstance(current, list):  # a change of ``task.size`` goes to every task of the list
        for index in range(len(current)):
            holder = {key: current[index]}
            _merge(holder, parts, value)
            current[index] = holder[key]
    elif rest:
        node[key] = current if isinstance(current, dict) else {}
        _merge(node[key], rest, value)
    elif isinstance(current, dict) and not _is_leaf(value):
        for inner, inner_value in value.items():
            _merge(current, inner.split("."), inner_value)
    else:
        node[key] = value


def _is_leaf(value: Any) -> bool:
    return not isinstance(value, dict) or (len(value) == 1 and next(iter(value)) in DOMAINS)
