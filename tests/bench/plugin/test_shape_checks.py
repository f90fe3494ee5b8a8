"""Each argument of each built-in head in a wrong form: the message names it, its form and the due.

Predictions and targets that fit are those of the conformance suite's layouts (`test_loss_input`).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch

from bench.plugin import (
    HEADS,
    AttackPrediction,
    AttackTarget,
    EventTarget,
    HeatmapTarget,
    InstanceTarget,
    Mismatch,
    PointPrediction,
    PointTarget,
)


def ones(*shape: int) -> torch.Tensor:
    return torch.ones(shape)


def flags(*shape: int) -> torch.Tensor:
    return torch.ones(shape, dtype=torch.bool)


def whole(*shape: int) -> torch.Tensor:
    return torch.ones(shape, dtype=torch.long)


FITTING: dict[str, tuple[Any, Any]] = {
    "events": (
        ones(2, 3, 7),
        EventTarget(ones(2, 3, 7), 0.01, flags(2, 7), whole(2, 3), ones(2, 3)),
    ),
    "points": (
        PointPrediction(ones(2, 5, 2), ones(2, 5, 3), cell=ones(5, 2)),
        PointTarget(ones(2, 4, 2), flags(2, 4), whole(2, 4)),
    ),
    "heatmap": (ones(2, 3, 6, 8), HeatmapTarget(ones(2, 3, 2), flags(2, 3), grid=(6, 8))),
    "heatmap of points": (
        ones(2, 3, 6, 8),
        PointTarget(ones(2, 4, 2), flags(2, 4), whole(2, 4), grid=(6, 8)),
    ),
    "instances": (ones(2, 5), InstanceTarget(whole(2), ones(2, 5), flags(2, 5))),
    "attack": (
        AttackPrediction(ones(2, 6, 8), ones(2, 3, 6, 8)),
        AttackTarget(ones(2, 3, 6, 8), whole(2), torch.relu),
    ),
}


def check(case: str, prediction: Any, target: Any, upsampling: int = 1) -> None:
    HEADS[case.partition(" ")[0]].check(prediction, target, upsampling)


@pytest.mark.parametrize("case", FITTING)
def test_what_fits_passes(case: str) -> None:
    check(case, *FITTING[case])


@pytest.mark.parametrize(
    ("case", "field", "wrong", "message"),
    [
        ("events", "events", ones(2, 7, 3), "(2, 7, 3)"),
        ("events", "events", None, None),
        ("events", "mask", flags(2, 8), "prediction has shape (2, 3, 7), but (2, 3, 8) for target"),
        ("events", "mask", flags(7), "target.mask has shape (7,), but (2, time) as in the"),
        ("events", "mask", ones(2, 7), "target.mask is torch.float32, but torch.bool is due"),
        ("events", "known_counts", whole(2), "target.known_counts has shape (2,), but (2, 3)"),
        ("events", "known_counts", ones(2, 3), "target.known_counts is torch.float32, but an int"),
        ("events", "softness", ones(3), "target.softness has shape (3,), but (2,) as in"),
        ("events", "softness", ones(3, 2), "target.softness has shape (3, 2), but (2, 3) as in"),
        ("events", "softness", 0.1, "target.softness is float, but a tensor"),
        ("points", "position", ones(2, 4), "target.position has shape (2, 4), but (2, m, dim)"),
        ("points", "position", ones(2, 4, 1), "(2, 4, 1), but (2, 4, 2) as in prediction.position"),
        ("points", "mask", flags(2, 5), "target.mask has shape (2, 5), but (2, 4) as in target."),
        ("points", "mask", whole(2, 4), "target.mask is torch.int64, but torch.bool"),
        (
            "points",
            "channel",
            None,
            "target.channel is None, but the channel of each label, one of",
        ),
        ("points", "channel", whole(4), "target.channel has shape (4,), but (2, 4)"),
        ("points", "channel", ones(2, 4), "target.channel is torch.float32, but an integer type"),
        ("heatmap", "position", ones(2, 2), "target.position has shape (2, 2), but (batch, keypo"),
        ("heatmap", "position", ones(2, 4, 2), "(2, 3, 6, 8), but (2, 4, 6, 8) for 4 keypoints"),
        ("heatmap", "position", ones(2, 3, 3), "(2, 3, 3), but (2, 3, 2) for a map of 2 axes is"),
        (
            "heatmap",
            "mask",
            flags(3),
            "target.mask has shape (3,), but (2, 3) as in target.position",
        ),
        ("heatmap", "mask", ones(2, 3), "target.mask is torch.float32, but torch.bool"),
        ("heatmap", "grid", (8, 6), "(2, 3, 8, 6) for target.grid (8, 6) is due"),
        ("heatmap of points", "channel", None, "the channel of each label, one of 3"),
        ("heatmap of points", "position", ones(2, 4, 3), "(2, 4, 2) for a map of 2 axes is due"),
        ("heatmap of points", "grid", (12, 16), "(2, 3, 12, 16) for target.grid (12, 16)"),
        ("instances", "count", whole(3), "target.count has shape (3,), but (2,) as in the pred"),
        (
            "instances",
            "count",
            ones(2),
            "target.count is torch.float32, but an integer type is due",
        ),
        ("instances", "labels", ones(5), "target.labels has shape (5,), but (2, 5)"),
        ("instances", "mask", flags(2, 4), "target.mask has shape (2, 4), but (2, 5)"),
        ("instances", "mask", whole(2, 5), "target.mask is torch.int64, but torch.bool"),
        (
            "attack",
            "image",
            ones(2, 6),
            "target.image has shape (2, 6), but (batch, channel, *grid)",
        ),
        (
            "attack",
            "image",
            ones(2, 3, 6, 9),
            "prediction.p has shape (2, 6, 8), but (2, 6, 9) for",
        ),
        (
            "attack",
            "image",
            ones(2, 1, 6, 8),
            "prediction.magnitude has shape (2, 3, 6, 8), but (2",
        ),
        ("attack", "label", whole(2, 1), "target.label has shape (2, 1), but (2,) as in target.im"),
        ("attack", "label", ones(2), "target.label is torch.float32, but an integer type"),
        ("attack", "classifier", None, "target.classifier is NoneType, but a function is due"),
    ],
)
def test_wrong_targets_are_told(case: str, field: str, wrong: Any, message: str | None) -> None:
    prediction, target = FITTING[case]
    other = dataclasses.replace(target, **{field: wrong})
    if message is None:  # counts alone will do
        check(case, prediction, other)
        return
    with pytest.raises(Mismatch) as raised:
        check(case, prediction, other)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("case", "prediction", "message"),
    [
        ("events", ones(3, 7), "prediction has shape (3, 7), but (batch, channel, time) is due"),
        ("events", ones(2, 7, 3), "(2, 3, 7) for target.events (2, 3, 7) is due (axes in another"),
        ("events", ones(2, 3, 14), "(an output of another resolution?)"),
        ("events", whole(2, 3, 7), "prediction is torch.int64, but a floating-point type is due"),
        ("points", PointPrediction(ones(2, 5), ones(2, 5, 3)), "prediction.position has shape"),
        (
            "points",
            PointPrediction(ones(2, 5, 2), ones(2, 5)),
            "prediction.p has shape (2, 5), but",
        ),
        (
            "points",
            PointPrediction(ones(2, 5, 2), ones(2, 5, 3), cell=ones(2, 5, 2)),
            "prediction.cell has shape (2, 5, 2), but (5, 2) as in prediction.position is due (a",
        ),
        ("points", PointPrediction(ones(3, 5, 2), ones(3, 5, 3)), "but (3, m, dim) as in the pred"),
        ("heatmap", ones(2, 3), "prediction has shape (2, 3), but (batch, keypoint, *grid) is due"),
        (
            "heatmap",
            ones(2, 3, 12, 16),
            "but (2, 3, 6, 8) for target.grid (6, 8) is due (an output",
        ),
        (
            "instances",
            ones(2, 1, 5),
            "prediction has shape (2, 1, 5), but (batch, n) is due (an ax",
        ),
        (
            "attack",
            AttackPrediction(ones(2, 48), ones(2, 3, 6, 8)),
            "prediction.p has shape (2, 48",
        ),
        (
            "attack",
            AttackPrediction(ones(2, 6, 8), ones(2, 6, 8)),
            "prediction.magnitude has shape",
        ),
    ],
)
def test_wrong_predictions_are_told(case: str, prediction: Any, message: str) -> None:
    with pytest.raises(Mismatch) as raised:
        check(case, prediction, FITTING[case][1])
    assert message in str(raised.value)


def test_a_target_of_events_has_events_or_counts() -> None:
    with pytest.raises(Mismatch, match="neither events nor known_counts, but one of them is due"):
        check("events", ones(2, 3, 7), EventTarget(None, 0.01))


def test_one_channel_needs_no_channel_of_labels() -> None:
    target = PointTarget(ones(2, 4, 2), flags(2, 4))
    check("points", PointPrediction(ones(2, 5, 2), ones(2, 5, 1)), target)
    check("heatmap of points", ones(2, 1, 6, 8), target)


def test_softness_may_be_per_sample() -> None:
    check("events", ones(2, 3, 7), EventTarget(ones(2, 3, 7), 0.01, softness=ones(2)))


def test_padding_of_an_upsampled_output_is_that_of_its_bins() -> None:
    target = EventTarget(ones(2, 3, 7), 0.01, mask=flags(2, 7))
    check("events", ones(2, 3, 21), target, 3)
    with pytest.raises(Mismatch, match="and an upsampling of 3 is due"):
        check("events", ones(2, 3, 7), target, 3)
