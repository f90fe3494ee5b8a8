"""A grid of strings as Markdown, LaTeX (booktabs) or HTML; everything in it is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from results.tables.text_escapes import escape_latex, escape_markdown
from results.tables.text_grid import GridCell, GridRow, TextGrid


def grid_markdown(grid: TextGrid) -> str:
    """GitHub-flavoured Markdown."""
    lines = [
        f"**{escape_markdown(grid.title)}**",
        "",
        _markdown_line(grid.header),
        "|" + "---|" * len(grid.header),
        *(_markdown_line(_texts(row)) for row in grid.rows),
        "",
        *(f"- {escape_markdown(note)}" for note in grid.notes),
    ]
    return "\n".join(lines) + "\n"


def grid_latex(grid: TextGrid) -> str:
    """A ``table`` environment; needs the package booktabs."""
    lines = [
        r"\begin{table}",
        rf"\caption{{{escape_latex(grid.title)}}}",
        rf"\begin{{tabular}}{{{'l' * len(grid.header)}}}",
        r"\toprule",
        _latex_line(grid.header),
        r"\midrule",
        *(_latex_line(_texts(row)) for row in grid.rows),
        *(r"\bottomrule", r"\end{tabular}", ""),
        *(rf"\footnotesize {escape_latex(note)}\\" for note in grid.notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def grid_html(grid: TextGrid) -> str:
    """A ``table`` element and a list of notes; cells name their trials."""
    head = "".join(f"<th>{escape(text)}</th>" for text in grid.header)
    body = [
        f'<tr><th scope="row">{escape(row.label)}</th>{"".join(map(_html_cell, row.cells))}</tr>'
        for row in grid.rows
    ]
    notes = "".join(f"<li>{escape(note)}</li>" for note in grid.notes)
    return (
        f"<table>\n<caption>{escape(grid.title)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(body) + "\n</tbody>\n</table>\n"
        f"<ul>{notes}</ul>\n"
    )


def _texts(row: GridRow) -> list[str]:
    return [row.label, *(cell.text for cell in row.cells)]


def _markdown_line(texts: Sequence[str]) -> str:
    return "| " + " | ".join(map(escape_markdown, texts)) + " |"


def _latex_line(texts: Sequence[str]) -> str:
    return " & ".join(map(escape_latex, texts)) + r" \\"


def _html_cell(cell: GridCell) -> str:
    ids = escape(" ".join(cell.trial_ids))
    return f'<td data-trials="{ids}">{escape(cell.text)}</td>'
