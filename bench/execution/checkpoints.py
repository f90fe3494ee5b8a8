"""What is kept of unfinished trainings, where the next worker can read it.

One file a trial in a folder that driver and workers share, written whole or not at all. It holds
numbers, texts and tensors; nothing in it is unpickled.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.execution import environment
from bench.planning.trial import canonical_json
from results.store.folder import Folder, open_folder
from results.store_error import StoreError

if TYPE_CHECKING:
    from bench.planning.trial import Trial
    from results.store.record import TrialRecord

FORMAT = 1
"""Of a file's content; others are not read."""
EVERY = 120.0
"""Seconds between two checkpoints, at least."""
_FOLDER = "checkpoints"
_SIGN = f"{_FOLDER}/format.json"
"""The driver leaves it: a worker that cannot see it looks at another folder of the same name."""


@dataclass(frozen=True)
class Checkpoints:
    """Where checkpoints are, as it travels to the workers.

    Attributes:
        url: path or URL of the folder that holds ``checkpoints/``, such as the store's.
        every: seconds between two checkpoints of a training, at least.
    """

    url: str
    every: float = EVERY

    def offer(self) -> None:
        """Make the folder known to workers.

        Raises:
            StoreError: it cannot be written to.
        """
        open_folder(self.url).write(_SIGN, canonical_json({"format": FORMAT}).encode())

    def of(self, trial: Trial, device: str) -> Checkpoint:
        """The checkpoint of a trial that runs on a kind of device."""
        return Checkpoint(open_folder(self.url), trial, device, self.every)

    def add(self, record: TrialRecord) -> None:
        """Delete what is kept of a trial that ended; the store has its record by now."""
        # Of a failed trial only the seconds of its last process are known.
        if record.status == "failed" or record.seconds.get("total", 0.0) >= self.every:
            with contextlib.suppress(StoreError):
                open_folder(self.url).delete([_name(record.trial_id)])

    def clear(self, ended: Collection[str]) -> None:
        """Delete what is kept of trials that ended, however early their checkpoint was made."""
        with contextlib.suppress(StoreError):
            folder = open_folder(self.url)
            kept = [name.removesuffix(".pt") for name in folder.list(_FOLDER)]
            folder.delete([_name(trial_id) for trial_id in kept if trial_id in ended])


class Checkpoint:
    """What is kept of one training, if anything.

    Attributes:
        problem: why nothing can be kept, or None. The training goes on without.
    """

    def __init__(self, folder: Folder, trial: Trial, device: str, every: float) -> None:
        self._folder, self._every = folder, every
        self._name = _name(trial.trial_id)
        self._made_with = {
            "format": FORMAT,
            "trial": canonical_json(trial.identity),
            "versions": canonical_json(environment.versions()),
            "device": device,
        }
        self._last = time.monotonic()
        self.problem: str | None = None

    def load(self) -> dict[str, Any] | None:
        """What was kept; None without it, or if other options, versions or devices made it."""
        import torch

        try:
            content = self._folder.read(self._name)
            kept = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except StoreError as error:
            self.problem = str(error)
            return None
        except Exception:  # cut short, or written by something else: torch raises many kinds
            return None
        if not isinstance(kept, dict) or kept.get("made with") != self._made_with:
            return None
        state: dict[str, Any] = kept["state"]
        return state

    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return self.problem is None and time.monotonic() - self._last >= self._every

    def save(self, state: dict[str, Any]) -> None:
        """Keep the state in place of an earlier one; a folder out of reach is a `problem`."""
        import torch

        content = io.BytesIO()
        torch.save({"made with": self._made_with, "state": state}, content)
        try:
            self._folder.read(_SIGN)
            self._folder.write(self._name, content.getvalue())
        except FileNotFoundError:
            self.problem = f"{self._folder.shown} is not the driver's folder on this machine"
        except StoreError as error:
            self.problem = str(error)
        self._last = time.monotonic()


def _name(trial_id: str) -> str:
    return f"{_FOLDER}/{trial_id}.pt"
