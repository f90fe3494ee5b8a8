"""The authors' two departures against their Jacobians written out with numpy, in float64."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

import losses
from bench.plugin import HeatmapTarget, OptionError
from losses._shared import gumbel_softmax, released_samples
from losses.sampling_argmax import _draw, sample

torch.set_num_threads(1)

BASES = ("uniform", "triangular", "gaussian")
RELEASED = [
    (weights, gradient)
    for weights, gradient in itertools.product(("cell", "place"), ("exact", "sign"))
    if (weights, gradient) != ("cell", "exact")
]


def moved(basis, place):
    """Matrix from the weights of cells to the unnormalised weights at the drawn places."""
    n = len(place)
    centres = np.arange(n) + 0.5
    if basis == "triangular":  # the map as a broken line that ends one cell beyond the grid
        knots = np.arange(-1, n + 1) + 0.5
        lines = np.pad(np.eye(n), ((0, 0), (1, 1)))
        return np.stack([np.interp(place, knots, line) for line in lines], 1)
    if basis == "gaussian":
        return np.diag(np.exp(-2 * (place - centres) ** 2))
    return np.eye(n)


def reference(logits, noise, draws, scales, basis, weights, gradient):
    """One sample ``(dim,)`` of one map and its Jacobian ``(dim, *grid)``."""
    raw = scales[0] * logits + scales[1] * noise
    pi = np.exp(raw - raw.max())
    pi /= pi.sum()
    softmax_jacobian = scales[0] * (np.diag(pi.ravel()) - np.outer(pi, pi))
    value, jacobian = [], []
    for axis, place in enumerate(draws):
        cells = np.indices(pi.shape)[axis].ravel()
        marginal = (cells == np.arange(len(place))[:, None]).astype(float)
        read = moved(basis, place) if weights == "place" else np.eye(len(place))
        loose = read @ marginal @ pi.ravel()
        weight = loose / loose.sum()
        value.append(weight @ place)
        slope = place if gradient == "exact" else 2 * np.sign(place - value[-1])
        by_loose = (slope - slope @ weight) / loose.sum()
        jacobian.append((by_loose @ read @ marginal @ softmax_jacobian).reshape(pi.shape))
    return np.array(value), np.stack(jacobian)


@pytest.mark.parametrize(("weights", "gradient"), RELEASED)
@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("grid", [(9,), (4, 5), (3, 2, 4)])
def test_values_and_gradients_against_written_out_jacobians(
    grid, basis, weights, gradient, monkeypatch
):
    samples, maps, scales, seed = 4, 3, (0.5, 0.8), 7
    monkeypatch.setattr(gumbel_softmax, "_ELEMENTS", 10**9)  # one chunk: one stream of noise
    g = torch.Generator().manual_seed(1)
    logits = torch.randn(maps, *grid, generator=g, dtype=torch.float64, requires_grad=True)
    draws = [
        torch.arange(n) + 0.5 + _draw(basis, (samples, maps, n), logits.detach(), g) for n in grid
    ]
    noise = gumbel_softmax._generated(logits.detach(), seed)(0, samples)
    integral = released_samples.integral(basis, weights, gradient)
    drawn = gumbel_softmax.expected(logits, draws, scales, seed, integral)
    for k, m, axis in itertools.product(range(samples), range(maps), range(len(grid))):
        value, jacobian = reference(
            logits[m].detach().numpy(),
            noise[k, m].numpy(),
            [draw[k, m].numpy() for draw in draws],
            scales,
            basis,
            weights,
            gradient,
        )
        assert drawn[k, m, axis].item() == pytest.approx(value[axis], rel=1e-12)
        (found,) = torch.autograd.grad(drawn[k, m, axis], logits, retain_graph=True)
        np.testing.assert_allclose(found[m].numpy(), jacobian[axis], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("basis", BASES)
def test_weights_at_places_have_the_right_derivatives(basis):
    logits = torch.randn(2, 1, 3, 4, generator=torch.Generator().manual_seed(0)).double()

    def drawn(x):
        g = torch.Generator().manual_seed(3)
        return sample(x, 3, 0.8, basis, g, weights="place")

    assert torch.autograd.gradcheck(drawn, logits.requires_grad_())
    assert torch.autograd.gradgradcheck(drawn, logits)


@pytest.mark.parametrize("weights", ["cell", "place"])
def test_second_derivatives_are_those_of_the_sign_gradient(weights):
    logits = torch.randn(2, 1, 7, generator=torch.Generator().manual_seed(0)).double()

    def slope(x):
        g = torch.Generator().manual_seed(3)
        value = sample(x, 3, 0.8, "triangular", g, weights=weights, gradient="sign").sum()
        return torch.autograd.grad(value, x, create_graph=True)[0]

    assert torch.autograd.gradcheck(slope, logits.requires_grad_())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_sign_changes_no_value_and_uniform_draws_stay_in_their_cells(dtype):
    logits = torch.randn(2, 3, 5, 6, generator=torch.Generator().manual_seed(0)).to(dtype)

    def drawn(basis, **options):
        return sample(logits, 6, 1.0, basis, torch.Generator().manual_seed(3), **options)

    for basis in ("triangular", "gaussian"):
        value = drawn(basis, weights="place")
        torch.testing.assert_close(drawn(basis, weights="place", gradient="sign"), value)
    plain = drawn("uniform", gradient="sign")
    assert torch.equal(drawn("uniform", weights="place", gradient="sign"), plain)
    assert not torch.allclose(drawn("gaussian", weights="place"), drawn("gaussian"))


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_hostile_maps(dtype, basis):
    scattered = torch.randn(2, 2, 4, 5, generator=torch.Generator().manual_seed(0))
    one_cell = torch.zeros(2, 1, 1, 1)
    for logits in (scattered.sign() * 1e4, torch.zeros_like(scattered), one_cell):
        for tau in (1e-4, 0.5, 100.0):
            leaf = logits.to(dtype).requires_grad_()
            g = torch.Generator().manual_seed(5)
            drawn = sample(leaf, 5, tau, basis, g, weights="place", gradient="sign")
            assert drawn.isfinite().all()
            assert torch.autograd.grad(drawn.sum(), leaf)[0].isfinite().all()


def of_a_gaussian_map(**options):
    """Standard deviation of samples, and gradient of the mean error: the docstring's setting."""
    cells = torch.arange(64, dtype=torch.float64) + 0.5
    logits = (-(cells - 30.3).square() / (2 * 4.0**2)).view(1, 1, -1).requires_grad_()
    g = torch.Generator().manual_seed(0)
    drawn = sample(logits, 20000, 2.0, "gaussian", g, **options)
    (gradient,) = torch.autograd.grad((drawn - 33.3).abs().mean(), logits)
    return drawn.std().item(), gradient.flatten()


def test_differences_that_the_docstring_states():
    """Monte Carlo errors of 20,000 samples: about .005 of the deviations, .001 of the cosines."""
    spread, exact = of_a_gaussian_map()

    def cosine(gradient):
        return torch.nn.functional.cosine_similarity(exact, gradient, dim=0).item()

    found, gradient = of_a_gaussian_map(weights="place")
    assert spread == pytest.approx(1.0, abs=0.03)
    assert found == pytest.approx(1.33, abs=0.04)
    assert cosine(gradient) > 0.99
    found, gradient = of_a_gaussian_map(gradient="sign")
    assert found == pytest.approx(spread)
    assert cosine(gradient) == pytest.approx(0.89, abs=0.02)
    assert (gradient.norm() / exact.norm()).item() == pytest.approx(0.43, abs=0.03)
    released = {"weights": "place", "gradient": "sign", "tempered": "noise"}
    found, gradient = of_a_gaussian_map(**released)
    assert found == pytest.approx(1.08, abs=0.04)
    assert cosine(gradient) == pytest.approx(0.75, abs=0.02)
    text = losses.sampling_argmax.SamplingArgmax.__doc__ or ""
    for number in ("1.00 to 1.33", "cosine .89", "length .43", "cosine .75", "1.08"):
        assert number in " ".join(text.split())


def test_the_loss_passes_its_options_on():
    g = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 6, 5, generator=g, dtype=torch.float64, requires_grad=True)
    position = 1 + 3 * torch.rand(2, 3, 2, generator=g, dtype=torch.float64)
    options = {"weights": "place", "gradient": "sign", "tempered": "noise"}
    loss = losses.create("sampling_argmax", samples=7, **options)
    torch.manual_seed(3)
    value = loss(logits, HeatmapTarget(position), progress=0.5)
    torch.manual_seed(3)
    drawn = sample(logits.flatten(0, 1)[:, None], 7, 1.25, **options)[:, :, 0]
    expected = (drawn - position.flatten(0, 1)).abs().sum(-1).mean(0).view(2, 3).mean(-1)
    torch.testing.assert_close(value, expected)
    found = [torch.autograd.grad(v.sum(), logits, retain_graph=True)[0] for v in (value, expected)]
    torch.testing.assert_close(*found)


def test_wrong_choices():
    maps = torch.zeros(1, 1, 3)
    with pytest.raises(ValueError, match="weights must be cell or place, got 'drawn'"):
        sample(maps, 5, 1.0, weights="drawn")
    with pytest.raises(ValueError, match="gradient must be exact or sign, got 'signs'"):
        sample(maps, 5, 1.0, gradient="signs")
    with pytest.raises(OptionError, match="gradient"):
        losses.create("sampling_argmax", gradient="signs")
