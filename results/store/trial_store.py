"""Where finished trials are kept: the truth from which every table, figure and mirror is made.

A store is a folder (local, or any URL of fsspec or pyarrow.fs):

    store.json                format and schema version
    trials/new/               <trial id>.<status>.<microseconds>.<random>.json, one per trial
    trials/merged/            <rows>-<random>.parquet, what compaction made of them
    mirror/new, mirror/merged which trials MLflow has
    sessions/<id>.json        one per `bench run`

Each file is written whole or not at all, so that killing anything at any time loses at most the
write in flight, and any number of processes may append, read and compact at once (see
`results.store.row_log`). Where a trial was written more than once, one record counts (see
`results.store.trial_columns.precedence`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from results.store.folder import Folder, LocalFolder, open_folder
from results.store.plain_json import plain_json
from results.store.record import FIELDS, STATUSES, TrialRecord, check_identifier
from results.store.row_log import PRECEDENCE, Listing, RowLog
from results.store.trial_columns import (
    SCHEMA,
    microseconds,
    precedence,
    stored_columns,
    to_frame,
    to_record,
    to_row,
)
from results.store_error import StoreError

__all__ = ["SCHEMA_VERSION", "STATUSES", "Store", "StoreError", "TrialRecord"]

SCHEMA_VERSION = 1

_HEADER = "store.json"
_FORMAT = "pointbench store"
_MIRROR = pa.schema(
    [
        ("trial_id", pa.string()),
        ("tracking_uri", pa.string()),
        (PRECEDENCE, pa.int64()),
        ("run_id", pa.string()),
    ]
)


class Store:
    """Finished trials; open one with `Store.open`. Methods may be called from any thread."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._trials = RowLog(folder, "trials", SCHEMA, ["trial_id"])
        self._mirror = RowLog(folder, "mirror", _MIRROR, ["trial_id", "tracking_uri"])

    @classmethod
    def open(cls, url: str | Path, create: bool = True) -> Store:
        """The store at a local path or URL.

        Args:
            create: make an empty one where there is none.

        Raises:
            StoreError: there is none and `create` is False; the path is a file or not permitted;
            the store
                was written by another schema version.
        """
        folder = open_folder(url)
        if isinstance(folder, LocalFolder) and folder.path.exists() and not folder.path.is_dir():
            raise StoreError(
                f"{folder.shown}: is a file, not a store; choose a folder with --store"
            )
        try:
            _check_header(folder)
        except FileNotFoundError:
            if not create:
                raise StoreError(
                    f"{folder.shown}: no store here; run a sweep first, or name one with --store"
                ) from None
            header = {"format": _FORMAT, "schema_version": SCHEMA_VERSION}
            folder.write(_HEADER, json.dumps(header).encode())
        return cls(folder)

    @staticmethod
    def exists(url: str | Path) -> bool:
        """Whether there is a store at a local path or URL; a file is none."""
        folder = open_folder(url)
        if isinstance(folder, LocalFolder) and folder.path.is_file():
            return False
        try:
            folder.read(_HEADER)
        except FileNotFoundError:
            return False
        return True

    @property
    def url(self) -> str:
        """The local path or the URL that opens this store."""
        return self._folder.url

    @property
    def shown(self) -> str:
        """`url` for messages and pages: without user name, password and options."""
        return self._folder.shown

    def __repr__(self) -> str:
        return f"Store({self.shown!r})"

    def append(self, record: TrialRecord) -> None:
        """Write one trial as one file; when this returns, the trial is safe.

        Raises:
            TypeError: options or details that JSON cannot hold.
            StoreError: it cannot be written.
        """
        label = f"{record.trial_id}.{record.status}.{microseconds(record)}"
        self._trials.append([to_row(record)], label)

    def statuses(self) -> dict[str, str]:
        """Status of every trial, by id. Reads file names and two short columns only."""

        def read(listing: Listing) -> list[tuple[int, str, str]]:
            merged = self._trials.merged_table(listing, [PRECEDENCE, "trial_id", "status"])
            rows = list(zip(*(column.to_pylist() for column in merged.columns), strict=True))
            return rows + [self._from_name(name) for name in listing.new]

        rows = self._trials.consistently(read)
        rows.sort()
        return {trial_id: status for _, trial_id, status in rows}

    def load(
        self, ids: Collection[str] | None = None, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """The trials frame: one row per trial, sorted by id.

        Args:
            ids: trials to return (default: all); ids that the store lacks are left out.
            columns: such as ``trial_id``, ``task.noise``, ``loss.alpha.start``, ``metric.f1``,
                ``seconds.train`` (default: all but ``details`` and ``curve``, which hold objects
                and are returned when named). Naming them saves time. A metric that is undefined is
                NaN.

        Raises:
            ValueError: an unknown column.
            StoreError: a damaged file.
        """
        rows = self._trials.table(stored_columns(columns), None if ids is None else frozenset(ids))
        return to_frame(rows, columns)

    def record(self, trial_id: str) -> TrialRecord:
        """One trial with all that is known about it.

        Raises:
            KeyError: the store has no such trial.
        """
        row = self._trials.row(trial_id)
        if row is None:
            raise KeyError(f"no trial '{trial_id}' in {self.shown}")
        return to_record(row)

    def records(self, ids: Collection[str] | None = None) -> Iterator[TrialRecord]:
        """Trials with all that is known about them, sorted by id, in one reading.

        Args:
            ids: trials to return (default: all); ids that the store lacks are left out.
        """
        rows = self._trials.table(FIELDS, None if ids is None else frozenset(ids))
        for batch in rows.to_batches(max_chunksize=1_000):
            yield from map(to_record, batch.to_pylist())

    def compact(self) -> int:
        """Merge small files into larger ones; returns how many trials were merged.

        Safe beside any number of readers, writers and other compactors, and safe to kill. Returns 0
        at once if another process is compacting.
        """
        merged = self._trials.compact()
        self._mirror.compact()
        return merged

    def append_session(self, session: Mapping[str, Any]) -> None:
        """Write what is known of one `bench run`, replacing what has its ``session_id``."""
        name = check_identifier("session_id", session.get("session_id"))
        self._folder.write(f"sessions/{name}.json", plain_json(session).encode())

    def sessions(self) -> pd.DataFrame:
        """One row per `bench run`, by start; columns are the keys that the runs wrote."""
        sessions = []
        names = [f"sessions/{n}" for n in self._folder.list("sessions") if n.endswith(".json")]
        for name, content in self._folder.read_many(names):
            if content is not None:
                sessions.append(_json_object(self._folder, name, content))
        sessions.sort(key=lambda session: (str(session.get("started_at")), session["session_id"]))
        return pd.DataFrame(sessions)

    def append_mirror(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Note the MLflow runs of trials: each row has trial_id, run_id and tracking_uri."""
        now = time.time_ns() // 1000
        noted = [
            {
                PRECEDENCE: now,
                **{name: row[name] for name in ("trial_id", "tracking_uri", "run_id")},
            }
            for row in rows
        ]
        if noted:
            self._mirror.append(noted, str(now))

    def mirrored(self, tracking_uri: str | None = None) -> dict[str, str]:
        """MLflow run by trial id, the latest where there are several.

        Args:
            tracking_uri: only the runs of this MLflow (default: of any).
        """
        rows = self._mirror.table(_MIRROR.names).sort_by(PRECEDENCE)
        columns = (rows[name].to_pylist() for name in ("trial_id", "tracking_uri", "run_id"))
        return {
            trial_id: run_id
            for trial_id, uri, run_id in zip(*columns, strict=True)
            if tracking_uri in (None, uri)
        }

    def borrowed(self, ids: Collection[str]) -> frozenset[str]:
        """None: every trial of a store is the user's own (see `results.store.trial_source`)."""
        return frozenset()

    def _from_name(self, name: str) -> tuple[int, str, str]:
        parts = name.split(".")
        if len(parts) != 5 or parts[1] not in STATUSES or not parts[2].isdigit():
            raise StoreError(
                f"{self.shown}/trials/new/{name}: not a trial of this store; move it elsewhere"
            )
        return precedence(parts[1], int(parts[2])), parts[0], parts[1]


def _check_header(folder: Folder) -> None:
    header = _json_object(folder, _HEADER, folder.read(_HEADER))
    version = header.get("schema_version")
    if header.get("format") != _FORMAT or not isinstance(version, int):
        raise StoreError(
            f"{folder.shown}/{_HEADER}: not written by pointbench; choose another with --store"
        )
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{folder.shown}: schema version {version} is newer than this pointbench reads "
            f"({SCHEMA_VERSION}); upgrade pointbench, or choose another store"
        )
    if version < SCHEMA_VERSION:
        raise StoreError(
            f"{folder.shown}: schema version {version} is older than this pointbench reads "
            f"({SCHEMA_VERSION}); read it with the pointbench that wrote it, or start another store"
        )


def _json_object(folder: Folder, name: str, content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError as error:
        raise StoreError(
            f"{folder.shown}/{name}: damaged, not JSON ({error}); restore or delete it"
        ) from error
    if not isinstance(value, dict):
        raise StoreError(f"{folder.shown}/{name}: damaged, not a JSON object; restore or delete it")
    return value
