"""Known answers against the losses themselves: no small change of a filter lowers its loss."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import losses
from bench.plugin import EventTarget
from losses._shared.filters import gaussian_weights
from tasks.labels.error_distribution import error_distribution
from tasks.metrics import optimal_filters as optimal

torch.set_num_threads(1)
REACH = 16
MARGIN = 40
TIME = 2 * (REACH + MARGIN) + 1
KINDS = pytest.mark.parametrize("kind", ["normal", "binary", "skewed"])


def expected_loss(loss, p, errors):
    """Mean over labels that are off by k with probability ``errors[k]``."""
    off = np.flatnonzero(errors)
    events = torch.zeros(len(off), 1, TIME, dtype=torch.float64)
    events[np.arange(len(off)), 0, off + MARGIN] = 1
    weight = torch.from_numpy(errors[off])
    return (loss(p.expand(len(off), 1, TIME), EventTarget(events, step=1.0)) * weight).sum()


def placed(values):
    return torch.nn.functional.pad(torch.from_numpy(values), (MARGIN, MARGIN))[None, None]


def is_optimal(loss, values, errors, slack=1e-7):
    """The Karush-Kuhn-Tucker conditions within [0, 1], sufficient where the loss is convex."""
    p = placed(values).requires_grad_()
    (gradient,) = torch.autograd.grad(expected_loss(loss, p, errors), p)
    own = gradient[0, 0, MARGIN:-MARGIN].numpy()
    inside = (values > 1e-9) & (values < 1 - 1e-9)
    return (
        (np.abs(own[inside]) < slack).all()
        and (own[values <= 1e-9] > -slack).all()
        and (own[values >= 1 - 1e-9] < slack).all()
    )


@KINDS
def test_cross_entropy_learns_the_errors(kind):
    errors = error_distribution(kind, 2.0, REACH)
    loss = losses.create("cross_entropy")
    assert is_optimal(loss, errors, errors)
    assert not is_optimal(loss, optimal.impulse(REACH), errors)


@KINDS
@pytest.mark.parametrize("name", ["label_smoothing_ce", "label_smoothing_se"])
def test_smoothing_adds_itself(kind, name):
    errors = error_distribution(kind, 1.5, REACH)
    loss = losses.create(name, softness=1.5)
    assert is_optimal(loss, optimal.smoothed(errors, 1.5), errors, slack=1e-6)
    assert not is_optimal(loss, errors, errors)


@KINDS
@pytest.mark.parametrize("softness", [0.0, 2.0])
def test_soft_localisation_learns_the_errors(kind, softness):
    errors = error_distribution(kind, 2.0, REACH)
    found = optimal.deconvolved(errors, softness, 0.0)
    np.testing.assert_array_equal(found, errors)
    assert is_optimal(losses.create("soft_localization", softness=softness), found, errors)


@KINDS
@pytest.mark.parametrize(("softness", "noise_softness"), [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)])
def test_soft_localisation_with_a_filter_undoes_it_as_far_as_it_can(kind, softness, noise_softness):
    errors = error_distribution(kind, 2.0, REACH)
    loss = losses.create("soft_localization", softness=softness, noise_softness=noise_softness)
    found = optimal.deconvolved(errors, softness, noise_softness)
    assert ((found >= 0) & (found <= 1)).all()
    assert is_optimal(loss, found, errors)
    assert not is_optimal(loss, errors, errors)


@pytest.mark.parametrize("softness", [0.0, 1.0, 3.0])
def test_soft_localisation_with_the_errors_filter_learns_the_truth(softness):
    errors = optimal.gaussian(3.0, REACH)
    found = optimal.deconvolved(errors, softness, 3.0)
    np.testing.assert_allclose(found, optimal.impulse(REACH), atol=1e-3)


@KINDS
@pytest.mark.parametrize("softness", [1.0, 3.0])
def test_counted_once_is_the_best_single_impulse(kind, softness):
    errors = error_distribution(kind, 2.0, REACH)
    loss = losses.create("soft_localization", softness=softness)
    single = [optimal.impulse(REACH, at) for at in range(-8, 9)]
    cost = [float(expected_loss(loss, placed(one), errors)) for one in single]
    np.testing.assert_array_equal(
        optimal.counted_once(errors, softness), single[int(np.argmin(cost))]
    )


def test_counted_once_is_the_truth_where_errors_are_symmetric_and_rarer_the_larger():
    for noise in (0.5, 2.0, 3.0):
        errors = error_distribution("normal", noise, REACH)
        for softness in (0.5, 3.0):
            found = optimal.counted_once(errors, softness)
            np.testing.assert_array_equal(found, optimal.impulse(REACH))
    skewed = optimal.counted_once(error_distribution("skewed", 3.0, REACH), 3.0)
    assert np.argmax(skewed) - REACH == -2  # errors have mean -2.1


@pytest.mark.parametrize("width", [0.0, 0.4, 3.0])
def test_the_filter_is_that_of_the_losses(width):
    half = gaussian_weights(torch.tensor(width, dtype=torch.float64), REACH + 1).numpy()
    np.testing.assert_allclose(optimal.gaussian(width, REACH)[REACH:], half, atol=1e-12)


def test_total_variation():
    assert optimal.total_variation(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1
    assert optimal.total_variation(np.array([0.5, 0.5]), np.array([0.25, 0.75])) == 0.25
