"""Cases of the `heatmap` head, over grids of one, two and three unequal axes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from bench.conformance.case import Case, Draw, Layout, Padded
from bench.plugin import HeatmapTarget, PointPrediction

KEYPOINTS = 3
_SHAPES = {1: (1.0,), 2: (0.8, 1.25), 3: (0.75, 1.0, 1.33)}
_LOGIT = 12.0


class Heatmaps(Layout):
    """One labelled point per map; ``length`` is the number of cells, 0 for no maps at all."""

    length = 64

    def __init__(self, dim: int) -> None:
        self.name, self.dim = f"{dim}-D", dim

    def random(self, draw: Draw, batch: int, length: int) -> Case:
        side = length ** (1 / self.dim)
        grid = tuple(max(1, round(side * ratio)) for ratio in _SHAPES[self.dim])
        keypoints = KEYPOINTS if length else 0
        logits = draw.normal((batch, keypoints, *grid))
        place = draw.uniform((batch, keypoints, self.dim), 0.1, 0.9)
        return Case((logits,), _same, HeatmapTarget(place * (torch.tensor(grid) - 1)))

    def right(self, case: Case) -> Case:
        return case.with_tensors(_peaks(case, case.target.position.round().long()))

    def wrong(self, case: Case) -> dict[str, Case]:
        size = torch.tensor(case.tensors[0].shape[2:])
        cell = (case.target.position.round().long() + size // 2) % size
        return {"elsewhere": case.with_tensors(_peaks(case, cell))}

    def padded(self, case: Case) -> dict[str, Padded]:
        logits, position = case.tensors[0], case.target.position
        batch, keypoints = position.shape[:2]
        nowhere = torch.full_like(position[:, :1], float("nan"))
        mask = (torch.arange(keypoints + 1) < keypoints).expand(batch, -1)
        other = case.with_target(position=torch.cat([position, nowhere], 1), mask=mask)
        return {
            name: Padded(
                other.with_tensors(torch.cat([logits, torch.full_like(logits[:, :1], value)], 1)),
                lambda tensor: tensor[:, :keypoints],
            )
            for name, value in (("another map", 7.0), ("NaN", float("nan")))
        }

    def hostile(self, draw: Draw, batch: int) -> dict[str, Case]:
        case = self.random(draw, batch, self.length)
        logits, position = case.tensors[0], case.target.position
        none = torch.zeros(position.shape[:2], dtype=torch.bool)
        one = none.clone()
        one[0] = True
        return {
            "logits of ±1e4": case.with_tensors(logits.sign() * 1e4),
            "one logit of 1e4": case.with_tensors(_peaks(case, position.long()) / _LOGIT * 1e4),
            "equal logits": case.with_tensors(torch.zeros_like(logits)),
            "fully masked rows": case.with_target(mask=none),
            "all rows but one fully masked": case.with_target(mask=one),
            "points outside of the grid": case.with_target(position=position - 1000),
            "points on the border": case.with_target(position=torch.zeros_like(position)),
        }

    def check_decoded(self, decoded: Any, case: Case) -> None:
        position = case.target.position
        batch, keypoints, dim = position.shape
        assert isinstance(decoded, PointPrediction), (
            f"a PointPrediction was expected, not {type(decoded).__name__}"
        )
        found = decoded.position
        fits = found.dim() == 3 and found.shape[::2] == (batch, dim)
        fits = fits and found.shape[1] > 0 and found.shape[1] % keypoints == 0
        assert fits, (
            f"positions of shape {tuple(found.shape)}, not ({batch}, {keypoints} · peaks, {dim})"
        )
        assert decoded.p.shape == (*found.shape[:2], 1), (
            f"scores of shape {tuple(decoded.p.shape)}, not {(*found.shape[:2], 1)}"
        )
        assert torch.isfinite(found).all(), "positions are not finite"
        assert torch.isfinite(decoded.p).all(), "scores are not finite"
        first = found.view(batch, keypoints, -1, dim)[:, :, 0]
        error = (first - position).abs().max()
        assert error <= 1.0, f"a sharp map is read {error:.2f} cells from its peak"


def _peaks(case: Case, cell: Tensor) -> Tensor:
    """Maps that are high in one cell and low in the others."""
    logits = torch.full_like(case.tensors[0], -_LOGIT)
    place = torch.zeros_like(cell[..., 0])
    for axis, size in enumerate(logits.shape[2:]):
        place = place * size + cell[..., axis]
    return logits.flatten(2).scatter(2, place[..., None], _LOGIT).view_as(logits)


def _same(prediction: Tensor) -> Tensor:
    return prediction
