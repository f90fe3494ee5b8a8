"""Cells as pages show them: each column's numbers in its own digits and on its own scale."""

from __future__ import annotations

from results.site.interval_strips import WIDTH
from results.site.table_cells import shown_cells
from results.tables.number_style import NumberStyle
from results.tables.table import Cell, Table

PERCENT = NumberStyle(1, 100.0, shown_unit="%", direction="max")


def table(**styles: NumberStyle) -> Table:
    values = {"precision": (0.5, 0.7), "recall": (0.9, 0.9), "MAD": (12.0, 16.0)}
    cells = {
        ("softloc", name): Cell(own, ("a", "b"), published=own[0]) for name, own in values.items()
    }
    return Table("Points", "loss", ("softloc",), tuple(values), cells, styles=styles)


def test_numbers_have_the_digits_and_the_factor_of_their_column() -> None:
    [[precision, _, distance]] = shown_cells(table(precision=PERCENT, recall=PERCENT), "t")
    assert (precision.mean, precision.published, precision.difference) == ("60.0", "50", "+10.0")
    assert precision.trials == (("a", "50.00"), ("b", "70.00"))
    assert (distance.mean, distance.published, distance.difference) == ("14.000", "12", "+2.000")


def test_columns_shown_alike_share_a_scale() -> None:
    own = shown_cells(table(precision=PERCENT, recall=PERCENT), "t")[0]
    crowded = shown_cells(table(), "t")[0]  # with distances up to 39
    precision, recall, distance = (cell.strip.mean or 0 for cell in own)
    assert recall - precision > 10
    assert distance == WIDTH / 2
    precision, recall, distance = (cell.strip.mean or 0 for cell in crowded)
    assert 0 < recall - precision < 2
    assert distance == WIDTH / 2
