"""The same trial gives the same bits in any process, under any hash seed, and on Ray."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from results.store.trial_store import Store

pytestmark = pytest.mark.slow

STEPS = 25
_RUN = f"""
import json, torch
from bench.planning.plan import plan
from bench.execution.trainer import run
torch.set_num_threads(1)
planned = plan("softness-noise", "smoke", trials=1, overrides={{"train.steps": {STEPS}}})
outcome = run(planned.trials[0].trial)
print(json.dumps([planned.trials[0].trial_id, outcome.metrics, outcome.curve], sort_keys=True))
"""


def in_fresh_process(hash_seed: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", _RUN],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    ).stdout


@pytest.fixture(scope="module")
def output() -> str:
    return in_fresh_process("1")


def test_a_trial_is_bit_identical_in_fresh_processes(output: str) -> None:
    assert '"f1"' in output
    assert output == in_fresh_process("2")


def test_prepared_data_do_not_depend_on_the_number_of_threads(tmp_path: Path) -> None:
    run = (
        "from bench.plugin import create_task; print(create_task('drums', size='tiny').prepared())"
    )
    found = []
    for threads in "1", "2", "4":
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        setting = {**dict.fromkeys(names, threads), "POINTBENCH_CACHE": str(tmp_path / threads)}
        answer = subprocess.run(
            [sys.executable, "-c", run],
            env=os.environ | setting,
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
        folder = Path(answer.stdout.strip())
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert len(found[0]) > 1
    assert found[0] == found[1] == found[2]


@pytest.mark.cluster
@pytest.mark.timeout(1200)
def test_a_trial_is_bit_identical_on_ray(output: str, commands: Any) -> None:
    change = ("--trials", 1, "--set", f"train.steps={STEPS}", "--store", commands.store)
    answer = commands.run("run", "softness-noise", "--scale", "smoke", *change)
    assert answer.code == 0, answer.errors
    trial_id, metrics, curve = json.loads(output)
    stored = Store.open(commands.store, create=False).record(trial_id)
    assert stored.metrics == metrics
    assert stored.curve == curve
