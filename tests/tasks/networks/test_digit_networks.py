"""Networks of the digits task: windows, the order of cells, forward and backward."""

from __future__ import annotations

import pytest
import torch

from tasks.data.images.hilbert_curve import hilbert_curve
from tasks.networks.digit_networks import REACH, STEP, WINDOW, Compact, DigitNetwork, Vgg13


@pytest.fixture(params=[Compact, Vgg13])
def network(request: pytest.FixtureRequest) -> DigitNetwork:
    torch.manual_seed(0)
    made: DigitNetwork = request.param(2, 10)
    return made.eval()


def test_features_of_a_cell_are_those_of_the_window_around_it(network: DigitNetwork) -> None:
    canvas = torch.rand(2, 1, 32, 32)
    padded = torch.nn.functional.pad(canvas, (REACH,) * 4)
    with torch.no_grad():
        features = network.of_cells(canvas)
        for row in range(4):
            for column in range(4):
                top, left = STEP * row, STEP * column
                window = padded[:, :, top : top + WINDOW, left : left + WINDOW]
                torch.testing.assert_close(features[4 * row + column], network.of_windows(window))


def test_the_network_runs_forward_along_the_curve(network: DigitNetwork) -> None:
    """What changes on a cell changes outputs from the first window that sees it, none before."""
    canvas = torch.rand(1, 1, 32, 32)
    row, column = hilbert_curve(2)[-1].tolist()
    changed = canvas.clone()
    changed[0, 0, STEP * row + 3, STEP * column + 3] += 1
    with torch.no_grad():
        before, after = network(canvas), network(changed)
    seen = [
        abs(r - row) * STEP <= REACH + STEP and abs(c - column) * STEP <= REACH + STEP
        for r, c in hilbert_curve(2).tolist()
    ]
    first = seen.index(True)
    assert first > 0
    assert torch.equal(before[..., :first], after[..., :first])
    assert not torch.equal(before[..., -1], after[..., -1])


def test_forward_and_backward(network: DigitNetwork) -> None:
    network.train()
    p = network(torch.rand(2, 1, 32, 32))
    assert p.shape == (2, 10, 16)
    nothing = (1 - p).prod(-1)
    assert nothing.mean().item() == pytest.approx(0.8, abs=0.15)  # before training (eq 2.14)
    p.sum().backward()
    assert all(weight.grad is not None for weight in network.parameters())


def test_the_published_features_are_vgg13s() -> None:
    network = Vgg13(3, 10)
    weights = sum(weight.numel() for weight in network.convolutions.parameters())
    assert weights == 9_404_992 - 2 * 64 * 9  # of RGB images, less two colours
    assert network.of_windows(torch.rand(3, 1, 28, 28)).shape == (3, 512)
    assert (network.recurrent.hidden_size, network.hidden.out_features) == (48, 24)
