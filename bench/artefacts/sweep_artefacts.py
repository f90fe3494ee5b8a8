"""What a sweep shows: surfaces, tables and a summary, made from the store. Nothing is trained."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from bench.artefacts.footnotes import CLEAN_NOTE
from bench.artefacts.status_facts import describe_plan, plan_lines
from bench.planning.axes import axis, diagonal
from bench.planning.metric_choice import metric_label, metric_of
from bench.planning.plan import Plan
from bench.planning.trial import canonical_json
from bench.specs.sweep import SurfaceView, TableView
from results.store.trial_source import TrialSource
from results.surface.nadaraya_watson import Surface, estimate_surface
from results.surface.surface_figure import draw_surface, save
from results.tables.table import Table, tabulate
from results.tables.table_formats import FORMATS

_GRID = (151, 101)
_DRAWN = ".drawn"
"""File that says which trials the artefacts beside it show."""


def render(plan: Plan, store: TrialSource, out: Path | None = None) -> list[Path]:
    """Write everything that the sweep shows and a summary; returns the files.

    Args:
        out: folder; by default ``artefacts/SWEEP-SCALE`` in the store (beside it when remote).
    """
    folder = _folder(plan, store, out)
    written = render_surfaces(plan, store, folder)
    tables = sweep_tables(plan, store)
    for number, table in enumerate(tables):
        path = folder / f"{table.key}-table{number or ''}.csv"
        path.write_text(FORMATS["csv"](table), encoding="utf-8")
        written.append(path)
    summary = folder / "summary.md"
    heading, *facts = plan_lines(describe_plan(plan, store))
    lines = [f"# {heading}", "", *(f"- {fact.strip()}" for fact in facts), ""]
    texts = [FORMATS["markdown"](table) for table in tables]
    summary.write_text("\n".join([*lines, *texts]) + "\n", encoding="utf-8")
    (folder / _DRAWN).write_text(_fingerprint(plan, store), encoding="utf-8")
    return [*written, summary]


def existing(plan: Plan, store: TrialSource, out: Path | None = None) -> list[Path]:
    """Files that an earlier `render` of exactly these trials wrote; none if there was no such."""
    folder = _folder(plan, store, out)
    drawn = folder / _DRAWN
    if not drawn.is_file() or drawn.read_text(encoding="utf-8") != _fingerprint(plan, store):
        return []
    return sorted(path for path in folder.iterdir() if path != drawn)


def _fingerprint(plan: Plan, store: TrialSource) -> str:
    """Changes when a trial of the plan, its status, or what is shown of it does."""
    statuses = store.statuses()
    trials = [[trial_id, statuses.get(trial_id)] for trial_id in plan.ids]
    shown = [view.model_dump(mode="json") for view in plan.sweep.show]
    return hashlib.sha256(canonical_json([trials, shown]).encode()).hexdigest()


def render_surfaces(plan: Plan, store: TrialSource, out: Path | None = None) -> list[Path]:
    """SVG, PNG and CSV of each surface of the sweep."""
    folder = _folder(plan, store, out)
    written = []
    for number, view in enumerate(view.surface for view in plan.sweep.show if view.surface):
        runs = surface_runs(plan, store, view)
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


def sweep_tables(plan: Plan, store: TrialSource) -> list[Table]:
    """The tables that the sweep shows."""
    views = [view.table for view in plan.sweep.show if view.table is not None]
    return [_table(plan, store, view, value) for view in views for value in view.values]


def sweep_surface(view: SurfaceView, runs: pd.DataFrame) -> Surface:
    """The surface that the sweep shows of its runs (`surface_runs`)."""
    x, y = runs[view.x].to_numpy(float), runs[view.y].to_numpy(float)
    extent = view.extent or [[x.min(), x.max()], [y.min(), y.max()]]
    grids = [np.linspace(low, high, n) for (low, high), n in zip(extent, _GRID, strict=True)]
    bandwidth = (view.bandwidth[0], view.bandwidth[1]) if view.bandwidth else None
    value = runs[f"metric.{view.value}"].to_numpy(float)
    return estimate_surface(x, y, value, *grids, bandwidth=bandwidth, clip=view.clip)


def _table(plan: Plan, store: TrialSource, view: TableView, value: str) -> Table:
    row, column = axis(plan, view.rows), axis(plan, view.columns)
    planned = pd.DataFrame(
        {
            "trial_id": plan.ids,
            "row": [row.text(planned) for planned in plan.trials],
            "column": [column.text(planned) for planned in plan.trials],
        }
    )
    metric = f"metric.{value}"
    trials = store.load(
        ids=plan.ids, columns=["trial_id", "status", "reason", "data_name", metric]
    ).rename(columns={metric: "value"})
    if "value" not in trials:
        trials["value"] = float("nan")
    data = ", ".join(sorted(set(trials["data_name"]))) or plan.tasks[0].data_name
    return tabulate(
        planned,
        trials,
        title=f"{metric_label(metric_of(plan.trials, value))}: {plan.sweep.title}",
        corner=view.rows.rpartition(".")[2],
        key=value,
        footnotes=[
            f"Data: {data}; scale {plan.scale}. {CLEAN_NOTE}",
            *borrowed_note(store, trials["trial_id"]),
        ],
    )


def borrowed_note(source: TrialSource, trial_ids: pd.Series[str]) -> Iterator[str]:
    """Says how many of the trials are reference results, if any are."""
    borrowed = source.borrowed(list(trial_ids))
    if borrowed:
        frame = source.load(borrowed, ["trial_id", "hardware", "versions.pointbench"])
        made = sorted({f"pointbench {v}" for v in frame["versions.pointbench"].dropna()})
        where = sorted(set(frame["hardware"]))
        yield (
            f"{len(borrowed)} of {trial_ids.nunique()} trials are reference results "
            f"({', '.join(made)}; {', '.join(where)})."
        )


def surface_runs(plan: Plan, store: TrialSource, view: SurfaceView) -> pd.DataFrame:
    """Finished trials that stand on a surface, by trial id.

    Columns: the two axes, as planned; the metric under ``metric.NAME``; ``data_name``. Trials that
    have no such option, or no value, are no point of it.
    """
    x, y = axis(plan, view.x), axis(plan, view.y)
    places = {p.trial_id: (x.value(p), y.value(p)) for p in plan.trials}
    metric = f"metric.{view.value}"
    runs = store.load(ids=plan.ids, columns=["trial_id", "status", metric, "data_name"])
    points = [places[str(trial_id)] for trial_id in runs["trial_id"]]
    runs.insert(1, view.x, [point[0] for point in points])
    runs.insert(2, view.y, [point[1] for point in points])
    shown = [view.x, view.y, metric]
    runs[shown] = runs[shown].astype(float)
    valued = np.isfinite(runs[shown].to_numpy()).all(axis=1)
    finished: pd.DataFrame = runs[(runs["status"] == "finished").to_numpy() & valued]
    return finished.drop(columns="status").set_index("trial_id")


def enough_runs(view: SurfaceView, runs: pd.DataFrame) -> bool:
    """Whether a surface can be drawn: choosing bandwidths takes three runs, and extents two."""
    spread = view.extent is not None or min(runs[view.x].nunique(), runs[view.y].nunique()) > 1
    return spread and len(runs) >= (1 if view.bandwidth else 3)


def _folder(plan: Plan, store: TrialSource, out: Path | None) -> Path:
    if out is None:
        base = Path() if "://" in store.url else Path(store.url)
        out = base / "artefacts" / f"{plan.sweep.name}-{plan.scale}"
    out.mkdir(parents=True, exist_ok=True)
    return out
