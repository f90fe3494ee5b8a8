"""Training batches: order of the samples, their views, unlabelled samples beside labelled ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from bench.planning.seeds import StepStreams, seed
from bench.planning.trial import Trial
from bench.plugin import EventTarget, InstanceTarget, Splits


class Batches:
    """The batches of a trial, the same for every loss that takes as many views of a sample."""

    def __init__(self, trial: Trial, splits: Splits) -> None:
        name, replicate = trial.task.plugin_name, trial.replicate
        self._task, self._views = trial.task, trial.loss.views
        self._parts = [(splits.train, self._orders(trial, len(splits.train), "batches"))]
        if splits.unlabelled is not None and self._views > 1:
            orders = self._orders(trial, len(splits.unlabelled), "unlabelled batches")
            self._parts.append((splits.unlabelled, orders))
        self._samples = StepStreams(name, replicate, "samples")
        self._augmentation = StepStreams(name, replicate, "augmentation")

    def skip(self, steps: int) -> None:
        """Pass over the batches of steps that an earlier process made."""
        for _, rows in self._parts:
            for _ in range(steps):
                next(rows)

    @staticmethod
    def _orders(trial: Trial, size: int, purpose: str) -> Iterator[np.ndarray]:
        key = seed(trial.task.plugin_name, trial.replicate, purpose)
        return orders(size, trial.train.batch_size, np.random.Generator(np.random.Philox(key)))

    def __call__(self, step: int) -> tuple[Any, Any]:
        """Inputs and target of the next step, whose number is ``step``."""
        draw = self._samples.numpy(step)
        found = [
            split.batch(np.repeat(next(rows), self._views) if self._views > 1 else next(rows), draw)
            for split, rows in self._parts
        ]
        inputs, target = found[0]
        if len(found) > 1:
            inputs = torch.cat([inputs, found[1][0]])
            target = join_targets(target, found[1][1])
        return self._task.augment(inputs, target, self._augmentation.numpy(step))


def orders(size: int, batch_size: int, draw: np.random.Generator) -> Iterator[np.ndarray]:
    """Endless batches of indices: every sample once per epoch, in a fresh order.

    A batch may reach into the next epoch, so all batches have the same size.
    """
    order = np.empty(0, dtype=np.int64)
    while True:
        while len(order) < batch_size:
            order = np.concatenate([order, draw.permutation(size)])
        yield order[:batch_size]
        order = order[batch_size:]


def join_targets(labelled: Any, unlabelled: Any) -> Any:
    """One target of labelled rows, then unlabelled ones, whose counts are negative.

    Raises:
        TypeError: targets of different kinds, or of a kind that has no counts.
    """
    if type(labelled) is not type(unlabelled) or not isinstance(
        labelled, EventTarget | InstanceTarget
    ):
        raise TypeError(
            "unlabelled samples go beside labelled ones in an EventTarget or InstanceTarget; got "
            f"{type(labelled).__name__} and {type(unlabelled).__name__}"
        )
    if isinstance(labelled, EventTarget):
        labelled = dataclasses.replace(labelled, known_counts=labelled.counts)
    fields = {}
    for field in dataclasses.fields(labelled):
        ours, theirs = getattr(labelled, field.name), getattr(unlabelled, field.name)
        like = ours if ours is not None else theirs
        if isinstance(like, torch.Tensor):
            fields[field.name] = torch.cat(
                [_filled(ours, like, labelled), _filled(theirs, like, unlabelled)]
            )
    return dataclasses.replace(labelled, **fields)


def _filled(value: Any, like: torch.Tensor, target: Any) -> torch.Tensor:
    """``value``, or where one of two targets lacks a field: all bins real, no events, no labels."""
    if value is not None:
        return torch.as_tensor(value)
    rows = len(target.counts if isinstance(target, EventTarget) else target.count)
    return like.new_full((rows, *like.shape[1:]), like.dtype == torch.bool)
