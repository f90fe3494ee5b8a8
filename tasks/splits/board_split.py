"""Boards as a network sees them, with what is known of them beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.plugin import PointPrediction, PointTarget
from tasks.data.images.board_sets import BoardSet
from tasks.metrics.point_lists import Numbers, Points

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class BoardSplit:
    """A `Split` of pictures of boards.

    Attributes:
        boards: pictures and corners.
        target: of all pictures.
        views: photographs of one camera, with the test alone.
        notes: how these were read.
    """

    boards: BoardSet
    target: PointTarget
    views: BoardSet | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.boards)

    @property
    def truth(self) -> Points:
        """Corners of all pictures."""
        return corners_of(self.boards)

    def batch(
        self, rows: np.ndarray, draw: np.random.Generator | None = None
    ) -> tuple[Tensor, Any]:
        """Pictures ``(batch, 1, height, width)`` in [-½, ½] and their corners."""
        import torch

        images = torch.from_numpy(self.boards.images[rows]).unsqueeze(1).float()
        chosen = torch.as_tensor(rows)
        return (images - 127.5) / 255, PointTarget(
            self.target.position[chosen], self.target.mask[chosen]
        )


def corners_of(boards: BoardSet) -> Points:
    """Corners of all pictures, in pixels."""
    return Points(boards.sample, np.zeros_like(boards.sample), boards.position, len(boards))


def padded_points(found: Sequence[tuple[Numbers, Numbers]]) -> PointPrediction:
    """Places ``(n, 2)`` and scores ``(n,)`` of each picture as candidates; padding has score 0."""
    import torch

    most = max(1, *(len(score) for _, score in found))
    position = np.zeros((len(found), most, 2), np.float32)
    p = np.zeros((len(found), most, 1), np.float32)
    for row, (places, score) in enumerate(found):
        position[row, : len(score)] = places
        p[row, : len(score), 0] = score
    return PointPrediction(torch.from_numpy(position), torch.from_numpy(p))
