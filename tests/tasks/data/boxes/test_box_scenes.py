"""Scenes of boxes: what is redundant, missing, displaced, and what is said of it."""

import numpy as np
import pytest
import torch

from tasks.data.boxes import box_scenes
from tasks.data.boxes.box_overlap import box_overlap
from tasks.data.boxes.box_scenes import APPEARANCE, KINDS, OBJECTS, PROPOSALS, scenes

N = 1500


@pytest.fixture(scope="module")
def made():
    return scenes(np.random.default_rng(0), N, 0.6)


def overlaps(made):
    objects = np.nan_to_num(made.objects)
    return box_overlap(torch.from_numpy(made.boxes), torch.from_numpy(objects)).numpy()


def test_forms_and_counts(made):
    assert made.appearance.shape == (N, PROPOSALS, APPEARANCE)
    assert made.boxes.shape == (N, PROPOSALS, 4)
    assert np.isfinite(made.boxes).all()
    assert (made.boxes[..., 2:] > made.boxes[..., :2]).all()
    present = made.kind >= 0
    np.testing.assert_array_equal(present, np.isfinite(made.objects).all(-1))
    assert set(present.sum(1)) == set(range(2, OBJECTS + 1))
    counts = made.wanted.sum(1)
    assert set(counts) == set(range(OBJECTS + 1))
    assert np.bincount(counts).max() / N < 0.3  # no constant counts well


def test_boxes_are_redundant_and_some_objects_have_none(made):
    present = made.kind >= 0
    own = (made.source[:, :, None] == np.arange(OBJECTS)).sum(1)[present]
    assert own.mean() == pytest.approx(0.95 * 3, rel=0.05)
    assert (own == 0).mean() == pytest.approx(0.05, abs=0.02)
    assert (own >= 2).mean() > 0.7
    assert (made.source < 0).mean() > 0.3  # of nothing in particular


def test_proposals_lie_on_their_objects_and_others_seldom_do(made):
    overlap = overlaps(made)
    rows = np.arange(N)[:, None]
    own = overlap[rows, np.arange(PROPOSALS), np.maximum(made.source, 0)]
    of_objects = own[made.source >= 0]
    assert (of_objects > 0.5).mean() > 0.85
    best = overlap.max(2)[made.source < 0]
    assert (best > 0.5).mean() < 0.15


def test_neighbours_of_one_kind_may_overlap_more_than_boxes_of_one_object(made):
    """Otherwise greedy suppression would be right by construction."""
    objects = torch.from_numpy(np.nan_to_num(made.objects))
    between = box_overlap(objects, objects).numpy()
    same = made.wanted[:, :, None] & made.wanted[:, None, :] & ~np.eye(OBJECTS, dtype=bool)
    assert (between[same] > 0.4).mean() > 0.02


def test_looks_tell_kinds_where_boxes_fit_and_noise_is_added():
    quiet = scenes(np.random.default_rng(1), 300, 0.0)
    loud = scenes(np.random.default_rng(1), 300, 1.0)
    np.testing.assert_array_equal(quiet.boxes, loud.boxes)
    assert np.std(loud.appearance - quiet.appearance) == pytest.approx(1, abs=0.01)
    fits = overlaps(quiet).max(2) > 0.7
    own = quiet.source >= 0
    kind = np.take_along_axis(quiet.kind, np.maximum(quiet.source, 0), 1)
    means = np.stack([quiet.appearance[fits & own & (kind == k)].mean(0) for k in range(KINDS)])
    looks = quiet.appearance[fits & own]
    nearest = ((looks[:, None] - means) ** 2).sum(-1).argmin(1)
    assert (nearest == kind[fits & own]).mean() > 0.95


def test_the_order_of_boxes_says_nothing(made):
    place = np.broadcast_to(np.arange(PROPOSALS), made.source.shape)
    assert place[made.source >= 0].mean() == pytest.approx((PROPOSALS - 1) / 2, abs=0.3)


def test_draws_alone_decide():
    one, again, other = (scenes(np.random.default_rng(seed), 5, 0.6) for seed in (0, 0, 1))
    for name in vars(one):
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
    assert not np.array_equal(one.boxes, other.boxes)


def test_prototypes_are_those_of_every_scene():
    look = box_scenes._prototypes()
    np.testing.assert_array_equal(look, box_scenes._prototypes())
    np.testing.assert_allclose((look**2).mean(1), 1)
