"""The picture of a surface, as in thesis figure 5.8: heat map, runs as dots, contours, colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from results.figures.figure_file import blank_figure, own_style
from results.surface.bandwidth import BandwidthErrors
from results.surface.kernel_sums import Floats
from results.surface.nadaraya_watson import Surface, smoothed_in
from results.surface.surface_words import error_words, smoothing_words

_COLORS = "viridis"  # perceptually uniform, and told apart by colour-blind readers
_DIAGONAL = "#c00000"
_MANY_RUNS = 2_000  # from here on dots are pixels in an SVG, or it would weigh megabytes


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
    diagonal: str | None = None,
    errors: BandwidthErrors | None = None,
) -> Figure:
    """Draw the regression with contour lines, and each run as a dot.

    Title, data name and value label are taken literally; the labels of axes may hold mathtext.

    Args:
        surface: the regression; blanks are grey and hatched.
        runs_x, runs_y: (n,) the runs, in the surface's units.
        x_scale, y_scale: factor from the surface's units to those of the labels, e.g. 1000 for ms.
        color_range: values at the ends of the colour bar; by default those of the surface.
        diagonal: label of a dashed line where both parameters are equal; None for no line. Both
            axes must then be logarithmic, or none.
        errors: of the bandwidth, told in the caption.
    """
    with own_style():
        figure = blank_figure(7.2, 5.2)
        axes = figure.add_subplot()
        x, y = surface.x * x_scale, surface.y * y_scale
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        axes.set_xscale("log" if surface.log[0] else "linear")
        axes.set_yscale("log" if surface.log[1] else "linear")
        _heat_map(figure, axes, surface, x, y, value_label, color_range)
        many = len(runs_x) > _MANY_RUNS
        axes.scatter(
            np.asarray(runs_x) * x_scale,
            np.asarray(runs_y) * y_scale,
            s=4 if many else 14,
            facecolors="white",
            edgecolors="0.1",
            linewidths=0.3 if many else 0.6,
            rasterized=many,
            zorder=4,
        )
        if diagonal is not None:
            _diagonal_line(axes, surface, (x_scale, y_scale), diagonal)
        axes.set_xlim(x.min(), x.max())
        axes.set_ylim(y.min(), y.max())
        for axis, is_log in zip((axes.xaxis, axes.yaxis), surface.log, strict=True):
            if is_log:
                axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
                axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
                axis.set_minor_formatter(NullFormatter())
        figure.suptitle(title, fontsize=11, parse_math=False)
        caption = caption_of(surface, x_scale, y_scale, data_name, errors)
        axes.set_title(caption, fontsize=7.5, color="0.3", parse_math=False)
    return figure


def caption_of(
    surface: Surface,
    x_scale: float,
    y_scale: float,
    data_name: str,
    errors: BandwidthErrors | None = None,
) -> str:
    """What was smoothed, how, and how well that predicts; below it the data of the runs."""
    scales = x_scale, y_scale
    parts = [f"{surface.n} runs", smoothing_words(surface, scales)]
    if surface.clip is not None:
        parts.append(f"values below {surface.clip:g} raised to it")
    if surface.blank.any():
        parts.append("hatched: too few runs")
    lines = [" · ".join(parts)]
    if errors is not None:
        lines.append(error_words(errors, surface.log, scales))
    return "\n".join([*lines, *([f"data: {data_name}"] if data_name else [])])


def _heat_map(
    figure: Figure,
    axes: Axes,
    surface: Surface,
    x: Floats,
    y: Floats,
    value_label: str,
    color_range: Sequence[float] | None,
) -> None:
    """Colours, colour bar and contours, over a hatched ground that shows where it is blank."""
    if surface.blank.any():
        ground = Rectangle(
            (float(x.min()), float(y.min())),
            float(np.ptp(x)),
            float(np.ptp(y)),
            facecolor="0.91",
            edgecolor="0.7",
            hatch="////",
            linewidth=0,
            zorder=0,
        )
        axes.add_patch(ground)
    if surface.blank.all():
        return
    value = np.ma.masked_invalid(surface.value)
    least, most = float(value.min()), float(value.max())
    low, high = (least, most) if color_range is None else (color_range[0], color_range[1])
    edges = _edges(x, surface.log[0]), _edges(y, surface.log[1])
    mesh = axes.pcolormesh(*edges, value, cmap=_COLORS, vmin=low, vmax=high, rasterized=True)
    beyond = {(True, True): "both", (True, False): "min", (False, True): "max"}
    extend = beyond.get((least < low, most > high), "neither")
    bar = figure.colorbar(mesh, ax=axes, extend=extend, pad=0.02)
    bar.set_label(value_label, parse_math=False)
    levels = np.asarray(MaxNLocator(7).tick_values(low, high))
    levels = levels[(levels > least) & (levels < most)]
    if len(levels) and min(value.shape) > 1:
        lines = axes.contour(
            x, y, value, levels, colors="black", linewidths=0.7, alpha=0.65, zorder=3
        )
        axes.clabel(lines, fontsize=7, fmt="%.3g")


def _edges(grid: Floats, log: bool) -> Floats:
    """(n + 1,) borders of cells about the grid's points, midway between them on the axis."""
    at = smoothed_in(grid, log, "the grid")
    middle = (at[1:] + at[:-1]) / 2
    edges = np.concatenate([[2 * at[0] - middle[0]], middle, [2 * at[-1] - middle[-1]]])
    return np.asarray(10.0**edges if log else edges)


def _diagonal_line(axes: Axes, surface: Surface, scales: tuple[float, float], label: str) -> None:
    """Dashed line where both parameters are equal, labelled at its upper end."""
    ends = np.array(
        [
            max(surface.x.min(), surface.y.min()),
            min(surface.x.max(), surface.y.max()),
        ]
    )
    x, y = ends * scales[0], ends * scales[1]
    axes.plot(x, y, "-", color="white", linewidth=2.6, zorder=5)
    axes.plot(x, y, "--", color=_DIAGONAL, linewidth=1.4, zorder=5)
    axes.annotate(
        label,
        (x[1], y[1]),
        xytext=(8, -12),
        textcoords="offset points",
        fontsize=8,
        color=_DIAGONAL,
        bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.85, "linewidth": 0},
        zorder=6,
    )
