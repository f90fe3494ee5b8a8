"""Networks of corners: places in pixels, any size, the published ones."""

from __future__ import annotations

import pytest
import torch

from bench.plugin import PointPrediction, PointTarget, create_loss
from tasks.networks.corner_networks import (
    STRIDE,
    compact_map,
    compact_points,
    thesis_map,
    thesis_points,
)


@pytest.mark.parametrize("make", [compact_points, thesis_points])
def test_zero_logits_are_the_middle_of_a_cell(make: object) -> None:
    """The trap T8: x first, the centre of the first cell at half its side."""
    network = make()  # type: ignore[operator]
    torch.nn.init.zeros_(network.head.weight)
    torch.nn.init.zeros_(network.head.bias)
    found = network(torch.zeros(2, 1, 12, 24))
    assert isinstance(found, PointPrediction)
    assert found.position.shape == (2, 18, 2)
    assert found.position[0, 0].tolist() == [2, 2]
    assert found.position[0, 1].tolist() == [2 + STRIDE, 2]
    assert found.position[0, 6].tolist() == [2, 2 + STRIDE]
    torch.nn.init.constant_(network.head.bias, 50.0)
    assert network(torch.zeros(1, 1, 12, 24)).position[0, -1].tolist() == [24, 12]


@pytest.mark.parametrize("make", [compact_map, thesis_map])
def test_a_map_has_a_cell_for_each_pixel_x_first(make: object) -> None:
    network = make()  # type: ignore[operator]
    assert network(torch.zeros(2, 1, 10, 23)).shape == (2, 1, 23, 10)


@pytest.mark.parametrize("make", [compact_points, compact_map])
def test_a_corner_further_on_is_seen_further_on(make: object) -> None:
    torch.manual_seed(0)
    network = make()  # type: ignore[operator]
    image = torch.zeros(1, 1, 48, 64)
    image[..., 20:24, 28:32] = 1.0
    moved = image.roll((8, 12), (2, 3))
    with torch.no_grad():
        first, second = (network(one) for one in (image, moved))
    if isinstance(first, PointPrediction):
        p = [one.p.view(12, 16) for one in (first, second)]
        torch.testing.assert_close(p[0][3:8, 4:10], p[1][5:10, 7:13])
    else:
        torch.testing.assert_close(first[0, 0, 20:40, 14:30], second[0, 0, 32:52, 22:38])


@pytest.mark.parametrize(
    ("make", "loss"),
    [(thesis_points, "heatmap_matching"), (thesis_map, "discrete_heatmap")],
)
def test_the_published_networks_train(make: object, loss: str) -> None:
    torch.manual_seed(0)
    network = make()  # type: ignore[operator]
    target = PointTarget(torch.tensor([[[9.0, 14.0]]]), torch.ones(1, 1, dtype=torch.bool))
    value = create_loss(loss)(network(torch.rand(1, 1, 24, 32)), target).mean()
    value.backward()
    assert all(weight.grad.isfinite().all() for weight in network.parameters())
