"""The picture of a surface, as in thesis figure 5.8: heat map, runs as dots, colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from results.kernel_sums import Floats
from results.surface import Surface

_COLORS = "viridis"  # perceptually uniform, and told apart by colour-blind readers
_BLANK = "0.85"
_DPI = 150


def draw_surface(
    surface: Surface,
    runs_x: Floats,
    runs_y: Floats,
    *,
    x_label: str,
    y_label: str,
    value_label: str,
    x_scale: float = 1.0,
    y_scale: float = 1.0,
    title: str = "",
    data_name: str = "",
    color_range: Sequence[float] | None = None,
    diagonal: bool = False,
) -> Figure:
    """Draw the regression with contour lines, and each run as a dot.

    Args:
        surface: the regression; blanks are grey.
        runs_x, runs_y: (n,) the runs, in the surface's units.
        x_scale, y_scale: factor from the surface's units to those of the labels, e.g. 1000 for ms.
        color_range: values at the ends of the colour bar; by default those of the surface.
        diagonal: a dashed line where both parameters are equal.

    Raises:
        ValueError: the surface is blank everywhere.
    """
    if surface.blank.all():
        raise ValueError(f"{surface.n} runs are too thin for this grid and bandwidth: all is blank")
    low, high = color_range or (float(np.nanmin(surface.value)), float(np.nanmax(surface.value)))
    figure = Figure(figsize=(7.2, 5.2), layout="constrained")
    axes = figure.add_subplot(facecolor=_BLANK)
    x, y = surface.x * x_scale, surface.y * y_scale
    mesh = axes.pcolormesh(
        x, y, surface.value, cmap=_COLORS, vmin=low, vmax=high, shading="nearest", rasterized=True
    )
    levels = _levels(low, high)
    if len(levels):
        lines = axes.contour(x, y, surface.value, levels, colors="white", linewidths=0.7, alpha=0.7)
        axes.clabel(lines, fontsize=7, fmt=lambda level: f"{level:.3g}")
    axes.scatter(
        runs_x * x_scale, runs_y * y_scale, s=11, c="white", edgecolors="0.15", linewidths=0.5
    )
    if diagonal:
        end = min(surface.x[-1], surface.y[-1])
        axes.plot([0, end * x_scale], [0, end * y_scale], "--", color="white", linewidth=1.2)
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), xlabel=x_label, ylabel=y_label)
    beyond = {(False, False): "neither", (True, False): "min", (False, True): "max"}
    extend = beyond.get(
        (bool(np.nanmin(surface.value) < low), bool(np.nanmax(surface.value) > high)), "both"
    )
    figure.colorbar(mesh, ax=axes, label=value_label, extend=extend)
    axes.set_title(title, fontsize=11)
    axes.text(
        0.0, -0.16, _caption(surface, x_scale, y_scale, data_name), transform=axes.transAxes,
        fontsize=7.5, color="0.35", va="top",
    )  # fmt: skip
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write SVG or PNG, by the suffix; the same figure gives the same bytes."""
    with mpl.rc_context({"svg.hashsalt": "pointbench", "svg.fonttype": "path"}):
        if path.suffix == ".svg":
            figure.savefig(path, metadata={"Date": None, "Creator": None})
        elif path.suffix == ".png":
            figure.savefig(path, dpi=_DPI, metadata={"Software": None})
        else:
            raise ValueError(f"a figure is .svg or .png, not '{path.suffix}'")


def _levels(low: float, high: float) -> Floats:
    """About six round contour levels strictly inside the colour range."""
    if not high > low:
        return np.empty(0)
    rough = (high - low) / 6
    magnitude = 10 ** np.floor(np.log10(rough))
    step = magnitude * min((1, 2, 5, 10), key=lambda factor: abs(factor * magnitude - rough))
    levels = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    inside: Floats = levels[(levels > low) & (levels < high)]
    return inside


def _caption(surface: Surface, x_scale: float, y_scale: float, data_name: str) -> str:
    how = "chosen by leave-one-out" if surface.chosen else "given"
    parts = [
        f"{surface.n} runs",
        f"Nadaraya-Watson, bandwidths {surface.bandwidth[0] * x_scale:.3g} × "
        f"{surface.bandwidth[1] * y_scale:.3g} ({how})",
    ]
    if surface.clip is not None:
        parts.append(f"values clipped below at {surface.clip:g}")
    if surface.blank.any():
        parts.append("grey: too few runs")
    if data_name:
        parts.append(f"data: {data_name}")
    return "; ".join(parts)
