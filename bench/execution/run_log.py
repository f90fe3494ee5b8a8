"""One ``bench run`` as the store remembers it: when, on how many cores, what came of it."""

from __future__ import annotations

import os
import time
import uuid
from collections import Counter
from typing import Any

from bench.execution import environment
from results.store.record import TrialRecord
from results.store.trial_store import Store

_WRITE_EVERY = 10.0
_ALIVE_WITHIN = 60.0


class Session:
    """A sink that counts records and keeps the session's entry in the store up to date."""

    def __init__(self, store: Store, sweep: str, scale: str, planned: int, missing: int) -> None:
        self._store = store
        self._counts: Counter[str] = Counter()
        self._busy = 0.0
        self._written = 0.0
        self._clock = time.monotonic()
        self._entry: dict[str, Any] = {
            "session_id": uuid.uuid4().hex,
            "sweep": sweep,
            "scale": scale,
            "started_at": time.time(),
            "ended_at": None,
            "host": environment.host(),
            "pid": os.getpid(),
            "cores": None,
            "planned": planned,
            "missing": missing,
        }

    def is_second(self) -> bool:
        """Whether another driver seems to have begun the same sweep on this store before."""
        self.write()
        sessions = self._store.sessions()
        alive = sessions[
            (sessions["sweep"] == self._entry["sweep"])
            & sessions["ended_at"].isna()
            & (sessions["updated_at"] > time.time() - _ALIVE_WITHIN)
        ]
        first = alive.sort_values(["started_at", "session_id"]).iloc[0]
        return bool(first["session_id"] != self._entry["session_id"])

    @property
    def ended(self) -> int:
        """Number of trials that ended, in whichever way."""
        return self._counts.total()

    def start(self, cores: float) -> None:
        """The cluster is up and has ``cores`` cores; wall time counts from before it came up."""
        self._entry["cores"] = cores
        self.write()

    def add(self, record: TrialRecord) -> None:
        """Count a record."""
        self._counts[record.status] += 1
        self._busy += record.seconds.get("train", 0.0) + record.seconds.get("evaluate", 0.0)
        if time.monotonic() - self._written > _WRITE_EVERY:
            self.write()

    def close(self) -> None:
        """The session is over."""
        self._entry["ended_at"] = time.time()
        self.write()

    def write(self) -> None:
        """Replace the session's entry in the store."""
        self._written = time.monotonic()
        self._store.append_session(
            self._entry
            | {
                "updated_at": time.time(),
                "wall_seconds": self._written - self._clock,
                "busy_seconds": self._busy,
                **{status: self._counts[status] for status in ("finished", "failed", "diverged")},
            }
        )
