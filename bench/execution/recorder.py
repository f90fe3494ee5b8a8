"""Where the records of ended trials go: the store first, then all that only looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from results.store.record import TrialRecord
from results.store.trial_store import Store


class Sink(Protocol):
    """Takes every record as it comes."""

    def add(self, record: TrialRecord) -> None: ...


@dataclass(frozen=True)
class Recorder:
    """Gives each record to the store, then to the sinks, in order: nothing shows what is not kept.

    Raises:
        StoreError: the store cannot take a record.
    """

    store: Store
    sinks: Sequence[Sink]

    def add(self, record: TrialRecord) -> None:
        """Keep a record and pass it on."""
        self.store.append(record)
        for sink in self.sinks:
            sink.add(record)

    def also(self, sink: Sink) -> Recorder:
        """A recorder with one sink more."""
        return Recorder(self.store, [*self.sinks, sink])
