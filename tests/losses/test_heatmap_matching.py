"""Continuous heatmap matching against quadrature, the thesis's gradients, and its examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import poisson_binom

import losses
from bench.plugin import OptionError, PointPrediction, PointTarget
from losses._shared import heatmap_pairs
from losses.heatmap_matching import distance

torch.set_num_threads(1)


def scene(dim=2, batch=3, n=7, m=4, channel=1, side=3.0, seed=0, dtype=torch.float64):
    g = torch.Generator().manual_seed(seed)
    position = torch.rand(batch, n, dim, generator=g, dtype=dtype) * side
    p = torch.rand(batch, n, channel, generator=g, dtype=dtype)
    target = torch.rand(batch, m, dim, generator=g, dtype=dtype) * side
    mask = torch.rand(batch, m, generator=g) < 0.7
    owner = torch.randint(channel, (batch, m), generator=g)
    return position, p, target, mask, owner


def grid_scene(side=26, batch=2, m=100, seed=0, dtype=torch.float64):
    """Two candidates per pixel, each within its own pixel, as in the microscopy experiment."""
    g = torch.Generator().manual_seed(seed)
    cell = torch.cartesian_prod(torch.arange(side), torch.arange(side)).repeat_interleave(2, 0)
    position = cell + torch.rand(batch, len(cell), 2, generator=g, dtype=dtype)
    p = torch.sigmoid(torch.randn(batch, len(cell), 1, generator=g, dtype=dtype) - 3)
    target = torch.rand(batch, m, 2, generator=g, dtype=dtype) * side
    mask = torch.arange(m) < torch.randint(1, m + 1, (batch, 1), generator=g)
    return position, p, target, mask


def gradients(value, *inputs):
    return torch.autograd.grad(value.sum(), inputs)


def all_pairs(position, p, target, mask, bandwidth):
    """Eq 6.4 in torch operations, for any dimension and one channel."""
    weight = torch.cat([p[..., 0], -mask.to(p)], 1)
    points = torch.cat([position, target], 1)
    squared = (points[:, :, None] - points[:, None]).square().sum(-1)
    kernel = torch.exp(-squared / (2 * bandwidth**2))
    scale = (math.pi * bandwidth**2 / 2) ** (position.shape[-1] / 2)
    return scale * torch.einsum("bi,bij,bj->b", weight, kernel, weight)


def test_equals_quadrature_in_two_dimensions():
    position, p, target, mask, _ = scene()
    bandwidth, h = 0.7, 0.1
    axis = torch.arange(-4, 7, h, dtype=torch.float64)
    nodes = torch.cartesian_prod(axis, axis)

    def heatmap(points, weight):
        return torch.exp(-torch.cdist(nodes, points).square() / bandwidth**2) @ weight

    value = distance(position, p, target, mask, bandwidth)
    for b in range(3):
        difference = heatmap(target[b], mask[b].double()) - heatmap(position[b], p[b, :, 0])
        assert value[b].item() == pytest.approx(difference.square().sum().item() * h**2, rel=1e-10)


def test_equals_quadrature_in_one_dimension():
    position, p, target, mask, _ = scene(dim=1)
    bandwidth = 0.4

    def squared_difference(x, b):
        labels = np.exp(-((target[b, :, 0].numpy() - x) ** 2) / bandwidth**2) @ mask[b].numpy()
        found = np.exp(-((position[b, :, 0].numpy() - x) ** 2) / bandwidth**2) @ p[b, :, 0].numpy()
        return (labels - found) ** 2

    value = distance(position, p, target, mask, bandwidth)
    for b in range(3):
        integral, _ = quad(squared_difference, -3, 6, args=(b,), limit=200, epsabs=1e-12)
        assert value[b].item() == pytest.approx(integral, rel=1e-9)


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("channel", [1, 3])
def test_gradcheck(dim, channel):
    position, p, target, mask, owner = scene(dim=dim, batch=2, channel=channel)
    position.requires_grad_()
    p.requires_grad_()

    def loss(position, p):
        return distance(position, p, target, mask, 0.5, owner)

    assert torch.autograd.gradcheck(loss, (position, p))


@pytest.mark.parametrize(("dim", "channel"), [(1, 3), (2, 1), (3, 2)])
def test_second_derivatives(dim, channel, monkeypatch):
    position, p, target, mask, owner = scene(dim=dim, batch=2, n=4, m=3, channel=channel)
    monkeypatch.setattr(heatmap_pairs, "_PAIRS", 40)  # several chunks

    def loss(position, p):
        return distance(position, p, target, mask, 0.5, owner)

    assert torch.autograd.gradgradcheck(loss, (position.requires_grad_(), p.requires_grad_()))


def third(value, *inputs):
    """Gradients of a function of Hessian-vector products."""
    first = torch.autograd.grad(value.sum(), inputs, create_graph=True)
    slope = sum(gradient.sin().sum() for gradient in first)
    second = torch.autograd.grad(slope, inputs, create_graph=True)
    return second, gradients(sum(gradient.square().sum() for gradient in second), *inputs)


def test_derivatives_of_all_orders_are_those_of_all_pairs():
    position, p, target, mask, _ = scene()
    inputs = position.requires_grad_(), p.requires_grad_()
    found = third(distance(*inputs, target, mask, 0.5), *inputs)
    expected = third(all_pairs(*inputs, target, mask, 0.5), *inputs)
    torch.testing.assert_close(found, expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_gradient_with_a_graph_has_the_bits_of_one_without(dtype):
    position, p, target, mask, _ = scene(dtype=dtype)
    inputs = position.requires_grad_(), p.requires_grad_()
    value = distance(*inputs, target, mask, 0.5).square().sum()
    found = torch.autograd.grad(value, inputs, create_graph=True)
    for ours, theirs in zip(found, gradients(value, *inputs), strict=True):
        assert torch.equal(ours, theirs)


def test_second_derivatives_without_predictions_or_labels():
    for n, m in ((0, 3), (4, 0), (0, 0)):
        position, p, target, mask, _ = scene(n=n, m=m)
        inputs = position.requires_grad_(), p.requires_grad_()
        found, _ = third(distance(*inputs, target, mask, 0.5), *inputs)
        expected, _ = third(all_pairs(*inputs, target, mask, 0.5), *inputs)
        torch.testing.assert_close(found, expected)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # of torch's forward mode
def test_hessian_of_function_transforms():
    position, p, target, mask, _ = scene()

    def value(position, p, target, mask):
        return distance(position[None], p[None], target[None], mask[None], 0.7)[0]

    hessian = torch.func.jacrev(torch.func.jacrev(value, argnums=(0, 1)), argnums=(0, 1))
    mapped = torch.vmap(hessian)(position, p, target, mask)
    for row in range(len(position)):
        expected = torch.autograd.functional.hessian(
            lambda *inputs, row=row: all_pairs(
                *(part[None] for part in (*inputs, target[row], mask[row])), 0.7
            ).sum(),
            (position[row], p[row]),
        )
        for ours, theirs in zip(mapped, expected, strict=True):
            torch.testing.assert_close(tuple(part[row] for part in ours), theirs)
    with pytest.raises(NotImplementedError, match="forward mode"):
        torch.func.hessian(lambda x: value(x, p[0], target[0], mask[0]))(position[0])


def test_gradients_are_the_thesis_formulas():
    position, p, target, _, _ = scene(batch=1)
    mask = torch.ones(1, 4, dtype=torch.bool)
    position.requires_grad_()
    p.requires_grad_()
    lam = 0.6
    by_position, by_p = gradients(distance(position, p, target, mask, lam), position, p)
    x, w, y = position[0].detach(), p[0, :, 0].detach(), target[0]
    for k in range(7):
        pull, potential = torch.zeros(2, dtype=torch.float64), 0.0
        for j in range(4):
            near = torch.exp(-(x[k] - y[j]).square().sum() / (2 * lam**2))
            pull += w[k] * math.pi * near * (x[k] - y[j])
            potential -= math.pi * lam**2 * near
        for i in range(7):
            near = torch.exp(-(x[k] - x[i]).square().sum() / (2 * lam**2))
            pull -= w[k] * math.pi * w[i] * near * (x[k] - x[i])
            potential += math.pi * lam**2 * w[i] * near
        torch.testing.assert_close(by_position[0, k], pull)  # C.14
        torch.testing.assert_close(by_p[0, k, 0], potential)  # C.7


@pytest.mark.parametrize("bandwidth", [0.02, 0.2, 0.5, 2.0, 30.0])
def test_leaving_out_far_pairs_keeps_value_and_gradient(bandwidth):
    position, p, target, mask = grid_scene(batch=1)
    position.requires_grad_()
    p.requires_grad_()
    exact = all_pairs(position, p, target, mask, bandwidth)
    value = distance(position, p, target, mask, bandwidth)
    torch.testing.assert_close(value, exact, rtol=1e-9, atol=0)
    found, expected = gradients(value, position, p), gradients(exact, position, p)
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours - theirs).norm() <= 1e-9 * theirs.norm()
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-11 * theirs.abs().max().item())


def test_candidates_of_weight_zero_attract_nothing_and_keep_their_gradient():
    position, p, target, mask, _ = scene(dim=1, n=12)
    p = p * (torch.arange(12) % 3 == 0)[None, :, None]
    for q in (position, p):
        q.requires_grad_()
    mine = distance(position, p, target, mask, 0.8)
    theirs = all_pairs(position, p, target, mask, 0.8)
    torch.testing.assert_close(mine, theirs)
    found, expected = gradients(mine, position, p), gradients(theirs, position, p)
    torch.testing.assert_close(found, expected)
    assert (found[1][p == 0] != 0).all()


def test_float32_stays_within_a_millionth_of_float64():
    exact_inputs = grid_scene()
    inputs = [x.float() if x.is_floating_point() else x for x in exact_inputs]
    exact_inputs = [x.double() if x.is_floating_point() else x for x in inputs]
    for some in (inputs, exact_inputs):
        some[0].requires_grad_()
        some[1].requires_grad_()
    value, exact = distance(*inputs, 0.2), all_pairs(*exact_inputs, 0.2)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value.double(), exact, rtol=1e-6, atol=0)
    for ours, theirs in zip(
        gradients(value, *inputs[:2]), gradients(exact, *exact_inputs[:2]), strict=True
    ):
        assert (ours.double() - theirs).norm() <= 1e-6 * theirs.norm()


def test_plain_torch_path_in_chunks_agrees(monkeypatch):
    position, p, target, mask, owner = scene(channel=2)
    label = ((owner[:, None] == torch.arange(2)[:, None]) & mask[:, None]).double()
    monkeypatch.setattr(heatmap_pairs, "_PAIRS", 100)
    chunked = heatmap_pairs.evaluate(position, p.mT, target, label, 0.5)
    position.requires_grad_()
    p.requires_grad_()
    value = distance(position, p, target, mask, 0.5, owner)
    by_position, by_p = gradients(value, position, p)
    scale = math.pi * 0.5**2 / 2
    for found, expected in zip(chunked, (value, by_position, by_p.mT), strict=True):
        torch.testing.assert_close(scale * found, expected)


def test_classes_add_up():
    position, p, target, mask, owner = scene(channel=3)
    separate = sum(
        distance(position, p[..., c], target, mask & (owner == c), 0.5) for c in range(3)
    )
    torch.testing.assert_close(distance(position, p, target, mask, 0.5, owner), separate)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_scaling_translation_permutation_and_padding(dim):
    position, p, target, mask, _ = scene(dim=dim)
    value = distance(position, p, target, mask, 0.5)
    torch.testing.assert_close(distance(3 * position, p, 3 * target, mask, 1.5), 3**dim * value)
    torch.testing.assert_close(distance(position - 40, p, target - 40, mask, 0.5), value)
    order, other = torch.randperm(7), torch.randperm(4)
    permuted = distance(position[:, order], p[:, order], target[:, other], mask[:, other], 0.5)
    torch.testing.assert_close(permuted, value)
    padded = torch.cat([target, torch.full((3, 2, dim), math.nan, dtype=torch.float64)], 1)
    wide = torch.cat([mask, torch.zeros(3, 2, dtype=torch.bool)], 1)
    torch.testing.assert_close(distance(position, p, padded, wide, 0.5), value)


def test_zero_at_the_truth_whatever_the_split():
    """Eq 6.6: two predictions on the label cost (p₁ + p₂ - 1)² times πλ²/2."""
    x = torch.tensor([[[1.3, 2.1], [1.3, 2.1]]], dtype=torch.float64)
    for p1, p2 in [(1.0, 0.0), (0.5, 0.5), (0.2, 0.8), (0.7, 0.9), (0.0, 0.0)]:
        p = torch.tensor([[p1, p2]], dtype=torch.float64)
        value = distance(x, p, x[:, :1], torch.tensor([[True]]), 0.3).item()
        assert value == pytest.approx(math.pi * 0.3**2 / 2 * (p1 + p2 - 1) ** 2, abs=1e-15)


def equidistant(delta, p):
    """The example of §6.3.4: two predictions at distance ∆ on either side of the only label."""
    position = torch.tensor([[[0.0, -delta], [0.0, delta]]], dtype=torch.float64)
    return PointPrediction(
        position.requires_grad_(), torch.full((1, 2, 1), p, dtype=torch.float64)
    ), (PointTarget(torch.zeros(1, 1, 2, dtype=torch.float64), torch.tensor([[True]])))


def location_gradient(delta, p, loss):
    prediction, target = equidistant(delta, p)
    return gradients(loss(prediction, target), prediction.position)[0][0, 1, 1].item()


@pytest.mark.parametrize("delta", [0.1, 0.5, 1.0, 2.0])
def test_location_gradient_of_the_example(delta):
    """Eq 6.9 and 6.11 with λ = 1; counting does not depend on locations."""
    near, far = math.exp(-(delta**2) / 2), math.exp(-2 * delta**2)
    best = near / (far + 1)
    expected = best * math.pi * near * delta - best**2 * math.pi * far * 2 * delta
    for regularizer in ("none", "count"):
        loss = losses.create("heatmap_matching", bandwidth=1.0, regularizer=regularizer)
        assert location_gradient(delta, best, loss) == pytest.approx(expected, rel=1e-9)
    prediction, target = equidistant(delta, best)
    p = prediction.p.requires_grad_()
    plain = losses.create("heatmap_matching", bandwidth=1.0, regularizer="none")
    assert gradients(plain(prediction, target), p)[0].abs().max() < 1e-12  # p̂_opt is a minimum


def test_counting_raises_the_location_gradient():
    """Figure 6.3. Between 0.73 λ and 1.1 λ it is lower: eq 6.9 exceeds 1/2 there."""

    def gradient_with_counting(delta, weight):
        loss = losses.create("heatmap_matching", bandwidth=1.0, weight=weight)

        def by_p(p):
            prediction, target = equidistant(delta, p)
            prediction.p.requires_grad_()
            return gradients(loss(prediction, target), prediction.p)[0].sum().item()

        return location_gradient(delta, brentq(by_p, 1e-9, 1 - 1e-9), loss)

    for delta in (0.2, 0.5, 1.3, 2.0):
        rising = [gradient_with_counting(delta, weight) for weight in (0.0, 0.5, 5.0)]
        assert rising[0] < rising[1] < rising[2]
    assert gradient_with_counting(0.9, 5.0) < gradient_with_counting(0.9, 0.0)


def test_count_regularizer_is_the_poisson_binomial_likelihood():
    position, p, target, mask, owner = scene(channel=2)
    prediction, labels = PointPrediction(position, p), PointTarget(target, mask, owner)
    plain = losses.create("heatmap_matching", regularizer="none")(prediction, labels)
    loss = losses.create("heatmap_matching", weight=0.3)(prediction, labels)
    for b in range(3):
        expected = 0.0
        for c in range(2):
            count = int((mask[b] & (owner[b] == c)).sum())
            expected -= 0.3 * poisson_binom.logpmf(count, p[b, :, c].numpy())
        assert (loss - plain)[b].item() == pytest.approx(expected, rel=1e-9)


def test_l1_regularizer_and_schedules():
    position, p, target, mask, _ = scene()
    prediction, labels = PointPrediction(position, p), PointTarget(target, mask)
    loss = losses.create(
        "heatmap_matching",
        regularizer="l1",
        bandwidth={"schedule": "linear", "start": 2.0, "end": 0.5},
        weight={"schedule": "warmup", "end": 0.4, "begin": 0.5},
    )
    for progress, bandwidth, weight in [(0.0, 2.0, 0.0), (0.75, 0.875, 0.2), (1.0, 0.5, 0.4)]:
        expected = distance(position, p, target, mask, bandwidth) + weight * p.sum((1, 2))
        torch.testing.assert_close(loss(prediction, labels, progress), expected)


@pytest.mark.parametrize("dim", [1, 2])
def test_a_proportional_weight_keeps_the_balance_at_every_bandwidth(dim):
    """Scaling positions and λ alike scales the whole loss by the factor of the integral."""
    position, p, target, mask, _ = scene(dim=dim)
    losses_at = [
        losses.create(
            "heatmap_matching", bandwidth=0.2 * scale, weight=1.5, weight_rule="proportional"
        )(PointPrediction(scale * position, p), PointTarget(scale * target, mask))
        for scale in (1.0, 3.0)
    ]
    torch.testing.assert_close(losses_at[1], 3.0**dim * losses_at[0])
    fixed = losses.create("heatmap_matching", bandwidth=0.2, weight=0.1)
    weight = 0.1 / (math.pi * 0.2**2 / 2) ** (dim / 2)
    other = losses.create(
        "heatmap_matching", bandwidth=0.2, weight=weight, weight_rule="proportional"
    )
    prediction, labels = PointPrediction(position, p), PointTarget(target, mask)
    torch.testing.assert_close(other(prediction, labels), fixed(prediction, labels))


def test_wrong_options_and_arguments():
    with pytest.raises(OptionError, match="bandwidth' should be greater than 0 cell, got 0"):
        losses.create("heatmap_matching", bandwidth=0)
    with pytest.raises(OptionError, match="did you mean 'bandwidth'"):
        losses.create("heatmap_matching", bandwith=1.0)
    position, p, target, mask, _ = scene(channel=2)
    with pytest.raises(ValueError, match="2 channels need the channel of each label"):
        distance(position, p, target, mask, 0.5)
    with pytest.raises(ValueError, match="bandwidth must be positive, got 0"):
        distance(position, p, target, mask, 0.0)


@pytest.mark.parametrize("regularizer", ["none", "l1", "count"])
@pytest.mark.parametrize("n", [0, 1, 5000])
@pytest.mark.parametrize("extreme", [0.0, 1.0])
@pytest.mark.parametrize("m", [0, 3])
def test_hostile_sizes_and_probabilities(regularizer, n, extreme, m):
    position = (torch.rand(2, n, 2) * 50).requires_grad_()
    p = torch.full((2, n, 1), extreme, requires_grad=True)
    mask = torch.zeros(2, m, dtype=torch.bool)
    mask[0] = True
    target = torch.full((2, m, 2), math.nan)
    target[0] = 7.0
    loss = losses.create("heatmap_matching", regularizer=regularizer)
    value = loss(PointPrediction(position, p), PointTarget(target, mask))
    assert value.shape == (2,)
    assert value.isfinite().all()
    assert all(g.isfinite().all() for g in gradients(value, position, p))


def test_saturated_logits_give_finite_gradients():
    logits = torch.tensor([[1e4, -1e4, 0.0]], requires_grad=True)
    prediction = PointPrediction(torch.zeros(1, 3, 2), torch.sigmoid(logits)[..., None])
    target = PointTarget(torch.ones(1, 2, 2), torch.ones(1, 2, dtype=torch.bool))
    value = losses.create("heatmap_matching")(prediction, target)
    assert gradients(value, logits)[0].isfinite().all()


def test_far_outliers_and_coincident_points():
    position, p, target, mask, _ = scene()
    value = distance(position, p, target, mask, 0.5)
    far = torch.cat([position, torch.full((3, 1, 2), 1e9, dtype=torch.float64)], 1)
    alone = torch.cat([p, torch.full((3, 1, 1), 0.5, dtype=torch.float64)], 1)
    torch.testing.assert_close(
        distance(far, alone, target, mask, 0.5), value + math.pi * 0.5**2 / 2 * 0.25
    )
    same = torch.zeros(1, 400, 1, dtype=torch.float64)
    stacked = distance(same, torch.ones(1, 400).double(), same[:, :400], same[..., 0] == 0, 0.1)
    assert stacked.item() == pytest.approx(0.0, abs=1e-9)


def test_a_prediction_that_is_nan_spoils_its_own_sample_only():
    for dim in (2, 3):
        position, p, target, mask, _ = scene(dim=dim)
        clean = distance(position, p, target, mask, 0.5)
        position[1, 2, 0] = math.nan
        value = distance(position, p, target, mask, 0.5)
        assert value[1].isnan()
        torch.testing.assert_close(value[::2], clean[::2])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_under_autocast(dtype):
    position, p, target, mask, _ = scene(dtype=torch.float32)
    logits = torch.logit(p).to(dtype).requires_grad_()
    with torch.autocast("cpu", dtype=dtype):
        prediction = PointPrediction(position.to(dtype), torch.sigmoid(logits))
        value = losses.create("heatmap_matching")(prediction, PointTarget(target, mask))
    assert value.dtype == torch.float32
    assert gradients(value, logits)[0].isfinite().all()
    rounded = PointPrediction(position.to(dtype).double(), torch.sigmoid(logits).double())
    expected = losses.create("heatmap_matching")(rounded, PointTarget(target.double(), mask))
    torch.testing.assert_close(value, expected.float(), rtol=1e-4, atol=1e-4)


def test_non_contiguous_inputs():
    position, p, target, mask, _ = scene()
    value = distance(position, p, target, mask, 0.5)
    strided = distance(
        position.mT.contiguous().mT,
        p.expand(3, 7, 2).contiguous()[..., :1],
        target.flip(1).flip(1).transpose(0, 1).contiguous().transpose(0, 1),
        mask.mT.contiguous().mT,
        0.5,
    )
    torch.testing.assert_close(strided, value)


@pytest.mark.parametrize(("dim", "channel"), [(1, 1), (2, 2), (3, 1)])
def test_function_transforms(dim, channel):
    """A mapped axis is a second batch axis; labels may be shared along it."""
    position, p, target, mask, owner = scene(dim, batch=6, channel=channel)
    inputs = position, p
    folded = [tensor.unflatten(0, (2, 3)) for tensor in inputs]
    labels = target[:3], mask[:3]

    def value(position, p):
        return distance(position, p, *labels, 0.7, owner[:3] if channel > 1 else None)

    def total(position, p):
        return value(position, p).sum()

    leaves = [tensor.clone().requires_grad_() for tensor in folded]
    expected = torch.stack([value(*rows) for rows in zip(*leaves, strict=True)])
    torch.testing.assert_close(torch.vmap(value)(*folded), expected.detach())
    mapped = torch.vmap(torch.func.grad(total, argnums=(0, 1)))(*folded)
    torch.testing.assert_close(mapped, gradients(expected, *leaves))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")  # in Dynamo
def test_compilers_take_all_pairs():
    position, p, target, mask, _ = scene()
    leaves = position.requires_grad_(), p.requires_grad_()

    def value(*inputs):
        return 2 * distance(*inputs, 0.7)

    compiled = torch.compile(value, backend="aot_eager", fullgraph=True)
    found, expected = (call(*leaves, target, mask) for call in (compiled, value))
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(gradients(found, *leaves), gradients(expected, *leaves))
