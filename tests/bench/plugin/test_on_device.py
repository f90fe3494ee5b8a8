"""Moving targets: floating point changes its type, integers and masks keep theirs."""

from __future__ import annotations

import torch
from torch import nn

from bench.plugin import AttackTarget, HeatmapTarget, InstanceTarget


def test_integers_and_masks_keep_their_type() -> None:
    target = InstanceTarget(
        torch.tensor([1]), torch.ones(1, 2), torch.ones(1, 2, dtype=torch.bool)
    ).to("cpu", dtype=torch.float64)
    types = (target.count.dtype, target.labels.dtype, target.mask.dtype)
    assert types == (torch.int64, torch.float64, torch.bool)


def test_what_is_no_tensor_stays() -> None:
    target = HeatmapTarget(torch.zeros(1, 1, 2), grid=(4, 5)).to("meta")
    assert target.position.device.type == "meta"
    assert (target.mask, target.grid) == (None, (4, 5))


def test_a_classifier_moves_with_its_images_and_keeps_its_type() -> None:
    classifier = nn.Linear(2, 2)
    target = AttackTarget(torch.zeros(1, 1, 2), torch.zeros(1).long(), classifier)
    moved = target.to("meta", dtype=torch.float64)
    assert moved.image.dtype == torch.float64
    assert moved.classifier is classifier
    assert (classifier.weight.device.type, classifier.weight.dtype) == ("meta", torch.float32)
