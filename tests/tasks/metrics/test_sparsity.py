"""Share of the probability mass that is undecided, at once and batch by batch."""

import numpy as np
import pytest

from tasks.metrics.sparsity import ProbabilityMass, undecided


def test_mass_between_the_ends_is_undecided():
    assert undecided(np.array([0.99, 0.01, 1.0])) == 0.0
    assert undecided(np.array([0.5, 1.0])) == pytest.approx(1 / 3)
    assert np.isnan(undecided(np.zeros(3)))


def test_batches_add_up():
    p = np.random.default_rng(0).random((7, 3, 20))
    mass = ProbabilityMass()
    for batch in np.split(p, [2, 5]):
        mass.add(batch)
    assert mass.undecided == pytest.approx(undecided(p), rel=1e-12)
