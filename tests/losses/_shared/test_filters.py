"""Gaussian smoothing against scipy, and what makes it fit for labels and predictions alike."""

from __future__ import annotations

import pytest
import torch
from scipy.ndimage import gaussian_filter1d

from losses._shared import filters
from losses._shared.filters import gaussian_weights, smooth

torch.set_num_threads(1)


def draw(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("time", [1, 7, 150])
@pytest.mark.parametrize("sigma", [0.5, 1.0, 3.0, 20.0])
def test_agrees_with_scipy(time, sigma):
    values = draw(2, 3, time)
    expected = gaussian_filter1d(values.numpy(), sigma, mode="constant", truncate=4.0)
    torch.testing.assert_close(smooth(values, sigma), torch.from_numpy(expected))


def test_zero_is_the_identity():
    values = draw(2, 3, 20)
    assert smooth(values, 0.0) is values
    torch.testing.assert_close(smooth(values, torch.zeros(2)), values)


@pytest.mark.parametrize("sigma", [0.01, 0.3, 1.0, 7.7])
def test_weights_sum_to_one_within_a_radius_of_at_least_four_sigma(sigma):
    weights = gaussian_weights(torch.tensor(sigma, dtype=torch.float64), 100)
    assert (2 * weights.sum() - weights[0]).item() == pytest.approx(1.0)
    radius = int(weights.nonzero().max())
    assert radius <= 4 * sigma + 1
    assert weights[0] == weights.max()


def test_mass_falls_off_the_border():
    impulse = torch.zeros(1, 1, 41, dtype=torch.float64)
    impulse[..., 0] = 1
    weights = gaussian_weights(torch.tensor(5.0, dtype=torch.float64), 41)
    torch.testing.assert_close(smooth(impulse, 5.0)[0, 0], weights)
    assert smooth(impulse, 5.0).sum() == pytest.approx((1 + weights[0].item()) / 2)


def test_a_width_per_sample_and_per_channel():
    values = draw(3, 2, 60)
    per_sample = torch.tensor([0.0, 2.0, 9.5])
    smoothed = smooth(values, per_sample)
    for row, sigma in enumerate(per_sample.tolist()):
        torch.testing.assert_close(smoothed[row], smooth(values[row : row + 1], sigma)[0])
    per_channel = torch.tensor([[0.0, 1.0], [2.0, 3.0], [40.0, 0.2]])
    smoothed = smooth(values, per_channel)
    for row in range(3):
        for channel in range(2):
            alone = smooth(values[row, channel][None, None], per_channel[row, channel].item())
            torch.testing.assert_close(smoothed[row, channel], alone[0, 0])


def test_long_sequences_take_the_other_way_to_the_same_result(monkeypatch):
    values = draw(1, 2, 400)
    by_matrix = smooth(values, 6.0)
    monkeypatch.setattr(filters, "_LONGEST_MATRIX", 100)
    torch.testing.assert_close(smooth(values, 6.0), by_matrix)


def test_gradients():
    values = draw(2, 2, 9).requires_grad_()
    torch.autograd.gradcheck(lambda x: smooth(x, 1.5), values)
    torch.autograd.gradcheck(lambda x: smooth(x, torch.tensor([0.0, 2.0])), values)


def test_a_filter_first_used_in_inference_mode_can_be_trained_with():
    filters._cached_matrix.cache_clear()
    values = draw(1, 1, 33)
    with torch.inference_mode():
        smooth(values, 2.25)
    values.requires_grad_()
    smooth(values, 2.25).sum().backward()
    assert values.grad.isfinite().all()


def test_types_are_kept_apart():
    values = draw(1, 1, 20)
    assert smooth(values, 2.0).dtype == torch.float64
    assert smooth(values.float(), 2.0).dtype == torch.float32


def test_autocast_leaves_the_labels_exact():
    values = draw(2, 2, 30).float()
    expected = smooth(values, 3.0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(smooth(values, 3.0), expected)


def test_compilers_take_it_whole():
    values = draw(2, 2, 30).float()
    compiled = torch.compile(lambda values: smooth(values, 3.0), backend="eager", fullgraph=True)
    assert torch.equal(compiled(values), smooth(values, 3.0))
