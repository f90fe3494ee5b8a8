"""Networks of the piano task: shapes, what they see, the published one once forward and back."""

import pytest
import torch

from tasks.data.audio.piano_pieces import BANDS
from tasks.networks.drum_networks import ZERO_MASS
from tasks.networks.piano_networks import PianoThesis, SharedKeys


@pytest.mark.parametrize("keys", [(36, 48), (21, 88)])
@pytest.mark.parametrize("bins", [60, 75])
def test_probabilities_for_each_key_and_bin(keys, bins):
    p = SharedKeys(keys, bins)(torch.randn(2, BANDS, bins))
    assert p.shape == (2, keys[1], bins)
    assert ((p > 0) & (p < 1)).all()


def test_a_tone_an_octave_higher_is_seen_an_octave_higher():
    """All keys share weights: bands moved by 12 move the output by 12 keys."""
    torch.manual_seed(0)
    network = SharedKeys((36, 48), 76).eval()
    bands = torch.randn(1, BANDS, 76)
    first, moved = network(bands), network(bands.roll(12, 1))
    torch.testing.assert_close(moved[:, 20:30], first[:, 8:18], rtol=1e-4, atol=1e-5)


def test_compact_starts_from_the_probability_of_no_event():
    torch.manual_seed(0)
    network = SharedKeys((36, 48), 75).eval()
    with torch.no_grad():
        network.output.weight.zero_()
        p = network(torch.randn(1, BANDS, 75))
    torch.testing.assert_close((1 - p).prod(-1), torch.full((1, 48), ZERO_MASS))


def test_the_published_network_forward_and_back():
    torch.manual_seed(0)
    network = PianoThesis(88, 300, 128)
    p = network(torch.randn(1, 80, 300))
    assert p.shape == (1, 88, 300)
    p.mean().backward()
    assert all(weight.grad.abs().sum() > 0 for weight in network.parameters())
    assert network.recurrent.hidden_size == 128
    filters = [m.out_channels for m in network.convolutions if isinstance(m, torch.nn.Conv2d)]
    assert filters == [16, 32, 32, 32, 32, 32]
