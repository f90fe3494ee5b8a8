"""The Poisson-binomial kernel where floats are short: tilting, bounds, denormal numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import binom, poisson_binom

from losses._kernels.chernoff import all_are_below
from losses._kernels.count_recursion import room_needed, segment_length, segments
from losses._kernels.simd import LANES
from losses.poisson_binomial import log_prob, log_prob_by_tree

torch.set_num_threads(1)
BOTH = pytest.mark.parametrize("evaluate", [log_prob, log_prob_by_tree])


def logits(kind, rows, n, seed=0):
    draw = torch.Generator().manual_seed(seed)
    z = torch.randn(rows, n, generator=draw)
    if kind == "untrained":
        return z
    if kind == "saturated":
        return 8 * z
    if kind == "all near 1":
        return z + 9
    if kind == "all near 0":
        return 3 * z - 15
    peaks = torch.rand(rows, n, generator=draw) < 0.1
    return torch.where(peaks, z + 9, z - 16)


KINDS = ["untrained", "saturated", "all near 1", "all near 0", "converged"]


def in_the_log_domain(p, count):
    """Recursion (2.11) on logarithms, one row at a time, and the gradient by leaving one out.

    ∂ log Pr / ∂ p_i = (Pr(c - 1 without i) - Pr(c without i)) / Pr(c).
    """

    def bins(p):
        a = np.full(count + 1, -np.inf)
        a[0] = 0
        for p_i in p:
            stay, rise = a + np.log1p(-p_i), np.r_[-np.inf, a[:-1]] + np.log(p_i)
            a = np.logaddexp(stay, rise)
        return a

    value = bins(p)[count]
    gradient = np.empty(len(p))
    for i in range(len(p)):
        without = np.exp(bins(np.delete(p, i)) - value)
        gradient[i] = (without[count - 1] if count else 0) - without[count]
    return value, gradient


def both(p, count):
    """Value and gradient."""
    p = p.clone().requires_grad_()
    value = log_prob(p, count)
    return value.detach(), torch.autograd.grad(value.sum(), p)[0]


@BOTH
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_value_and_gradient_against_the_log_domain(evaluate, kind, dtype):
    rows, n = 40, 40  # more than one block, not a whole number of them
    p = logits(kind, rows, n).to(dtype).sigmoid().clamp(1e-28, 1 - 1e-6)
    count = torch.arange(rows) % 14
    p.requires_grad_()
    value = evaluate(p, count)
    (gradient,) = torch.autograd.grad(value.sum(), p)
    close = 20 * torch.finfo(dtype).eps if dtype == torch.float32 else 1e-12  # of the oracle
    for row in range(rows):
        exact_p = p[row].detach().double().numpy()
        expected, slope = in_the_log_domain(exact_p, int(count[row]))
        assert value[row].item() == pytest.approx(expected, rel=close, abs=close)
        # the gradient is a difference of two terms of at most this size
        scale = 1 / exact_p + 1 / (1 - exact_p)
        assert np.max(np.abs(gradient[row].numpy() - slope) / scale) < close


@pytest.mark.parametrize("n", [1, 16, 31, 150])
def test_rows_of_all_kinds_in_one_batch_equal_each_alone(n):
    p = torch.cat([logits(kind, 30, n, seed=n) for kind in KINDS]).sigmoid()
    p = p[torch.randperm(len(p), generator=torch.Generator().manual_seed(n))].requires_grad_()
    count = torch.arange(len(p)) % (n + 3)
    value = log_prob(p, count)
    (gradient,) = torch.autograd.grad(value.sum(), p)
    for row in range(len(p)):
        alone = log_prob(p[row], count[row])
        assert torch.equal(alone, value[row])
        assert torch.equal(torch.autograd.grad(alone, p)[0][row], gradient[row])


def test_long_sequences_of_few_and_many_counts_share_a_batch():
    """Few bins keep all states of 3,000 instances, many do not: both need their room."""
    n, counts = 3000, torch.arange(22).repeat_interleave(LANES)
    p = torch.rand(len(counts), n, generator=torch.Generator().manual_seed(0)) * 0.006
    assert segments(n, 1) == 1 < segments(n, 22)
    states, first_states = room_needed(n, 22)
    for bins in range(1, 23):
        assert (segment_length(n, bins) + 1) * bins * LANES <= states
        assert segments(n, bins) * bins * LANES <= first_states
    value, gradient = both(p, counts)
    for row in range(0, len(counts), 7):
        alone, slope = both(p[row], counts[row])
        assert torch.equal(alone, value[row])
        assert torch.equal(slope, gradient[row])


@pytest.mark.parametrize("kind", KINDS)
def test_the_bound_never_skips_a_likely_count(kind):
    n, skipped = 60, 0
    for row in logits(kind, 20, n).double().sigmoid().numpy():
        for count in range(0, n + 1, 3):
            lanes, mean = np.full(LANES, count), np.full(LANES, row.sum())
            if all_are_below(1e-8, lanes, mean, n):
                skipped += 1
                assert poisson_binom.logpmf(count, row) < np.log(1e-8)
    assert skipped > 20


def test_the_bound_waits_for_every_lane():
    count, mean = np.zeros(LANES, np.int64), np.full(LANES, 90.0)
    assert all_are_below(1e-20, count, mean, 100)
    mean[-1] = 2.0
    assert not all_are_below(1e-20, count, mean, 100)
    mean[-1] = np.nan
    assert not all_are_below(1e-20, count, mean, 100)


def test_steps_too_far_are_made_good():
    """Half of p next to 1, half next to 0: the variance says nothing of how far to tilt."""
    high, low = (float(torch.tensor(x)) for x in (1 - 2e-7, 1e-25))  # as float32 has them
    p = torch.cat([torch.full((70,), high), torch.full((80,), low)])
    for count in (0, 3, 70, 71, 75):
        many = np.arange(max(0, count - 80), min(70, count) + 1)
        terms = binom.logpmf(many, 70, high) + binom.logpmf(count - many, 80, low)
        assert log_prob(p, count).item() == pytest.approx(logsumexp(terms), rel=2e-6, abs=1e-7)


@pytest.mark.parametrize("flushed", [False, True])
def test_the_setting_for_denormals_is_left_as_it_was(flushed):
    if not torch.set_flush_denormal(flushed):
        pytest.skip("this processor keeps denormals")
    try:
        log_prob(torch.rand(4, 9, requires_grad=True), 2).sum().backward()
        assert (5e-324 * float("1.0") == 0.0) == flushed
        with pytest.raises(ValueError, match="at least 0"):
            log_prob(torch.rand(4, 9), -1)
        assert (5e-324 * float("1.0") == 0.0) == flushed
    finally:
        torch.set_flush_denormal(False)
