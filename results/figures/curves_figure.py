"""The picture of a metric over one parameter: a curve for each method, with intervals."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from results.figures.figure_file import COLORS, MARKERS, blank_figure, own_style
from results.stats.inference import Interval

_LINES = ("-", "--", ":")
_LABEL = 48
"""Letters of a label beside the axis; more are a second line."""
_SPREAD = 0.012
"""Of the width, between the curves' points at one place: intervals shall not hide each other."""


@dataclass(frozen=True)
class Curve:
    """A metric of one method.

    Attributes:
        x: places, ascending.
        y: the mean at each, with its interval; ends are NaN where it has none.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[Interval, ...]


def draw_curves(
    curves: Sequence[Curve],
    *,
    x_label: str,
    y_label: str,
    title: str = "",
    caption: str = "",
    log: bool = False,
) -> Figure:
    """Draw means as points joined by lines, intervals as bars. A curve without points is left out.

    Labels, title and caption are taken literally but for ``x_label``, which may hold mathtext.

    Args:
        log: whether x is logarithmic.
    """
    with own_style():
        figure = blank_figure(7.2, 4.6)
        axes = figure.add_subplot()
        if log:
            axes.set_xscale("log")
        shown = [curve for curve in curves if curve.x]
        for number, curve in enumerate(shown):
            middle = np.array([one.estimate for one in curve.y])
            ends = np.array([(one.low, one.high) for one in curve.y]).T
            bars = np.nan_to_num(np.abs(ends - middle))
            axes.errorbar(
                _beside(np.array(curve.x), number - (len(shown) - 1) / 2, shown, log),
                middle,
                yerr=bars,
                label=curve.label,
                color=COLORS[number % len(COLORS)],
                marker=MARKERS[number % len(MARKERS)],
                linestyle=_LINES[number // len(COLORS) % len(_LINES)],
                markersize=5,
                linewidth=1.3,
                elinewidth=0.9,
                capsize=2.5,
            )
        axes.set_xlabel(x_label)
        axes.set_ylabel(textwrap.fill(y_label, _LABEL), parse_math=False)
        axes.grid(color="0.9", linewidth=0.6)
        axes.set_axisbelow(True)
        if shown:
            ticks = sorted({place for curve in shown for place in curve.x})
            if len(ticks) <= 12:
                axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
                axes.set_xticks([], minor=True)
            legend = axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
            for text in legend.get_texts():
                text.set_parse_math(False)
        figure.suptitle(title, fontsize=11, parse_math=False)
        axes.set_title(caption, fontsize=7.5, color="0.3", parse_math=False)
    return figure


def _beside(x: np.ndarray, steps: float, curves: Sequence[Curve], log: bool) -> np.ndarray:
    """Places moved by some steps, along the axis as it is shown."""
    places = np.concatenate([np.asarray(curve.x, float) for curve in curves])
    if log:
        return np.asarray(x * (places.max() / places.min()) ** (steps * _SPREAD))
    return np.asarray(x + np.ptp(places) * steps * _SPREAD)
