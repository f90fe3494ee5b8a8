"""What is another thing in a second process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

from bench.plugin import Evaluation, Loss, Splits, TensorSplit, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class HashedSplits(Sound):
    """Seeds its splits by the hash of a text."""

    def splits(self, replicate: int, head: str) -> Splits:
        return super().splits(abs(hash(f"planted/{replicate}")) % 1000, head)


class HashedNoise(Sound):
    """Seeds its label noise by the hash of a text."""

    def noisy(self, place: np.ndarray, replicate: int) -> np.ndarray:
        return super().noisy(place, abs(hash(f"noise/{replicate}")) % 1000)


class HashedWeights(Sound):
    """Adds the hash of a text to its weights."""

    def network(self, head: str, loss: Loss) -> nn.Module:
        network = super().network(head, loss)
        network.layers[0].bias.data += hash("weights") % 1000 / 1000
        return network


class HashedMetrics(Sound):
    """Tests on samples that the hash of a text chooses."""

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        rows = np.random.default_rng(abs(hash("test"))).permutation(len(split))[:15]
        chosen = TensorSplit(*split.batch(rows))
        return Evaluation(super().evaluate(network, loss, chosen, decoding).metrics)


class HashedData(Sound):
    """Prepares data by the hash of a text, beside those that it uses."""

    def prepare(self, directory: Path, world: int) -> None:
        super().prepare(directory, world)
        (directory / "seed").write_text(str(hash("data")))


DEFECTS = {
    HashedSplits: ("second process", "splits of head 'events' differ in a second process"),
    HashedNoise: ("second process", "noisy labels of head 'events' differ"),
    HashedWeights: ("second process", "initial weights of head 'events' differ"),
    HashedMetrics: ("second process", "metrics of head 'events' differ"),
    HashedData: ("second process", "prepared data differ"),
}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
