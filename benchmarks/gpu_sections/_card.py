"""What a report must say of the machine, and how busy its GPU is."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import threading
from types import TracebackType

import torch

from bench.execution.environment import git_revision, hardware

_LIBRARIES = ("torch", "triton", "numpy", "numba", "scipy", "pandas", "pydantic", "ray")
_PERIOD = 0.25


def facts(device: str, revision: str | None) -> dict[str, str]:
    """Card, driver, versions, processor and revision, in the order of the report."""
    found = {"card": "none: the CPU stands in"}
    if device == "cuda":
        # torch would take memory of the card to say this, which the sections measure
        name, memory, driver = asked("name,memory.total,driver_version") or ("unknown", "?", "?")
        found["card"] = f"{name}, {memory} MiB"
        found["driver"] = driver
        found["CUDA of torch"] = str(torch.version.cuda)
    found["python"] = platform.python_version()
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    found["processor"] = f"{hardware()}, {cores()} cores"
    found["revision"] = revision or git_revision() or "unknown"
    return found


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def asked(query: str) -> list[str]:
    """The first GPU's answers to a query of ``nvidia-smi``, none where that is missing or fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, f"--query-gpu={query}", "--format=csv,noheader,nounits", "--id=0"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [answer.strip() for answer in done.stdout.split(",")]


class Watched:
    """Asks ``nvidia-smi`` four times a second how busy the GPU is, from entry to exit.

    Attributes:
        busy: mean percentage of time in which a kernel ran; None where nobody could say.
        memory: most memory in use on the whole card, MiB.
    """

    busy: float | None = None
    memory: float | None = None

    def __enter__(self) -> Watched:
        self._answers: list[tuple[float, float]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        if self._answers:
            busy, memory = zip(*self._answers, strict=True)
            self.busy, self.memory = sum(busy) / len(busy), max(memory)

    def _ask(self) -> None:
        while not self._over.wait(_PERIOD):
            try:
                busy, memory = (float(value) for value in asked("utilization.gpu,memory.used"))
            except ValueError:
                return
            self._answers.append((busy, memory))
