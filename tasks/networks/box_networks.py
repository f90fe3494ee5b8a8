"""Networks that say of each box how much it adds to a count."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.plugin import zero_count_bias
from tasks.data.boxes.box_overlap import box_overlap
from tasks.networks.greedy_suppression import survivors

_ZERO_MASS = 0.3
"""Probability of no object at all before training (thesis eq 2.14)."""
_GEOMETRY = 4
"""Numbers that tell how two boxes lie to each other."""


class BoxScorer(nn.Module):
    """Scores each box by what it shows and what is asked, and by nothing else (thesis §3.3).

    Input ``(batch, n, 4 + features)`` with the corners first, output ``(batch, n)`` probabilities.
    """

    def __init__(self, boxes: int, features: int, width: int) -> None:
        super().__init__()
        self.look = nn.Sequential(
            nn.Linear(features, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()
        )
        self.score = _last(width, boxes)

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.sigmoid(self.score(self.look(inputs[..., 4:]))).squeeze(-1)


class GreedyScorer(BoxScorer):
    """The same scores, those of boxes that greedy suppression removes being 0 (thesis §7.3.1).

    Suppression is part of training, so that what is left adds up to the count.
    """

    def __init__(self, boxes: int, features: int, width: int, most: float) -> None:
        super().__init__(boxes, features, width)
        self.most = most

    def forward(self, inputs: Tensor) -> Tensor:
        p = super().forward(inputs)
        corners = inputs[..., :4]
        return p * survivors(p.detach(), box_overlap(corners, corners), self.most)


class BoxRescorer(nn.Module):
    """Scores each box beside those that overlap it most, as learned suppression does.

    After Hosang et al. (2017), with one round: what a box and each of its neighbours show, and how
    the two lie to each other, becomes a message; the largest and the mean one are read with the
    box's own look. Thesis §7.3 proposes counting as the loss of such a scheme.
    """

    def __init__(self, boxes: int, features: int, width: int, neighbours: int) -> None:
        super().__init__()
        self.neighbours = neighbours
        self.look = nn.Sequential(
            nn.Linear(features, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()
        )
        self.own, self.other = nn.Linear(width, width), nn.Linear(width, width, bias=False)
        self.lie = nn.Linear(_GEOMETRY, width, bias=False)
        self.message = nn.Sequential(nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.judge = nn.Sequential(nn.Linear(3 * width, width), nn.ReLU())
        self.score = _last(width, boxes)

    def forward(self, inputs: Tensor) -> Tensor:
        """``(batch, n)`` probabilities."""
        corners, look = inputs[..., :4], self.look(inputs[..., 4:])
        overlap = box_overlap(corners, corners)
        overlap = overlap - 2 * torch.eye(overlap.shape[-1], device=overlap.device)  # not itself
        shared, beside = overlap.topk(self.neighbours, -1)
        batch = torch.arange(len(inputs), device=inputs.device)[:, None, None]
        ours, theirs = corners[:, :, None], corners[batch, beside]
        place = torch.cat([shared[..., None], _relation(ours, theirs)], -1)
        message = self.message(
            self.own(look)[:, :, None] + self.other(look)[batch, beside] + self.lie(place)
        )
        message = message * (shared > 0)[..., None]
        read = self.judge(torch.cat([look, message.amax(2), message.mean(2)], -1))
        return torch.sigmoid(self.score(read)).squeeze(-1)


def _relation(ours: Tensor, theirs: Tensor) -> Tensor:
    """Displacement in sides of ours, and logarithm of the ratio of areas, ``(…, 3)``."""
    side = (ours[..., 2:] - ours[..., :2]).clamp(min=1e-3)
    other = (theirs[..., 2:] - theirs[..., :2]).clamp(min=1e-3)
    moved = (theirs[..., :2] + theirs[..., 2:] - ours[..., :2] - ours[..., 2:]) / (2 * side)
    return torch.cat([moved, (other / side).log().sum(-1, keepdim=True)], -1)


def _last(width: int, boxes: int) -> nn.Linear:
    layer = nn.Linear(width, 1)
    nn.init.constant_(layer.bias, zero_count_bias(boxes, _ZERO_MASS))
    return layer
