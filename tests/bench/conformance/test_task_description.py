"""Defects in what a task says of itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bench.plugin import Loss, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class Silent(Sound):
    """Names no source."""

    source = ""


class Misspelt(Sound):
    """Reads its options back as others."""

    def options(self) -> dict[str, Any]:
        return {**super().options(), "tolerance": 3}


class Wordless(Sound):
    """Skips a loss without a reason."""

    def skip(self, loss: Loss) -> str | None:
        return "" if loss.plugin_name == "softloc" else None


DEFECTS = {
    Silent: ("described", "`source` is empty"),
    Misspelt: ("options round trip", "another object when read back"),
    Wordless: ("skip", r"skip\(softloc\) is ''"),
}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
