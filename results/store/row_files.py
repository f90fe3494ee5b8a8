"""The two kinds of file of a row log: small ones in JSON, large ones in Parquet.

A file of a few rows is JSON: it is written and read ten times as fast as Parquet, and a person can
look at it. Damage of either kind is one `StoreError` that names the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from results.store.plain_json import plain_json
from results.store_error import StoreError

ROW_GROUP = 2_000  # rows of a Parquet file that are read to fetch a single one

Row = dict[str, Any]


def small_file(rows: Sequence[Row]) -> bytes:
    """Content of a file of few rows."""
    return plain_json(rows).encode()


def read_small(path: str, content: bytes, columns: Sequence[str]) -> list[Row]:
    """The rows of a small file; each must have all `columns`."""
    with _damage(path):
        rows = json.loads(content)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError("not a list of rows")
        for row in rows:
            if not row.keys() >= set(columns):
                raise ValueError(f"lacks {', '.join(sorted(set(columns) - row.keys()))}")
        return rows


def large_file(rows: pa.Table) -> bytes:
    """Content of a Parquet file of many rows."""
    content = pa.BufferOutputStream()
    pq.write_table(rows, content, compression="zstd", row_group_size=ROW_GROUP)
    return content.getvalue().to_pybytes()  # type: ignore[no-any-return]


def read_large(
    path: str, opened: IO[bytes], schema: pa.Schema, only: Set[str] | None = None
) -> pa.Table:
    """The columns of `schema`, of the rows whose first column is in `only` (default: all)."""
    with _damage(path):
        table = pq.ParquetFile(opened, pre_buffer=True).read(schema.names).cast(schema)
    if only is None:
        return table
    return table.filter(pc.is_in(table[0], value_set=pa.array(sorted(only), table[0].type)))


def find_large(path: str, opened: IO[bytes], schema: pa.Schema, key: str) -> pa.Table:
    """The row whose first column is `key`, if any: reads that column and one group of rows."""
    with _damage(path):
        file = pq.ParquetFile(opened, pre_buffer=True)
        at = pc.index(file.read([schema.names[0]])[0], key).as_py()
        if at < 0:
            return schema.empty_table()
        group = file.read_row_group(at // ROW_GROUP, schema.names).cast(schema)
        return group.slice(at % ROW_GROUP, 1)


@contextmanager
def _damage(path: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        cause = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise StoreError(
            f"{path}: damaged or not written by pointbench ({cause}); restore it from a backup, or "
            "delete it and run the sweep again: only the trials it held are repeated"
        ) from error
