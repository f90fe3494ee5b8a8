"""Defects in the parts of the data, their replicates and their batches."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from bench.plugin import Splits, TensorSplit, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class Parts(Sound):
    """Changes the parts that a sound task gives."""

    def splits(self, replicate: int, head: str) -> Splits:
        return self.changed(super().splits(replicate, head), replicate)

    def changed(self, own: Splits, replicate: int) -> Splits:
        raise NotImplementedError


class GlobalSeeds(Parts):
    """Draws the order of the test samples from the global generator."""

    def changed(self, own: Splits, replicate: int) -> Splits:
        rows = torch.randperm(len(own.test))
        return Splits(own.train, own.validation, TensorSplit(*own.test.batch(rows)))


class NumpySeeds(Parts):
    """The same from NumPy's."""

    def changed(self, own: Splits, replicate: int) -> Splits:
        rows = np.random.permutation(len(own.test))  # noqa: NPY002 - the defect
        return Splits(own.train, own.validation, TensorSplit(*own.test.batch(rows)))


class EmptyPart(Parts):
    """Has no validation data."""

    def changed(self, own: Splits, replicate: int) -> Splits:
        none = TensorSplit(*own.validation.batch(np.arange(0)))
        return Splits(own.train, none, own.test)


class OneReplicate(Sound):
    """Every replicate is the first one."""

    def splits(self, replicate: int, head: str) -> Splits:
        return super().splits(0, head)


class TestInTrain(Parts):
    """Tests on a sample it trains on."""

    __test__ = False

    def changed(self, own: Splits, replicate: int) -> Splits:
        inputs, target = own.test.batch(np.arange(len(own.test)))
        inputs[3] = own.train.inputs[17]
        return Splits(own.train, own.validation, TensorSplit(inputs, target))


class TestIsValidation(Parts):
    """Its test data are its validation data, with a little noise of another kind."""

    __test__ = False

    def changed(self, own: Splits, replicate: int) -> Splits:
        inputs, target = own.validation.inputs, own.validation.target
        return Splits(own.train, own.validation, TensorSplit(inputs + 1e-7, target))


class Drifting(TensorSplit):
    """Each batch is another one."""

    def batch(self, rows: Any, draw: Any = None) -> tuple[Tensor, Any]:
        inputs, target = super().batch(rows, draw)
        return inputs + (torch.rand(()) if self.drifts(draw) else 0.0), target

    def drifts(self, draw: Any) -> bool:
        return draw is None


class DriftingInTraining(Drifting):
    """Ignores the generator that a step gives it."""

    def drifts(self, draw: Any) -> bool:
        return draw is not None


class RandomBatches(Parts):
    """Draws what a batch of evaluation holds."""

    def changed(self, own: Splits, replicate: int) -> Splits:
        return Splits(DriftingInTraining(own.train.inputs, own.train.target), own.validation,
                      own.test)  # fmt: skip


class RandomAugmentation(Sound):
    """Augments from the global generator."""

    def augment(self, inputs: Any, target: Any, draw: np.random.Generator) -> tuple[Any, Any]:
        return inputs + 0.1 * torch.rand(()), target


class Wearing(TensorSplit):
    """Gives views of its samples."""

    def batch(self, rows: Any, draw: Any = None) -> tuple[Tensor, Any]:
        if len(rows) < len(self):
            return super().batch(rows)
        return self.inputs, self.target


class AugmentInPlace(Parts):
    """Augments the data themselves."""

    def changed(self, own: Splits, replicate: int) -> Splits:
        few = own.train.batch(np.arange(16))
        return Splits(Wearing(*few), own.validation, own.test)

    def augment(self, inputs: Any, target: Any, draw: np.random.Generator) -> tuple[Any, Any]:
        return inputs.add_(0.1), target


DEFECTS = {
    GlobalSeeds: ("splits", "the test part is not the same .* global generators"),
    NumpySeeds: ("splits", "the test part is not the same .* global generators"),
    OneReplicate: ("replicates", "ignores its replicate"),
    TestInTrain: ("no shared samples", "1 samples of test are the same in train"),
    TestIsValidation: ("no shared samples", "20 samples of test are nearly the same in validation"),
    RandomBatches: ("draws", "differs where `draw` is the same"),
    AugmentInPlace: ("draws", "augment.* changes the training data"),
    RandomAugmentation: ("draws", "augment.* differs where `draw` is the same"),
}


def test_an_empty_part_is_told(findings: Any) -> None:
    assert "the validation part is empty" in findings(EmptyPart)["splits"]


def test_batches_of_evaluation_that_wander_are_told(findings: Any) -> None:
    class Wandering(Parts):
        """Its training data are others every time."""

        def changed(self, own: Splits, replicate: int) -> Splits:
            return Splits(Drifting(own.train.inputs, own.train.target), own.validation, own.test)

    assert "train: a batch is another one the second time" in findings(Wandering)["draws"]


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
