"""Who a trial is: canonical configuration, content hash, and the seeds derived from it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.plugin import Loss, Task
from bench.specs.train_settings import TrainSettings

PROTOCOL_VERSION = 1
"""Raised whenever the trainer changes what a configuration results in."""

_PLACE_OPTIONS = frozenset({"root"})
"""Options that say where data lie; the data's content is in ``data_version``."""


@dataclass(frozen=True)
class Trial:
    """One training and evaluation: all that determines its result, and nothing else does."""

    task: Task
    loss: Loss
    train: TrainSettings
    scale: str
    replicate: int
    head: str

    @property
    def identity(self) -> dict[str, Any]:
        """What determines the result, JSON-able."""
        task = {k: v for k, v in self.task.options().items() if k not in _PLACE_OPTIONS}
        train = self.train.options()
        del train["device"]  # where it runs
        return {
            "task": {"name": self.task.plugin_name, "version": self.task.version, **task},
            "loss": {
                "name": self.loss.plugin_name,
                "version": self.loss.version,
                **self.loss.options(),
            },
            "train": train,
            "head": self.head,
            "scale": self.scale,
            "replicate": self.replicate,
            "data": self.task.data_version,
            "protocol": PROTOCOL_VERSION,
        }

    @property
    def trial_id(self) -> str:
        """Hash of the canonical JSON of `identity`, 16 hexadecimal digits."""
        return hashlib.sha256(canonical_json(self.identity).encode()).hexdigest()[:16]

    def to_config(self) -> dict[str, Any]:
        """JSON-able description from which a worker rebuilds the trial."""
        return {
            "task": {"name": self.task.plugin_name, **self.task.options()},
            "loss": {"name": self.loss.plugin_name, **self.loss.options()},
            "train": self.train.options(),
            "scale": self.scale,
            "replicate": self.replicate,
            "head": self.head,
        }


def canonical_json(value: Any) -> str:
    """Text that is equal for equal values: sorted keys, no spaces, shortest floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def seed(task: str, replicate: int, purpose: str) -> np.random.SeedSequence:
    """Seeds shared by all losses: they depend on task, replicate and purpose alone."""
    words = hashlib.sha256(f"{task}/{purpose}".encode()).digest()
    return np.random.SeedSequence([replicate, *np.frombuffer(words[:16], dtype=np.uint32).tolist()])


def torch_seed(task: str, replicate: int, purpose: str) -> int:
    """The same as one integer, for ``torch.manual_seed``."""
    return int(seed(task, replicate, purpose).generate_state(1, np.uint64)[0] >> np.uint64(1))
