"""Cases of the `events` head: located events, or counts alone."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from bench.conformance.case import Case, Draw, Layout, Padded
from bench.plugin import EventTarget

CHANNELS = 2
STEP = 0.01
_PADDING = 5
Labels = Literal["located", "counts only", "own softness"]


class Events(Layout):
    """One or two events per channel, farther apart than labels are usually smeared."""

    length = 128

    def __init__(self, labels: Labels) -> None:
        self.name = labels
        if labels != "located":  # long sequences differ in their labels alone
            self.unusual = (0, 1)

    def random(self, draw: Draw, batch: int, length: int) -> Case:
        p = draw.uniform((batch, CHANNELS, length), 0.05, 0.6)
        truth = torch.zeros_like(p)
        for row in range(batch if length else 0):
            for channel in range(CHANNELS):
                events = min(1 + (row + channel) % 2, length)
                jitter = draw.uniform((events,), -length / 16, length / 16)
                places = (torch.arange(events) + 0.5) * length / 2 + jitter
                truth[row, channel, places.long()] = 1.0
        return Case((p,), _same, self._target(truth, draw), truth)

    def _target(self, events: Tensor, draw: Draw) -> EventTarget:
        if self.name == "counts only":
            return EventTarget(None, STEP, known_counts=events.sum(-1).round().long())
        if self.name == "own softness":
            return EventTarget(events, STEP, softness=draw.uniform(events.shape[:2], 0.01, 0.04))
        return EventTarget(events, STEP)

    def right(self, case: Case) -> Case:
        return case.with_tensors(_confident(case.truth))

    def wrong(self, case: Case) -> dict[str, Case]:
        assert case.truth is not None
        far = case.truth.shape[-1] // 4
        twice = case.truth.roll(far, -1) + case.truth.roll(far + 2, -1)
        return {
            "elsewhere and twice as many": case.with_tensors(_confident(twice)),
            "undecided": case.with_tensors(torch.full_like(case.truth, 0.5)),
            "events everywhere": case.with_tensors(_confident(torch.ones_like(case.truth))),
        }

    def padded(self, case: Case) -> dict[str, Padded]:
        p, length = case.tensors[0], case.tensors[0].shape[-1]
        mask = (torch.arange(length + _PADDING) < length).expand(len(p), -1)
        found = {}
        for name, behind in (("events", 0.7), ("NaN", float("nan"))):
            extra = torch.full((*p.shape[:2], _PADDING), behind, dtype=p.dtype)
            fields: dict[str, Any] = {"mask": mask}
            if case.target.events is not None:
                fields["events"] = torch.cat([case.target.events, extra.ceil()], -1)
            other = case.with_target(**fields).with_tensors(torch.cat([p, extra], -1))
            found[name] = Padded(other, lambda tensor: tensor[..., :length])
        return found

    def hostile(self, draw: Draw, batch: int) -> dict[str, Case]:
        case = self.random(draw, batch, self.length)
        p = case.tensors[0]
        cases = {
            "p exactly 0": case.with_tensors(torch.zeros_like(p)),
            "p exactly 1": case.with_tensors(torch.ones_like(p)),
            "logits of ±1e4": case.through_sigmoid((p - 0.3).sign() * 1e4),
            "no labels": self._relabelled(case, torch.zeros_like(p)),
            "an event in every bin": self._relabelled(case, torch.ones_like(p)),
            "more events than bins": self._relabelled(
                case.with_tensors(p[..., :2]), torch.full_like(p[..., :2], 3.0)
            ),
        }
        masks = torch.zeros(batch, p.shape[-1], dtype=torch.bool)
        cases["fully masked rows"] = case.with_target(mask=masks)
        masks = masks.clone()
        masks[0] = True
        cases["all rows but one fully masked"] = case.with_target(mask=masks)
        return cases

    def _relabelled(self, case: Case, events: Tensor) -> Case:
        if case.target.events is None:
            return case.with_target(known_counts=events.sum(-1).round().long())
        return case.with_target(events=events)

    def check_decoded(self, decoded: Any, case: Case) -> None:
        p, truth = case.tensors[0], case.truth
        assert truth is not None
        assert decoded.shape == p.shape, f"shape {tuple(decoded.shape)}, not {tuple(p.shape)}"
        assert torch.isfinite(decoded).all(), "scores are not finite"
        there, elsewhere = decoded[truth > 0].min(), decoded[truth == 0].max()
        assert there > elsewhere, (
            f"a right prediction is read as {there:.3g} at an event, {elsewhere:.3g} elsewhere"
        )


def _confident(events: Tensor | None) -> Tensor:
    assert events is not None
    return 0.02 + 0.93 * events.clamp(max=1)


def _same(prediction: Tensor) -> Tensor:
    return prediction
