"""Poisson-binomial likelihood against scipy, enumeration of subsets, and exact identities."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy.stats import poisson_binom

import losses
from bench.plugin import EventTarget, InstanceTarget, OptionError, PointPrediction, PointTarget
from losses.poisson_binomial import distribution, initial_bias, log_prob, log_prob_by_tree

torch.set_num_threads(1)
BOTH = pytest.mark.parametrize("evaluate", [log_prob, log_prob_by_tree])


def draw(*shape, scale=1.0, seed=0, dtype=torch.float64):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype) * scale


def scipy_log_prob(p, count):
    return np.array([poisson_binom.logpmf(c, row) for row, c in zip(p.numpy(), count, strict=True)])


def by_subsets(p, count):
    """Pr(C = count) and its gradient, summed over the subsets of occurring instances."""
    n = len(p)
    value, gradient = 0.0, np.zeros(n)
    for chosen in itertools.combinations(range(n), count):
        factors = np.array([p[i] if i in chosen else 1 - p[i] for i in range(n)])
        value += factors.prod()
        for i in range(n):
            sign = 1 if i in chosen else -1
            gradient[i] += sign * np.delete(factors, i).prod()
    return value, gradient


def value_and_gradient(evaluate, p, count):
    p = p.clone().requires_grad_()
    value = evaluate(p, count)
    return value.detach(), torch.autograd.grad(value.sum(), p)[0]


@BOTH
@pytest.mark.parametrize(
    ("n", "scale", "counts"),
    [
        (1, 1.0, [0, 1]),
        (17, 1.0, [0, 5, 8, 17]),
        (370, 0.02, [0, 3, 8, 23]),
        (370, 1.0, [0, 3, 185, 369]),  # probabilities down to 1e-160
        (2000, 0.01, [0, 7, 12, 40]),
        (2000, 1.0, [900, 1000, 1003, 1100]),
    ],
)
def test_log_prob_agrees_with_scipy(evaluate, n, scale, counts):
    p = draw(len(counts), n, scale=scale, seed=n)
    value = evaluate(p, torch.tensor(counts))
    np.testing.assert_allclose(value.numpy(), scipy_log_prob(p, counts), rtol=1e-9, atol=1e-10)


@BOTH
def test_counts_too_unlikely_for_floats(evaluate):
    """Below e^-745, by the elementary symmetric polynomials of the odds: e_2 = (s_1² - s_2) / 2."""
    p = draw(1, 2000, seed=5)
    odds = p / (1 - p)
    pairs = (odds.sum() ** 2 - odds.square().sum()) / 2
    expected = (1 - p).log().sum() + torch.stack([torch.tensor(1.0), odds.sum(), pairs]).log()
    value = evaluate(p.expand(3, 2000), torch.arange(3))
    assert value.max() < -1900
    torch.testing.assert_close(value, expected, rtol=1e-11, atol=0.0)


@BOTH
@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_value_and_gradient_are_sums_over_subsets(evaluate, n):
    p = draw(n + 1, n, seed=n)
    count = torch.arange(n + 1)
    value, gradient = value_and_gradient(evaluate, p, count)
    for row in range(n + 1):
        probability, by_p = by_subsets(p[row].numpy(), row)
        assert value[row].item() == pytest.approx(math.log(probability), rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(gradient[row].numpy(), by_p / probability, rtol=1e-9, atol=1e-12)


@BOTH
@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_gradcheck(evaluate, scale):
    p = (draw(4, 12) * 0.9 * scale + 0.05 * scale).requires_grad_()
    count = torch.tensor([0, 3, 11, 12])
    torch.autograd.gradcheck(
        lambda x: evaluate(x * scale, count), (p / scale).detach().requires_grad_()
    )


def test_gradient_by_the_conditional_occurrences_of_the_instances():
    """∂ log Pr / ∂ p = Pr(B = 1 | C) / p - Pr(B = 0 | C) / (1 - p), also for thousands."""
    p, count = draw(1, 2000, scale=0.02, seed=3), torch.tensor([9])
    value, gradient = value_and_gradient(log_prob, p, count)
    for i in (0, 7, 1999):
        rest = np.delete(p[0].numpy(), i)
        present = p[0, i].item() * poisson_binom.pmf(8, rest) / math.exp(value.item())
        expected = present / p[0, i].item() - (1 - present) / (1 - p[0, i].item())
        assert gradient[0, i].item() == pytest.approx(expected, rel=1e-8)


@BOTH
def test_binary_probabilities(evaluate):
    p = torch.zeros(3, 2000, dtype=torch.float64)
    p[0, :5] = 1
    p[1, ::2] = 1
    value, gradient = value_and_gradient(evaluate, p, torch.tensor([5, 1000, 0]))
    assert torch.equal(value, torch.zeros(3, dtype=torch.float64))
    assert gradient.isfinite().all()
    # a wrong count is impossible: finite, and each missing instance costs -log of the floor
    value, gradient = value_and_gradient(evaluate, p, torch.tensor([6, 999, 2]))
    assert value.isfinite().all()
    assert gradient.isfinite().all()
    assert value[2].item() == pytest.approx(2 * math.log(1e-30) + math.log(math.comb(2000, 2)))
    assert (gradient[2] > 0).all()
    assert (gradient[1] <= 0).all()


@BOTH
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_border_probabilities_give_finite_loss_and_gradient(evaluate, dtype):
    p = torch.tensor([[0.0] * 6, [1.0] * 6, [0, 1, 0, 1, 0.5, 0.5], [1e-7, 1, 1, 1, 1, 0]])
    for count in range(9):
        value, gradient = value_and_gradient(evaluate, p.to(dtype), torch.tensor(count))
        assert value.isfinite().all()
        assert gradient.isfinite().all()
        assert gradient.dtype == dtype


@BOTH
def test_loss_grows_steadily_as_the_count_becomes_impossible(evaluate):
    p = torch.logspace(-2, -45, 80, dtype=torch.float64)[:, None].expand(80, 3)
    value = evaluate(p, 1)
    assert (value.diff() <= 1e-12).all()
    assert value[-1].item() == pytest.approx(math.log(3e-30))


@BOTH
def test_counts_beyond_the_instances_are_finite(evaluate):
    p = draw(2, 3)
    value = evaluate(p, torch.tensor([3, 5]))
    expected = p.log().sum(-1) + torch.tensor([0.0, 2.0], dtype=p.dtype) * math.log(1e-30)
    torch.testing.assert_close(value, expected, rtol=1e-12, atol=0.0)


@BOTH
def test_no_instances(evaluate):
    value = evaluate(torch.zeros(2, 0), torch.tensor([0, 1]))
    torch.testing.assert_close(value, torch.tensor([0.0, math.log(1e-30)]))


@BOTH
def test_nan_stays_in_its_sequence(evaluate):
    p = draw(3, 40, dtype=torch.float32)
    p[1, 7] = float("nan")
    value, gradient = value_and_gradient(evaluate, p, torch.tensor([2, 2, 20]))
    assert value.isnan().tolist() == [False, True, False]
    assert gradient.isnan().any(-1).tolist() == [False, True, False]


def test_tree_agrees_with_the_kernel_in_float32():
    for scale in (0.02, 1.0):
        p = draw(96, 370, scale=scale, dtype=torch.float32)
        count = torch.arange(96) % 24
        for ours, theirs in zip(
            value_and_gradient(log_prob, p, count),
            value_and_gradient(log_prob_by_tree, p, count),
            strict=True,
        ):
            torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [15, 16, 17, 33, 5000])
def test_many_sequences_at_once_equal_each_alone(n):
    """Blocks of lanes, squares of the transposition and segments leave no trace."""
    p = draw(67 if n < 5000 else 3, n, scale=10 / n, dtype=torch.float32)
    count = torch.arange(len(p)) % 9
    value, gradient = value_and_gradient(log_prob, p, count)
    for row in (0, 1, len(p) - 1):
        alone = value_and_gradient(log_prob, p[row : row + 1], count[row : row + 1])
        assert torch.equal(value[row], alone[0][0])
        assert torch.equal(gradient[row], alone[1][0])


def test_segments_of_long_sequences_equal_scipy():
    p = draw(2, 3000, scale=0.2)  # states of 300 bins do not fit: they are computed twice
    count = torch.tensor([280, 320])
    value, gradient = value_and_gradient(log_prob, p, count)
    np.testing.assert_allclose(value, scipy_log_prob(p, count.tolist()), rtol=1e-9)
    _, expected = value_and_gradient(log_prob_by_tree, p, count)
    torch.testing.assert_close(gradient, expected, rtol=1e-9, atol=1e-9)


def test_permutation_and_padding_change_nothing():
    p, count = draw(4, 50, scale=0.2), torch.tensor([0, 3, 6, 9])
    value, gradient = value_and_gradient(log_prob, p, count)
    order = torch.randperm(50, generator=torch.Generator().manual_seed(1))
    shuffled, shuffled_gradient = value_and_gradient(log_prob, p[:, order], count)
    torch.testing.assert_close(shuffled, value, rtol=1e-13, atol=0.0)
    torch.testing.assert_close(shuffled_gradient, gradient[:, order], rtol=1e-11, atol=1e-12)
    padded = torch.cat([p, torch.zeros(4, 13)], dim=1)
    assert torch.equal(log_prob(padded, count), value)


def test_shapes_and_strides():
    p, count = draw(2, 3, 5, 20), torch.randint(0, 6, (2, 3, 5))
    value, gradient = value_and_gradient(log_prob, p, count)
    assert value.shape == (2, 3, 5)
    assert gradient.shape == p.shape
    turned = p.permute(3, 0, 2, 1).contiguous().permute(1, 3, 2, 0)
    assert torch.equal(log_prob(turned, count.mT.contiguous().mT), value)
    assert torch.equal(log_prob(p, 2)[0, 0, 0], log_prob(p[0, 0, 0], 2))


def test_a_retained_graph_can_be_used_again():
    p = draw(3, 20).requires_grad_()
    value = log_prob(p, 2).sum()
    (first,) = torch.autograd.grad(value, p, retain_graph=True)
    (again,) = torch.autograd.grad(3 * value, p)
    torch.testing.assert_close(again, 3 * first)


def test_vectorised_jacobian():
    p = draw(3, 6)
    jacobian = torch.autograd.functional.jacobian(lambda x: log_prob(x, 2), p, vectorize=True)
    _, gradient = value_and_gradient(log_prob, p, 2)
    torch.testing.assert_close(jacobian[range(3), range(3)], gradient)
    assert jacobian[0, 1].eq(0).all()
    leaf = p.clone().requires_grad_()
    jacobian = torch.autograd.functional.jacobian(
        lambda x: log_prob(x, 2), leaf, vectorize=True, create_graph=True
    )
    (found,) = torch.autograd.grad(jacobian.square().sum(), leaf)
    (slope,) = torch.autograd.grad(log_prob(leaf, 2).sum(), leaf, create_graph=True)
    torch.testing.assert_close(found, torch.autograd.grad(slope.square().sum(), leaf)[0])


def test_function_transforms():
    p, count = draw(4, 9), torch.tensor([0, 1, 5, 9])
    value, gradient = value_and_gradient(log_prob, p, count)
    torch.testing.assert_close(torch.vmap(log_prob)(p, count), value)
    torch.testing.assert_close(torch.vmap(torch.func.grad(log_prob))(p, count), gradient)


def test_function_transforms_of_the_distribution():
    p = draw(4, 9)
    torch.testing.assert_close(torch.vmap(lambda row: distribution(row, 3))(p), distribution(p, 3))
    slopes = torch.vmap(torch.func.jacrev(lambda row: distribution(row, 3)))(p)
    torch.testing.assert_close(slopes.sum(1), torch.zeros(4, 9, dtype=p.dtype))  # mass is kept
    (expected,) = torch.autograd.grad(
        distribution(leaf := p.clone().requires_grad_(), 3)[..., 2].sum(), leaf
    )
    torch.testing.assert_close(slopes[:, 2], expected)


@pytest.mark.slow
def test_compilers_take_the_tree():
    p, count = draw(3, 6, dtype=torch.float32), torch.tensor([0, 2, 5])
    value, gradient = value_and_gradient(log_prob, p, count)
    compiled = torch.compile(
        lambda p, count: log_prob_by_tree(p, count, max_count=5),
        backend="aot_eager",
        fullgraph=True,
    )
    for ours, theirs in zip(value_and_gradient(compiled, p, count), (value, gradient), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


def log_hessian(p, count):
    """Second derivatives of log Pr(C = count), for a sequence ``p (n,)``, by conditioning on pairs.

    Pr is linear in each probability, so that derivatives by p_i and p_j are differences of the
    distribution of the others.
    """

    def others(without, k):
        rest = np.delete(p, without)
        return poisson_binom.pmf(k, rest) if len(rest) else float(k == 0)

    pr = poisson_binom.pmf(count, p)
    slope = np.array([others([i], count - 1) - others([i], count) for i in range(len(p))])
    second = np.zeros((len(p), len(p)))
    for i, j in itertools.permutations(range(len(p)), 2):
        second[i, j] = np.dot([1, -2, 1], [others([i, j], count - k) for k in (2, 1, 0)])
    return second / pr - np.outer(slope, slope) / pr**2


@pytest.mark.parametrize(
    ("n", "scale", "count"),
    [(2, 1.0, 1), (3, 1.0, 0), (3, 1.0, 2), (9, 1.0, 4), (9, 1.0, 9), (12, 1e-3, 8)],
)  # the last one is done by tilting
def test_second_derivatives_are_those_of_the_distributions_of_the_others(n, scale, count):
    p = draw(n, scale=scale, seed=n)
    expected = log_hessian(p.numpy(), count)
    largest = abs(expected).max()
    for vectorize in (False, True):
        hessian = torch.autograd.functional.hessian(
            lambda x: log_prob(x, count), p, vectorize=vectorize
        )
        np.testing.assert_allclose(hessian, expected, rtol=1e-6, atol=1e-9 * largest)
    single = torch.autograd.functional.hessian(lambda x: log_prob(x, count), p.float())
    np.testing.assert_allclose(single, expected, atol=1e-4 * largest)


def test_differentiating_twice_and_more():
    p, count = draw(4, 7) * 0.8 + 0.1, torch.tensor([0, 2, 5, 9])
    torch.autograd.gradgradcheck(lambda x: log_prob(x, count), p.requires_grad_())

    def slope(x):
        return torch.autograd.grad(log_prob(x, count).exp().sum(), x, create_graph=True)[0]

    torch.autograd.gradgradcheck(slope, p)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_gradient_with_a_graph_has_the_bits_of_one_without(dtype):
    p = draw(5, 30, scale=0.3, dtype=dtype).requires_grad_()
    value = log_prob(p, torch.tensor([0, 2, 5, 20, 33])).square().sum()
    gradients = [
        torch.autograd.grad(value, p, retain_graph=True, create_graph=graph)[0]
        for graph in (True, False, True, False)
    ]
    (product,) = torch.autograd.grad(gradients[0].square().sum(), p)
    assert product.isfinite().all()
    for gradient in gradients:
        assert torch.equal(gradient, gradients[1])


@pytest.mark.parametrize("shift", [-70.0, -30.0, -3.0, 0.0, 3.0, 6.0])
@pytest.mark.parametrize("count", [0, 2, 45, 70])
@BOTH
def test_second_derivatives_by_logits_in_single_precision(evaluate, count, shift):
    """Of unlikely counts and of probabilities whose squares underflow."""
    z = shift + 2 * draw(2, 64, seed=1)
    direction = draw(2, 64, seed=2) - 0.5

    def product(z):
        leaf = z.clone().requires_grad_()
        p = torch.sigmoid(leaf)
        (first,) = torch.autograd.grad(evaluate(p, count).sum(), leaf, create_graph=True)
        return torch.autograd.grad(first, leaf, direction.to(z.dtype))[0]

    expected = product(z)
    largest = expected.abs().max().clamp(min=1e-3)
    assert (product(z.float()) - expected).abs().max() <= 1e-3 * largest


def test_no_instances_differentiated_twice():
    p = torch.zeros(3, 0, requires_grad=True)
    weight = torch.ones(3, requires_grad=True)
    value = (weight**2 * log_prob(p, 1)).sum()
    assert torch.autograd.grad(value, p, create_graph=True)[0].shape == (3, 0)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # of torch's forward mode
def test_second_derivatives_vanish_on_the_diagonal():
    """Pr is linear in each probability."""
    hessian = torch.func.hessian(lambda p: log_prob_by_tree(p, 2).exp())(draw(5))
    assert hessian.diagonal().abs().max() < 1e-12
    torch.testing.assert_close(hessian, hessian.T)
    torch.autograd.gradgradcheck(lambda p: log_prob_by_tree(p, 2), draw(5).requires_grad_())


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (torch.tensor([1.0]), "count must be an integer tensor, got torch.float32"),
        (torch.tensor([True]), "count must be an integer tensor, got torch.bool"),
        (torch.tensor([-1]), "count must be at least 0, got -1"),
    ],
)
@BOTH
def test_wrong_counts(evaluate, count, message):
    with pytest.raises(ValueError, match=message):
        evaluate(draw(1, 4), count)


def test_results_are_bit_identical_across_processes():
    script = (
        "import torch; from losses.poisson_binomial import log_prob;"
        "p = torch.rand(40, 100, generator=torch.Generator().manual_seed(0)).requires_grad_();"
        "v = log_prob(p, torch.arange(40)); v.sum().backward();"
        "result = v.double().sum().item().hex(), p.grad.double().sum().item().hex()"
    )
    here = {}
    exec(script, here)
    command = [sys.executable, "-c", script + "; print(*result)"]
    there = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert there.split() == list(here["result"])


@pytest.mark.parametrize("max_count", [0, 1, 4, 11, 12, 30])
def test_distribution_agrees_with_scipy(max_count):
    p = draw(3, 12)
    bins = distribution(p, max_count)
    assert bins.shape == (3, max_count + 2)
    for row in range(3):
        expected = poisson_binom.pmf(np.arange(max_count + 1), p[row].numpy())
        np.testing.assert_allclose(bins[row, :-1], expected, atol=1e-14)
        # above the count, tails are no difference of near-equal numbers
        above = sum(poisson_binom.pmf(k, p[row].numpy()) for k in range(max_count + 1, 13))
        assert bins[row, -1].item() == pytest.approx(above, rel=1e-9, abs=1e-300)


def test_distribution_of_border_cases():
    assert distribution(torch.zeros(2, 0), 1).tolist() == [[1, 0, 0]] * 2
    assert distribution(torch.ones(3), 1).tolist() == [0, 0, 1]
    assert distribution(torch.tensor([1.0, 0.0, 1.0]), 3).tolist() == [0, 0, 1, 0, 0]
    with pytest.raises(ValueError, match="max_count must be at least 0, got -1"):
        distribution(torch.ones(3), -1)
    p = draw(2, 7).requires_grad_()
    torch.autograd.gradcheck(lambda x: distribution(x, 3), p)


def test_initial_bias_puts_the_mass_on_zero():
    for n, mass in ((1, 0.3), (370, 0.9), (100_000, 0.01)):
        p = torch.sigmoid(torch.tensor(initial_bias(n, mass), dtype=torch.float64)).expand(n)
        assert log_prob(p, 0).exp().item() == pytest.approx(mass, rel=1e-9)


# the loss


def event_target(counts, mask=None):
    return EventTarget(events=None, mask=mask, known_counts=torch.tensor(counts))


def test_loss_is_the_mean_over_channels():
    p = draw(2, 3, 20, scale=0.3)
    counts = [[0, 1, 4], [2, 2, 7]]
    loss = losses.create("poisson_binomial")(p, event_target(counts))
    expected = [-scipy_log_prob(p[b], counts[b]).mean() for b in range(2)]
    np.testing.assert_allclose(loss, expected, rtol=1e-10)


def test_events_behind_the_mask_do_not_count():
    events = torch.zeros(1, 1, 10)
    events[..., [1, 4, 9]] = 1
    mask = torch.arange(10)[None] < 6
    p = draw(1, 1, 10)
    p[..., 6:] = float("nan")
    loss = losses.create("poisson_binomial")(p, EventTarget(events, mask=mask))
    assert loss.item() == pytest.approx(-poisson_binom.logpmf(2, p[0, 0, :6].numpy()))


def test_points_and_instances_heads():
    loss = losses.create("poisson_binomial")
    p = draw(2, 30, scale=0.2)
    mask = torch.arange(30)[None] < torch.tensor([[30], [11]])
    by_instances = loss(p, InstanceTarget(torch.tensor([2, 1]), mask=mask))
    assert by_instances[1].item() == pytest.approx(-poisson_binom.logpmf(1, p[1, :11].numpy()))

    position = torch.full((2, 4, 2), float("nan"))
    known = torch.tensor([[True, True, False, True], [False] * 4])
    target = PointTarget(position, known, channel=torch.tensor([[0, 2, 99, 2], [-1, 5, 7, 0]]))
    prediction = PointPrediction(torch.zeros(2, 30, 2), draw(2, 30, 3, scale=0.2, seed=4))
    counts = [[1, 0, 2], [0, 0, 0]]
    rows = prediction.p.transpose(1, 2)
    expected = [-scipy_log_prob(rows[b], counts[b]).mean() for b in range(2)]
    np.testing.assert_allclose(loss(prediction, target), expected, rtol=1e-10)

    single = PointPrediction(prediction.position, prediction.p[..., :1])
    assert loss(single, PointTarget(position, known)).shape == (2,)
    with pytest.raises(ValueError, match="the prediction has 3 channels"):
        loss(prediction, PointTarget(position, known))
    with pytest.raises(TypeError, match="no counts in PointTarget"):
        loss(p, PointTarget(position, known))


def test_subset_trick_starts_late_and_drops_instances():
    p = torch.cat([draw(2, 1, 6), draw(2, 1, 50, scale=1e-3)], dim=-1).requires_grad_()
    target = event_target([[2], [1]])
    loss = losses.create("poisson_binomial", subset_threshold=1e-3, subset_begin=0.4)
    exact = losses.create("poisson_binomial")
    assert torch.equal(loss(p, target, 0.39), exact(p, target))
    torch.testing.assert_close(loss(p, target, 0.4), exact(p[..., :6], target))
    (gradient,) = torch.autograd.grad(loss(p, target, 1.0).sum(), p)
    assert gradient[..., 6:].eq(0).all()
    assert gradient[..., :6].ne(0).all()


def test_options():
    with pytest.raises(OptionError, match="subset_threshold"):
        losses.create("poisson_binomial", subset_threshold=1.0)
    assert not losses.create("poisson_binomial").needs_locations


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_saturated_half_precision_logits(dtype):
    z = torch.tensor([[[-1e4, 1e4, 3.0, -30.0]]], dtype=dtype, requires_grad=True)
    for count in range(5):
        loss = losses.create("poisson_binomial")(torch.sigmoid(z), event_target([[count]]))
        (gradient,) = torch.autograd.grad(loss.sum(), z)
        assert loss.isfinite().all()
        assert gradient.isfinite().all()
