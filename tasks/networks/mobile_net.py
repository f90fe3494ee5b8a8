"""MobileNetV2 (Sandler et al. 2018), which McNally et al. 2019 look at frames with.

Weights are random: those that were trained on ImageNet, which the published experiments start from,
are not part of this project.
"""

from __future__ import annotations

from torch import Tensor, nn

# expansion, channels, repeats, stride of the first
_BLOCKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def _convolution(depth: int, width: int, kernel: int, stride: int = 1, groups: int = 1) -> list:  # type: ignore[type-arg]
    return [
        nn.Conv2d(depth, width, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(width),
    ]


class InvertedResidual(nn.Module):
    """Expand, convolve each channel by itself, and reduce; the input is added where it fits."""

    def __init__(self, depth: int, width: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = depth * expansion
        layers = [*_convolution(depth, inner, 1), nn.ReLU6()] if expansion > 1 else []
        layers += [*_convolution(inner, inner, 3, stride, inner), nn.ReLU6()]
        self.layers = nn.Sequential(*layers, *_convolution(inner, width, 1))
        self.adds = stride == 1 and depth == width

    def forward(self, image: Tensor) -> Tensor:
        """``(batch, width, height, width)``."""
        out: Tensor = self.layers(image)
        return image + out if self.adds else out


class MobileNetV2(nn.Module):
    """Features of images ``(n, 3, side, side)``, averaged over the image: ``(n, 1280)``.

    Images with one channel are taken for grey ones.
    """

    features = 1280

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [*_convolution(3, 32, 3, 2), nn.ReLU6()]
        depth = 32
        for expansion, width, repeats, stride in _BLOCKS:
            for repeat in range(repeats):
                step = stride if repeat == 0 else 1
                layers.append(InvertedResidual(depth, width, step, expansion))
                depth = width
        layers += [*_convolution(depth, self.features, 1), nn.ReLU6()]
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        """One vector for each image."""
        grey = images.dim() == 3
        seen = images[:, None].expand(-1, 3, -1, -1) if grey else images
        out: Tensor = self.layers(seen)
        return out.mean((2, 3))
