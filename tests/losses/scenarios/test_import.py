"""What loading every loss and task leaves unloaded: libraries that only some calls need."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch._dynamo", "numba", "scipy.signal", "sympy", "symusic", "mir_eval", "ray", "mlflow")
PROGRAM = """
import sys, torch
from bench.plugin.registry import losses, tasks
before = set(sys.modules)
losses.names(), tasks.names()
print(*(set(sys.modules) - before))
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120
    )
    return set(run.stdout.split())


@pytest.mark.parametrize("library", HEAVY)
def test_the_registries_load_without(library: str, loaded: set[str]) -> None:
    assert "losses.softloc" in loaded
    assert "tasks.drums" in loaded
    assert library not in loaded
