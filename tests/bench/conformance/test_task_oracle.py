"""Networks that know the truth: their output is read back as the labels of each sample."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import TaskCase
from bench.conformance.task_oracle import oracle
from bench.plugin import create_loss, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]


@pytest.fixture(autouse=True)
def own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTBENCH_CACHE", str(cache))


def answers(cls: Any, folder: Path, name: str, **wrong: Any) -> tuple[Any, Any]:
    """Output of an oracle for the test samples in another order, and their target."""
    (head,) = cls.heads
    case = TaskCase(cls, {}, folder)
    test, loss = case.splits(head).test, create_loss(name)
    knowing = oracle(head, case.network(head, loss), loss, [test], **wrong)
    inputs, target = test.batch(np.arange(len(test))[::-1].copy())
    return loss.decode(knowing(inputs)), target


def test_events_are_certain_where_they_are_labelled(tmp_path: Path) -> None:
    scores, target = answers(planted.Sound, tmp_path, "softloc")
    assert torch.equal((scores > 0.99).float(), target.events)
    assert scores.sum(-1).allclose(target.events.sum(-1), atol=0.01)
    moved, _ = answers(planted.Sound, tmp_path, "softloc", shift=3)
    assert torch.equal((moved > 0.99).float(), target.events.roll(3, -1))


@pytest.mark.parametrize("name", ["soft_argmax", "sampling_argmax", "expected_error"])
def test_maps_are_read_as_the_labelled_places(tmp_path: Path, name: str) -> None:
    found, target = answers(planted.Maps, tmp_path, name)
    assert (found.position - target.position).abs().max() < 0.51


def test_candidates_are_at_the_labelled_points(tmp_path: Path) -> None:
    found, target = answers(planted.Points, tmp_path, "count_mse")
    distance = torch.cdist(target.position, found.position)
    certain = found.p[..., 0] > 0.99
    nearest = distance.masked_fill(~certain[:, None], torch.inf).amin(-1)[target.mask]
    # two points in one cell: one of them goes to a neighbouring cell
    assert (nearest < 1e-5).double().mean() > 0.9
    assert torch.equal(certain.sum(1), target.mask.sum(1))
    inside = (found.position >= found.cell) & (found.position <= found.cell + 3)
    assert inside.all()


def test_instances_are_the_labelled_ones_or_those_of_another_sample(tmp_path: Path) -> None:
    right, target = answers(planted.Counts, tmp_path, "poisson_binomial")
    assert torch.equal((right > 0.5).float(), target.labels)
    other, _ = answers(planted.Counts, tmp_path, "poisson_binomial", other=1)
    assert torch.equal((other > 0.5).float(), target.labels.roll(1, 0))  # in reversed order


def test_samples_that_nobody_labelled_are_no_failure_of_the_task(tmp_path: Path) -> None:
    case, loss = TaskCase(planted.Sound, {}, tmp_path), create_loss("softloc")
    splits = case.splits("events")
    knowing = oracle("events", case.network("events", loss), loss, [splits.test])
    with pytest.raises(NotApplicable, match="inputs that `batch` never gives"):
        knowing(splits.train.inputs[:2])


def test_instances_have_no_place_to_shift(tmp_path: Path) -> None:
    with pytest.raises(NotApplicable, match="no place"):
        answers(planted.Counts, tmp_path, "poisson_binomial", shift=2)
