"""A trial record as one row of the store, and rows of the store as the columns of a trials frame.

Options, metrics and the like are kept as JSON in one column each, and a frame has one column per
entry: ``task_options = {"noise": 0.05}`` becomes ``task.noise``, ``loss_options = {"alpha":
{"start": 1}}`` becomes ``loss.alpha.start``; lists stay whole.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from results.store.plain_json import plain_json
from results.store.record import FIELDS, TrialRecord
from results.store.row_files import Row
from results.store.row_log import PRECEDENCE
from results.store_error import StoreError

EXPANDED = {
    "task_options": "task",
    "loss_options": "loss",
    "train_options": "train",
    "metrics": "metric",
    "seconds": "seconds",
    "versions": "versions",
}
WHOLE = ("details", "curve")  # JSON too, but one object per trial: on request only, they are large
_NUMBERS = {"metric", "seconds"}
_TYPES = {"replicate": pa.int64(), "finished_at": pa.float64()}

SCHEMA = pa.schema(
    [
        ("trial_id", pa.string()),
        ("status", pa.string()),
        (PRECEDENCE, pa.int64()),
        *(
            (name, _TYPES.get(name, pa.large_string()))
            for name in FIELDS
            if name not in ("trial_id", "status")
        ),
    ]
)

_FINISHED_FIRST = 1 << 60


def precedence(status: str, microseconds: int) -> int:
    """Which of several records of one trial counts: the greatest.

    A finished record beats one that failed, diverged or was skipped, because a trial is a pure
    function of its configuration: that it can finish has been shown. Among equals the latest
    counts, to the microsecond.
    """
    return microseconds + _FINISHED_FIRST if status == "finished" else microseconds


def microseconds(record: TrialRecord) -> int:
    """When the trial ended, since the Unix epoch."""
    return round(record.finished_at * 1e6)


def to_row(record: TrialRecord) -> Row:
    """The record as a row of `SCHEMA`."""
    values: Row = {PRECEDENCE: precedence(record.status, microseconds(record))}
    for name in FIELDS:
        value = getattr(record, name)
        if name in EXPANDED or name in WHOLE:
            value = plain_json(value)
        elif isinstance(value, str):  # a traceback may quote file names that are no Unicode
            value = value.encode(errors="backslashreplace").decode()
        values[name] = value
    return values


def to_record(row: Row) -> TrialRecord:
    """The record that `to_row` made the row of."""
    return TrialRecord(
        **{
            name: json.loads(row[name]) if name in EXPANDED or name in WHOLE else row[name]
            for name in FIELDS
        }
    )


def stored_columns(columns: Sequence[str] | None) -> list[str]:
    """Columns of the store that hold the frame's `columns` (default: all but details and curve).

    Raises:
        ValueError: a name that is neither a field nor an entry such as ``metric.f1``.
    """
    if columns is None:
        return [name for name in FIELDS if name not in WHOLE]
    by_prefix = {prefix: name for name, prefix in EXPANDED.items()}
    found = []
    for column in columns:
        prefix, dot, _ = column.partition(".")
        if column in FIELDS and column not in EXPANDED:
            found.append(column)
        elif dot and prefix in by_prefix:
            found.append(by_prefix[prefix])
        else:
            known = [*(n for n in FIELDS if n not in EXPANDED), *(f"{p}." for p in by_prefix)]
            near = difflib.get_close_matches(column, known, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; valid: {', '.join(known)}…"
            raise ValueError(f"no column '{column}' in a trials frame{hint}")
    return list(dict.fromkeys(found))


def to_frame(rows: pa.Table, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """One row per trial.

    Args:
        rows: columns that `stored_columns` named.
        columns: which columns to return, in this order; an entry that no trial has is all missing.
    """
    data: dict[str, Any] = {}
    for name in rows.column_names:
        if name in EXPANDED:
            prefix = EXPANDED[name]
            entries = _expand(rows[name], prefix, None if columns is None else set(columns))
            for column in sorted(entries):
                data[column] = _series(entries[column], prefix)
        elif name in WHOLE:
            data[name] = pd.Series([_parsed(text) for text in rows[name].to_pylist()], dtype=object)
        else:
            data[name] = rows[name].to_pandas()
    if columns is None:
        return pd.DataFrame(data)
    for column in columns:
        if column not in data:
            data[column] = pd.Series(np.full(len(rows), np.nan))
    return pd.DataFrame({column: data[column] for column in columns})


def _series(values: list[Any], prefix: str) -> pd.Series[Any]:
    return pd.Series(values, dtype=np.float64 if prefix in _NUMBERS else None)


def _expand(column: pa.ChunkedArray, prefix: str, wanted: set[str] | None) -> dict[str, list[Any]]:
    """Entry → one value per row, None where a row lacks it."""
    entries: dict[str, list[Any]] = {}
    known: dict[str, list[tuple[str, Any]]] = {}  # most texts are those of many trials
    for row, text in enumerate(column.to_pylist()):
        if text not in known:
            flat = flatten(prefix, _parsed(text))
            known[text] = [pair for pair in flat if wanted is None or pair[0] in wanted]
        for name, value in known[text]:
            if name not in entries:
                entries[name] = [None] * len(column)
            entries[name][row] = value
    return entries


def flatten(prefix: str, mapping: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in mapping.items():
        name = f"{prefix}.{key}"
        if isinstance(value, dict):
            yield from flatten(name, value)
        else:
            yield name, value


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise StoreError(f"a trial in the store holds text that is not JSON ({error})") from error
