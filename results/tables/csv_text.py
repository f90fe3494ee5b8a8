"""Lines of numbers and names as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def csv_text(header: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A header and lines; None is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue()


def csv_number(value: float) -> str:
    """Six significant digits; empty for NaN."""
    return "" if value != value else f"{value:.6g}"
