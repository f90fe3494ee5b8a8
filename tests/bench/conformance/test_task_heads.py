"""Outputs of networks in the form of a head, and others."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from bench.conformance.task_heads import assert_fits
from bench.plugin import (
    EventTarget,
    HeatmapTarget,
    InstanceTarget,
    PointPrediction,
    PointTarget,
)

PROBABILITIES = torch.full((2, 3), 0.5)
FITS = {
    "events": (torch.full((2, 3, 4), 0.5), EventTarget(torch.zeros(2, 3, 4))),
    "points": (
        PointPrediction(torch.rand(2, 5, 2), torch.rand(2, 5, 1), cell=torch.zeros(5, 2)),
        PointTarget(torch.zeros(2, 1, 2), torch.ones(2, 1, dtype=torch.bool)),
    ),
    "heatmap": (torch.zeros(2, 3, 4, 5), HeatmapTarget(torch.zeros(2, 3, 2))),
    "instances": (PROBABILITIES, InstanceTarget(torch.zeros(2).long(), torch.zeros(2, 3))),
}


@pytest.mark.parametrize("head", FITS)
def test_outputs_of_each_head_fit_their_targets(head: str) -> None:
    prediction, target = FITS[head]
    assert_fits(head, prediction, target, 2)
    with pytest.raises(AssertionError):
        assert_fits(head, prediction, target, 3)


@pytest.mark.parametrize(
    ("head", "prediction", "message"),
    [
        ("events", torch.full((2, 3, 5), 0.5), "for a target of"),
        ("events", torch.full((2, 3, 4), 1.5), r"not in \[0, 1\]"),
        ("events", torch.full((2, 3, 4), float("nan")), "not finite"),
        ("points", torch.zeros(2, 5, 2), "PointPrediction is due"),
        ("points", PointPrediction(torch.rand(2, 5, 3), torch.rand(2, 5, 1)), "2 dimensions"),
        ("points", PointPrediction(torch.rand(2, 5, 2), torch.rand(2, 5, 2)), "without channel"),
        (
            "points",
            PointPrediction(torch.rand(2, 5, 2) + 3, torch.rand(2, 5, 1), cell=torch.zeros(5, 2)),
            "leave their cells",
        ),
        ("heatmap", torch.zeros(2, 4, 4, 5), "3 keypoints"),
        ("heatmap", torch.zeros(2, 3, 4), "2 dimensions"),
        ("instances", torch.full((2, 4), 0.5), "for a target of"),
    ],
)
def test_outputs_that_do_not_fit_are_told(head: str, prediction: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        assert_fits(head, prediction, FITS[head][1], 2)
