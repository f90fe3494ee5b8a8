"""Networks that know the truth: their output is a confident right one for the labels of a split."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import Any

import torch
from torch import Tensor, nn

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import batches
from bench.conformance.task_contents import row_digests, take
from bench.plugin import (
    EventTarget,
    HeatmapTarget,
    InstanceTarget,
    Loss,
    PointPrediction,
    PointTarget,
    Split,
)

_YES, _NO = 0.999, 1e-5
_PEAK, _FLOOR, _VARIANCE = 6.0, -12.0, 0.5


class Oracle(nn.Module):
    """Answers each sample of some splits with an output that was prepared for it.

    Samples with equal inputs are answered in the order of their rows.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))  # tasks ask networks where they are
        self._rows: dict[str, list[Any]] = defaultdict(list)
        self._asked: dict[str, int] = defaultdict(int)

    def learn(self, inputs: Tensor, outputs: Any) -> None:
        """Remember the outputs for a batch of inputs."""
        for row, key in enumerate(row_digests(inputs)):
            self._rows[key].append(take(outputs, torch.tensor([row]), len(inputs)))

    def forward(self, inputs: Tensor, *_: Any) -> Any:
        found = []
        for key in row_digests(inputs):
            if key not in self._rows:
                raise NotApplicable("evaluation feeds the network inputs that `batch` never gives")
            found.append(self._rows[key][self._asked[key] % len(self._rows[key])])
            self._asked[key] += 1
        return _join(found)


def oracle(
    head: str,
    network: nn.Module,
    loss: Loss,
    parts: list[Split],
    other: int = 0,
    shift: float = 0.0,
) -> Oracle:
    """A network that gives the labels of ``parts`` in place of what ``network`` says.

    Args:
        other: answer with the labels of the sample so many rows further on.
        shift: place all labels so many cells further on along each axis.

    Raises:
        NotApplicable: the head is not one of those that it knows, or labels have no place to shift.
    """
    knowing = Oracle()
    for part in parts:
        for inputs, target in batches(part, len(part)):
            count = len(inputs)
            rows = (torch.arange(count) + other) % count
            with torch.no_grad():
                like = network(inputs)
            offset = _centre(loss, like) if head == "heatmap" else 0.0
            truth = shifted(take(target, rows, count), shift)
            knowing.learn(inputs, _right(head, like, truth, offset))
    return knowing.eval()


def shifted(target: Any, cells: float) -> Any:
    """Labels moved along each axis; events go round.

    Raises:
        NotApplicable: the labels have no place.
    """
    if not cells:
        return target
    if isinstance(target, EventTarget) and target.events is not None:
        return dataclasses.replace(target, events=target.events.roll(int(cells), -1))
    if isinstance(target, HeatmapTarget | PointTarget):
        return dataclasses.replace(target, position=target.position + cells)
    raise NotApplicable("the labels have no place")


def _right(head: str, like: Any, target: Any, offset: float) -> Any:
    """A confident right output of the form of ``like``."""
    if isinstance(target, EventTarget):
        if target.events is not None:
            return _confident(target.located, like)
        return _confident(_first(target.counts, like), like)
    if isinstance(target, InstanceTarget):
        labels = target.labels if target.labels is not None else _first(target.count, like)
        return _confident(labels, like)
    if head == "points" and isinstance(target, PointTarget):
        return _placed(like, target)
    if head == "heatmap" and isinstance(target, HeatmapTarget | PointTarget):
        return _bumps(like, target, offset)
    raise NotApplicable(f"no right output of head '{head}' is known for a {type(target).__name__}")


def _confident(labels: Tensor, like: Tensor) -> Tensor:
    return (_NO + (_YES - _NO) * labels.clamp(0, 1)).to(like.dtype)


def _first(count: Tensor, like: Tensor) -> Tensor:
    """So many ones at the beginning of each row."""
    return (torch.arange(like.shape[-1]) < count[..., None]).to(like.dtype)


def _bumps(like: Tensor, target: HeatmapTarget | PointTarget, offset: float) -> Tensor:
    """Logits that fall off with the squared distance to the nearest label of the map."""
    grid = like.shape[2:]
    axes = [torch.arange(size, dtype=torch.float64) + offset for size in grid]
    cells = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)
    maps = torch.full(like.shape, _FLOOR, dtype=torch.float64)
    present = torch.ones(target.position.shape[:2], dtype=torch.bool)
    present = present if target.mask is None else target.mask
    channel = getattr(target, "channel", None)
    for row, label in present.nonzero().tolist():
        own = channel[row, label] if channel is not None else 0
        index = label if isinstance(target, HeatmapTarget) else int(own)
        distance = (cells - target.position[row, label].double()).square().sum(-1)
        maps[row, index] = torch.maximum(maps[row, index], _PEAK - distance / (2 * _VARIANCE))
    return maps.to(like.dtype)


def _placed(like: PointPrediction, target: PointTarget) -> PointPrediction:
    """The free candidate that can come nearest to each label is put there and certain."""
    position, p = like.position.clone(), torch.full_like(like.p, _NO)
    for row in range(len(position)):
        free = torch.ones(position.shape[1], dtype=torch.bool)
        for label in target.mask[row].nonzero().flatten().tolist():
            if not free.any():
                break
            place = target.position[row, label].to(position.dtype)
            reach = place.expand_as(position[row])
            if like.cell is not None:
                cell = like.cell.to(position.dtype)
                reach = torch.minimum(torch.maximum(reach, cell), cell + like.cell_size)
            distance = (reach - place).square().sum(-1)
            nearest = int(distance.masked_fill(~free, torch.inf).argmin())
            free[nearest] = False
            position[row, nearest] = reach[nearest]
            channel = 0 if target.channel is None else int(target.channel[row, label])
            p[row, nearest, channel] = _YES
    return dataclasses.replace(like, position=position, p=p)


def _centre(loss: Loss, like: Tensor) -> float:
    """Coordinate of the centre of cell 0, as the loss's decoder reads maps: 0 or one half."""
    middle = [size // 2 for size in like.shape[2:]]
    maps = torch.full_like(like[:1, :1], _FLOOR)
    maps[(0, 0, *middle)] = _PEAK
    read = loss.decode(maps)
    if not isinstance(read, PointPrediction):
        return 0.0
    found = read.position[0, 0].double() - torch.tensor(middle, dtype=torch.float64)
    return float((2 * found.mean()).round() / 2)


def _join(rows: list[Any]) -> Any:
    """One output of several of one sample each."""
    first = rows[0]
    if isinstance(first, Tensor):
        if len({row.shape for row in rows}) > 1:
            raise NotApplicable("outputs of one batch have several shapes")
        return torch.cat(rows)
    fields = {name: torch.cat([getattr(row, name) for row in rows]) for name in ("position", "p")}
    return dataclasses.replace(first, **fields)
