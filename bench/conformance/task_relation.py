"""Labels belong to inputs: a network that trains for a moment prefers its sample's own ones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import TaskCase, generator, some_batch
from bench.conformance.task_contents import batch_size, same, take
from bench.conformance.task_options import quiet
from bench.plugin import Loss, Splits, Task

_ROUNDS, _STEPS = 12, 20
_LARGEST_BATCH = 32
_RATE = 3e-3
_FEWEST, _PERMUTATIONS = 8, 99
_SURE, _CHANCE = 4.0, 2.5
"""Standard deviations of the loss over permuted labels by which the sample's own are better: where
training may stop, and what random labels may reach in the best of all rounds."""


def related_labels(case: TaskCase, head: str) -> None:
    """The loss of validation and test samples is lower with their own labels than with others'.

    The shipped network trains on clean labels until that is beyond chance. What would not do: the
    training loss, since networks learn random labels by heart.
    """
    best = -math.inf
    for score in _scores(case, head):
        best = max(best, score)
        if best > _SURE:
            return
    assert best > _CHANCE, (
        f"after {_ROUNDS * _STEPS} steps a network's loss on samples it has not seen is no lower "
        f"with their own labels than with those of others ({best:.1f} standard deviations): are "
        "labels and inputs of the same samples?"
    )


def _scores(case: TaskCase, head: str) -> Iterator[float]:
    """Preference for a sample's own labels, before training and after each round of it."""
    case = quiet(case)
    task, loss = case.make(), case.loss(head)
    splits = case.splits_of(task, head)
    if loss.views > 1:
        raise NotApplicable("every loss compares views")
    held_out = [some_batch(splits.validation), some_batch(splits.test)]
    if sum(batch_size(target) for _, target in held_out) < _FEWEST:
        raise NotApplicable(f"fewer than {_FEWEST} validation and test samples")
    if all(same(_permuted(target, 0), target) for _, target in held_out):
        raise NotApplicable("all samples have the same labels")
    network = case.network(head, loss)
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    if not weights:
        raise NotApplicable("the network has no weights")
    optimizer = torch.optim.Adam(weights, _RATE)
    for number in range(_ROUNDS):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number)
            _train(task, splits, network, loss, optimizer, number * _STEPS)
        yield _preference(network.eval(), loss, held_out)


def _train(
    task: Task,
    splits: Splits,
    network: nn.Module,
    loss: Loss,
    optimizer: torch.optim.Optimizer,
    first: int,
) -> None:
    network.train()
    for step in range(first, first + _STEPS):
        draw = generator(step)
        size = min(_LARGEST_BATCH, len(splits.train))
        rows = np.sort(draw.choice(len(splits.train), size, replace=False))
        inputs, target = task.augment(*splits.train.batch(rows, draw), draw)
        optimizer.zero_grad()
        value = loss(network(inputs), target, progress=0.0).mean()
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def _preference(network: nn.Module, loss: Loss, held_out: list[tuple[Tensor, Any]]) -> float:
    """How far the loss with own labels lies below that with permuted ones, in their deviations."""
    own, others = 0.0, np.zeros(_PERMUTATIONS)
    with torch.no_grad():
        for inputs, target in held_out:
            prediction = network(inputs)
            own += _total(loss, prediction, target)
            for number in range(_PERMUTATIONS):
                others[number] += _total(loss, prediction, _permuted(target, number))
    spread = float(others.std())
    return (float(others.mean()) - own) / spread if spread > 0 else -math.inf


def _total(loss: Loss, prediction: Any, target: Any) -> float:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return float(loss(prediction, target, progress=0.0).double().sum())


def _permuted(target: Any, number: int) -> Any:
    count = batch_size(target)
    order = np.random.default_rng(number).permutation(count)
    return take(target, torch.from_numpy(order), count)
