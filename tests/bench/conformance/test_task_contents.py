"""Equality, digests and rows of what tasks give."""

from __future__ import annotations

import math

import pytest
import torch

from bench.conformance.task_contents import batch_size, digest, repeating, same, take
from bench.plugin import EventTarget, Metric, Task

TARGET = EventTarget(torch.arange(24.0).view(4, 2, 3), 0.01)


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        (torch.tensor([1.0, math.nan]), torch.tensor([1.0, math.nan]), True),
        (torch.tensor([1.0]), torch.tensor([1.0], dtype=torch.float64), False),
        (torch.ones(2), torch.ones(2, 1), False),
        ({"a": math.nan}, {"a": math.nan}, True),
        ({"a": 1.0}, {"a": 1.0, "b": 2.0}, False),
        ((torch.ones(1), TARGET), (torch.ones(1), TARGET), True),
        (TARGET, EventTarget(TARGET.events, 0.02), False),
        ([1, 2], [1], False),
    ],
)
def test_equal_contents_have_equal_digests(ours: object, theirs: object, alike: bool) -> None:
    assert same(ours, theirs) == alike
    assert (digest(ours) == digest(theirs)) == alike


def test_a_digest_follows_the_last_bit() -> None:
    ones = torch.ones(1000)
    other = ones.clone()
    other[999] = torch.nextafter(ones[999], torch.tensor(2.0))
    assert digest(ones) != digest(other)


def test_rows_of_a_target_are_those_of_its_tensors() -> None:
    taken = take(TARGET, torch.tensor([3, 1]), 4)
    assert batch_size(TARGET) == 4
    assert torch.equal(taken.events, TARGET.events[[3, 1]])
    assert taken.step == 0.01


def test_times_that_were_measured_are_not_compared() -> None:
    class Timed(Task):
        metrics = (Metric("f1", "max"), Metric("ms", "min", repeats=False))

    assert repeating(Timed, {"f1": 0.5, "ms": 3.0}) == {"f1": 0.5}
