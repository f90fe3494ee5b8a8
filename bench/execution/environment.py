"""What a result was made with: host, hardware, library versions, git revision."""

from __future__ import annotations

import functools
import platform
import socket
import subprocess
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("pointbench", "torch", "numpy", "numba", "ray", "mir_eval")


@functools.cache
def host() -> str:
    """Name of this machine."""
    return socket.gethostname()


@functools.cache
def hardware() -> str:
    """Processor model, for telling timings apart."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


@functools.cache
def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that determine results."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


@functools.cache
def git_revision() -> str | None:
    """Commit of this checkout, with ``+dirty`` when files differ from it; None outside git."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        dirty = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+dirty" if dirty else "")


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    ).stdout.strip()
