"""A maker of trial records, as a trial of the drums task would leave them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from results.store.trial_store import TrialRecord


@pytest.fixture
def make_record() -> Callable[..., TrialRecord]:
    def make(trial_id: str = "t0", **changes: Any) -> TrialRecord:
        fields: dict[str, Any] = {
            "trial_id": trial_id,
            "sweep": "softness-noise",
            "scale": "laptop",
            "task": "drums",
            "loss": "softloc",
            "replicate": 0,
            "status": "finished",
            "reason": None,
            "task_options": {"noise": 0.05, "split": "random"},
            "loss_options": {"softness": 0.1, "alpha": {"form": "linear", "start": 1.0}},
            "train_options": {"steps": 1500, "lr": 0.003},
            "metrics": {"f1": 0.95, "precision": 0.96},
            "details": {"threshold": 0.4},
            "curve": [{"step": 0, "loss": 1.0}, {"step": 50, "loss": 0.5}],
            "seconds": {"prepare": 0.1, "train": 10.0, "evaluate": 1.0, "total": 11.1},
            "finished_at": 1.7e9,
            "host": "here",
            "device": "cpu",
            "hardware": "a processor",
            "versions": {"torch": "2.4.0"},
            "git_revision": None,
            "data_name": "rendered",
            "data_version": "1",
        }
        return TrialRecord(**{**fields, **changes})

    return make
