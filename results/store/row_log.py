"""An append-only table that many processes share: small files, later merged into Parquet.

``<name>/new/`` holds one file per append, ``<name>/merged/`` what `RowLog.compact` made of them. A
row may exist twice (a crash between merging and deleting, two writers of one trial); of rows with
one key the greatest ``precedence`` counts, on reading and on merging alike, so leftovers never
matter.

No manifest is needed for readers to see every row. Compaction writes the merged file before it
deletes its sources, and a reader lists ``new`` first: a file that it misses there is already in
``merged``. A listed file that is gone when it is read was merged meanwhile: the reader lists again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa

from results.store.folder import Folder
from results.store.row_files import Row, find_large, large_file, read_large, read_small, small_file
from results.store_error import StoreError

PRECEDENCE = "precedence"
BATCH_FILES = 5_000  # small files merged into one: bounds the memory of a compaction
SMALL_ROWS = 10_000  # merged files below this are merged again,
MANY_SMALL = 16  # once there are so many of them,
MOST_ROWS = 40_000  # into files of at most about this many rows
ATTEMPTS = 50

T = TypeVar("T")


@dataclass(frozen=True)
class Listing:
    """The files of a log at one instant: names within ``new`` and within ``merged``."""

    new: tuple[str, ...]
    merged: tuple[str, ...]


class RowLog:
    """See the module.

    Args:
        folder: where the files are.
        name: sub-folder of this log.
        schema: columns; has the int64 column ``precedence``.
        key: columns that tell rows apart, the first of the schema; rows that agree in them are one
            row.
    """

    def __init__(self, folder: Folder, name: str, schema: pa.Schema, key: Sequence[str]) -> None:
        self.folder = folder
        self.schema = schema
        self.key = tuple(key)
        self._new = f"{name}/new"
        self._merged = f"{name}/merged"

    def append(self, rows: Sequence[Row], label: str) -> None:
        """Write `rows` as one new file; `label` starts its name and has no slash."""
        name = f"{label}.{secrets.token_hex(4)}.json"
        self.folder.write(f"{self._new}/{name}", small_file(rows))

    def consistently(self, read: Callable[[Listing], T]) -> T:
        """`read` of a listing none of whose files vanished meanwhile."""
        for attempt in range(ATTEMPTS):
            try:
                return read(self._listing())
            except FileNotFoundError:
                time.sleep(0.005 * attempt)
        raise StoreError(
            f"{self.folder.shown}/{self._merged}: files vanish while they are read; "
            "stop what else changes this folder, then try again"
        )

    def table(self, columns: Sequence[str], only: Set[str] | None = None) -> pa.Table:
        """`columns` of all rows, one per key, sorted by key.

        Args:
            only: values of the first key column to return (default: all); new files whose label
                starts with another value are not read.
        """
        schema = self._schema([*self.key, PRECEDENCE, *columns])
        already: dict[str, list[Row]] = {}

        def read(listing: Listing) -> pa.Table:
            names = [n for n in listing.new if only is None or n.split(".", 1)[0] in only]
            already.update(self._read_new([n for n in names if n not in already]))
            missing = [n for n in names if n not in already]
            if missing:
                raise FileNotFoundError(missing[0])
            rows = [row for name in names for row in already[name]]
            merged = [self._read_merged(n, schema, only) for n in listing.merged]
            return pa.concat_tables([pa.Table.from_pylist(rows, schema), *merged])

        return winners(self.consistently(read), self.key).select(list(columns))

    def row(self, key: str) -> Row | None:
        """The row whose key is `key`, all columns; None if there is none.

        For logs with one key column whose values start the labels.
        """

        def read(listing: Listing) -> pa.Table:
            names = [n for n in listing.new if n.startswith(f"{key}.")]
            new = self._read_new(names)
            if len(new) < len(names):
                raise FileNotFoundError(names[0])
            rows = [row for found in new.values() for row in found]
            merged = []
            for name in listing.merged:
                path = f"{self._merged}/{name}"
                with self.folder.open(path) as opened:
                    merged.append(find_large(self._shown(path), opened, self.schema, key))
            return pa.concat_tables([pa.Table.from_pylist(rows, self.schema), *merged])

        rows: list[Row] = winners(self.consistently(read), self.key).to_pylist()
        return rows[0] if rows else None

    def merged_table(self, listing: Listing, columns: Sequence[str]) -> pa.Table:
        """`columns` of the merged files alone, with duplicates: a cheap index."""
        schema = self._schema(columns)
        parts = [self._read_merged(name, schema) for name in listing.merged]
        return pa.concat_tables([schema.empty_table(), *parts])

    def compact(self) -> int:
        """Merge the new files, and merged ones that are small and many. Returns how many new files.

        Does nothing if another process is at it. May be killed at any instant.
        """
        with self.folder.lock() as mine:
            if not mine:
                return 0
            self.folder.sweep(self._new)
            self.folder.sweep(self._merged)
            names = self._list_new()
            merged = 0
            for start in range(0, len(names), BATCH_FILES):
                new = self._read_new(names[start : start + BATCH_FILES])
                rows = [row for found in new.values() for row in found]
                self._replace(self._new, list(new), pa.Table.from_pylist(rows, self.schema))
                merged += len(new)
            self._merge_small()
            return merged

    def _merge_small(self) -> None:
        small = sorted((rows_in(n), n) for n in self.folder.list(self._merged))
        small = [(rows, name) for rows, name in small if rows < SMALL_ROWS]
        if len(small) < MANY_SMALL:
            return
        parts: dict[str, pa.Table] = {}
        total = 0
        for rows, name in small:
            total += rows
            if total > MOST_ROWS:
                break
            try:
                parts[name] = self._read_merged(name, self.schema)
            except FileNotFoundError:  # another compactor of an object store was faster
                continue
        if parts:
            self._replace(self._merged, list(parts), pa.concat_tables(parts.values()))

    def _replace(self, place: str, sources: Sequence[str], rows: pa.Table) -> None:
        """Write `rows` as one merged file, and only then delete the files they came from."""
        if not sources:
            return
        rows = winners(rows, self.key)
        name = f"{len(rows)}-{secrets.token_hex(8)}.parquet"
        self.folder.write(f"{self._merged}/{name}", large_file(rows))
        self.folder.delete(f"{place}/{source}" for source in sources)

    def _listing(self) -> Listing:
        new = tuple(self._list_new())
        # Two equal listings: one alone could miss both a merged file and its sources, if it ran
        # while small merged files were merged again.
        merged = self.folder.list(self._merged)
        while (again := self.folder.list(self._merged)) != merged:
            merged = again
        return Listing(new, tuple(n for n in merged if n.endswith(".parquet")))

    def _list_new(self) -> list[str]:
        return [name for name in self.folder.list(self._new) if name.endswith(".json")]

    def _read_new(self, names: Sequence[str]) -> dict[str, list[Row]]:
        """Rows by file name, without the files that are gone."""
        contents = self.folder.read_many(f"{self._new}/{name}" for name in names)
        return {
            name: read_small(self._shown(path), content, self.schema.names)
            for name, (path, content) in zip(names, contents, strict=True)
            if content is not None
        }

    def _read_merged(self, name: str, schema: pa.Schema, only: Set[str] | None = None) -> pa.Table:
        path = f"{self._merged}/{name}"
        with self.folder.open(path) as opened:
            return read_large(self._shown(path), opened, schema, only)

    def _schema(self, columns: Sequence[str]) -> pa.Schema:
        return pa.schema([self.schema.field(name) for name in dict.fromkeys(columns)])

    def _shown(self, path: str) -> str:
        return f"{self.folder.shown}/{path}"


def rows_in(name: str) -> int:
    """Number of rows of a merged file, which its name tells."""
    head = name.split("-", 1)[0]
    return int(head) if head.isdigit() else MOST_ROWS


def winners(rows: pa.Table, key: Sequence[str]) -> pa.Table:
    """One row per key, that of greatest precedence (the last of equals), sorted by key."""
    index = rows.select([*key, PRECEDENCE]).to_pandas()
    index = index.sort_values([*key, PRECEDENCE], kind="stable")
    chosen = index.drop_duplicates(list(key), keep="last").index.to_numpy()
    return rows.take(pa.array(chosen))
