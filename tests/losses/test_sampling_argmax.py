"""Samples against the mixture distribution they stand for, and the loss against its integral."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import quad

import losses
from bench.plugin import HeatmapTarget, OptionError
from losses._shared import gumbel_softmax
from losses.sampling_argmax import sample

torch.set_num_threads(1)

BASES = {
    "uniform": stats.uniform(-0.5, 1),
    "triangular": stats.triang(0.5, -1, 2),
    "gaussian": stats.norm(),
}
LOGITS = torch.tensor([0.3, -1.0, 2.0, 0.0, 1.5, -0.7, 0.9])
PATHS = [torch.float32, torch.float64]  # compiled, plain torch


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def mixture_cdf(logits, basis, x):
    weight = logits.double().softmax(0).numpy()
    return sum(w * BASES[basis].cdf(x - i) for i, w in enumerate(weight))


@pytest.mark.parametrize("dtype", PATHS)
@pytest.mark.parametrize("basis", BASES)
def test_samples_follow_the_mixture_as_the_temperature_vanishes(basis, dtype):
    drawn = sample(LOGITS.to(dtype).view(1, 1, -1), 20000, 1e-4, basis, generator())
    assert drawn.shape == (20000, 1, 1, 1)
    test = stats.kstest(drawn.flatten().numpy(), lambda x: mixture_cdf(LOGITS, basis, x))
    assert test.pvalue > 0.01


@pytest.mark.parametrize("dtype", PATHS)
def test_cells_of_a_plane_are_drawn_with_their_probabilities(dtype):
    logits = torch.randn(1, 1, 3, 5, generator=generator(), dtype=dtype)
    drawn = sample(logits, 20000, 1e-4, "uniform", generator())[:, 0, 0]
    cell = drawn.round().long()
    observed = np.bincount((cell[:, 0] * 5 + cell[:, 1]).numpy(), minlength=15)
    expected = 20000 * logits.double().flatten().softmax(0).numpy()
    assert stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > 0.01
    for axis in range(2):  # and uniformly within the cell
        inside = (drawn[:, axis] - cell[:, axis]).numpy()
        assert stats.kstest(inside, BASES["uniform"].cdf).pvalue > 0.01


@pytest.mark.parametrize("basis", BASES)
def test_loss_is_the_integral_of_the_error(basis):
    """Eq 3 by quadrature; 20,000 samples, so within four standard errors."""
    density = BASES[basis].pdf
    weight = LOGITS.double().softmax(0).numpy()
    label = 2.3
    expected = sum(
        w * quad(lambda u, i=i: density(u) * abs(i + u - label), -6, 6, points=(-1, 0, 1))[0]
        for i, w in enumerate(weight)
    )
    torch.manual_seed(0)
    loss = losses.create("sampling_argmax", basis=basis, samples=20000, temperature=1e-4)
    value = loss(LOGITS.view(1, 1, -1), HeatmapTarget(torch.tensor([[[label]]])))
    assert value.item() == pytest.approx(expected, abs=4 * 2 / math.sqrt(20000))


@pytest.mark.parametrize("tempered", ["softmax", "noise"])
@pytest.mark.parametrize("dtype", PATHS)
def test_samples_follow_gumbel_softmax_at_any_temperature(tempered, dtype):
    tau, rng = 0.7, np.random.default_rng(0)
    gumbel, logits = rng.gumbel(size=(20000, 7)), LOGITS.double().numpy()
    exponent = (logits + gumbel) / tau if tempered == "softmax" else logits + gumbel / tau
    weight = np.exp(exponent)
    weight /= weight.sum(1, keepdims=True)
    expected = (weight * (np.arange(7) + rng.normal(size=(20000, 7)))).sum(1)
    drawn = sample(
        LOGITS.to(dtype).view(1, 1, -1), 20000, tau, "gaussian", generator(), tempered
    ).flatten()
    assert stats.ks_2samp(drawn.numpy(), expected).pvalue > 0.01


def compiled_weights(logits, scales, seed):
    """All Gumbel-softmax weights of one sample, read by putting a 1 in one slice at a time."""
    n = len(logits)
    maps, slices = logits.expand(n, n), torch.eye(n)
    rows = [gumbel_softmax.expected(maps[:1], [row.view(1, 1, n)], scales, seed) for row in slices]
    return torch.cat(rows).flatten()


def test_compiled_noise_is_gumbel_noise():
    """Differences of Gumbel variates are logistic; cells, samples and seeds are independent."""
    n = 4000
    draws = [torch.arange(2.0).view(1, 1, 2).expand(n, 3, 2)]
    second = gumbel_softmax.expected(torch.zeros(3, 2), draws, (1.0, 1.0), 5).double()
    difference = torch.logit(second).squeeze(-1).numpy()
    assert stats.kstest(difference.ravel(), stats.logistic.cdf).pvalue > 0.01
    correlation = np.corrcoef(difference.T)
    assert np.abs(correlation - np.eye(3)).max() < 4 / math.sqrt(n)
    assert abs(np.corrcoef(difference[1:, 0], difference[:-1, 0])[0, 1]) < 4 / math.sqrt(n)
    weight = compiled_weights(torch.zeros(4096 // 8), (1.0, 1.0), 9).double()
    exponential = 1 / weight
    shape = exponential / exponential.mean()
    assert stats.kstest(shape.numpy(), stats.expon.cdf).pvalue > 0.01
    assert abs(np.corrcoef(shape[1:], shape[:-1])[0, 1]) < 4 / math.sqrt(len(shape))


def test_compiled_gradient_is_that_of_a_softmax():
    logits, scales, seed = LOGITS.clone().requires_grad_(), (0.6, 0.6), 3
    weight = compiled_weights(LOGITS, scales, seed)
    places = torch.randn(1, 1, 7, generator=generator())
    (value,) = gumbel_softmax.expected(logits[None], [places], scales, seed).flatten()
    (gradient,) = torch.autograd.grad(value, logits)
    assert value.item() == pytest.approx((weight * places).sum().item(), rel=1e-5)
    expected = scales[0] * weight * (places.flatten() - value.item())
    torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("grid", [(5,), (3, 4), (2, 3, 4)])
def test_compiled_gradient_against_finite_differences(grid):
    logits = torch.randn(2, 2, *grid, generator=generator())
    direction = torch.randn(2, 2, *grid, generator=generator(1))
    slope = torch.randn(6, 2, 2, len(grid), generator=generator(2))

    def value(x):
        return (slope * sample(x, 6, 0.9, "triangular", generator(4))).sum()

    leaf = logits.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(value(leaf), leaf)
    step = 1e-2 * direction
    slope_found = (value(logits + step) - value(logits - step)).item() / 2e-2
    assert (gradient * direction).sum().item() == pytest.approx(slope_found, rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("tempered", ["softmax", "noise"])
@pytest.mark.parametrize("grid", [(5,), (3, 4), (2, 3, 4)])
def test_second_derivatives_of_compiled_code_against_finite_differences(
    grid, tempered, monkeypatch
):
    """For the same draws: in chunks of which the last one is smaller."""
    monkeypatch.setattr(gumbel_softmax, "_ELEMENTS", 4 * 4 * math.prod(grid))
    logits = torch.randn(2, 2, *grid, generator=generator())
    direction = torch.randn(2, 2, *grid, generator=generator(1))
    slope = torch.randn(6, 2, 2, len(grid), generator=generator(2))

    def gradient(x, graph=False):
        leaf = x.clone().requires_grad_()
        value = (slope * sample(leaf, 6, 0.9, generator=generator(4), tempered=tempered)).square()
        return torch.autograd.grad(value.sum(), leaf, create_graph=graph)[0], leaf

    found, leaf = gradient(logits, graph=True)
    assert torch.equal(found, gradient(logits)[0])
    (product,) = torch.autograd.grad(found, leaf, direction)
    step = 3e-3
    ahead, behind = (gradient(logits + side * step * direction)[0] for side in (1, -1))
    torch.testing.assert_close(product, (ahead - behind) / (2 * step), rtol=5e-3, atol=5e-3)


def test_third_derivatives_of_compiled_code():
    logits = torch.randn(1, 1, 6, generator=generator())

    def product(x, graph=False):
        leaf = x.clone().requires_grad_()
        value = sample(leaf, 4, 1.0, generator=generator(4)).square().sum()
        (first,) = torch.autograd.grad(value, leaf, create_graph=True)
        return torch.autograd.grad(first.square().sum(), leaf, create_graph=graph)[0], leaf

    second, leaf = product(logits, graph=True)
    direction = torch.randn(1, 1, 6, generator=generator(1))
    (found,) = torch.autograd.grad(second, leaf, direction)
    step = 3e-3
    ahead, behind = (product(logits + side * step * direction)[0] for side in (1, -1))
    torch.testing.assert_close(found, (ahead - behind) / (2 * step), rtol=5e-3, atol=2e-2)


def test_no_maps_differentiated_twice():
    logits = torch.zeros(2, 0, 4, 5, requires_grad=True)
    value = sample(logits, 3, 1.0).square().sum()
    (gradient,) = torch.autograd.grad(value, logits, create_graph=True)
    assert torch.autograd.grad(gradient.sum(), logits)[0].shape == logits.shape


@pytest.mark.parametrize("grid", [(5,), (3, 4), (2, 3, 2)])
@pytest.mark.parametrize("basis", BASES)
def test_gradcheck(grid, basis, monkeypatch):
    monkeypatch.setattr(gumbel_softmax, "_ELEMENTS", 50)  # several chunks
    logits = torch.randn(2, 1, *grid, generator=generator(), dtype=torch.float64)

    def drawn(x):
        return sample(x, 5, 0.8, basis, generator(3))

    assert torch.autograd.gradcheck(drawn, logits.requires_grad_())
    assert torch.autograd.gradgradcheck(drawn, logits)


@pytest.mark.parametrize("dtype", PATHS)
def test_randomness_is_the_generators(dtype):
    logits = torch.zeros(2, 3, 4, 5, dtype=dtype)
    first = sample(logits, 7, 1.0, generator=generator(1))
    assert torch.equal(first, sample(logits, 7, 1.0, generator=generator(1)))
    assert not torch.equal(first, sample(logits, 7, 1.0, generator=generator(2)))
    loss, target = losses.create("sampling_argmax"), HeatmapTarget(torch.ones(2, 3, 2))
    values = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        values.append(loss(logits, target))
    assert torch.equal(values[0], values[1])
    assert not torch.equal(values[0], values[2])


def test_loss_averages_samples_over_labelled_keypoints():
    logits = torch.randn(2, 3, 4, 5, generator=generator())
    position = torch.rand(2, 3, 2, generator=generator()) * 3
    mask = torch.tensor([[True, False, True], [False, False, False]])
    broken = logits.masked_fill(~mask[..., None, None], math.nan).requires_grad_()
    target = HeatmapTarget(position.masked_fill(~mask[..., None], math.nan), mask)
    loss = losses.create("sampling_argmax", samples=9, basis="gaussian")
    torch.manual_seed(3)
    value = loss(broken, target, progress=0.5)
    torch.manual_seed(3)
    drawn = sample(logits[mask][:, None], 9, 1.25, "gaussian")[:, :, 0]
    expected = (drawn - position[mask]).abs().sum(-1).mean()
    torch.testing.assert_close(value, torch.stack([expected, expected * 0]))
    (gradient,) = torch.autograd.grad(value.sum(), broken)
    assert gradient.isfinite().all()
    assert gradient[~mask].eq(0).all()


def test_minimal_map_concentrates_on_the_label():
    """Unlike soft-argmax, a map spread around the label costs more than one on it."""
    target = HeatmapTarget(torch.tensor([[[2.0]]]))
    loss = losses.create("sampling_argmax", samples=2000, temperature=0.1)
    costs = []
    for width in (0.1, 1.0, 10.0):
        logits = -(torch.arange(5.0) - 2).square() / width**2
        costs.append(loss(logits.view(1, 1, 5), target).item())
    assert costs == sorted(costs)


@pytest.mark.parametrize("dtype", PATHS)
@pytest.mark.parametrize("tempered", ["softmax", "noise"])
def test_hostile_maps(dtype, tempered):
    scattered = torch.randn(2, 2, 4, 5, generator=generator()).to(dtype)
    for logits in (scattered.sign() * 1e4, torch.zeros_like(scattered)):
        for tau in (1e-4, 0.5, 100.0):
            leaf = logits.clone().requires_grad_()
            drawn = sample(leaf, 5, tau, "uniform", generator(), tempered)
            assert drawn.isfinite().all()
            assert (drawn >= -0.51).all()
            assert torch.autograd.grad(drawn.sum(), leaf)[0].isfinite().all()
    impossible = scattered.clone()
    impossible[..., 1:, :] = -math.inf
    leaf = impossible.requires_grad_()
    drawn = sample(leaf, 50, 1.0, "uniform", generator())
    assert drawn[..., 0].abs().max() <= 0.51
    assert torch.autograd.grad(drawn.sum(), leaf)[0].isfinite().all()
    for broken in (math.nan, -math.nan, math.inf):
        spoiled = scattered.clone()
        spoiled[0, 1, 2, 3] = broken
        clean = sample(spoiled, 3, 1.0, "uniform", generator()).isfinite().all(-1).all(0)
        assert clean.tolist() == [[True, False], [True, True]]


def test_no_maps_one_cell_and_other_layouts():
    assert sample(torch.zeros(2, 0, 4, 5), 3, 1.0).shape == (3, 2, 0, 2)
    assert sample(torch.zeros(0, 2, 4), 3, 1.0).shape == (3, 0, 2, 1)
    assert sample(torch.zeros(1, 1, 1, 1), 4, 1.0).abs().max() <= 1
    logits = torch.randn(2, 3, 4, 5, generator=generator())
    strided = logits.permute(3, 1, 0, 2).contiguous().permute(2, 1, 3, 0)
    assert torch.equal(
        sample(strided, 4, 1.0, generator=generator()),
        sample(logits, 4, 1.0, generator=generator()),
    )


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_under_autocast(dtype):
    logits = torch.randn(2, 3, 4, 5, generator=generator()).to(dtype).requires_grad_()
    with torch.autocast("cpu", dtype=dtype):
        drawn = sample(logits, 4, 1.0, generator=generator())
    assert torch.equal(drawn, sample(logits.float(), 4, 1.0, generator=generator()))
    assert torch.autograd.grad(drawn.sum(), logits)[0].isfinite().all()


def test_wrong_arguments():
    with pytest.raises(ValueError, match="temperature > 0, got 5 and 0"):
        sample(torch.zeros(1, 1, 3), 5, 0.0)
    with pytest.raises(ValueError, match="uniform, triangular or gaussian, got 'cosine'"):
        sample(torch.zeros(1, 1, 3), 5, 1.0, "cosine")
    with pytest.raises(OptionError, match="temperature' should be greater than 0"):
        losses.create("sampling_argmax", temperature={"schedule": "warmup", "end": 1.0})


def test_function_transforms_are_refused():
    maps = torch.zeros(2, 1, 1, 5)
    with pytest.raises(RuntimeError, match="vmap"):
        torch.vmap(lambda logits: sample(logits, 3, 1.0))(maps)
    with pytest.raises(RuntimeError, match="vmap"):
        torch.vmap(lambda logits: sample(logits, 3, 1.0), randomness="different")(maps)
