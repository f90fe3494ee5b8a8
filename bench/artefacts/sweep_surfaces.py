"""The surfaces of a sweep: which runs stand on them, how they are smoothed, and their files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from bench.planning.axes import Axis, Label, axis, diagonal
from bench.planning.metric_choice import metric_label, metric_of
from bench.planning.next_command import unfinished_words
from bench.planning.plan import Plan
from bench.planning.surface_scales import logarithmic
from bench.specs.sweep import SurfaceView
from results.figures.figure_file import save
from results.surface.bandwidth import BandwidthErrors, bandwidth_errors, can_be_chosen
from results.surface.kernel_sums import Floats
from results.surface.nadaraya_watson import Surface, estimate_surface, smoothed_in
from results.surface.surface_figure import draw_surface
from results.surface.surface_words import error_words, smoothing_words
from results.tables.fates import counted, with_value

_GRID = (151, 101)

Bandwidth = tuple[float, float] | Literal["auto"]
"""Along x and y, or chosen by leave-one-setting-out."""


@dataclass(frozen=True)
class SweptSurface:
    """A surface that a sweep shows, with the runs behind it.

    Attributes:
        stem: of the files that show it.
        runs: see `surface_runs`.
        surface: None where the runs are too few for one.
        errors: of its bandwidth beside the best; None where none can be chosen.
        diagonal: label of the line on which both parameters are equal.
        unfinished: what became of trials that are no run of it, and what goes on; empty if nothing.
    """

    view: SurfaceView
    stem: str
    runs: pd.DataFrame
    surface: Surface | None
    errors: BandwidthErrors | None
    x: Axis
    y: Axis
    diagonal: Label | None
    unfinished: str

    @property
    def values(self) -> tuple[Floats, Floats, Floats]:
        """x, y and metric of the runs."""
        return _values(self.view, self.runs)

    @property
    def words(self) -> str:
        """How it was smoothed and how well that predicts, or why there is no surface."""
        if self.surface is None:
            why = self.unfinished or "they lie on one line, or are too few to choose a bandwidth"
            return f"no surface of '{self.view.value}': {len(self.runs)} runs; {why}"
        scales = self.x.factor, self.y.factor
        parts = [f"{self.stem}: {self.surface.n} runs", smoothing_words(self.surface, scales)]
        if self.errors is not None:
            parts.append(error_words(self.errors, self.surface.log, scales))
        return "; ".join([*parts, *([self.unfinished] if self.unfinished else [])])


def swept_surfaces(
    plan: Plan, outcomes: pd.DataFrame, bandwidth: Bandwidth | None = None
) -> Iterator[SweptSurface]:
    """The surfaces under ``show``.

    Args:
        outcomes: of the plan's trials (`bench.artefacts.outcomes.join`).
        bandwidth: instead of the view's own; the files' names then say so.
    """
    for number, view in enumerate(view.surface for view in plan.sweep.show if view.surface):
        stem = f"{view.value}-surface{number or ''}"
        if bandwidth is not None:
            given = None if bandwidth == "auto" else list(bandwidth)
            view = view.model_copy(update={"bandwidth": given})
            stem += "-auto" if given is None else f"-{given[0]:g}x{given[1]:g}"
        runs = surface_runs(plan, view, outcomes)
        log = logarithmic(plan.sweep, view, plan.trials)
        surface = _estimated(view, runs, log)
        x, y = axis(plan, view.x), axis(plan, view.y)
        yield SweptSurface(
            view=view,
            stem=stem,
            runs=runs,
            surface=surface,
            errors=None if surface is None else _errors(surface, *_values(view, runs)),
            x=x,
            y=y,
            diagonal=diagonal(x, y) if log[0] == log[1] else None,
            unfinished=unfinished_words(
                plan, counted(with_value(outcomes, f"metric.{view.value}")["fate"])
            ),
        )


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


def render_surface(plan: Plan, shown: SweptSurface, folder: Path) -> list[Path]:
    """SVG, PNG and CSV of a surface, and a CSV of its runs; no files where there is no surface."""
    if shown.surface is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    view, runs = shown.view, shown.runs
    runs_x, runs_y, _ = shown.values
    figure = draw_surface(
        shown.surface,
        runs_x,
        runs_y,
        x_label=shown.x.mathtext,
        y_label=shown.y.mathtext,
        value_label=metric_label(metric_of(plan.trials, view.value)),
        x_scale=shown.x.factor,
        y_scale=shown.y.factor,
        title=plan.sweep.title,
        data_name=str(runs["data_name"].iloc[0]),
        color_range=view.color_range,
        diagonal=shown.diagonal.mathtext if shown.diagonal else None,
        errors=shown.errors,
    )
    pictures = [folder / f"{shown.stem}{suffix}" for suffix in (".svg", ".png")]
    for path in pictures:
        save(figure, path)
    grid, points = folder / f"{shown.stem}.csv", folder / f"{_runs_stem(shown)}.csv"
    named = {"x": view.x, "y": view.y, "value": view.value}
    frame = shown.surface.to_frame().rename(columns=named)
    frame.to_csv(grid, index=False, float_format="%.6g")
    runs.drop(columns="data_name").to_csv(points, index_label="trial_id")
    return [*pictures, grid, points]


def _runs_stem(shown: SweptSurface) -> str:
    return shown.stem.replace(f"{shown.view.value}-surface", f"{shown.view.value}-runs", 1)


def _values(view: SurfaceView, runs: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    x, y, value = (runs[name].to_numpy(float) for name in (view.x, view.y, f"metric.{view.value}"))
    return x, y, value


def _estimated(view: SurfaceView, runs: pd.DataFrame, log: tuple[bool, bool]) -> Surface | None:
    """None where runs are too few: for an extent two places, for bandwidths three settings."""
    x, y, value = _values(view, runs)
    enough = len(runs) > 0 if view.bandwidth else can_be_chosen(x, y)
    if not enough or (view.extent is None and min(len(np.unique(x)), len(np.unique(y))) < 2):
        return None
    extent = view.extent or [[x.min(), x.max()], [y.min(), y.max()]]
    grids = [
        (np.geomspace if is_log else np.linspace)(low, high, n)
        for (low, high), n, is_log in zip(extent, _GRID, log, strict=True)
    ]
    bandwidth = (view.bandwidth[0], view.bandwidth[1]) if view.bandwidth else None
    return estimate_surface(x, y, value, *grids, bandwidth=bandwidth, log=log, clip=view.clip)


def _errors(surface: Surface, x: Floats, y: Floats, value: Floats) -> BandwidthErrors | None:
    if not can_be_chosen(x, y):
        return None
    places = smoothed_in(x, surface.log[0], "x"), smoothed_in(y, surface.log[1], "y")
    clipped = value if surface.clip is None else np.maximum(value, surface.clip)
    return bandwidth_errors(*places, clipped, surface.bandwidth)
