"""Three text formats that no name can break."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from results.tables.grid_formats import grid_html, grid_latex, grid_markdown
from results.tables.text_grid import GridCell, GridRow, TextGrid


def hostile_grid(names):
    rows = [GridRow(name, [GridCell(text, (name,)) for text in reversed(names)]) for name in names]
    return TextGrid(names[0], [names[1], *names], rows, names)


class Cells(HTMLParser):
    """Collects tags, and text and trials of each cell."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.trials, self._inside = set(), [], [], False

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self._inside = tag in ("td", "th")
        self.trials += [dict(attributes)["data-trials"]] if tag == "td" else []
        if self._inside:
            self.texts.append("")

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.texts[-1] += data


def test_html_shows_hostile_names_as_they_are(hostile_names):
    cells = Cells()
    cells.feed(grid_html(hostile_grid(hostile_names)))
    assert cells.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert cells.texts[1 : len(hostile_names) + 1] == hostile_names
    assert cells.texts[len(hostile_names) + 2] == hostile_names[-1]


def test_html_cells_name_their_trials(hostile_names):
    cells = Cells()
    cells.feed(grid_html(hostile_grid(hostile_names)))
    assert cells.trials == [name for name in hostile_names for _ in hostile_names]


def test_markdown_keeps_its_shape(hostile_names):
    lines = grid_markdown(hostile_grid(hostile_names)).splitlines()
    body = [line for line in lines if line.startswith("|")]
    assert len(body) == len(hostile_names) + 2
    bars = [len(re.findall(r"(?<!\\)\|", line)) for line in body]
    assert set(bars) == {len(hostile_names) + 2}
    assert not re.search(r"(?<!\\)[<`*_$\[]", "\n".join(body))


def test_latex_has_no_active_character_left(hostile_names):
    text = grid_latex(hostile_grid(hostile_names))
    assert text.isascii() or set(re.findall(r"[^\x00-\x7f]", text)) <= set("Üïöéó")
    commands = set(re.findall(r"\\[a-zA-Z]+", text))
    assert "\\input" not in commands
    assert commands <= {
        *("\\begin", "\\end", "\\caption", "\\toprule", "\\midrule", "\\bottomrule"),
        *("\\footnotesize", "\\textbackslash", "\\textasciitilde", "\\textless", "\\textgreater"),
        *("\\textbar", "\\ldots", "\\sigma", "\\pm", "\\times", "\\mu", "\\geq", "\\lambda"),
    }
    rows = re.search(r"\\toprule\n(.*)\\bottomrule", text, re.DOTALL)[1].split(" \\\\\n")
    for row in rows[:-1]:
        assert len(re.findall(r"(?<!\\)&", row)) == len(hostile_names)
        assert not row.removeprefix("\\midrule\n").lstrip().startswith(("[", "*"))
    assert not re.search(r"(?<!\\)[%#_^~]", text)
    assert text.count("{") - text.count("\\{") == text.count("}") - text.count("\\}")


def test_hostile_names_compile_and_stay_inert(hostile_names, compile_latex):
    compile_latex(grid_latex(hostile_grid(hostile_names)))
