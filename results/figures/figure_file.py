"""How pictures look, and their files: equal input, equal bytes.

Only matplotlib's objects are used, no pyplot, so drawing leaves nothing behind in the process. The
user's own matplotlib settings take no part and files carry no date.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

DPI = 150
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""Told apart by colour-blind readers (Okabe & Ito 2008, their yellow left out: too pale a line)."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Of equal length; a series beyond it begins again with another line style."""

_METADATA = {".svg": {"Date": None, "Creator": None}, ".png": {"Software": None}}


@contextmanager
def own_style() -> Iterator[None]:
    """matplotlib's defaults, whatever the user set."""
    with style.context("default"), matplotlib.rc_context({"svg.hashsalt": "pointbench"}):
        yield


def blank_figure(width: float, height: float) -> Figure:
    """An empty picture, sizes in inches."""
    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write SVG or PNG, by the suffix; the same figure gives the same bytes.

    Raises:
        ValueError: another suffix.
    """
    if path.suffix not in _METADATA:
        raise ValueError(f"a figure is .svg or .png, not '{path.suffix}'")
    path.write_bytes(encoded(figure, path.suffix))


def encoded(figure: Figure, suffix: str) -> bytes:
    """The file that `save` writes for ``.svg`` or ``.png``."""
    content = io.BytesIO()
    with own_style(), warnings.catch_warnings():
        # A name may hold characters that the font lacks: they are drawn as boxes.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure.savefig(content, format=suffix[1:], metadata=_METADATA[suffix])
    return content.getvalue()
