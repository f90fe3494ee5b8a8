"""Running the suite on tasks with planted defects."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.conformance import check_task, task_checks
from bench.plugin import Task

SLOW = "second process"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def findings(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """Messages of the checks that a task fails, by their names. Starting a second process takes
    seconds, so it is left out unless asked for."""
    monkeypatch.setenv("POINTBENCH_CACHE", str(cache))

    def find(cls: type[Task], *, second_process: bool = False, **options: Any) -> dict[str, str]:
        with monkeypatch.context() as patch:
            if not second_process:
                patch.delitem(task_checks.CHECKS, SLOW)
            results = check_task(cls, **options)
        return {result.name: result.message for result in results if result.passed is False}

    return find


@pytest.fixture
def assert_found(findings: Callable[..., dict[str, str]]) -> Callable[[type[Task], Any], None]:
    """Assert that a task fails one check and no other, with a message that says why."""

    def check(cls: type[Task], expected: tuple[str, str]) -> None:
        name, message = expected
        found = findings(cls, second_process=name == SLOW)
        assert list(found) == [name], found
        assert re.search(message, found[name]), found[name]

    return check
