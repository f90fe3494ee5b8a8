"""What starting up loads, and packages that a user's file hides.

Who may import whom says import-linter (``make lint``).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCH = Path(sys.executable).parent / "bench"
HEAVY = ("torch", "ray", "mlflow", "pandas", "scipy")


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


def test_importing_plugin_contracts_loads_nothing_heavy() -> None:
    assert loaded("import bench.plugin") == set()


def loaded(code: str) -> set[str]:
    """Heavy packages that a fresh process has loaded after ``code``."""
    return set(
        in_fresh_process(f"import sys\n{code}\nprint(*{{*sys.modules}} & {{*{HEAVY}}})").split()
    )


def test_the_command_line_starts_light() -> None:
    code = (
        "import sys, bench.cli.main\n"
        "heavy = {'torch', 'ray', 'mlflow', 'pandas', 'numpy', 'pyarrow', 'matplotlib'}\n"
        "print(*{name.split('.')[0] for name in sys.modules} & heavy)"
    )
    assert in_fresh_process(code) == ""


@pytest.mark.parametrize("kind", ["losses", "tasks", "sweeps", "tables"])
def test_what_there_is_is_listed_without_anything_heavy(kind: str) -> None:
    listed = f"from bench.catalogue.kinds import KINDS; assert KINDS['{kind}'].entries()"
    assert loaded(listed) == set()


COMMANDS = {
    **{f"list {kind}": 0 for kind in ("losses", "tasks", "sweeps", "tables", "claims")},
    "plan drums-noise": 0,
    "status drums-noise": 2,  # no store here
    f"status drums-noise --store {ROOT / 'results' / 'reference'}": 0,
}
"""What only reads declarations and records, and its exit code."""


def test_reading_commands_load_nothing_that_trains_or_draws(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from bench.cli.main import main\n"
        "unwanted = {'torch', 'numba', 'scipy.stats', 'ray', 'mlflow', 'matplotlib'}\n"
        "for command in sys.argv[1:]:\n"
        "    sys.argv = ['bench', *command.split()]\n"
        "    try:\n"
        "        main()\n"
        "    except SystemExit as ended:\n"
        "        loaded = sorted(unwanted & {*sys.modules})\n"
        "        print('ended', command, ended.code, *loaded, sep=';', file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *COMMANDS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    ended = [line for line in done.stderr.splitlines() if line.startswith("ended;")]
    assert ended == [f"ended;{command};{code}" for command, code in COMMANDS.items()], done.stderr


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
