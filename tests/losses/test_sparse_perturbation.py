"""The attack's objective against its definition, and an attack that works."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.stats import poisson_binom

import losses
from bench.plugin import InstanceTarget, OptionError, zero_count_bias
from losses.sparse_perturbation import attack_loss, objective

torch.set_num_threads(1)


def scene(batch=2, side=4, channel=3, classes=5):
    g = torch.Generator().manual_seed(0)
    options = {"generator": g, "dtype": torch.float64}
    image = torch.rand(batch, channel, side, side, **options)
    p = torch.rand(batch, side, side, **options) * 0.3
    magnitude = torch.randn(batch, channel, side, side, **options)
    matrix = torch.randn(channel * side * side, classes, **options)
    return image, p, magnitude, torch.tensor([1, 3]), lambda x: x.flatten(1) @ matrix


@pytest.mark.parametrize("attack", ["untargeted", "targeted"])
def test_equals_its_definition(attack):
    image, p, magnitude, label, classifier = scene()
    value = objective(p, magnitude, image, label, classifier, 3, 0.7, attack)
    for b in range(2):
        altered = image[b] + torch.stack([p[b] * m for m in magnitude[b]])
        probability = classifier(altered[None])[0].softmax(0)[label[b]].item()
        success = probability if attack == "targeted" else 1 - probability
        expected = 0.3 * -math.log(success) - 0.7 * poisson_binom.logpmf(3, p[b].flatten().numpy())
        assert value[b].item() == pytest.approx(expected, rel=1e-9)


def test_the_loss_holds_the_options():
    image, p, magnitude, label, classifier = scene()
    weight = {"schedule": "linear", "start": 0.1, "end": 0.5}
    loss = losses.create("sparse_perturbation", pixels=2, weight=weight, attack="targeted")
    for progress, expected in [(0.0, 0.1), (0.5, 0.3), (1.0, 0.5)]:
        torch.testing.assert_close(
            loss.objective(p, magnitude, image, label, classifier, progress),
            objective(p, magnitude, image, label, classifier, 2, expected, "targeted"),
        )
    counts = InstanceTarget(torch.tensor([2, 2]))
    sparsity = [-0.5 * poisson_binom.logpmf(2, row.flatten().numpy()) for row in p]
    torch.testing.assert_close(loss(p.flatten(1), counts).tolist(), sparsity)
    hidden = torch.cat([p.flatten(1), torch.full((2, 3), math.nan).double()], 1)
    mask = torch.arange(19).expand(2, -1) < 16
    masked = InstanceTarget(torch.tensor([2, 2]), mask=mask)
    torch.testing.assert_close(loss(hidden, masked).tolist(), sparsity)


def test_gradcheck_by_mask_and_magnitude():
    image, p, magnitude, label, classifier = scene(side=2)

    def value(p, magnitude):
        return objective(p, magnitude, image, label, classifier, 2)

    inputs = p.requires_grad_(), magnitude.requires_grad_()
    assert torch.autograd.gradcheck(value, inputs)
    assert torch.autograd.gradgradcheck(value, inputs)


def test_certain_classifiers_give_finite_loss_and_gradient():
    logits = torch.tensor([[1e4, -1e4, 0.0], [0.0, 90.0, 0.0]], requires_grad=True)
    for attack in ("untargeted", "targeted"):
        for label in (torch.tensor([0, 1]), torch.tensor([1, 0])):
            value = attack_loss(logits, label, attack)
            assert value.isfinite().all()
            assert torch.autograd.grad(value.sum(), logits)[0].isfinite().all()


@pytest.mark.parametrize("extreme", [0.0, 1.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_hostile_masks(extreme, dtype):
    image, _, magnitude, label, classifier = scene()
    p = torch.full((2, 4, 4), extreme, dtype=dtype, requires_grad=True)
    value = objective(p, magnitude, image, label, classifier)
    assert value.isfinite().all()
    assert torch.autograd.grad(value.sum(), p)[0].isfinite().all()


def test_gradient_descent_flips_a_linear_classifier_with_one_pixel():
    g = torch.Generator().manual_seed(1)
    image = torch.rand(1, 1, 8, 8, generator=g)
    matrix = torch.randn(64, 2, generator=g)
    classifier = lambda x: (x - image).flatten(1) @ matrix + torch.tensor([2.0, 0.0])  # noqa: E731
    logit = zero_count_bias(64, 0.8) + 0.1 * torch.randn(1, 8, 8, generator=g)
    magnitude = 0.5 * torch.randn(1, 1, 8, 8, generator=g)
    logit.requires_grad_()
    magnitude.requires_grad_()
    optimizer = torch.optim.SGD([logit, magnitude], lr=3.0)
    loss = losses.create("sparse_perturbation")
    for _ in range(400):
        optimizer.zero_grad()
        p = torch.sigmoid(logit)
        loss.objective(p, magnitude, image, torch.tensor([0]), classifier).sum().backward()
        optimizer.step()
    p = torch.sigmoid(logit.detach())
    assert (p > 0.9).sum() == 1
    assert p.sum().item() == pytest.approx(1, abs=0.1)
    assert classifier(image + (p > 0.5)[:, None] * magnitude.detach()).argmax() == 1


def test_options_are_checked():
    with pytest.raises(OptionError, match="'weight' should be less than or equal to 1"):
        losses.create("sparse_perturbation", weight=1.5)
