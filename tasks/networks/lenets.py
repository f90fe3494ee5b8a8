"""Classifiers of small pictures: LeNet as published in 1989, and the later LeNet-5."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn

Architecture = Literal["lenet_1989", "lenet_5"]


def lenet(architecture: Architecture, channels: int, side: int, classes: int = 10) -> nn.Module:
    """A fresh classifier of pictures ``(batch, channels, side, side)``, weights from torch's seed.

    *lenet_1989*: two convolutions of 12 maps, 5 × 5 with strides of 2, and 30 units, all with tanh.
    Each second map sees all first ones, where the published ones see 8 of 12.
    Source: LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural
    Computation 1(4), 1989.

    *lenet_5*: convolutions of 6 and 16 maps, 5 × 5, each followed by a pooling of 2, then 120 and
    84 units, with ReLU and max pooling, as it is used on CIFAR-10 now.
    Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998.

    Args:
        side: pixels along a side; a multiple of 4.
    """
    if architecture == "lenet_1989":
        layers: list[nn.Module] = [
            nn.Conv2d(channels, 12, 5, stride=2, padding=2),
            nn.Tanh(),
            nn.Conv2d(12, 12, 5, stride=2, padding=2),
            nn.Tanh(),
            nn.Flatten(),
            nn.Linear(12 * (side // 4) ** 2, 30),
            nn.Tanh(),
            nn.Linear(30, classes),
        ]
    else:
        layers = [
            nn.Conv2d(channels, 6, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * (side // 4 - 3) ** 2, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, classes),
        ]
    network = nn.Sequential(*layers)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network
