"""What the store remembers of runs."""

from __future__ import annotations

import time
from pathlib import Path

from bench.execution.run_log import Session
from results.store.trial_store import Store


def test_the_later_of_two_drivers_knows(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    long_dead = {
        "session_id": "dead",
        "sweep": "mine",
        "started_at": 1.0,
        "updated_at": time.time() - 3600,
        "ended_at": None,
    }
    store.append_session(long_dead)
    first, other, second = (
        Session(store, sweep, "laptop", 4, 4) for sweep in ("mine", "other", "mine")
    )
    assert not first.is_second()
    assert not other.is_second()
    assert second.is_second()
    assert not first.is_second()
    first.close()
    assert not second.is_second()
