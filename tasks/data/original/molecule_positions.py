"""Tables of molecules' positions: CSV of ThunderSTORM and of the EPFL challenge, or XLSX.

Columns are taken by name: the frame, counted from 1, and x and y in nm, where x is the column and
y the row, and 0 is the outer edge of the first pixel.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.plugin import UsageError

NAMES: dict[str, tuple[str, ...]] = {
    "frame": ("frame",),
    "x": ("x [nm]", "xnano"),
    "y": ("y [nm]", "ynano"),
}
"""Headings of each column: ThunderSTORM's, and those of the challenge of 2016."""

_SEPARATORS = ",;\t"


def read_positions(path: Path) -> NDArray[np.float64]:
    """Rows ``(molecule, 3)``: frame from 1, x and y in nm.

    Raises:
        UsageError: no such file, a column is missing, or a value is no number.
    """
    if not path.is_file():
        raise UsageError(f"'{path}' is missing")
    rows = _sheet(path) if path.suffix.lower() == ".xlsx" else _lines(path)
    heading = [str(name).strip().lower() for name in next(iter(rows), [])]
    places = []
    for what, names in NAMES.items():
        found = [heading.index(name) for name in names if name in heading]
        if not found:
            raise UsageError(
                f"'{path}' has no column '{names[0]}' ({what}); its columns are "
                f"{', '.join(heading) or 'none'}"
            )
        places.append(found[0])
    values = [
        _numbers(row, places, path, line) for line, row in enumerate(rows, start=2) if any(row)
    ]
    if not values:
        raise UsageError(f"'{path}' holds no molecule")
    return np.array(values, np.float64)


def _numbers(row: list[Any], places: list[int], path: Path, line: int) -> list[float]:
    try:
        return [float(row[place]) for place in places]
    except (IndexError, TypeError, ValueError):
        raise UsageError(f"'{path}', line {line}: {row} has no number in each column") from None


def _lines(path: Path) -> Iterable[list[Any]]:
    text = path.read_text(encoding="utf-8-sig").splitlines()
    first = text[0] if text else ""
    separator = max(_SEPARATORS, key=first.count)
    return iter(list(csv.reader(text, delimiter=separator, skipinitialspace=True)))


def _sheet(path: Path) -> Iterable[list[Any]]:
    from openpyxl import load_workbook

    try:
        with path.open("rb") as file:
            sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
            return iter([list(row) for row in sheet.iter_rows(values_only=True)])
    except Exception as error:  # zip, XML and openpyxl's own
        raise UsageError(f"'{path}' cannot be read as XLSX: {error}") from None
