"""The sweep as users run it, where Ray and MLflow are installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results.store.trial_store import Store

_COMMAND = "from bench.cli.main import main; main()"


def available() -> bool:
    """Whether ``bench run`` can run here."""
    return all(importlib.util.find_spec(name) is not None for name in ("ray", "mlflow"))


def run(sweep: str, scale: str, at_once: int, device: str, seconds: float) -> tuple[int, float]:
    """``bench run`` of a sweep into an empty store: trials that finished, and the wall time."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        share = {"cuda": 1 / at_once, "cpu": 0}[device]
        arguments = ["run", sweep, "--scale", scale, "--store", str(store), "--out", folder]
        settings = ["--set", f"resources.gpu={share:.4f}", "--set", f"train.device={device}"]
        started = time.perf_counter()
        try:
            command = [sys.executable, "-P", "-c", _COMMAND, *arguments, *settings]
            subprocess.run(command, check=False, timeout=seconds)
        except subprocess.TimeoutExpired:
            pass  # what has finished is in the store
        wall = time.perf_counter() - started
        rows = Store.open(store).rows() if store.exists() else []
        return sum(row.status == "finished" for row in rows), wall
