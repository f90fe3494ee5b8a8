"""Start-up check: the four import packages are this distribution's, not a user's namesakes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from bench.plugin import UsageError

PACKAGES = ("bench", "losses", "tasks", "results")


def check_packages() -> None:
    """Raise `UsageError` naming each file that shadows one of the four packages."""
    root = Path(__file__).resolve().parent.parent
    problems = []
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve() if spec is not None and spec.origin else None
        if origin != root / name / "__init__.py":
            found = f"'{origin}' shadows it" if origin else "it is missing"
            problems.append(
                f"package '{name}' of pointbench cannot be imported: {found}; "
                "rename that file or run from another folder"
            )
    if problems:
        raise UsageError(problems)
