"""The papers' tables: declarations in ``bench/paper_tables/``, filled with outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from bench.artefacts.footnotes import CLEAN_NOTE
from bench.artefacts.metric_styles import number_style
from bench.artefacts.provenance import borrowed_note, data_names
from bench.planning.plan import Plan, PlannedTrial, plan
from bench.plugin import UsageError, nearest
from bench.specs.sweep import shipped
from bench.specs.yaml_file import SpecFile
from results.tables.fates import with_value
from results.tables.number_style import NumberStyle
from results.tables.published_numbers import published_numbers
from results.tables.table import Cell, Table, tabulate

FOLDER = Path(__file__).parents[1] / "paper_tables"
_TIMES = ("seconds.train", "seconds.evaluate")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ColumnSpec(_Section):
    """A column: its heading, which is also the published one, and the metric it shows."""

    label: str
    metric: str


class RowSpec(_Section):
    """A row of ours: which planned trials it shows, and the published row beside them."""

    label: str
    where: dict[str, Any]
    published: str | None = None


class BlockSpec(_Section):
    """A block of the printed table: rows of ours, and the published rows that have none."""

    section: str
    rows: list[RowSpec] = []
    skipped: str | None = Field(default=None, description="why nothing of ours is here")


class TableSpec(_Section):
    """A table of the papers.

    Attributes:
        sweeps: whose trials it needs.
        percent: whether numbers are shown, and were published, in per cent.
    """

    id: str
    title: str
    source: str
    sweeps: list[str]
    percent: bool = False
    columns: list[ColumnSpec] = Field(min_length=1)
    blocks: list[BlockSpec] = Field(min_length=1)
    footnotes: list[str] = []


@dataclass(frozen=True)
class PaperTable:
    """A declaration with the plans that its rows select from."""

    spec: TableSpec
    scale: str
    plans: tuple[Plan, ...]

    def selected(self, row: RowSpec) -> list[PlannedTrial]:
        """Planned trials of a row, each once."""
        found = {
            planned.trial_id: planned
            for plan in self.plans
            for planned in plan.trials
            if matches(planned, row.where)
        }
        return list(found.values())

    def needed(self) -> tuple[Plan, ...]:
        """The plans, without the trials that no row shows."""
        shown = {
            planned.trial_id
            for block in self.spec.blocks
            for row in block.rows
            for planned in self.selected(row)
        }
        return tuple(
            replace(one, trials=tuple(p for p in one.trials if p.trial_id in shown))
            for one in self.plans
        )

    def planned(self) -> list[PlannedTrial]:
        """All planned trials that a row may select."""
        return [planned for plan in self.plans for planned in plan.trials]

    def fill(self, outcomes: pd.DataFrame) -> list[Table]:
        """One table per block, with the published numbers beside ours.

        Args:
            outcomes: of the trials that are `planned` (`bench.artefacts.outcomes.join`).
        """
        return [self._block(block, outcomes) for block in self.spec.blocks]

    def _block(self, block: BlockSpec, outcomes: pd.DataFrame) -> Table:
        rows = [
            (planned.trial_id, row.label) for row in block.rows for planned in self.selected(row)
        ]
        labelled = pd.DataFrame(rows, columns=["trial_id", "row"]).merge(outcomes, on="trial_id")
        trials = labelled.drop_duplicates("trial_id")
        cells: dict[tuple[str, str], Cell] = {}
        for column in self.spec.columns:
            valued = with_value(trials, _column(column.metric))[["trial_id", "fate", "value"]]
            shown = labelled.drop(columns="fate").merge(valued, on="trial_id")
            cells |= tabulate(shown.assign(column=column.label), title="", corner="").cells
        order = self._with_published(block, cells)
        return Table(
            title=f"{self.spec.title} — {block.section}",
            corner="method",
            rows=tuple(order),
            columns=tuple(column.label for column in self.spec.columns),
            cells=cells,
            footnotes=tuple(self._footnotes(block, trials)),
            styles=self._styles(),
            key=f"{self.spec.id}-{block.section}".lower().replace(" ", "-"),
        )

    def _styles(self) -> dict[str, NumberStyle]:
        """How each column's numbers are shown."""
        return {
            column.label: number_style(self.planned(), column.metric, self.spec.percent)
            for column in self.spec.columns
        }

    def _with_published(self, block: BlockSpec, cells: dict[tuple[str, str], Cell]) -> list[str]:
        """Add the published numbers to ``cells``; the rows in printed order, then those of ours."""
        numbers = published_numbers(self.spec.id)
        numbers = numbers[(numbers["section"] == block.section) & (numbers["value"] != "")]
        ours = {row.published: row.label for row in block.rows if row.published is not None}
        labels = {name: ours.get(name, name) for name in dict.fromkeys(numbers["row"])}
        styles = self._styles()
        for line in numbers.to_dict("records"):
            place = (labels[line["row"]], str(line["column"]))
            held = cells.get(place, Cell())
            if block.skipped is not None and line["row_kind"] == "ours":
                held = Cell(counts={"skipped": 1}, reason=block.skipped)
            factor = styles[place[1]].factor if place[1] in styles else 1.0
            number = float(line["value"]) / factor
            cells[place] = replace(held, published=number, printed=str(line["value"]))
        return list(dict.fromkeys([*labels.values(), *(row.label for row in block.rows)]))

    def _footnotes(self, block: BlockSpec, trials: pd.DataFrame) -> Iterator[str]:
        unit = " All numbers are per cent." if self.spec.percent else ""
        yield f"In brackets: published ({self.spec.source}).{unit}"
        if block.rows:
            tasks = [task for plan in self.plans for task in plan.tasks]
            yield f"Ours: {data_names(trials, tasks)}; scale {self.scale}. {CLEAN_NOTE}"
        yield from borrowed_note(trials)
        yield from self.spec.footnotes


def matches(planned: PlannedTrial, where: dict[str, Any]) -> bool:
    """Whether a planned trial has the values of ``where``: ``{"loss": …, "task.noise": 0.05}``."""
    config = planned.trial.to_config()
    for key, wanted in where.items():
        section, _, path = key.partition(".")
        value: Any = config.get(section)
        for part in path.split(".") if path else ["name"]:
            value = value.get(part) if isinstance(value, dict) else None
        if value != wanted:
            return False
    return True


def declared() -> dict[str, Path]:
    """Declarations of the papers' tables, by id."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}


def load(table_id: str, scale: str = "laptop") -> PaperTable:
    """A declared table with its plans.

    Raises:
        UsageError: an unknown id, a mistake in the declaration (with file and line), or a row that
            selects no trial.
    """
    paths = declared()
    if table_id not in paths:
        raise UsageError(f"unknown table '{table_id}'{nearest(table_id, paths)}")
    return load_file(paths[table_id], scale)


def read(path: Path) -> tuple[TableSpec, SpecFile]:
    """A declaration, and its file for errors that name the line. Raises `UsageError`."""
    file = SpecFile(path)
    return file.validate(TableSpec), file


def load_file(path: Path, scale: str = "laptop") -> PaperTable:
    """As `load`, from a file."""
    spec, file = read(path)
    problems = [
        file.at(("sweeps", number), f"unknown sweep '{name}'{nearest(name, shipped())}")
        for number, name in enumerate(spec.sweeps)
        if name not in shipped()
    ]
    if problems:
        raise UsageError(problems)
    table = PaperTable(spec, scale, tuple(plan(name, scale) for name in spec.sweeps))
    metrics = {m.name for one in table.plans for task in one.tasks for m in task.metrics} | set(
        _TIMES
    )
    for number, column in enumerate(spec.columns):
        if column.metric not in metrics:
            hint = nearest(column.metric, metrics)
            problems.append(
                file.at(("columns", number, "metric"), f"unknown metric '{column.metric}'{hint}")
            )
    known = set(published_numbers(spec.id)["section"])
    for number, block in enumerate(spec.blocks):
        place: tuple[Any, ...] = ("blocks", number)
        if block.section not in known:
            hint = nearest(block.section, known)
            problems.append(
                file.at((*place, "section"), f"no published section '{block.section}'{hint}")
            )
        for index, row in enumerate(block.rows):
            if not table.selected(row):
                problems.append(
                    file.at(
                        (*place, "rows", index),
                        f"row '{row.label}' selects no trial of {', '.join(spec.sweeps)}",
                    )
                )
    if problems:
        raise UsageError(problems)
    return table


def _column(metric: str) -> str:
    """Column of the outcomes that holds a metric or a time."""
    return metric if metric in _TIMES else f"metric.{metric}"
