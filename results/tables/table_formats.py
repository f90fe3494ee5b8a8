"""A table as Markdown, LaTeX (booktabs), CSV or HTML; every name in it is escaped."""

from __future__ import annotations

from collections.abc import Callable

from results.stats.inference import LEVEL
from results.tables.csv_text import csv_number, csv_text
from results.tables.fates import UNCOUNTED
from results.tables.grid_formats import grid_html, grid_latex, grid_markdown
from results.tables.table import Table
from results.tables.text_grid import GridCell, GridRow, TextGrid

_CSV_HEADER = (
    *("table", "row", "column", "unit", "direction", "mean", "low", "high", "n"),
    *(*UNCOUNTED, "reason", "published", "unconverged", "trial_ids"),
)


def table_grid(table: Table) -> TextGrid:
    """The table as strings."""
    rows = []
    for row in table.rows:
        cells = [
            GridCell(table.text(row, column), table.cell(row, column).trial_ids)
            for column in table.columns
        ]
        rows.append(GridRow(row, cells))
    spread = f"Mean ± half of the {LEVEL:.0%} t interval over replicates (n of them)."
    shared = any(column not in table.styles for column in table.columns)
    if shared and table.style.sentence:
        spread = f"{spread} {table.style.sentence}"
    header = [table.corner, *map(table.heading, table.columns)]
    return TextGrid(table.title, header, rows, [spread, *table.mark_notes, *table.footnotes])


def to_markdown(table: Table) -> str:
    """GitHub-flavoured Markdown."""
    return grid_markdown(table_grid(table))


def to_latex(table: Table) -> str:
    """A ``table`` environment; needs the package booktabs."""
    return grid_latex(table_grid(table))


def to_html(table: Table) -> str:
    """A ``table`` element and a list of notes; cells name their trials."""
    return grid_html(table_grid(table))


def to_csv(table: Table) -> str:
    """One line per cell, numbers in the metric's unit; ``direction`` is max, min or empty."""
    places = [(row, column) for row in table.rows for column in table.columns]
    return csv_text(_CSV_HEADER, [_csv_line(table, *place) for place in places])


def _csv_line(table: Table, row: str, column: str) -> list[object]:
    cell, style = table.cell(row, column), table.style_of(column)
    return [
        *(table.title, row, column, style.unit, style.direction),
        *map(csv_number, (cell.mean, cell.interval.low, cell.interval.high)),
        len(cell.values),
        *(cell.counts.get(status, 0) for status in UNCOUNTED),
        *(cell.reason, cell.published, int(cell.unconverged), " ".join(cell.trial_ids)),
    ]


FORMATS: dict[str, Callable[[Table], str]] = {
    "markdown": to_markdown,
    "latex": to_latex,
    "csv": to_csv,
    "html": to_html,
}
