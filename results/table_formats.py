"""A table as Markdown, LaTeX (booktabs), CSV or HTML; every name in it is escaped."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable

from results.tables import LEVEL, Table

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "σ": r"$\sigma$",
    "δ": r"$\delta$",
    "±": r"$\pm$",
    "×": r"$\times$",
}

_STATUSES = ("diverged", "failed", "skipped", "missing")
_CSV_HEADER = (
    *("row", "column", "mean", "low", "high", "n"),
    *(*_STATUSES, "reason", "published", "trial_ids"),
)


def to_markdown(table: Table) -> str:
    """GitHub-flavoured Markdown."""
    lines = [f"**{_markdown(table.title)}**", ""]
    lines.append(_markdown_row([table.corner, *table.columns]))
    lines.append("|" + "---|" * (len(table.columns) + 1))
    for row in table.rows:
        cells = [table.cell(row, column).text() for column in table.columns]
        lines.append(_markdown_row([row, *cells]))
    lines += ["", *(f"- {_markdown(note)}" for note in _notes(table))]
    return "\n".join(lines) + "\n"


def to_latex(table: Table) -> str:
    """A ``table`` environment; needs the packages booktabs and, for other scripts, fontenc."""
    columns = "l" * (len(table.columns) + 1)
    lines = [
        r"\begin{table}",
        rf"\caption{{{escape_latex(table.title)}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _latex_row([table.corner, *table.columns]),
        r"\midrule",
    ]
    for row in table.rows:
        cells = [table.cell(row, column).text() for column in table.columns]
        lines.append(_latex_row([row, *cells]))
    lines += [r"\bottomrule", r"\end{tabular}", ""]
    lines += [rf"\footnotesize {escape_latex(note)}\\" for note in _notes(table)]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def to_csv(table: Table) -> str:
    """One line per cell: row, column, mean, interval, counts, published value, trial ids."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_HEADER)
    for row in table.rows:
        for column in table.columns:
            cell = table.cell(row, column)
            low, high = cell.mean - cell.half_width, cell.mean + cell.half_width
            counts = [cell.counts.get(status, 0) for status in _STATUSES]
            numbers = [_number(value) for value in (cell.mean, low, high)]
            published = "" if cell.published is None else cell.published
            ids = " ".join(cell.trial_ids)
            writer.writerow(
                [row, column, *numbers, len(cell.values), *counts, cell.reason, published, ids]
            )
    return text.getvalue()


def to_html(table: Table) -> str:
    """A ``table`` element."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in [table.corner, *table.columns])
    body = []
    for row in table.rows:
        cells = []
        for column in table.columns:
            cell = table.cell(row, column)
            ids = html.escape(" ".join(cell.trial_ids), quote=True)
            cells.append(f'<td data-trials="{ids}">{html.escape(cell.text())}</td>')
        body.append(f'<tr><th scope="row">{html.escape(row)}</th>{"".join(cells)}</tr>')
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in _notes(table))
    return (
        f"<table>\n<caption>{html.escape(table.title)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(body) + "\n</tbody>\n</table>\n"
        f"<ul>{notes}</ul>\n"
    )


FORMATS: dict[str, Callable[[Table], str]] = {
    "markdown": to_markdown,
    "latex": to_latex,
    "csv": to_csv,
    "html": to_html,
}


def escape_latex(text: str) -> str:
    """``text`` so that LaTeX prints it and runs none of it; unknown symbols become ``?``."""
    escaped = "".join(_LATEX.get(character, character) for character in text)
    return re.sub(r"[^\x20-\x7e\u00a0-\u024f]", "?", escaped)


def _notes(table: Table) -> list[str]:
    spread = f"Mean ± half of the {LEVEL:.0%} t interval over replicates (n of them)."
    return [spread, *table.footnotes]


def _markdown(text: str) -> str:
    """One line in which Markdown and HTML see nothing of their own."""
    return re.sub(r"([\\`*_\[\]|<>])", r"\\\1", " ".join(text.split()))


def _markdown_row(cells: list[str]) -> str:
    return "| " + " | ".join(_markdown(cell) for cell in cells) + " |"


def _latex_row(cells: list[str]) -> str:
    return " & ".join(escape_latex(cell) for cell in cells) + r" \\"


def _number(value: float) -> str:
    return "" if value != value else f"{value:.6g}"
