"""Pairs as text: what a person reads, and what programs do."""

from __future__ import annotations

import csv
import io
import json

import pytest

from results.leaderboard.board import Column, Runs
from results.leaderboard.pair_formats import FORMATS, ShownPair, pair_object, probability_text
from results.leaderboard.pairs import compare_pair

F1 = Column("f", "drums", "clean", "F1", "max", "kits", "laptop", (0, 1, 2), rope=0.01)
NOISY = Column("g", "drums", "noisy", "F1", "max", "kits", "laptop", (0, 1, 2), rope=0.01)


def shown(name: str = "softloc") -> ShownPair:
    runs = {
        ("a", "f"): Runs({0: 0.91, 1: 0.93, 2: 0.92}),
        ("b", "f"): Runs({0: 0.90, 1: 0.91, 2: 0.92}),
        ("a", "g"): Runs({0: 0.75, 1: 0.5, 2: 0.625}),
        ("b", "g"): Runs({0: 0.5, 1: 0.25, 2: 0.375}),
    }
    return ShownPair(name, "ce", compare_pair([F1, NOISY], runs, "a", "b"), ("About it.",))


def test_markdown_as_a_person_reads_it() -> None:
    assert (
        FORMATS["markdown"](shown())
        == """\
**softloc against ce**

| column | softloc | ce | difference | P(better) | P(equivalent) | P(worse) | n |
|---|---|---|---|---|---|---|---|
| clean, F1 ↑ | 0.920 | 0.910 | +0.010 ±0.025 | 0.50 | 0.46 | 0.04 | 3 |
| noisy, F1 ↑ | 0.625 | 0.375 | +0.250 not resolvable | – | – | – | 3 |
| all 2 columns, F1 ↑ | 0.772 | 0.642 | +0.130 ±0.012 | \\>0.99 | \\<0.01 | \\<0.01 | 3 |

- About it.
"""
    )


def test_csv_and_json_hold_the_same_numbers() -> None:
    lines = list(csv.DictReader(io.StringIO(FORMATS["csv"](shown()))))
    found = json.loads(FORMATS["json"](shown()))
    assert [line["columns"] for line in lines] == [row["label"] for row in found["rows"]]
    assert (lines[1]["better"], found["rows"][1]["better"]) == ("", None)
    for line, row in zip(lines, found["rows"], strict=True):
        assert float(line["difference"]) == pytest.approx(row["difference"], rel=1e-5)
        assert float(line["rope"]) == row["rope"] == 0.01
    assert found["rows"][2]["columns"] == ["f", "g"]
    assert found["notes"] == ["About it."]


def test_an_object_of_a_pair_names_methods_and_columns_by_position() -> None:
    found = pair_object(shown().pair, ["x", "b", "a"], ["g", "f"])
    assert (found["first"], found["second"]) == (2, 1)
    assert [one["columns"] for one in found["columns"]] == [[1], [0]]
    assert found["overall"][0]["columns"] == [1, 0]


@pytest.mark.parametrize("form", ["markdown", "latex", "html"])
def test_names_stay_inert(form: str) -> None:
    assert "<script>" not in FORMATS[form](shown("<script>x</script>"))


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.0, "0.00"), (0.004, "<0.01"), (0.006, "0.01"), (0.996, ">0.99"), (1.0, "1.00")],
)
def test_a_small_chance_is_not_shown_as_none(probability: float, text: str) -> None:
    assert probability_text(probability) == text
