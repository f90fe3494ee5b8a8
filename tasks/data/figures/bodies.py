"""Poses of an articulated figure: where its joints are, seen from the front or from the back.

Lengths are in statures, positions ``(y, x)`` from the hip, y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KEYPOINTS = ("head", "hip", "left hand", "right hand", "left foot", "right foot")
TORSO = 0.30
HEAD = 0.11
"""From the neck to the middle of the head."""
TRUNK = TORSO + HEAD
"""From the hip to the middle of the head, whatever the pose."""
_UPPER_ARM, _FOREARM = 0.17, 0.17
_THIGH, _SHIN = 0.24, 0.24
_SHOULDER, _HIP = 0.105, 0.06  # half widths

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bodies:
    """Joints of ``n`` figures.

    Attributes:
        head, neck, hip: ``(n, 2)``.
        shoulder, elbow, hand, leg, knee, foot: ``(n, 2 sides, 2)``, the figure's own left first.
        front: ``(n,)`` whether it is seen from the front, its left then being on the right.
    """

    head: Floats
    neck: Floats
    hip: Floats
    shoulder: Floats
    elbow: Floats
    hand: Floats
    leg: Floats
    knee: Floats
    foot: Floats
    front: NDArray[np.bool_]

    @property
    def keypoints(self) -> Floats:
        """``(n, 6, 2)`` in the order of `KEYPOINTS`."""
        middle = np.stack([self.head, self.hip], 1)
        return np.concatenate([middle, self.hand, self.foot], 1)


def draw_bodies(draw: np.random.Generator, n: int) -> Bodies:
    """Poses drawn at random: leaning, turned, arms and legs bent anyhow.

    The figure's left is on the image's right when it is seen from the front, on its left from the
    back. What joints show is symmetric, so only what `scenes` draws tells the two apart.
    """
    front = draw.random(n) < 0.8
    side = np.where(front, 1.0, -1.0)[:, None] * np.array([1.0, -1.0])
    lean = draw.normal(0, 0.22, n)
    up = np.stack([-np.cos(lean), np.sin(lean)], -1)
    across = np.stack([np.sin(lean), np.cos(lean)], -1)
    turned = np.cos(draw.uniform(-1.1, 1.1, n))[:, None]
    hip = np.zeros((n, 2))
    neck = TORSO * up
    head = neck + HEAD * _turn(up, draw.normal(0, 0.15, n))
    shoulder = neck[:, None] + (side * turned * _SHOULDER)[..., None] * across[:, None]
    leg = (side * turned * _HIP)[..., None] * across[:, None]
    raised = np.where(draw.random((n, 2)) < 0.25, 2.0, 0.35) + draw.normal(0, 0.5, (n, 2))
    bent = draw.normal(0.2, 0.9, (n, 2))
    elbow = shoulder + _UPPER_ARM * _outward(raised, side, lean)
    hand = elbow + _FOREARM * _outward(raised + bent, side, lean)
    spread = draw.normal(0.15, 0.3, (n, 2))
    kneeling = draw.normal(0, 0.4, (n, 2))
    knee = leg + _THIGH * _outward(spread, side, lean)
    foot = knee + _SHIN * _outward(spread + kneeling, side, lean)
    return Bodies(head, neck, hip, shoulder, elbow, hand, leg, knee, foot, front)


def _outward(angle: Floats, side: Floats, lean: Floats) -> Floats:
    """Unit vectors turned by ``angle`` from hanging down, away from the body."""
    turned = side * angle - lean[:, None]
    return np.stack([np.cos(turned), np.sin(turned)], -1)


def _turn(vector: Floats, angle: Floats) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    y, x = vector.T
    return np.stack([cos * y - sin * x, sin * y + cos * x], -1)
