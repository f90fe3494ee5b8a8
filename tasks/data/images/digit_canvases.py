"""Handwritten digits on larger canvases, at random places where none overlaps another.

Coordinates are pixels ``(y, x)``: pixel i covers [i, i + 1).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

CLASSES = 10
STEP = 8
"""Pixels along a side of a cell, the granularity of the curve through them (thesis §4.3.3)."""
_AT_ONCE = 4  # proposals for a canvas in one round

Images = NDArray[np.uint8]
Classes = NDArray[np.int64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Size of canvases and what lies on them.

    Attributes:
        order: of the Hilbert curve: a canvas has ``2 ** order`` cells along a side.
        most: digits on a canvas.
    """

    order: int
    most: int

    @property
    def side(self) -> int:
        """Pixels along a side of a canvas."""
        return int(STEP * 2**self.order)


LAYOUTS: dict[str, Layout] = {"small": Layout(3, 3), "large": Layout(4, 9)}
"""A digit for about 1,400 and 1,800 square pixels: more leave arrangements without overlap rare."""


@dataclass(frozen=True)
class Canvases:
    """Composed images.

    Attributes:
        images: ``(n, side, side)``, 0 is background.
        canvas, label: ``(digit,)`` where each digit lies, in the order of canvases, and its class.
        position: ``(digit, 2)`` centre of the box around its ink.
        source: ``(digit,)`` index of each digit among those that were handed in.
    """

    images: Images
    canvas: NDArray[np.int64]
    label: Classes
    position: NDArray[np.float64]
    source: NDArray[np.int64]


def ink_boxes(images: Images) -> tuple[Places, Places]:
    """Corner ``(n, 2)`` and size ``(n, 2)`` of the smallest box around all that is not background.

    A blank image has a box of size 0.
    """
    corners, sizes = [], []
    for axis in (2, 1):
        inked: NDArray[np.bool_] = np.any(images, axis=axis)
        first = inked.argmax(1)
        corners.append(first)
        sizes.append(inked.any(1) * (inked.shape[1] - inked[:, ::-1].argmax(1) - first))
    return np.stack(corners, 1), np.stack(sizes, 1)


def compose(
    draw: np.random.Generator, images: Images, labels: Classes, n: int, layout: Layout
) -> Canvases:
    """``n`` canvases with 1 to ``layout.most`` digits each, drawn with replacement.

    All numbers of digits are equally likely. Places are uniform over those where the boxes of all
    digits lie inside the canvas and no two of them overlap.

    Args:
        images, labels: ``(digit, 28, 28)`` and ``(digit,)`` what is drawn from.
    """
    number = draw.integers(1, layout.most + 1, n)
    source = draw.integers(0, len(images), (n, layout.most))
    return _pasted(draw, images, labels, source, number, layout.side)


def one_each(
    draw: np.random.Generator, images: Images, labels: Classes, layout: Layout
) -> Canvases:
    """A canvas for each digit, which alone lies on it, anywhere inside."""
    every = np.arange(len(images))
    return _pasted(draw, images, labels, every[:, None], np.ones_like(every), layout.side)


def joined(first: Canvases, second: Canvases) -> Canvases:
    """Canvases of both, one after the other."""
    moved = replace(second, canvas=second.canvas + len(first.images))
    names = [field.name for field in fields(Canvases)]
    return Canvases(*(np.concatenate([getattr(c, name) for c in (first, moved)]) for name in names))


def _pasted(
    draw: np.random.Generator,
    images: Images,
    labels: Classes,
    source: NDArray[np.int64],
    number: NDArray[np.int64],
    side: int,
) -> Canvases:
    corner, size = ink_boxes(images)
    present = np.arange(source.shape[1]) < number[:, None]
    place = place_boxes(draw, np.where(present[..., None], size[source], 0), side)
    canvas, slot = np.nonzero(present)
    digit, at = source[present], place[present]
    height = images.shape[1]
    padded = np.zeros((len(source), side + 2 * height, side + 2 * height), np.uint8)
    rows, columns = (
        (height + at[:, axis] - corner[digit, axis])[:, None] + np.arange(height) for axis in (0, 1)
    )
    for one in range(source.shape[1]):  # a canvas once at a time, so that nothing is lost
        of = slot == one
        where = canvas[of, None, None], rows[of][:, :, None], columns[of][:, None, :]
        padded[where] = np.maximum(padded[where], images[digit[of]])
    images_only = padded[:, height:-height, height:-height]
    return Canvases(images_only, canvas, labels[digit], at + size[digit] / 2, digit)


def place_boxes(draw: np.random.Generator, size: Places, side: int) -> Places:
    """``(n, box, 2)`` corners of boxes, uniform where all lie inside and no two overlap.

    Whole arrangements are drawn and those with an overlap rejected, so that every arrangement
    is equally likely.

    Args:
        size: ``(n, box, 2)``; a box of size 0 overlaps nothing.
        side: of the square that they lie in.

    Raises:
        ValueError: a box is larger than the square.
    """
    if size.size and size.max() > side:
        raise ValueError(f"a box of {size.max()} px does not fit into {side} px")
    place = np.zeros_like(size)
    open_ = np.arange(len(size))
    first, second = np.triu_indices(size.shape[1], 1)
    while len(open_):
        boxes = np.repeat(size[open_], _AT_ONCE, axis=0)
        corner = np.floor(draw.random(boxes.shape) * (side - boxes + 1)).astype(np.int64)
        end = corner + boxes
        apart = (end[:, first] <= corner[:, second]) | (end[:, second] <= corner[:, first])
        empty = (boxes == 0).any(-1)
        apart = apart.any(-1) | empty[:, first] | empty[:, second]
        good = apart.all(1).reshape(-1, _AT_ONCE)
        done = good.any(1)
        chosen = np.flatnonzero(done) * _AT_ONCE + good[done].argmax(1)
        place[open_[done]] = corner[chosen]
        open_ = open_[~done]
    return place
