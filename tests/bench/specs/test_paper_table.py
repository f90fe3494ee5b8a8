"""Declarations of tables and figures: several values, columns that select, what is which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.plugin import UsageError
from bench.specs.paper_figure import FigureSpec
from bench.specs.paper_table import (
    Shown,
    TableSpec,
    figures,
    find,
    is_declared,
    read,
    table_files,
    tables,
)
from bench.specs.sweep import load, shipped

TABLE: dict[str, Any] = {
    "id": "t",
    "title": "t",
    "source": "s",
    "sweeps": ["drums-noise"],
    "values": ["f1", "recall"],
    "columns": [{"label": "clean", "where": {"task.noise": 0.0}}, {"label": "s", "metric": "f1"}],
    "blocks": [{"section": "all", "rows": [{"label": "ours", "where": {"loss": "softloc"}}]}],
}


def test_columns_without_a_metric_show_every_value() -> None:
    spec = TableSpec(**TABLE)
    shown = [(column.label, column.metric, column.where) for column in spec.shown(spec.blocks[0])]
    assert shown == [
        ("clean f1", "f1", {"task.noise": 0.0}),
        ("clean recall", "recall", {"task.noise": 0.0}),
        ("s", "f1", {}),
    ]


def test_one_value_needs_no_name() -> None:
    spec = TableSpec(**TABLE | {"values": ["recall"]})
    assert [column.label for column in spec.shown(spec.blocks[0])] == ["clean", "s"]


def test_a_block_may_have_columns_of_its_own() -> None:
    own = {"section": "more", "rows": [], "columns": [{"label": "F1", "metric": "f1"}]}
    spec = TableSpec(**TABLE | {"blocks": [*TABLE["blocks"], own]})
    assert [[column.label for column in spec.shown(block)] for block in spec.blocks] == [
        ["clean f1", "clean recall", "s"],
        ["F1"],
    ]
    bare = own | {"columns": [{"label": "bare"}]}
    with pytest.raises(ValueError, match="column 'bare' needs a 'metric', or the table 'values'"):
        TableSpec(**TABLE | {"values": [], "columns": TABLE["columns"][1:], "blocks": [bare]})


def test_a_block_may_show_a_metric_of_its_own() -> None:
    blocks = [{"section": "kick", "metric": "f1_kick"}, {"section": "all"}]
    spec = TableSpec(**TABLE | {"blocks": blocks})
    kick, everything = ([column.metric for column in spec.shown(one)] for one in spec.blocks)
    assert kick == ["f1_kick", "f1"]
    assert everything == ["f1", "recall", "f1"]
    assert TableSpec(**TABLE | {"blocks": blocks[:1], "values": []}).values == []
    with pytest.raises(ValueError, match="column 'clean' needs a 'metric'"):
        TableSpec(**TABLE | {"blocks": blocks, "values": []})


def test_a_column_needs_something_to_show() -> None:
    with pytest.raises(ValueError, match="column 'clean' needs a 'metric', or the table 'values'"):
        TableSpec(**TABLE | {"values": []})


@pytest.mark.parametrize("name", sorted(table_files()))
def test_every_declaration_is_a_table_or_a_figure_of_sweeps_that_exist(name: str) -> None:
    spec = read(table_files()[name])
    assert spec.id == name
    assert set(spec.sweeps) <= set(shipped())
    assert isinstance(spec, TableSpec if name in tables() else FigureSpec)


@pytest.mark.parametrize("spec", figures().values(), ids=lambda spec: spec.id)
def test_a_surface_is_one_that_its_sweep_shows(spec: FigureSpec) -> None:
    shown = [view.surface.value for view in load(spec.sweep).sweep.show if view.surface]
    assert spec.surface is None or spec.surface in shown


def test_a_file_of_a_table_is_told_from_a_sweep(tmp_path: Path) -> None:
    (tmp_path / "table.yaml").write_text("id: mine\n")
    (tmp_path / "sweep.yaml").write_text("name: mine\n")
    assert is_declared(str(tmp_path / "table.yaml"))
    assert not is_declared(str(tmp_path / "sweep.yaml"))
    assert find(str(tmp_path / "table.yaml")) == tmp_path / "table.yaml"
    with pytest.raises(UsageError, match="does not exist"):
        is_declared(str(tmp_path / "none.yaml"))


def test_a_heading_with_several_quantities_has_a_column_for_each() -> None:
    mean, quantile, other = (
        Shown(label=label, metric="f1", where={}, published=published, quantity=quantity)
        for label, published, quantity in (
            ("δ=2", None, "mean"),
            ("δ=2, 90 %", "δ=2", "quantile"),
            ("δ=4", None, None),
        )
    )
    assert mean.beside("δ=2", "mean")
    assert not mean.beside("δ=2", "quantile")
    assert quantile.beside("δ=2", "quantile")
    assert not quantile.beside("δ=2, 90 %", "quantile")
    assert other.beside("δ=4", "anything")
