"""The store of trials: append-only, many processes, local or remote."""

from results.store.record import STATUSES, TrialRecord
from results.store.trial_store import SCHEMA_VERSION, Store

__all__ = ["SCHEMA_VERSION", "STATUSES", "Store", "TrialRecord"]
