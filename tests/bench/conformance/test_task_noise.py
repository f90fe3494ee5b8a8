"""Defects in label noise: where it reaches, and what is declared."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from bench.plugin import Splits, TensorSplit, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class Second(Sound):
    """Label noise under another name beside that of the name that everybody uses."""

    jitter: float = 0.0
    label_noise = ("noise", "kind", "jitter")
    space: ClassVar[dict[str, Any]] = {**Sound.space, "jitter": planted.Uniform(0.0, 12.0)}

    def moved(self, place: np.ndarray, option: float, key: int) -> np.ndarray:
        draws = np.random.default_rng([9, key]).standard_normal(len(place))
        return np.abs(np.rint(place + option * draws)).astype(int) % planted.BINS

    def part(self, inputs: np.ndarray, place: np.ndarray, rows: np.ndarray) -> Any:
        if self.reaches(len(rows)):
            place = self.moved(place, self.jitter, 1)
        return super().part(inputs, place, rows)

    def reaches(self, count: int) -> bool:
        return count == 40  # training data


class LeakingSecond(Second):
    """Its second noise reaches all labels."""

    def reaches(self, count: int) -> bool:
        return True


class LeakingKind(Sound):
    """Where the noise is binary it reaches validation labels."""

    def splits(self, replicate: int, head: str) -> Splits:
        own = super().splits(replicate, head)
        if self.kind == "normal" or not self.noise:
            return own
        inputs, target = own.validation.inputs, own.validation.target
        moved = planted.EventTarget(target.events.roll(3, -1), target.step)
        return Splits(own.train, TensorSplit(inputs, moved), own.test)


class Noiseless(Sound):
    """Its noise reaches nothing."""

    label_noise = ("noise",)

    def noisy(self, place: np.ndarray, replicate: int) -> np.ndarray:
        return place


class NoisyInputs(Sound):
    """Its label noise changes inputs, too."""

    def part(self, inputs: np.ndarray, place: np.ndarray, rows: np.ndarray) -> Any:
        if len(rows) == 40 and self.noise:
            inputs = inputs + 0.01
        return super().part(inputs, place, rows)


class Undeclared(Second):
    """Does not say that one of its options is label noise."""

    label_noise = ("noise", "kind")


class UndeclaredKind(Sound):
    """Does not say that an option shapes its label noise."""

    label_noise = ("noise",)


class UndeclaredLeak(Undeclared):
    """Moves the labels of all parts, and says nothing of it."""

    def reaches(self, count: int) -> bool:
        return True


DEFECTS = {
    LeakingSecond: ("label noise", "'jitter' reaches the validation part"),
    LeakingKind: ("label noise", "reaches the validation part"),
    Noiseless: ("label noise", "'noise' leaves the training labels as they are"),
    NoisyInputs: ("label noise", "'noise' changes the training inputs"),
    Undeclared: ("undeclared label noise", r"'jitter' .* label_noise=\['jitter'\]"),
    UndeclaredKind: ("undeclared label noise", r"'kind' .* label_noise=\['kind'\]"),
    UndeclaredLeak: ("undeclared label noise", "'jitter' moves labels of the validation part"),
}


def test_a_second_noise_in_training_labels_alone_is_sound(findings: Any) -> None:
    assert findings(Second) == {}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
