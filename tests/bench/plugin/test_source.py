"""Plugin files: read once, known by their text, named in tracebacks."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.planning.trial import Trial
from bench.plugin import TrainSettings, UsageError, create_loss, create_task, load_file
from bench.plugin.registry import losses
from bench.plugin.source import PluginSource, load_source, read_source, source_digest, sources_of

PLUGIN = """\
from bench.plugin import Loss, register_loss


@register_loss("mine", heads={{"events"}}, space={{}})
class Mine(Loss):
    def __call__(self, prediction, target, progress=1.0):
        return prediction.{method}()
"""


@pytest.fixture
def file(tmp_path: Path, registries: None) -> Iterator[Path]:
    path = tmp_path / "mine.py"
    path.write_text(PLUGIN.format(method="sum"))
    before = set(sys.modules)
    yield path
    for name in set(sys.modules) - before:
        if name.startswith("pointbench_plugin_mine_"):
            del sys.modules[name]


def trial_id() -> str:
    task = create_task("drums")
    return Trial(task, create_loss("mine"), TrainSettings(), "laptop", 0, "events").trial_id


def test_the_same_text_is_the_same_plugin(file: Path) -> None:
    first = load_file(file)
    cls = losses.get("mine")
    assert load_file(file) == first
    assert losses.get("mine") is cls
    assert source_digest(cls) == read_source(file).digest


def test_another_text_is_another_trial(file: Path) -> None:
    load_file(file)
    before = trial_id()
    losses._classes.pop("mine")
    file.write_text(PLUGIN.format(method="mean"))
    load_file(file)
    after = trial_id()
    assert before != after
    losses._classes.pop("mine")
    file.write_text(PLUGIN.format(method="sum"))
    losses._classes["mine"] = sys.modules[load_file(file)].Mine
    assert trial_id() == before


def test_what_was_loaded_is_what_is_shipped(file: Path) -> None:
    load_file(file)
    file.write_text("raise RuntimeError('edited meanwhile')")
    [source] = sources_of([file])
    assert source.text == PLUGIN.format(method="sum")


def test_tracebacks_name_and_quote_the_file(file: Path) -> None:
    text = "def broken():\n    raise RuntimeError('here')\n"
    # As on a worker, which has the text and no such file.
    source = PluginSource(str(file.with_name("elsewhere.py")), text)
    module = sys.modules[load_source(source)]
    try:
        module.broken()
    except RuntimeError:
        told = traceback.format_exc()
    assert f'File "{source.path}", line 2, in broken' in told
    assert "    raise RuntimeError('here')" in told
    del sys.modules[module.__name__]


def test_built_in_plugins_go_by_their_version() -> None:
    assert source_digest(losses.get("softloc")) is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("mine.txt", "", "is not a Python file"),
        ("gone.py", None, "does not exist"),
        ("mine.py", b"\xff\xfe", "cannot be read"),
        ("mine.py", "1 / 0", "fails: ZeroDivisionError"),
        ("mine.py", "def", "fails: SyntaxError"),
    ],
)
def test_what_cannot_be_loaded_is_said(
    name: str, text: str | bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError, match=message):
        load_file(path)


def test_a_file_that_exits_is_told(tmp_path: Path) -> None:
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(0)\n")
    with pytest.raises(UsageError, match=r"leaves\.py' fails: SystemExit: 0"):
        load_file(tmp_path / "leaves.py")
