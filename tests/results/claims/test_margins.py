"""Margins follow from what is printed; a declaration that breaks the rule cannot be written."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from results.claims.claim_model import AnyPart
from results.claims.comparison import Region

PAIR = {"of": {"loss": "a"}, "than": [{"loss": "b"}, {"loss": "c"}]}
NOT_WORSE = {"kind": "not_worse", **PAIR}
GREATER = {"kind": "greater", **PAIR}
FLAT = {"kind": "flat", "along": "task.noise", "start": 0, "levels": [1, 2, 3]}
LEVEL = {"kind": "level"}
TIMES = {"kind": "times", "of": {"loss": "a"}, "than": {"loss": "b"}, "factor": 10.0}
PLATEAU = {"kind": "plateau", "x": "x", "y": "y", "strips": [0, 1], "near": 0.5}


def part(given: dict[str, Any], **keys: Any) -> Any:
    adapter: TypeAdapter[Any] = TypeAdapter(AnyPart)
    return adapter.validate_python({"metric": "f1", "origin": "a table", **given, **keys})


@pytest.mark.parametrize(
    ("given", "keys", "region"),
    [
        (NOT_WORSE, {"printed": -0.03}, Region(-0.045)),
        (NOT_WORSE, {"printed": [-0.03, -0.01]}, Region(-0.045)),
        (NOT_WORSE, {"printed": 0.006}, Region(-0.009)),
        (NOT_WORSE, {"printed": -0.001, "tolerated": 0.009}, Region(-0.0135)),
        (NOT_WORSE, {"printed": -0.001, "sentence": 0.01}, Region(-0.01)),
        (FLAT, {"printed": [-0.005, 0.002, -0.011]}, Region(-0.0165, 0.0165)),
        (PLATEAU, {"tolerated": 0.012}, Region(-0.018, 0.018)),
        (GREATER, {}, Region(0.0)),
        (GREATER, {"printed": [0.3, 0.2]}, Region(0.0)),
        (GREATER, {"printed": [0.3, 0.2], "far": True}, Region(0.1)),
        (GREATER, {"printed": 0.3, "sentence": 0.01}, Region(0.01)),
        (LEVEL, {"above": 3.0}, Region(3.0)),
        (LEVEL, {"below": 30.0, "printed": 29.0}, Region(ceiling=30.0)),
        (LEVEL, {"at_most": 5.0, "printed": 5.0}, Region(ceiling=5.0, closed=True)),
        (LEVEL, {"close_to": 8.0, "printed": 9.04}, Region(ceiling=9.56)),
        (LEVEL, {"close_to": 8.0, "printed": 7.0}, Region(6.5)),
        (TIMES, {"printed": 22.9}, Region(1.0)),
    ],
)
def test_the_region_that_follows(
    given: dict[str, Any], keys: dict[str, Any], region: Region
) -> None:
    found = part(given, **keys)
    assert (found.region.floor, found.region.ceiling) == pytest.approx(
        (region.floor, region.ceiling)
    )
    assert found.region.closed == region.closed
    assert found.margin_rule()


@pytest.mark.parametrize(
    ("given", "keys", "message"),
    [
        (GREATER, {"margin": 0.1}, "'margin' is not written but follows from"),
        (NOT_WORSE, {}, "follows from 'printed', 'tolerated' or 'sentence'"),
        (NOT_WORSE, {"printed": -0.03, "sentence": 0.03}, "is not > -0.03, so the margin"),
        (NOT_WORSE, {"printed": -0.03, "tolerated": 0.02}, "is not > -0.03, so the margin"),
        (
            NOT_WORSE,
            {"tolerated": 0.1, "sentence": 0.1},
            "'tolerated' or 'sentence', not from both",
        ),
        (FLAT, {"printed": 0.02, "sentence": 0.01}, "is not within ±0.01"),
        (GREATER, {"far": True}, "'far' is half of what is 'printed', which is missing"),
        (GREATER, {"far": True, "printed": 0.2, "sentence": 0.1}, "not from both"),
        (GREATER, {"printed": 0.01, "sentence": 0.01}, "is not > 0.01, so the margin"),
        (GREATER, {"printed": [0.01, -0.01]}, "the printed effect -0.01 is not > 0"),
        (GREATER, {"printed": [0.1, 0.2, 0.3]}, "one for each of the 2 comparisons, got 3"),
        (LEVEL, {}, "needs one of"),
        (LEVEL, {"below": 3.0, "printed": 3.0}, "what is printed is not < 3"),
        (LEVEL, {"close_to": 8.0}, "'close_to' needs what is 'printed'"),
        (TIMES, {"printed": 9.0}, "a printed ratio is not above the sentence's 10"),
    ],
)
def test_what_breaks_the_rule_is_refused(
    given: dict[str, Any], keys: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        part(given, **keys)


def test_printed_effects_are_those_of_the_comparisons() -> None:
    assert part(FLAT, printed=-0.02).effects == [-0.02] * 3
    both = part(GREATER, at={"task.noise": [1, 2]}, printed=[0.1, 0.2, 0.3, 0.4])
    assert (both.size, both.effects) == (4, [0.1, 0.2, 0.3, 0.4])
    assert part(GREATER).effects is None
    assert part(TIMES, printed=100.0).effects == pytest.approx([2.0])
    assert math.isclose(part(TIMES, printed=100.0).region.floor, 1.0)
