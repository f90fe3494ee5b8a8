"""CSV that reads back, whatever the fields hold."""

from __future__ import annotations

import csv
import io
import math

from results.tables.csv_text import csv_number, csv_text


def test_fields_read_back(hostile_names):
    text = csv_text(["name", "number", "nothing"], [(name, 0.1, None) for name in hostile_names])
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    assert header == ["name", "number", "nothing"]
    assert lines == [[name, "0.1", ""] for name in hostile_names]


def test_numbers_have_six_digits():
    assert csv_number(2 / 3) == "0.666667"
    assert csv_number(math.nan) == ""
