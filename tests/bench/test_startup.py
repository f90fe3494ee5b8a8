"""Who imports whom, what starting up costs, and packages that a user's file hides."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.startup import PACKAGES

ROOT = Path(__file__).parents[2]
BENCH = Path(sys.executable).parent / "bench"
HEAVY = {"torch", "ray", "mlflow"}


def imports(file: Path, everywhere: bool = True) -> Iterator[str]:
    """Modules that a file imports; without ``everywhere`` only those that importing it loads."""

    def visit(node: ast.AST) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from (alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{file}: relative import"
                yield from (f"{child.module}.{alias.name}" for alias in child.names)
            elif everywhere or not (
                isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or _for_types(child)
            ):
                yield from visit(child)

    yield from visit(ast.parse(file.read_text(encoding="utf-8")))


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def project_imports(folder: str, but: str = "-") -> Iterator[tuple[str, str]]:
    """(file, module of the project that it imports)."""
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    for file in files:
        name = str(file.relative_to(ROOT))
        if not name.startswith(but):
            for module in imports(file):
                if module.split(".")[0] in PACKAGES:
                    yield name, module


def outside(found: Iterator[tuple[str, str]], *allowed: str) -> list[tuple[str, str]]:
    return [
        (file, module)
        for file, module in found
        if not any(module == prefix or module.startswith(f"{prefix}.") for prefix in allowed)
    ]


def test_losses_and_tasks_import_only_what_plugins_may() -> None:
    assert outside(project_imports("losses"), "losses", "bench.plugin") == []
    assert outside(project_imports("tasks"), "tasks", "bench.plugin") == []


def test_plugin_contracts_import_nothing_else_of_the_project() -> None:
    assert outside(project_imports("bench/plugin"), "bench.plugin") == []


def test_importing_plugin_contracts_loads_nothing_heavy() -> None:
    for file in (ROOT / "bench/plugin").rglob("*.py"):
        loaded = {module.split(".")[0] for module in imports(file, everywhere=False)}
        assert not loaded & HEAVY, file


def test_results_import_nothing_else_of_the_project() -> None:
    assert outside(project_imports("results"), "results") == []


def test_the_harness_knows_losses_and_tasks_by_the_registry_alone() -> None:
    assert outside(project_imports("bench", but="bench/plugin"), "bench", "results") == []


def in_fresh_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_loss_works_without_ray_and_mlflow() -> None:
    code = (
        "import sys, torch, losses\n"
        "from bench.plugin import EventTarget\n"
        "loss = losses.create('softloc', softness=0.1)\n"
        "p = torch.full((2, 1, 50), 0.1, requires_grad=True)\n"
        "events = torch.zeros(2, 1, 50); events[:, :, 10] = 1\n"
        "loss(p, EventTarget(events, step=0.01)).sum().backward()\n"
        "assert p.grad.isfinite().all()\n"
        "print(*{name.split('.')[0] for name in sys.modules} & {'ray', 'mlflow', 'pandas'})"
    )
    assert in_fresh_process(code) == ""


def test_the_command_line_starts_light() -> None:
    code = (
        "import sys, bench.cli.main\n"
        "heavy = {'torch', 'ray', 'mlflow', 'pandas', 'numpy', 'pyarrow', 'matplotlib'}\n"
        "print(*{name.split('.')[0] for name in sys.modules} & heavy)"
    )
    assert in_fresh_process(code) == ""


@pytest.mark.parametrize("name", ["losses", "tasks", "results"])
def test_a_users_namesake_is_named(name: str, tmp_path: Path) -> None:
    namesake = tmp_path / f"{name}.py"
    namesake.write_text("print('not the right one')\n")
    done = subprocess.run(
        [BENCH, "status", "--store", tmp_path],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: package '{name}' of pointbench cannot be imported: '{namesake}' shadows it; "
        "rename that file or run from another folder\n"
    )
