"""The do-nothing plugin, the command line in this process and in others."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import psutil
import pytest

NOOP = Path(__file__).parent / "plugins" / "noop.py"
BENCH = Path(sys.executable).parent / "bench"


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Registries that forget, after a test, what it registered, and from which files."""
    from bench.plugin import HEADS, registry

    monkeypatch.setattr(HEADS, "_heads", dict(HEADS._heads))
    for kind in (registry.losses, registry.tasks):
        kind.load()
        monkeypatch.setattr(kind, "_classes", dict(kind._classes))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("pointbench_plugin_"):
            del sys.modules[name]


@pytest.fixture
def noop(registries: None) -> ModuleType:
    """The plugin file, registered in this process for the length of a test."""
    from bench.plugin import load_file

    return sys.modules[load_file(NOOP)]


class Answer(NamedTuple):
    """What a command left: exit code, standard output, lines of standard error."""

    code: int
    out: str
    errors: list[str]


@pytest.fixture
def call(
    noop: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """``bench`` in this process, where Ray must not start."""
    import bench.cli.main
    import bench.execution.ray_session

    @contextlib.contextmanager
    def connect(*arguments: Any) -> Iterator[None]:
        pytest.fail("Ray was started")
        yield

    monkeypatch.setattr(bench.execution.ray_session, "connect", connect)
    monkeypatch.setenv("POINTBENCH_PLUGINS", str(NOOP))

    def run(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["bench", *map(str, arguments)])
        code = 0
        try:
            bench.cli.main.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, errors = capsys.readouterr()
        return Answer(code, out, errors.splitlines())

    return run


class Commands:
    """``bench`` in processes of its own, ended with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.environment = {
            **os.environ,
            "POINTBENCH_PLUGINS": str(NOOP),
            "RAY_worker_niceness": "0",  # on a busy machine Ray's 15 would starve the workers
        }
        self._started: list[subprocess.Popen[str]] = []
        self._tokens: Path | None = None

    def give_tokens(self, count: int | None) -> None:
        """From the first call on, let so many more trials begin; None lets all begin."""
        if self._tokens is None:
            self._tokens = self.folder / "tokens"
            self._tokens.mkdir()
            self.environment["NOOP_TOKENS"] = str(self._tokens)
        for name in ["all"] if count is None else [uuid.uuid4().hex for _ in range(count)]:
            (self._tokens / name).touch()

    def start(self, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            ["timeout", "--kill-after=10", "600", str(BENCH), *map(str, arguments)],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def run(self, *arguments: object, **environment: str) -> Answer:
        return self.wait(self.start(*arguments, **environment))

    def wait(self, process: subprocess.Popen[str]) -> Answer:
        out, errors = process.communicate(timeout=660)
        return Answer(process.returncode, out, errors.splitlines())

    @staticmethod
    def wait_for(condition: Callable[[], Any], seconds: float) -> Any:
        end = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < end, "nothing happened"
            time.sleep(0.05)
        return found

    @classmethod
    def driver_of(cls, process: subprocess.Popen[str]) -> psutil.Process:
        """The driver below the process that watches its time."""
        return cls.wait_for(lambda: psutil.Process(process.pid).children(), 10)[0]

    @staticmethod
    def actors_of(driver: psutil.Process, doing: str = "") -> list[psutil.Process]:
        """Those that run a method, such as ``train``; of any by default."""
        found = []
        for process in driver.children(recursive=True):
            try:
                title = process.cmdline()[0]
            except (psutil.Error, IndexError):
                continue
            if title.startswith("ray::") and "Inner" in title and title.endswith(doing):
                found.append(process)
        return found

    def end(self) -> None:
        for process in self._started:
            for descendant in descendants(process.pid):
                with contextlib.suppress(psutil.NoSuchProcess):
                    descendant.kill()
            process.kill()
            process.communicate()


def descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    made = Commands(tmp_path)
    yield made
    made.end()


@pytest.fixture
def write_sweep(tmp_path: Path) -> Callable[..., Path]:
    """A specification file from keys and values; JSON is YAML."""

    def write(name: str = "mine", **keys: Any) -> Path:
        keys = {"task": {"name": "noop"}, "loss": {"name": "noop"}, "train": TRAIN} | keys
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps({"name": name, **keys}, indent=1))
        return path

    return write


TRAIN = {"steps": 10, "batch_size": 8, "validations": 0}
