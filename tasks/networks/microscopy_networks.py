"""Networks that find molecules: candidates in each pixel, or maps as fine as pixels or finer."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from bench.plugin import PointPrediction

POINTS = 2
"""Candidates in each pixel."""
BIAS = -3.0
"""Of the last layer where it gives probabilities: few candidates are molecules."""


class PublishedTrunk(nn.Sequential):
    """The thesis's layers on pixels: 7 × 7, 5 × 5 and 5 × 5, then 3 × 3 to the output."""

    def __init__(self, outputs: int, filters: int = 32) -> None:
        super().__init__(
            nn.Conv2d(1, filters, 7, padding=3),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 5, padding=2),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 5, padding=2),
            nn.ReLU(),
            nn.Conv2d(filters, outputs, 3, padding=1),
        )


class CompactTrunk(nn.Module):
    """Three layers of 3 × 3 on squares of 2 × 2 pixels: as wide a view at an eighth of the time."""

    def __init__(self, outputs: int, filters: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(4, filters, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(filters, 4 * outputs, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[2:]
        even = pad(images, (0, width % 2, 0, height % 2))
        found: Tensor = self.layers(even)
        return found[:, :, :height, :width]


TRUNKS = {"compact": CompactTrunk, "thesis": PublishedTrunk}


class Candidates(nn.Module):
    """`POINTS` candidates in each pixel: where in it, and how likely it is a molecule.

    Input ``(batch, 1, height, width)``. A candidate of pixel (i, j) lies in
    [i, i + 1] × [j, j + 1].
    """

    def __init__(self, architecture: str) -> None:
        super().__init__()
        self.trunk = TRUNKS[architecture](3 * POINTS)
        _start_unlikely(self.trunk, 3, 2)

    def forward(self, images: Tensor) -> PointPrediction:
        found = self.trunk(images).sigmoid().unflatten(1, (POINTS, 3))
        height, width = images.shape[2:]
        rows, columns = (torch.arange(n, device=images.device) for n in (height, width))
        corner = torch.cartesian_prod(rows, columns).to(found.dtype).repeat(POINTS, 1)
        dense = found.flatten(3).transpose(2, 3).flatten(1, 2)
        return PointPrediction(corner + dense[..., :2], dense[..., 2:], cell=corner)


class PixelMap(nn.Module):
    """A map as fine as the pixels: the trunk of `Candidates` with one output."""

    def __init__(self, architecture: str) -> None:
        super().__init__()
        self.trunk = TRUNKS[architecture](1)
        _start_unlikely(self.trunk, 1, 0)

    def forward(self, images: Tensor) -> Tensor:
        found: Tensor = self.trunk(images)
        return found


class CompactFineMap(nn.Module):
    """A map ``upsampling`` times finer than the pixels: down by two, up by two, and to fine cells.

    The last layer gives all cells of a pixel at once.
    """

    def __init__(self, upsampling: int, filters: int = 32) -> None:
        super().__init__()
        self.down = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(4, filters, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, padding=1),
            nn.ReLU(),
        )
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2),
            nn.Conv2d(filters, filters // 2, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(filters // 2, upsampling**2, 3, padding=1),
            nn.PixelShuffle(upsampling),
        )
        _start_unlikely(self.up, 1, 0, upsampling**2)
        self.upsampling = upsampling

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[2:]
        even = pad(images, (0, width % 2, 0, height % 2))
        found: Tensor = self.up(self.down(even))
        return found[:, :, : height * self.upsampling, : width * self.upsampling]


class DeepStormNetwork(nn.Sequential):
    """Deep-STORM: the image on the fine grid, three times down and three times up again.

    Nehme et al. 2018 and their code: convolutions of 3 × 3 with batch normalisation, of 32, 64, 128
    and 512 filters with poolings behind the first three, then of 128, 64 and 32 behind repetitions
    of cells, and a linear layer.
    """

    def __init__(self, upsampling: int) -> None:
        down = [_block(a, b) for a, b in ((1, 32), (32, 64), (64, 128))]
        up = [_block(a, b) for a, b in ((512, 128), (128, 64), (64, 32))]
        last = nn.Conv2d(32, 1, 1)
        nn.init.constant_(last.bias, BIAS - math.log(upsampling**2))  # type: ignore[arg-type]
        super().__init__(
            nn.Upsample(scale_factor=upsampling),
            *[layer for block in down for layer in (block, nn.MaxPool2d(2))],
            _block(128, 512),
            *[layer for block in up for layer in (nn.Upsample(scale_factor=2), block)],
            last,
        )


def _block(inputs: int, outputs: int) -> nn.Module:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


def _start_unlikely(layers: nn.Module, period: int, which: int, cells: int = 1) -> None:
    """Give the last convolution the bias `BIAS` where its outputs are probabilities.

    Args:
        period: outputs of a candidate; ``which`` of them is its probability.
        cells: of a pixel, among which its probability is divided.
    """
    last = [layer for layer in layers.modules() if isinstance(layer, nn.Conv2d)][-1]
    assert last.bias is not None
    outputs = torch.arange(len(last.bias))
    if isinstance(layers, CompactTrunk):
        outputs = outputs // 4  # each output of a square stands for that of four pixels
    with torch.no_grad():
        last.bias[outputs % period == which] = BIAS - math.log(cells)
