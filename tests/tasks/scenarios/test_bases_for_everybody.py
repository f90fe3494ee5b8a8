"""What outside code gets from `tasks.bases`: it loads next to nothing, and has one place."""

from __future__ import annotations

import subprocess
import sys

import bench.plugin
import tasks.bases

HEAVY = ("torch", "scipy", "numba", "mir_eval", "ray", "mlflow", "pandas")


def test_importing_the_bases_loads_no_large_library() -> None:
    program = "import sys, tasks.bases, tasks.drums; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    loaded = set(run.stdout.split())
    assert "tasks.bases.points_task" in loaded
    assert loaded.isdisjoint(HEAVY), loaded.intersection(HEAVY)


def test_nothing_is_exported_twice() -> None:
    assert set(tasks.bases.__all__).isdisjoint(bench.plugin.__all__)
    assert all(hasattr(tasks.bases, name) for name in tasks.bases.__all__)
