"""What evaluating gives: the metrics declared, as numbers in range, the same every time."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from torch import Tensor

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import TaskCase
from bench.conformance.task_contents import repeating, same, weights_digest
from bench.plugin import Evaluation, Metric, NotFinite
from bench.plugin.plain_number import plain_number


def evaluation(case: TaskCase, head: str) -> None:
    """An untrained network has the metrics that are declared, finite unless optional, in range.

    They are the same every time, but for times that were measured, and neither calibrating nor
    evaluating changes the network. Counts are as many as the split has samples, or units that these
    were cut from.
    """
    network, loss = case.network(head), case.loss(head)
    before = weights_digest(network)
    found = case.evaluate(head, network, loss)
    assert isinstance(found, Evaluation), f"an Evaluation is due, not {type(found).__name__}"
    assert weights_digest(network) == before, "evaluating changes the network"
    assert not network.training, "evaluating leaves the network in training mode"
    declared = [metric.name for metric in case.cls.metrics if metric.name != "steps"]
    for name in declared:
        assert name in found.metrics, f"the metric '{name}' is missing"
    for name in found.metrics:
        assert name in declared, f"the metric '{name}' is not declared: {declared}"
    for metric in case.cls.metrics:
        if metric.name in found.metrics:
            _assert_in_range(metric, number("metric", metric.name, found.metrics[metric.name]))
    for name, value in found.seconds.items():
        number("time", name, value)
    test = case.splits(head).test
    unit = getattr(test, "unit", None)
    length, what = (len(test), "samples") if unit is None else (len(np.unique(unit)), "units")
    for name, values in found.samples.items():
        assert len(values) == length, (
            f"samples['{name}'] has {len(values)} values for {length} {what} of the split"
        )
        for value in values:
            number("sample count", name, value)
    try:
        json.dumps(found.details)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"the details are no JSON: {error}") from None
    again = case.evaluate(head, network, loss, seed=1)
    first, second = (repeating(case.cls, one.metrics) for one in (found, again))
    assert same(second, first), "the metrics of two evaluations differ"
    assert same(dict(again.samples), dict(found.samples)), "the samples of two evaluations differ"


def broken_network(case: TaskCase, head: str) -> None:
    """A network whose output is NaN failed: `NotFinite`, or a primary metric of NaN."""
    network = case.network(head)
    if not list(network.parameters()):
        raise NotApplicable("the network has no weights")
    for weight in network.parameters():
        weight.data.fill_(math.nan)
    primary = case.cls.metrics[0].name
    try:
        value = case.evaluate(head, network, case.loss(head)).metrics[primary]
    except NotFinite:
        return
    finite = isinstance(value, int | float | np.number | Tensor) and math.isfinite(value)
    assert not finite, f"{primary} is {value} where the output is NaN"


def number(kind: str, name: str, value: Any) -> float:
    """A single number as float; an AssertionError for anything else."""
    try:
        return plain_number(f"{kind} '{name}'", value)
    except TypeError as error:
        raise AssertionError(str(error)) from None


def _assert_in_range(metric: Metric, value: float) -> None:
    if metric.optional and math.isnan(value):
        return
    assert math.isfinite(value), f"{metric.name} is {value}" + (
        "" if metric.optional else ", and it is not `optional`"
    )
    low = -math.inf if metric.low is None else metric.low
    high = math.inf if metric.high is None else metric.high
    assert low <= value <= high, f"{metric.name} = {value} is outside [{low}, {high}]"
