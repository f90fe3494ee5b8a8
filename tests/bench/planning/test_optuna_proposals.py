"""Proposals of Optuna: inside the space, rounded, the same for the same results."""

from __future__ import annotations

from bench.planning.optuna_proposals import Observation, propose
from bench.plugin import Choice, IntUniform, LogUniform, Uniform


def test_proposals_lie_in_the_space_and_have_few_digits() -> None:
    space = (
        (("a",), Uniform(0.123456, 0.123999)),
        (("b",), LogUniform(1e-3, 10.0)),
        (("c",), IntUniform(2, 4)),
        (("d",), Choice({"schedule": "linear"}, "x")),
    )
    seen = tuple(
        Observation(
            (0.1235 + i / 1e5, 10.0 ** (i - 3), 2 + i % 3, i % 2), None if i == 2 else 0.1 * i
        )
        for i in range(4)
    )
    points = propose(space, seen, 20, "max", 5)
    assert points[:3] == propose(space, seen, 3, "max", 5)
    assert points != propose(space, seen, 20, "min", 5)
    assert points != propose(space, seen, 20, "max", 6)
    for a, b, c, d in points:
        assert 0.123456 <= a <= 0.123999
        assert a in (round(a, 8), 0.123456, 0.123999)
        assert 1e-3 <= b <= 10
        assert float(f"{b:.5g}") == b
        assert c in (2, 3, 4)
        assert d in (0, 1)
