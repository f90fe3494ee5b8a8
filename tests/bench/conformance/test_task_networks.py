"""Defects in networks and their weights."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from bench.plugin import Loss, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class Logits(Sound):
    """Its network gives logits."""

    def network(self, head: str, loss: Loss) -> nn.Module:
        return nn.Sequential(
            nn.Linear(planted.BINS, planted.BINS), nn.Unflatten(1, (1, planted.BINS))
        )


class Fixed(Sound):
    """Its network starts from the same weights whatever the seed."""

    def network(self, head: str, loss: Loss) -> nn.Module:
        network = super().network(head, loss)
        generator = torch.Generator().manual_seed(4)
        for weight in network.parameters():
            weight.data = 0.2 * torch.randn(weight.shape, generator=generator)
        return network


class Own(Sound):
    """Gives one loss other weights."""

    def network(self, head: str, loss: Loss) -> nn.Module:
        network = super().network(head, loss)
        if loss.plugin_name == "softloc":
            network.layers[0].bias.data += 0.1
        return network


DEFECTS = {
    Fixed: ("network", "another global seed gives the same weights"),
    Own: ("network", "'softloc' has other weights than that of 'cross_entropy'"),
}


def test_an_output_of_another_form_is_told(findings: Any) -> None:
    assert "outside of [0, 1]" in findings(Logits)["network"]


def test_a_loss_may_bring_a_network_of_its_own(findings: Any) -> None:
    class Wide(planted.Clicks):
        """Has a layer more."""

        def __init__(self) -> None:
            super().__init__()
            self.more = nn.Conv1d(1, 1, 1)

        def forward(self, inputs: Tensor) -> Tensor:
            return super().forward(self.more(inputs[:, None])[:, 0])

    class Bringing(Sound):
        """One loss has a network of its own."""

        def network(self, head: str, loss: Loss) -> nn.Module:
            return Wide() if loss.plugin_name == "softloc" else super().network(head, loss)

    assert findings(Bringing) == {}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
