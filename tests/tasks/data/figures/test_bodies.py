"""Bodies: lengths that hold in every pose, and which side is left."""

from __future__ import annotations

import numpy as np

from tasks.data.figures.bodies import KEYPOINTS, TRUNK, draw_bodies

BODIES = draw_bodies(np.random.default_rng(0), 2000)


def test_limbs_keep_their_lengths() -> None:
    for begin, end, length in (
        (BODIES.shoulder, BODIES.elbow, 0.17),
        (BODIES.elbow, BODIES.hand, 0.17),
        (BODIES.leg, BODIES.knee, 0.24),
        (BODIES.knee, BODIES.foot, 0.24),
    ):
        np.testing.assert_allclose(np.linalg.norm(end - begin, axis=-1), length)


def test_the_trunk_is_about_as_long_as_its_constant_says() -> None:
    long = np.linalg.norm(BODIES.head - BODIES.hip, axis=-1)
    assert abs(long.mean() / TRUNK - 1) < 0.01
    assert long.min() > 0.9 * TRUNK


def test_left_is_on_the_right_of_a_front_view_and_on_the_left_of_a_back_view() -> None:
    right_of_the_other = BODIES.shoulder[:, 0, 1] > BODIES.shoulder[:, 1, 1]
    np.testing.assert_array_equal(right_of_the_other, BODIES.front)


def test_joints_alone_do_not_tell_front_from_back() -> None:
    """Mirrored, a figure seen from the back is drawn like one from the front."""
    width = [
        np.abs(BODIES.hand[rows, 0, 1] - BODIES.hand[rows, 1, 1]).mean()
        for rows in (BODIES.front, ~BODIES.front)
    ]
    assert abs(width[0] - width[1]) < 0.03
    assert 0.75 < BODIES.front.mean() < 0.85


def test_keypoints_stand_in_their_order() -> None:
    points = BODIES.keypoints
    assert points.shape == (2000, len(KEYPOINTS), 2)
    np.testing.assert_array_equal(points[:, KEYPOINTS.index("right hand")], BODIES.hand[:, 1])
    np.testing.assert_array_equal(points[:, KEYPOINTS.index("left foot")], BODIES.foot[:, 0])
