"""How a golfer moves: the eight events of a swing, and joint angles at any time of a clip.

Times are in frames; angles are turned from hanging down, positive on the side of the backswing.
Events are defined as in GolfDB (McNally et al. 2019): the shaft is level at toe-up and
mid-follow-through, the lead arm at mid-backswing and mid-downswing. Address and finish are the last
moments before the golfer leaves a pose, which is slow to show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EVENTS: tuple[str, ...] = (
    "address",
    "toe_up",
    "mid_backswing",
    "top",
    "mid_downswing",
    "impact",
    "mid_follow_through",
    "finish",
)
"""In the order in which they happen, each once."""
ADDRESS, TOP, IMPACT, FINISH = 0, 3, 5, 7
BEFORE, AFTER = 4.0, 4.0
"""Frames that a clip has at least before the address and after the finish."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Swings:
    """``n`` swings.

    Attributes:
        time: ``(n, 8)`` frames from the start of the clip.
        knots: ``(n, 4, 8)`` what a golfer's pose is at the events: angles of arm and shaft, lean of
            the torso (radians) and sideways shift of the hip (heights of the golfer).
        waggle: ``(n, 3)`` amplitude (radians), frequency (per frame) and phase of the club before
            the swing; it ends ``still (n,)`` frames before the address.
        approach: ``(n,)`` how far a golfer who steps up to the ball moves each frame, 0 for others.
        relax: ``(n,)`` frames in which the finishing pose is given up.
    """

    time: Numbers
    knots: Numbers
    waggle: Numbers
    still: Numbers
    approach: Numbers
    relax: Numbers

    def pose(self, clip: NDArray[np.int64], frame: Numbers) -> Numbers:
        """``(m, 4)`` arm, shaft, lean and shift of the clips ``(m,)`` at the times ``(m,)``."""
        knots, slopes = self.knots[clip], _slopes(self.time, self.knots)[clip]
        time = self.time[clip]
        inside = np.clip(frame, time[:, 0], time[:, -1])
        left = np.clip((inside[:, None] >= time).sum(1) - 1, 0, len(EVENTS) - 2)
        pose = _hermite(inside, left, time, knots, slopes)
        early = np.maximum(time[:, ADDRESS] - frame - self.still[clip], 0.0)
        size, speed, phase = self.waggle[clip].T
        swung = size * np.minimum(early / 3, 1) * np.sin(speed * early + phase)
        pose[:, 0] += 0.35 * swung
        pose[:, 1] += swung
        pose[:, 3] -= self.approach[clip] * np.maximum(early - 4, 0)
        late = np.maximum(frame - time[:, FINISH], 0.0) / self.relax[clip]
        given_up = np.minimum(late**1.5, 1.0)[:, None]
        left = np.array([0.45, 0.3, 0.5, 1.0])
        return np.asarray(pose * (1 - given_up + given_up * left))


def draw_swings(draw: np.random.Generator, n: int, frames: int) -> Swings:
    """``n`` swings in clips of ``frames`` frames; a quarter of them are filmed in slow motion."""
    slow = draw.random(n) < 0.25
    to_impact = np.where(slow, draw.uniform(44, 56, n), draw.uniform(22, 44, n))
    room = frames - BEFORE - AFTER
    through = np.clip(to_impact * draw.uniform(0.35, 0.7, n), 12, room - to_impact)
    down = to_impact * draw.uniform(0.2, 0.3, n)
    back = to_impact - down
    start = BEFORE + draw.random(n) * (room - to_impact - through)
    after = [
        np.zeros(n),
        back * draw.uniform(0.34, 0.5, n),
        back * draw.uniform(0.58, 0.72, n),
        back,
        back + down * draw.uniform(0.45, 0.62, n),
        to_impact,
        to_impact + through * draw.uniform(0.11, 0.17, n),
        to_impact + through,
    ]
    still, time = draw.uniform(0, 6, n), start[:, None] + np.stack(after, 1)
    waggle = np.stack(
        [
            draw.uniform(0.0, 0.5, n),
            draw.uniform(0.3, 0.9, n),
            draw.uniform(0, 2 * np.pi, n),
        ],
        1,
    )
    approach = np.where(draw.random(n) < 0.3, draw.uniform(0.01, 0.04, n), 0.0)
    return Swings(time, _poses(draw, n), waggle, still, approach, draw.uniform(6, 16, n))


def _poses(draw: np.random.Generator, n: int) -> Numbers:
    """``(n, 4, 8)`` poses at the events."""

    def about(degrees: float, spread: float) -> Numbers:
        return np.deg2rad(draw.normal(degrees, spread, n))

    def fixed(degrees: float) -> Numbers:
        return np.full(n, np.deg2rad(degrees))

    arm = [
        about(3, 3),
        about(32, 6),
        fixed(90),
        about(160, 10),
        fixed(90),
        about(4, 4),
        about(-38, 7),
        about(-150, 12),
    ]
    shaft = [
        about(4, 3),
        fixed(90),
        about(165, 12),
        about(255, 14),
        about(195, 14),
        about(2, 3),
        fixed(-90),
        about(-235, 20),
    ]
    lean = [about(m, 3) for m in (0, 3, 6, 9, 3, -7, -9, -14)]
    shift = [draw.normal(m, 0.015, n) for m in (0, 0.02, 0.03, 0.04, -0.02, -0.06, -0.08, -0.11)]
    return np.stack([np.stack(values, 1) for values in (arm, shaft, lean, shift)], 1)


def _slopes(time: Numbers, knots: Numbers) -> Numbers:
    """Slopes at the events of a curve that overshoots nowhere and rests at its turning points."""
    gap = np.diff(time, axis=1)[:, None]
    rise = np.diff(knots, axis=2) / gap
    before, after = rise[..., :-1], rise[..., 1:]
    weight_a, weight_b = 2 * gap[..., 1:] + gap[..., :-1], gap[..., 1:] + 2 * gap[..., :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weight_a + weight_b) / (weight_a / before + weight_b / after)
    inner = np.where(before * after > 0, mean, 0.0)
    return np.pad(inner, ((0, 0), (0, 0), (1, 1)))


def _hermite(
    frame: Numbers, left: NDArray[np.int64], time: Numbers, knots: Numbers, slopes: Numbers
) -> Numbers:
    rows = np.arange(len(frame))
    start, end = time[rows, left], time[rows, left + 1]
    gap = (end - start)[:, None]
    s = ((frame - start) / (end - start))[:, None]
    y0, y1 = knots[rows, :, left], knots[rows, :, left + 1]
    d0, d1 = slopes[rows, :, left] * gap, slopes[rows, :, left + 1] * gap
    return np.asarray(
        y0 + s * (d0 + s * (3 * (y1 - y0) - 2 * d0 - d1 + s * (2 * (y0 - y1) + d0 + d1)))
    )
