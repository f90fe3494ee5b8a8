"""Points whose weights are their places: strides, memory, and candidates that are held."""

import math

import pytest
import torch

from bench.plugin import PointTarget, create_loss
from tasks.networks.free_points import FreePoints, HeldPair

STARTS = 4
LOSS = create_loss("heatmap_matching")
NUMBER = torch.arange(STARTS)[:, None]


def target(n=STARTS):
    place = torch.rand(n, 3, 2, generator=torch.Generator().manual_seed(5))
    return PointTarget(place, torch.ones(n, 3, dtype=torch.bool))


def descend(network, steps, loss=LOSS, truth=None):
    optimizer = torch.optim.SGD(network.parameters(), lr=0.2)
    truth = target() if truth is None else truth
    for _ in range(steps):
        optimizer.zero_grad()
        loss(network(NUMBER), truth).sum().backward()
        optimizer.step()
    with torch.no_grad():
        return network(NUMBER)


def made(stride, cls=FreePoints, *rest):
    torch.manual_seed(0)
    return cls(STARTS, *rest, stride)


def test_candidates_start_uniformly_in_the_pixel():
    torch.manual_seed(0)
    found = FreePoints(200, 50, 10)(torch.arange(200)[:, None])
    for values in (found.position, found.p):
        assert ((values > 0) & (values < 1)).all()
        assert float(values.detach().mean()) == pytest.approx(0.5, abs=0.01)
        assert float(values.detach().std()) == pytest.approx(math.sqrt(1 / 12), abs=0.01)


def test_a_step_of_stride_ten_is_ten_steps_at_once():
    """At once: to first order, so that smaller steps differ by less."""
    start = made(1, FreePoints, 50)(NUMBER).p.detach()
    assert torch.allclose(made(10, FreePoints, 50)(NUMBER).p, start)
    fine = descend(made(1, FreePoints, 50), 40).p
    off = [float((descend(made(s, FreePoints, 50), 40 // s).p - fine).abs().max()) for s in (10, 4)]
    moved = float((fine - start).abs().max())
    assert moved > 0.1
    assert off[0] < 0.1 * moved
    assert off[1] < off[0]
    larger = torch.optim.SGD  # one step of stride s is one of rate s times as large
    network, plain = made(10, FreePoints, 50), made(1, FreePoints, 50)
    for some, rate in ((network, 0.2), (plain, 2.0)):
        optimizer = larger(some.parameters(), lr=rate)
        LOSS(some(NUMBER), target()).sum().backward()
        optimizer.step()
    torch.testing.assert_close(network(NUMBER).p, plain(NUMBER).p)


def test_starts_do_not_disturb_each_other():
    together = descend(made(10, FreePoints, 50), 5)
    network = made(10, FreePoints, 50)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.2)
    for _ in range(5):
        optimizer.zero_grad()
        whole = target()
        part = PointTarget(whole.position[2:3], whole.mask[2:3])
        LOSS(network(NUMBER[2:3]), part).sum().backward()
        optimizer.step()
    with torch.no_grad():
        torch.testing.assert_close(network(NUMBER[2:3]).position[0], together.position[2])


def test_it_remembers_when_each_start_was_there():
    network = made(10, FreePoints, 5)
    assert math.isnan(network.median_iterations)
    there = torch.tensor([False, True, False, False])
    assert not network.record(there, 10)
    assert not network.record(~there & (NUMBER[:, 0] < 3), 20)  # one that left again stays noted
    assert network.iterations.tolist() == [200, 100, 200, -1]
    assert not network.record(torch.zeros(4, dtype=torch.bool), 50)
    assert network.median_iterations == 200
    network.iterations[0] = -1
    assert network.median_iterations == (200 + 500) / 2  # two are still not there after 500
    assert network.record(torch.ones(4, dtype=torch.bool), 60)


def test_names_of_starts_are_seen_in_training_alone():
    network = made(1, FreePoints, 5)
    network.eval()
    network(NUMBER + 40)
    assert (network.number == -1).all()
    network.train()
    network(NUMBER.flip(0) + 40)
    assert network.number.tolist() == [40, 41, 42, 43]


def middle():
    return PointTarget(torch.full((STARTS, 1, 2), 0.5), torch.ones(STARTS, 1, dtype=torch.bool))


def test_a_held_pair_stays_and_its_pull_is_the_gradient():
    network = made(10, HeldPair, 0.5, 3.0)
    place = network.place.detach().clone()
    loss = create_loss("heatmap_matching", bandwidth=1.0, regularizer="none")
    descend(network, 3, loss, middle())
    torch.testing.assert_close(network.place.detach(), place)
    free = network.place.detach().clone().requires_grad_()
    # the pull is of the last step, whose probabilities are gone: one more step of no length
    optimizer = torch.optim.SGD(network.parameters(), lr=0.0)
    prediction = network(NUMBER)
    loss(prediction, middle()).sum().backward()
    optimizer.step()
    again = type(prediction)(free, prediction.p.detach())
    loss(again, middle()).sum().backward()
    torch.testing.assert_close(network.pull, free.grad[:, 1].norm(dim=-1))


def test_places_of_pairs():
    apart = made(1, HeldPair, 0.5, 3.0)(NUMBER)
    distance = (apart.position[:, 1, 1] - 0.5).detach()
    torch.testing.assert_close(apart.position[:, 0, 1].detach(), 0.5 - distance)
    assert (apart.position[..., 0] == 0.5).all()
    slots = (distance * STARTS / 3.0).floor()
    assert slots.tolist() == [0, 1, 2, 3]
    torch.testing.assert_close(apart.p[:, 0], apart.p[:, 1])
    aligned = made(1, HeldPair, 0.5, 0.0)(NUMBER)
    assert (aligned.position == 0.5).all()
    assert (aligned.p[:, 0] != aligned.p[:, 1]).all()


def test_two_on_one_object_end_as_the_thesis_says():
    """Equations 6.7 and 6.8, and figure 3.1."""
    sums = descend(made(10, HeldPair, 0.5, 0.0), 300, create_loss("count_mse"), middle()).p
    torch.testing.assert_close(sums.sum(1), torch.ones(STARTS, 1), atol=1e-3, rtol=0)
    both = create_loss("heatmap_matching", bandwidth=1.0, weight=0.1)
    p = descend(made(10, HeldPair, 0.5, 0.0), 1500, both, middle()).p[..., 0]
    low, high = p.min(1).values, p.max(1).values
    assert (low < 0.05).all()
    assert (high > 0.95).all()
