"""What loading losses and tasks leaves unloaded: libraries that only some calls need."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numba", "scipy", "sympy", "symusic", "mir_eval", "pandas", "ray", "mlflow")
REGISTRIES = """
import sys
from bench.plugin.registry import losses, tasks
losses.names(), tasks.names()
for name in tasks.names():
    tasks.get(name)().data_key()
print(*sys.modules)
"""
SHARED = """
import sys, torch
before = set(sys.modules)
import importlib, pkgutil, losses._shared
for module in pkgutil.iter_modules(losses._shared.__path__):
    importlib.import_module(f"losses._shared.{module.name}")
print(*(set(sys.modules) - before))
"""


def modules_after(program: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    return set(run.stdout.split())


def test_the_registries_and_the_keys_of_data_load_without() -> None:
    loaded = modules_after(REGISTRIES)
    assert {"losses.softloc", "tasks.drums", "tasks.data.audio.rendered_drums"} <= loaded
    assert loaded.isdisjoint({"torch", *HEAVY})


def test_what_losses_share_loads_torch_without() -> None:
    loaded = modules_after(SHARED)
    assert {"losses._shared.gumbel_softmax", "losses._shared.product_tree"} <= loaded
    assert loaded.isdisjoint({"torch._dynamo", *HEAVY})
