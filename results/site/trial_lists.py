"""Lists of trials as data files, and how a table's cells become a list."""

from __future__ import annotations

import math

from results.site.page_data import ListColumn, Listing
from results.store.plain_json import plain_json
from results.tables.fates import FATES


def list_file(listing: Listing, key: str) -> str:
    """The list as a script that hands it to the page's element with this ``key``."""
    columns = [
        {"label": column.label, **_values(column)} for column in listing.columns if column.values
    ]
    states = [FATES.index(status) for status in listing.statuses]
    data = {
        "ids": list(listing.trial_ids),
        "statuses": list(FATES),
        "states": states,
        "columns": columns,
    }
    return f"pointbench.list({plain_json(key)},{plain_json(data)});\n"


def _values(column: ListColumn) -> dict[str, object]:
    """Numbers as they are, six digits; texts as places in a list of different ones."""
    if any(isinstance(value, str) for value in column.values):
        texts = [None if value is None else str(value) for value in column.values]
        different = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        return {"texts": list(different), "values": [different[text] for text in texts]}
    return {"values": [_number(value) for value in column.values]}


def _number(value: float | str | None) -> float | int | None:
    if value is None or isinstance(value, str):
        return None
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 1e15 else float(f"{number:.6g}")
