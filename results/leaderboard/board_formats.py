"""A leaderboard as Markdown, LaTeX (booktabs), CSV, HTML or JSON; every name in it is escaped."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import math
from collections.abc import Callable
from typing import Any

from results.leaderboard.board import Column, Entry, Leaderboard, Method
from results.leaderboard.board_rows import cell_text, row_label, rows, shown_columns
from results.store.plain_json import plain_json
from results.tables.table import UNCOUNTED
from results.tables.table_formats import escape_latex, escape_markdown, latex_row, markdown_row

_TITLE = "Leaderboard"
_CORNER = "loss"
_CSV_HEADER = (
    *("method", "loss", "selection", "column", "task", "metric", "scale", "data"),
    *("mean", "low", "high", "n", "difference", "difference_low", "difference_high"),
    *("p", "p_corrected", "best", "tied_with_best", "letters", "complete"),
    *("rank", "rank_low", "rank_high", "rank_columns"),
    *("search_trials", "core_seconds", "setting"),
    *(*UNCOUNTED, "reason", "trial_ids"),
)


def to_markdown(board: Leaderboard) -> str:
    """GitHub-flavoured Markdown."""
    header, body = _grid(board)
    lines = [f"**{_TITLE}**", "", markdown_row(header), "|" + "---|" * len(header)]
    lines += [markdown_row(row) for row in body]
    lines += ["", *(f"- {escape_markdown(note)}" for note in board.notes)]
    return "\n".join(lines) + "\n"


def to_latex(board: Leaderboard) -> str:
    """A ``table`` environment; needs the package booktabs."""
    header, body = _grid(board)
    lines = [
        r"\begin{table}",
        rf"\caption{{{_TITLE}}}",
        rf"\begin{{tabular}}{{{'l' * len(header)}}}",
        r"\toprule",
        latex_row(header),
        r"\midrule",
        *(latex_row(row) for row in body),
        *(r"\bottomrule", r"\end{tabular}", ""),
        *(rf"\footnotesize {escape_latex(note)}\\" for note in board.notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def to_html(board: Leaderboard) -> str:
    """A ``table`` element and a list of notes; cells name their trials."""
    shown = shown_columns(board)
    head = "".join(f"<th>{html.escape(text)}</th>" for text in _grid(board)[0])
    body = []
    for row in rows(board):
        cells = []
        for column in shown:
            method = row.methods.get(column.group)
            ids = ""
            if method is not None and column.column is not None:
                entry = board.entries.get((method.key, column.column.key))
                ids = " ".join(entry.runs.trial_ids.values()) if entry else ""
            text = html.escape(cell_text(board, row, column))
            cells.append(f'<td data-trials="{html.escape(ids, quote=True)}">{text}</td>')
        body.append(f'<tr><th scope="row">{html.escape(row_label(row))}</th>{"".join(cells)}</tr>')
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in board.notes)
    return (
        f"<table>\n<caption>{_TITLE}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n"
        + "\n".join(body)
        + f"\n</tbody>\n</table>\n<ul>{notes}</ul>\n"
    )


def to_csv(board: Leaderboard) -> str:
    """One line per method and column."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_HEADER)
    for method in board.methods:
        for column in board.columns:
            entry = board.entries.get((method.key, column.key))
            if entry is not None:
                writer.writerow(_csv_line(board, method, column, entry))
    return text.getvalue()


def to_json(board: Leaderboard) -> str:
    """The whole board as one object; what is undefined is null."""
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
                "entries": cells,
            }
        )
    return {
        "level": board.level,
        "columns": [dataclasses.asdict(column) for column in board.columns],
        "methods": methods,
        "notes": list(board.notes),
    }


FORMATS: dict[str, Callable[[Leaderboard], str]] = {
    "markdown": to_markdown,
    "latex": to_latex,
    "csv": to_csv,
    "html": to_html,
    "json": to_json,
}


def _grid(board: Leaderboard) -> tuple[list[str], list[list[str]]]:
    shown = shown_columns(board)
    header = [_CORNER, *(column.label for column in shown)]
    body = [
        [row_label(row), *(cell_text(board, row, column) for column in shown)]
        for row in rows(board)
    ]
    return header, body


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
        "values": {str(replicate): value for replicate, value in runs.values.items()},
        "trial_ids": {str(replicate): name for replicate, name in runs.trial_ids.items()},
        "counts": runs.counts,
        "reason": runs.reason,
        "tuning": dataclasses.asdict(runs.tuning) if runs.tuning else None,
    }


def _csv_line(board: Leaderboard, method: Method, column: Column, entry: Entry) -> list[Any]:
    rank, tuning, difference = board.ranks[method.key], entry.runs.tuning, entry.difference
    return [
        *(method.label, method.loss, method.selection, column.label, column.task),
        *(column.metric, column.scale, column.data),
        *map(_number, (entry.mean.estimate, entry.mean.low, entry.mean.high)),
        len(entry.runs.values),
        *map(_number, (difference.estimate, difference.low, difference.high)),
        *map(_number, (difference.p, entry.p_corrected)),
        *(int(entry.best), int(entry.tied_with_best), entry.letters, int(entry.complete)),
        *map(_number, (rank.estimate, rank.low, rank.high)),
        rank.n,
        tuning.budget.search_trials if tuning else "",
        _number(tuning.budget.core_seconds) if tuning else "",
        (tuning.setting or "") if tuning else "",
        *(entry.runs.counts.get(name, 0) for name in UNCOUNTED),
        entry.runs.reason,
        " ".join(entry.runs.trial_ids.values()),
    ]


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"
