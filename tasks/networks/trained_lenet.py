"""A LeNet that is attacked: trained once, kept as one vector of weights, never changed again."""

from __future__ import annotations

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from tasks.networks.lenets import Architecture, lenet

BATCH = 64
RATE = 3e-3


class Classifier(nn.Module):
    """A trained classifier of pictures in [0, 1], whose weights get no gradient.

    Values beyond are read as the nearest that a picture can have. Where `bounded` is off they are
    taken as they are.
    """

    def __init__(self, network: nn.Module, bounded: bool = True) -> None:
        super().__init__()
        self.network = network
        self.bounded = bounded
        self.requires_grad_(False)
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        """Logits ``(batch, classes)``."""
        logits: Tensor = self.network(images.clamp(0, 1) if self.bounded else images)
        return logits


def train_lenet(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    architecture: Architecture,
    steps: int,
    draw: Generator,
) -> NDArray[np.float32]:
    """Weights after ``steps`` of Adam on batches of 64, at a rate that falls from .003 to 0.

    Args:
        images: ``(n, channel, side, side)``.
        draw: of initial weights and of batches.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(draw.integers(2**62)))
        network = lenet(architecture, images.shape[1], images.shape[-1])
    inputs, targets = torch.from_numpy(images), torch.from_numpy(labels)
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        rows = torch.from_numpy(draw.integers(len(labels), size=BATCH))
        logits = network(inputs[rows].float() / 255)
        optimizer.zero_grad()
        nn.functional.cross_entropy(logits, targets[rows]).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        falling.step()
    return torch.cat([weight.detach().flatten() for weight in network.parameters()]).numpy()


def with_weights(
    weights: NDArray[np.float32], architecture: Architecture, channels: int, side: int
) -> nn.Module:
    """The classifier that `train_lenet` trained."""
    network = lenet(architecture, channels, side)
    own = list(network.parameters())
    parts = torch.from_numpy(weights).split([weight.numel() for weight in own])
    with torch.no_grad():
        for weight, part in zip(own, parts, strict=True):
            weight.copy_(part.view(weight.shape))
    return network
