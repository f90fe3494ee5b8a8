"""Networks of the keypoints task: an image in, a map of logits for each keypoint out.

All take uint8 images ``(batch, channel, height, width)`` and give maps a quarter as large,
``(batch, keypoint, height / 4, width / 4)``, or with a depth between keypoint and height.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tasks.networks.residual_net import ResidualNet


class Compact(nn.Module):
    """Down to maps of an eighth and up again, beside the maps of a quarter: for two cores."""

    def __init__(
        self,
        channels: int,
        keypoints: int,
        depth: int = 1,
        filters: tuple[int, int, int] = (24, 32, 48),
    ) -> None:
        super().__init__()
        self.depth = depth
        fine, half, coarse = filters
        self.begin = nn.Sequential(*_block(channels, fine, 8, 4), *_block(fine, fine, 3))
        self.deep = nn.Sequential(*_block(fine, half, 3, 2), *_block(half, half, 3))
        self.deeper = nn.Sequential(*_block(half, coarse, 3, 2), *_block(coarse, coarse, 3))
        self.end = nn.Sequential(*_block(fine + half + coarse, fine, 1), *_block(fine, fine, 3))
        self.output = nn.Conv2d(fine, keypoints * depth, 1)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, images: Tensor) -> Tensor:
        """Logits ``(batch, keypoint, [depth,] height / 4, width / 4)``."""
        seen = images.contiguous(memory_format=torch.channels_last).float() / 127.5 - 1
        fine: Tensor = self.begin(seen)
        half = self.deep(fine)
        coarse = [
            nn.functional.interpolate(maps, size=fine.shape[2:], mode="nearest")
            for maps in (half, self.deeper(half))
        ]
        return _in_depth(self.output(self.end(torch.cat([fine, *coarse], 1))), self.depth)


class Published(nn.Module):
    """A residual network, three transposed convolutions of 256 filters, a 1 × 1 convolution.

    Source: code of Li et al., after Xiao et al. 2018 and Sun et al. 2018; there it starts from
    weights of ImageNet, which nothing here brings.

    Args:
        layers: 50 for poses, 18 for faces.
        depth: cells along the depth; 1 for maps of two axes.
    """

    def __init__(self, channels: int, keypoints: int, layers: int = 50, depth: int = 1) -> None:
        super().__init__()
        self.depth = depth
        self.trunk = ResidualNet(channels, layers)
        stages: list[nn.Module] = []
        before = self.trunk.features
        for _ in range(3):
            stages += [
                nn.ConvTranspose2d(before, 256, 4, 2, 1, bias=False),
                nn.BatchNorm2d(256),
                nn.ReLU(inplace=True),
            ]
            before = 256
        self.upward = nn.Sequential(*stages)
        self.output = nn.Conv2d(256, keypoints * depth, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Logits ``(batch, keypoint, [depth,] height / 4, width / 4)``."""
        return _in_depth(
            self.output(self.upward(self.trunk(images.float() / 127.5 - 1))), self.depth
        )


def _in_depth(logits: Tensor, depth: int) -> Tensor:
    """Channels as keypoints, or as keypoints and cells of the depth."""
    if depth == 1:
        return logits
    return logits.reshape(len(logits), -1, depth, *logits.shape[2:])


def _block(before: int, after: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(before, after, kernel, stride, (kernel - stride + 1) // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    ]
