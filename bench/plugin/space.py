"""Search spaces: what a loss declares beside itself, and what a specification draws from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


class Domain:
    """A set of values with a way to pick one from a uniform draw in [0, 1)."""

    def at(self, fraction: float) -> Any:
        """Value at quantile ``fraction``."""
        raise NotImplementedError

    def describe(self) -> dict[str, list[Any]]:
        """JSON form, the same as in a specification, e.g. ``{"uniform": [0, 1]}``."""
        raise NotImplementedError


def _check_interval(kind: str, low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"{kind} needs two finite bounds, low < high, got [{low}, {high}]")


@dataclass(frozen=True)
class Uniform(Domain):
    """Uniform on [low, high)."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_interval("uniform", self.low, self.high)

    def at(self, fraction: float) -> float:
        return self.low + (self.high - self.low) * fraction

    def describe(self) -> dict[str, list[Any]]:
        return {"uniform": [self.low, self.high]}


@dataclass(frozen=True)
class LogUniform(Domain):
    """Uniform in the logarithm on [low, high), both positive."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_interval("log_uniform", self.low, self.high)
        if self.low <= 0:
            raise ValueError(f"log_uniform needs positive bounds, got low = {self.low}")

    def at(self, fraction: float) -> float:
        return float(self.low * (self.high / self.low) ** fraction)

    def describe(self) -> dict[str, list[Any]]:
        return {"log_uniform": [self.low, self.high]}


@dataclass(frozen=True)
class IntUniform(Domain):
    """Integers low, …, high (both included), equally likely."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not (isinstance(self.low, int) and isinstance(self.high, int) and self.low <= self.high):
            raise ValueError(f"int needs two integers, low <= high, got [{self.low}, {self.high}]")

    def at(self, fraction: float) -> int:
        return self.low + int(fraction * (self.high - self.low + 1))

    def describe(self) -> dict[str, list[Any]]:
        return {"int": [self.low, self.high]}


@dataclass(frozen=True)
class Choice(Domain):
    """One of the listed values, equally likely. ``grid`` in a specification takes all of them."""

    values: tuple[Any, ...]

    def __init__(self, *values: Any) -> None:
        object.__setattr__(self, "values", tuple(values))
        if not values:
            raise ValueError("choice needs at least one value, got an empty list")

    def at(self, fraction: float) -> Any:
        return self.values[int(fraction * len(self.values))]

    def describe(self) -> dict[str, list[Any]]:
        return {"choice": list(self.values)}
