"""A leaderboard as Markdown, LaTeX (booktabs), CSV, HTML or JSON; every name in it is escaped."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from results.leaderboard.board import Column, Entry, Leaderboard, Method
from results.leaderboard.board_rows import Row, Shown, cell_text, row_label, rows, shown_columns
from results.leaderboard.pair_formats import pair_object
from results.leaderboard.pairs import all_pairs
from results.store.plain_json import plain_json
from results.tables.csv_text import csv_number, csv_text
from results.tables.fates import UNCOUNTED
from results.tables.grid_formats import grid_html, grid_latex, grid_markdown
from results.tables.text_grid import GridCell, GridRow, TextGrid

_TITLE = "Leaderboard"
_CORNER = "loss"
_CSV_HEADER = (
    *("method", "loss", "selection", "column", "task", "metric", "unit", "direction"),
    *("scale", "data"),
    *("mean", "low", "high", "n", "difference", "difference_low", "difference_high"),
    *("p", "p_corrected", "best", "tied_with_best", "letters", "complete"),
    *("rank", "rank_low", "rank_high", "rank_of", "rank_columns"),
    *("searched", "search_trials", "core_seconds", "settings"),
    *("unconverged", "cost_seconds", "cost_measured", "cost_reason"),
    *(*UNCOUNTED, "reason", "trial_ids"),
)


def board_grid(board: Leaderboard) -> TextGrid:
    """The board as strings: one row per loss, both selection rules side by side."""
    shown = shown_columns(board)
    body = [
        GridRow(
            row_label(row),
            [
                GridCell(cell_text(board, row, column), _trial_ids(board, row, column))
                for column in shown
            ],
        )
        for row in rows(board)
    ]
    header = [_CORNER, *(column.label for column in shown)]
    return TextGrid(_TITLE, header, body, board.notes)


def to_markdown(board: Leaderboard) -> str:
    """GitHub-flavoured Markdown."""
    return grid_markdown(board_grid(board))


def to_latex(board: Leaderboard) -> str:
    """A ``table`` environment; needs the package booktabs."""
    return grid_latex(board_grid(board))


def to_html(board: Leaderboard) -> str:
    """A ``table`` element and a list of notes; cells name their trials."""
    return grid_html(board_grid(board))


def to_csv(board: Leaderboard) -> str:
    """One line per method and column."""
    lines = [
        _csv_line(board, method, column, board.entries[method.key, column.key])
        for method in board.methods
        for column in board.columns
        if (method.key, column.key) in board.entries
    ]
    return csv_text(_CSV_HEADER, lines)


def to_json(board: Leaderboard) -> str:
    """The whole board as one object, every pair of methods with it; what is undefined is null."""
    return plain_json(board_object(board)) + "\n"


def board_object(board: Leaderboard) -> dict[str, Any]:
    """The board as what JSON can hold, numbers that are not finite still in it."""
    methods = []
    for method in board.methods:
        cells = {
            column.key: _entry_object(board.entries[method.key, column.key])
            for column in board.columns
            if (method.key, column.key) in board.entries
        }
        rank = dataclasses.asdict(board.ranks[method.key])
        methods.append(
            {
                **dataclasses.asdict(method),
                "rank": rank,
                "incomplete": method.key in board.incomplete,
                "costs": {
                    task: dataclasses.asdict(cost)
                    for (key, task), cost in board.costs.items()
                    if key == method.key
                },
                "entries": cells,
            }
        )
    keys = [method.key for method in board.methods], [column.key for column in board.columns]
    return {
        "level": board.level,
        "columns": [dataclasses.asdict(column) for column in board.columns],
        "methods": methods,
        "pairs": [pair_object(pair, *keys) for pair in all_pairs(board)],
        "notes": list(board.notes),
    }


def _trial_ids(board: Leaderboard, row: Row, shown: Shown) -> tuple[str, ...]:
    method = row.methods.get(shown.group)
    if method is None or shown.column is None:
        return ()
    entry = board.entries.get((method.key, shown.column.key))
    return tuple(entry.runs.trial_ids.values()) if entry else ()


FORMATS: dict[str, Callable[[Leaderboard], str]] = {
    "markdown": to_markdown,
    "latex": to_latex,
    "csv": to_csv,
    "html": to_html,
    "json": to_json,
}


def _entry_object(entry: Entry) -> dict[str, Any]:
    runs = entry.runs
    return {
        "mean": dataclasses.asdict(entry.mean),
        "difference": dataclasses.asdict(entry.difference),
        "p_corrected": entry.p_corrected,
        "best": entry.best,
        "tied_with_best": entry.tied_with_best,
        "letters": entry.letters,
        "complete": entry.complete,
        "stale": entry.stale,
        "unresolved": entry.unresolved,
        "unconverged": entry.unconverged,
        "undecided": {str(replicate): share for replicate, share in runs.undecided.items()},
        "values": {str(replicate): value for replicate, value in runs.values.items()},
        "trial_ids": {str(replicate): name for replicate, name in runs.trial_ids.items()},
        "counts": runs.counts,
        "reason": runs.reason,
        "tuning": dataclasses.asdict(runs.tuning) if runs.tuning else None,
    }


def _csv_line(board: Leaderboard, method: Method, column: Column, entry: Entry) -> list[Any]:
    rank, tuning, difference = board.ranks[method.key], entry.runs.tuning, entry.difference
    cost = board.costs.get((method.key, column.task))
    return [
        *(method.label, method.loss, method.selection, column.label, column.task),
        *(column.metric, column.unit, column.direction, column.scale, column.data),
        *map(csv_number, (entry.mean.estimate, entry.mean.low, entry.mean.high)),
        len(entry.runs.values),
        *map(csv_number, (difference.estimate, difference.low, difference.high)),
        *map(csv_number, (difference.p, entry.p_corrected)),
        *(int(entry.best), int(entry.tied_with_best), entry.letters, int(entry.complete)),
        *map(csv_number, (rank.estimate, rank.low, rank.high, rank.of)),
        rank.n,
        *(
            (
                tuning.searched,
                tuning.search_trials,
                csv_number(tuning.core_seconds),
                plain_json(tuning.settings),
            )
            if tuning
            else ("", "", "", "")
        ),
        int(entry.unconverged),
        *((csv_number(cost.seconds), cost.measured, cost.reason) if cost else ("", "", "")),
        *(entry.runs.counts.get(name, 0) for name in UNCOUNTED),
        entry.runs.reason,
        " ".join(entry.runs.trial_ids.values()),
    ]
