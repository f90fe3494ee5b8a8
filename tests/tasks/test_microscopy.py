"""The microscopy task: heads, networks, what is skipped, what who knows nothing or all scores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from bench.plugin import PointPrediction, UsageError, create_loss, create_task
from tasks.data.molecules.molecule_corpora import AMOUNTS

torch.set_num_threads(1)
OFFSETS = create_loss("heatmap_matching")
WIDTH = math.sqrt(2) / 8


def tiny(**options: Any) -> Any:
    return create_task("microscopy", size="tiny", **options)


@pytest.fixture(scope="module")
def splits() -> Any:
    return tiny().splits(0)


class Told(torch.nn.Module):
    """Gives what it was told for samples in their order."""

    def __init__(self, output: Any) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.output, self.place = output, 0

    def forward(self, images: torch.Tensor) -> Any:
        rows = slice(self.place, self.place + len(images))
        count = len(self.output.p if isinstance(self.output, PointPrediction) else self.output)
        self.place = (self.place + len(images)) % count
        if isinstance(self.output, PointPrediction):
            return PointPrediction(self.output.position[rows], self.output.p[rows])
        return self.output[rows]


def scored(split: Any, output: Any, loss: Any = OFFSETS, threshold: float = 0.5) -> Any:
    return tiny().evaluate(Told(output), loss, split, {"threshold": threshold}).metrics


def knowing(split: Any, nm: float = 0.0) -> PointPrediction:
    """The molecules, so many nm to the right of where they are."""
    target = split.target
    position = target.position + torch.tensor([0.0, nm / 100])
    return PointPrediction(position, 0.9 * target.mask.float()[..., None])


def test_what_an_oracle_a_constant_and_chance_score(splits: Any) -> None:
    """Source of these numbers in docs/tasks/microscopy.md: shown with ``pytest -rP``."""
    split = splits.test
    draw = torch.Generator().manual_seed(0)
    corners = torch.cartesian_prod(torch.arange(64.0), torch.arange(64.0))
    centres = (corners + 0.5).expand(len(split), -1, -1)
    count = split.target.mask.sum(1)
    anywhere = 64 * torch.rand(len(split), 400, 2, generator=draw)
    outputs = {
        "oracle": knowing(split),
        "40 nm off": knowing(split, 40.0),
        "constant": PointPrediction(centres, torch.ones(len(split), 64**2, 1)),
        "chance": PointPrediction(
            anywhere, (torch.arange(400) < count[:, None]).float()[..., None]
        ),
        "centres": PointPrediction(
            split.target.position.floor() + 0.5, split.target.mask.float()[..., None]
        ),
    }
    found = {name: scored(split, output) for name, output in outputs.items()}
    for name, values in found.items():
        shown = ("jaccard_25nm", "jaccard_50nm", "f1_50nm", "tool_jaccard_50nm", "rmse_50nm")
        print(name, {metric: round(values[metric], 3) for metric in shown})
    for name in ("jaccard_25nm", "jaccard_50nm", "f1_25nm", "tool_jaccard_25nm"):
        assert found["oracle"][name] == pytest.approx(1.0, abs=1e-6)
    assert found["oracle"]["rmse_25nm"] < 0.01
    assert found["40 nm off"]["jaccard_25nm"] < 0.25
    assert found["40 nm off"]["jaccard_50nm"] > 0.9
    assert found["constant"]["jaccard_50nm"] < 0.05
    assert found["chance"]["jaccard_50nm"] < 0.05
    assert 0.05 < found["centres"]["jaccard_25nm"] < 0.3


def test_jaccard_and_f1_belong_to_each_other(splits: Any) -> None:
    values = scored(splits.test, knowing(splits.test, 30.0))
    for tolerance in ("25nm", "50nm"):
        f1 = values[f"f1_{tolerance}"]
        assert values[f"jaccard_{tolerance}"] == pytest.approx(f1 / (2 - f1))


def test_optimal_pairs_are_no_fewer_than_the_tools(splits: Any) -> None:
    position = splits.test.target.position
    moved = position + 0.3 * torch.randn(position.shape, generator=torch.Generator().manual_seed(1))
    values = scored(splits.test, PointPrediction(moved, splits.test.target.mask.float()[..., None]))
    for tolerance in ("25nm", "50nm"):
        assert values[f"tool_jaccard_{tolerance}"] <= values[f"jaccard_{tolerance}"] + 1e-12
        assert values[f"tool_jaccard_{tolerance}"] == values[f"tool_jaccard_{tolerance}_thesis"]


def test_frames_without_detections_are_misses(splits: Any) -> None:
    output = knowing(splits.test)
    output.p[1:] = 0.0
    values = scored(splits.test, output)
    share = float(splits.test.target.mask[0].sum() / splits.test.target.mask.sum())
    assert values["recall_50nm"] == pytest.approx(share)
    assert values["tool_jaccard_50nm"] == pytest.approx(share)


def test_maps_give_their_molecules_back_without_a_shift(splits: Any) -> None:
    """The labels' own map on the fine grid, decoded: errors of a cell, none on average."""
    loss = create_loss("discrete_heatmap", upsampling=8, bandwidth=WIDTH, peaks=320)
    from losses.discrete_heatmap import label_heatmap

    split = splits.test
    grid = torch.Size((512, 512))
    weight = split.target.mask.float()[:, None]
    maps = label_heatmap(split.target.position, weight, grid, WIDTH, 8)
    values = scored(split, torch.logit(maps.clamp(1e-6, 1 - 1e-6)), loss)
    assert values["recall_25nm"] > 0.75  # molecules less than a Gaussian's width apart merge
    assert values["rmse_25nm"] < 12.5
    found = loss.decode(torch.logit(maps[:1].clamp(1e-6, 1 - 1e-6)))
    sure = found.position[0][found.p[0, :, 0] > 0.8]
    truth = split.target.position[0][split.target.mask[0]]
    nearest = (sure[:, None] - truth).square().sum(-1).argmin(1)
    assert (sure - truth[nearest]).mean(0).abs().max() < 0.01


def test_sizes_and_samples(splits: Any) -> None:
    task = tiny()
    assert (len(splits.validation), len(splits.test)) == AMOUNTS["tiny"][1:]
    images, target = splits.train.batch(np.arange(3))
    assert images.shape == (3, 1, 26, 26)
    assert target.grid == (26, 26)
    assert splits.test.batch(np.arange(2))[0].shape == (2, 1, 64, 64)
    assert task.data_name == "simulated filaments"
    assert task.resampled == 0.0


def test_replicates_draw_other_frames(splits: Any) -> None:
    again, other = tiny().splits(0), tiny().splits(1)
    for part in ("train", "validation", "test"):
        ours, same, theirs = (getattr(s, part).frames for s in (splits, again, other))
        np.testing.assert_array_equal(ours, same)
        assert (ours != theirs).mean() > 0.5


def test_augmentation_is_an_option(splits: Any) -> None:
    images, target = splits.train.batch(np.arange(8))
    turned, _ = tiny().augment(images, target, np.random.default_rng(0))
    assert not torch.equal(turned, images)
    plain, _ = tiny(symmetries=False).augment(images, target, np.random.default_rng(0))
    assert torch.equal(plain, images)


METHODS = {
    "offsets": ("points", create_loss("heatmap_matching")),
    "refined": ("heatmap", create_loss("discrete_heatmap", decoder="gaussian", peaks=30)),
    "upsampled": (
        "heatmap",
        create_loss("discrete_heatmap", upsampling=8, bandwidth=WIDTH, peaks=30),
    ),
    "deep_storm": ("heatmap", create_loss("deep_storm", upsampling=8, bandwidth=WIDTH, peaks=30)),
}


@pytest.mark.parametrize("architecture", ["compact", "thesis"])
@pytest.mark.parametrize("method", METHODS)
def test_each_method_forward_and_backward(method: str, architecture: str) -> None:
    head, loss = METHODS[method]
    task = tiny(architecture=architecture, window=10)
    images, target = task.splits(0, head).train.batch(np.arange(2))
    torch.manual_seed(0)
    network = task.network(head, loss)
    value = loss(network(images), target).sum()
    value.backward()
    assert value.isfinite()
    assert all(weight.grad is not None for weight in network.parameters())


def test_losses_of_one_resolution_share_weights() -> None:
    made = []
    for method in ("upsampled", "deep_storm"):
        torch.manual_seed(0)
        made.append(tiny().network("heatmap", METHODS[method][1]).state_dict())
    assert all(torch.equal(made[0][name], made[1][name]) for name in made[0])


def test_losses_that_cannot_learn_this_are_skipped_with_a_reason() -> None:
    for name in ("soft_argmax", "discrete_heatmap", "deep_storm"):
        assert "one point in a map" in tiny().skip(create_loss(name))
    assert "learns from counts" in tiny().skip(create_loss("poisson_binomial"))
    for _, loss in METHODS.values():
        assert tiny().skip(loss) is None
    with pytest.raises(UsageError, match="heads are 'points' and 'heatmap', not 'events'"):
        tiny().network("events", OFFSETS)


def test_a_picture_is_kept_when_asked_for(splits: Any) -> None:
    output = knowing(splits.test)
    task = tiny(rendering=True)
    details = task.evaluate(Told(output), OFFSETS, splits.test, {"threshold": 0.5}).details
    sizes = {name: len(series["x"]) for name, series in details["rendering"].items()}
    assert sizes == dict.fromkeys(("molecules", "detections"), int(splits.test.target.mask.sum()))
    plain = tiny().evaluate(Told(output), OFFSETS, splits.test, {"threshold": 0.5}).details
    assert "rendering" not in plain
