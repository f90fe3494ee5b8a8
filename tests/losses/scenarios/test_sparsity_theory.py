"""Chapter 3 and appendix A of the thesis as tests: what minimises the counting loss."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from scipy.stats import poisson

import losses
from bench.plugin import EventTarget, InstanceTarget
from bench.plugin.registry import losses as registry
from losses.poisson_binomial import distribution, log_prob, log_prob_by_tree

torch.set_num_threads(1)


def draw(*shape, seed):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_theorem_3_1_minima_are_binary_with_the_right_count(n):
    levels = [0.0, 1e-9, 0.3, 0.5, 1 - 1e-9, 1.0]
    grid = torch.tensor(list(itertools.product(levels, repeat=n)), dtype=torch.float64)
    for count in range(n + 1):
        is_minimum = -log_prob(grid, count) == 0
        binary = ((grid == 0) | (grid == 1)).all(-1)
        assert torch.equal(is_minimum, binary & (grid.sum(-1) == count))


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_theorem_3_2_no_interior_point_is_a_local_maximum_of_the_probability(n):
    """The Hessian's diagonal is zero, so its eigenvalues sum to zero and one is positive."""
    for count in range(n + 1):
        for seed in range(5):
            p = draw(n, seed=seed).requires_grad_()
            value = log_prob_by_tree(p, count).exp()
            (slope,) = torch.autograd.grad(value, p, create_graph=True)
            rows = [torch.autograd.grad(slope[i], p, retain_graph=True)[0] for i in range(n)]
            eigenvalues = torch.linalg.eigvalsh(torch.stack(rows))
            assert eigenvalues.sum().abs() < 1e-12
            assert eigenvalues[-1] > 1e-8


@pytest.mark.parametrize("count", [0, 1, 4, 9])
def test_descent_ends_sparse(count):
    """Gradient descent on logits from anywhere ends at ``count`` ones, as theorem 3.2 promises."""
    z = torch.randn(16, 12, generator=torch.Generator().manual_seed(count), dtype=torch.float64)
    z.requires_grad_()
    optimizer = torch.optim.Adam([z], lr=0.2)
    for _ in range(300):
        optimizer.zero_grad()
        (-log_prob(torch.sigmoid(z), count)).sum().backward()
        optimizer.step()
    p = torch.sigmoid(z.detach())
    assert ((p < 0.02) | (p > 0.98)).all()
    assert torch.equal((p > 0.5).sum(-1), torch.full((16,), count))


@pytest.mark.parametrize("n", [1, 3, 20])
def test_bound_3_14_one_undecided_instance_caps_the_mode(n):
    for seed in range(20):
        p = draw(n, seed=seed) ** (seed % 4 + 1)
        mode = distribution(p, n).max()
        assert mode <= 0.5 + (0.5 - p).abs().min() + 1e-12


@pytest.mark.parametrize("n", [5, 100, 400])
def test_bound_3_17_many_small_instances_cap_the_mode(n):
    """Le Cam: no bin is above the Poisson mode by more than 2 Σ p², for any of the parts."""
    for seed in range(5):
        p = (draw(n, seed=seed) * (0.01 + 0.1 * seed)).sort().values
        mode = distribution(p, n).max().item()
        for part in {1, n // 3 + 1, n}:
            rate = p[:part].sum().item()
            bound = poisson.pmf(math.floor(rate), rate) + 2 * p[:part].square().sum().item()
            assert mode <= bound + 1e-12


def test_example_of_numerous_small_probabilities():
    mode = distribution(torch.full((100,), 0.01, dtype=torch.float64), 100).max()
    assert mode <= 1 / math.e + 0.02


def test_property_3_1_the_mode_only_falls_as_instances_are_added():
    p = draw(60, seed=0)
    modes = torch.stack([distribution(p[:n], 60).max() for n in range(1, 61)])
    assert (modes.diff() <= 1e-12).all()


def test_two_instances_gradients_of_figure_3_1():
    """The gradient pulls apart: the larger of two probabilities grows, the smaller one falls."""
    p = torch.tensor([[0.7, 0.4], [0.2, 0.9]], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad((-log_prob(p, 1)).sum(), p)
    assert (gradient < 0).tolist() == [[True, False], [False, True]]
    (p_1, p_2), (g_1, g_2) = p.detach().T, gradient.T
    one = p_1 + p_2 - 2 * p_1 * p_2  # eq 3.5
    torch.testing.assert_close(g_1, (2 * p_2 - 1) / one)
    torch.testing.assert_close(g_2, (2 * p_1 - 1) / one)


def decided_by_descent(name):
    """Outputs ``(2, n)`` that descent from an undecided start ends in, for two events each."""
    n, loss = 12, losses.create(name)
    logits = torch.randn(2, n, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    if "events" in loss.heads:
        events = torch.zeros(2, 1, n, dtype=torch.float64)
        events[..., [3, 8]] = 1
        logits, target = logits[:, None], EventTarget(events, step=0.01)
    else:
        target = InstanceTarget(torch.tensor([2, 2]))
    leaf = logits.requires_grad_()
    optimizer = torch.optim.Adam([leaf], lr=0.1)
    for _ in range(800):
        optimizer.zero_grad()
        loss(leaf.sigmoid(), target, 1.0).sum().backward()
        optimizer.step()
    return leaf.detach().sigmoid().view(2, n)


def undecided(p):
    return ((p > 0.05) & (p < 0.95)).sum().item()


@pytest.mark.parametrize("name", [name for name in registry.names() if registry.get(name).sparse])
def test_losses_that_say_so_end_near_0_or_1(name):
    p = decided_by_descent(name)
    assert undecided(p) == 0
    counts = p.round().sum(-1)
    expected = counts[:1].expand(2) if name == "poisson_binomial_consistency" else counts * 0 + 2
    assert torch.equal(counts, expected)


def test_counting_by_squares_does_not():
    assert not registry.get("count_mse").sparse
    assert undecided(decided_by_descent("count_mse")) > 0
