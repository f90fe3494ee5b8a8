"""Sources of frames: sizes, parts, what is drawn anew."""

import numpy as np

from tasks.data.molecules.molecule_corpora import AMOUNTS, SimulatedMolecules


def draws(seed):
    return [np.random.default_rng([seed, part]) for part in range(3)]


def test_parts_have_their_sizes_and_are_drawn_anew():
    corpus = SimulatedMolecules("tiny")
    first, notes = corpus.stacks(None, draws(0))
    again, _ = corpus.stacks(None, draws(0))
    other, _ = corpus.stacks(None, draws(1))
    assert [len(stack) for stack in first] == list(AMOUNTS["tiny"])
    assert notes == ()
    for ours, same, theirs in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(ours.frames, same.frames)
        assert (ours.frames != theirs.frames).mean() > 0.5
