"""Residual networks of 18 and 50 layers without their last, fully connected one.

Source: He et al. 2016, with the stride in the 3 × 3 convolution as is usual since. The initial
weights are random.
"""

from __future__ import annotations

from torch import Tensor, nn

_STAGES = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}


class ResidualNet(nn.Module):
    """Features a 32nd as large as the image.

    Args:
        layers: 18 (blocks of two convolutions) or 50 (of three).

    Attributes:
        features: channels of the output, 512 or 2048.
    """

    def __init__(self, channels: int, layers: int) -> None:
        super().__init__()
        wide = 4 if layers == 50 else 1
        parts: list[nn.Module] = [
            nn.Conv2d(channels, 64, 7, 2, 3, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        ]
        before = 64
        for stage, blocks in enumerate(_STAGES[layers]):
            width = 64 * 2**stage
            for block in range(blocks):
                stride = 2 if stage and not block else 1
                parts.append(_Residual(before, width, stride, wide))
                before = width * wide
        self.layers = nn.Sequential(*parts)
        self.features = before

    def forward(self, images: Tensor) -> Tensor:
        """``(batch, features, height / 32, width / 32)``."""
        maps: Tensor = self.layers(images)
        return maps


class _Residual(nn.Module):
    def __init__(self, before: int, width: int, stride: int, wide: int) -> None:
        super().__init__()
        after = width * wide
        kernels = ((before, width, 1, 1), (width, width, 3, stride), (width, after, 1, 1))
        if wide == 1:
            kernels = ((before, width, 3, stride), (width, width, 3, 1))  # type: ignore[assignment]
        parts: list[nn.Module] = []
        for into, out, kernel, step in kernels:
            parts += [
                nn.Conv2d(into, out, kernel, step, kernel // 2, bias=False),
                nn.BatchNorm2d(out),
                nn.ReLU(inplace=True),
            ]
        self.change = nn.Sequential(*parts[:-1])
        self.passed: nn.Module = nn.Identity()
        if stride > 1 or before != after:
            shortcut = nn.Conv2d(before, after, 1, stride, bias=False)
            self.passed = nn.Sequential(shortcut, nn.BatchNorm2d(after))
        self.end = nn.ReLU(inplace=True)

    def forward(self, maps: Tensor) -> Tensor:
        changed: Tensor = self.end(self.change(maps) + self.passed(maps))
        return changed
