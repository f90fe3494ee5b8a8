"""What a leaderboard says, as text: one row per loss, both selection rules side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass

from results.leaderboard.board import Column, Entry, Leaderboard, Method
from results.leaderboard.costs import Cost
from results.leaderboard.ranks import Rank
from results.stats.inference import Interval
from results.tables.convergence import MARK
from results.tables.fates import uncounted_texts

_KINDS = {"fixed": "", "tuned": "tuned"}


@dataclass(frozen=True)
class Shown:
    """A column as shown: of a group of methods, their cells in one of the board's columns.

    Attributes:
        column: None for the overall rank and for costs.
        cost_of: task whose trials' costs are shown; None for others.
    """

    group: str
    label: str
    column: Column | None
    cost_of: str | None = None


@dataclass(frozen=True)
class Row:
    """A loss with its methods by group."""

    label: str
    methods: dict[str, Method]


def shown_columns(board: Leaderboard) -> list[Shown]:
    """Overall rank and columns, each for fixed and for tuned settings where the board has any.

    Last what a trial costs on each task, of the first of the two.
    """
    groups = [g for g in _KINDS if any(method.group == g for method in board.methods)]
    shown = [Shown(group, _title("rank", group), None) for group in groups]
    for column in board.columns:
        shown += [
            Shown(
                group,
                _title(column.style.heading(f"{column.label}, {column.metric}"), group),
                column,
            )
            for group in groups
            if any((m.key, column.key) in board.entries for m in board.methods if m.group == group)
        ]
    first = [method.key for method in board.methods if groups and method.group == groups[0]]
    measured = {task: cost.measured for (key, task), cost in board.costs.items() if key in first}
    for task, kind in measured.items():
        of_task = f"{task}, " if len(measured) > 1 else ""
        time = "CPU s" if kind == "cpu" else "training s"
        shown.append(Shown(groups[0], f"{of_task}{time} a trial", None, task))
    return shown


def rows(board: Leaderboard) -> list[Row]:
    """One row per label, in the order of the board's methods."""
    found: dict[str, dict[str, Method]] = {}
    for method in board.methods:
        found.setdefault(method.label, {})[method.group] = method
    return [Row(label, methods) for label, methods in found.items()]


def row_label(row: Row) -> str:
    """Name of the loss; a user's own are marked."""
    yours = any(method.selection == "yours" for method in row.methods.values())
    return f"{row.label} (yours)" if yours else row.label


def cell_text(board: Leaderboard, row: Row, shown: Shown) -> str:
    """The rank, or a cell; empty where the row has no method of the group."""
    method = row.methods.get(shown.group)
    if method is None:
        return ""
    if shown.cost_of is not None:
        return cost_text(board.costs.get((method.key, shown.cost_of)))
    if shown.column is None:
        return rank_text(board, method)
    entry = board.entries.get((method.key, shown.column.key))
    return "" if entry is None else entry_text(entry, shown.column.digits)


def rank_text(board: Leaderboard, method: Method) -> str:
    """``1.3 of 7 [1.0, 2.5]``; a method that lacks columns is marked."""
    rank = board.ranks[method.key]
    if math.isnan(rank.estimate):
        return "–"
    text = f"{rank.estimate:.1f} {of_text(rank)}"
    if not math.isnan(rank.low):
        text += f" [{rank.low:.1f}, {rank.high:.1f}]"
    over = columns_text(board, method)
    return f"{text} {over}" if over else text


def of_text(rank: Rank) -> str:
    """``of 7``; with a decimal where columns have different numbers of methods."""
    return f"of {rank.of:.1f}".removesuffix(".0")


def columns_text(board: Leaderboard, method: Method) -> str:
    """Which columns a rank is over, where it is not over all of its group's or these are one."""
    rank, ranked = board.ranks[method.key], board.ranked_columns(method.group)
    own = [column for column in ranked if board.applies(method.key, column.key)]
    if method.key in board.incomplete:
        return f"incomplete: {rank.n} of {len(own)}"
    if rank.n == 1:
        return "in this setting" if len(ranked) == 1 else f"in this setting: {own[0].label}"
    return "" if len(own) == len(ranked) else f"over {len(own)} of {len(ranked)}"


def cost_text(cost: Cost | None) -> str:
    """Seconds with three digits; a dash where they cannot be compared, empty without a trial."""
    if cost is None:
        return ""
    if math.isnan(cost.seconds):
        return "–"
    digits = max(0, 2 - math.floor(math.log10(cost.seconds))) if cost.seconds > 0 else 0
    return f"{cost.seconds:.{min(digits, 3)}f}"


def entry_text(entry: Entry, digits: int) -> str:
    """``0.894 ±0.063, -0.018 ±0.070 ≈ ab``: mean, difference to the best, tie mark, letters."""
    parts = []
    if not math.isnan(entry.mean.estimate):
        mark = MARK if entry.unconverged else ""
        text = f"{entry.mean.estimate:.{digits}f}{mark}{_spread(entry.mean, digits)}"
        if entry.best:
            text += ", best"
        elif not math.isnan(entry.difference.estimate):
            text += f", {_difference(entry, digits)}"
            text += " ≈" if entry.tied_with_best else ""
            text += " not resolvable" if entry.unresolved else ""
        parts.append(f"{text} {entry.letters}".rstrip())
    if entry.runs.tuning is not None:
        parts.append(f"{entry.runs.tuning.searched} searched")
    parts += uncounted_texts(entry.runs.counts, entry.runs.reason).values()
    return "; ".join(parts)


def _difference(entry: Entry, digits: int) -> str:
    difference = entry.difference
    text = f"{difference.estimate:+.{digits}f}"
    half = (difference.high - difference.low) / 2
    return text if math.isnan(half) else f"{text} ±{half:.{digits}f}"


def _spread(interval: Interval, digits: int) -> str:
    """``±0.010``."""
    return "" if math.isnan(interval.low) else f" ±{interval.half_width:.{digits}f}"


def _title(label: str, group: str) -> str:
    return f"{label} ({_KINDS[group]})" if _KINDS[group] else label
