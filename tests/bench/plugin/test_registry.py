"""Registering, looking up and loading plugins; every mistake is named."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from bench.plugin import (
    Loss,
    Task,
    Uniform,
    UsageError,
    create_loss,
    create_task,
    load_file,
    register_loss,
    register_task,
    registry,
)


def test_a_taken_name_names_who_took_it(noop: ModuleType) -> None:
    message = rf"loss name 'noop' in {re.escape(__name__)} is already taken by {noop.__name__}"
    with pytest.raises(UsageError, match=message):

        @register_loss("noop", heads={"events"}, space={})
        class Mine(Loss): ...


def test_one_name_may_stand_for_a_loss_and_a_task(noop: ModuleType) -> None:
    assert isinstance(create_loss("noop"), Loss)
    assert isinstance(create_task("noop"), Task)


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize(
    ("name", "heads", "space", "message"),
    [
        ("My-Loss", {"events"}, {}, "loss name 'My-Loss' must be lower case with underscores"),
        ("mine", {"event"}, {}, "loss 'mine': unknown head 'event'; did you mean 'events'?"),
        (
            "mine",
            {"events"},
            {"sofness": Uniform(0, 1)},
            "loss 'mine': search space names no option 'sofness'; did you mean 'softness'?",
        ),
        (
            "mine",
            {"events"},
            {"softness": [0, 1]},
            "loss 'mine': search space of 'softness' is not a Domain",
        ),
    ],
)
def test_wrong_registrations(name: str, heads: set, space: dict, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):

        @register_loss(name, heads=heads, space=space)
        class Mine(Loss):
            softness: float = 0.1

    assert name not in registry.losses.names()


@pytest.mark.usefixtures("registries")
def test_a_loss_must_be_a_loss() -> None:
    with pytest.raises(UsageError, match="loss 'mine' must be a subclass of Loss"):

        @register_loss("mine", heads={"events"}, space={})
        class Mine(Task): ...

    with pytest.raises(UsageError, match="task 'mine' must be a subclass of Task"):

        @register_task("mine", heads={"events"})
        class AlsoMine(Loss): ...


def test_the_search_space_is_mandatory() -> None:
    with pytest.raises(TypeError, match="space"):
        register_loss("mine", heads={"events"})  # type: ignore[call-arg]


def test_unknown_names_suggest_the_nearest(noop: ModuleType) -> None:
    with pytest.raises(UsageError, match=r"^unknown loss 'softlok'; did you mean 'softloc'\?$"):
        create_loss("softlok")
    with pytest.raises(UsageError, match=r"^unknown task 'zzz'; valid: .*drums.*noop"):
        create_task("zzz")
    with pytest.raises(UsageError, match=r"^unknown loss '3'"):
        create_loss(3)  # type: ignore[arg-type]


def test_every_built_in_declares_what_the_commands_show() -> None:
    for kind in (registry.losses, registry.tasks):
        assert kind.names()
        for name in kind.names():
            cls = kind.get(name)
            assert cls.plugin_name == name
            assert cls.heads
            assert cls.__doc__
            assert cls.source, f"{name} names no source"


def test_a_file_loads_once_and_an_edited_one_again(registries: None, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("COUNT = [1]\n")
    first = load_file(file)
    assert load_file(str(file)) == first
    file.write_text("COUNT = [2]\n")
    second = load_file(file)
    assert first != second
    assert sys.modules[first].COUNT != sys.modules[second].COUNT
    for name in (first, second):
        del sys.modules[name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nothing_of_this_name", "fails: ModuleNotFoundError: No module named"),
        ("def", "fails: SyntaxError: invalid syntax"),
        ("raise KeyError('x')", "fails: KeyError: 'x'"),
    ],
)
def test_a_failing_file_is_named_and_forgotten(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)
    before = set(sys.modules)
    with pytest.raises(UsageError, match=re.escape(f"plugin file '{file}' {message}")):
        load_file(file)
    assert not [name for name in set(sys.modules) - before if "mine" in name]


def test_a_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"plugin file '.*gone\.py' does not exist"):
        load_file(tmp_path / "gone.py")


def test_a_wrong_registration_in_a_file_keeps_its_message(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from bench.plugin import Loss, register_loss\n"
        "@register_loss('softloc', heads={'events'}, space={})\n"
        "class Mine(Loss): ...\n"
    )
    registry.losses.load()
    with pytest.raises(UsageError, match=r"in pointbench_plugin_mine_\w+ is already taken by"):
        load_file(file)


@pytest.fixture
def installed(
    registries: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """A third-party package on the path, announced by an entry point."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry.losses, "_loaded", False)

    def announce(text: str) -> None:
        (tmp_path / "their_losses.py").write_text(text)
        point = EntryPoint("theirs", "their_losses", "pointbench.losses")
        monkeypatch.setattr(
            registry,
            "entry_points",
            lambda group: [point] if group == "pointbench.losses" else [],
        )

    yield announce
    sys.modules.pop("their_losses", None)


def test_entry_points_are_loaded(installed: Callable[[str], None]) -> None:
    installed(
        "from bench.plugin import Loss, register_loss\n"
        "@register_loss('theirs', heads={'events'}, space={})\n"
        "class Theirs(Loss): ...\n"
    )
    assert create_loss("theirs").plugin_name == "theirs"
    assert {"softloc", "theirs"} <= set(registry.losses.names())


def test_a_broken_entry_point_is_named(installed: Callable[[str], None]) -> None:
    installed("raise RuntimeError('not today')")
    message = r"loss plugin 'theirs' \(their_losses\) fails: RuntimeError: not today"
    with pytest.raises(UsageError, match=message):
        registry.losses.names()
