"""Networks of keypoints: the shape of their maps, and what they see."""

from __future__ import annotations

import pytest
import torch

from tasks.networks.keypoint_networks import Compact, Published


@pytest.mark.parametrize("shape", [(48, 48), (64, 48)])
def test_compact_maps_are_a_quarter_of_the_image(shape: tuple[int, int]) -> None:
    images = torch.zeros(2, 3, *shape, dtype=torch.uint8)
    assert Compact(3, 5)(images).shape == (2, 5, shape[0] // 4, shape[1] // 4)


def test_published_maps_are_a_quarter_of_the_image_and_may_have_a_depth() -> None:
    images = torch.zeros(1, 3, 64, 32, dtype=torch.uint8)
    with torch.no_grad():
        assert Published(3, 5, 18).eval()(images).shape == (1, 5, 16, 8)
        assert Published(3, 5, 18, depth=4).eval()(images).shape == (1, 5, 4, 16, 8)


def test_every_cell_of_the_compact_network_sees_the_whole_image() -> None:
    torch.manual_seed(0)
    net = Compact(1, 1).eval()
    images = torch.full((1, 1, 48, 48), 100, dtype=torch.uint8)
    changed = images.clone()
    changed[..., :8, :8] = 200
    with torch.no_grad():
        difference = (net(changed) - net(images)).abs()
    assert (difference[0, 0] > 0).all()
