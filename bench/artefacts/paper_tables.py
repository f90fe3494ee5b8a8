"""The papers' tables: declarations in ``bench/paper_tables/``, filled with outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from bench.artefacts.footnotes import CLEAN_NOTE, loss_notes
from bench.artefacts.metric_styles import number_style
from bench.artefacts.provenance import borrowed_note, data_names
from bench.planning.chosen_trials import matches
from bench.planning.metric_choice import metrics_of
from bench.planning.next_command import alarm
from bench.planning.plan import Plan, PlannedTrial, plan
from bench.plugin import UsageError, nearest
from bench.specs.paper_table import (
    TIMES,
    BlockSpec,
    ColumnSpec,
    RowSpec,
    TableSpec,
    find,
    is_figure,
    read_table,
    sweeps_of,
)
from bench.specs.yaml_file import KeyPath
from results.tables.fates import counted, overall, with_value
from results.tables.number_style import NumberStyle
from results.tables.published_numbers import names, published_numbers
from results.tables.table import Cell, Table, tabulate

TESTING = "smoke"
"""The scale that may plan fewer settings than a table shows, so that a test of it is short."""


@dataclass(frozen=True)
class PaperTable:
    """A declaration with the plans that its rows select from."""

    spec: TableSpec
    scale: str
    plans: tuple[Plan, ...]

    def selected(self, *where: dict[str, Any]) -> list[PlannedTrial]:
        """Planned trials that have the values of every ``where``, each once."""
        found = {
            planned.trial_id: planned
            for plan in self.plans
            for planned in plan.trials
            if all(matches(planned, one) for one in where)
        }
        return list(found.values())

    def needed(self) -> tuple[Plan, ...]:
        """The plans, without the trials that no row shows."""
        shown = {
            planned.trial_id
            for block in self.spec.blocks
            for row in block.rows
            for planned in self.selected(row.where)
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
        rows = [(one.trial_id, row.label) for row in block.rows for one in self.selected(row.where)]
        labelled = pd.DataFrame(rows, columns=["trial_id", "row"]).merge(outcomes, on="trial_id")
        trials = labelled.drop_duplicates("trial_id")
        cells: dict[tuple[str, str], Cell] = {}
        for column in self.spec.shown(block):
            valued = with_value(trials, _stored(column.metric))[["trial_id", "fate", "value"]]
            shown = labelled.drop(columns="fate").merge(valued, on="trial_id")
            chosen = shown["trial_id"].isin({one.trial_id for one in self.selected(column.where)})
            labels = shown[chosen].assign(column=column.label)
            if column.metric in TIMES:  # neither data nor convergence bear on what was timed
                labels = labels.assign(resampled=0.0, sparse=False)
            cells |= tabulate(labels, title="", corner="").cells
        order = self._with_published(block, cells)
        return Table(
            title=" — ".join(filter(None, (self.spec.title, block.section))),
            corner="method",
            rows=tuple(order),
            columns=tuple(column.label for column in self.spec.shown(block)),
            cells=cells,
            footnotes=tuple(self._footnotes(block, trials)),
            styles=self._styles(block),
            key="-".join(filter(None, (self.spec.id, block.section))).lower().replace(" ", "-"),
        )

    def _styles(self, block: BlockSpec) -> dict[str, NumberStyle]:
        """How each column's numbers are shown."""
        return {
            column.label: number_style(self.planned(), column.metric, self.spec.percent)
            for column in self.spec.shown(block)
        }

    def _with_published(self, block: BlockSpec, cells: dict[tuple[str, str], Cell]) -> list[str]:
        """Add the published numbers to ``cells``; the rows in printed order, then those of ours."""
        if self.spec.id not in names():  # a table of the user's own
            return [row.label for row in block.rows]
        numbers = published_numbers(self.spec.id)
        numbers = numbers[(numbers["section"] == block.section) & (numbers["value"] != "")]
        ours = {row.published: row.label for row in block.rows if row.published is not None}
        labels = {name: ours.get(name, name) for name in dict.fromkeys(numbers["row"])}
        styles, shown = self._styles(block), self.spec.shown(block)
        for line in numbers.to_dict("records"):
            heading = str(line["column"])
            beside = [one.label for one in shown if one.beside(heading, str(line["metric"]))]
            place = (labels[line["row"]], beside[0] if beside else heading)
            held = cells.get(place, Cell())
            if block.skipped is not None and line["row_kind"] == "ours":
                held = Cell(counts={"skipped": 1}, reason=block.skipped)
            factor = styles[place[1]].factor if place[1] in styles else 1.0
            number = float(line["value"]) / factor
            cells[place] = replace(held, published=number, printed=str(line["value"]))
        return list(dict.fromkeys([*labels.values(), *(row.label for row in block.rows)]))

    def _footnotes(self, block: BlockSpec, trials: pd.DataFrame) -> Iterator[str]:
        yield from self._alarms(trials)
        mixed = any(style.unit for style in self._styles(block).values())
        which = "Numbers without another unit" if mixed else "All numbers"
        unit = f" {which} are per cent." if self.spec.percent else ""
        if self.spec.id in names():
            yield f"In brackets: published ({self.spec.source}).{unit}"
        if block.rows:
            tasks = [task for plan in self.plans for task in plan.tasks]
            yield f"Ours: {data_names(trials, tasks)}; scale {self.scale}. {CLEAN_NOTE}"
        rows = [one for row in block.rows for one in self.selected(row.where)]
        yield from loss_notes(one.trial.loss.plugin_name for one in rows)
        yield from borrowed_note(trials)
        yield from self.spec.footnotes

    def _alarms(self, trials: pd.DataFrame) -> Iterator[str]:
        """What became of the block's trials of each sweep, where nobody may miss it."""
        fates = overall(trials)
        for one in self.plans:
            if words := alarm(one, counted(fates[trials["trial_id"].isin(one.ids)])):
                yield f"{one.sweep.name}: {words}."


def load(name_or_file: str, scale: str = "laptop") -> PaperTable:
    """A declared table, or one of the user's, with its plans.

    Raises:
        UsageError: an unknown id, a mistake in the declaration (with file and line), or a row that
            selects no trial.
    """
    path = find(name_or_file)
    if is_figure(path):
        raise UsageError(f"'{name_or_file}' is a figure; draw it: bench reproduce {name_or_file}")
    spec, file = read_table(path)
    sweeps = sweeps_of(spec, file)
    table = PaperTable(spec, scale, tuple(plan(name, scale) for name in sweeps))
    problems = [file.at(place, message) for place, message in _problems(table)]
    if problems:
        raise UsageError(problems)
    return table


def _problems(table: PaperTable) -> Iterator[tuple[KeyPath, str]]:
    """Metrics that no task has, sections that nobody published, rows and columns without trials."""
    spec = table.spec
    metrics = {*metrics_of(one for plan in table.plans for one in plan.trials), *TIMES}
    named: list[tuple[KeyPath, str]] = [
        (("values", number), name) for number, name in enumerate(spec.values)
    ]
    named += [
        ((*place, "metric"), column.metric)
        for place, column, _ in _columns(spec)
        if column.metric is not None
    ]
    named += [
        (("blocks", number, "metric"), block.metric)
        for number, block in enumerate(spec.blocks)
        if block.metric is not None
    ]
    for place, name in named:
        if name not in metrics:
            yield place, f"unknown metric '{name}'{nearest(name, metrics)}"
    printed = spec.id in names()
    known = set(published_numbers(spec.id)["section"]) if printed else set()
    for number, block in enumerate(spec.blocks):
        if printed and block.section not in known:
            hint = nearest(block.section, known)
            yield ("blocks", number, "section"), f"no published section '{block.section}'{hint}"
        for index, row in enumerate(block.rows):
            at: KeyPath = ("blocks", number, "rows", index)
            if not table.selected(row.where) and table.scale != TESTING:
                message = f"row '{row.label}' selects no trial of {', '.join(spec.sweeps)}"
                yield at, message
            elif row.published is not None and not printed:
                yield at, f"no numbers of '{spec.id}' are published here"
    for place, column, rows in _columns(spec):
        found = any(table.selected(row.where, column.where) for row in rows)
        if rows and not found and table.scale != TESTING:
            yield place, f"column '{column.label}' selects no trial of any row"


def _columns(spec: TableSpec) -> Iterator[tuple[KeyPath, ColumnSpec, list[RowSpec]]]:
    """Every declared column with its place, and the rows that it may be a column of."""
    rows = [row for block in spec.blocks if not block.columns for row in block.rows]
    for number, column in enumerate(spec.columns):
        yield ("columns", number), column, rows
    for index, block in enumerate(spec.blocks):
        for number, column in enumerate(block.columns):
            yield ("blocks", index, "columns", number), column, block.rows


def _stored(metric: str) -> str:
    """Column of the outcomes that holds a metric or a time."""
    return metric if metric in TIMES else f"metric.{metric}"
