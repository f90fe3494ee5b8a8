"""Pictures of what single trials keep: learned filters, embeddings, rolls of events."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from results.figures.figure_file import COLORS, MARKERS, blank_figure, own_style

Mark = Literal["line", "points", "ticks"]
"""A line through the points, a dot for each, or a short upright line (an event in a roll)."""

_MOST_IN_A_ROW = 3


@dataclass(frozen=True)
class Series:
    """Points of one name, in the order of their line."""

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise ValueError(f"{len(self.x)} values of x and {len(self.y)} of y")


@dataclass(frozen=True)
class Panel:
    """The series of one trial.

    Attributes:
        words: what is said below the title: whose they are, or why there are none.
    """

    title: str
    series: Mapping[str, Series] = field(default_factory=dict)
    words: str = ""


def draw_panels(
    panels: Sequence[Panel],
    *,
    mark: Mark,
    x_label: str,
    y_label: str,
    title: str = "",
    same_scale: bool = False,
) -> Figure:
    """Draw panels side by side, three in a row, with one legend and common names and colours.

    All texts are taken literally.

    Args:
        same_scale: whether a unit is as long along x as along y, and axes are each panel's own;
            otherwise panels share them.

    Raises:
        ValueError: no panel.
    """
    if not panels:
        raise ValueError("a picture needs a panel")
    across = min(len(panels), _MOST_IN_A_ROW)
    down = math.ceil(len(panels) / across)
    names = list(dict.fromkeys(name for panel in panels for name in panel.series))
    common = not same_scale
    with own_style():
        figure = blank_figure(0.6 + 2.9 * across + 0.9, 0.6 + 2.6 * down)
        grid = np.ravel(figure.subplots(down, across, sharex=common, sharey=common, squeeze=False))
        for axes, panel in zip(grid, panels, strict=False):
            _fill(axes, panel, names, mark)
            if same_scale:
                axes.set_aspect("equal", adjustable="datalim")
        for axes in grid[len(panels) :]:
            axes.set_visible(False)
        for axes in grid[-across:]:
            axes.set_xlabel(x_label, parse_math=False)
        for axes in grid[::across]:
            axes.set_ylabel(y_label, parse_math=False)
        handles = {
            label: handle
            for axes in grid[: len(panels)]
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        if handles:
            legend = figure.legend(
                [handles[name] for name in names if name in handles],
                [name for name in names if name in handles],
                loc="outside right center",
                fontsize=8,
            )
            for text in legend.get_texts():
                text.set_parse_math(False)
        figure.suptitle(title, fontsize=11, parse_math=False)
    return figure


def _fill(axes: Axes, panel: Panel, names: Sequence[str], mark: Mark) -> None:
    heading = "\n".join(text for text in (panel.title, panel.words) if text)
    axes.set_title(heading, fontsize=8, parse_math=False)
    axes.tick_params(labelsize=7)
    for name, series in panel.series.items():
        number = names.index(name)
        color = COLORS[number % len(COLORS)]
        if mark == "line":
            style = "-" if number % 2 == 0 else "--"
            axes.plot(series.x, series.y, style, color=color, label=name, linewidth=1.4)
        elif mark == "points":
            marker = MARKERS[number // len(COLORS) % len(MARKERS)]
            axes.scatter(series.x, series.y, s=7, color=color, label=name, marker=marker, alpha=0.8)
        else:
            height = 0.9 - 0.2 * number
            axes.vlines(
                series.x,
                np.asarray(series.y) - height / 2,
                np.asarray(series.y) + height / 2,
                colors=color,
                label=name,
                linewidth=1.6,
            )
