"""A table as Markdown, LaTeX (booktabs), CSV or HTML; every name in it is escaped."""

from __future__ import annotations

import csv
import html
import io
import re
import unicodedata
from collections.abc import Callable

from results.tables.table import LEVEL, UNCOUNTED, Table

_MATHS = {
    **{
        "±": "pm",
        "×": "times",
        "÷": "div",
        "≤": "leq",
        "≥": "geq",
        "→": "rightarrow",
        "∞": "infty",
    },
    **{c: unicodedata.name(c).split()[-1].lower() for c in "αβγδεζηθικμνξπρστυφχψω"},
    **{"λ": "lambda", "µ": "mu"},
}
_LATEX = {
    "\\": r"\textbackslash{}",
    **{character: rf"\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "§": r"\S{}",
    **{character: f"{{{character}}}" for character in "[]*"},  # or a line break would take them
    **{character: rf"$\{name}$" for character, name in _MATHS.items()},
}
_LATIN = {chr(code) for code in range(0xC0, 0x100)} - set("ÐðÞþ")  # in every font encoding
_CSV_HEADER = (
    *("table", "row", "column", "mean", "low", "high", "n"),
    *(*UNCOUNTED, "reason", "published", "trial_ids"),
)


def to_markdown(table: Table) -> str:
    """GitHub-flavoured Markdown."""
    lines = [f"**{escape_markdown(table.title)}**", ""]
    lines.append(markdown_row([table.corner, *table.columns]))
    lines.append("|" + "---|" * (len(table.columns) + 1))
    for row in table.rows:
        cells = [table.text(row, column) for column in table.columns]
        lines.append(markdown_row([row, *cells]))
    lines += ["", *(f"- {escape_markdown(note)}" for note in _notes(table))]
    return "\n".join(lines) + "\n"


def to_latex(table: Table) -> str:
    """A ``table`` environment; needs the package booktabs."""
    columns = "l" * (len(table.columns) + 1)
    lines = [
        r"\begin{table}",
        rf"\caption{{{escape_latex(table.title)}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        latex_row([table.corner, *table.columns]),
        r"\midrule",
    ]
    for row in table.rows:
        cells = [table.text(row, column) for column in table.columns]
        lines.append(latex_row([row, *cells]))
    lines += [r"\bottomrule", r"\end{tabular}", ""]
    lines += [rf"\footnotesize {escape_latex(note)}\\" for note in _notes(table)]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def to_csv(table: Table) -> str:
    """One line per cell: table, row, column, mean, interval, counts, published value, trial ids."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_HEADER)
    for row in table.rows:
        for column in table.columns:
            cell = table.cell(row, column)
            low, high = cell.mean - cell.half_width, cell.mean + cell.half_width
            counts = [cell.counts.get(status, 0) for status in UNCOUNTED]
            numbers = [_number(value) for value in (cell.mean, low, high)]
            published = "" if cell.published is None else cell.published
            ids = " ".join(cell.trial_ids)
            writer.writerow(
                [
                    table.title,
                    row,
                    column,
                    *numbers,
                    len(cell.values),
                    *counts,
                    cell.reason,
                    published,
                    ids,
                ]
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
            cells.append(f'<td data-trials="{ids}">{html.escape(table.text(row, column))}</td>')
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
    """``text`` so that LaTeX prints it and runs none of it; `?` for what needs other fonts."""
    return "".join(_latex_character(character) for character in " ".join(text.split()))


def _latex_character(character: str) -> str:
    if character in _LATEX:
        return _LATEX[character]
    if character in _LATIN or " " <= character <= "~":
        return character
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() and base.isalnum() else "?"


def _notes(table: Table) -> list[str]:
    spread = f"Mean ± half of the {LEVEL:.0%} t interval over replicates (n of them)."
    return [spread, *table.footnotes]


def escape_markdown(text: str) -> str:
    """One line in which Markdown and HTML see nothing of their own."""
    return re.sub(r"([\\`*_\[\]|<>&$#~!])", r"\\\1", " ".join(text.split()))


def markdown_row(cells: list[str]) -> str:
    """A line of a table."""
    return "| " + " | ".join(escape_markdown(cell) for cell in cells) + " |"


def latex_row(cells: list[str]) -> str:
    """A line of a tabular."""
    return " & ".join(escape_latex(cell) for cell in cells) + r" \\"


def _number(value: float) -> str:
    return "" if value != value else f"{value:.6g}"
