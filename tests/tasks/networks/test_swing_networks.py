"""Networks of the golf tasks: forms, causality, start, the published architecture."""

import pytest
import torch

from bench.plugin import create_loss, create_task
from tasks.networks.swing_networks import ZERO_MASS, FrameClassifier, compact


def frames(batch=3, time=40, side=20):
    return torch.rand(batch, time, side, side) - 0.5


def classifier(causal):
    torch.manual_seed(1)
    return FrameClassifier(compact(400, causal), 8, 40).eval()


def test_events_and_background_share_one_distribution():
    p = classifier(causal=False)(frames())
    assert p.shape == (3, 8, 40)
    assert (p > 0).all()
    assert (p.sum(1) < 1).all()


def test_before_training_a_clip_is_as_likely_to_hold_no_event_as_intended():
    network = classifier(causal=False)
    torch.nn.init.zeros_(network.output.weight)
    nothing = (1 - network(frames())).prod(-1)
    torch.testing.assert_close(nothing, torch.full((3, 8), ZERO_MASS))


def test_a_causal_network_says_the_same_whatever_follows():
    network, clip = classifier(causal=True), frames()
    with torch.no_grad():
        whole = network(clip)
        for end in (1, 7, 39):
            torch.testing.assert_close(network(clip[:, :end]), whole[..., :end], rtol=0, atol=1e-6)


def test_a_bidirectional_network_looks_ahead():
    network, clip = classifier(causal=False), frames()
    with torch.no_grad():
        assert not torch.allclose(network(clip[:, :20]), network(clip)[..., :20], atol=1e-4)


@pytest.mark.parametrize("direction", ["bidirectional", "causal"])
def test_the_published_architecture_trains(direction):
    task = create_task("golf", size="tiny", architecture="thesis", direction=direction)
    network = task.network("events")
    assert network.trunk.recurrent.hidden_size == 256
    size = sum(p.numel() for p in network.trunk.look.parameters())
    assert size == 2_223_872  # MobileNetV2 without its classifier
    colour = torch.rand(2, 3, 3, 64, 64)
    p = network(colour)
    assert p.shape == (2, 8, 3)
    from bench.plugin import EventTarget

    target = EventTarget(torch.zeros(2, 8, 3), 1.0)
    create_loss("softloc")(p, target).mean().backward()
    assert all(q.grad is not None and q.grad.isfinite().all() for q in network.parameters())


def test_grey_frames_are_seen_as_colour_by_the_published_architecture():
    network = create_task("golf", size="tiny", architecture="thesis").network("events").eval()
    with torch.no_grad():
        grey = torch.rand(1, 2, 32, 32)
        torch.testing.assert_close(
            network(grey), network(grey[:, :, None].expand(-1, -1, 3, -1, -1))
        )
