"""What a person sees of a running sweep."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from bench.execution import progress_line as progress_module
from bench.execution.progress_line import Progress
from bench.plugin import Metric


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    now = SimpleNamespace(seconds=1000.0)
    fake = SimpleNamespace(monotonic=lambda: now.seconds)
    monkeypatch.setattr(progress_module, "time", fake)
    return now


def to_do(total: int, passed_over: int = 0) -> SimpleNamespace:
    return SimpleNamespace(total=total, passed_over=passed_over)


F1, ERROR = Metric("f1", "max"), Metric("f1", "min")


def ended(status: str = "finished", value: float | None = None, reason: str | None = None) -> Any:
    return SimpleNamespace(status=status, metrics={"f1": value}, reason=reason, trial_id="abc")


def test_the_line_counts_and_estimates(clock: SimpleNamespace) -> None:
    shown = Progress("mine", to_do(10), 4, F1)
    assert shown.line() == "mine: 0/10 trials · 4 running · ETA unknown · elapsed 0:00"
    for value in (0.5, 0.75, 0.25):
        shown.add(ended(value=value))
    shown.add(ended("failed", reason="Traceback\nRuntimeError: no"))
    shown.add(ended("diverged"))
    clock.seconds += 3600
    assert shown.line() == (
        "mine: 5/10 trials · 1 failed · 1 diverged · 4 running · ETA 1:00:00 · elapsed 1:00:00"
        " · best f1 0.750"
    )
    for _ in range(5):
        shown.add(ended(value=0.1))
    assert "running" not in shown.line()
    assert "ETA" not in shown.line()


def test_trials_of_another_run_count_as_done(clock: SimpleNamespace) -> None:
    expected = to_do(4)
    shown = Progress("mine", expected, 1, F1)
    shown.add(ended(value=0.5))
    expected.passed_over = 2
    assert "mine: 3/4 trials · 2 by another run · 1 running" in shown.line()


def test_best_follows_the_metrics_direction(clock: SimpleNamespace) -> None:
    shown = Progress("mine", to_do(3), 1, ERROR)
    for value in (0.5, 0.25, None):
        shown.add(ended(value=value))
    assert shown.line().endswith("best f1 0.250")


def test_without_a_terminal_a_line_now_and_then(
    clock: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress("mine", to_do(100), 2, F1) as shown:
        for _ in range(99):
            clock.seconds += 1
            shown.add(ended(value=0.5))
        shown.add(ended("failed", reason="Traceback\nRuntimeError: [red]no[/red]\n"))
    out, errors = capsys.readouterr()
    assert out == ""
    lines = errors.splitlines()
    assert "trial abc failed: RuntimeError: [red]no[/red]" in lines
    assert len(lines) == 1 + 4 + 1
    assert all("\x1b" not in line for line in lines)
    assert re.match(r"mine: 100/100 trials · 1 failed · elapsed 1:39", lines[-1])
