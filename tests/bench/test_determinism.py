"""The same trial gives the same bits in any process, under any hash seed, and on Ray."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from results.store import Store

pytestmark = pytest.mark.slow

STEPS = 25
_RUN = f"""
import json, torch
from bench.plan import plan
from bench.training import run
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
        timeout=300,
    ).stdout


@pytest.fixture(scope="module")
def output() -> str:
    return in_fresh_process("1")


def test_a_trial_is_bit_identical_in_fresh_processes(output: str) -> None:
    assert '"f1"' in output
    assert output == in_fresh_process("2")


@pytest.mark.cluster
@pytest.mark.timeout(400)
def test_a_trial_is_bit_identical_on_ray(output: str, commands: Any) -> None:
    change = ("--trials", 1, "--set", f"train.steps={STEPS}", "--store", commands.store)
    answer = commands.run("run", "softness-noise", "--scale", "smoke", *change)
    assert answer.code == 0, answer.errors
    trial_id, metrics, curve = json.loads(output)
    stored = Store.open(commands.store, create=False).record(trial_id)
    assert stored.metrics == metrics
    assert stored.curve == curve
