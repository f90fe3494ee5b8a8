"""Trainings whose process is killed ten times end with the bits of one that never was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

KILLS = 10
LOSSES = ["softloc", "cross_entropy", "poisson_binomial"]
_CHILD = f"""
import json, os, random, signal, sys
import torch._dynamo  # the first step of an optimiser would import it in each process
from bench.execution import trainer
from bench.execution.checkpoints import Checkpoints
from bench.planning.trial import Trial
from bench.plugin import TrainSettings, cosine, create_loss, create_task

settings = TrainSettings(
    steps=30, batch_size=8, lr=cosine(1e-2, 1e-4), validations=3, keep="best", device="cpu"
)
draw, seeded = random.Random(0), trainer._seed

def attempt(trial, checkpoints, calls):
    # A process of its own, which kills itself in the middle of a step; its result, if it lives.
    here, there = os.pipe()
    if child := os.fork():
        os.close(there)
        with os.fdopen(here) as result:
            text = result.read()
        os.waitpid(child, 0)
        return text
    left = calls
    def seed(*arguments):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        seeded(*arguments)
    trainer._seed = seed
    found = trainer.run(trial, checkpoints)
    with os.fdopen(there, "w") as result:
        json.dump([found.metrics, found.curve], result)
    os._exit(0)

def warm(trial):
    # Imports of all that a training needs, once; gradients would forbid forks.
    split = trial.task.splits(0, "events").test
    network = trial.task.network("events", trial.loss)
    with torch.no_grad():
        inputs, target = split.batch(torch.arange(2).numpy())
        trial.loss(network(inputs), target)
    decoding = trial.task.calibrate(network, trial.loss, split)
    trial.task.evaluate(network, trial.loss, split, decoding)

def broken_and_whole(loss, folder):
    trial = Trial(
        create_task("puffs", size="tiny"), create_loss(loss), settings, "smoke", 0, "events"
    )
    warm(trial)
    kept = Checkpoints(folder, every=0.0)
    kept.offer()
    whole = attempt(trial, None, 0)
    # Two calls a step: ten processes make 25 steps at most before they are killed.
    texts = [attempt(trial, kept, draw.randint(1, 5)) for _ in range({KILLS})]
    return whole, texts, attempt(trial, kept, 0)

print(json.dumps([broken_and_whole(loss, sys.argv[1]) for loss in {LOSSES}]))
"""


def test_bits_are_those_of_an_unbroken_training(tmp_path: Path) -> None:
    """The task has dropout and an LSTM; learning rate and α change; the best weights are tested."""
    answer = subprocess.run(
        [sys.executable, "-c", _CHILD, str(tmp_path)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert len(found) == len(LOSSES)
    for whole, killed, continued in found:
        assert killed == [""] * KILLS
        assert '"validation.' in whole
        assert continued == whole
