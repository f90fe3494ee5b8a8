"""Tables as text: the same cells in every format, unit and direction with them."""

from __future__ import annotations

import csv
import dataclasses
import io

import pytest

from results.tables.number_style import NumberStyle
from results.tables.table import Cell, Table
from results.tables.table_formats import to_csv, to_html, to_latex, to_markdown


def skipped(names):
    cells = {(row, column): Cell(counts={"skipped": 1}) for row in names for column in names}
    return Table(names[0], names[1], tuple(names), tuple(names), cells, tuple(names))


def test_csv_reads_back(drums_noise, hostile_names):
    lines = list(csv.DictReader(io.StringIO(to_csv(drums_noise))))
    assert len(lines) == 6
    first, second = lines[:2]
    assert float(first["mean"]) == pytest.approx(0.91)
    assert float(first["low"]) < 0.91 < float(first["high"])
    assert (first["n"], first["published"], first["trial_ids"]) == ("3", "0.953", "s00 s01 s02")
    assert (second["failed"], second["diverged"], second["low"]) == ("1", "1", "")
    assert lines[2]["undefined"] == "1"
    assert lines[3]["missing"] == "3"
    assert lines[4]["reason"] == "needs head points"
    hostile = list(csv.DictReader(io.StringIO(to_csv(skipped(hostile_names)))))
    assert [line["column"] for line in hostile[: len(hostile_names)]] == hostile_names


def test_markdown_as_a_person_reads_it(drums_noise):
    assert (
        to_markdown(drums_noise)
        == """\
**F1: noise**

| loss | σ = 0 ms | σ = 50 ms |
|---|---|---|
| softloc | 0.910 ±0.025 (n=3) \\[0.953\\] | 0.920 (n=1); 1 diverged; 1 failed |
| cross\\_entropy | 0.910 ±0.127 (n=2); 1 undefined | not run |
| points\\_only | skipped: needs head points | not run |

- Mean ± half of the 95% t interval over replicates (n of them).
- Data: rendered.
"""
    )


@pytest.mark.parametrize("write", [to_markdown, to_latex, to_html])
def test_a_metric_of_the_whole_table_is_described_below_it(write, drums_noise):
    made = dataclasses.replace(drums_noise, style=NumberStyle(unit="px", direction="min"))
    assert "(n of them). In px; less is better." in write(made)
    assert "↓" not in write(made)


def test_metrics_of_columns_are_described_in_their_headings(drums_noise):
    styles = {
        "σ = 0 ms": NumberStyle(1, 100.0, shown_unit="%", direction="max"),
        "σ = 50 ms": NumberStyle(unit="s", direction="min"),
    }
    made = dataclasses.replace(drums_noise, styles=styles)
    assert r"| loss | σ = 0 ms \[%\] ↑ | σ = 50 ms \[s\] ↓ |" in to_markdown(made)
    assert r"ms {[}\%{]} $\uparrow$ & $\sigma$ = 50 ms {[}s{]} $\downarrow$" in to_latex(made)
    assert "<th>σ = 0 ms [%] ↑</th><th>σ = 50 ms [s] ↓</th>" in to_html(made)
    assert "better" not in to_markdown(made)
    first, second = list(csv.DictReader(io.StringIO(to_csv(made))))[:2]
    assert (first["unit"], first["direction"], float(first["mean"])) == ("", "max", 0.91)
    assert (second["unit"], second["direction"]) == ("s", "min")


def test_a_table_compiles(drums_noise, compile_latex):
    made = dataclasses.replace(drums_noise, styles={"σ = 0 ms": NumberStyle(direction="max")})
    assert "Undefined control sequence" not in compile_latex(to_latex(made))
