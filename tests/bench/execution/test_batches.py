"""Batches: order, views, unlabelled samples, randomness that no loss can disturb."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

from bench.execution import trainer
from bench.execution.batches import Batches, join_targets, orders
from bench.plugin import EventTarget, InstanceTarget, PointTarget, Splits

from .toys import Gambler, Squares, Toy, split


class Pairs(Squares):
    views = 2


@pytest.mark.parametrize(("size", "batch"), [(40, 8), (40, 7), (5, 8), (1, 1), (3, 7)])
def test_batches_cover_every_sample_once_per_epoch(size: int, batch: int) -> None:
    batches = orders(size, batch, np.random.default_rng(0))
    flat = np.concatenate(list(islice(batches, 3 * size))).reshape(-1, size)
    assert flat.shape == (3 * batch, size)
    for epoch in flat:
        assert sorted(epoch) == list(range(size))
    if size > 5:
        assert (flat[0] != flat[1]).any()


class Shaken(Toy):
    """Every row of a batch is shifted by a draw of its own."""

    def augment(self, inputs: Any, target: Any, draw: np.random.Generator) -> Any:
        shift = torch.as_tensor(draw.normal(size=len(inputs))).float()
        return inputs + shift[:, None, None], target


def test_a_loss_that_compares_views_gets_each_sample_so_many_times(toy_trial: Callable) -> None:
    plain, pairs = (
        Batches(toy_trial(loss=kind()), Toy().splits(0, "events")) for kind in (Squares, Pairs)
    )
    for step in range(6):
        inputs, target = plain(step)
        twice, targets = pairs(step)
        torch.testing.assert_close(twice, inputs.repeat_interleave(2, 0))
        torch.testing.assert_close(targets.events, target.events.repeat_interleave(2, 0))


def test_views_are_augmented_each_for_itself(toy_trial: Callable) -> None:
    batches = Batches(toy_trial(Shaken(), Pairs()), Toy().splits(0, "events"))
    first, second = batches(0)[0].unflatten(0, (-1, 2)).unbind(1)
    assert (first != second).all()


def test_unlabelled_samples_go_to_losses_that_compare_views(toy_trial: Callable) -> None:
    more = split(8, 100)
    unlabelled = dataclasses.replace(
        more, target=EventTarget(None, step=0.01, known_counts=torch.full((8, 1), -1))
    )
    splits = Splits(split(20), split(4), split(4), unlabelled)
    inputs, target = Batches(toy_trial(loss=Pairs()), splits)(0)
    assert (inputs[:, 0, 0] < 100).tolist() == [True] * 8 + [False] * 8
    assert target.counts.flatten().tolist() == [1] * 8 + [-1] * 8
    assert target.events.sum((1, 2)).tolist() == [1.0] * 8 + [0.0] * 8
    assert len(Batches(toy_trial(), splits)(0)[0]) == 4


def test_targets_of_other_kinds_are_not_joined() -> None:
    points = PointTarget(torch.zeros(2, 1, 1), torch.ones(2, 1, dtype=torch.bool))
    with pytest.raises(TypeError, match="got PointTarget and PointTarget"):
        join_targets(points, points)
    counts = InstanceTarget(torch.tensor([1]), labels=torch.ones(1, 3))
    joined = join_targets(counts, InstanceTarget(torch.tensor([-1])))
    assert joined.count.tolist() == [1, -1]
    assert joined.labels.tolist() == [[1, 1, 1], [0, 0, 0]]


def test_masks_and_augmentation_are_the_same_for_every_loss(toy_trial: Callable) -> None:
    class Watched(Shaken):
        seen: Any = None

        def network(self, head: str, loss: Any) -> Any:
            made = super().network(head, loss)
            # What comes out of dropout: the augmented inputs behind this step's mask.
            made[0].register_forward_hook(lambda *it: seen.append(it[-1].detach().clone()))
            return made

    runs = []
    for kind, global_seed in ((Squares, 1), (Gambler, 2)):
        seen: list[torch.Tensor] = []
        torch.manual_seed(global_seed)
        trainer.run(toy_trial(Watched(), kind()))
        runs.append(torch.stack(seen[:10]))
    torch.testing.assert_close(*runs, rtol=0, atol=0)
    masks = runs[0] == 0
    assert (masks[0] != masks[1]).any(), "every step has a mask of its own"
