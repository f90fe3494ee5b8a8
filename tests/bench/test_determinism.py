"""The same trial gives the same bits in any process, under any hash seed."""

import os
import subprocess
import sys

import pytest

_RUN = """
import json, torch
from bench.plan import plan
from bench.training import run
torch.set_num_threads(1)
planned = plan("softness-noise", "smoke", trials=1, overrides={"train.steps": 25})
outcome = run(planned.trials[0].trial)
print(json.dumps([planned.trials[0].trial_id, outcome.metrics, outcome.curve], sort_keys=True))
"""


@pytest.mark.slow
def test_a_trial_is_bit_identical_in_fresh_processes() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", _RUN],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert '"f1"' in outputs[0]
    assert outputs[0] == outputs[1]
