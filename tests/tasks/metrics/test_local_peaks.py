"""Peak picking by tasks: against the losses' own, SciPy's, and trap 2 (peaks lost or shifted)."""

import numpy as np
import pytest
import torch
from scipy.signal import find_peaks

from losses._shared.decode import pick_peaks
from tasks.metrics.local_peaks import local_peaks


@pytest.mark.parametrize("radius", [0, 1, 3, 50])
def test_it_is_the_decoder_of_losses_that_pick_peaks(radius):
    scores = np.random.default_rng(0).integers(1, 6, (4, 2, 30)) / 6  # many ties
    theirs = pick_peaks(torch.from_numpy(scores), radius).numpy()
    np.testing.assert_array_equal(local_peaks(scores, radius).clip(min=0), theirs)


def test_peaks_are_those_of_scipy_where_no_two_are_equal():
    scores = np.random.default_rng(1).random(500)
    found = np.flatnonzero(np.isfinite(local_peaks(scores[None, None], 1)))
    inner = found[(found > 0) & (found < 499)]
    np.testing.assert_array_equal(inner, find_peaks(scores)[0])


def test_spikes_stay_where_they_are_at_the_ends_too():
    spikes = [0, 3, 10, 14, 49]
    comb = np.zeros((1, 1, 50))
    comb[..., spikes] = 1.0
    found = np.flatnonzero(local_peaks(comb, 2)[0, 0] >= 0.5)
    np.testing.assert_array_equal(found, spikes)


def test_of_equal_neighbours_the_first_is_the_peak_and_near_ones_merge():
    scores = np.array([[[0.1, 0.9, 0.9, 0.2, 0.8]]])
    assert np.flatnonzero(np.isfinite(local_peaks(scores, 3)[0, 0])).tolist() == [1]
    assert np.flatnonzero(np.isfinite(local_peaks(scores, 1)[0, 0])).tolist() == [1, 4]
