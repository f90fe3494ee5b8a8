"""The leaderboard as the page shows it: one row per loss, cells with drawings on column scales."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from results.leaderboard.board import Entry, Leaderboard
from results.leaderboard.board_formats import FORMATS
from results.leaderboard.board_rows import (
    Row,
    Shown,
    columns_text,
    cost_text,
    of_text,
    row_label,
    rows,
    shown_columns,
)
from results.leaderboard.costs import Cost
from results.site.interval_strips import Strip, scale_of, strip
from results.site.number_text import fixed, signed
from results.site.table_cells import Fate, fates_of
from results.stats.inference import Interval

FIRST = {"max": "descending", "min": "ascending"}
"""How a column is sorted at the first click: the best on top."""


@dataclass(frozen=True)
class BoardColumn:
    """A heading.

    Attributes:
        task, group: what it is filtered by; the overall rank belongs to every task.
        first: direction of the first sorting.
        about: metric and data.
    """

    label: str
    about: str
    task: str
    group: str
    first: str


@dataclass(frozen=True)
class BoardCell:
    """A rank or an entry; all texts are empty where a method has nothing.

    Attributes:
        value: what is sorted by, NaN as an empty text.
        main: the number; ``spread`` its interval; ``difference`` to the best of the column.
        mark: ``best``, ``tied``, ``unresolved`` or empty.
        trials: id and value of each.
    """

    anchor: str
    value: str
    main: str
    spread: str
    difference: str
    mark: str
    letters: str
    n: int
    note: str
    strip: Strip
    fates: tuple[Fate, ...]
    trials: tuple[tuple[str, str], ...]
    unconverged: bool = False


@dataclass(frozen=True)
class BoardRow:
    """A row: its label, names of the losses in it, and a cell for each column."""

    label: str
    losses: str
    cells: list[BoardCell]


@dataclass(frozen=True)
class ShownBoard:
    """The leaderboard with its other formats."""

    columns: list[BoardColumn]
    rows: list[BoardRow]
    notes: tuple[str, ...]
    texts: dict[str, str]
    key: str = "board"

    @property
    def tasks(self) -> list[str]:
        """Tasks in the order of the columns."""
        return list(dict.fromkeys(column.task for column in self.columns if column.task))

    @property
    def groups(self) -> list[str]:
        """``fixed``, and ``tuned`` if the board has it."""
        return list(dict.fromkeys(column.group for column in self.columns))


def shown_board(board: Leaderboard) -> ShownBoard:
    """Everything that the page shows of it."""
    columns, lines = shown_columns(board), rows(board)
    drawn = []
    for r, row in enumerate(lines):
        cells = [_cell(board, row, column, f"b-{r}-{c}") for c, column in enumerate(columns)]
        losses = dict.fromkeys(method.loss for method in row.methods.values())
        drawn.append(BoardRow(row_label(row), ", ".join(losses), cells))
    return ShownBoard(
        columns=[_column(column) for column in columns],
        rows=drawn,
        notes=board.notes,
        texts={form: FORMATS[form](board) for form in ("latex", "markdown", "csv")},
    )


def _column(shown: Shown) -> BoardColumn:
    column = shown.column
    if shown.cost_of is not None:
        about = "median over trials on one processor"
        return BoardColumn(shown.label, about, shown.cost_of, shown.group, "ascending")
    if column is None:
        about = "mean over columns, then over tasks; 1 is best of so many"
        return BoardColumn(shown.label, about, "", shown.group, "ascending")
    about = f"{column.metric} on {column.data}. {column.style.sentence}"
    return BoardColumn(shown.label, about, column.task, shown.group, FIRST[column.direction])


def _cell(board: Leaderboard, row: Row, shown: Shown, anchor: str) -> BoardCell:
    method = row.methods.get(shown.group)
    if method is None:
        return _empty(anchor)
    if shown.cost_of is not None:
        return _cost_cell(board.costs.get((method.key, shown.cost_of)), anchor)
    if shown.column is None:
        return _rank_cell(board, method.key, anchor)
    entry = board.entries.get((method.key, shown.column.key))
    if entry is None:
        return _empty(anchor)
    ends = [
        end
        for (_, key), other in board.entries.items()
        if key == shown.column.key
        for end in (other.mean.estimate, other.mean.low, other.mean.high)
    ]
    return _entry_cell(entry, ends, anchor, shown.column.digits)


def _empty(anchor: str) -> BoardCell:
    nothing = Strip(None, None, None)
    return BoardCell(anchor, "", "", "", "", "", "", 0, "", nothing, (), ())


def _cost_cell(cost: Cost | None, anchor: str) -> BoardCell:
    empty = _empty(anchor)
    if cost is None:
        return empty
    value = "" if math.isnan(cost.seconds) else f"{cost.seconds:.6g}"
    return replace(empty, value=value, main=cost_text(cost), note=cost.reason or "")


def _rank_cell(board: Leaderboard, key: str, anchor: str) -> BoardCell:
    rank = board.ranks[key]
    if math.isnan(rank.estimate):
        return _empty(anchor)
    spread = "" if math.isnan(rank.low) else f"{rank.low:.1f} to {rank.high:.1f}"
    method = next(method for method in board.methods if method.key == key)
    scale = scale_of([1.0, *(r.high for r in board.ranks.values()), rank.estimate])
    return BoardCell(
        anchor=anchor,
        value=f"{rank.estimate:.6g}",
        main=fixed(rank.estimate, 1),
        spread=f"{of_text(rank)}{f', {spread}' if spread else ''}",
        difference="",
        mark="",
        letters="",
        n=0,
        note=columns_text(board, method),
        strip=strip(scale, rank.estimate, rank.low, rank.high),
        fates=(),
        trials=(),
    )


def _entry_cell(entry: Entry, ends: list[float], anchor: str, digits: int) -> BoardCell:
    mean, difference, tuning = entry.mean, entry.difference, entry.runs.tuning
    half = (difference.high - difference.low) / 2
    apart = "" if entry.best else signed(difference.estimate, digits)
    spread = f" ±{fixed(half, digits)}" if apart and not math.isnan(half) else ""
    note = f"{tuning.searched} searched" if tuning else ""
    return BoardCell(
        anchor=anchor,
        value="" if math.isnan(mean.estimate) else f"{mean.estimate:.9g}",
        main=fixed(mean.estimate, digits),
        spread=_spread(mean, digits),
        difference=f"{apart}{spread}",
        mark=_mark(entry),
        letters=entry.letters,
        n=len(entry.runs.values),
        note=note,
        strip=strip(scale_of(ends), mean.estimate, mean.low, mean.high),
        fates=fates_of(entry.runs.counts, entry.runs.unaveraged, entry.runs.reason),
        trials=tuple(
            (entry.runs.trial_ids[replicate], fixed(value, digits + 1))
            for replicate, value in entry.runs.values.items()
        ),
        unconverged=entry.unconverged,
    )


def _mark(entry: Entry) -> str:
    if entry.best:
        return "best"
    if entry.unresolved:
        return "unresolved"
    return "tied" if entry.tied_with_best else ""


def _spread(interval: Interval, digits: int) -> str:
    """``±0.010``."""
    return "" if math.isnan(interval.low) else f"±{fixed(interval.half_width, digits)}"
