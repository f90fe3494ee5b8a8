"""The house: tests mirror what they test, names are told apart, and every room has tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
PACKAGES = ("bench", "losses", "results", "tasks")
FURNITURE = {"__init__.py", "conftest.py"}


def modules() -> Iterator[Path]:
    """Our modules, relative to the repository."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.name not in FURNITURE:
                yield path.relative_to(ROOT)


def mirrors() -> Iterator[Path]:
    """Test files, relative to ``tests``."""
    for path in sorted(TESTS.rglob("test_*.py")):
        yield path.relative_to(TESTS)


def test_a_test_file_mirrors_a_module_or_lies_among_scenarios() -> None:
    known = {*modules()}
    lost = [
        str(path)
        for path in mirrors()
        if "scenarios" not in path.parts
        and path.parent != Path()  # this file
        and path.with_name(path.name.removeprefix("test_")) not in known
    ]
    assert lost == []


def test_no_two_modules_have_one_name() -> None:
    counts = Counter(path.name for path in modules())
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_room_has_tests() -> None:
    """A room is a folder with modules; tests of rooms inside it do not count."""
    rooms = {path.parent for path in modules()}
    tested = {path.parent for path in mirrors()}
    tested |= {path.parent.parent for path in mirrors() if path.parent.name == "scenarios"}
    assert sorted(map(str, rooms - tested)) == []
