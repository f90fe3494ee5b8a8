"""The checkerboard task: oracle, constant and chance, detectors, and what is skipped."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from bench.plugin import NotFinite, PointPrediction, UsageError, create_loss, create_task

POINTS = create_loss("heatmap_matching")


def tiny(**options: Any) -> Any:
    return create_task("checkerboard", size="tiny", **options)


class Told(torch.nn.Module):
    """Gives, for each batch of pictures in turn, the points that were prepared for it."""

    def __init__(self, answers: list[PointPrediction]) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.answers = answers

    def forward(self, images: torch.Tensor) -> PointPrediction:
        now = self.answers[0]
        self.answers[0] = PointPrediction(now.position[len(images) :], now.p[len(images) :])
        if not len(self.answers[0].p):
            self.answers.pop(0)
        return PointPrediction(now.position[: len(images)], now.p[: len(images)])


def truth(task: Any, split: Any) -> list[PointPrediction]:
    """The corners of a split's boards, of its views, and of these at lower resolution."""
    boards = split.target
    views = split.views.position.reshape(len(split.views), -1, 2)
    places = [boards.position, *(torch.tensor(views / d).float() for d in (1, task.downsampling))]
    sure = [boards.mask.float()[..., None], *(torch.ones(*p.shape[:2], 1) for p in places[1:])]
    return [PointPrediction(place, p) for place, p in zip(places, sure, strict=True)]


def scores(task: Any, split: Any, answers: list[PointPrediction]) -> dict[str, float]:
    found: dict[str, float] = task.evaluate(
        Told(answers), POINTS, split, {"threshold": 0.5}
    ).metrics
    return found


def test_what_an_oracle_a_constant_and_chance_score() -> None:
    """Source of these numbers in docs/tasks/checkerboard.md: shown with ``pytest -rP``."""
    task = tiny(downsampling=4)
    split = task.splits(0).test
    draw = torch.Generator().manual_seed(0)
    right = truth(task, split)
    grid = [
        torch.cartesian_prod(*(torch.arange(2.0, size, 4) for size in sizes)).expand(n, -1, 2)
        for n, sizes in ((40, (96, 96)), (4, (600, 480)), (4, (150, 120)))
    ]
    everywhere = [PointPrediction(one, torch.ones(*one.shape[:2], 1)) for one in grid]
    sides = [torch.tensor(s) for s in ((96.0, 96.0), (600.0, 480.0), (150.0, 120.0))]
    anywhere = [
        PointPrediction(torch.rand(one.position.shape, generator=draw) * side, one.p)
        for one, side in zip(right, sides, strict=True)
    ]
    found = {
        name: scores(task, split, list(answers))
        for name, answers in (("oracle", right), ("constant", everywhere), ("chance", anywhere))
    }
    for name, values in found.items():
        print(name, {metric: round(value, 3) for metric, value in values.items()})
    oracle, constant, chance = found.values()
    assert oracle["f1"] == oracle["complete"] == 1.0
    assert oracle["deviation"] < 1e-4
    assert oracle["displacement"] < 1e-3
    assert oracle["reprojection_rms"] < 0.05
    assert oracle["boards_found"] == 4
    assert constant["recall"] > 0.99
    assert constant["precision"] < 0.06
    assert constant["deviation"] == pytest.approx(1.53, abs=0.15)  # of points in cells of 4 px
    assert constant["boards_found"] == 0
    assert chance["f1"] < 0.15
    assert chance["boards_found"] == 0


def test_duplicates_next_to_a_corner_cost_nothing_and_elsewhere_they_do() -> None:
    task = tiny()
    split = task.splits(0).test
    right = truth(task, split)
    for shift, precision in ((1.0, 1.0), (4.5, 0.5)):
        twice = [
            PointPrediction(
                torch.cat([one.position, one.position + shift], 1),
                torch.cat([one.p, 0.9 * one.p], 1),
            )
            for one in right
        ]
        assert scores(task, split, twice)["precision"] == pytest.approx(precision, abs=0.02)


@pytest.mark.parametrize("name", ["opencv_classic", "chess_corners"])
def test_a_detector_is_evaluated_like_a_network(name: str) -> None:
    task, method = tiny(), create_loss(name)
    assert task.skip(method) is None
    splits = task.splits(0)
    decoding = task.calibrate(None, method, splits.validation)
    found = task.evaluate(None, method, splits.test, decoding)
    assert found.details["opencv"].count(".") >= 1
    assert found.metrics["displacement"] < 0.5
    assert found.metrics["ms_per_image"] > 0
    assert found.metrics["recall"] > 0.2
    if name == "opencv_classic":  # whole boards or nothing: T5
        there = np.array(found.samples["tp"])
        all_or_nothing = (there == 0) | (np.array(found.samples["fn"]) == 0)
        assert all_or_nothing.mean() > 0.8


def test_validation_has_no_views() -> None:
    task = tiny()
    torch.manual_seed(0)
    network = task.network("points", POINTS)
    values = task.evaluate(network, POINTS, task.splits(0).validation, {"threshold": 0.5}).metrics
    assert math.isnan(values["displacement"])
    assert math.isfinite(values["f1"])
    assert set(values) == {metric.name for metric in task.metrics}


def test_maps_are_read_where_their_peaks_are() -> None:
    task, loss = tiny(), create_loss("discrete_heatmap", peaks=60, decoder="gaussian", bandwidth=2)
    split = task.splits(0).validation
    _, target = split.batch(np.arange(len(split)))
    cells = torch.arange(96.0) + 0.5
    axes = [torch.exp(-((target.position[..., a, None] - cells) ** 2) / 4) for a in (0, 1)]
    maps = torch.einsum("bmx,bmy->bxy", axes[0] * target.mask[..., None], axes[1])
    logits = torch.logit(maps.clamp(1e-6, 1 - 1e-6))[:, None]

    class Map(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return logits[: len(images)]

    values = task.evaluate(Map(), loss, split, {"threshold": 0.4}).metrics
    assert values["f1"] > 0.99
    assert values["deviation"] < 0.05


def test_replicates_are_drawn_anew_and_splits_repeat() -> None:
    first, again, other = (tiny().splits(replicate) for replicate in (0, 0, 1))
    rows = np.arange(8)
    assert torch.equal(first.train.batch(rows)[0], again.train.batch(rows)[0])
    assert not torch.equal(first.train.batch(rows)[0], other.train.batch(rows)[0])
    assert tiny(downsampling=6).data_version == tiny().data_version
    assert [len(part) for part in (first.train, first.validation, first.test)] == [160, 40, 40]


def test_what_is_skipped_and_why() -> None:
    task = tiny()
    assert "a single point from a map" in str(task.skip(create_loss("soft_argmax")))
    assert "say nothing of the place" in str(task.skip(create_loss("poisson_binomial")))
    assert "finer maps" in str(task.skip(create_loss("discrete_heatmap", upsampling=8)))
    assert task.skip(create_loss("discrete_heatmap")) is None
    assert task.skip(POINTS) is None


def test_output_that_is_not_finite_is_refused_and_so_is_another_head() -> None:
    task = tiny()
    network = task.network("points", POINTS)
    for weight in network.parameters():
        weight.data.fill_(math.nan)
    with pytest.raises(NotFinite):
        task.evaluate(network, POINTS, task.splits(0).test, {"threshold": 0.5})
    with pytest.raises(UsageError, match="not 'events'"):
        task.network("events", POINTS)
