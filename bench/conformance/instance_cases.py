"""Cases of the `instances` head: candidates with a count, with or without labels of their own."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from bench.conformance.case import Case, Draw, Layout, Padded
from bench.plugin import InstanceTarget

_PADDING = 3
Labels = Literal["labelled", "counts only"]


class Instances(Layout):
    """One to three instances among the candidates."""

    length = 24

    def __init__(self, labels: Labels) -> None:
        self.name = labels
        if labels != "labelled":  # long sequences differ in their labels alone
            self.unusual = (0, 1)

    def random(self, draw: Draw, batch: int, length: int) -> Case:
        p = draw.uniform((batch, length), 0.05, 0.6)
        count = (1 + torch.arange(batch) % 3).clamp(max=length)
        truth = (torch.arange(length) < count[:, None]).to(p.dtype)
        return Case((p,), _same, self._target(truth), truth)

    def _target(self, labels: Tensor) -> InstanceTarget:
        count = labels.sum(-1).round().long()
        return InstanceTarget(count, labels if self.name == "labelled" else None)

    def right(self, case: Case) -> Case:
        return case.with_tensors(_confident(case.truth))

    def wrong(self, case: Case) -> dict[str, Case]:
        assert case.truth is not None
        far = case.truth.shape[-1] // 2
        twice = case.truth.roll(far, -1) + case.truth.roll(far + 4, -1)
        return {
            "others and twice as many": case.with_tensors(_confident(twice)),
            "undecided": case.with_tensors(torch.full_like(case.truth, 0.5)),
            "all of them": case.with_tensors(_confident(torch.ones_like(case.truth))),
        }

    def padded(self, case: Case) -> dict[str, Padded]:
        p, n = case.tensors[0], case.tensors[0].shape[-1]
        mask = (torch.arange(n + _PADDING) < n).expand(len(p), -1)
        found = {}
        for name, behind in (("instances", 0.7), ("NaN", float("nan"))):
            extra = torch.full((len(p), _PADDING), behind, dtype=p.dtype)
            labels = case.target.labels
            if labels is not None:
                labels = torch.cat([labels, extra.ceil()], -1)
            other = case.with_target(mask=mask, labels=labels)
            found[name] = Padded(
                other.with_tensors(torch.cat([p, extra], -1)), lambda tensor: tensor[:, :n]
            )
        return found

    def hostile(self, draw: Draw, batch: int) -> dict[str, Case]:
        case = self.random(draw, batch, self.length)
        p = case.tensors[0]
        mask = torch.zeros(p.shape, dtype=torch.bool)
        return {
            "p exactly 0": case.with_tensors(torch.zeros_like(p)),
            "p exactly 1": case.with_tensors(torch.ones_like(p)),
            "logits of ±1e4": case.through_sigmoid((p - 0.3).sign() * 1e4),
            "no labels": self._relabelled(case, torch.zeros_like(p)),
            "all labelled": self._relabelled(case, torch.ones_like(p)),
            "a count above the number of instances": self._relabelled(
                case.with_tensors(p[:, :2]), torch.full_like(p[:, :2], 3.0)
            ),
            "fully masked rows": self._relabelled(case.with_target(mask=mask), torch.zeros_like(p)),
            "fully masked rows with a count": case.with_target(mask=mask),
        }

    def _relabelled(self, case: Case, labels: Tensor) -> Case:
        """The count of ``labels``, which may exceed one per instance to be impossible."""
        kept = labels.clamp(max=1) if self.name == "labelled" else None
        return case.with_target(count=labels.sum(-1).round().long(), labels=kept)


def _confident(labels: Tensor | None) -> Tensor:
    assert labels is not None
    return 0.02 + 0.93 * labels.clamp(max=1)


def _same(prediction: Tensor) -> Tensor:
    return prediction
