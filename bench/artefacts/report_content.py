"""What the report shows, gathered from the plans and the trials at hand. Nothing is trained."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version

import numpy as np
import pandas as pd

from bench.artefacts import paper_tables
from bench.artefacts.claim_verdicts import verdict
from bench.artefacts.footnotes import CLEAN_NOTE
from bench.artefacts.leaderboard_assembly import board_sweeps, leaderboard
from bench.artefacts.outcomes import SweepOutcomes, join
from bench.artefacts.paper_figures import load_figure
from bench.artefacts.sweep_artefacts import sweep_tables
from bench.artefacts.sweep_surfaces import SweptSurface, swept_surfaces
from bench.planning.axes import Axis, axis, parameters
from bench.planning.metric_choice import metric_label, metric_of
from bench.planning.next_command import alarm, run_command
from bench.planning.plan import Plan
from bench.plugin import UsageError
from bench.specs.claim_entries import entries
from bench.specs.paper_table import figures, tables
from bench.specs.sweep import shipped
from results.figures.figure_file import encoded
from results.leaderboard.board import Leaderboard
from results.site import (
    ClaimGroup,
    FigurePage,
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
from results.tables.fates import counted, overall

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
    joined = SweepOutcomes(source, scale)
    plans = [joined.of(name) for name in (*shipped(), *sweeps)]
    begun = [(planned, outcomes) for planned, outcomes in plans if _has_begun(planned, outcomes)]
    known = {trial_id for planned, _ in begun for trial_id in planned.ids}
    frame = source.load()
    board, no_board = _leaderboard(source, joined, sweeps)
    return Site(
        store=source.shown,
        made=time.strftime("%-d %B %Y, %H:%M UTC", time.gmtime()),
        version=version("pointbench"),
        trials=source.records(),
        sweeps=(
            *(sweep_page(planned, outcomes) for planned, outcomes in begun),
            *_other_pages(frame[~frame["trial_id"].isin(known)]),
        ),
        tables=tuple(_table_pages(source, scale)),
        figures=tuple(_figure_pages(source, joined)),
        leaderboard=board,
        no_board=no_board,
        claims=tuple(
            ClaimGroup(
                entry.number,
                entry.title,
                tuple(verdict(claim, joined) for claim in entry.claims),
            )
            for entry in entries()
        ),
        mlflow=mlflow,
        runs=source.mirrored(mlflow),
        note=CLEAN_NOTE,
        pending=tuple(
            (planned.sweep.name, planned.sweep.title)
            for planned, outcomes in plans
            if not _has_begun(planned, outcomes)
        ),
    )


def _has_begun(plan: Plan, outcomes: pd.DataFrame) -> bool:
    """Whether a trial was run for the sweep, or all that it plans were run for others."""
    complete = bool(len(outcomes)) and bool(outcomes["stored"].all()) and not plan.unplanned
    return complete or bool((outcomes["sweep"] == plan.sweep.name).any())


def sweep_page(plan: Plan, outcomes: pd.DataFrame) -> SweepPage:
    """What the site shows of a sweep.

    Args:
        outcomes: of the plan's trials (`bench.artefacts.outcomes.join`).
    """
    outcomes = outcomes.assign(fate=overall(outcomes))
    counts = counted(outcomes["fate"])
    missing = counts.get("missing", 0) + plan.unplanned
    swept = list(swept_surfaces(plan, outcomes))
    panels = [_surface_panel(plan, shown) for shown in swept]
    tabulated = [value for view in plan.sweep.show if view.table for value in view.table.values]
    drawn = [view.surface.value for view in plan.sweep.show if view.surface]
    stored = outcomes[outcomes["stored"]].sort_values("trial_id")
    return SweepPage(
        name=plan.sweep.name,
        scale=plan.scale,
        title=plan.sweep.title,
        source=plan.sweep.source,
        command=run_command(plan),
        planned=len(plan.ids),
        statuses=counts | ({"missing": missing} if missing else {}),
        reasons=_reasons(outcomes),
        listing=_listing(stored, [f"metric.{value}" for value in [*drawn, *tabulated]], plan),
        surfaces=tuple(panel for panel in panels if panel is not None),
        alarm=alarm(plan, counts),
        blanks=tuple(shown.words for shown in swept if shown.surface is None),
        tables=tuple(sweep_tables(plan, outcomes)),
    )


def _other_pages(frame: pd.DataFrame) -> Iterator[SweepPage]:
    """Trials of sweeps that no plan at hand has: other scales, other versions, users' own."""
    frame = frame.rename(columns={"status": "fate"})
    for (sweep, scale), trials in frame.groupby(["sweep", "scale"], sort=True):
        metrics = [name for name in map(str, trials.columns) if name.startswith("metric.")]
        validated = [name for name in metrics if not name.startswith("metric.validation.")]
        yield SweepPage(
            name=f"{sweep} outside of the plan",
            scale=str(scale),
            title=f"{sweep}: trials outside of the plan",
            source="",
            command="",
            planned=None,
            statuses=counted(trials["fate"]),
            reasons=_reasons(trials),
            listing=_listing(trials, validated[:3]),
        )


def _reasons(trials: pd.DataFrame) -> dict[str, int]:
    skipped = trials.loc[trials["fate"] == "skipped", "reason"].fillna("no reason given")
    return {str(reason): int(n) for reason, n in skipped.value_counts().items()}


def _surface_panel(plan: Plan, shown: SweptSurface) -> SurfacePanel | None:
    if shown.surface is None:
        return None
    view = shown.view
    name, _, about = metric_label(metric_of(plan.trials, view.value)).partition(" (")
    x, y, value = shown.values
    return SurfacePanel(
        surface=shown.surface,
        trial_ids=tuple(map(str, shown.runs.index)),
        runs_x=x,
        runs_y=y,
        runs_value=value,
        x=_quantity(shown.x),
        y=_quantity(shown.y),
        value=Quantity(name),
        about=about.rstrip(")"),
        data=", ".join(sorted(set(shown.runs["data_name"]))),
        color_range=(view.color_range[0], view.color_range[1]) if view.color_range else None,
        diagonal=shown.diagonal.plain if shown.diagonal else None,
        errors=shown.errors,
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
        statuses=tuple(trials["fate"]),
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
            tables=tuple(table.fill(join(table.planned(), source))),
            source=table.spec.source,
            command=f"bench reproduce {name} --scale {scale}",
        )


def _figure_pages(source: TrialSource, joined: SweepOutcomes) -> Iterator[FigurePage]:
    """Curves and panels of which something ran; surfaces stand on the pages of their sweeps."""
    for name, spec in figures().items():
        if spec.surface is not None:
            continue
        figure = load_figure(name, joined.scale)
        _, outcomes = joined.of(spec.sweep)
        shown = outcomes["trial_id"].isin(figure.needed().ids) & (outcomes["fate"] == "finished")
        if not shown.any():
            continue
        picture, points = figure.picture(outcomes, source)
        yield FigurePage(
            name=name,
            title=spec.title,
            svg=encoded(picture, ".svg"),
            csv=points.to_csv(index=False, float_format="%.6g"),
            trials=tuple(sorted(outcomes.loc[shown, "trial_id"])),
            source=spec.source,
            published=spec.published,
            footnotes=tuple(spec.footnotes),
            command=f"bench reproduce {name} --scale {joined.scale}",
        )


def _leaderboard(
    source: TrialSource, joined: SweepOutcomes, sweeps: Sequence[str]
) -> tuple[Leaderboard | None, str]:
    """That of the sweeps that declare it and have begun; or None, and why."""
    declared = board_sweeps(joined, sweeps)
    try:
        return (leaderboard(source, joined, declared) if declared else None), ""
    except UsageError as error:
        return None, str(error)
