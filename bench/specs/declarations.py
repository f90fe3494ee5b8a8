"""Where declarations lie: the YAML files of pointbench, and those of packages installed beside it.

A package offers its own through entry points; a value names a package and a folder in it:

    [project.entry-points."pointbench.sweeps"]
    acme = "acme_points:sweeps"
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from bench.plugin import UsageError

Kind = Literal["sweeps", "tables", "claims"]
_FOLDERS: dict[Kind, str] = {"sweeps": "sweeps", "tables": "paper_tables", "claims": "claims"}
SUFFIXES = (".yaml", ".yml")


def declared(kind: Kind) -> dict[str, Path]:
    """Files by name (the file's, without suffix): our own first, then those of other packages.

    Raises:
        UsageError: an entry point that names no folder, or a name that is taken.
    """
    own = Path(__file__).parents[1] / _FOLDERS[kind]
    found = {path.stem: path for path in sorted(own.glob("*.yaml"))}
    for point in _offered(kind, tuple(sys.path)):
        for path in sorted(
            _folder(point.value, f"pointbench.{kind} '{point.name}'").glob("*.yaml")
        ):
            taken = found.setdefault(path.stem, path)
            if taken != path:
                raise UsageError(f"{path}: the name '{path.stem}' is taken by {taken}")
    return found


@cache
def _offered(kind: Kind, path: tuple[str, ...]) -> list[EntryPoint]:
    """Entry points of the packages on this ``sys.path``, which takes a while to look through."""
    return sorted(entry_points(group=f"pointbench.{kind}"), key=lambda point: point.name)


def is_file_name(name: str) -> bool:
    """Whether a name on the command line means a file."""
    return name.endswith(SUFFIXES)


def existing_file(name: str, what: str) -> Path:
    """A file of the user's.

    Raises:
        UsageError: there is none.
    """
    path = Path(name)
    if not path.is_file():
        raise UsageError(f"{what} file '{path}' does not exist")
    return path


def _folder(value: str, point: str) -> Path:
    package, _, folder = value.partition(":")
    try:
        spec = find_spec(package)  # the package itself is not imported
    except ImportError:
        spec = None
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = Path(place, *folder.split(".")) if folder else Path(place)
        if path.is_dir():
            return path
    raise UsageError(f"entry point {point} names '{value}', which is no folder of a package")
