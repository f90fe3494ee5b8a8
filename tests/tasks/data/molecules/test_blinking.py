"""Blinking molecules: density, light shared among frames, who is labelled."""

import numpy as np
import pytest

from tasks.data.molecules.blinking import FAINTEST, PHOTONS, Emitters, blinking


def test_as_many_molecules_a_frame_as_in_the_challenge():
    counts = []
    for seed in range(30):
        labelled = blinking(np.random.default_rng(seed), 64, 10).labelled(64)
        counts.append(len(labelled) / 10)
    assert np.mean(counts) == pytest.approx(225, abs=8)


def test_a_molecule_stays_where_it_is_while_it_shines():
    emitters = blinking(np.random.default_rng(0), 64, 10)
    assert set(emitters.frame) == set(range(10))
    places, frames = np.unique(emitters.position, axis=0, return_counts=True)
    assert len(places) < len(emitters)
    assert frames.max() >= 4
    first = places[frames.argmax()]
    own = emitters.frame[(emitters.position == first).all(1)]
    assert (np.diff(own) == 1).all()


def test_labels_are_within_the_field_and_bright():
    place = np.array([[0.0, 0.0], [63.99, 1.0], [64.0, 1.0], [-0.01, 1.0], [5.0, 5.0]])
    photons = np.array([PHOTONS] * 4 + [FAINTEST - 1])
    kept = Emitters(np.zeros(5, np.int64), place, photons).labelled(64)
    assert kept.position.tolist() == place[:2].tolist()


def test_worlds_differ_and_repeat():
    first, again, other = (
        blinking(np.random.default_rng(seed), 32, 4).position for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()
