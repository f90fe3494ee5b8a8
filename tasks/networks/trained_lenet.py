"""A LeNet that is attacked: trained once, kept as one vector of weights, never changed again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from tasks.networks.lenets import Architecture, lenet

BATCH = 64
RATE = 3e-3
_SMALL = 512
"""Values of a picture up to which a convolution's gradient takes less than half as a matrix."""


@dataclass(frozen=True)
class Classifier:
    """A trained classifier of pictures in [0, 1]; two are equal where their weights are.

    Attributes:
        weights: all of them in one vector, which gets no gradient.
        channels, side: of the pictures.
        bounded: whether values beyond the range of a pixel are read as the nearest inside it.
    """

    weights: Tensor
    architecture: Architecture
    channels: int
    side: int
    bounded: bool = True

    @cached_property
    def network(self) -> nn.Module:
        """The network that has these weights."""
        with torch.random.fork_rng(devices=[]):
            made = lenet(self.architecture, self.channels, self.side)
        own = list(made.parameters())
        parts = torch.split(self.weights.cpu(), [weight.numel() for weight in own])
        with torch.no_grad():
            for weight, part in zip(own, parts, strict=True):
                weight.copy_(part.view(weight.shape))
        return made.to(self.weights.device).requires_grad_(False).eval()

    def __call__(self, images: Tensor) -> Tensor:
        """Logits ``(batch, classes)``."""
        quick = images.requires_grad and self._small
        network = self._by_matrices if quick else self.network
        logits: Tensor = network(images.clamp(0, 1) if self.bounded else images)
        return logits

    @property
    def _small(self) -> bool:
        return self.architecture == "lenet_1989" and self.channels * self.side**2 <= _SMALL

    @cached_property
    def _by_matrices(self) -> nn.Module:
        """The same function with a matrix for each convolution, whose gradient is quicker."""
        shape = torch.Size((self.channels, self.side, self.side))
        layers: list[nn.Module] = [nn.Flatten()]
        for layer in self.network.children():
            if isinstance(layer, nn.Conv2d):
                inputs = shape.numel()
                every = torch.eye(inputs, device=self.weights.device).view(inputs, *shape)
                offset = layer(torch.zeros_like(every[:1]))
                shape = offset.shape[1:]
                made = nn.Linear(inputs, shape.numel(), device="meta")
                made.weight = nn.Parameter((layer(every) - offset).flatten(1).T.contiguous(), False)
                made.bias = nn.Parameter(offset.flatten(), False)
                layers.append(made)
            elif not isinstance(layer, nn.Flatten):
                layers.append(layer)
        return nn.Sequential(*layers)

    def to(self, device: torch.device | str | None = None, **_: Any) -> Classifier:
        """The same on a device, moved there once; it keeps its type."""
        if device is None or self.weights.device == torch.device(device):
            return self
        place = str(device)
        if place not in self._elsewhere:
            self._elsewhere[place] = replace(self, weights=self.weights.to(device))
        return self._elsewhere[place]

    @cached_property
    def _elsewhere(self) -> dict[str, Classifier]:
        """By device, what a training step would otherwise move each time."""
        return {}


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
