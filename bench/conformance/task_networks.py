"""Networks: output in the form of the head, weights from the global seed and from nothing else."""

from __future__ import annotations

import torch

from bench.conformance.task_case import TaskCase, some_rows
from bench.conformance.task_contents import same
from bench.conformance.task_heads import assert_fits

_BATCH = 4


def network(case: TaskCase, head: str) -> None:
    """Fits the target, takes one sample, follows the global seed, and is the same for every loss.

    Losses may bring networks of their own, with weights of other names or shapes.
    """
    split = case.splits(head).train
    made = case.network(head)
    for count in (min(_BATCH, len(split)), 1):
        inputs, target = split.batch(some_rows(split)[:count])
        with torch.no_grad():
            assert_fits(head, made(inputs), target, count)
    weights = made.state_dict()
    if not list(made.parameters()):
        return
    assert same(dict(case.network(head).state_dict()), dict(weights)), (
        "the same global seed gives other weights"
    )
    assert not same(dict(case.network(head, seed=1).state_dict()), dict(weights)), (
        "another global seed gives the same weights"
    )
    for loss in case.losses(head):
        other = case.network(head, loss).state_dict()
        alike = other.keys() == weights.keys() and all(
            other[name].shape == weight.shape for name, weight in weights.items()
        )
        assert not alike or same(dict(other), dict(weights)), (
            f"network(head, loss) of '{loss.plugin_name}' has other weights than that of "
            f"'{case.loss(head).plugin_name}' under the same seed"
        )
