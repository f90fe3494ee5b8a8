"""Defects in what evaluating gives."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch

from bench.plugin import Evaluation, Loss, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class Changed(Sound):
    """Changes what a sound task evaluates to."""

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        return self.changed(super().evaluate(network, loss, split, decoding))

    def changed(self, own: Evaluation) -> Evaluation:
        raise NotImplementedError


class OutOfRange(Changed):
    """A metric leaves the range it declares."""

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation({**own.metrics, "f1": 3.0 + own.metrics["f1"]})


class Extra(Changed):
    """Reports a metric that it does not declare."""

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation({**own.metrics, "more": 0.5})


class Lacking(Changed):
    """Leaves out a metric that it declares."""

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation({"f1": own.metrics["f1"], "error": own.metrics["error"]})


class Undefined(Sound):
    """A metric that is not optional is NaN where the network is not broken."""

    metrics: ClassVar[Any] = (*Sound.metrics[:2], planted.Metric("spread", None, 0.0))


class Text(Changed):
    """A metric is a text."""

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation({**own.metrics, "spread": "1.0"})


class List(Changed):
    """A metric is a list."""

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation({**own.metrics, "spread": [1.0]})


class Several(Changed):
    """A metric is a tensor of two values."""

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation({**own.metrics, "spread": torch.ones(2)})


class Truth(Changed):
    """A metric is a bool."""

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation({**own.metrics, "spread": True})


class FewSamples(Changed):
    """Has counts of fewer samples than there are."""

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation(own.metrics, samples={"tp": [1.0, 0.0]})


class Objects(Changed):
    """Its details cannot be written out."""

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation(own.metrics, {"network": torch.ones(1)})


class Unsteady(Changed):
    """Its counts of samples are others every time."""

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation(own.metrics, samples={"tp": torch.rand(20).tolist()})


class Clock(Changed):
    """A metric that never repeats, as times do."""

    metrics: ClassVar[Any] = (*Sound.metrics[:2], planted.Metric("spread", "min", 0.0, timed=True))

    def changed(self, own: Evaluation) -> Evaluation:
        return Evaluation({**own.metrics, "spread": torch.rand(1).item()})


class Learning(Sound):
    """Evaluating trains the network."""

    def evaluate(self, network: Any, *arguments: Any) -> Evaluation:
        found = super().evaluate(network, *arguments)
        with torch.no_grad():
            for weight in network.parameters():
                weight.mul_(1.01)
        return found


class Hiding(Sound):
    """Takes a broken network for a bad one."""

    def evaluate(self, *arguments: Any) -> Evaluation:
        try:
            return super().evaluate(*arguments)
        except planted.NotFinite:
            return Evaluation({"f1": 0.0, "error": 64.0, "spread": 0.0})


DEFECTS = {
    Extra: ("evaluation", "the metric 'more' is not declared"),
    Lacking: ("evaluation", "the metric 'spread' is missing"),
    Undefined: ("evaluation", "spread is nan, and it is not `optional`"),
    FewSamples: ("evaluation", r"samples\['tp'\] has 2 values for 20 samples"),
    Objects: ("evaluation", "the details are no JSON"),
    OutOfRange: ("evaluation", r"f1 = 3\.\d* is outside \[0.0, 1.0\]"),
    Unsteady: ("evaluation", "the samples of two evaluations differ"),
    Learning: ("evaluation", "evaluating changes the network"),
    Hiding: ("broken network", "f1 is 0.0 where the output is NaN"),
    Text: ("evaluation", r"metric 'spread' is a str \('1.0'\), not a number"),
    List: ("evaluation", r"metric 'spread' is a list \(\[1.0\]\), not a number"),
    Several: ("evaluation", r"metric 'spread' is a Tensor of shape \(2,\), not a number"),
    Truth: ("evaluation", r"metric 'spread' is a bool \(True\), not a number"),
}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])


def test_measured_times_need_not_repeat(findings: Any) -> None:
    assert findings(Clock) == {}
