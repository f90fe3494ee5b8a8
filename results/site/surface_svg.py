"""A surface as the parts of an SVG drawing, and its numbers for whoever points at it.

The drawing stands without scripts: heat map as a small picture, contour lines with labels, runs as
dots, axes. Units of length are those of the drawing's own coordinates, 760 × 520, as in
``macros.html``.
"""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from typing import Any, cast

import contourpy
import matplotlib
import matplotlib.image
import numpy as np

from results.site.axis_ticks import Scale, log_ticks, tick_texts, ticks
from results.site.page_data import SurfacePanel
from results.surface.kernel_sums import Floats
from results.surface.nadaraya_watson import smoothed_in

LEFT, RIGHT, TOP, BOTTOM = 92, 640, 14, 436
_BAR = (662, 682)
_COLORS = "viridis"  # perceptually uniform, told apart by colour-blind readers and in grey
_BLANK = 65535
_SHORTEST_LABELLED = 90.0


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class ContourLabel:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class SurfaceDrawing:
    """Parts of the drawing.

    Attributes:
        image: heat map as a data URI, at (x, y, width, height) of ``frame``; blanks see through.
        contours: path of all contour lines; dots: path that has a point for each run.
        diagonal: ends (x1, y1, x2, y2) of the line of equal parameters, or None.
        bar: colour scale as a data URI.
        data: what the script needs to tell value, band and effective sample size at each point.
    """

    image: str
    frame: tuple[float, float, float, float]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    bar: str
    bar_ticks: list[Tick]
    contours: str
    labels: list[ContourLabel]
    dots: str
    diagonal: tuple[float, float, float, float] | None
    data: dict[str, Any]


def draw(panel: SurfacePanel) -> SurfaceDrawing:
    """Everything of the drawing that depends on the surface.

    Raises:
        ValueError: a grid is not evenly spaced.
    """
    surface = panel.surface
    log_x, log_y = surface.log
    shown_x, shown_y = surface.x * panel.x.scale, surface.y * panel.y.scale
    x = _axis(smoothed_in(shown_x, log_x, panel.x.name), panel.x.name)
    y = _axis(smoothed_in(shown_y, log_y, panel.y.name), panel.y.name)
    across, up = Scale(x[0], x[-1], LEFT, RIGHT), Scale(y[0], y[-1], BOTTOM, TOP)
    value = surface.value * panel.value.scale
    low, high = _range(panel, value)
    bar = Scale(low, high, BOTTOM, TOP)
    contours, labels = _contours(x, y, value, (low, high), across, up)
    runs_x, runs_y = panel.runs_x * panel.x.scale, panel.runs_y * panel.y.scale
    at_x, at_y = smoothed_in(runs_x, log_x, "x"), smoothed_in(runs_y, log_y, "y")
    dots = [(across.at(a), up.at(b)) for a, b in zip(at_x, at_y, strict=True)]
    return SurfaceDrawing(
        image=_picture(_shares(value, low, high)),
        frame=_frame(x, y, across, up),
        x_ticks=_log_ticks(across, shown_x) if log_x else _ticks(across),
        y_ticks=_log_ticks(up, shown_y) if log_y else _ticks(up),
        bar=_picture(np.linspace(0, 1, 128)[:, None]),
        bar_ticks=_ticks(bar),
        contours=contours,
        labels=labels,
        # A line of no length with round ends is a dot: one element however many runs there are.
        dots="".join(f"M{a:.1f} {b:.1f}h.01" for a, b in dots if _inside(a, b)),
        diagonal=_diagonal(x, y, across, up) if panel.diagonal is not None else None,
        data={
            "plot": [LEFT, TOP, RIGHT, BOTTOM],
            "x": {
                "name": panel.x.name,
                "unit": panel.x.unit,
                "grid": _rounded(shown_x),
                "log": log_x,
            },
            "y": {
                "name": panel.y.name,
                "unit": panel.y.unit,
                "grid": _rounded(shown_y),
                "log": log_y,
            },
            "value": {"name": panel.value.name, "unit": panel.value.unit, **_packed(value)},
            "low": _packed(surface.low * panel.value.scale),
            "high": _packed(surface.high * panel.value.scale),
            "n": _packed(surface.ess),
            "level": surface.level,
            "runs": {
                "id": list(panel.trial_ids),
                "x": _rounded(runs_x),
                "y": _rounded(runs_y),
                "value": _rounded(panel.runs_value * panel.value.scale),
            },
        },
    )


def _axis(grid: Floats, name: str) -> Floats:
    if len(grid) < 2 or not np.allclose(np.diff(grid), grid[1] - grid[0], rtol=1e-6):
        raise ValueError(f"the grid of '{name}' must be evenly spaced, with two points or more")
    return grid


def _range(panel: SurfacePanel, value: Floats) -> tuple[float, float]:
    if panel.color_range is not None:
        low, high = (end * panel.value.scale for end in panel.color_range)
        return low, high
    if np.isnan(value).all():
        return 0.0, 1.0
    return float(np.nanmin(value)), float(np.nanmax(value))


def _shares(value: Floats, low: float, high: float) -> Floats:
    width = high - low or 1.0
    return np.asarray(np.clip((value - low) / width, 0, 1))


def _picture(shares: Floats) -> str:
    """(rows, columns) in [0, 1] or NaN, first row at the bottom, as a PNG in a data URI."""
    colors = matplotlib.colormaps[_COLORS](np.nan_to_num(shares), bytes=True)
    colors[..., 3] = np.where(np.isnan(shares), 0, 255)
    file = io.BytesIO()
    matplotlib.image.imsave(file, colors[::-1], format="png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _frame(x: Floats, y: Floats, across: Scale, up: Scale) -> tuple[float, float, float, float]:
    """Where the picture lies: a pixel is as wide as a grid step and its middle is a grid point."""
    half_x, half_y = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2
    left, right = across.at(x[0] - half_x), across.at(x[-1] + half_x)
    top, bottom = up.at(y[-1] + half_y), up.at(y[0] - half_y)
    return left, top, right - left, bottom - top


def _ticks(scale: Scale) -> list[Tick]:
    values = ticks(scale.low, scale.high)
    return [
        Tick(scale.at(value), text) for value, text in zip(values, tick_texts(values), strict=True)
    ]


def _log_ticks(scale: Scale, grid: Floats) -> list[Tick]:
    """Ticks of an axis whose positions are decimal logarithms."""
    values = log_ticks(float(grid[0]), float(grid[-1]))
    return [Tick(scale.at(math.log10(value)), f"{value:g}") for value in values]


def _contours(
    x: Floats,
    y: Floats,
    value: Floats,
    span: tuple[float, float],
    across: Scale,
    up: Scale,
) -> tuple[str, list[ContourLabel]]:
    """Lines of equal value at the ticks of the colour scale, and a label for each long one."""
    generator = contourpy.contour_generator(x, y, np.ma.masked_invalid(value))
    levels = ticks(*span, most=8)
    paths, labels = [], []
    for level, text in zip(levels, tick_texts(levels), strict=True):
        for line in cast("list[Floats]", generator.lines(level)):
            points = np.array([(across.at(a), up.at(b)) for a, b in line])
            steps = np.hypot(*np.diff(points, axis=0).T)
            paths.append("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points))
            if steps.sum() > _SHORTEST_LABELLED:
                middle = int(np.searchsorted(np.cumsum(steps), steps.sum() / 2))
                a, b = points[middle]
                labels.append(ContourLabel(float(a), float(b), text))
    return "".join(paths), labels


def _diagonal(
    x: Floats, y: Floats, across: Scale, up: Scale
) -> tuple[float, float, float, float] | None:
    low, high = max(x[0], y[0]), min(x[-1], y[-1])
    if high <= low:
        return None
    return across.at(low), up.at(low), across.at(high), up.at(high)


def _inside(x: float, y: float) -> bool:
    return LEFT <= x <= RIGHT and TOP <= y <= BOTTOM


def _packed(values: Floats) -> dict[str, Any]:
    """Numbers in 16 bits each between the least and the greatest, row by row; 65535 is blank."""
    finite = np.isfinite(values)
    low = float(values[finite].min()) if finite.any() else 0.0
    high = float(values[finite].max()) if finite.any() else 0.0
    steps = (np.where(finite, values, low) - low) / ((high - low) or 1.0) * (_BLANK - 1)
    whole = np.where(finite, np.round(steps), _BLANK).astype("<u2")
    return {"low": low, "high": high, "packed": base64.b64encode(whole.tobytes()).decode()}


def _rounded(values: Floats) -> list[float | None]:
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]
