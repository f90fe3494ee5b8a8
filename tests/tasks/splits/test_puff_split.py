"""Pieces and sessions, who is left out, and label noise that loses no puff (traps 12 and 16)."""

import numpy as np
import pytest
import torch

from bench.plugin import UsageError
from tasks.data.sensors.sessions import FEATURES, Scale, Session
from tasks.splits.puff_split import PIECE, PuffPieces, WholeSessions, leave_out, noisy_labels

LENGTHS = (70, 120, 90)


def sessions(people=(0, 0, 1), lengths=LENGTHS):
    draw = np.random.default_rng(0)
    return [
        Session(person, draw.normal(size=(n, FEATURES)).astype(np.float32), draw.random(n) < 0.2)
        for person, n in zip(people, lengths, strict=True)
    ]


def pieces():
    found = sessions()
    return PuffPieces.of(found, Scale.of(found), [one.puff.astype(np.float32) for one in found])


def test_a_piece_begins_at_every_cycle_and_ends_with_its_session():
    made = pieces()
    assert len(made) == sum(LENGTHS)
    inputs, target = made.batch(np.arange(len(made)))
    assert inputs.shape == (len(made), PIECE, FEATURES)
    first = 0
    for session in sessions():
        for start in (0, 1, len(session) - PIECE, len(session) - PIECE + 1, len(session) - 1):
            row, left = first + start, min(PIECE, len(session) - start)
            expected = session.puff[start : start + left]
            np.testing.assert_array_equal(target.events[row, 0, :left], expected)
            assert target.mask[row].tolist() == [True] * left + [False] * (PIECE - left)
            assert inputs[row, left:].abs().sum() == 0
        first += len(session)


def test_counts_of_pieces_are_those_of_their_sessions():
    _, target = pieces().batch(np.arange(sum(LENGTHS)))
    first = sessions()[0].puff
    windows = [first[start : start + PIECE].sum() for start in range(len(first))]
    assert target.counts[: LENGTHS[0], 0].tolist() == windows


def test_whole_sessions_are_padded_behind():
    found = sessions()
    split = WholeSessions.of(found, Scale.of(found))
    inputs, target = split.batch(np.array([2, 0]))
    assert inputs.shape == (2, max(LENGTHS), FEATURES)
    assert target.mask.sum(1).tolist() == [90, 70]
    assert target.counts[:, 0].tolist() == [found[2].puff.sum(), found[0].puff.sum()]
    assert split.unit.tolist() == [0, 0, 1]
    assert len(split.truth) == sum(one.puff.sum() for one in found)
    assert (split.truth.time % 1 == 0.5).all()


def test_training_validation_and_test_share_no_session_and_test_shares_no_person():
    people = np.repeat(np.arange(4), 5)
    found = sessions(people, [30] * 20)
    parts = leave_out(found, {1, 3}, np.random.default_rng(0))
    assert [len(part) for part in parts] == [8, 2, 10]
    ids = [{id(one) for one in part} for part in parts]
    assert not ids[0] & ids[1]
    assert not (ids[0] | ids[1]) & ids[2]
    assert {one.person for one in parts[2]} == {1, 3}
    assert {one.person for one in (*parts[0], *parts[1])} == {0, 2}


def test_two_sessions_are_needed_beside_those_left_out():
    with pytest.raises(UsageError, match="two sessions or more of people who are not left out"):
        leave_out(sessions((0, 0, 1)), {0}, np.random.default_rng(0))
    assert [len(part) for part in leave_out(sessions(), {1}, np.random.default_rng(0))] == [1, 1, 1]


def labelled(moves, puffs=(2, 3, 8), cycles=10):
    puff = np.zeros(cycles, bool)
    puff[list(puffs)] = True
    [labels] = noisy_labels([Session(0, np.zeros((cycles, FEATURES)), puff)], np.array(moves))
    return labels.tolist()


def test_labels_that_meet_in_a_cycle_all_count():
    assert labelled([1.0, 0.0, 0.0]) == [0, 0, 0, 2, 0, 0, 0, 0, 1, 0]


def test_labels_are_rounded_to_cycles_and_clipped_to_their_session():
    assert labelled([-7.0, 0.6, 5.0]) == [1, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    assert labelled([-0.4, 0.4, 0.4]) == labelled([0.0, 0.0, 0.0])


def test_no_label_is_lost_nor_enters_another_session():
    found = sessions()
    total = sum(int(one.puff.sum()) for one in found)
    moves = np.random.default_rng(1).normal(0, 30, total)
    moved = noisy_labels(found, moves)
    assert [int(labels.sum()) for labels in moved] == [int(one.puff.sum()) for one in found]
    still = noisy_labels(found, np.zeros(total))
    assert any((a != b).any() for a, b in zip(moved, still, strict=True))


def test_a_batch_carries_two_labels_of_one_cycle():
    puff = np.zeros(60, bool)
    puff[[5, 6]] = True
    found = [Session(0, np.ones((60, FEATURES), np.float32), puff)]
    labels = noisy_labels(found, np.array([1.0, 0.0]))
    _, target = PuffPieces.of(found, Scale.of(found), labels).batch(np.array([0]))
    assert target.events[0, 0, 6] == 2
    assert target.counts.tolist() == [[2]]
    assert isinstance(target.events, torch.Tensor)
