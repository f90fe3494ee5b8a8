"""Tasks in which knowing the truth does not pay, or test data decide."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bench.plugin import Evaluation, Loss, TensorSplit, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class WrongDirection(Sound):
    """Says of its primary metric that less is better."""

    metrics: ClassVar[Any] = (planted.Metric("f1", "min", 0.0, 1.0), *Sound.metrics[1:])


class WrongSecond(Sound):
    """Says of a ranked metric that more is better."""

    metrics: ClassVar[Any] = (
        Sound.metrics[0],
        planted.Metric("error", "max", 0.0),
        Sound.metrics[2],
    )


class Shifted(Sound):
    """Compares with labels of another place."""

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        target = planted.EventTarget(split.target.events.roll(8, -1), planted.STEP)
        moved = TensorSplit(split.inputs, target)
        return super().evaluate(network, loss, moved, decoding)


class ShiftedMaps(planted.Maps):
    """The same on maps."""

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        target = planted.HeatmapTarget(split.target.position + 2)
        return super().evaluate(network, loss, TensorSplit(split.inputs, target), decoding)


class ShiftedPoints(planted.Points):
    """The same on points."""

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        target = planted.PointTarget(split.target.position - 3, split.target.mask)
        moved = Moved(split.inputs, target)
        return super().evaluate(network, loss, moved, decoding)


class Moved(TensorSplit):
    """A split of the class's own."""


class OtherSample(planted.Counts):
    """Compares each sample with the labels of the next one."""

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        labels = split.target.labels.roll(1, 0)
        target = planted.InstanceTarget(labels.sum(1).long(), labels)
        return super().evaluate(network, loss, TensorSplit(split.inputs, target), decoding)


class ThresholdOfTest(Sound):
    """Chooses its threshold on test data."""

    def calibrate(self, network: Any, loss: Loss, validation: Any) -> dict[str, float]:
        return super().calibrate(network, loss, self.splits(0, "events").test)


class ThresholdInEvaluation(Sound):
    """Chooses another threshold where it reports."""

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        own = super().calibrate(network, loss, split)
        return super().evaluate(network, loss, split, own)


class WordThreshold(Sound):
    """Decides on a text."""

    def calibrate(self, network: Any, loss: Loss, validation: Any) -> dict[str, Any]:
        return {"threshold": str(super().calibrate(network, loss, validation)["threshold"])}

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        read = {"threshold": float(decoding["threshold"])}
        return super().evaluate(network, loss, split, read)


DEFECTS = {
    WrongDirection: ("knows the truth", "f1 is 1 .*: is 'min' the right direction"),
    WrongSecond: ("knows the truth", "error is 0 .*: is 'max' the right direction"),
    Shifted: ("knows the truth", "places it 8 cells off: are labels.* shifted"),
    ShiftedMaps: ("knows the truth", "places it 2 cells off"),
    ShiftedPoints: ("knows the truth", "places it -[24] cells off"),
    OtherSample: ("knows the truth", "accuracy is .* knows another sample's"),
    ThresholdOfTest: ("calibration", r"calibrate\(\) looks at 20 samples of the test part"),
    ThresholdInEvaluation: ("calibration", r"evaluate\(\) ignores 'threshold'"),
    WordThreshold: ("calibration", "'threshold' as str, not as a number"),
}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
