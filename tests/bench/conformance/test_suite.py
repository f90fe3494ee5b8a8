"""Every registered loss and task passes the suite, and has a test file of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.conformance import check_loss, check_task
from bench.plugin.registry import losses, tasks

TESTS = Path(__file__).parents[2]
BUILT_IN = [
    *(("losses", losses.get(name)) for name in losses.names()),
    *(("tasks", tasks.get(name)) for name in tasks.names()),
]


@pytest.mark.parametrize("name", losses.names())
def test_every_loss_passes(name: str) -> None:
    results = check_loss(losses.get(name))
    assert [vars(result) for result in results if result.passed is False] == []
    assert {result.head for result in results} == {"", *losses.get(name).heads}


@pytest.mark.parametrize("name", tasks.names())
def test_every_task_passes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTBENCH_CACHE", str(tmp_path))
    results = check_task(tasks.get(name))
    assert [vars(result) for result in results if result.passed is False] == []


@pytest.mark.parametrize(
    ("package", "cls"), BUILT_IN, ids=lambda part: getattr(part, "__name__", "")
)
def test_every_plugin_has_a_test_file_of_its_own(package: str, cls: type) -> None:
    home, _, module = cls.__module__.partition(".")
    if home != package:
        pytest.skip(f"{cls.__module__} is not part of this distribution")
    assert (TESTS / package / f"test_{module}.py").is_file()


def test_a_plugin_that_exits_fails_its_checks() -> None:
    class Leaves(losses.get("cross_entropy")):
        def __call__(self, *arguments: object, **options: object) -> object:
            raise SystemExit(0)

    found = [result for result in check_loss(Leaves) if result.passed is False]
    assert any("SystemExit" in result.message for result in found)
