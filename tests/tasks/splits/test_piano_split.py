"""The piano split: labels per bin, stretching, stacking, counts, joining."""

import dataclasses

import numpy as np
import pytest
import torch

from bench.plugin import UsageError
from tasks.data.audio.piano_pieces import PianoGrid, PianoPieces
from tasks.metrics.event_lists import Events
from tasks.splits.piano_split import PianoSplit, piano_splits, stacked

GRID = PianoGrid(0.05, "semitones", 4, (0.8, 1.0, 1.25))


def corpus(times=(0.2, 0.21, 1.6, 2.9, 0.4), recordings=2):
    draw = np.random.default_rng(0)
    n = 2 * recordings
    return PianoPieces(
        grid=GRID,
        features=draw.standard_normal((n, 30, 4)).astype(np.float16),
        recording=np.repeat(np.arange(recordings), 2),
        name=np.array([f"piece {i}" for i in range(recordings)]),
        part=np.array(["train"] * (recordings - 1) + ["test"]),
        event_recording=np.array([0, 0, 0, 0, 1]),
        event_key=np.array([60, 60, 61, 100, 60]),
        event_time=np.array(times),
    )


def split(**changes):
    pieces = corpus()
    made = PianoSplit(pieces, np.arange(4), (60, 3), pieces.event_time)
    return dataclasses.replace(made, **changes)


def test_two_events_of_a_key_in_one_bin_count_two():
    """Trap 16."""
    labels = split().labels(np.arange(4), 1.0)
    assert labels.shape == (4, 3, 30)
    assert labels[0, 0, 4] == 2
    assert labels[1, 1, 2] == 1
    assert labels[2, 0, 8] == 1
    assert labels.sum() == 4  # the key 100 is not asked for


def test_rows_in_any_order_and_twice():
    whole = split().labels(np.arange(4), 1.0)
    torch.testing.assert_close(split().labels(np.array([2, 0, 0]), 1.0), whole[[2, 0, 0]])


@pytest.mark.parametrize(("rate", "bins"), [(0.8, 38), (1.25, 24)])
def test_stretching_moves_frames_and_labels_alike(rate, bins):
    made = split()
    made.pieces.features[0] = np.linspace(0, 29, 30)[:, None]  # a frame says where it is
    inputs, labels = made.inputs(np.arange(1), rate), made.labels(np.arange(1), rate)
    assert inputs.shape == (1, 4, bins)
    assert labels.shape == (1, 3, bins)
    column = int(labels[0, 0].argmax())
    assert labels[0, 0, column] >= 1
    place = (float(inputs[0, 0, column]) + 0.5) * GRID.hop  # seconds in the piece as it was
    assert place == pytest.approx(0.2, abs=GRID.hop * max(rate, 1))
    assert labels.sum() == 2


def test_stacking_adds_power_and_labels():
    amplitude = torch.tensor([0.3, 0.02]), torch.tensor([0.4, 0.02])
    features = [(torch.log(a) + 6) / 2 for a in amplitude]
    both = torch.exp(2 * stacked(*features) - 6)
    torch.testing.assert_close(both, torch.tensor([0.5, 0.02 * 2**0.5]))
    made, draws = split(), map(np.random.default_rng, range(40))
    totals = {float(made.batch(np.array([3]), draw)[1].events.sum()) for draw in draws}
    assert totals == {0.0, 1.0, 2.0}  # alone, or with one of the others


def test_training_batches_have_one_speed_and_are_reproducible():
    made, rows = split(), np.array([0, 1, 2])
    first, again = (made.batch(rows, np.random.default_rng(4)) for _ in range(2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1].events, again[1].events)
    lengths = {made.batch(rows, np.random.default_rng(s))[0].shape[-1] for s in range(20)}
    assert lengths == {24, 30, 38}


def test_counts_of_beginnings():
    made = split(supervision="counts")
    _, target = made.batch(np.arange(4), np.random.default_rng(2))
    assert target.events is None
    lengths = target.mask.sum(1)
    assert (lengths * 2 >= target.mask.shape[1]).all()
    assert target.known_counts.shape == (4, 3)
    assert made.batch(np.arange(4))[1].events is not None  # evaluation knows the places


def test_joined_events_are_those_of_the_recordings():
    made = split()
    joined = made.joined(made.truth)
    assert joined.samples == 2
    order = np.lexsort((joined.time, joined.sample))
    np.testing.assert_allclose(joined.time[order], [0.2, 0.21, 1.6, 0.4])
    np.testing.assert_array_equal(joined.sample[order], [0, 0, 0, 1])


def test_joined_events_of_a_later_recording_alone():
    alone = split().of(1)
    found = alone.joined(Events(np.array([1]), np.array([0]), np.array([0.1]), 2, 3))
    np.testing.assert_allclose(found.time, [1.6])
    assert found.samples == 1


def test_parts_share_no_piece_of_music():
    pieces = corpus(recordings=11)
    parts = piano_splits(pieces, 0, (60, 3), 0.3, pieces.event_time, "locations")
    music = [set(part.unit) for part in (parts.train, parts.validation, parts.test)]
    assert [len(m) for m in music] == [7, 3, 1]
    assert not music[0] & music[1]
    assert not (music[0] | music[1]) & music[2]
    other = piano_splits(pieces, 1, (60, 3), 0.3, pieces.event_time, "locations")
    assert set(other.validation.unit) != music[1]
    assert set(other.test.unit) == music[2]


def test_too_little_music():
    pieces = corpus()
    with pytest.raises(UsageError, match="1 pieces of music are too few"):
        piano_splits(pieces, 0, (60, 3), 0.3, pieces.event_time, "locations")
