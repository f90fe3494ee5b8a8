"""SoftLoc: the two terms, their weights over training, and what they do to predictions."""

from __future__ import annotations

import math

import pytest
import torch

import losses
from bench.plugin import EventTarget, OptionError

torch.set_num_threads(1)


def scene(time=30, seed=0):
    g = torch.Generator().manual_seed(seed)
    p = torch.rand(3, 2, time, generator=g, dtype=torch.float64) * 0.3
    y = (torch.rand(3, 2, time, generator=g) < 0.1).double()
    return p, y


@pytest.mark.parametrize("iteration", [0, 30_000, 50_000, 77_777, 100_000, 120_000, 150_000])
def test_default_schedule_is_that_of_the_drum_code(iteration):
    expected = max(min((iteration - 30_000) / 100_000, 0.9), 0.2)
    alpha = losses.create("softloc").alpha(iteration / 150_000)
    assert alpha == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_is_the_weighted_sum_of_its_terms(progress):
    p, y = scene()
    target = EventTarget(y, step=0.01)
    loss = losses.create("softloc", softness=0.03, localization_weight=5.0)
    alpha = loss.alpha(progress)
    localization = losses.create("soft_localization", softness=0.03)(p, target)
    counting = losses.create("poisson_binomial")(p, target)
    expected = (1 - alpha) * 5.0 * (0.005 / 0.01) * localization + alpha * counting
    torch.testing.assert_close(loss(p, target, progress), expected)


def test_the_weight_of_localization_does_not_depend_on_the_width_of_the_bins():
    loss = losses.create("softloc", alpha=0.0)
    values = []
    for step in (0.001, 0.0025, 0.005, 0.01):
        y = torch.zeros(1, 1, round(2 / step), dtype=torch.float64)
        y[..., round(1 / step)] = 1
        values.append(loss(torch.zeros_like(y), EventTarget(y, step=step)).item())
    one_event = 32 * 0.005 / (2 * math.pi**0.5 * 0.1)  # w d ∫ Φ²
    assert values == pytest.approx([one_event] * 4, rel=1e-3)


def test_limits_of_alpha():
    p, y = scene()
    target = EventTarget(y, step=1.0)
    only_counting = losses.create("softloc", alpha=1.0)(p, target)
    torch.testing.assert_close(only_counting, losses.create("poisson_binomial")(p, target))
    only_localization = losses.create(
        "softloc", alpha=0.0, localization_weight=1.0, weight_step=1.0, softness=2.0
    )
    expected = losses.create("soft_localization", softness=2.0)(p, target)
    torch.testing.assert_close(only_localization(p, target), expected)


def test_zero_at_the_truth():
    _, y = scene()
    assert losses.create("softloc")(y, EventTarget(y, step=1.0)).abs().max() == 0


def test_masked_equals_sliced():
    p, y = scene()
    mask = torch.arange(30)[None] < torch.tensor([[30], [17], [1]])
    y = y * mask[:, None]
    for row, length in enumerate((30, 17, 1)):
        p[row, :, length:] = float("nan")
    p.requires_grad_()
    loss = losses.create("softloc", softness=2.0)
    masked = loss(p, EventTarget(y, step=1.0, mask=mask), 0.5)
    (gradient,) = torch.autograd.grad(masked.sum(), p)
    assert gradient.isfinite().all()
    assert gradient[~mask[:, None].expand_as(p)].eq(0).all()
    for row, length in enumerate((30, 17, 1)):
        part = slice(row, row + 1), slice(None), slice(0, length)
        alone = loss(p.detach()[part], EventTarget(y[part], step=1.0), 0.5)
        torch.testing.assert_close(masked.detach()[row : row + 1], alone)


def test_gradient():
    p, y = scene(time=8)
    loss = losses.create("softloc", softness=1.0)
    torch.autograd.gradcheck(lambda x: loss(x, EventTarget(y, step=1.0), 0.5), p.requires_grad_())
    torch.autograd.gradgradcheck(lambda x: loss(x, EventTarget(y, step=1.0), 0.5), p)


def test_softness_of_annotators():
    p, y = scene()
    widths = torch.tensor([0.0, 1.0, 5.0])
    value = losses.create("softloc")(p, EventTarget(y, step=1.0, softness=widths), 0.4)
    for row, width in enumerate(widths.tolist()):
        alone = losses.create("softloc", softness=width)
        part = slice(row, row + 1)
        torch.testing.assert_close(value[part], alone(p[part], EventTarget(y[part], step=1.0), 0.4))


def test_learns_a_sharp_location_from_scattered_labels():
    """§5.5 in one dimension: labels scattered around the truth end as one sharp event there."""
    g = torch.Generator().manual_seed(0)
    where = (30 + 4 * torch.randn(64, generator=g)).round().long().clamp(0, 60)
    y = torch.zeros(64, 1, 61).scatter_(2, where[:, None, None], 1.0)
    loss = losses.create("softloc", softness=4.0, weight_step=1.0)
    z = torch.full((61,), -4.0, requires_grad=True)
    optimizer = torch.optim.Adam([z], lr=0.1)
    for step in range(400):
        optimizer.zero_grad()
        p = torch.sigmoid(z).expand(64, 1, 61)
        loss(p, EventTarget(y, step=1.0), step / 400).mean().backward()
        optimizer.step()
    p = torch.sigmoid(z.detach())
    assert p.max() > 0.9
    assert abs(int(p.argmax()) - 30) <= 1
    assert p.sort().values[:-1].sum() < 0.2


def test_options():
    with pytest.raises(OptionError, match="localization_weight"):
        losses.create("softloc", localization_weight=0)
    with pytest.raises(OptionError, match="did you mean 'softness'"):
        losses.create("softloc", softnes=0.1)
    loss = losses.create("softloc", softness="50 ms", alpha=0.5)
    assert type(loss)(**loss.options()) == loss
