"""The sweep as users run it, where Ray and MLflow are installed."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results.store.trial_store import Store

_TO_END = 20.0
"""Seconds for an interrupted sweep to end."""
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
        command = [sys.executable, "-P", "-c", _COMMAND, *arguments, *settings]
        process = subprocess.Popen(command, stdout=sys.stderr)
        try:
            process.wait(max(seconds - _TO_END, 1.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # what has finished is in the store
            process.wait()
        wall = time.perf_counter() - started
        statuses = Store.open(store).statuses() if Store.exists(store) else {}
        return sum(status == "finished" for status in statuses.values()), wall
