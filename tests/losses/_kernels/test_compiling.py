"""Compiled kernels are kept until any file of their folder changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CALLEE = """
from losses._kernels.compiling import compiled

@compiled
def part(x):
    return x + {constant}
"""
CALLER = """
from callee import part
from losses._kernels.compiling import compiled

@compiled
def whole(x):
    return part(x)
"""
PROGRAM = """
from caller import whole
result = whole(1)
print(result, sum(whole.stats.cache_hits.values()))
"""


@pytest.fixture
def kernels(tmp_path: Path) -> Path:
    (tmp_path / "caller.py").write_text(CALLER)
    return tmp_path


def run(kernels: Path, constant: int, **environment: str) -> str:
    (kernels / "callee.py").write_text(CALLEE.format(constant=constant))
    paths = f"{kernels}:{Path(__file__).parents[3]}"
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            "PYTHONPATH": paths,
            "PATH": "",
            "HOME": str(kernels / "home"),
            # Python's own byte code goes by the time of a file in seconds, and its size.
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        },
        cwd=kernels,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return finished.stdout.strip()


def test_a_change_of_the_called_file_counts(kernels: Path) -> None:
    assert run(kernels, constant=1) == "2 0"
    assert run(kernels, constant=1) == "2 1"
    assert run(kernels, constant=2) == "3 0"
    assert list((kernels / "__pycache__").glob("*.nbc"))


def test_the_users_folder_is_kept_to(kernels: Path) -> None:
    folder = kernels / "elsewhere"
    assert run(kernels, constant=1, NUMBA_CACHE_DIR=str(folder)) == "2 0"
    assert run(kernels, constant=1, NUMBA_CACHE_DIR=str(folder)) == "2 1"
    assert run(kernels, constant=2, NUMBA_CACHE_DIR=str(folder)) == "3 0"
    assert not list((kernels / "__pycache__").glob("*.nbc"))


def test_other_functions_of_the_process_are_cached_as_ever() -> None:
    import numba

    import losses._kernels.compiling

    assert losses._kernels.compiling.compiled is not None
    config: Any = numba.config
    assert not config.CACHE_LOCATOR_CLASSES
