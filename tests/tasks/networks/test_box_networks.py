"""Networks of boxes: what they look at, and where they begin."""

import pytest
import torch

from tasks.networks.box_networks import BoxRescorer, BoxScorer, GreedyScorer

N, FEATURES = 9, 5


def made(kind, **options):
    torch.manual_seed(0)
    return kind(N, FEATURES, 16, **options).eval()


NETWORKS = {
    "alone": lambda: made(BoxScorer),
    "greedy": lambda: made(GreedyScorer, most=0.4),
    "beside": lambda: made(BoxRescorer, neighbours=3),
}


def inputs(batch=4):
    draw = torch.Generator().manual_seed(1)
    low = torch.rand(batch, N, 2, generator=draw)
    side = 0.2 + 0.3 * torch.rand(batch, N, 2, generator=draw)
    return torch.cat([low, low + side, torch.randn(batch, N, FEATURES, generator=draw)], -1)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_probability_for_each_box_in_whatever_order(name):
    network, x = NETWORKS[name](), inputs()
    order = torch.randperm(N, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        p = network(x)
        assert p.shape == (4, N)
        assert ((p >= 0) & (p <= 1)).all()
        torch.testing.assert_close(network(x[:, order]), p[:, order])
        torch.testing.assert_close(network(x[2:3]), p[2:3])


def test_alone_means_without_a_look_at_places_or_others():
    network, x = NETWORKS["alone"](), inputs()
    moved = x.clone()
    moved[..., :4] += 1
    moved[:, 1:, 4:] = 0
    with torch.no_grad():
        torch.testing.assert_close(network(moved)[:, 0], network(x)[:, 0])


def test_beside_means_with_those_that_overlap():
    network, x = NETWORKS["beside"](), inputs(1)
    x[..., :4] = torch.tensor([0.0, 0.0, 1.0, 1.0])
    far = x.clone()
    far[0, 1:, :4] += 5
    changed = far.clone()
    changed[0, 1:, 4:] += 1
    with torch.no_grad():
        assert not torch.allclose(network(far)[0, 0], network(x)[0, 0])
        torch.testing.assert_close(network(changed)[0, 0], network(far)[0, 0])


def test_boxes_behind_better_ones_add_nothing_and_learn_nothing():
    network, x = NETWORKS["greedy"](), inputs(1)
    x[..., :4] = torch.tensor([0.0, 0.0, 1.0, 1.0])
    p = network(x)
    assert int((p > 0).sum()) == 1
    plain = torch.sigmoid(network.score(network.look(x[..., 4:]))).squeeze(-1)
    torch.testing.assert_close(p.max(), plain.max())


@pytest.mark.parametrize("name", NETWORKS)
def test_at_first_an_empty_scene_is_not_impossible(name):
    network, x = NETWORKS[name](), inputs(64)
    with torch.no_grad():
        empty = (1 - network(x)).prod(-1)
    assert ((empty > 0.1) & (empty < 0.8)).all()
