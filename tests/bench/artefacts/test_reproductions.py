"""Tables and figures by name: found, and all looked through before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.artefacts.paper_figures import PaperFigure
from bench.artefacts.paper_tables import PaperTable
from bench.artefacts.reproductions import load, looked_through
from bench.plugin import UsageError
from bench.specs.paper_table import table_files
from results.tables.published_numbers import names


def test_tables_and_figures_are_found_by_one_name() -> None:
    assert isinstance(load("table-5.5", "smoke"), PaperTable)
    assert isinstance(load("figure-5.8", "smoke"), PaperFigure)


def test_all_published_numbers_stand_beside_ours_somewhere() -> None:
    assert set(names()) <= set(table_files())


def test_unknown_names_get_a_suggestion() -> None:
    with pytest.raises(UsageError, match=r"unknown table or figure 'table-5\.6'; did you mean"):
        load("table-5.6")


def test_all_names_are_looked_through_before_anything_is_made(tmp_path: Path) -> None:
    assert looked_through(["table-5.5", "figure-5.8"], "smoke") == ["table-5.5", "figure-5.8"]
    file = tmp_path / "mine.yaml"
    file.write_text("id: mine\ntitle: a\nsource: b\nsweeps: [drums-noise]\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        looked_through(["table-5.5", "table-5.6", str(file)])
    unknown, *others = caught.value.problems
    assert unknown.startswith("unknown table or figure 'table-5.6'")
    assert others
    assert all(str(file) in problem for problem in others)
