"""Photographs of known cameras: how pixels and distances become places in space."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CameraViews:
    """What relates pixels of photographs to space.

    Attributes:
        joint: ``(n, 17, 3)`` in the camera's coordinates, mm.
        focal, centre: ``(n, 2)`` f and c, pixels.
    """

    joint: Floats
    focal: Floats
    centre: Floats

    def in_space(self, pixels: Floats, depth: Floats) -> Floats:
        """Places ``(n, 17, 3)`` of pixels ``(n, 17, 2)`` so far ``(n, 17)`` behind the pelvis.

        The pelvis's own distance from the camera is told, as published.
        """
        away = depth + self.joint[:, :1, 2]
        across = (pixels - self.centre[:, None]) / self.focal[:, None] * away[..., None]
        return np.concatenate([across, away[..., None]], -1)

    def rows(self, chosen: NDArray[Any]) -> CameraViews:
        """Some of them."""
        return CameraViews(*(getattr(self, one.name)[chosen] for one in fields(self)))

    def write(self, folder: Path, part: str) -> None:
        """Keep them in a folder, to be read by `read_views`."""
        np.savez(
            folder / f"{part}-views.npz", joint=self.joint, focal=self.focal, centre=self.centre
        )


def read_views(folder: Path, part: str) -> CameraViews:
    """What `CameraViews.write` wrote."""
    with np.load(folder / f"{part}-views.npz", allow_pickle=False) as arrays:
        return CameraViews(**{one.name: arrays[one.name] for one in fields(CameraViews)})
