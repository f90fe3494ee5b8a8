"""What a specification says wrongly about its search is reported with file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = """\
name: mine
task:
  name: noop
  noise: 0.0
loss:
  name: noop
  softness: {uniform: [0, 0.2]}
train:
  steps: 100
search: optuna
trials: 8
replicates: 3
scheduler: {asha: {min_steps: 40}}
"""

# (text to replace, its replacement, line, what must be said about it)
MISTAKES = {
    "unknown search": (
        "optuna",
        "optima",
        10,
        "'search' should be 'random', 'grid', 'optuna' or 'surface', got 'optima'",
    ),
    "unknown scheduler": (
        "{asha: {min_steps: 40}}",
        "{hyperband: {}}",
        13,
        "unknown key 'scheduler.hyperband'; valid: asha",
    ),
    "no mapping": ("{asha: {min_steps: 40}}", "asha", 13, "'scheduler' should be a mapping"),
    "no scheduler": ("{asha: {min_steps: 40}}", "{}", 13, "'scheduler' names none; valid: asha"),
    "misspelt option": (
        "min_steps: 40",
        "min_step: 40, min_steps: 40",
        13,
        "unknown key 'scheduler.asha.min_step'; did you mean 'min_steps'?",
    ),
    "missing option": ("{min_steps: 40}", "{}", 13, "key 'scheduler.asha.min_steps' is missing"),
    "no reduction": (
        "min_steps: 40",
        "min_steps: 40, reduction: 1",
        13,
        "'scheduler.asha.reduction' should be greater than or equal to 2, got 1",
    ),
    "rungs above the top": (
        "min_steps: 40",
        "min_steps: 100",
        13,
        "'min_steps' must be less than the 100 steps of a full training, got 100",
    ),
    "finalists": (
        "replicates: 3",
        "finalists: 3",
        12,
        "'finalists' is gone since searches run inside each replicate",
    ),
    "finalists of a scale": (
        "replicates: 3",
        "scales: {smoke: {finalists: 1}}",
        12,
        "'finalists' is gone since searches run inside each replicate",
    ),
    "too few for the last rung": (
        "{asha: {min_steps: 40}}",
        "{asha: {min_steps: 20}}",
        11,
        "'trials' is 8, but of 9 settings one is trained in full",
    ),
    "no budget": ("trials: 8\n", "", 10, "search 'optuna' needs 'trials'"),
    "random task": (
        "noise: 0.0",
        "noise: {uniform: [0, 0.1]}",
        4,
        "search 'optuna' tunes losses; a task takes values or a grid",
    ),
    "nothing to tune": (
        "{uniform: [0, 0.2]}",
        "0.1",
        10,
        "search 'optuna' finds no option of any loss to tune",
    ),
    "no batches": ("trials: 8", "trials: 8\nbatch: 0", 12, "'batch' should be greater than 0"),
}


def problem(call: Callable, file: Path, text: str) -> str:
    file.write_text(text)
    answer = call("plan", file, "--store", file.parent / "store")
    assert (answer.code, answer.out) == (2, "")
    [line] = answer.errors
    return line.removeprefix("error: ")


@pytest.mark.parametrize("kind", MISTAKES)
def test_one_mistake_gives_one_line(kind: str, call: Callable, tmp_path: Path) -> None:
    old, new, line, message = MISTAKES[kind]
    assert GOOD.count(old) == 1
    file = tmp_path / "mine.yaml"
    assert problem(call, file, GOOD.replace(old, new)).startswith(f"{file}:{line}: {message}")


@pytest.mark.parametrize("key", ["initial: 4", "batch: 4", "scheduler: {asha: {min_steps: 40}}"])
def test_options_of_another_search_have_no_effect(key: str, call: Callable, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = GOOD.replace("search: optuna\n", "")
    text = text.replace("scheduler: {asha: {min_steps: 40}}\n", "").replace("replicates: 3", key)
    name = key.split(":")[0]
    assert problem(call, file, text).startswith(f"{file}:11: '{name}' has no effect without search")


def test_a_plan_leaves_no_store_behind(call: Callable, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD)
    answer = call("plan", file, "--store", tmp_path / "store")
    assert answer.code == 0
    assert "24 of 30 trials (the rest depends on results): 24 not run" in answer.out
    assert not (tmp_path / "store").exists()
