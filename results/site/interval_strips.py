"""Intervals drawn small: a mean with its interval, and a published number, on a shared scale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from results.site.axis_ticks import Scale
from results.tables.table import Table

WIDTH, MARGIN = 120.0, 6.0


@dataclass(frozen=True)
class Strip:
    """Positions along `WIDTH`; None for what there is not."""

    mean: float | None
    low: float | None
    high: float | None
    published: float | None = None


def scale_of(values: Iterable[float | None]) -> Scale:
    """The scale on which all finite values have a place."""
    finite = [value for value in values if value is not None and math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    return Scale(low, high, MARGIN, WIDTH - MARGIN)


def column_scale(table: Table, column: str) -> Scale:
    """One scale for all cells of the columns whose numbers are shown like those of ``column``."""
    values: list[float | None] = []
    for (_, other), cell in table.cells.items():
        if table.style_of(other) == table.style_of(column):
            values += [cell.mean, cell.interval.low, cell.interval.high, cell.published]
    return scale_of(values)


def strip(
    scale: Scale,
    mean: float | None,
    low: float | None = None,
    high: float | None = None,
    published: float | None = None,
) -> Strip:
    """Where the values lie."""
    return Strip(*(_at(scale, value) for value in (mean, low, high, published)))


def _at(scale: Scale, value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(scale.at(value), 1)
