"""A pair of methods as Markdown, LaTeX (booktabs), CSV, HTML or JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from results.leaderboard.pairs import Compared, Pair
from results.stats.bayesian_comparison import Posterior
from results.store.plain_json import plain_json
from results.tables.csv_text import csv_number, csv_text
from results.tables.grid_formats import grid_html, grid_latex, grid_markdown
from results.tables.text_grid import GridCell, GridRow, TextGrid

_CSV_HEADER = (
    *("first", "second", "columns", "metric", "unit", "direction", "first_mean", "second_mean"),
    *("difference", "low", "high", "n", "better", "equivalent", "worse", "rope"),
)


@dataclass(frozen=True)
class ShownPair:
    """A pair with the names of its methods, and what a reader must know."""

    first: str
    second: str
    pair: Pair
    notes: tuple[str, ...] = ()


def pair_grid(shown: ShownPair) -> TextGrid:
    """One row per column, then one per metric over all of its columns."""
    header = ["column", shown.first, shown.second, "difference"]
    header += ["P(better)", "P(equivalent)", "P(worse)", "n"]
    body = [GridRow(label, _cells(compared)) for label, compared in labelled(shown.pair)]
    return TextGrid(f"{shown.first} against {shown.second}", header, body, shown.notes)


def labelled(pair: Pair) -> list[tuple[str, Compared]]:
    """Comparisons as they are shown: columns, then several columns of one metric together."""
    singles = [
        (one.columns[0].style.heading(f"{one.columns[0].label}, {one.metric}"), one)
        for one in pair.columns
    ]
    pooled = [
        (one.columns[0].style.heading(f"all {len(one.columns)} columns, {one.metric}"), one)
        for one in pair.overall
        if len(one.columns) > 1
    ]
    return singles + pooled


def difference_text(posterior: Posterior, digits: int) -> str:
    """``+0.018 ±0.007``, or what there is instead of an interval."""
    found = posterior.difference
    text = f"{found.estimate:+.{digits}f}"
    if posterior.equal:
        return "equal"
    if math.isnan(found.low):
        return f"{text} not resolvable" if found.n > 1 else text
    return f"{text} ±{(found.high - found.low) / 2:.{digits}f}"


def _cells(compared: Compared) -> list[GridCell]:
    posterior, digits = compared.posterior, compared.columns[0].digits
    probabilities = (posterior.better, posterior.equivalent, posterior.worse)
    texts = [f"{compared.first:.{digits}f}", f"{compared.second:.{digits}f}"]
    texts += [difference_text(posterior, digits), *map(probability_text, probabilities)]
    return [GridCell(text) for text in [*texts, str(posterior.difference.n)]]


def probability_text(probability: float) -> str:
    """Two decimals; a dash where unknown, and never a certainty that is none."""
    if math.isnan(probability):
        return "–"
    if 0 < probability < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= probability < 1 else f"{probability:.2f}"


def pair_object(pair: Pair, methods: Sequence[str], columns: Sequence[str]) -> dict[str, Any]:
    """The pair as what JSON can hold, numbers that are not finite still in it.

    Keys of methods and columns are long, so it names them by their positions.

    Args:
        methods, columns: keys in the order in which positions count, from 0.
    """
    place = {key: number for number, key in enumerate(columns)}

    def shown(one: Compared) -> dict[str, Any]:
        positions = [place[column.key] for column in one.columns]
        return {"columns": positions, "metric": one.metric, **_posterior_object(one.posterior)}

    return {
        "first": methods.index(pair.first),
        "second": methods.index(pair.second),
        "columns": [shown(one) for one in pair.columns],
        "overall": [shown(one) for one in pair.overall],
    }


def _posterior_object(posterior: Posterior) -> dict[str, Any]:
    found = posterior.difference
    return {
        "difference": found.estimate,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "better": posterior.better,
        "equivalent": posterior.equivalent,
        "worse": posterior.worse,
        "rope": posterior.rope,
    }


def to_json(shown: ShownPair) -> str:
    """One object; what is undefined is null."""
    rows = [
        {
            "label": label,
            "columns": [column.key for column in one.columns],
            "metric": one.metric,
            "unit": one.columns[0].unit,
            "direction": one.columns[0].direction,
            "first_mean": one.first,
            "second_mean": one.second,
            **_posterior_object(one.posterior),
        }
        for label, one in labelled(shown.pair)
    ]
    whole = {"first": shown.first, "second": shown.second, "rows": rows}
    return plain_json({**whole, "notes": list(shown.notes)}) + "\n"


def to_csv(shown: ShownPair) -> str:
    """One line per column, then one per metric over all of its columns."""
    return pairs_csv([shown])


def pairs_csv(shown: Sequence[ShownPair]) -> str:
    """All of several pairs."""
    lines = [
        _csv_line(one, label, compared) for one in shown for label, compared in labelled(one.pair)
    ]
    return csv_text(_CSV_HEADER, lines)


def _csv_line(shown: ShownPair, label: str, one: Compared) -> list[Any]:
    posterior, column = one.posterior, one.columns[0]
    found = posterior.difference
    return [
        *(shown.first, shown.second, label, one.metric, column.unit, column.direction),
        *map(csv_number, (one.first, one.second, found.estimate, found.low, found.high)),
        found.n,
        *map(csv_number, (posterior.better, posterior.equivalent, posterior.worse, posterior.rope)),
    ]


FORMATS: dict[str, Callable[[ShownPair], str]] = {
    "markdown": lambda shown: grid_markdown(pair_grid(shown)),
    "latex": lambda shown: grid_latex(pair_grid(shown)),
    "csv": to_csv,
    "html": lambda shown: grid_html(pair_grid(shown)),
    "json": to_json,
}
