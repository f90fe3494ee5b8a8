"""Where artefacts read trials from: a store, or a store with reference results beneath it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pandas as pd

from results.store.record import TrialRecord
from results.store.trial_store import Store

REFERENCE = Path(__file__).parents[1] / "reference"
"""The store of reference results that comes with pointbench."""


class TrialSource(Protocol):
    """What surfaces, tables, leaderboards, claims and pages need of a store."""

    @property
    def url(self) -> str:
        """The local path or URL of the user's own store."""

    @property
    def shown(self) -> str:
        """`url` for messages and pages."""

    def statuses(self) -> dict[str, str]:
        """Status of every trial, by id."""

    def load(
        self, ids: Collection[str] | None = None, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """The trials frame: one row per trial, sorted by id (see `Store.load`)."""

    def record(self, trial_id: str) -> TrialRecord:
        """One trial. Raises KeyError when there is none."""

    def records(self, ids: Collection[str] | None = None) -> Iterator[TrialRecord]:
        """Trials with all that is known about them, in one reading (see `Store.records`)."""

    def mirrored(self, tracking_uri: str | None = None) -> dict[str, str]:
        """MLflow run by trial id."""

    def sessions(self) -> pd.DataFrame:
        """One row per `bench run` on the user's store."""

    def borrowed(self, ids: Collection[str]) -> frozenset[str]:
        """Those of ``ids`` that come from the reference results, not from the user's store."""


class Layered:
    """A store with reference results beneath it: of a trial that both have, the store's counts."""

    def __init__(self, own: Store | None, url: str, reference: Store) -> None:
        """Args:
        own: the user's store, or None when there is none yet at ``url``.
        reference: trials for what ``own`` lacks.
        """
        self._own, self._url, self._reference = own, url, reference

    @property
    def url(self) -> str:
        """The local path or URL of the user's own store."""
        return self._own.url if self._own else self._url

    @property
    def shown(self) -> str:
        """Both, for messages and pages."""
        name = "the reference results"
        return f"{self._own.shown} and {name}" if self._own else name

    def statuses(self) -> dict[str, str]:
        """Status of every trial, by id."""
        own = self._own.statuses() if self._own else {}
        return {**self._reference.statuses(), **own}

    def load(
        self, ids: Collection[str] | None = None, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """The trials frame: one row per trial, sorted by id (see `Store.load`)."""
        own = set(self._own.statuses()) if self._own else set()
        wanted = set(self._reference.statuses() if ids is None else ids) - own
        names = None if columns is None else list(dict.fromkeys(["trial_id", *columns]))
        frames = [self._reference.load(wanted, names)]
        if self._own:
            frames.append(self._own.load(ids, names))
        filled = [frame for frame in frames if len(frame)] or frames[:1]
        both = pd.concat(filled, ignore_index=True).sort_values("trial_id", ignore_index=True)
        return both if columns is None else both[list(columns)]

    def record(self, trial_id: str) -> TrialRecord:
        """One trial. Raises KeyError when there is none."""
        if self._own:
            with contextlib.suppress(KeyError):
                return self._own.record(trial_id)
        return self._reference.record(trial_id)

    def records(self, ids: Collection[str] | None = None) -> Iterator[TrialRecord]:
        """Trials with all that is known about them: the store's own, then the reference's."""
        own = self._own.statuses() if self._own else {}
        if self._own:
            yield from self._own.records(ids)
        wanted = self._reference.statuses() if ids is None else ids
        yield from self._reference.records(set(wanted) - set(own))

    def mirrored(self, tracking_uri: str | None = None) -> dict[str, str]:
        """MLflow run by trial id; reference trials have none."""
        return self._own.mirrored(tracking_uri) if self._own else {}

    def sessions(self) -> pd.DataFrame:
        """One row per `bench run` on the user's store."""
        return self._own.sessions() if self._own else pd.DataFrame()

    def borrowed(self, ids: Collection[str]) -> frozenset[str]:
        """Those of ``ids`` that come from the reference results, not from the user's store."""
        own = self._own.statuses() if self._own else {}
        return frozenset(ids) & frozenset(self._reference.statuses()) - frozenset(own)


def open_source(url: str, reference: bool = True) -> TrialSource:
    """The user's store, with the reference results beneath it unless ``reference`` is False.

    Raises:
        StoreError: there is no store and no reference either, or the store cannot be read.
    """
    there = reference and Store.exists(REFERENCE)
    beneath = Store.open(REFERENCE, create=False) if there else None
    if beneath is None:
        return Store.open(url, create=False)
    return Layered(Store.open(url, create=False) if Store.exists(url) else None, url, beneath)
