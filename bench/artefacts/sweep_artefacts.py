"""What a sweep shows: surfaces, tables and a summary, made from its outcomes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from bench.artefacts.footnotes import CLEAN_NOTE, loss_notes
from bench.artefacts.metric_styles import number_style
from bench.artefacts.provenance import borrowed_note, data_names
from bench.planning.axes import axis, diagonal
from bench.planning.metric_choice import metric_label, metric_of
from bench.planning.plan import Plan
from bench.planning.trial import canonical_json
from bench.specs.sweep import SurfaceView, TableView
from results.surface.nadaraya_watson import Surface, estimate_surface
from results.surface.surface_figure import draw_surface, save
from results.tables.fates import with_value
from results.tables.table import Table, tabulate
from results.tables.table_formats import FORMATS

_GRID = (151, 101)
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
    written = render_surfaces(plan, outcomes, folder)
    tables = sweep_tables(plan, outcomes)
    for number, table in enumerate(tables):
        path = folder / f"{table.key}-table{number or ''}.csv"
        path.write_text(FORMATS["csv"](table), encoding="utf-8")
        written.append(path)
    page = folder / "summary.md"
    heading, *facts = summary
    lines = [f"# {heading}", "", *(f"- {fact.strip()}" for fact in facts), ""]
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


def render_surfaces(plan: Plan, outcomes: pd.DataFrame, folder: Path) -> list[Path]:
    """SVG, PNG and CSV of each surface of the sweep."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, view in enumerate(view.surface for view in plan.sweep.show if view.surface):
        runs = surface_runs(plan, view, outcomes)
        if not enough_runs(view, runs):
            continue
        surface = sweep_surface(view, runs)
        x, y = axis(plan, view.x), axis(plan, view.y)
        line = diagonal(x, y)
        stem = folder / f"{view.value}-surface{number or ''}"
        figure = draw_surface(
            surface,
            runs[view.x].to_numpy(),
            runs[view.y].to_numpy(),
            x_label=x.mathtext,
            y_label=y.mathtext,
            value_label=metric_label(metric_of(plan.trials, view.value)),
            x_scale=x.factor,
            y_scale=y.factor,
            title=plan.sweep.title,
            data_name=str(runs["data_name"].iloc[0]),
            color_range=view.color_range,
            diagonal=line.mathtext if line else None,
        )
        for suffix in (".svg", ".png"):
            save(figure, stem.with_suffix(suffix))
        surface.to_frame().rename(columns={"x": view.x, "y": view.y, "value": view.value}).to_csv(
            stem.with_suffix(".csv"), index=False, float_format="%.6g"
        )
        runs.drop(columns="data_name").to_csv(
            folder / f"{view.value}-runs{number or ''}.csv", index_label="trial_id"
        )
        written += [stem.with_suffix(suffix) for suffix in (".svg", ".png", ".csv")]
        written.append(folder / f"{view.value}-runs{number or ''}.csv")
    return written


def surface_runs(plan: Plan, view: SurfaceView, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Finished trials that stand on a surface, by trial id.

    Columns: the two axes, as planned; the metric under ``metric.NAME``; ``data_name``. Trials that
    have no such option, or no value, are no point of it.
    """
    metric = f"metric.{view.value}"
    runs = with_value(outcomes, metric)[["trial_id", "fate", "value", "data_name"]]
    for place, name in enumerate((view.x, view.y), start=1):
        shown = axis(plan, name)
        runs.insert(place, name, [shown.value(planned) for planned in plan.trials])
        runs[name] = runs[name].astype(float)
    runs = runs.rename(columns={"value": metric})
    there = runs[[view.x, view.y]].notna().all(axis=1)
    finished = runs[(runs["fate"] == "finished") & there].sort_values("trial_id")
    return finished.drop(columns="fate").set_index("trial_id")


def enough_runs(view: SurfaceView, runs: pd.DataFrame) -> bool:
    """Whether a surface can be drawn: choosing bandwidths takes three runs, and extents two."""
    spread = view.extent is not None or min(runs[view.x].nunique(), runs[view.y].nunique()) > 1
    return spread and len(runs) >= (1 if view.bandwidth else 3)


def sweep_surface(view: SurfaceView, runs: pd.DataFrame) -> Surface:
    """The surface that the sweep shows of its runs (`surface_runs`)."""
    x, y = runs[view.x].to_numpy(float), runs[view.y].to_numpy(float)
    extent = view.extent or [[x.min(), x.max()], [y.min(), y.max()]]
    grids = [np.linspace(low, high, n) for (low, high), n in zip(extent, _GRID, strict=True)]
    bandwidth = (view.bandwidth[0], view.bandwidth[1]) if view.bandwidth else None
    value = runs[f"metric.{view.value}"].to_numpy(float)
    return estimate_surface(x, y, value, *grids, bandwidth=bandwidth, clip=view.clip)


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
    return tabulate(
        with_value(labelled, f"metric.{value}"),
        title=f"{metric_label(metric_of(plan.trials, value))}: {plan.sweep.title}",
        corner=view.rows.rpartition(".")[2],
        key=value,
        style=number_style(plan.trials, value),
        footnotes=[
            f"Data: {data_names(outcomes, plan.tasks)}; scale {plan.scale}. {CLEAN_NOTE}",
            *loss_notes(planned.trial.loss.plugin_name for planned in plan.trials),
            *borrowed_note(outcomes),
        ],
    )
