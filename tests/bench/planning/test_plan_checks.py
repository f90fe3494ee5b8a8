"""Each wrong specification gives one line per problem, with file and line, before Ray starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = """\
name: mine
task:
  name: noop
  number: {int: [0, 99]}
  noise: 0.0
loss:
  name: noop
  softness: 0.1
train:
  steps: 10
  batch_size: 8
trials: 4
"""

# (line to replace, its replacement, what must be said about it)
ONE_PROBLEM = {
    "misspelt key": ("trials: 4", "trails: 4", "unknown key 'trails'; did you mean 'trials'?"),
    "misspelt option": (
        "  noise: 0.0",
        "  nosie: 0.0",
        "noop: unknown option 'nosie'; did you mean 'noise'?",
    ),
    "misspelt setting": (
        "  steps: 10",
        "  stpes: 10",
        "train: unknown option 'stpes'; did you mean 'steps'?",
    ),
    "misspelt search": (
        "trials: 4",
        "search: gird",
        "'search' should be 'random', 'grid', 'optuna' or 'surface', got 'gird'",
    ),
    "wrong unit": (
        "  noise: 0.0",
        "  noise: 3 px",
        "noop: option 'noise': '3 px' is in the wrong unit: expected s",
    ),
    "no quantity": (
        "  noise: 0.0",
        "  noise: a lot",
        "noop: option 'noise': 'a lot' is not a number of s such as '3 s'",
    ),
    "out of range": (
        "  noise: 0.0",
        "  noise: -100 ms",
        "noop: option 'noise' should be greater than or equal to 0 s, got -0.1",
    ),
    "domain out of range": (
        "  noise: 0.0",
        "  noise: {uniform: [-0.1, 0.1]}",
        "noop: option 'noise' should be greater than or equal to 0 s, got -0.1",
    ),
    "setting out of range": (
        "  steps: 10",
        "  steps: -1",
        "train: option 'steps' should be greater than or equal to 0, got -1",
    ),
    "unknown loss": (
        "loss:\n  name: noop",
        "loss:\n  name: noob",
        "unknown loss 'noob'; did you mean 'noop'?",
    ),
    "unknown task": (
        "task:\n  name: noop",
        "task:\n  name: drumms",
        "unknown task 'drumms'; did you mean 'drums'?",
    ),
    "nameless loss": ("loss:\n  name: noop", "loss:", "'loss' needs a 'name'"),
    "impossible head": (
        "loss:\n  name: noop",
        "loss:\n  name: noop_points",
        "loss 'noop_points' takes the head points, but task 'noop' offers the head events",
    ),
    "empty interval": (
        "  noise: 0.0",
        "  noise: {uniform: [0.1, 0.1]}",
        "noop: option 'noise' uniform needs two finite bounds, low < high, got [0.1, 0.1]",
    ),
    "empty choice": (
        "  noise: 0.0",
        "  noise: {choice: []}",
        "noop: option 'noise' choice needs at least one value, got an empty list",
    ),
    "empty grid": (
        "  noise: 0.0",
        "  noise: {grid: []}",
        "noop: option 'noise' grid needs at least one value, got an empty list",
    ),
    "one bound": (
        "  noise: 0.0",
        "  noise: {uniform: [0.1]}",
        "noop: option 'noise' uniform needs [low, high], got [0.1]",
    ),
    "bad YAML": ("  noise: 0.0", "  noise: [0.0", "not valid YAML: "),
    "repeated key": (
        "  noise: 0.0",
        "  noise: 0.0\n  noise: 0.1",
        'not valid YAML: found duplicate key "noise"',
    ),
    "missing data root": (
        "  noise: 0.0",
        "  root: /nowhere",
        "noop: option 'root': folder '/nowhere' does not exist",
    ),
    "duplicate sweep name": (
        "name: mine",
        "name: softness-noise",
        "sweep name 'softness-noise' is taken by a shipped sweep",
    ),
    "negative trials": ("trials: 4", "trials: -4", "'trials' should be greater than 0, got -4"),
    "trials in words": (
        "trials: 4",
        "trials: many",
        "'trials' should be a valid integer, got 'many'",
    ),
    "useless trials": (
        "  number: {int: [0, 99]}",
        "  number: 3",
        "'trials' has no effect: no domain is drawn at random",
    ),
    "random grid": (
        "trials: 4",
        "trials: 4\nsearch: grid",
        "search 'grid' needs grid or choice domains only",
    ),
    "misspelt change": (
        "trials: 4",
        "trials: 4\nscales:\n  smoke:\n    trian.steps: 5",
        "unknown key 'trian'; did you mean 'train'?",
    ),
    "unknown parameter": (
        "trials: 4",
        "trials: 4\nshow:\n  - surface: {x: loss.sofness, y: task.noise, value: f1}",
        "unknown parameter 'loss.sofness'; did you mean 'loss.softness'?",
    ),
    "unknown metric": (
        "trials: 4",
        "trials: 4\nshow:\n  - table: {rows: loss, columns: task.noise, value: f2}",
        "unknown metric 'f2'; valid: f1, validation.f1",
    ),
    "misspelt view": (
        "trials: 4",
        "trials: 4\nshow:\n  - surfcae: {x: loss.softness, y: task.noise, value: f1}",
        "unknown key 'show.0.surfcae'; did you mean 'surface'?",
    ),
}


@pytest.mark.parametrize("kind", ONE_PROBLEM)
@pytest.mark.parametrize("command", ["plan", "run"])
def test_one_problem_gives_one_line(
    kind: str, command: str, call: Callable, tmp_path: Path
) -> None:
    old, new, message = ONE_PROBLEM[kind]
    assert GOOD.count(old) == 1
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace(old, new))

    answer = call(command, file, "--store", tmp_path / "store")

    assert answer.code == 2
    assert answer.out == ""
    [line] = answer.errors
    where, _, said = line.removeprefix("error: ").partition(": ")
    assert where in {f"{file}:{number}" for number in expected_lines(kind, old, new)}
    assert said.startswith(message)


def expected_lines(kind: str, old: str, new: str) -> list[int]:
    """The first line that differs; for a value that contradicts others, its own line."""
    good, bad = GOOD.splitlines(), GOOD.replace(old, new).splitlines()
    differs = next(i for i, line in enumerate(bad) if i >= len(good) or line != good[i])
    whole_section = {"impossible head": 6, "nameless loss": 6, "useless trials": 12}
    if kind in whole_section:
        return [whole_section[kind]]
    if new.startswith(f"{old}\n"):
        return [len(bad) if old == "trials: 4" else differs + 1]
    return [differs + 1, differs + 2] if kind == "bad YAML" else [differs + 1]


def test_all_problems_are_reported_at_once(call: Callable, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("""\
name: mine
task:
  - {name: noop, nosie: 1, score: high}
  - name: drums
    noise: 3 px
    tolerance: 0
loss:
  - name: softlock
  - name: softloc
    softness: {uniform: [1, 0]}
  - name: softloc
    alpha: {schedule: linear, strat: 0.1}
train: {lr: 0, device: gpu}
resources: {gpu: -1}
trials: 3
""")
    answer = call("run", file, "--store", tmp_path / "store")
    assert answer.code == 2
    expected = [
        "3: noop: unknown option 'nosie'; did you mean 'noise'?",
        "3: noop: option 'score' should be a valid number, got 'high'",
        "5: drums: option 'noise': '3 px' is in the wrong unit: expected s",
        "6: drums: option 'tolerance' should be greater than 0 s, got 0",
        "8: unknown loss 'softlock'; did you mean 'softloc'?",
        "10: softloc: option 'softness' uniform needs two finite bounds, low < high, got [1, 0]",
        "12: softloc: option 'alpha': schedule: unknown option 'strat'; did you mean 'start'?",
        "13: train: option 'lr' should be greater than 0 at some time, got 0",
        "13: train: option 'device' should be 'auto', 'cpu', 'cuda' or 'mps', got 'gpu'",
        "14: resources: option 'gpu' should be greater than or equal to 0, got -1",
    ]
    assert sorted(answer.errors) == sorted(f"error: {file}:{line}" for line in expected)


def test_problems_of_form_are_reported_at_once(call: Callable, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("name: My sweep\ntask: {name: noop}\nreplicates: 0\ntitel: x\n")
    answer = call("plan", file)
    assert answer.code == 2
    assert [line.split(":", 2)[2] for line in sorted(answer.errors)] == [
        "1: 'name' String should match pattern '^[a-z0-9][a-z0-9._-]*$', got 'My sweep'",
        "1: key 'loss' is missing",
        "3: 'replicates' should be greater than 0, got 0",
        "4: unknown key 'titel'; did you mean 'title'?",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("softnes-noise",), "unknown sweep 'softnes-noise'; did you mean 'softness-noise'?"),
        (("gone.yaml",), "specification file 'gone.yaml' does not exist"),
        (("softness-noise", "--trials", "-3"), "--trials must be a positive number, got -3"),
        (("softness-noise", "--trials", "0"), "--trials must be a positive number, got 0"),
        (("drums-noise", "--replicates", "0"), "--replicates must be a positive number, got 0"),
        (("softness-noise", "--set", "steps"), "--set needs KEY=VALUE, got 'steps'"),
        (
            ("softness-noise", "--set", "trian.steps=3"),
            "--set trian.steps: unknown key 'trian'; did you mean 'train'?",
        ),
        (("softness-noise", "--set", "name=x"), "--set name: unknown key 'name'"),
        (("softness-noise", "--set", "task.noise=]"), "--set task.noise: ']' is not a YAML value"),
    ],
)
def test_wrong_command_lines(
    arguments: tuple[str, ...], message: str, call: Callable, tmp_path: Path
) -> None:
    answer = call("run", *arguments, "--store", tmp_path / "store")
    assert (answer.code, answer.out) == (2, "")
    [line] = answer.errors
    assert line.startswith(f"error: {message}")


def test_wrong_changes_name_the_file(call: Callable, tmp_path: Path) -> None:
    answer = call("run", "softness-noise", "--set", "task.noise=-1", "--store", tmp_path / "store")
    assert answer.code == 2
    assert (
        "drums: option 'noise' should be greater than or equal to 0 s, got -1" in answer.errors[0]
    )


def test_a_wrong_choice_lists_the_right_ones(call: Callable) -> None:
    answer = call("run", "softness-noise", "--scale", "labtop")
    assert (answer.code, answer.out) == (2, "")
    assert "'labtop' is not one of 'smoke', 'laptop', 'paper'" in answer.errors[-1]


def test_unreadable_stores(call: Callable, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "store.json").write_text("{}")
    newer = tmp_path / "newer"
    newer.mkdir()
    (newer / "store.json").write_text('{"format": "pointbench store", "schema_version": 99}')
    for store, message in [
        (file, "is a file, not a store"),
        (foreign, "not written by pointbench"),
        (newer, "schema version 99 is newer than this pointbench reads"),
        ("gopher://host/store", "cannot open this store URL"),
    ]:
        answer = call("run", "softness-noise", "--scale", "smoke", "--store", store)
        assert (answer.code, answer.out) == (2, "")
        [line] = answer.errors
        assert line.startswith(f"error: {store}")
        assert message in line


def test_reading_commands_need_a_store(call: Callable, tmp_path: Path) -> None:
    store = tmp_path / "none"
    answer = call("status", "--store", store)
    assert answer.code == 2
    [line] = answer.errors
    assert line.startswith(f"error: {store}: no store here; run a sweep first")
    assert not store.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "does not exist"),
        ("import nothing_of_this_name", "fails: ModuleNotFoundError: No module named"),
        ("1 +", "fails: SyntaxError: "),
    ],
)
def test_bad_plugin_files(
    text: str | None,
    message: str,
    call: Callable,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "mine.py"
    if text is not None:
        file.write_text(text)
    answer = call("--plugin", file, "plan", "softness-noise")
    assert (answer.code, answer.out) == (2, "")
    [line] = answer.errors
    assert line.startswith(f"error: plugin file '{file}' {message}")
