"""The papers' tables: declarations in ``bench/paper_tables/``, filled from a trial source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from bench.artefacts.footnotes import CLEAN_NOTE
from bench.artefacts.stale_trials import stale_trials
from bench.artefacts.sweep_artefacts import borrowed_note
from bench.planning.plan import Plan, PlannedTrial, plan
from bench.plugin import UsageError, nearest
from bench.specs.sweep import shipped
from bench.specs.yaml_file import SpecFile
from results.store.trial_source import TrialSource
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

    def fill(self, source: TrialSource) -> list[Table]:
        """One table per block, with the published numbers beside ours."""
        return [self._block(block, source) for block in self.spec.blocks]

    def _block(self, block: BlockSpec, source: TrialSource) -> Table:
        rows = [(row.label, planned) for row in block.rows for planned in self.selected(row)]
        names = [_stored(column.metric) for column in self.spec.columns]
        trials = _trials(source, [planned for _, planned in rows], names)
        tables = []
        for column in self.spec.columns if rows else ():
            planned = pd.DataFrame(
                {
                    "trial_id": [planned.trial_id for _, planned in rows],
                    "row": [label for label, _ in rows],
                    "column": column.label,
                }
            )
            tables.append(tabulate(planned, _valued(trials, column.metric), title="", corner=""))
        cells = {place: cell for table in tables for place, cell in table.cells.items()}
        order = self._with_published(block, cells)
        return Table(
            title=f"{self.spec.title} — {block.section}",
            corner="method",
            rows=tuple(order),
            columns=tuple(column.label for column in self.spec.columns),
            cells=cells,
            footnotes=tuple(self._footnotes(block, source, trials)),
            digits=1 if self.spec.percent else 3,
            factor=100.0 if self.spec.percent else 1.0,
            key=f"{self.spec.id}-{block.section}".lower().replace(" ", "-"),
        )

    def _with_published(self, block: BlockSpec, cells: dict[tuple[str, str], Cell]) -> list[str]:
        """Add the published numbers to ``cells``; the rows in printed order, then those of ours."""
        numbers = published_numbers(self.spec.id)
        numbers = numbers[(numbers["section"] == block.section) & (numbers["value"] != "")]
        ours = {row.published: row.label for row in block.rows if row.published is not None}
        labels = {name: ours.get(name, name) for name in dict.fromkeys(numbers["row"])}
        factor = 100.0 if self.spec.percent else 1.0
        for line in numbers.to_dict("records"):
            place = (labels[line["row"]], str(line["column"]))
            held = cells.get(place, Cell())
            if block.skipped is not None and line["row_kind"] == "ours":
                held = Cell(counts={"skipped": 1}, reason=block.skipped)
            number = float(line["value"]) / factor
            cells[place] = replace(held, published=number, printed=str(line["value"]))
        return list(dict.fromkeys([*labels.values(), *(row.label for row in block.rows)]))

    def _footnotes(
        self, block: BlockSpec, source: TrialSource, trials: pd.DataFrame
    ) -> Iterator[str]:
        unit = " All numbers are per cent." if self.spec.percent else ""
        yield f"In brackets: published ({self.spec.source}).{unit}"
        if block.rows:
            data = ", ".join(sorted(set(trials["data_name"]))) or self.plans[0].tasks[0].data_name
            yield f"Ours: {data}; scale {self.scale}. {CLEAN_NOTE}"
        yield from borrowed_note(source, trials["trial_id"])
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


def _stored(metric: str) -> str:
    """Column of the trials frame that holds a metric or a time."""
    return metric if metric in _TIMES else f"metric.{metric}"


def _valued(trials: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Trials with a metric as ``value``; times count on the most used processor model only."""
    valued = trials.rename(columns={_stored(metric): "value"})
    if metric in _TIMES and len(valued):
        here = valued.loc[valued["status"] == "finished", "hardware"].mode()
        valued.loc[~valued["hardware"].isin(here[:1]), "status"] = "elsewhere"
    return valued


def _trials(source: TrialSource, planned: list[PlannedTrial], names: list[str]) -> pd.DataFrame:
    """Trials of a block, and stale ones in place of those that are missing."""
    columns = ["trial_id", "status", "reason", "data_name", "hardware"]
    ids = list(dict.fromkeys(one.trial_id for one in planned))
    trials = source.load(ids, [*columns, *dict.fromkeys(names)])
    missing = [one for one in planned if one.trial_id not in set(trials["trial_id"])]
    old = stale_trials(missing, source)
    if not old:
        return trials
    rows = pd.DataFrame({"trial_id": list(old), "status": "stale", "data_name": ""})
    return pd.concat([trials, rows], ignore_index=True)
