"""What a sweep shows: surfaces, tables and a summary, made from its outcomes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from bench.artefacts.footnotes import CLEAN_NOTE, loss_notes
from bench.artefacts.metric_styles import number_style
from bench.artefacts.provenance import borrowed_note, data_names
from bench.artefacts.sweep_surfaces import render_surface, swept_surfaces
from bench.planning.axes import axis
from bench.planning.metric_choice import metric_label, metric_of
from bench.planning.next_command import alarm
from bench.planning.plan import Plan
from bench.planning.trial import canonical_json
from bench.specs.sweep import TableView
from results.tables.fates import counted, with_value
from results.tables.table import Table, tabulate
from results.tables.table_formats import FORMATS

_DRAWN = ".drawn"
"""File that says which trials the artefacts beside it show."""


def artefacts_of(store_url: str) -> Path:
    """``artefacts`` in the store, or in the working folder where the store is remote."""
    return (Path() if "://" in store_url else Path(store_url)) / "artefacts"


def artefact_folder(plan: Plan, store_url: str, out: Path | None = None) -> Path:
    """``out``, or ``SWEEP-SCALE`` among the artefacts of the store."""
    return out or artefacts_of(store_url) / f"{plan.sweep.name}-{plan.scale}"


def render(plan: Plan, outcomes: pd.DataFrame, summary: list[str], folder: Path) -> list[Path]:
    """Write everything that the sweep shows and a summary; returns the files.

    Args:
        summary: lines about the plan, the first of them its heading.
    """
    folder.mkdir(parents=True, exist_ok=True)
    surfaces = list(swept_surfaces(plan, outcomes))
    written = [path for shown in surfaces for path in render_surface(plan, shown, folder)]
    tables = sweep_tables(plan, outcomes)
    for number, table in enumerate(tables):
        path = folder / f"{table.key}-table{number or ''}.csv"
        path.write_text(FORMATS["csv"](table), encoding="utf-8")
        written.append(path)
    page = folder / "summary.md"
    heading, *facts = summary
    lines = [f"# {heading}", "", *(f"- {fact.strip()}" for fact in facts)]
    lines += [*(f"- {shown.words}" for shown in surfaces), ""]
    texts = [FORMATS["markdown"](table) for table in tables]
    page.write_text("\n".join([*lines, *texts]) + "\n", encoding="utf-8")
    (folder / _DRAWN).write_text(_fingerprint(plan, outcomes), encoding="utf-8")
    return [*written, page]


def existing(plan: Plan, outcomes: pd.DataFrame, folder: Path) -> list[Path]:
    """Files that an earlier `render` of exactly these trials wrote; none if there was no such."""
    drawn = folder / _DRAWN
    if not drawn.is_file() or drawn.read_text(encoding="utf-8") != _fingerprint(plan, outcomes):
        return []
    return sorted(path for path in folder.iterdir() if path != drawn)


def _fingerprint(plan: Plan, outcomes: pd.DataFrame) -> str:
    """Changes when a trial of the plan, its fate, or what is shown of it does."""
    trials = outcomes[["trial_id", "fate"]].to_numpy().tolist()
    shown = [view.model_dump(mode="json") for view in plan.sweep.show]
    return hashlib.sha256(canonical_json([trials, shown]).encode()).hexdigest()


def sweep_tables(plan: Plan, outcomes: pd.DataFrame) -> list[Table]:
    """The tables that the sweep shows."""
    views = [view.table for view in plan.sweep.show if view.table is not None]
    return [_table(plan, outcomes, view, value) for view in views for value in view.values]


def _table(plan: Plan, outcomes: pd.DataFrame, view: TableView, value: str) -> Table:
    row, column = axis(plan, view.rows), axis(plan, view.columns)
    labelled = outcomes.assign(
        row=[row.text(planned) for planned in plan.trials],
        column=[column.text(planned) for planned in plan.trials],
    )
    valued = with_value(labelled, f"metric.{value}")
    missed = alarm(plan, counted(valued["fate"]))
    return tabulate(
        valued,
        title=f"{metric_label(metric_of(plan.trials, value))}: {plan.sweep.title}",
        corner=view.rows.rpartition(".")[2],
        key=value,
        style=number_style(plan.trials, value),
        footnotes=[
            *([f"{missed}."] if missed else []),
            f"Data: {data_names(outcomes, plan.tasks)}; scale {plan.scale}. {CLEAN_NOTE}",
            *loss_notes(planned.trial.loss.plugin_name for planned in plan.trials),
            *borrowed_note(outcomes),
        ],
    )
