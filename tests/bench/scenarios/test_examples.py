"""The example package, installed for real: found by entry point, conforming, run in a sweep.

Its own lines are those with code on them: blank lines, comments, docstrings and imports are not
counted.
"""

from __future__ import annotations

import ast
import io
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tokenize
import venv
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from results.store.trial_store import Store

SOURCE = Path(__file__).parents[3] / "examples" / "pointbench-spikes"
SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def own_lines(text: str) -> int:
    """Number of lines of Python with code of their own."""
    passed_over: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        text_alone = (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        )
        if text_alone or isinstance(node, ast.Import | ast.ImportFrom):
            passed_over.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - passed_over)


def test_own_lines_are_counted() -> None:
    text = '"""Title."""\nimport os\n\n# why\ndef f(\n    x,\n):\n    """What."""\n    return x\n'
    assert own_lines(text) == 4


@pytest.mark.parametrize(("file", "most"), [("focal.py", 15), ("spikes.py", 40)])
def test_plugins_are_short(file: str, most: int) -> None:
    assert 0 < own_lines((SOURCE / "pointbench_spikes" / file).read_text("utf-8")) <= most


def test_nothing_is_installed_here() -> None:
    """Otherwise the tests below would show nothing."""
    names = {point.name for kind in ("losses", "tasks") for point in _points(kind)}
    assert names.isdisjoint({"focal", "spikes"})


def _points(kind: str) -> list:
    return list(entry_points(group=f"pointbench.{kind}"))


Run = Callable[..., subprocess.CompletedProcess]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs Python where the package is installed beside all that is installed here."""
    folder = tmp_path_factory.mktemp("example")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    [site] = (folder / "venv" / "lib").glob("python*/site-packages")
    here = sysconfig.get_path("purelib")
    (site / "here.pth").write_text(f"import site; site.addsitedir({here!r})\n")

    def run(*arguments: object) -> subprocess.CompletedProcess:
        # On a busy machine Ray's niceness of 15 would starve the workers.
        environment = {**os.environ, "RAY_worker_niceness": "0", "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            ["timeout", "--kill-after=10", "600", str(python), *map(str, arguments)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    shutil.copytree(SOURCE, folder / "source")
    install = ["install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, *install, folder / "source"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shutil.rmtree(folder / "source" / "pointbench_spikes")  # only the installed one is left
    return run


def bench(run: Run, *arguments: object) -> str:
    """Standard output of a command that must succeed."""
    done = run("-c", "from bench.cli.main import main; main()", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_entry_points_are_listed_and_conform(installed: Run) -> None:
    losses = {
        entry["name"]: entry for entry in json.loads(bench(installed, "list", "losses", "--json"))
    }
    assert losses["focal"]["module"] == "pointbench_spikes.focal"
    assert losses["focal"]["space"] == {"focus": {"uniform": [0.0, 5.0]}}
    assert "softloc" in losses
    assert "When a neuron spikes" in bench(installed, "list", "tasks")
    for name in ("focal", "spikes"):
        assert bench(installed, "check", name).splitlines()[-1].endswith(" 0 failed")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_its_own_tests_pass(installed: Run) -> None:
    done = installed("-m", "pytest", "-q", "-p", "no:cacheprovider", "source/tests")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.cluster
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_its_sweep_runs_on_ray(installed: Run, tmp_path: Path) -> None:
    store = tmp_path / "store"
    sweep = SOURCE / "spikes-noise.yaml"
    bench(installed, "run", sweep, "--scale", "smoke", "--store", store)

    trials = Store.open(store, create=False).load()
    assert list(trials["status"]) == ["finished"] * 6
    assert set(trials["task"]) == {"spikes"}
    assert trials["loss"].value_counts().to_dict() == {"focal": 2, "cross_entropy": 2, "softloc": 2}
    assert trials["metric.f1"].between(0, 1).all()
