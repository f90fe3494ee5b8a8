"""Leaderboards as text: escaped, traceable, both selection rules side by side."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from results.leaderboard.board import Column, Leaderboard, Method, Runs, build_leaderboard
from results.leaderboard.board_formats import (
    FORMATS,
    to_csv,
    to_html,
    to_json,
    to_latex,
    to_markdown,
)
from results.leaderboard.board_rows import cost_text
from results.leaderboard.costs import Cost
from results.leaderboard.tuned import Tuned

HOSTILE = "<script>alert(1)</script> | $\\LaTeX$ & `x` 🎵 " + "y" * 300


def board(name: str = "softloc") -> Leaderboard:
    columns = [
        Column(f"c{k}", "drums", f"σ = {k} ms", "F1", "max", "kits", "laptop", (0, 1, 2))
        for k in (0, 25)
    ]
    methods = [
        Method("p", name, name, "as published", {"softness": 0.1}),
        Method("y", "mine", "mine", "yours"),
        Method("t", name, name, "tuned"),
    ]
    settings = {r: {"softness": softness} for r, softness in enumerate((0.05, 0.05, 0.0123))}
    tuned = Tuned(settings, 8, 24, 1, 360.0, ("cpu",))
    good, bad = {0: 0.91, 1: 0.92, 2: 0.90}, {0: 0.511, 1: 0.520, 2: 0.5005}
    ids = {0: "aaaa", 1: "bbbb", 2: "cccc"}
    runs = {
        ("p", "c0"): Runs(good, ids, {"finished": 3}),
        ("p", "c25"): Runs(good, ids, {"finished": 3}),
        ("y", "c0"): Runs(bad, ids, {"finished": 3}),
        ("y", "c25"): Runs({0: 0.5}, {0: "dddd"}, {"finished": 1, "diverged": 1, "missing": 1}),
        ("t", "c0"): Runs({0: 0.92, 1: 0.93, 2: 0.91}, ids, {"finished": 3}, tuning=tuned),
        ("t", "c25"): Runs(counts={"skipped": 3}, reason=f"because {name}"),
    }
    return build_leaderboard(columns, methods, runs, notes=[f"About {name}."], resamples=50)


def test_markdown_as_a_person_reads_it() -> None:
    assert (
        to_markdown(board())
        == """\
**Leaderboard**

| loss | rank | rank (tuned) | σ = 0 ms, F1 ↑ | σ = 0 ms, F1 ↑ (tuned) | σ = 25 ms, F1 ↑ | σ = 25 ms, F1 ↑ (tuned) |
|---|---|---|---|---|---|---|
| softloc | 1.0 of 1 \\[1.0, 1.0\\] | 1.0 of 1 \\[1.0, 1.0\\] in this setting | 0.910 ±0.025, best a | 0.920 ±0.025, best a; 8 searched | 0.910 ±0.025, best a | skipped: because softloc |
| mine (yours) | 2.0 of 2 \\[2.0, 2.0\\] incomplete: 1 of 2 |  | 0.511 ±0.024, -0.400 ±0.001 b |  | 0.500, -0.410; 1 diverged; 1 not run |  |

- About softloc.
"""  # noqa: E501
    )


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names_stay_inert(form: str) -> None:
    text = FORMATS[form](board(HOSTILE))
    if form in ("markdown", "html", "latex"):
        assert "<script>" not in text
    if form == "markdown":
        rows = [line for line in text.splitlines() if line.startswith("|")]
        pipes = {line.replace("\\|", "").count("|") for line in rows}
        assert pipes == {8}
    if form == "latex":
        assert "$\\LaTeX$" not in text
        assert "🎵" not in text


def test_html_cells_name_their_trials() -> None:
    class Cells(HTMLParser):
        trials: list[str]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "td":
                self.trials.append(dict(attrs).get("data-trials") or "")

    parser = Cells()
    parser.trials = []
    parser.feed(to_html(board()))
    assert parser.trials[2] == "aaaa bbbb cccc"
    assert len(parser.trials) == 2 * 6


def errors_in_pixels() -> Leaderboard:
    column = Column(
        "c", "drums", "clean", "MAD", "min", "kits", "laptop", (0, 1), unit="px", digits=1
    )
    methods = [Method(key, key, key, "as published") for key in ("good", "bad")]
    runs = {("good", "c"): Runs({0: 1.24, 1: 1.26}), ("bad", "c"): Runs({0: 2.24, 1: 2.26})}
    return build_leaderboard([column], methods, runs, resamples=50)


def test_headings_say_unit_and_direction_and_digits_are_the_columns() -> None:
    made = errors_in_pixels()
    header, _, first, second = to_markdown(made).splitlines()[2:6]
    assert header == r"| loss | rank | clean, MAD \[px\] ↓ |"
    assert first.endswith("| 1.2 ±0.1, best a |")
    assert second.endswith("| 2.2 ±0.1, -1.0 not resolvable a |")
    assert r"clean, MAD {[}px{]} $\downarrow$" in to_latex(made)
    assert "<th>clean, MAD [px] ↓</th>" in to_html(made)
    line = next(csv.DictReader(io.StringIO(to_csv(made))))
    assert (line["unit"], line["direction"]) == ("px", "min")
    column = json.loads(to_json(made))["columns"][0]
    assert (column["unit"], column["direction"], column["digits"]) == ("px", "min", 1)


def test_latex_prints_the_tie_mark() -> None:
    column = Column("c", "drums", "clean", "F1", "max", "kits", "laptop", (0, 1, 2))
    methods = [Method(key, key, key, "as published") for key in ("one", "other")]
    values = {0: 0.91, 1: 0.92, 2: 0.93}, {0: 0.92, 1: 0.90, 2: 0.93}
    runs = {(m.key, "c"): Runs(own) for m, own in zip(methods, values, strict=True)}
    text = to_latex(build_leaderboard([column], methods, runs, resamples=50))
    assert r"$\approx$ a" in text


def test_csv_has_a_line_per_method_and_column() -> None:
    lines = list(csv.DictReader(io.StringIO(to_csv(board()))))
    assert len(lines) == 6
    own = next(line for line in lines if line["method"] == "mine" and line["column"] == "σ = 25 ms")
    assert (own["n"], own["diverged"], own["missing"], own["complete"]) == ("1", "1", "1", "0")
    assert float(own["difference"]) == pytest.approx(-0.41)
    assert own["p"] == ""
    tuned = next(line for line in lines if line["selection"] == "tuned")
    spent = (tuned["searched"], tuned["search_trials"], tuned["core_seconds"])
    assert spent == ("8", "24", "360")
    assert json.loads(tuned["settings"])["2"] == {"softness": 0.0123}
    assert own["searched"] == own["settings"] == ""


def test_json_holds_what_the_board_holds() -> None:
    made = board()
    found = json.loads(to_json(made))
    assert [method["key"] for method in found["methods"]] == [m.key for m in made.methods]
    entry = found["methods"][0]["entries"]["c0"]
    assert entry["mean"]["estimate"] == pytest.approx(0.91)
    assert entry["p_corrected"] is None
    assert math.isnan(made.entries["p", "c0"].p_corrected)
    assert entry["trial_ids"] == {"0": "aaaa", "1": "bbbb", "2": "cccc"}
    (pair,) = found["pairs"]
    keys = [method["key"] for method in found["methods"]]
    assert (keys[pair["first"]], keys[pair["second"]]) == ("p", "y")
    assert [one["columns"] for one in pair["columns"]] == [[0], [1]]
    assert pair["columns"][0]["difference"] == pytest.approx(0.3995)
    assert pair["columns"][0]["better"] > 0.99
    assert (pair["overall"][0]["columns"], pair["overall"][0]["metric"]) == ([0, 1], "F1")
    tuning = next(m for m in found["methods"] if m["selection"] == "tuned")["entries"]["c0"]
    assert tuning["tuning"]["search_trials"] == 24
    assert tuning["tuning"]["settings"]["0"] == {"softness": 0.05}


def test_latex_has_a_row_per_loss() -> None:
    text = to_latex(board())
    assert text.count(r"\\") >= 3
    assert r"\begin{tabular}{lllllll}" in text
    assert r"$\pm$0.025" in text


def test_costs_stand_beside_accuracy_and_say_why_there_is_none() -> None:
    made = board()
    costs = {
        ("p", "drums"): Cost(12.345, 6, "cpu", ("a",)),
        ("y", "drums"): Cost(math.nan, 3, "cpu", ("a", "b"), "timed on several processors: a, b"),
    }
    made = replace(made, costs=costs)
    header, _, first, second = to_markdown(made).splitlines()[2:6]
    assert header.endswith("| CPU s a trial |")
    assert first.endswith("| 12.3 |")
    assert second.endswith("| – |")
    found = {m["key"]: m["costs"] for m in json.loads(to_json(made))["methods"]}
    assert found["y"]["drums"]["reason"] == "timed on several processors: a, b"
    assert found["y"]["drums"]["seconds"] is None
    assert found["t"] == {}
    line = next(csv.DictReader(io.StringIO(to_csv(made))))
    assert (line["cost_seconds"], line["cost_measured"]) == ("12.345", "cpu")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0"), (0.01234, "0.012"), (5.0, "5.00"), (59.87, "59.9"), (1234.5, "1234")],
)
def test_costs_have_three_digits(seconds: float, text: str) -> None:
    assert cost_text(Cost(seconds, 1, "cpu", ("a",))) == text


def test_cells_that_have_not_converged_are_marked() -> None:
    column = Column("c", "drums", "clean", "F1", "max", "kits", "laptop", (0, 1))
    methods = [Method(key, key, key, "as published") for key in ("soft", "sharp")]
    runs = {
        ("soft", "c"): Runs({0: 0.81, 1: 0.84}, undecided={0: 0.4, 1: 0.9}),
        ("sharp", "c"): Runs({0: 0.91, 1: 0.92}, undecided={0: 0.4, 1: 0.6}),
    }
    made = build_leaderboard([column], methods, runs, resamples=20)
    assert [made.entries[key, "c"].unconverged for key in ("soft", "sharp")] == [True, False]
    text = to_markdown(made)
    assert "| 0.825° ±" in text
    assert text.count("°") == 1
    assert r"0.825$^{\circ}$ $\pm$" in to_latex(made)
    found = json.loads(to_json(made))["methods"][1]["entries"]["c"]
    assert (found["unconverged"], found["undecided"]) == (True, {"0": 0.4, "1": 0.9})
