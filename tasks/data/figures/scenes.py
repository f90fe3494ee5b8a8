"""Images of one figure each: clutter behind it, things before it, little contrast, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.data.figures.bodies import Bodies, draw_bodies
from tasks.data.figures.stroke_painting import paint

GENERATOR = 1
"""Version of the generator."""
CELL = 4
"""Pixels of a cell of the maps along each side."""
SIDE = 48
"""Pixels of a small image, in which lengths below are; a larger one shows the same, finer."""

_CLUTTER = 6  # strokes behind figures
_PATCHES = 6  # of the ground along each side
_CHUNK = 2000  # images drawn at once
_SHADES = 10  # parts of a figure that are lighter or darker on their own
_WIDTHS = np.array([0.036, 0.032, 0.05, 0.04])  # statures: upper arm, forearm, thigh, shin

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scenes:
    """Images and where the keypoints are.

    Attributes:
        images: uint8 ``(n, 1, side, side)``.
        position: ``(n, keypoint, 2)`` cells ``(y, x)``, NaN for what lies outside of the image.
        hidden: ``(n, keypoint)`` whether something stands before a keypoint.
    """

    images: NDArray[np.uint8]
    position: Floats
    hidden: NDArray[np.bool_]


def draw_scenes(draw: np.random.Generator, n: int, side: int = SIDE) -> Scenes:
    """``n`` scenes, all independent.

    The crop is about the figure, as a person detector would give it. Hands and feet may lie outside
    of it; head and hip do not. What is hidden keeps its label, as in COCO.
    """
    parts = [_chunk(draw, min(_CHUNK, n - first), side) for first in range(0, n, _CHUNK)]
    images, position, hidden = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Scenes(images, position, hidden)


def _chunk(
    draw: np.random.Generator, n: int, side: int
) -> tuple[NDArray[np.uint8], Floats, NDArray[np.bool_]]:
    finer = side / SIDE
    bodies, stature = draw_bodies(draw, n), draw.uniform(30, 41, n)
    position = stature[:, None, None] * bodies.keypoints
    offset = _place(draw, position)
    position += offset[:, None]
    patch = np.arange(side) * _PATCHES // side
    coarse = draw.normal(0, 0.11, (n, _PATCHES, _PATCHES)).astype(np.float32)
    images = coarse[:, patch[:, None], patch]
    slope = draw.normal(0, 0.1, (n, 2, 1)) * (np.arange(side) / side - 0.5)
    images += slope[:, 0, :, None].astype(np.float32) + slope[:, 1, None].astype(np.float32)
    contrast = draw.uniform(0.3, 0.9, n) * np.where(draw.random(n) < 0.5, 1, -1)
    shades = contrast[:, None] * draw.uniform(0.75, 1.25, (n, _SHADES))
    strokes = [_clutter(draw, n, contrast), _stranger(draw, n, stature, offset, contrast)]
    strokes.append(_figure(bodies, stature, offset, shades))
    fronts = _occluders(draw, n)
    strokes.append(fronts)
    start, end, radius, light = (np.concatenate(part, 1) for part in zip(*strokes, strict=True))
    begin, finish, width, shade = (
        np.asarray(part, np.float32) for part in (finer * start, finer * end, finer * radius, light)
    )
    paint(images, begin, finish, width, shade)
    seen = _filmed(draw, images, round(finer))
    hidden = _covered(position, *fronts[:3])
    outside = ((position < 0) | (position >= SIDE)).any(-1)
    position[outside] = np.nan
    return seen[:, None], position * finer / CELL, hidden & ~outside


Strokes = tuple[Floats, Floats, Floats, Floats]


def _place(draw: np.random.Generator, position: Floats) -> Floats:
    """``(n, 2)`` where the hip goes: keypoints about centred, head and hip inside."""
    middle = (position.max(1) + position.min(1)) / 2
    offset = SIDE / 2 - middle + draw.normal(0, 2.0, middle.shape)
    trunk = position[:, :2]
    low, high = 1 - trunk.min(1), SIDE - 1 - trunk.max(1)
    return np.asarray(np.clip(offset, low, high))


def _figure(bodies: Bodies, stature: Floats, offset: Floats, shade: Floats) -> Strokes:
    """Legs, trunk, head and arms, arms first where the back is seen; a face tells the front."""
    legs = [(bodies.leg, bodies.knee, 2), (bodies.knee, bodies.foot, 3)]
    arms = [(bodies.shoulder, bodies.elbow, 0), (bodies.elbow, bodies.hand, 1)]
    start, end, radius, light = [], [], [], []

    def add(begin: Floats, finish: Floats, width: Floats | float, tone: Floats) -> None:
        start.append(begin)
        end.append(finish)
        radius.append(np.broadcast_to(width, stature.shape) * stature)
        light.append(tone)

    def limbs(parts: list[tuple[Floats, Floats, int]], shown: NDArray[np.bool_] | bool) -> None:
        for begin, finish, which in parts:
            for k in range(2):
                width = np.where(shown, _WIDTHS[which], 0.0)
                add(begin[:, k], finish[:, k], width, shade[:, 2 * which + k])

    limbs(arms, ~bodies.front)
    limbs(legs, True)
    add(bodies.neck, bodies.hip, 0.07, shade[:, 8])
    add(bodies.head, bodies.head, 0.075, shade[:, 9])
    face, tie = (np.where(bodies.front, width, 0.0) for width in (0.055, 0.03))
    add(bodies.head, bodies.head, face, -0.8 * shade[:, 9])
    add(bodies.neck, bodies.neck + 0.6 * (bodies.hip - bodies.neck), tie, -0.6 * shade[:, 8])
    limbs(arms, bodies.front)
    places = [stature[:, None, None] * np.stack(part, 1) for part in (start, end)]
    first, last = (place + offset[:, None] for place in places)
    return first, last, np.stack(radius, 1), np.stack(light, 1)


def _clutter(draw: np.random.Generator, n: int, contrast: Floats) -> Strokes:
    """Strokes like limbs, anywhere behind the figure."""
    shape = (n, _CLUTTER)
    start = draw.uniform(-4, SIDE + 4, (*shape, 2))
    angle, length = draw.uniform(0, 2 * np.pi, shape), draw.uniform(2, 16, shape)
    end = start + length[..., None] * np.stack([np.sin(angle), np.cos(angle)], -1)
    there = np.arange(_CLUTTER) < draw.integers(1, _CLUTTER + 1, n)[:, None]
    radius = np.where(there, draw.uniform(0.5, 2.2, shape), 0.0)
    return start, end, radius, contrast[:, None] * draw.uniform(-1.0, 1.2, shape)


def _stranger(
    draw: np.random.Generator, n: int, stature: Floats, offset: Floats, contrast: Floats
) -> Strokes:
    """Somebody else, of whom a part is in the picture, in a quarter of the images."""
    bodies = draw_bodies(draw, n)
    shift = np.where(draw.random(n) < 0.5, 1, -1) * draw.uniform(14, 28, n)
    place = offset + np.stack([draw.normal(0, 4, n), shift], 1)
    shade = contrast[:, None] * draw.uniform(0.6, 1.1, (n, _SHADES))
    start, end, radius, light = _figure(bodies, stature, place, shade)
    return start, end, np.where(draw.random((n, 1)) < 0.25, radius, 0.0), light


def _occluders(draw: np.random.Generator, n: int) -> Strokes:
    """Up to two thick strokes before the figure."""
    start = draw.uniform(7, SIDE - 7, (n, 2, 2))
    end = start + draw.normal(0, 9, (n, 2, 2))
    there = np.arange(2) < draw.choice(3, n, p=[0.55, 0.3, 0.15])[:, None]
    radius = np.where(there, draw.uniform(2.0, 5.5, (n, 2)), 0.0)
    return start, end, radius, draw.normal(0, 0.35, (n, 2))


def _covered(position: Floats, start: Floats, end: Floats, radius: Floats) -> NDArray[np.bool_]:
    """``(n, keypoint)`` whether a stroke lies over a position."""
    point, first = position[:, :, None], start[:, None]
    along = end[:, None] - first
    square = np.maximum((along**2).sum(-1), 1e-6)
    share = np.clip(((point - first) * along).sum(-1) / square, 0, 1)
    away = np.linalg.norm(point - first - share[..., None] * along, axis=-1)
    return np.asarray(((away < radius[:, None]) & (radius[:, None] > 0)).any(-1))


def _filmed(
    draw: np.random.Generator, images: NDArray[np.float32], reach: int
) -> NDArray[np.uint8]:
    """What the camera records: blur, grain, 8 bits."""
    softness = draw.uniform(0.0, 0.8, len(images)).astype(np.float32)[:, None, None]
    for axis in (1, 2):
        blurred = (np.roll(images, reach, axis) + images + np.roll(images, -reach, axis)) / 3
        images += softness * (blurred - images)
    grain = draw.uniform(0.03, 0.1, len(images)).astype(np.float32)[:, None, None]
    images += grain * draw.standard_normal(images.shape, np.float32)
    return np.asarray(np.clip(127.5 + 110 * images, 0, 255), np.uint8)
