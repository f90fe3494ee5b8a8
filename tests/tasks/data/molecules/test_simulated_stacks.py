"""Simulated stacks: crowded as the published ones, and positions where the light is."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from tasks.data.molecules.simulated_stacks import simulated_stack
from tasks.data.original.storm_stacks import convention


@pytest.fixture(scope="module")
def stack():
    return simulated_stack(np.random.default_rng(3), 40)


def test_as_crowded_as_the_published_test_stack(stack):
    """There the nearest neighbour is 18, 71 and 221 nm away, and a third share their pixel."""
    nearest, shared = [], []
    for frame in range(len(stack)):
        place = stack.position[stack.frame == frame]
        nearest += (100 * cKDTree(place).query(place, 2)[0][:, 1]).tolist()
        _, counts = np.unique(np.floor(place), axis=0, return_counts=True)
        shared.append(counts[counts > 1].sum() / len(place))
    np.testing.assert_allclose(np.quantile(nearest, [0.1, 0.5, 0.9]), [18, 71, 221], rtol=0.3)
    assert np.mean(shared) == pytest.approx(0.34, abs=0.08)


def test_positions_are_where_the_light_is(stack):
    """Light of molecules that are not labelled, and varying brightness, make the fit imperfect."""
    found = convention(stack)
    assert found.correlation > 0.8
    assert abs(found.row) < 0.06
    assert abs(found.column) < 0.06


def test_some_frames_keep_their_molecules_and_their_order(stack):
    some = stack.take(np.array([7, 3]))
    np.testing.assert_array_equal(some.frames, stack.frames[[7, 3]])
    for new, old in enumerate((7, 3)):
        np.testing.assert_array_equal(
            some.position[some.frame == new], stack.position[stack.frame == old]
        )
