"""A table of drums over label noise, names that try to break formats, and LaTeX."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from results.tables.table import Table, tabulate

_HOSTILE = [
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
_DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs}
\begin{document}
%s
\end{document}
"""


@pytest.fixture(scope="session")
def hostile_names() -> list[str]:
    return _HOSTILE


@pytest.fixture(scope="session")
def drums_noise() -> Table:
    """softloc at 0 and 50 ms, cross entropy at 0 and 50 ms, and a loss that cannot run."""
    rows = {}
    for row in ("softloc", "cross_entropy"):
        for column in ("σ = 0 ms", "σ = 50 ms"):
            for replicate in range(3):
                trial_id = f"{row[0]}{column[4]}{replicate}"
                value = 0.9 + 0.01 * replicate
                rows[trial_id] = (row, column, "finished", None, value)
    rows["s50"] = (*rows["s50"][:2], "failed", "Traceback", np.nan)
    rows["s51"] = (*rows["s51"][:2], "diverged", "NaN at step 7", np.nan)
    rows["c01"] = (*rows["c01"][:2], "undefined", None, np.nan)
    for replicate in range(3):
        rows[f"c5{replicate}"] = (*rows[f"c5{replicate}"][:2], "missing", None, np.nan)
    rows["p00"] = ("points_only", "σ = 0 ms", "skipped", "needs head points", np.nan)
    rows["p50"] = ("points_only", "σ = 50 ms", "missing", None, np.nan)
    return tabulate(
        pd.DataFrame(
            [(trial_id, *row) for trial_id, row in rows.items()],
            columns=["trial_id", "row", "column", "fate", "reason", "value"],
        ),
        title="F1: noise",
        corner="loss",
        footnotes=["Data: rendered."],
        published={("softloc", "σ = 0 ms"): 0.953},
    )


@pytest.fixture
def compile_latex(debian_program: Callable[[str], str], tmp_path: Path) -> Callable[[str], str]:
    """Makes a PDF of the body of a document; returns the log."""

    def compiled(body: str) -> str:
        program = debian_program("pdflatex")
        (tmp_path / "table.tex").write_text(_DOCUMENT % body, encoding="utf-8")
        command = [program, "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode"]
        done = subprocess.run(
            [*command, "table.tex"], cwd=tmp_path, capture_output=True, timeout=120, check=False
        )
        log = done.stdout.decode(errors="replace")
        assert done.returncode == 0, log[-3000:]
        assert (tmp_path / "table.pdf").stat().st_size > 5_000
        return log

    return compiled
