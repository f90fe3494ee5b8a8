"""Peaks taken off one by one, against whole Gaussians taken off whole maps."""

import numpy as np
import pytest
import torch

from losses._shared.heatmap_peaks import find

torch.set_num_threads(1)


def whole(one, peaks, width):
    """Places and values of the largest cells, each taken off everywhere."""
    rest, cells = one.copy(), np.indices(one.shape) + 0.5
    places, values = [], []
    for _ in range(peaks):
        place = np.unravel_index(rest.argmax(), rest.shape)
        places.append([index + 0.5 for index in place])
        values.append(max(rest[place], 0.0))
        distance = sum((c - x) ** 2 for c, x in zip(cells, places[-1], strict=True))
        rest -= np.exp(-distance / width**2)
    return places, values


@pytest.mark.parametrize("grid", [(40,), (30, 25), (3, 50), (9, 8, 12), (1, 7)])
@pytest.mark.parametrize("width", [0.5, 1.4, 4.0])
def test_gaussians_that_end_leave_nothing_behind(grid, width):
    maps = torch.rand(3, *grid, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    place, value = find(maps, 6, width, refined=False)
    for row in range(3):
        places, values = whole(maps[row].numpy(), 6, width)
        np.testing.assert_allclose(place[row].numpy(), places)
        np.testing.assert_allclose(value[row].numpy(), values, atol=1e-7)


def test_maps_stay_as_they_were():
    maps = torch.rand(2, 6, 6)
    before = maps.clone()
    find(maps, 3, 1.0, refined=True)
    assert torch.equal(maps, before)
