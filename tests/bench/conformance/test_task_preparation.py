"""Defects in prepared data and in the key that describes them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.plugin import load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class Restless(Sound):
    """Every instance has data of its own."""

    def data_key(self) -> dict[str, Any]:
        return {**super().data_key(), "draw": float(np.random.default_rng().random())}


class OneVersion(Sound):
    """Data of every size have one version."""

    def data_key(self) -> dict[str, Any]:
        return {"loudness": self.loudness}


class NoisyKey(Sound):
    """Prepares the data anew for every level of label noise."""

    def data_key(self) -> dict[str, Any]:
        return {**super().data_key(), "noise": self.noise}


class Forgetful(Sound):
    """Its data depend on an option that its key does not hold."""

    def data_key(self) -> dict[str, Any]:
        return {"size": self.size, "forgets": "loudness"}


class ForgetfulSimulation(Sound):
    """The same where nothing is prepared."""

    def data_key(self) -> dict[str, Any]:
        return {"size": self.size}

    def prepare(self, directory: Path, world: int) -> None:
        pass

    def prepared(self, world: int = 0) -> Path:
        return _folder_of(self)


def _folder_of(task: Any) -> Path:
    import tempfile

    folder = Path(tempfile.mkdtemp())
    Sound.prepare(task, folder, 0)
    return folder


class Random(Sound):
    """Prepares other data every time, beside what it uses."""

    def prepare(self, directory: Path, world: int) -> None:
        super().prepare(directory, world)
        (directory / "numbers").write_text(str(np.random.default_rng().random()))


class OneWorld(Sound):
    """Claims several worlds and reads the same one for all replicates."""

    @property
    def worlds(self) -> int:
        return 2


DEFECTS = {
    Restless: ("data version", "the data's version changes"),
    OneVersion: ("data version", r"sizes \('full', 'tiny'\) have one data version"),
    NoisyKey: ("data version", "holds 'noise', which is label noise"),
    Forgetful: ("data key", "'loudness' changes the prepared data, but data_key"),
    ForgetfulSimulation: ("data key", "'loudness' changes the inputs, but data_key"),
    Random: ("prepared data", "numbers is not the same again"),
    OneWorld: ("worlds", "replicates 0 and 1, each in a world of its own, have 80 samples"),
}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
