"""Counted pieces: what is told of them, their views, and how training pieces are divided."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tasks.drums import Drums
from tasks.splits.counted_pieces import CountedPieces, divided

ROWS = np.repeat(np.arange(6), 2)


@pytest.fixture(scope="module")
def whole(_cache):
    return Drums(size="tiny").splits(0)


def counted(whole, views="stretched", known=True):
    return CountedPieces(whole.train, known, views)


def draw(seed=0):
    return np.random.default_rng(seed)


def test_without_draws_pieces_are_whole(whole):
    inputs, target = counted(whole).batch(np.arange(6))
    plain, located = whole.train.batch(np.arange(6))
    assert torch.equal(inputs, plain)
    assert target.events is None
    assert torch.equal(target.counts, located.counts)


def test_of_unlabelled_pieces_no_count_is_told(whole):
    for given in (None, draw()):
        target = counted(whole, known=False).batch(ROWS, given)[1]
        assert (target.counts == -1).all()
        assert target.events is None


@pytest.mark.parametrize("views", ["stretched", "aligned"])
def test_both_views_of_a_piece_hold_the_same_onsets(whole, views):
    _, target = counted(whole, views).batch(ROWS, draw())
    assert torch.equal(target.counts[0::2], target.counts[1::2])
    lengths = target.mask.sum(-1)
    same = lengths[0::2] == lengths[1::2]
    assert bool(same.all()) == (views == "aligned")
    assert len(set(lengths.tolist())) > 3
    assert 75 / 1.25 <= lengths.min() <= lengths.max() <= 150


def test_counts_are_those_of_the_part_that_is_heard(whole):
    split = counted(whole)
    events = whole.train.labels(0)
    for seed in range(5):
        _, target = split.batch(ROWS, draw(seed))
        given = draw(seed)
        lengths = given.integers(75, 121, 6)
        start = given.integers(0, 151 - lengths)
        assert start.max() > 10
        for row, piece in enumerate(ROWS):
            heard = slice(start[piece], start[piece] + lengths[piece])
            assert torch.equal(target.counts[row], events[piece, :, heard].sum(-1).long())
            speed = lengths[piece] / float(target.mask[row].sum())
            assert 1 / 1.28 <= speed <= 1.25


def test_inputs_have_their_own_derivative_and_another_equaliser_for_each_view(whole):
    inputs, target = counted(whole, "aligned").batch(ROWS, draw())
    assert inputs.shape == (12, 80, 150)
    assert target.mask.shape == (12, 150)
    mel, rise = inputs[:, :40], inputs[:, 40:]
    torch.testing.assert_close(rise[:, :, 1:], 5 * (mel[:, :, 1:] - mel[:, :, :-1]))
    gain = mel[0::2] - mel[1::2]
    assert gain.abs().amax() > 0.1
    torch.testing.assert_close(gain, gain[:, :, :1].expand_as(gain), atol=1e-4, rtol=0)
    torch.testing.assert_close(rise[0::2], rise[1::2], atol=1e-3, rtol=0)


def test_the_same_draws_give_the_same_batch(whole):
    first, again, other = (counted(whole).batch(ROWS, draw(seed)) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1].mask, again[1].mask)
    assert not torch.equal(first[0], other[0])


def test_training_pieces_are_divided_and_smaller_sets_lie_in_larger_ones(whole):
    few, more = (divided(whole, n, 0, "stretched") for n in (4, 9))
    for made, n in ((few, 4), (more, 9)):
        some, rest = made.train.whole.members, made.unlabelled.whole.members
        assert len(made.train) == len(some) == n
        assert sorted([*some, *rest]) == sorted(whole.train.members)
        assert (made.train.known, made.unlabelled.known) == (True, False)
        assert made.test is whole.test
        assert made.validation is whole.validation
    assert set(few.train.whole.members) < set(more.train.whole.members)
    other = divided(whole, 4, 1, "stretched").train.whole.members
    assert set(other) != set(few.train.whole.members)
    pieces = few.train.batch(np.arange(4))[1].counts
    located = whole.train.pieces.cut(whole.train.pieces.event_time)[0]
    assert pieces.sum() == sum((located == member).sum() for member in few.train.whole.members)
