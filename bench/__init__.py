"""The harness: registry, sweep specifications, trials, Ray Tune, MLflow, the command line.

``import bench; bench.run("softness-noise", scale="smoke")`` runs a sweep from Python. Names are
resolved on first use, so importing ``bench.plugin`` loads neither Ray nor MLflow.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "check",
    "claims",
    "decide",
    "leaderboard",
    "plan",
    "report",
    "reproduce",
    "reproducible",
    "run",
    "status",
    "surface",
    "table",
    "trials",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from bench import api

        return getattr(api, name)
    raise AttributeError(f"module 'bench' has no attribute '{name}'")
