"""What the report shows, gathered from the plans and the trials at hand. Nothing is trained."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version

import numpy as np
import pandas as pd

from bench.artefacts import paper_tables
from bench.artefacts.claim_verdicts import Judge
from bench.artefacts.footnotes import CLEAN_NOTE
from bench.artefacts.leaderboard_assembly import leaderboard
from bench.artefacts.sweep_artefacts import (
    enough_runs,
    surface_runs,
    sweep_surface,
    sweep_tables,
)
from bench.planning.axes import Axis, axis, diagonal, parameters
from bench.planning.metric_choice import metric_label, metric_of
from bench.planning.plan import Plan, plan
from bench.plugin import UsageError
from bench.specs.claim_entries import entries
from bench.specs.paper_table import tables
from bench.specs.sweep import SurfaceView, load, shipped
from results.leaderboard.board import Leaderboard
from results.site import (
    ClaimGroup,
    ListColumn,
    Listing,
    Quantity,
    Site,
    SurfacePanel,
    SweepPage,
    TablePage,
)
from results.store.trial_columns import EXPANDED
from results.store.trial_source import TrialSource

_MOST_COLUMNS = 10
_OPTIONS = tuple(f"{EXPANDED[name]}." for name in ("task_options", "loss_options", "train_options"))


def assemble(
    source: TrialSource,
    scale: str = "laptop",
    sweeps: Sequence[str] = (),
    mlflow: str | None = None,
) -> Site:
    """The site of a trial source.

    Args:
        scale: of the plans; trials of other scales are listed without surfaces and tables.
        sweeps: specification files whose plans are shown besides the shipped ones.
        mlflow: address of the tracking server that mirrors the store.

    Raises:
        UsageError: a specification is wrong.
    """
    frame = source.load()
    plans = [plan(name, scale).after(source) for name in (*shipped(), *sweeps)]
    begun = [planned for planned in plans if _has_begun(planned, frame)]
    known = {trial_id for planned in begun for trial_id in planned.ids}
    return Site(
        store=source.shown,
        made=time.strftime("%-d %B %Y, %H:%M UTC", time.gmtime()),
        version=version("pointbench"),
        trials=source.records(),
        sweeps=(
            *(_sweep_page(planned, source, frame) for planned in begun),
            *_other_pages(frame[~frame["trial_id"].isin(known)]),
        ),
        tables=tuple(_table_pages(source, scale)),
        leaderboard=_leaderboard(source, scale, sweeps),
        claims=tuple(_claims(source, scale)),
        mlflow=mlflow,
        runs=source.mirrored(mlflow),
        note=CLEAN_NOTE,
        pending=tuple(
            (planned.sweep.name, planned.sweep.title) for planned in plans if planned not in begun
        ),
    )


def _held(plan: Plan, frame: pd.DataFrame) -> pd.DataFrame:
    """The trials of ``frame`` that are planned."""
    return frame[frame["trial_id"].isin(set(plan.ids))]


def _has_begun(plan: Plan, frame: pd.DataFrame) -> bool:
    """Whether a trial was run for the sweep, or all that it plans were run for others."""
    held = _held(plan, frame)
    complete = bool(len(held)) and len(held) == len(set(plan.ids)) and not plan.unplanned
    return complete or bool((held["sweep"] == plan.sweep.name).any())


def _sweep_page(plan: Plan, source: TrialSource, frame: pd.DataFrame) -> SweepPage:
    trials = _held(plan, frame)
    counts = {str(name): int(n) for name, n in trials["status"].value_counts().items()}
    missing = len(plan.ids) - len(trials) + plan.unplanned
    problem = ""
    surfaces = []
    for view in (view.surface for view in plan.sweep.show if view.surface):
        try:
            panel = _surface_panel(plan, view, source)
        except UsageError as error:
            problem = str(error)
        else:
            surfaces += [panel] if panel is not None else []
    shown = [view.surface or view.table for view in plan.sweep.show]
    return SweepPage(
        name=plan.sweep.name,
        scale=plan.scale,
        title=plan.sweep.title,
        source=plan.sweep.source,
        command=f"bench run {plan.sweep.name} --scale {plan.scale}",
        planned=len(plan.ids),
        statuses={**counts, "missing": missing} if missing else counts,
        reasons=_reasons(trials),
        listing=_listing(trials, [f"metric.{view.value}" for view in shown if view], plan),
        surfaces=tuple(surfaces),
        tables=tuple(sweep_tables(plan, source)),
        problem=problem,
    )


def _other_pages(frame: pd.DataFrame) -> Iterator[SweepPage]:
    """Trials of sweeps that no plan at hand has: other scales, other versions, users' own."""
    for (sweep, scale), trials in frame.groupby(["sweep", "scale"], sort=True):
        counts = trials["status"].value_counts()
        metrics = [name for name in map(str, trials.columns) if name.startswith("metric.")]
        validated = [name for name in metrics if not name.startswith("metric.validation.")]
        yield SweepPage(
            name=f"{sweep} outside of the plan",
            scale=str(scale),
            title=f"{sweep}: trials outside of the plan",
            source="",
            command="",
            planned=None,
            statuses={str(name): int(n) for name, n in counts.items()},
            reasons=_reasons(trials),
            listing=_listing(trials, validated[:3]),
        )


def _reasons(trials: pd.DataFrame) -> dict[str, int]:
    skipped = trials.loc[trials["status"] == "skipped", "reason"].fillna("no reason given")
    return {str(reason): int(n) for reason, n in skipped.value_counts().items()}


def _surface_panel(plan: Plan, view: SurfaceView, source: TrialSource) -> SurfacePanel | None:
    runs = surface_runs(plan, source, view)
    if not enough_runs(view, runs):
        return None
    name, _, about = metric_label(metric_of(plan.trials, view.value)).partition(" (")
    x, y = axis(plan, view.x), axis(plan, view.y)
    line = diagonal(x, y)
    return SurfacePanel(
        surface=sweep_surface(view, runs),
        trial_ids=tuple(map(str, runs.index)),
        runs_x=runs[view.x].to_numpy(float),
        runs_y=runs[view.y].to_numpy(float),
        runs_value=runs[f"metric.{view.value}"].to_numpy(float),
        x=_quantity(x),
        y=_quantity(y),
        value=Quantity(name),
        about=about.rstrip(")"),
        data=", ".join(sorted(set(runs["data_name"]))),
        color_range=(view.color_range[0], view.color_range[1]) if view.color_range else None,
        diagonal=line.plain if line else None,
    )


def _quantity(of: Axis) -> Quantity:
    return Quantity(of.name.plain, of.unit, of.factor)


def _listing(trials: pd.DataFrame, metrics: Sequence[str], plan: Plan | None = None) -> Listing:
    """Trials with the options in which they differ, in the plan's units, and some metrics."""
    differing = [
        name
        for name in map(str, trials.columns)
        if (name in ("task", "loss", "replicate") or name.startswith(_OPTIONS))
        and trials[name].astype(str).nunique() > 1
    ]
    units = set(parameters(plan)) if plan is not None else set()
    chosen = [*differing[:_MOST_COLUMNS], *dict.fromkeys(m for m in metrics if m in trials)]
    return Listing(
        trial_ids=tuple(trials["trial_id"]),
        statuses=tuple(trials["status"]),
        columns=tuple(
            _column(name, list(map(_plain, trials[name])), plan if name in units else None)
            for name in chosen
        ),
    )


def _column(name: str, values: list[float | str | None], plan: Plan | None) -> ListColumn:
    if plan is None or "." not in name:
        return ListColumn(name.removeprefix("metric."), tuple(values))
    shown = axis(plan, name)
    label = f"{name} [{shown.unit}]" if shown.unit else name
    return ListColumn(label, tuple(v * shown.factor if isinstance(v, float) else v for v in values))


def _plain(value: object) -> float | str | None:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return str(value)
    return float(value)


def _table_pages(source: TrialSource, scale: str) -> Iterator[TablePage]:
    for name in tables():
        table = paper_tables.load(name, scale)
        yield TablePage(
            name=name,
            title=table.spec.title,
            tables=tuple(table.fill(source)),
            source=table.spec.source,
            command=f"bench reproduce {name} --scale {scale}",
        )


def _leaderboard(source: TrialSource, scale: str, sweeps: Sequence[str]) -> Leaderboard | None:
    """That of all sweeps that declare it, shipped or given; None without a trial."""
    declared = [name for name in (*shipped(), *sweeps) if load(name, scale).sweep.leaderboard]
    try:
        return leaderboard(source, scale, declared) if declared else None
    except UsageError:
        return None


def _claims(source: TrialSource, scale: str) -> Iterator[ClaimGroup]:
    judge = Judge(source, scale)
    for entry in entries():
        verdicts = tuple(judge.verdict(claim) for claim in entry.claims)
        yield ClaimGroup(entry.number, entry.title, verdicts)
