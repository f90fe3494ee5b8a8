"""Every pair of methods over all columns of a metric, as a matrix; all columns in a file beside."""

from __future__ import annotations

from dataclasses import dataclass

from results.leaderboard.board import Leaderboard
from results.leaderboard.pair_formats import (
    ShownPair,
    difference_text,
    pairs_csv,
    probability_text,
)
from results.leaderboard.pairs import Compared, Pair, all_pairs
from results.stats.bayesian_comparison import Posterior


@dataclass(frozen=True)
class PairCell:
    """A row's method against a column's; empty where they are the same or share no replicate.

    Attributes:
        difference: mean with its interval, positive where the row's is better.
        better, equivalent, worse: probabilities, as text.
        lean: ``better`` or ``worse`` where that is more probable than .95, else empty.
    """

    difference: str = ""
    better: str = ""
    equivalent: str = ""
    worse: str = ""
    lean: str = ""


@dataclass(frozen=True)
class PairMatrix:
    """All pairs of methods of one selection rule, over all columns of one metric."""

    title: str
    rope: str
    methods: tuple[str, ...]
    cells: tuple[tuple[PairCell, ...], ...]


@dataclass(frozen=True)
class ShownPairs:
    """What the page shows, and the file with every column."""

    matrices: tuple[PairMatrix, ...]
    csv: str


def shown_pairs(board: Leaderboard) -> ShownPairs | None:
    """All pairs of the board; None if it has none."""
    pairs = list(all_pairs(board))
    if not pairs:
        return None
    names = {method.key: method.written for method in board.methods}
    csv = pairs_csv([ShownPair(names[pair.first], names[pair.second], pair) for pair in pairs])
    return ShownPairs(tuple(_matrices(board, pairs, names)), csv)


def _matrices(board: Leaderboard, pairs: list[Pair], names: dict[str, str]) -> list[PairMatrix]:
    found: dict[tuple[str, str], dict[tuple[str, str], Compared]] = {}
    groups = {method.key: method.group for method in board.methods}
    for pair in pairs:
        for one in pair.overall:
            held = found.setdefault((groups[pair.first], one.metric), {})
            held[pair.first, pair.second] = one
    return [_matrix(group, metric, held, names) for (group, metric), held in found.items()]


def _matrix(
    group: str, metric: str, held: dict[tuple[str, str], Compared], names: dict[str, str]
) -> PairMatrix:
    present = {key for pair in held for key in pair}
    keys = [key for key in names if key in present]

    def cell(row: str, column: str) -> PairCell:
        if (row, column) in held:
            one = held[row, column]
            return _cell(one.posterior, one.columns[0].digits, 1)
        if (column, row) in held:
            one = held[column, row]
            return _cell(one.posterior, one.columns[0].digits, -1)
        return PairCell()

    column = next(iter(held.values())).columns[0]
    most = max(len(one.columns) for one in held.values())
    over = f"{column.label}" if most == 1 else f"up to {most} columns"
    unit = f" {column.unit}" if column.unit else ""
    return PairMatrix(
        f"{metric}, {over}{', tuned' if group == 'tuned' else ''}",
        f"{next(iter(held.values())).posterior.rope:g}{unit}",
        tuple(names[key] for key in keys),
        tuple(tuple(cell(row, other) for other in keys) for row in keys),
    )


def _cell(posterior: Posterior, digits: int, sign: int) -> PairCell:
    """Of first against second, or with sign -1 of second against first."""
    better, worse = (posterior.better, posterior.worse)[::sign]
    text = difference_text(posterior, digits)
    if sign < 0:
        text = text.translate(str.maketrans("+-", "-+"))
    return PairCell(
        text,
        probability_text(better),
        probability_text(posterior.equivalent),
        probability_text(worse),
        "better" if better > 0.95 else "worse" if worse > 0.95 else "",
    )
