"""Domains inside a specification: ``{uniform: [0, 1]}`` and its kin, and keyed random draws."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.plugin import Choice, Domain, IntUniform, LogUniform, Uniform


@dataclass(frozen=True)
class Grid(Domain):
    """Every one of the listed values."""

    values: tuple[Any, ...]

    def at(self, fraction: float) -> Any:
        return self.values[int(fraction * len(self.values))]

    def describe(self) -> dict[str, list[Any]]:
        return {"grid": list(self.values)}


def _grid(*values: Any) -> Grid:
    if not values:
        raise ValueError("grid needs at least one value, got an empty list")
    return Grid(values)


DOMAINS: dict[str, Callable[..., Domain]] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "int": IntUniform,
    "choice": Choice,
    "grid": _grid,
}


def parse_domain(value: Any) -> Domain | None:
    """The domain that a value of a specification stands for, or None when it is a plain value.

    Raises:
        ValueError: it looks like a domain and is none (empty, reversed, wrong bounds).
    """
    if not (isinstance(value, dict) and len(value) == 1):
        return None
    kind, arguments = next(iter(value.items()))
    if kind not in DOMAINS:
        return None
    if not isinstance(arguments, list):
        raise ValueError(f"{kind} needs a list, got {arguments!r}")
    if kind in ("uniform", "log_uniform", "int"):
        if len(arguments) != 2:
            raise ValueError(f"{kind} needs [low, high], got {arguments}")
        if not all(isinstance(x, int | float) and not isinstance(x, bool) for x in arguments):
            raise ValueError(f"{kind} needs two numbers, got {arguments}")
    return DOMAINS[kind](*arguments)


def find_domains(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Every domain inside nested options, as (path, domain or the ValueError it raised)."""
    try:
        domain = parse_domain(value)
    except ValueError as error:
        yield path, error
        return
    if domain is not None:
        yield path, domain
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from find_domains(inner, (*path, key))


def replace(options: dict[str, Any], values: dict[tuple[str | int, ...], Any]) -> dict[str, Any]:
    """Copy of nested ``options`` with the domain at each path replaced by its value."""

    def rebuilt(node: Any, path: tuple[str | int, ...]) -> Any:
        if path in values:
            return values[path]
        if isinstance(node, dict):
            return {key: rebuilt(inner, (*path, key)) for key, inner in node.items()}
        return node

    result: dict[str, Any] = rebuilt(options, ())
    return result


def draw(sweep: str, parameter: str, index: int) -> float:
    """A uniform draw in [0, 1) that depends on these three alone.

    Adding a parameter or more trials to a sweep leaves all earlier draws as they were.
    """
    digest = hashlib.sha256(f"{sweep}\0{parameter}\0{index}".encode()).digest()
    return float(np.frombuffer(digest[:8], dtype="<u8")[0] >> np.uint64(11)) * 2.0**-53
