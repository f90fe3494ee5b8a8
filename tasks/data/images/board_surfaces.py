"""What boards are printed on and lie before: wood, stone, paper, and clutter; grey, about 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]


def _smooth(
    draw: np.random.Generator, shape: tuple[int, int], width: tuple[float, float]
) -> Picture:
    """Noise of standard deviation 1, correlated over ``width`` pixels down and across."""
    import cv2

    rough = draw.standard_normal(shape, np.float32)
    soft = cv2.GaussianBlur(rough, (0, 0), sigmaX=width[1], sigmaY=width[0])
    return np.asarray(soft / max(float(soft.std()), 1e-6), np.float32)


def wood(draw: np.random.Generator, shape: tuple[int, int]) -> Picture:
    """Rings cut lengthwise, along either axis."""
    along = (float(draw.uniform(10, 25)), float(draw.uniform(0.7, 1.5)))
    grain = _smooth(draw, shape, along if draw.random() < 0.5 else along[::-1])
    rings = np.sin(_smooth(draw, shape, (20, 20)) * draw.uniform(3, 9))
    return np.asarray(1 + 0.05 * grain + 0.05 * rings, np.float32)


def stone(draw: np.random.Generator, shape: tuple[int, int]) -> Picture:
    """Blotches of several sizes."""
    sizes = [_smooth(draw, shape, (width, width)) for width in (1.0, 3.0, 9.0)]
    return np.asarray(1 + 0.05 * sizes[0] + 0.06 * sizes[1] + 0.06 * sizes[2], np.float32)


def paper(draw: np.random.Generator, shape: tuple[int, int]) -> Picture:
    """Fine fibres and a fold or two."""
    fibres = 0.03 * _smooth(draw, shape, (0.8, 0.8)) + 0.04 * _smooth(draw, shape, (12, 12))
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    for _ in range(int(draw.integers(0, 3))):
        angle, place = draw.uniform(0, np.pi), draw.uniform(0.2, 0.8) * max(shape)
        across = np.cos(angle) * x + np.sin(angle) * y - place
        fibres -= 0.1 * np.exp(-((across / 1.5) ** 2))
    return (1 + fibres).astype(np.float32)


TEXTURES = (wood, stone, paper)


def texture(draw: np.random.Generator, shape: tuple[int, int]) -> Picture:
    """One of the three."""
    return TEXTURES[int(draw.integers(len(TEXTURES)))](draw, shape)


def background(draw: np.random.Generator, shape: tuple[int, int]) -> Picture:
    """Grey values in [0, 255] behind a board: a texture, and things with edges and corners."""
    import cv2

    picture = np.float32(draw.uniform(30, 220)) * texture(draw, shape)
    high, wide = shape
    for _ in range(int(draw.integers(2, 9))):
        colour = float(draw.uniform(0, 255))
        a, b = ((int(draw.integers(wide)), int(draw.integers(high))) for _ in range(2))
        kind = int(draw.integers(4))
        if kind == 0:
            cv2.line(picture, a, b, colour, int(draw.integers(1, 4)), cv2.LINE_AA)
        elif kind == 1:
            size = tuple(int(v) for v in draw.integers(3, max(4, min(shape) // 3), 2))
            cv2.ellipse(
                picture, a, size, float(draw.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA
            )
        elif kind == 2:
            sides = tuple(float(v) for v in draw.uniform(4, min(shape) / 2, 2))
            box = cv2.boxPoints((a, sides, float(draw.uniform(0, 180))))
            cv2.fillPoly(picture, [box.astype(np.int32)], colour, cv2.LINE_AA)
        else:
            _bars(picture, draw, a, colour)
    return np.asarray(np.clip(picture, 0, 255), np.float32)


def _bars(
    picture: Picture, draw: np.random.Generator, place: tuple[int, int], colour: float
) -> None:
    """Parallel bars like those of a fence or a keyboard: edges in rows without a crossing."""
    import cv2

    step, length = int(draw.integers(4, 10)), int(draw.integers(8, 30))
    for number in range(int(draw.integers(3, 8))):
        x = place[0] + number * step
        corner = (x + step // 2 - 1, place[1] + length)
        cv2.rectangle(picture, (x, place[1]), corner, colour, -1)
