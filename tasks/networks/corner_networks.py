"""Networks that see corners of checkerboards in grey pictures of any size."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from bench.plugin import PointPrediction

STRIDE = 4
"""Pixels along a side of the cell of a candidate point."""
BIAS = -4.0
"""Logit of a candidate before training, as published; of a map's cell likewise."""


class CornerPoints(nn.Module):
    """A point in each cell of 4 × 4 pixels, and its probability."""

    def __init__(self, features: nn.Module, width: int) -> None:
        super().__init__()
        self.features = features
        self.head = nn.Conv2d(width, 3, 3, padding=1)
        with torch.no_grad():
            self.head.bias[2] = BIAS  # type: ignore[index]

    def forward(self, images: Tensor) -> PointPrediction:
        """Candidates row by row, in pixels; those of cells on the border may lie beyond it."""
        output = self.head(self.features(padded(images)))
        rows, columns = output.shape[-2:]
        x, y = (
            STRIDE * torch.arange(size, dtype=output.dtype, device=output.device)
            for size in (columns, rows)
        )
        cell = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).flatten(0, 1)
        values = output.flatten(2).transpose(1, 2).sigmoid()
        return PointPrediction(cell + STRIDE * values[..., :2], values[..., 2:], cell, STRIDE)


class CornerMap(nn.Module):
    """A map of logits with a cell for each pixel, ``(batch, 1, width, height)``: x comes first."""

    def __init__(self, features: nn.Module, width: int, finer: int = 1) -> None:
        super().__init__()
        self.features = features
        self.head = nn.Conv2d(width, finer**2, 3, padding=1)
        self.arrange = nn.PixelShuffle(finer)
        nn.init.constant_(self.head.bias, BIAS)  # type: ignore[arg-type]

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        maps = self.arrange(self.head(self.features(padded(images))))
        return torch.as_tensor(maps[..., :height, :width].transpose(-1, -2))


def padded(images: Tensor) -> Tensor:
    """Sides that are a multiple of the stride; the last pixels are repeated."""
    height, width = images.shape[-2:]
    below, right = -height % STRIDE, -width % STRIDE
    return pad(images, (0, right, 0, below), mode="replicate") if below or right else images


def compact_points() -> CornerPoints:
    """A small network for two cores."""
    layers = [
        nn.Conv2d(1, 16, 9, stride=2, padding=4), nn.ReLU(),
        nn.Conv2d(16, 24, 3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(24, 32, 3, padding=1), nn.ReLU(),
    ]  # fmt: skip
    return CornerPoints(nn.Sequential(*layers), 32)


def compact_map() -> CornerMap:
    """Its like for maps: the last layer gives the four pixels of each of its places."""
    layers = [
        nn.Conv2d(1, 16, 9, stride=2, padding=4), nn.ReLU(),
        nn.Conv2d(16, 24, 3, padding=1), nn.ReLU(),
    ]  # fmt: skip
    return CornerMap(nn.Sequential(*layers), 24, finer=2)


def thesis_points() -> CornerPoints:
    """As published: three shallow layers, two more with stride 2 (thesis §6.4.2)."""
    layers = [
        nn.Conv2d(1, 32, 13, padding=6), nn.ReLU(),
        nn.Conv2d(32, 32, 3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(32, 32, 1), nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.ReLU(),
    ]  # fmt: skip
    return CornerPoints(nn.Sequential(*layers), 64)


def thesis_map() -> CornerMap:
    """The authors' network for maps: 13 × 13 (32), 1 × 1 (64), 3 × 3."""
    layers = [nn.Conv2d(1, 32, 13, padding=6), nn.ReLU(), nn.Conv2d(32, 64, 1), nn.ReLU()]
    return CornerMap(nn.Sequential(*layers), 64)
