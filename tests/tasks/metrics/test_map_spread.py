"""Spread of maps: known distributions in one, two and three axes."""

from __future__ import annotations

import math

import pytest
import torch

from tasks.metrics.map_spread import map_spread


def test_even_maps_have_the_spread_of_a_uniform_distribution() -> None:
    flat = map_spread(torch.zeros(1, 2, 5, 9))
    want = math.sqrt((5**2 - 1) / 12 + (9**2 - 1) / 12)
    assert flat.tolist() == [pytest.approx([want, want])]
    assert map_spread(torch.zeros(1, 1, 7)).item() == pytest.approx(2.0)
    assert map_spread(torch.zeros(1, 1, 3, 3, 3)).item() == pytest.approx(math.sqrt(2))


def test_one_possible_cell_has_none_and_two_half_their_distance() -> None:
    logits = torch.full((1, 1, 4, 8), -math.inf)
    logits[..., 1, 1] = 3.0
    assert map_spread(logits).item() == 0.0
    logits[..., 1, 7] = 3.0
    assert map_spread(logits).item() == pytest.approx(3.0)
