"""Frames of golf swings: an articulated figure before a moving camera, a few pixels wide."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tasks.data.video.swing_motion import Swings, draw_swings

GENERATOR = 1
"""Version of the generator: a part of the key of prepared data."""
SIDE = 20
"""Pixels of a frame along each side."""
FRAMES = 80
"""Frames of a clip."""

_EXPOSURES = (-0.2, 0.2)  # frames: what moves fast is blurred
_CHUNK = 4000  # frames that are drawn at once
_ARM, _CLUB = 0.34, 0.46  # heights of the golfer
_LIMBS = 6

Floats = NDArray[np.float32]


def render_clips(
    draw: np.random.Generator, n: int, frames: int = FRAMES
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """``n`` clips ``(n, frames, SIDE, SIDE)`` and the frames ``(n, 8)`` of their events.

    Golfer, tempo, camera, light, blur, noise and what stands in the way differ from clip to clip.
    The frame of an event is the one nearest to it in time.
    """
    swings = draw_swings(draw, n, frames)
    scene = _Scene(draw, n, frames)
    clips = np.empty((n * frames, SIDE, SIDE), np.uint8)
    for first in range(0, n * frames, _CHUNK):
        index = np.arange(first, min(first + _CHUNK, n * frames))
        clip, frame = index // frames, index % frames
        cover = np.zeros((len(index), SIDE, SIDE), np.float32)
        for moment in _EXPOSURES:
            cover += scene.figure(swings, clip, frame.astype(np.float64) + moment)
        clips[index] = scene.filmed(draw, clip, frame, cover)
    return clips.reshape(n, frames, SIDE, SIDE), np.rint(swings.time).astype(np.int64)


class _Scene:
    """Camera, light and surroundings of ``n`` clips."""

    def __init__(self, draw: np.random.Generator, n: int, frames: int) -> None:
        self.size = draw.uniform(9.0, 11.5, n)  # pixels of the golfer's height
        self.width = np.where(draw.random(n) < 0.15, -1, 1) * draw.uniform(0.55, 1.0, n)
        self.tilt = draw.normal(0, 0.06, n)
        self.place = np.stack([draw.normal(0, 0.7, n), draw.normal(2.5, 0.7, n)], 1) + SIDE / 2
        drift = np.cumsum(draw.normal(0, 0.06, (n, frames, 2)), 1)
        self.shake = drift - drift.mean(1, keepdims=True) + draw.normal(0, 0.05, (n, frames, 2))
        self.build = draw.uniform(0.85, 1.15, (n, _LIMBS)) * (0.06, 0.06, 0.085, 0.05, 0.035, 0.075)
        self.light = draw.uniform(0.35, 0.8, (n, _LIMBS)) * np.where(
            draw.random((n, 1)) < 0.5, 1, -1
        )
        self.light[:, 3:5] *= 1.3  # bare arms and the shaft stand out
        coarse = draw.normal(0, 0.1, (n, 5, 5))
        self.ground = np.repeat(np.repeat(coarse, SIDE // 5, 1), SIDE // 5, 2).astype(np.float32)
        self.softness = draw.uniform(0.0, 0.6, n)
        self.grain = draw.uniform(0.03, 0.11, n)
        self.hidden = draw.random(n) < 0.3  # somebody or something passes in front
        self.passing = np.stack(
            [draw.uniform(0, SIDE, n), draw.normal(0, 0.3, n), draw.uniform(0.8, 2.0, n)], 1
        )
        self.dark = draw.uniform(-0.4, 0.4, n)

    def figure(self, swings: Swings, clip: NDArray[np.int64], frame: NDArray[np.float64]) -> Floats:
        """``(m, SIDE, SIDE)`` light that the figure adds to its surroundings."""
        arm, shaft, lean, shift = swings.pose(clip, frame).T
        zero = np.zeros(len(clip))
        hip = np.stack([shift, zero], 1)
        neck = hip + 0.3 * _down(lean + np.pi)
        hand = neck + _ARM * _down(arm)
        head = neck + 0.11 * _down(lean + np.pi)
        ends = [
            (hip, np.stack([zero - 0.11, zero + 0.48], 1)),
            (hip, np.stack([zero + 0.11, zero + 0.48], 1)),
            (hip, neck),
            (neck, hand),
            (hand, hand + _CLUB * _down(shaft)),
            (head, head),
        ]
        whole = np.clip(frame.astype(int), 0, self.shake.shape[1] - 1)
        centre = self.place[clip] + self.shake[clip, whole]
        light = np.zeros((len(clip), SIDE, SIDE), np.float32)
        for limb, (start, end) in enumerate(ends):
            radius = (self.build[clip, limb] * self.size[clip]).astype(np.float32)
            own = self.light[clip, limb].astype(np.float32)
            ends_seen = self._seen(clip, start, centre), self._seen(clip, end, centre)
            _compiled()(light, *ends_seen, radius, own)
        return light

    def filmed(
        self,
        draw: np.random.Generator,
        clip: NDArray[np.int64],
        frame: NDArray[np.int64],
        light: Floats,
    ) -> NDArray[np.uint8]:
        """What the camera records of the figure's light, summed over exposures."""
        image = light / np.float32(len(_EXPOSURES)) + self.ground[clip]
        at, speed, width = self.passing[clip].T
        columns = np.arange(SIDE) + 0.5
        away = np.abs(columns - np.mod(at + speed * frame, SIDE)[:, None]) - width[:, None]
        veil = np.where(self.hidden[clip][:, None], np.clip(0.5 - away, 0, 1), 0).astype(np.float32)
        image += veil[:, None, :] * (self.dark[clip].astype(np.float32)[:, None, None] - image)
        for axis in (1, 2):
            blurred = (np.roll(image, 1, axis) + image + np.roll(image, -1, axis)) / 3
            image += self.softness[clip].astype(np.float32)[:, None, None] * (blurred - image)
        noise = draw.standard_normal(image.shape, np.float32)
        image += self.grain[clip].astype(np.float32)[:, None, None] * noise
        return np.asarray(np.clip(127.5 + 110 * image, 0, 255), np.uint8)

    def _seen(
        self, clip: NDArray[np.int64], point: NDArray[np.float64], centre: NDArray[np.float64]
    ) -> Floats:
        """Pixels of points that are given in heights of the golfer from the hip."""
        x, y = point[:, 0] * self.width[clip], point[:, 1]
        cos, sin = np.cos(self.tilt[clip]), np.sin(self.tilt[clip])
        turned = np.stack([cos * x - sin * y, sin * x + cos * y], 1)
        return np.asarray(centre + self.size[clip][:, None] * turned, np.float32)


def _down(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vectors (right, down), turned from hanging down."""
    return np.stack([np.sin(angle), np.cos(angle)], -1)


def _draw(light: Floats, start: Floats, end: Floats, radius: Floats, own: Floats) -> None:
    """Paint a rounded stroke of brightness ``own (m,)`` over each image ``(m, SIDE, SIDE)``.

    A pixel takes on as much of it as the stroke covers, about; a stroke thinner than a pixel covers
    a part of it.
    """
    for m in range(light.shape[0]):
        along_x, along_y = end[m, 0] - start[m, 0], end[m, 1] - start[m, 1]
        square = max(along_x * along_x + along_y * along_y, np.float32(1e-6))
        reach = max(radius[m], np.float32(0.5)) + np.float32(0.5)
        most = min(2 * radius[m], np.float32(1))
        for row in range(light.shape[1]):
            for column in range(light.shape[2]):
                x = np.float32(column) + np.float32(0.5) - start[m, 0]
                y = np.float32(row) + np.float32(0.5) - start[m, 1]
                share = (x * along_x + y * along_y) / square
                share = min(max(share, np.float32(0)), np.float32(1))
                x, y = x - share * along_x, y - share * along_y
                cover = most * min(
                    max(reach - np.sqrt(x * x + y * y), np.float32(0)), np.float32(1)
                )
                light[m, row, column] += cover * (own[m] - light[m, row, column])


@functools.cache
def _compiled() -> Callable[..., None]:
    from numba import njit  # loading it takes a second

    compiled: Callable[..., None] = njit(cache=True)(_draw)
    return compiled
