"""Growing matchings against SciPy's Hopcroft-Karp, and by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from tasks.metrics.growing_matching import largest_matchings


@pytest.mark.parametrize("seed", range(30))
def test_every_size_is_that_of_the_largest_matching(seed):
    rng = np.random.default_rng(seed)
    near = rng.random(rng.integers(1, 30, 2)) < rng.choice([0.05, 0.15, 0.5])
    sizes = largest_matchings(near)
    for columns in range(1, near.shape[1] + 1):
        pairs = maximum_bipartite_matching(csr_matrix(near[:, :columns]), perm_type="column")
        assert sizes[columns] == (pairs >= 0).sum()


def test_others_are_paired_anew_to_free_a_row():
    near = np.array([[True, True, False], [True, False, True], [False, False, True]])
    assert largest_matchings(near).tolist() == [0, 1, 2, 3]


def test_a_second_detection_of_one_truth_is_no_pair():
    assert largest_matchings(np.ones((1, 3), bool)).tolist() == [0, 1, 1, 1]


def test_nothing_near_and_nothing_there():
    assert largest_matchings(np.zeros((4, 3), bool)).tolist() == [0, 0, 0, 0]
    assert largest_matchings(np.zeros((0, 2), bool)).tolist() == [0, 0, 0]


def test_a_chain_as_long_as_a_frame_has_molecules():
    n = 2000
    near = np.eye(n, dtype=bool) | np.eye(n, k=1, dtype=bool)
    assert largest_matchings(near)[-1] == n
