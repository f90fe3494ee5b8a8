"""Cases of the `points` head, in one dimension with two channels and in two with one."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from bench.conformance.case import Case, Draw, Layout, Padded
from bench.plugin import PointPrediction, PointTarget

LABELS = 3
_PADDING = 2


class Points(Layout):
    """Candidates in the cells of a grid, and three labels."""

    length = 36

    def __init__(self, dim: int, channels: int) -> None:
        self.name = f"{dim}-D, {channels} channel{'s' if channels > 1 else ''}"
        self.dim, self.channels = dim, channels

    def random(self, draw: Draw, batch: int, length: int) -> Case:
        side = max(1, math.ceil(length ** (1 / self.dim) - 1e-9))
        axes = [torch.arange(side)] * self.dim
        cells = torch.cartesian_prod(*axes).view(-1, self.dim)[:length].to(draw.dtype)
        position = cells + draw.uniform((batch, length, self.dim), 0.05, 0.95)
        p = draw.uniform((batch, length, self.channels), 0.02, 0.3)
        # a label in each third of the first axis, so that they are apart
        labels = draw.uniform((batch, LABELS, self.dim), 0.2, 0.8)
        labels[..., 0] = (labels[..., 0] + torch.arange(LABELS)) / LABELS
        channel = torch.arange(LABELS).remainder(self.channels).expand(batch, -1)
        target = PointTarget(
            labels * side,
            torch.ones(batch, LABELS, dtype=torch.bool),
            channel.clone() if self.channels > 1 else None,
        )
        return Case((position, p), _in_cells(cells), target)

    def right(self, case: Case) -> Case:
        return self._placed(case, case.target.position)

    def wrong(self, case: Case) -> dict[str, Case]:
        target, p = case.target.position, case.tensors[1]
        far = p.shape[1] ** (1 / self.dim) / 2
        moved = (target + far) % (2 * far)
        return {
            "elsewhere and twice as many": self._placed(case, torch.cat([moved, moved + 0.3], 1)),
            "undecided": case.with_last(torch.full_like(p, 0.5)),
            "points everywhere": case.with_last(torch.full_like(p, 0.98)),
        }

    def _placed(self, case: Case, points: Tensor) -> Case:
        """The first candidates certain and at ``points``, in the labels' channels."""
        position, p = (tensor.clone() for tensor in case.tensors)
        channel = case.target.channel
        position[:, : points.shape[1]] = points
        p.fill_(1e-4)
        for k in range(points.shape[1]):
            p[:, k, 0 if channel is None else int(channel[0, k % LABELS])] = 0.98
        return dataclasses.replace(case.with_tensors(position, p), pack=PointPrediction)

    def padded(self, case: Case) -> dict[str, Padded]:
        target, batch = case.target, len(case.tensors[0])
        extra = torch.full((batch, _PADDING, self.dim), float("nan")).to(target.position)
        channel = target.channel
        if channel is not None:
            channel = torch.cat([channel, torch.full((batch, _PADDING), 99)], 1)
        other = case.with_target(
            position=torch.cat([target.position, extra], 1),
            mask=torch.cat([target.mask, torch.zeros(batch, _PADDING, dtype=torch.bool)], 1),
            channel=channel,
        )
        return {"NaN": Padded(other, lambda tensor: tensor)}

    def hostile(self, draw: Draw, batch: int) -> dict[str, Case]:
        case = self.random(draw, batch, self.length)
        (position, p), target = case.tensors, case.target
        few = self.random(draw, batch, 2)
        nowhere = torch.full_like(target.position, float("nan"))
        together = target.position[:, :1].expand_as(position).clone()
        anywhere = dataclasses.replace(case, pack=PointPrediction)
        channel = None if target.channel is None else target.channel[:, :0]
        return {
            "p exactly 0": case.with_last(torch.zeros_like(p)),
            "p exactly 1": case.with_last(torch.ones_like(p)),
            "logits of ±1e4": case.through_sigmoid((p - 0.1).sign() * 1e4),
            "no labels": case.with_target(position=nowhere, mask=torch.zeros_like(target.mask)),
            "no room for labels": case.with_target(
                position=target.position[:, :0], mask=target.mask[:, :0], channel=channel
            ),
            "more labels than candidates": few,
            "all candidates on one label": anywhere.with_tensors(together, p),
            "labels outside of the grid": case.with_target(position=target.position - 1000),
        }


def _in_cells(cells: Tensor) -> Callable[..., Any]:
    def pack(position: Tensor, p: Tensor) -> PointPrediction:
        return PointPrediction(position, p, cell=cells.to(position.dtype))

    return pack
