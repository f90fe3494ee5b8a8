"""Ticks are round, few, and inside."""

from __future__ import annotations

import pytest

from results.site.axis_ticks import log_ticks, ticks


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1, 100, [1, 2, 5, 10, 20, 50, 100]),
        (0.09, 1.2, [0.1, 0.2, 0.5, 1]),
        (1e-4, 1e-1, [1e-4, 1e-3, 1e-2, 1e-1]),
        (3, 4, [3, 3.2, 3.4, 3.6, 3.8, 4]),
    ],
)
def test_logarithmic_ticks(low: float, high: float, expected: list[float]) -> None:
    assert log_ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize("decades", range(1, 40))
def test_there_are_never_too_many_and_never_fewer_than_two(decades: int) -> None:
    found = log_ticks(0.7, 0.7 * 10.0**decades)
    assert 2 <= len(found) <= 8
    assert found == sorted(found)


def test_linear_ticks() -> None:
    assert ticks(0, 0.1) == pytest.approx([0, 0.02, 0.04, 0.06, 0.08, 0.1])
