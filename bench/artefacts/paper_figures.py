"""The papers' figures that are no surface: declarations, what they need, and their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from bench.artefacts.detail_images import images
from bench.artefacts.detail_series import panel
from bench.artefacts.metric_curves import curve
from bench.artefacts.provenance import data_names
from bench.planning.axes import axis, is_number
from bench.planning.chosen_trials import matches
from bench.planning.metric_choice import metric_label, metric_of
from bench.planning.plan import Plan, PlannedTrial, plan
from bench.plugin import UsageError, nearest
from bench.specs.paper_figure import CurvesSpec, FigureSpec, PanelsSpec
from bench.specs.paper_table import find, read_figure, sweeps_of
from bench.specs.yaml_file import KeyPath, spec_file
from results.figures.curves_figure import draw_curves
from results.figures.figure_file import save
from results.figures.image_figure import draw_galleries
from results.figures.series_figure import draw_panels
from results.store.trial_source import TrialSource


@dataclass(frozen=True)
class PaperFigure:
    """A declaration with the plan that its curves or panels select from."""

    spec: FigureSpec
    plan: Plan

    def selected(self, where: dict[str, Any]) -> list[PlannedTrial]:
        """Planned trials that have these values."""
        return [planned for planned in self.plan.trials if matches(planned, where)]

    def needed(self) -> Plan:
        """The plan without the trials that the figure does not show; a surface shows all."""
        if self.spec.surface is not None:
            return self.plan
        shown = [one.where for one in self.spec.selections]
        trials = tuple(one for one in self.plan.trials if any(matches(one, w) for w in shown))
        return replace(self.plan, trials=trials)

    def picture(self, outcomes: pd.DataFrame, source: TrialSource) -> tuple[Figure, pd.DataFrame]:
        """The picture of curves or panels, and what is in it: a row for each point.

        Args:
            outcomes: of the plan's trials (`bench.artefacts.outcomes.join`).
            source: has the details of the trials.

        Raises:
            UsageError: a trial keeps no such detail, or it has another form.
            ValueError: it is a surface.
        """
        if self.spec.curves is not None:
            return self._curves(self.spec.curves, outcomes)
        if self.spec.panels is not None:
            return self._panels(self.spec.panels, outcomes, source)
        raise ValueError(f"'{self.spec.id}' is a surface, which its sweep draws")

    def draw(self, outcomes: pd.DataFrame, source: TrialSource, folder: Path) -> list[Path]:
        """Picture and CSV as files; see `picture`."""
        folder.mkdir(parents=True, exist_ok=True)
        figure, frame = self.picture(outcomes, source)
        files = [folder / f"{self.spec.id}{suffix}" for suffix in (".svg", ".png", ".csv")]
        for path in files[:2]:
            save(figure, path)
        frame.to_csv(files[2], index=False, float_format="%.6g")
        return files

    def _curves(self, spec: CurvesSpec, outcomes: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
        along = axis(self.plan, spec.x)
        made = [
            curve(row.label, self.selected(row.where), outcomes, along, spec.y) for row in spec.rows
        ]
        figure = draw_curves(
            [one for one, _ in made],
            x_label=along.mathtext,
            y_label=metric_label(metric_of(self.plan.trials, spec.y)),
            title=self.spec.title,
            caption=self._caption(outcomes),
            log=spec.log,
        )
        return figure, pd.concat([frame for _, frame in made], ignore_index=True)

    def _panels(
        self, spec: PanelsSpec, outcomes: pd.DataFrame, source: TrialSource
    ) -> tuple[Figure, pd.DataFrame]:
        if spec.mark == "images":
            shown = [
                images(one.label, self.selected(one.where), outcomes, source, spec.detail)
                for one in spec.panels
            ]
            drawn = draw_galleries([one for one, _ in shown], title=self.spec.title)
            return drawn, pd.concat([frame for _, frame in shown], ignore_index=True)
        made = [
            panel(one.label, self.selected(one.where), outcomes, source, spec.detail)
            for one in spec.panels
        ]
        figure = draw_panels(
            [one for one, _ in made],
            mark=spec.mark,
            x_label=spec.x,
            y_label=spec.y,
            title=self.spec.title,
            same_scale=spec.same_scale,
        )
        return figure, pd.concat([frame for _, frame in made], ignore_index=True)

    def _caption(self, outcomes: pd.DataFrame) -> str:
        data = data_names(outcomes, self.plan.tasks)
        return f"means and 95 % intervals over replicates · data: {data} · {self.plan.scale}"


def load_figure(name_or_file: str, scale: str = "laptop") -> PaperFigure:
    """A declared figure, or one of the user's, with its plan.

    Raises:
        UsageError: a mistake in the declaration, with file and line.
    """
    path = find(name_or_file)
    spec, file = read_figure(path), spec_file(path)
    [sweep] = sweeps_of(spec, file)
    figure = PaperFigure(spec, plan(sweep, scale))
    problems = [file.at(place, message) for place, message in _problems(figure)]
    if problems:
        raise UsageError(problems)
    return figure


def _problems(figure: PaperFigure) -> Iterator[tuple[KeyPath, str]]:
    spec, trials = figure.spec, figure.plan.trials
    shown = [view.surface.value for view in figure.plan.sweep.show if view.surface]
    if spec.surface is not None and spec.surface not in shown:
        hint = nearest(spec.surface, shown)
        yield ("surface",), f"sweep '{spec.sweep}' shows no surface of '{spec.surface}'{hint}"
    if (curves := spec.curves) is not None:
        yield from _asked(("curves", "y"), lambda: metric_of(trials, curves.y))
        along = yield from _asked(("curves", "x"), lambda: axis(figure.plan, curves.x))
        values = [along.value(one) for one in trials] if along is not None else []
        if any(value is not None and not is_number(value) for value in values):
            yield ("curves", "x"), f"'{curves.x}' is no number"
    form, part = ("curves", "rows") if spec.curves is not None else ("panels", "panels")
    for number, one in enumerate(spec.selections):
        if not figure.selected(one.where):
            message = f"'{one.label}' selects no trial of {spec.sweep}"
            yield (form, part, number), message


def _asked(place: KeyPath, ask: Callable[[], Any]) -> Any:
    """What it returns; its usage errors become problems at a place."""
    try:
        return ask()
    except UsageError as error:
        for problem in error.problems:
            yield place, problem
    return None
