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

_ROUNDS, _STEPS, _LOSSES = 12, 20, 2
_LARGEST_BATCH = 32
_RATE = 3e-3
_FEWEST, _PERMUTATIONS = 8, 99
_SURE, _CHANCE = 4.0, 2.5
"""Standard deviations of the loss over permuted labels by which the sample's own are better: where
training may stop, and what random labels may reach in the best of all rounds."""


def related_labels(case: TaskCase, head: str) -> None:
    """The loss of validation and test samples is lower with their own labels than with others'.

    The shipped network trains on clean labels until that is beyond chance, with a few losses side
    by side, since one made for another kind of data may learn nothing here. What would not do: the
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
    """Preference for a sample's own labels, after each round of training with each loss."""
    case = quiet(case)
    task, chosen = case.make(), [loss for loss in case.losses(head) if loss.views == 1]
    splits = case.splits_of(task, head)
    if not chosen:
        raise NotApplicable("every loss compares views")
    held_out = [some_batch(splits.validation), some_batch(splits.test)]
    if sum(batch_size(target) for _, target in held_out) < _FEWEST:
        raise NotApplicable(f"fewer than {_FEWEST} validation and test samples")
    if all(same(_permuted(target, 0), target) for _, target in held_out):
        raise NotApplicable("all samples have the same labels")
    learners = [_Learner(task, splits, loss, case.network(head, loss)) for loss in chosen[:_LOSSES]]
    for number in range(_ROUNDS):
        for learner in learners:
            learner.train(number)
            yield learner.preference(held_out)


class _Learner:
    """A network that trains with a loss, for a moment at a time."""

    def __init__(self, task: Task, splits: Splits, loss: Loss, network: nn.Module) -> None:
        weights = [weight for weight in network.parameters() if weight.requires_grad]
        if not weights:
            raise NotApplicable("the network has no weights")
        self.task, self.splits, self.loss, self.network = task, splits, loss, network
        self.optimizer = torch.optim.Adam(weights, _RATE)

    def train(self, number: int) -> None:
        """Round ``number`` of training."""
        self.network.train()
        samples = self.splits.train
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number)
            for step in range(number * _STEPS, (number + 1) * _STEPS):
                draw = generator(step)
                size = min(_LARGEST_BATCH, len(samples))
                rows = np.sort(draw.choice(len(samples), size, replace=False))
                inputs, target = self.task.augment(*samples.batch(rows, draw), draw)
                self.optimizer.zero_grad()
                value = self.loss(self.network(inputs), target, progress=0.0).mean()
                value.backward()  # type: ignore[no-untyped-call]
                self.optimizer.step()

    def preference(self, held_out: list[tuple[Tensor, Any]]) -> float:
        """How far the loss with own labels lies below that with permuted ones, in their spread."""
        self.network.eval()
        own, others = 0.0, np.zeros(_PERMUTATIONS)
        with torch.no_grad():
            for inputs, target in held_out:
                prediction = self.network(inputs)
                own += _total(self.loss, prediction, target)
                for number in range(_PERMUTATIONS):
                    others[number] += _total(self.loss, prediction, _permuted(target, number))
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
