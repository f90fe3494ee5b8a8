"""Crops of photographs, read as they are needed and changed at random in training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.plugin import HeatmapTarget, Splits
from tasks.data.photographs.camera_views import CameraViews
from tasks.data.photographs.crops import crop_map, cropped, inverse, mapped, read_photograph
from tasks.data.photographs.keypoint_photographs import KeypointPhotographs

if TYPE_CHECKING:
    from torch import Tensor

CELL = 4
"""Pixels of a crop along each side of a cell."""
DEPTH = 2000.0
"""Millimetres that cells along the depth span, the root in the middle."""
VALIDATED = 0.05
"""Share of the training photographs that validates instead."""

Floats = NDArray[np.float64]
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Changes:
    """How training crops are changed (public code of Li et al.).

    Attributes:
        pairs: keypoints that change places when left and right do.
        zoom: largest relative change of size, uniform.
        angle: largest rotation in radians, uniform.
        turned: share of the crops that are rotated.
    """

    pairs: Pairs
    zoom: float = 0.3
    angle: float = np.deg2rad(40)
    turned: float = 0.5


@dataclass(frozen=True)
class PhotographSplit:
    """Crops of a part of a data set.

    Attributes:
        shape: ``(height, width)`` of crops in pixels, multiples of 4.
        training: whether keypoints outside of the crop are unlabelled. In evaluation they count,
            though no map reaches them.
        notes: for the details of a trial.
        scorer: average precision by a data set's own tool, of positions in photographs
            ``(n, keypoint, 2)`` (x, y) and scores.
        views: cameras and joints in space, where maps have a depth.
        depth: cells along it.
    """

    root: Path
    photographs: KeypointPhotographs
    shape: tuple[int, int]
    changes: Changes
    training: bool = False
    notes: dict[str, Any] = field(default_factory=dict)
    scorer: Callable[[KeypointPhotographs, Floats, Floats], float] | None = None
    views: CameraViews | None = None
    depth: int = 1

    def __len__(self) -> int:
        return len(self.photographs)

    @property
    def scale(self) -> Floats:
        """``(n,)`` in cells."""
        return self.photographs.scale * self.shape[0] / self.photographs.height / CELL

    @property
    def group(self) -> NDArray[np.int64]:
        """``(n,)``."""
        return self.photographs.group

    def batch(
        self, rows: NDArray[Any], draw: np.random.Generator | None = None
    ) -> tuple[Tensor, HeatmapTarget]:
        """Crops uint8 ``(batch, 3, height, width)``, red first, and positions in cells.

        Raises:
            UsageError: a photograph is missing or damaged.
        """
        import torch

        images, positions, masks = [], [], []
        for row in rows:
            image, position, labelled, order = self._one(int(row), draw)
            images.append(image.transpose(2, 0, 1))
            positions.append(self._cells(int(row), position, order))
            masks.append(labelled)
        grid: tuple[int, ...] = (self.shape[0] // CELL, self.shape[1] // CELL)
        grid = grid if self.views is None else (self.depth, *grid)
        target = HeatmapTarget(
            torch.from_numpy(np.stack(positions).astype(np.float32)),
            torch.from_numpy(np.stack(masks)),
            grid,
        )
        return torch.from_numpy(np.stack(images)), target

    def in_photographs(self, cells: Floats) -> Floats:
        """Positions ``(n, keypoint, 2)`` (y, x) in cells as (x, y) in the photographs' pixels."""
        known = self.photographs
        back = (inverse(crop_map(c, h, self.shape)) for c, h in self._crops(known))
        return np.stack([mapped(CELL * p[:, ::-1], m) for p, m in zip(cells, back, strict=True)])

    def in_space(self, cells: Floats) -> Floats:
        """Positions ``(n, joint, 3)`` (depth, y, x) in cells as places before the camera, in mm.

        Raises:
            ValueError: nothing is known of cameras.
        """
        if self.views is None:
            raise ValueError("these photographs have no cameras")
        away = (cells[..., 0] / self.depth - 0.5) * DEPTH
        return self.views.in_space(self.in_photographs(cells[..., 1:]), away)

    def average_precision(self, cells: Floats, score: Floats) -> float | None:
        """Of the data set's own tool, if it has one."""
        if self.scorer is None:
            return None
        return self.scorer(self.photographs, self.in_photographs(cells), score)

    @staticmethod
    def _crops(known: KeypointPhotographs) -> Any:
        return zip(known.centre, known.height, strict=True)

    def _one(
        self, row: int, draw: np.random.Generator | None
    ) -> tuple[NDArray[np.uint8], Floats, NDArray[np.bool_], NDArray[np.int64]]:
        known = self.photographs
        zoom, angle, flipped = 1.0, 0.0, False
        if draw is not None:
            zoom = 1 + draw.uniform(-1, 1) * self.changes.zoom
            turn = draw.uniform(-1, 1) * self.changes.angle
            angle = turn if draw.random() < self.changes.turned else 0.0
            flipped = bool(draw.random() < 0.5)
        matrix = crop_map(known.centre[row], known.height[row] * zoom, self.shape, angle, flipped)
        image = cropped(read_photograph(self.root / str(known.path[row])), matrix, self.shape)
        position, labelled = mapped(known.position[row], matrix), known.labelled[row]
        order = np.arange(len(position))
        for one, other in self.changes.pairs if flipped else ():
            order[[one, other]] = other, one
        position, labelled = position[order], labelled[order]
        if self.training:
            inside = (position >= 0) & (position < np.array(self.shape[::-1]))
            labelled = labelled & inside.all(-1)
        return image, position, labelled, order

    def _cells(self, row: int, position: Floats, order: NDArray[np.int64]) -> Floats:
        """Positions in a crop as (y, x) in cells, behind a depth where there is one."""
        cells = position[:, ::-1] / CELL
        if self.views is None:
            return cells
        away = self.views.joint[row, :, 2]
        depth = ((away - away[0]) / DEPTH + 0.5) * self.depth
        return np.column_stack([depth[order], cells])


def photograph_splits(
    train: PhotographSplit, test: PhotographSplit, draw: np.random.Generator
) -> Splits:
    """A twentieth of the training photographs validates, chosen by photograph."""
    image = train.photographs.image
    known = np.unique(image)
    held = draw.permutation(known)[: max(1, round(VALIDATED * len(known)))]
    validates = np.isin(image, held)
    left, kept = (
        replace(
            train,
            photographs=train.photographs.rows(rows),
            training=training,
            views=None if train.views is None else train.views.rows(rows),
        )
        for rows, training in ((~validates, True), (validates, False))
    )
    return Splits(left, kept, test)
