"""One convention of coordinates: one truth goes into every loss and comes out of its decoder.

Cell i covers ``[i, i + 1)`` and its centre is at i + 0.5, in cells of the input grid. Nothing here
but the truth is placed: predictions begin without an opinion and follow the loss's own gradient.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

import losses
from bench.plugin import (
    EventTarget,
    HeatmapTarget,
    Loss,
    PointPrediction,
    PointTarget,
    time_of_bin,
)
from bench.plugin.registry import losses as registry

TRUTH = (6.5, 2.5)  # the centre of a cell, so that heads of bins and of points can say it
GRID = (10, 6)
LOCALISING = [
    name
    for name in registry.names()
    if registry.get(name).needs_locations
    and registry.get(name).views == 1
    and registry.get(name).trains
]


def taking(head: str) -> list[str]:
    return [name for name in LOCALISING if head in registry.get(name).heads]


def descend(loss: Loss, start: Tensor, pack: Any, target: Any, steps: int = 150) -> Any:
    """The prediction that the loss's gradient leads to."""
    torch.manual_seed(0)
    leaf = start.clone().requires_grad_()
    optimizer = torch.optim.Adam([leaf], lr=0.2)
    for step in range(steps):
        optimizer.zero_grad()
        loss(pack(leaf), target, (step + 1) / steps).sum().backward()
        optimizer.step()
    with torch.no_grad():
        return loss.decode(pack(leaf))


@pytest.mark.parametrize("name", taking("events"))
def test_events(name: str) -> None:
    step, loss = 0.1, losses.create(name)  # as long as losses are soft by default
    target = EventTarget.from_times([[[TRUTH[0] * step]]], step, GRID[0])
    scores = descend(loss, torch.zeros(1, 1, GRID[0]), torch.sigmoid, target)
    assert time_of_bin(int(scores.argmax()), step) == pytest.approx(TRUTH[0] * step)


def test_upsampled_events() -> None:
    loss = losses.create("discrete_heatmap", upsampling=3, bandwidth=0.5)
    target = EventTarget.from_times([[[TRUTH[0]]]], 1.0, GRID[0])
    scores = descend(loss, torch.zeros(1, 1, 3 * GRID[0]), torch.sigmoid, target)
    assert time_of_bin(int(scores.argmax()), 1.0 / 3) == pytest.approx(TRUTH[0])


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("name", taking("heatmap"))
def test_heatmaps(name: str, dim: int) -> None:
    if "events" in registry.get(name).heads and dim == 1:
        pytest.skip("maps over one axis have the form of events, which it reads them as")
    truth = torch.tensor([[TRUTH[:dim]]])
    target = HeatmapTarget(truth, grid=GRID[:dim])
    # At its own weight the variance counts for more than a tenth of a cell, as it is meant to.
    options = {"weight": 1.0} if name == "variance_regularized" else {}
    loss = losses.create(name, **options)
    found = descend(loss, torch.zeros(1, 1, *GRID[:dim]), lambda x: x, target)
    torch.testing.assert_close(found.position, truth, rtol=0, atol=0.1)


@pytest.mark.parametrize("upsampling", [2, 3])
@pytest.mark.parametrize("several", [False, True])
def test_upsampled_heatmaps(upsampling: int, several: bool) -> None:
    loss = losses.create("discrete_heatmap", upsampling=upsampling, decoder="gaussian")
    truth = torch.tensor([[TRUTH]])
    target: HeatmapTarget | PointTarget = HeatmapTarget(truth, grid=GRID)
    if several:
        target = PointTarget(truth, torch.ones(1, 1, dtype=torch.bool), grid=GRID)
    start = torch.zeros(1, 1, *(upsampling * size for size in GRID))
    found = descend(loss, start, lambda x: x, target)
    torch.testing.assert_close(found.position, truth, rtol=0, atol=0.1)


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("name", taking("points"))
def test_points(name: str, dim: int) -> None:
    """Offsets within the cells of the grid, as a network gives them, and their probabilities."""
    cells = torch.cartesian_prod(*map(torch.arange, GRID[:dim])).view(-1, dim).float()
    truth = torch.tensor([[TRUTH[:dim]]])

    def pack(leaf: Tensor) -> PointPrediction:
        fractions = torch.sigmoid(leaf)
        return PointPrediction(cells + fractions[..., :dim], fractions[..., dim:], cell=cells)

    start = torch.full((1, len(cells), dim + 1), 0.3)
    target = PointTarget(truth, torch.ones(1, 1, dtype=torch.bool))
    loss = losses.create(name, bandwidth=1.0) if name == "heatmap_matching" else losses.create(name)
    found = descend(loss, start, pack, target, steps=300)
    best = found.position[0, found.p[0, :, 0].argmax()]
    torch.testing.assert_close(best, truth[0, 0], rtol=0, atol=0.1)


def test_every_loss_that_localises_was_asked() -> None:
    asked = {name for head in ("events", "heatmap", "points") for name in taking(head)}
    assert asked == set(LOCALISING)
