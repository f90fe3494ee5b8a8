"""Cells, their intervals and counts, and four formats that no name can break."""

from __future__ import annotations

import csv
import io
import math
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from results.tables.table import Cell, Table, tabulate
from results.tables.table_formats import FORMATS
from results.tables.text_escapes import escape_latex

HOSTILE = [
    "<script>alert('x')</script>",
    "$\\LaTeX$ \\input{/etc/passwd} % rest",
    "a|b`c`*d*_e_[f](http://g)&amp;#1~h~!",
    'quote " and, comma\nand line',
    "[1ex] after a line break",
    "* after a line break",
    "σ = 50 ms ± 3 × µ ≥ λ…",
    "Ünïcödé Łódź 🥁 東京 \u202eabc",
    "x" * 300,
]


def planned(*cells):
    return pd.DataFrame(cells, columns=["trial_id", "row", "column"])


def trials(*rows):
    return pd.DataFrame(rows, columns=["trial_id", "status", "reason", "value"])


def drums_noise():
    """softloc at 0 and 50 ms, cross entropy at 0 and 50 ms, and a loss that cannot run."""
    plan, run = [], []
    for row in ("softloc", "cross_entropy"):
        for column in ("σ = 0 ms", "σ = 50 ms"):
            for replicate in range(3):
                trial_id = f"{row[0]}{column[4]}{replicate}"
                plan.append((trial_id, row, column))
                value = 0.9 + 0.01 * replicate
                run.append((trial_id, "finished", None, value))
    run[3] = ("s50", "failed", "Traceback", np.nan)
    run[4] = ("s51", "diverged", "NaN at step 7", np.nan)
    run[7] = ("c01", "finished", None, np.nan)
    del run[9:]
    plan += [("p00", "points_only", "σ = 0 ms"), ("p50", "points_only", "σ = 50 ms")]
    run.append(("p00", "skipped", "needs head points", np.nan))
    run.append(("unplanned", "finished", None, 0.1))
    return tabulate(
        planned(*plan),
        trials(*run),
        title="F1: noise",
        corner="loss",
        footnotes=["Data: rendered."],
        published={("softloc", "σ = 0 ms"): 0.953},
    )


def test_cells_of_the_drums_noise_table():
    table = drums_noise()
    assert table.rows == ("softloc", "cross_entropy", "points_only")
    assert table.columns == ("σ = 0 ms", "σ = 50 ms")
    half = stats.t.ppf(0.975, 2) * 0.01 / math.sqrt(3)
    cell = table.cell("softloc", "σ = 0 ms")
    assert cell.values == (0.9, 0.91, 0.92)
    assert cell.trial_ids == ("s00", "s01", "s02")
    assert cell.unaveraged == {}
    outside = table.cell("softloc", "σ = 50 ms").unaveraged
    assert {status: len(ids) for status, ids in outside.items()} == {"diverged": 1, "failed": 1}
    assert cell.mean == pytest.approx(0.91)
    assert cell.half_width == pytest.approx(half)
    texts = [[table.text(row, column) for column in table.columns] for row in table.rows]
    assert texts == [
        ["0.910 ±0.025 (n=3) [0.953]", "0.920 (n=1); 1 diverged; 1 failed"],
        ["0.910 ±0.127 (n=2); 1 undefined", "not run"],
        ["skipped: needs head points", "not run"],
    ]


def test_the_interval_is_that_of_scipy():
    values = tuple(np.random.default_rng(0).normal(0.9, 0.02, 7))
    cell = Cell(values=values)
    low, high = stats.t.interval(0.95, 6, np.mean(values), stats.sem(values))
    assert (cell.mean - cell.half_width, cell.mean + cell.half_width) == pytest.approx((low, high))


def test_the_interval_covers_at_its_nominal_rate():
    generator = np.random.default_rng(1)
    cells = [Cell(values=tuple(row)) for row in generator.normal(0.5, 0.1, (2_000, 3))]
    covered = [abs(cell.mean - 0.5) <= cell.half_width for cell in cells]
    assert abs(np.mean(covered) - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 2_000)


def test_partly_run_cells_say_how_many_are_missing():
    table = tabulate(
        planned(("a", "r", "c"), ("b", "r", "c"), ("c", "r", "c")),
        trials(("a", "finished", None, 0.5)),
        title="t",
        corner="",
        digits=1,
    )
    assert table.text("r", "c") == "0.5 (n=1); 2 not run"
    empty = tabulate(planned(("a", "r", "c")), trials(), title="t", corner="")
    assert empty.text("r", "c") == "not run"


def test_a_trial_never_counts_twice():
    plan = planned(("a", "r", "c"))
    run = trials(("a", "finished", None, 0.5), ("a", "failed", "x", np.nan))
    with pytest.raises(ValueError, match="trial a is in the store more than once"):
        tabulate(plan, run, title="t", corner="")
    with pytest.raises(ValueError, match="trial a is planned more than once"):
        tabulate(pd.concat([plan, plan]), trials(), title="t", corner="")


def hostile_table():
    cells = {
        (row, column): Cell(counts={"skipped": 1}, reason=reason)
        for row in HOSTILE
        for column, reason in zip(HOSTILE, reversed(HOSTILE), strict=True)
    }
    return Table(HOSTILE[0], HOSTILE[1], tuple(HOSTILE), tuple(HOSTILE), cells, tuple(HOSTILE))


class Cells(HTMLParser):
    """Collects tags, and the text of each cell."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self._inside = set(), [], False

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self._inside = tag in ("td", "th")
        if self._inside:
            self.texts.append("")

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.texts[-1] += data


def test_html_shows_hostile_names_as_they_are():
    cells = Cells()
    cells.feed(FORMATS["html"](hostile_table()))
    assert cells.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert cells.texts[1 : len(HOSTILE) + 1] == HOSTILE
    assert cells.texts[len(HOSTILE) + 2] == f"skipped: {HOSTILE[-1]}"


def test_markdown_keeps_its_shape():
    lines = FORMATS["markdown"](hostile_table()).splitlines()
    body = [line for line in lines if line.startswith("|")]
    assert len(body) == len(HOSTILE) + 2
    bars = [len(re.findall(r"(?<!\\)\|", line)) for line in body]
    assert set(bars) == {len(HOSTILE) + 2}
    assert not re.search(r"(?<!\\)[<`*_$\[]", "\n".join(body))


def test_csv_reads_back():
    table = drums_noise()
    lines = list(csv.DictReader(io.StringIO(FORMATS["csv"](table))))
    assert len(lines) == 6
    first, second = lines[:2]
    assert float(first["mean"]) == pytest.approx(0.91)
    assert float(first["low"]) < 0.91 < float(first["high"])
    assert (first["n"], first["published"], first["trial_ids"]) == ("3", "0.953", "s00 s01 s02")
    assert (second["failed"], second["diverged"], second["low"]) == ("1", "1", "")
    assert lines[2]["undefined"] == "1"
    assert lines[3]["missing"] == "3"
    assert lines[4]["reason"] == "needs head points"
    hostile = list(csv.DictReader(io.StringIO(FORMATS["csv"](hostile_table()))))
    assert [line["column"] for line in hostile[: len(HOSTILE)]] == HOSTILE


def test_latex_has_no_active_character_left():
    text = FORMATS["latex"](hostile_table())
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
        assert len(re.findall(r"(?<!\\)&", row)) == len(HOSTILE)
        assert not row.removeprefix("\\midrule\n").lstrip().startswith(("[", "*"))
    assert not re.search(r"(?<!\\)[%#_^~]", text)
    assert text.count("{") - text.count("\\{") == text.count("}") - text.count("\\}")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("50% of {a_b}", r"50\% of \{a\_b\}"),
        ("σ ≥ λ", r"$\sigma$ $\geq$ $\lambda$"),
        ("Łódź 🥁 Þ", "?ódz ? ?"),
        ("thesis §5.6", r"thesis \S{}5.6"),
        ("two\n lines", "two lines"),
        ("[x]*", "{[}x{]}{*}"),
    ],
)
def test_latex_escapes(text, escaped):
    assert escape_latex(text) == escaped


DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs}
\begin{document}
%s
\end{document}
"""


def compile_latex(body, folder):
    if shutil.which("pdflatex") is None:
        assert not os.environ.get("POINTBENCH_CI"), "CI must have pdflatex: .ci/packages"
        pytest.skip("pdflatex is not installed (.ci/packages installs it)")
    (folder / "table.tex").write_text(DOCUMENT % body, encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode"]
    done = subprocess.run(
        [*command, "table.tex"], cwd=folder, capture_output=True, timeout=120, check=False
    )
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, log[-3000:]
    assert (folder / "table.pdf").stat().st_size > 5_000
    return log


def test_a_table_compiles(tmp_path):
    log = compile_latex(FORMATS["latex"](drums_noise()), tmp_path)
    assert "Undefined control sequence" not in log


def test_hostile_names_compile_and_stay_inert(tmp_path):
    compile_latex(FORMATS["latex"](hostile_table()), tmp_path)


def test_every_character_a_name_may_hold_compiles(tmp_path):
    everything = "".join(map(chr, [*range(32, 127), *range(0xA0, 0x250), *range(0x370, 0x400)]))
    lines = [escape_latex(everything[i : i + 40]) + r"\\" for i in range(0, len(everything), 40)]
    compile_latex("\n".join([*lines, *(escape_latex(name) + r"\\" for name in HOSTILE)]), tmp_path)
