"""Cells, their intervals and counts, and how their numbers are shown."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from results.tables.number_style import NumberStyle
from results.tables.table import Cell, Table, tabulate
from results.tables.table_formats import table_grid


def outcomes(*rows):
    """Trials of one cell: id, fate and value."""
    frame = pd.DataFrame(rows, columns=["trial_id", "fate", "value"])
    return frame.assign(row="r", column="c", reason=None)


def test_cells_of_the_drums_noise_table(drums_noise):
    table = drums_noise
    assert table.rows == ("softloc", "cross_entropy", "points_only")
    assert table.columns == ("σ = 0 ms", "σ = 50 ms")
    half = stats.t.ppf(0.975, 2) * 0.01 / math.sqrt(3)
    cell = table.cell("softloc", "σ = 0 ms")
    assert cell.values == (0.9, 0.91, 0.92)
    assert cell.trial_ids == ("s00", "s01", "s02")
    assert cell.unaveraged == {}
    outside = table.cell("softloc", "σ = 50 ms").unaveraged
    assert {status: len(ids) for status, ids in outside.items()} == {"diverged": 1, "failed": 1}
    assert cell.mean == pytest.approx(0.91)
    assert cell.half_width == pytest.approx(half)
    texts = [[table.text(row, column) for column in table.columns] for row in table.rows]
    assert texts == [
        ["0.910 ±0.025 (n=3) [0.953]", "0.920 (n=1); 1 diverged; 1 failed"],
        ["0.910 ±0.127 (n=2); 1 undefined", "not run"],
        ["skipped: needs head points", "not run"],
    ]


def test_the_interval_is_that_of_scipy():
    values = tuple(np.random.default_rng(0).normal(0.9, 0.02, 7))
    cell = Cell(values=values)
    low, high = stats.t.interval(0.95, 6, np.mean(values), stats.sem(values))
    assert (cell.mean - cell.half_width, cell.mean + cell.half_width) == pytest.approx((low, high))


def test_the_interval_covers_at_its_nominal_rate():
    generator = np.random.default_rng(1)
    cells = [Cell(values=tuple(row)) for row in generator.normal(0.5, 0.1, (2_000, 3))]
    covered = [abs(cell.mean - 0.5) <= cell.half_width for cell in cells]
    assert abs(np.mean(covered) - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 2_000)


def test_cells_of_resampled_splits_have_wider_intervals_and_a_note():
    rows = [("a", "finished", 0.5), ("b", "finished", 0.6), ("c", "finished", 0.8)]
    fresh = tabulate(outcomes(*rows).assign(resampled=0.0), title="t", corner="")
    splits = tabulate(outcomes(*rows).assign(resampled=0.25), title="t", corner="")
    ratio = splits.cell("r", "c").half_width / fresh.cell("r", "c").half_width
    assert ratio == pytest.approx(math.sqrt(1 + 3 * 0.25 / 0.75))
    assert not any("Nadeau" in note for note in table_grid(fresh).notes)
    assert any("one data set (25% tested)" in note for note in table_grid(splits).notes)


def test_values_without_a_spread_have_no_interval():
    cell = Cell(values=(0.5, 0.5, 0.5))
    assert cell.text(NumberStyle(digits=1)) == "0.5 (n=3)"


def test_partly_run_cells_say_how_many_are_missing():
    some = outcomes(("a", "finished", 0.5), ("b", "missing", np.nan), ("c", "missing", np.nan))
    table = tabulate(some, title="t", corner="", style=NumberStyle(digits=1))
    assert table.text("r", "c") == "0.5 (n=1); 2 not run"
    none = tabulate(outcomes(("a", "missing", np.nan)), title="t", corner="")
    assert none.text("r", "c") == "not run"


def test_a_trial_never_counts_twice():
    twice = outcomes(("a", "finished", 0.5), ("a", "failed", np.nan))
    with pytest.raises(ValueError, match="trial a is twice in a cell: it would count double"):
        tabulate(twice, title="t", corner="")
    elsewhere = twice.assign(column=["c", "d"])
    assert tabulate(elsewhere, title="t", corner="").columns == ("c", "d")


def test_columns_may_show_different_metrics():
    table = Table(
        title="Points",
        corner="loss",
        rows=("softloc",),
        columns=("Jaccard", "MAD", "count"),
        cells={
            ("softloc", "Jaccard"): Cell((0.912, 0.914), ("a", "b"), published=0.95),
            ("softloc", "MAD"): Cell((0.0012, 0.0014), ("a", "b"), published=0.002),
            ("softloc", "count"): Cell((7.0,), ("a",), published=8.0, printed="8.00"),
        },
        style=NumberStyle(digits=0),
        styles={
            "Jaccard": NumberStyle(1, 100.0, shown_unit="%", direction="max"),
            "MAD": NumberStyle(2, 1000.0, "s", "ms", "min"),
        },
    )
    assert [table.heading(column) for column in table.columns] == [
        "Jaccard [%] ↑",
        "MAD [ms] ↓",
        "count",
    ]
    assert [table.text("softloc", column) for column in table.columns] == [
        "91.3 ±1.3 (n=2) [95]",
        "1.30 ±1.27 (n=2) [2]",
        "7 (n=1) [8.00]",
    ]


def test_settings_that_meet_in_a_cell_are_told_from_replicates() -> None:
    def made(replicates: list[int]) -> Table:
        outcomes = pd.DataFrame(
            {
                "trial_id": ["a", "b"],
                "row": "r",
                "column": "c",
                "fate": "finished",
                "reason": None,
                "value": [0.25, 0.75],
                "replicate": replicates,
            }
        )
        return tabulate(outcomes, title="t", corner="")

    assert made([0, 1]).text("r", "c").startswith("0.500 ±")
    pooled = made([0, 0])
    assert pooled.text("r", "c") == "0.500* (n=2)"
    assert "* pools trials of several settings" in " ".join(table_grid(pooled).notes)
    assert "pools" not in " ".join(table_grid(made([0, 1])).notes)
