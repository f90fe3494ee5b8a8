"""Views: what stretching and equalising do to features, by hand."""

from __future__ import annotations

import numpy as np
import torch

from tasks.data.audio.piece_views import FASTEST, drawn_speeds, equalised, played_at

NOUGHT = torch.zeros(2, dtype=torch.long)


def draw(seed=0):
    return np.random.default_rng(seed)


def test_speed_one_changes_nothing_and_the_last_bin_lasts():
    mel = torch.randn(2, 10, 3)
    assert torch.equal(played_at(mel, NOUGHT[:2], torch.ones(2), 10), mel)
    longer = played_at(mel, NOUGHT[:2], torch.ones(2), 13)
    assert torch.equal(longer[:, 9:], mel[:, 9:].expand(2, 4, 3))


def test_bins_are_interpolated():
    mel = torch.randn(3, 40, 4)
    speed = torch.tensor([0.8, 1.0, 1.25])
    start = torch.tensor([0, 3, 7])
    seen = played_at(mel, start, speed, 50)
    for row in range(3):
        for band in range(4):
            place = int(start[row]) + np.arange(50) * float(speed[row])
            expected = np.interp(place, np.arange(40), mel[row, :, band].numpy())
            np.testing.assert_allclose(seen[row, :, band], expected, atol=1e-4)


def test_an_onset_moves_as_time_is_stretched():
    mel = torch.zeros(1, 100, 1)
    mel[0, 60] = 1
    for speed, place in ((0.8, 75), (1.25, 48)):
        seen = played_at(mel, NOUGHT[:1], torch.tensor([speed]), 125)
        assert int(seen[0, :, 0].argmax()) == place


def test_speeds_are_even_in_the_logarithm():
    speeds = drawn_speeds(draw(), 20_000)
    assert speeds.min() >= 1 / FASTEST
    assert speeds.max() <= FASTEST
    assert abs(float(speeds.log().mean())) < 3e-3
    assert abs(float((speeds < 1).double().mean()) - 0.5) < 0.02
    assert torch.equal(drawn_speeds(draw(), 5), drawn_speeds(draw(), 5))


def test_the_equaliser_is_constant_in_time_smooth_over_bands_and_differs_by_piece():
    mel = torch.randn(400, 6, 40)
    gain = equalised(mel, draw()) - mel
    torch.testing.assert_close(gain, gain[:, :1].expand_as(gain), atol=1e-5, rtol=0)
    bend = gain[:, 0, 2:] - 2 * gain[:, 0, 1:-1] + gain[:, 0, :-2]
    bent = bend.abs() > 1e-4  # at knots alone
    assert bent.sum(1).max() <= 6
    assert abs(float(gain[:, 0, 0].std()) - 0.25) < 0.03
    assert not torch.equal(gain[0], gain[1])
