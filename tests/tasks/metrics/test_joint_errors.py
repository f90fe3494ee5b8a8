"""Errors in space: by hand, against SciPy, and what a similarity transform takes away."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import procrustes
from scipy.spatial.transform import Rotation

from tasks.metrics.joint_errors import aligned_errors, joint_errors

DRAW = np.random.default_rng(0)
TRUTH = DRAW.normal(0, 300, (5, 17, 3))


def test_errors_are_relative_to_the_root_which_has_none() -> None:
    found = TRUTH + np.array([10.0, 20.0, 30.0])
    found[:, 4] += [0.0, 3.0, 4.0]
    errors = joint_errors(found, TRUTH)
    np.testing.assert_allclose(errors[:, 4], 5.0)
    assert np.delete(errors, 4, 1).max() < 1e-9


def test_a_similarity_transform_costs_nothing_and_a_reflection_does() -> None:
    turned = 1.7 * TRUTH @ Rotation.from_rotvec([0.3, -1.2, 0.8]).as_matrix() + 50.0
    assert aligned_errors(turned, TRUTH).max() < 1e-6
    assert aligned_errors(TRUTH * [-1, 1, 1], TRUTH).mean() > 100


def test_squares_are_those_of_scipy() -> None:
    found = TRUTH + DRAW.normal(0, 40, TRUTH.shape)
    for mine, one, two in zip(aligned_errors(found, TRUTH), found, TRUTH, strict=True):
        norm = ((two - two.mean(0)) ** 2).sum()
        assert (mine**2).sum() / norm == pytest.approx(procrustes(two, one)[2], rel=1e-9)
