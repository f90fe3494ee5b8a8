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
        pd.DataFrame(plan, columns=["trial_id", "row", "column"]),
        pd.DataFrame(run, columns=["trial_id", "status", "reason", "value"]),
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
