"""Which pictures are attacked, in which part."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from bench.plugin import UsageError
from tasks.splits.attack_split import Attacked, attack_splits, chosen


def test_only_what_the_classifier_sees_right_is_attacked() -> None:
    right = np.arange(20) % 3 == 0
    found = chosen(right, 5, np.random.default_rng(0))
    assert len(set(found)) == 5
    assert right[found].all()
    with pytest.raises(UsageError, match="right on 7 of 20 pictures, and 8 are to be attacked"):
        chosen(right, 8, np.random.default_rng(0))


def pictures() -> Attacked:
    images = np.arange(6, dtype=np.uint8)[:, None, None, None].repeat(16, -1).reshape(6, 1, 4, 4)
    return Attacked(images, np.arange(6), {1: images + 1}, {"trained_on": 3})


def test_training_attacks_all_the_others_apart() -> None:
    classifier = nn.Sequential(nn.Flatten(), nn.Linear(16, 10))
    train, validation, test = attack_splits(classifier, pictures(), 2, first=30)
    assert [len(part) for part in (train, validation, test)] == [6, 2, 4]
    assert validation.inputs.tolist() == [[30], [31]]
    assert test.inputs[:, 0].tolist() == [32, 33, 34, 35]
    number, target = test.batch(np.array([1, 3]))
    assert number.tolist() == [[33], [35]]
    assert target.label.tolist() == [3, 5]
    torch.testing.assert_close(target.image[1], torch.full((1, 4, 4), 5 / 255))
    assert target.classifier is classifier
    np.testing.assert_array_equal(test.rival(1), pictures().images[2:] + 1)
    assert test.pictures.facts == {"trained_on": 3}


def test_a_rival_that_was_not_prepared_is_found_now() -> None:
    torch.manual_seed(0)
    classifier = nn.Sequential(nn.Flatten(), nn.Linear(16, 10)).requires_grad_(False)
    _, validation, _ = attack_splits(classifier, pictures(), 2, first=0)
    found = validation.rival(2)
    assert found.shape == (2, 1, 4, 4)
    assert ((found != pictures().images[:2]).sum((1, 2, 3)) <= 2).all()
