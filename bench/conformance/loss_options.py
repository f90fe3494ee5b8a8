"""What a loss says of itself: description, source, options and their search space."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bench.plugin import Loss, Options

_FRACTIONS = (0.0, 0.5, 1 - 2.0**-53)


def documented(cls: type[Loss]) -> None:
    """A docstring and a source."""
    assert cls.__doc__, "the class has no docstring"
    assert cls.source, "`source` is empty: name paper, section and equation"


def round_trip(cls: type[Loss]) -> None:
    """Options, default or not, survive being written out as JSON and read back."""
    for options in ({}, *_drawn(cls)):
        assert_round_trip(cls, options)


def space_in_range(cls: type[Loss]) -> None:
    """Both ends of every search domain are valid options."""
    for option, domain in cls.space.items():
        for fraction in _FRACTIONS:
            cls(**{option: domain.at(fraction)})


def assert_round_trip(cls: type[Options], options: dict[str, Any]) -> None:
    """Raise AssertionError unless an object written out as JSON reads back equal."""
    made = cls(**options)
    written = json.loads(json.dumps(made.options()))
    assert cls(**written) == made, f"{written} gives another object when read back"


def _drawn(cls: type[Loss]) -> list[dict[str, Any]]:
    return [
        {option: domain.at(fraction) for option, domain in cls.space.items()}
        for fraction in _FRACTIONS
    ]


CHECKS: dict[str, Callable[[type[Loss]], None]] = {
    "documented": documented,
    "options round trip": round_trip,
    "search space in range": space_in_range,
}
