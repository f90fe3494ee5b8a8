"""Scenes of objects with redundant, displaced and missing box proposals, and a question each.

What a detector hands to a counting model (thesis §3.3, after Trott et al. 2018): boxes of which
several show one object and some show nothing, some objects without a box, and a noisy feature
vector for each box. Sides are in units of the picture's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

PROPOSALS = 36
"""Boxes of a scene, as many as the features of Anderson et al. (2018) have."""
OBJECTS = 8
"""The most objects of a scene."""
KINDS = 5
"""Kinds of object, about one of which a scene asks."""
APPEARANCE = 12
"""Numbers that describe what a box shows."""

_MISSED = 0.05
"""Share of objects without a proposal."""
_MORE_BOXES = 2.0
"""Mean number of further proposals of an object that has one."""
_CROWDED = 0.5
"""Share of objects that stand close beside the one before."""
_SIDE, _SIDE_SPREAD = 0.2, 0.25
_MOVED, _SCALED = 0.10, 0.12
"""Displacement of a proposal in sides of its object, and spread of its sides' logarithm."""
_ASTRAY = 5.0
"""How much further than other proposals those are off that show little of an object."""
_OWN_LOOK = 0.35
"""Spread of the appearance of objects of one kind."""


@dataclass(frozen=True)
class Scenes:
    """Scenes, a row each.

    Attributes:
        appearance: ``(n, PROPOSALS, APPEARANCE)`` what each box shows, with noise.
        boxes: ``(n, PROPOSALS, 4)`` left, top, right, bottom.
        objects: ``(n, OBJECTS, 4)`` true boxes; NaN where there is no object.
        kind: ``(n, OBJECTS)`` of each object, -1 where there is none.
        asked: ``(n,)`` kind whose objects are to be counted.
        source: ``(n, PROPOSALS)`` object that a box was proposed for, -1 for none.
    """

    appearance: Numbers
    boxes: Numbers
    objects: Numbers
    kind: Indices
    asked: Indices
    source: Indices

    @property
    def wanted(self) -> NDArray[np.bool_]:
        """``(n, OBJECTS)`` which objects are to be counted."""
        return np.asarray(self.kind == self.asked[:, None])


def scenes(draw: np.random.Generator, n: int, noise: float) -> Scenes:
    """``n`` scenes.

    Args:
        noise: standard deviation of each number of an appearance, whose prototypes have unit
            length in the root mean square of their numbers.
    """
    present = np.arange(OBJECTS) < draw.integers(2, OBJECTS + 1, n)[:, None]
    middle, side = _places(draw, n)
    asked = draw.integers(0, KINDS, n)
    common = draw.random((n, OBJECTS)) < draw.uniform(0.1, 0.9, n)[:, None]
    kind = np.where(common, asked[:, None], draw.integers(0, KINDS, (n, OBJECTS)))
    kind = np.where(present, kind, -1)
    source, astray = _sources(draw, present)
    boxes = _proposed(draw, middle, side, source, astray)
    objects = np.where(present[..., None], _corners(middle, side), np.nan)
    looks = _prototypes()[kind] + _OWN_LOOK * draw.standard_normal((n, OBJECTS, APPEARANCE))
    shown = np.where(source >= 0, source, 0)
    rows = np.arange(n)[:, None]
    seen = _share_seen(boxes, objects[rows, shown])
    seen = np.where(source >= 0, seen, 0.0)[..., None]
    appearance = seen * looks[rows, shown]
    appearance = appearance + noise * draw.standard_normal(appearance.shape)
    source = np.where(astray, -1, source)
    return Scenes(appearance, boxes, objects, kind, asked, source)


def _prototypes() -> Numbers:
    """``(KINDS, APPEARANCE)`` of unit root mean square, the same in every scene there is."""
    drawn = np.random.Generator(np.random.Philox(7)).standard_normal((KINDS, APPEARANCE))
    return np.asarray(drawn / np.sqrt((drawn**2).mean(1, keepdims=True)))


def _places(draw: np.random.Generator, n: int) -> tuple[Numbers, Numbers]:
    """Middles and sides of objects, ``(n, OBJECTS, 2)`` each; some stand beside the last one."""
    side = _SIDE * np.exp(_SIDE_SPREAD * draw.standard_normal((n, OBJECTS, 2)))
    middle = draw.uniform(0.1, 0.9, (n, OBJECTS, 2))
    angle = draw.uniform(0, 2 * np.pi, (n, OBJECTS))
    step = draw.uniform(0.4, 0.9, (n, OBJECTS, 1)) * np.stack([np.cos(angle), np.sin(angle)], -1)
    beside = draw.random((n, OBJECTS)) < _CROWDED
    for number in range(1, OBJECTS):
        before = middle[:, number - 1] + step[:, number] * side[:, number - 1]
        middle[:, number] = np.where(beside[:, number, None], before, middle[:, number])
    return np.clip(middle, 0.05, 0.95), side


def _sources(
    draw: np.random.Generator, present: NDArray[np.bool_]
) -> tuple[Indices, NDArray[np.bool_]]:
    """Object of each proposal, -1 for boxes of nothing; and which are far off their object.

    The order of the boxes says nothing. Of too many boxes the last objects' are dropped.
    """
    n = len(present)
    boxes = 1 + draw.poisson(_MORE_BOXES, present.shape)
    boxes = np.where(present & (draw.random(present.shape) >= _MISSED), boxes, 0)
    ends = np.minimum(boxes.cumsum(1), PROPOSALS)
    slot = np.arange(PROPOSALS)
    source = (slot[None, :, None] >= ends[:, None, :]).sum(-1)
    spare = source == OBJECTS
    astray = spare & (draw.random((n, PROPOSALS)) < 0.5)
    anywhere = (draw.random((n, PROPOSALS)) * present.sum(1)[:, None]).astype(np.int64)
    source = np.where(spare, np.where(astray, anywhere, -1), source)
    order = draw.random((n, PROPOSALS)).argsort(1)
    return np.take_along_axis(source, order, 1), np.take_along_axis(astray, order, 1)


def _proposed(
    draw: np.random.Generator,
    middle: Numbers,
    side: Numbers,
    source: Indices,
    astray: NDArray[np.bool_],
) -> Numbers:
    """Boxes beside their objects, or anywhere."""
    n, rows = len(source), np.arange(len(source))[:, None]
    spread = np.where(astray, _ASTRAY, 1.0)[..., None]
    own_side = side[rows, np.maximum(source, 0)]
    moved = middle[rows, np.maximum(source, 0)]
    moved = moved + spread * _MOVED * own_side * draw.standard_normal((n, PROPOSALS, 2))
    scaled = own_side * np.exp(spread * _SCALED * draw.standard_normal((n, PROPOSALS, 2)))
    free = draw.uniform(0.05, 0.95, (n, PROPOSALS, 2))
    free_side = _SIDE * np.exp(2 * _SIDE_SPREAD * draw.standard_normal((n, PROPOSALS, 2)))
    nothing = (source < 0)[..., None]
    return _corners(np.where(nothing, free, moved), np.where(nothing, free_side, scaled))


def _corners(middle: Numbers, side: Numbers) -> Numbers:
    return np.concatenate([middle - side / 2, middle + side / 2], -1)


def _share_seen(boxes: Numbers, objects: Numbers) -> Numbers:
    """Intersection over union of boxes with one object each, ``(n, PROPOSALS)``."""
    low, high = (
        np.maximum(boxes[..., :2], objects[..., :2]),
        np.minimum(boxes[..., 2:], objects[..., 2:]),
    )
    common = np.clip(high - low, 0, None).prod(-1)
    areas = sum((b[..., 2:] - b[..., :2]).prod(-1) for b in (boxes, objects))
    return np.asarray(common / (areas - common))
