"""Peak picking: what is a peak, ties, plateaus and borders."""

from __future__ import annotations

import pytest
import torch

import losses
from losses._shared.decode import pick_peaks


def peaks(scores, radius):
    picked = pick_peaks(torch.tensor(scores)[None, None], radius)[0, 0]
    return picked.nonzero()[:, 0].tolist()


@pytest.mark.parametrize(
    ("scores", "radius", "expected"),
    [
        ([0.1, 0.9, 0.1, 0.8, 0.1], 1, [1, 3]),
        ([0.1, 0.9, 0.1, 0.8, 0.1], 2, [1]),
        ([0.5, 0.5, 0.5, 0.1], 1, [0]),  # the first of equals
        ([0.5, 0.2, 0.5], 2, [0]),
        ([0.5, 0.2, 0.5], 1, [0, 2]),
        ([0.9, 0.1, 0.2], 1, [0, 2]),  # borders can be peaks
        ([0.3], 3, [0]),
        ([0.0, 0.0, 0.0], 1, []),
        ([0.1, 0.2, 0.3], 0, [0, 1, 2]),
    ],
)
def test_peaks(scores, radius, expected):
    assert peaks(scores, radius) == expected


def test_scores_of_peaks_are_kept_and_others_are_zero():
    scores = torch.rand(3, 4, 100, generator=torch.Generator().manual_seed(0))
    picked = pick_peaks(scores, 3)
    assert picked.shape == scores.shape
    assert ((picked == scores) | (picked == 0)).all()
    for row in range(3):  # by the definition, bin by bin
        for t in range(100):
            window = scores[row, 0, max(0, t - 3) : t + 4]
            assert (picked[row, 0, t] > 0) == (scores[row, 0, t] == window.max())


def test_nan_is_no_low_score():
    scores = torch.tensor([[[0.2, float("nan"), 0.3, 0.6]]])
    assert pick_peaks(scores, 1).isnan().tolist() == [[[False, True, False, False]]]


def test_decoder_option():
    scores = torch.tensor([[[0.2, 0.4, 0.3, 0.6]]])
    assert torch.equal(losses.create("cross_entropy", decoder="threshold").decode(scores), scores)
    picked = losses.create("cross_entropy", pick_radius=1).decode(scores)
    torch.testing.assert_close(picked, torch.tensor([[[0.0, 0.4, 0.0, 0.6]]]))
