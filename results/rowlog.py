"""An append-only table that many processes share: small Parquet files, later merged.

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
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from results.errors import StoreError
from results.folder import Folder

PRECEDENCE = "precedence"
BATCH_FILES = 5_000  # small files merged into one file: bounds the memory of a compaction
SMALL_ROWS = 10_000  # merged files below this are merged again,
MANY_SMALL = 16  # once there are so many of them,
MOST_ROWS = 40_000  # into files of at most about this many rows
ROW_GROUP = 2_000  # rows read to fetch a single one
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
        key: columns that tell rows apart; rows that agree in them are one row.
    """

    def __init__(self, folder: Folder, name: str, schema: pa.Schema, key: Sequence[str]) -> None:
        self.folder = folder
        self.schema = schema
        self.key = tuple(key)
        self._new = f"{name}/new"
        self._merged = f"{name}/merged"

    def append(self, rows: pa.Table, label: str) -> None:
        """Write `rows` as one new file; `label` starts its name and has no slash."""
        content = pa.BufferOutputStream()
        pq.write_table(
            rows, content, compression="none", use_dictionary=False, write_statistics=False
        )
        name = f"{label}.{secrets.token_hex(4)}.parquet"
        self.folder.write(f"{self._new}/{name}", content.getvalue().to_pybytes())

    def consistently(self, read: Callable[[Listing], T]) -> T:
        """`read` of a listing none of whose files vanished meanwhile."""
        for attempt in range(ATTEMPTS):
            try:
                return read(self._listing())
            except FileNotFoundError:
                time.sleep(0.005 * attempt)
        raise StoreError(
            f"{self.folder.url}/{self._merged}: files vanish while they are read; "
            "stop what else changes this folder, then try again"
        )

    def table(self, columns: Sequence[str], only: Set[str] | None = None) -> pa.Table:
        """`columns` of all rows, one per key, sorted by key.

        Args:
            only: values of the first key column to return (default: all); new files whose label
            starts
                with another value are not read.
        """
        wanted = list(dict.fromkeys([*self.key, PRECEDENCE, *columns]))
        already: dict[str, pa.Table] = {}

        def read(listing: Listing) -> pa.Table:
            names = [n for n in listing.new if only is None or n.split(".", 1)[0] in only]
            self._read_new([n for n in names if n not in already], wanted, already)
            missing = [n for n in names if n not in already]
            if missing:
                raise FileNotFoundError(missing[0])
            parts = [already[n] for n in names]
            parts += [self._read_merged(n, wanted, only) for n in listing.merged]
            return pa.concat_tables(parts) if parts else self._schema(wanted).empty_table()

        return winners(self.consistently(read), self.key).select(list(columns))

    def row(self, key: str) -> dict[str, Any] | None:
        """The row whose first key column is `key`, all columns; None if there is none."""

        def read(listing: Listing) -> pa.Table:
            parts: dict[str, pa.Table] = {}
            names = [n for n in listing.new if n.startswith(f"{key}.")]
            self._read_new(names, self.schema.names, parts)
            if len(parts) < len(names):
                raise FileNotFoundError(names[0])
            found = [self._find(n, key) for n in listing.merged]
            return pa.concat_tables([self.schema.empty_table(), *parts.values(), *found])

        rows = winners(self.consistently(read), self.key).to_pylist()
        return rows[0] if rows else None

    def merged_table(self, listing: Listing, columns: Sequence[str]) -> pa.Table:
        """`columns` of the merged files alone, with duplicates: a cheap index."""
        parts = [self._read_merged(name, list(columns)) for name in listing.merged]
        return pa.concat_tables([self._schema(columns).empty_table(), *parts])

    def compact(self) -> int:
        """Merge the new files, and merged ones that are small and many. Returns how many new files.

        Does nothing if another process is at it. May be killed at any instant.
        """
        with self.folder.lock() as mine:
            if not mine:
                return 0
            self.folder.sweep(self._new)
            self.folder.sweep(self._merged)
            names = [n for n in self.folder.list(self._new) if n.endswith(".parquet")]
            merged = 0
            for start in range(0, len(names), BATCH_FILES):
                parts: dict[str, pa.Table] = {}
                self._read_new(names[start : start + BATCH_FILES], self.schema.names, parts)
                self._replace(self._new, parts)
                merged += len(parts)
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
                parts[name] = self._read_merged(name, self.schema.names)
            except FileNotFoundError:  # another compactor of an object store was faster
                continue
        self._replace(self._merged, parts)

    def _replace(self, place: str, parts: dict[str, pa.Table]) -> None:
        """Write the rows of `parts` as one merged file, then delete the files they came from."""
        if not parts:
            return
        rows = winners(pa.concat_tables(parts.values()), self.key)
        content = pa.BufferOutputStream()
        pq.write_table(rows, content, compression="zstd", row_group_size=ROW_GROUP)
        name = f"{len(rows)}-{secrets.token_hex(8)}.parquet"
        self.folder.write(f"{self._merged}/{name}", content.getvalue().to_pybytes())
        self.folder.delete(f"{place}/{source}" for source in parts)

    def _listing(self) -> Listing:
        new = tuple(n for n in self.folder.list(self._new) if n.endswith(".parquet"))
        # Two equal listings: one alone could miss both a merged file and its sources, if it ran
        # while small merged files were merged again.
        merged = self.folder.list(self._merged)
        while (again := self.folder.list(self._merged)) != merged:
            merged = again
        return Listing(new, tuple(n for n in merged if n.endswith(".parquet")))

    def _read_new(
        self, names: Sequence[str], columns: Sequence[str], into: dict[str, pa.Table]
    ) -> None:
        schema = self._schema(columns)
        paths = [f"{self._new}/{name}" for name in names]
        for name, (path, content) in zip(names, self.folder.read_many(paths), strict=True):
            if content is not None:
                with self._parquet(path):
                    file = pq.ParquetFile(pa.BufferReader(content))
                    into[name] = file.read(list(columns), use_threads=False).cast(schema)

    def _read_merged(
        self, name: str, columns: Sequence[str], only: Set[str] | None = None
    ) -> pa.Table:
        path = f"{self._merged}/{name}"
        with self.folder.open(path) as opened, self._parquet(path):
            file = pq.ParquetFile(opened, pre_buffer=True)
            table = file.read(list(columns)).cast(self._schema(columns))
        if only is None:
            return table
        first = table[self.key[0]]
        return table.filter(pc.is_in(first, value_set=pa.array(sorted(only), first.type)))

    def _find(self, name: str, key: str) -> pa.Table:
        """The rows of one merged file with this key: reads one column, then one group of rows."""
        path = f"{self._merged}/{name}"
        with self.folder.open(path) as opened, self._parquet(path):
            file = pq.ParquetFile(opened, pre_buffer=True)
            at = pc.index(file.read([self.key[0]])[self.key[0]], key).as_py()
            if at < 0:
                return self.schema.empty_table()
            group = file.read_row_group(at // ROW_GROUP).cast(self.schema)
            return group.filter(pc.equal(group[self.key[0]], key))

    def _schema(self, columns: Sequence[str]) -> pa.Schema:
        return pa.schema([self.schema.field(name) for name in columns])

    def _parquet(self, path: str) -> _Parquet:
        return _Parquet(f"{self.folder.url}/{path}")


class _Parquet:
    """Turns pyarrow's errors into one line that names the file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(
            error, pa.ArrowException | OSError | KeyError | ValueError
        ) and not isinstance(error, FileNotFoundError | StoreError):
            raise StoreError(
                f"{self._path}: damaged or not written by pointbench "
                f"({str(error).strip().splitlines()[0]}); restore it from a backup, or "
                "delete it and run the sweep again: only the trials it held are repeated"
            ) from error


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
