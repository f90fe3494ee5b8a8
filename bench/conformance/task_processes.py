"""The same data, weights and metrics in a second process, which hashes strings in its own way."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import TaskCase
from bench.conformance.task_contents import (
    digest,
    repeating,
    splits_digests,
    weights_digest,
)
from bench.conformance.task_options import noise_at_work
from bench.conformance.task_preparation import prepared_files
from bench.plugin import Task

_HASH_SEEDS = ("12321", "45654")
_MOST_SECONDS = 900


def second_process(case: TaskCase) -> None:
    """Prepared data, splits, weights and metrics are the same in another process.

    It has another ``PYTHONHASHSEED``, and the same number of threads.
    """
    name = case.cls.__qualname__
    if "<locals>" in name:
        raise NotApplicable("the class is local to a function, where no other process finds it")
    module = sys.modules[case.cls.__module__]
    request = {
        "path": sys.path,
        "module": case.cls.__module__,
        "file": getattr(module, "__file__", None),
        "class": name,
        "options": case.make().options(),
        "threads": torch.get_num_threads(),
    }
    ours = os.environ.get("PYTHONHASHSEED")
    answer = subprocess.run(
        [sys.executable, "-c", f"from {__name__} import answer; answer()"],
        input=json.dumps(request),
        env={
            **os.environ,
            "PYTHONHASHSEED": next(seed for seed in _HASH_SEEDS if seed != ours),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
        capture_output=True,
        text=True,
        timeout=_MOST_SECONDS,
        check=False,
    )
    assert answer.returncode == 0, f"a second process fails:\n{answer.stderr.strip()[-2000:]}"
    theirs, here = json.loads(answer.stdout.splitlines()[-1]), digests(case)
    for what, value in here.items():
        assert theirs[what] == value, (
            f"{what} differ in a second process: are they seeded by `hash` or the time?"
        )


def digests(case: TaskCase) -> dict[str, Any]:
    """What must be the same in every process, by what it is."""
    found: dict[str, Any] = {"prepared data": prepared_files(case.make(), case.folder)}
    try:
        noise = noise_at_work(case)
    except NotApplicable:
        noise = {}
    for head in sorted(case.cls.heads):
        try:
            loss = case.loss(head)
        except NotApplicable:  # the task skips every loss of this head at its defaults
            continue
        network = case.network(head, loss)
        evaluation = case.evaluate(head, network, loss)
        found |= {
            f"splits of head '{head}'": splits_digests(case.splits(head)),
            f"splits of replicate 1 of head '{head}'": splits_digests(case.splits(head, 1)),
            f"noisy labels of head '{head}'": splits_digests(case.splits(head, **noise)),
            f"initial weights of head '{head}'": weights_digest(network),
            f"metrics of head '{head}'": digest(repeating(case.cls, evaluation.metrics)),
        }
    return found


def answer() -> None:
    """Write the digests of the task that standard input describes."""
    request = json.load(sys.stdin)
    sys.path[:] = request["path"]
    torch.set_num_threads(request["threads"])
    cls = _class(request["module"], request["file"], request["class"])
    with tempfile.TemporaryDirectory() as folder:
        found = digests(TaskCase(cls, request["options"], Path(folder)))
    sys.stdout.write("\n" + json.dumps(found) + "\n")


def _class(module: str, file: str | None, name: str) -> type[Task]:
    """A task class by name; from its file where no import finds its module."""
    try:
        found = importlib.import_module(module)
    except ImportError:
        if file is None:
            raise
        spec = importlib.util.spec_from_file_location(module, file)
        if spec is None or spec.loader is None:
            raise
        found = importlib.util.module_from_spec(spec)
        sys.modules[module] = found
        spec.loader.exec_module(found)
    for part in name.split("."):
        found = getattr(found, part)
    return found  # type: ignore[return-value]
