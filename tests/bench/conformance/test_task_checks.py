"""The suite for tasks behind `bench check`: sound ones pass, and each check has found a defect."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bench.conformance import check_task, task_checks
from bench.plugin import OptionError, load_file

HERE = Path(__file__).parent
planted = sys.modules[load_file(HERE.parent / "plugins" / "planted.py")]


@pytest.mark.parametrize("name", ["Sound", "Points", "Maps", "Counts"])
def test_a_sound_task_of_each_head_passes(name: str, findings: Any) -> None:
    assert findings(getattr(planted, name)) == {}


def test_every_check_of_tasks_has_a_planted_defect() -> None:
    modules = [sys.modules[load_file(path)] for path in sorted(HERE.glob("test_task_*.py"))]
    found = {check for module in modules for check, _ in getattr(module, "DEFECTS", {}).values()}
    assert found == {*task_checks.CHECKS, *task_checks.HEAD_CHECKS}


def test_options_may_be_given(findings: Any) -> None:
    class Picky(planted.Sound):
        """Wants a choice of size."""

        def check_data(self) -> None:
            assert self.size == "full", f"size {self.size}"

    assert "size tiny" in findings(Picky)["splits"]
    assert findings(Picky, size="full") == {}


def test_label_noise_may_be_given(findings: Any) -> None:
    assert findings(planted.Sound, noise=2.0, kind="binary") == {}


def test_an_unknown_option_is_the_callers_mistake() -> None:
    with pytest.raises(OptionError, match="unknown option 'nois'; did you mean 'noise'"):
        check_task(planted.Sound, nois=1.0)


def test_each_head_of_a_task_is_checked_with_data_of_its_own(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Both(planted.Points):
        """Counts dots on the second head, and forgets the replicate there."""

        heads = frozenset({"points", "instances"})

        def splits(self, replicate: int, head: str) -> Any:
            if head == "points":
                return super().splits(replicate, head)
            return planted.Counts(noise=self.noise).splits(0, head)

        def network(self, head: str, loss: Any) -> Any:
            kind = planted.Points if head == "points" else planted.Counts
            return kind.network(self, head, loss)

        def evaluate(self, network: Any, loss: Any, split: Any, decoding: Any) -> Any:
            if hasattr(split.target, "labels"):
                found = planted.Counts.evaluate(self, network, loss, split, decoding)
                return planted.Evaluation({"error": 1 - found.metrics["accuracy"]})
            return super().evaluate(network, loss, split, decoding)

    monkeypatch.setenv("POINTBENCH_CACHE", str(cache))
    monkeypatch.delitem(task_checks.CHECKS, "second process")
    failed = [(r.head, r.name) for r in check_task(Both) if r.passed is False]
    assert failed == [("instances", "replicates"), ("instances", "label noise")]
