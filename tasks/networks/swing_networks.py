"""Networks that sequence the events of a swing: frames in, probabilities of the events out.

All take ``(batch, frame, …)`` and look at frames one by one before a recurrent layer, which reads
them in both directions or, ``causal``, forward only: then no output depends on a later frame.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from bench.plugin import PointPrediction, zero_count_bias

ZERO_MASS = 0.5
"""Probability of no event of a class in a clip before training (thesis eq 2.14)."""


class Trunk(nn.Module):
    """Look at each frame, then an LSTM over time."""

    def __init__(self, look: nn.Module, features: int, units: int, causal: bool) -> None:
        super().__init__()
        self.look = look
        self.recurrent = nn.LSTM(features, units, bidirectional=not causal)
        self.width = units * (1 if causal else 2)

    def forward(self, frames: Tensor) -> Tensor:
        """States ``(batch, frame, width)``."""
        batch, time = frames.shape[:2]
        seen = self.look(frames.flatten(0, 1)).view(batch, time, -1)
        states: Tensor = self.recurrent(seen.transpose(0, 1))[0]
        return states.transpose(0, 1)


class FrameClassifier(nn.Module):
    """A softmax over the events and a background for each frame (McNally et al. 2019).

    The output leaves the background out. Before training each class is so unlikely that a clip of
    ``frames`` frames holds none with probability `ZERO_MASS`.

    Args:
        each: frames that one input frame gives probabilities of, itself the first.
    """

    def __init__(self, trunk: Trunk, classes: int, frames: int, each: int = 1) -> None:
        super().__init__()
        self.trunk, self.each = trunk, each
        self.output = nn.Linear(trunk.width, each * (classes + 1))
        p = 1 / (1 + math.exp(-zero_count_bias(frames, ZERO_MASS)))
        bias = torch.zeros(each, classes + 1)
        bias[:, -1] = math.log(1 / p - classes)
        with torch.no_grad():
            self.output.bias.copy_(bias.flatten())

    def forward(self, frames: Tensor) -> Tensor:
        """Probabilities ``(batch, class, frame * each)``."""
        logits = self.output(self.trunk(frames)).unflatten(-1, (self.each, -1)).flatten(1, 2)
        return torch.softmax(logits, -1)[..., :-1].transpose(1, 2)


class PointRegressor(nn.Module):
    """For each input frame and event an offset into the gap behind it, and a probability.

    A candidate belongs to one event: its probabilities of the others are 0, as published.

    Args:
        frames: of a clip before every ``gap``-th was kept.
    """

    def __init__(self, trunk: Trunk, classes: int, frames: int, gap: int) -> None:
        super().__init__()
        self.trunk, self.classes, self.gap = trunk, classes, gap
        self.output = nn.Linear(trunk.width, 2 * classes)
        nn.init.zeros_(self.output.bias)
        kept = -(-frames // gap)
        nn.init.constant_(self.output.bias[classes:], zero_count_bias(kept, ZERO_MASS))

    def forward(self, frames: Tensor) -> PointPrediction:
        """Candidates in frames, those of one input frame next to each other."""
        both = torch.sigmoid(self.output(self.trunk(frames)))
        offset, p = both[..., : self.classes], both[..., self.classes :]
        place = self.gap * torch.arange(frames.shape[1], device=p.device, dtype=p.dtype)
        position = (place[:, None] + self.gap * offset).flatten(1)[..., None]
        cell = place.repeat_interleave(self.classes)[:, None]
        return PointPrediction(position, torch.diag_embed(p).flatten(1, 2), cell, float(self.gap))


def compact(pixels: int, causal: bool, width: int = 32, units: int = 24) -> Trunk:
    """A trunk for two cores: each frame of ``pixels`` is seen by one layer."""
    look = nn.Sequential(nn.Flatten(), nn.Linear(pixels, width), nn.ReLU())
    return Trunk(look, width, units, causal)


def thesis(causal: bool) -> Trunk:
    """The published trunk: MobileNetV2 on frames of 160 pixels, an LSTM of 256 units."""
    from tasks.networks.mobile_net import MobileNetV2

    net = MobileNetV2()
    return Trunk(net, net.features, 256, causal)
