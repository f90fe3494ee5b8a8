"""Pictures that single trials keep, such as attacked ones: a column for each trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from results.figures.figure_file import blank_figure, own_style

_WIDTH = 2.9
"""Inches of a column."""


@dataclass(frozen=True)
class Gallery:
    """The pictures of one trial.

    Attributes:
        images: by caption, uint8 ``(height, width)`` of grey values or ``(height, width, 3)``.
        words: what is said below the title: whose they are, or why there are none.
    """

    title: str
    images: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    words: str = ""


def draw_galleries(galleries: Sequence[Gallery], *, title: str = "") -> Figure:
    """Draw galleries side by side, the pictures of each below one another.

    All texts are taken literally. White is 255, whatever a picture's largest value is.

    Raises:
        ValueError: no gallery.
    """
    if not galleries:
        raise ValueError("a picture needs a gallery")
    down = max(1, *(len(gallery.images) for gallery in galleries))
    shapes = [image.shape for gallery in galleries for image in gallery.images.values()]
    height = max([_WIDTH * shape[0] / shape[1] for shape in shapes], default=1.0)
    with own_style():
        figure = blank_figure(_WIDTH * len(galleries), 0.9 + (height + 0.25) * down)
        grid = figure.subplots(down, len(galleries), squeeze=False)
        for axes in grid.flat:
            axes.axis("off")
        for column, gallery in zip(grid.T, galleries, strict=True):
            heading = "\n".join(text for text in (gallery.title, gallery.words) if text)
            column[0].set_title(heading, fontsize=8, parse_math=False)
            for number, (caption, image) in enumerate(gallery.images.items()):
                above = f"{heading}\n{caption}" if number == 0 else caption
                column[number].set_title(above, fontsize=7, parse_math=False)
                column[number].imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        figure.suptitle(title, fontsize=11, parse_math=False)
    return figure
