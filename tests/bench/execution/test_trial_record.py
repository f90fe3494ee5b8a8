"""Whatever ends a trial becomes a record that can be kept, with a reason that can be read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import pytest

from bench.execution.trial_record import execute, record
from bench.plugin import Evaluation
from results.store import TrialRecord

from .toys import Toy


class Ending(Toy):
    """Evaluating it raises ``ending``."""

    ending: ClassVar[BaseException]

    def evaluate(self, *arguments: Any) -> Evaluation:
        raise self.ending


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (RuntimeError("broken"), "RuntimeError: broken"),
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (GeneratorExit(), "GeneratorExit"),
    ],
)
def test_whatever_a_plugin_raises_is_a_failure(
    toy_trial: Callable, monkeypatch: pytest.MonkeyPatch, ending: BaseException, said: str
) -> None:
    monkeypatch.setattr(Ending, "ending", ending, raising=False)
    kept = execute(toy_trial(Ending()), "mine")
    assert kept.status == "failed"
    assert kept.reason.startswith("Traceback (most recent call last):")
    assert kept.reason.rstrip().endswith(said)
    assert kept.metrics == {}
    assert TrialRecord.from_json(kept.to_json()).reason == kept.reason


def test_details_that_cannot_be_kept_are_a_failure(toy_trial: Callable) -> None:
    class Odd(Toy):
        def evaluate(self, *arguments: Any) -> Evaluation:
            return Evaluation({"score": 0.5, "error": 0.0}, {"who": object()})

    kept = execute(toy_trial(Odd()), "mine")
    assert kept.status == "failed"
    assert "a object cannot be kept as JSON" in kept.reason
    assert TrialRecord.from_json(kept.to_json()).status == "failed"


def test_colours_of_a_terminal_are_not_kept(toy_trial: Callable) -> None:
    red = "\x1b[36mray::step()\x1b[39m died \x1b]0;title\x07at \x1b[1;31mline 3\x1b[0m"
    kept = record(toy_trial(), "mine", "failed", red)
    assert kept.reason == "ray::step() died at line 3"


def test_the_text_of_a_plugin_is_named_in_the_record(noop: ModuleType, toy_trial: Callable) -> None:
    digest = noop.__name__.rpartition("_")[2]
    kept = execute(toy_trial(noop.Noop(), noop.NoopLoss()), "mine")
    assert kept.versions["task_source"] == kept.versions["loss_source"] == digest
    assert "pointbench_plugin" not in kept.to_json()
    assert sys.modules[noop.__name__].__file__.endswith("noop.py")
