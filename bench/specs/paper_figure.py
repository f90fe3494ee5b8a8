"""The papers' figures as declared in YAML: a surface, curves, or what single trials keep."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Section(BaseModel):
    """Part of a declaration: immutable, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Selection(Section):
    """A curve or panel: which planned trials it shows, as the rows of a table do."""

    label: str
    where: dict[str, Any]


class CurvesSpec(Section):
    """A metric over a planned parameter, a curve for each selection.

    Attributes:
        x: parameter that is a number, such as ``task.labelled``.
        y: metric; the mean over replicates is shown, with its interval.
        log: whether x is logarithmic.
    """

    x: str
    y: str
    log: bool = False
    rows: list[Selection] = Field(min_length=1)


class PanelsSpec(Section):
    """What a task's evaluation keeps in its ``details``, a panel for each selection.

    Attributes:
        detail: key of ``{series: {"x": […], "y": […]}}``; of images ``{caption: rows}``, each pixel
            a number from 0 to 255 or ``[red, green, blue]``.
        mark: how a series is drawn (`results.figures.series_figure.Mark`), or ``images``.
        x, y: labels of the axes; images have none.
        same_scale: whether a unit is as long along x as along y.
        panels: each shows the first replicate that finished of what it selects.
    """

    detail: str
    mark: Literal["line", "points", "ticks", "images"]
    x: str = ""
    y: str = ""
    same_scale: bool = False
    panels: list[Selection] = Field(min_length=1)

    @model_validator(mode="after")
    def _labels_what_has_axes(self) -> PanelsSpec:
        if [bool(self.x), bool(self.y)] != 2 * [self.mark != "images"]:
            raise ValueError("axes have labels x and y; images have neither")
        return self


class FigureSpec(Section):
    """A figure of the papers, or one of ours: one of surface, curves and panels.

    Attributes:
        group: which of the papers' kinds of task it is about, such as ``temporal``.
        sweep: whose trials it shows: a name, or a file beside this one.
        surface: metric whose surface of the sweep it is.
        published: what the paper says of it, to be read beside ours.
    """

    id: str
    title: str
    source: str
    group: str = ""
    sweep: str
    surface: str | None = None
    curves: CurvesSpec | None = None
    panels: PanelsSpec | None = None
    published: str = ""
    footnotes: list[str] = []

    @model_validator(mode="after")
    def _shows_one_thing(self) -> FigureSpec:
        given = [name for name in FORMS if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"a figure has one of {', '.join(FORMS)}; this one has {found}")
        return self

    @property
    def sweeps(self) -> list[str]:
        """As a table's."""
        return [self.sweep]

    @property
    def selections(self) -> list[Selection]:
        """Its curves or panels."""
        if self.curves is not None:
            return self.curves.rows
        return self.panels.panels if self.panels is not None else []


FORMS = ("surface", "curves", "panels")
"""What a figure may be."""
