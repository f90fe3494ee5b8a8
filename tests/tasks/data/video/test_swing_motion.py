"""The motion of a swing: events in order, poses that the events are defined by, smoothness."""

import numpy as np
import pytest

from tasks.data.video.swing_motion import AFTER, BEFORE, EVENTS, TOP, draw_swings

FRAMES = 80
N = 300


@pytest.fixture(scope="module")
def swings():
    return draw_swings(np.random.default_rng(5), N, FRAMES)


def poses(swings, event, shift=0.0):
    clip = np.arange(N)
    return swings.pose(clip, swings.time[clip, event] + shift).T


def test_events_follow_one_another_within_the_clip(swings):
    assert (np.diff(swings.time, axis=1) >= 1).all()
    assert (swings.time[:, 0] >= BEFORE).all()
    assert (swings.time[:, -1] <= FRAMES - AFTER).all()


@pytest.mark.parametrize(
    ("event", "joint", "degrees"),
    [
        ("toe_up", 1, 90),
        ("mid_backswing", 0, 90),
        ("mid_downswing", 0, 90),
        ("mid_follow_through", 1, -90),
    ],
)
def test_arm_or_shaft_is_level_where_the_event_says_so(swings, event, joint, degrees):
    angle = poses(swings, EVENTS.index(event))[joint]
    np.testing.assert_allclose(np.rad2deg(angle), degrees, atol=1e-9)


def test_the_arm_turns_round_at_the_top(swings):
    before, at, after = (poses(swings, TOP, shift)[0] for shift in (-1.0, 0.0, 1.0))
    assert (before < at).all()
    assert (after < at).all()


def test_curves_overshoot_nowhere(swings):
    start, end = swings.time[:, TOP], swings.time[:, TOP + 2]
    clip = np.arange(N)
    for share in np.linspace(0, 1, 21):
        arm = swings.pose(clip, start + share * (end - start))[:, 0]
        assert (arm <= swings.knots[:, 0, TOP] + 1e-9).all()
        assert (arm >= swings.knots[:, 0, TOP + 2] - 1e-9).all()


def test_golfers_move_before_and_after_the_swing(swings):
    early = poses(swings, 0, -12.0) - poses(swings, 0, -14.0)
    late = poses(swings, 7, 4.0) - poses(swings, 7, 0.0)
    assert np.abs(early[1]).mean() > 0.02
    assert np.abs(late[1]).mean() > 0.1
    assert np.abs(early[3]).max() > 0.02  # some step up to the ball


def test_some_swings_are_filmed_in_slow_motion(swings):
    length = swings.time[:, 5] - swings.time[:, 0]
    assert 0.1 < (length >= 45).mean() < 0.4
