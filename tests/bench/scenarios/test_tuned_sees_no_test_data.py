"""A tuned value owes nothing to the recordings that it is tested on: planted ones are looked for.

The task notes which recordings each trial is given for training, validation and test. Every
replicate splits the same few recordings anew, so that a test recording of one replicate is a
training recording of others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from bench.execution.trainer import run
from bench.planning.plan import Plan, plan
from bench.plugin import Evaluation, EventTarget, Loss, Metric, Splits, Task, register_task

RECORDINGS = 20
PARTS = {"train": slice(0, 12), "validation": slice(12, 16), "test": slice(16, 20)}

seen: dict[str, set[int]] = {part: set() for part in PARTS}
"""Recordings that the trial in progress has been given, by part."""


class Planted:
    """A part of the recordings; recording i is the number i, and who asks for it is noted."""

    def __init__(self, part: str, recordings: np.ndarray) -> None:
        self._part, self._recordings = part, recordings

    def __len__(self) -> int:
        return len(self._recordings)

    def batch(self, indices: Any, draw: Any = None) -> tuple[Tensor, EventTarget]:
        given = self._recordings[np.asarray(indices)]
        seen[self._part] |= set(given.tolist())
        inputs = torch.as_tensor(given, dtype=torch.float32)[:, None]
        return inputs, EventTarget(events=torch.ones(len(inputs), 1, 1), step=0.01)


class Unit(nn.Module):
    """``(batch, 1)`` to probabilities ``(batch, 1, 1)``."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = nn.Linear(1, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.sigmoid(self.unit(inputs / RECORDINGS))[:, None, :]


@pytest.fixture(autouse=True)
def planted(noop: Any) -> None:
    @register_task("planted", heads={"events"}, space={})
    class PlantedTask(Task):
        """Scores depend on the setting and on the recordings at hand."""

        metrics: ClassVar[tuple[Metric, ...]] = (Metric("f1", "max"),)

        @property
        def data_name(self) -> str:
            return "planted recordings"

        def splits(self, replicate: int, head: str) -> Splits:
            order = np.random.default_rng(replicate).permutation(RECORDINGS)
            return Splits(**{part: Planted(part, order[where]) for part, where in PARTS.items()})

        def network(self, head: str, loss: Loss) -> nn.Module:
            return Unit()

        def calibrate(self, network: Any, loss: Loss, validation: Any) -> dict[str, float]:
            return {}

        def evaluate(self, network: Any, loss: Any, split: Any, decoding: Any) -> Evaluation:
            inputs, _ = split.batch(np.arange(len(split)))
            best = float(inputs.mean()) / RECORDINGS / 5
            return Evaluation({"f1": -abs(loss.softness - best)})


class Trained:
    """Results of the trials that were run, with what each was given."""

    def __init__(self) -> None:
        self.validation: dict[str, float | None] = {}
        self.given: dict[str, dict[str, set[int]]] = {}

    def values(self, metric: str) -> dict[str, float | None]:
        assert metric == "validation.f1"
        return self.validation

    def train(self, planned: Plan) -> Plan:
        """Run what is planned until nothing more follows."""
        while left := [p for p in planned.trials if p.trial_id not in self.validation]:
            for one in left:
                for recordings in seen.values():
                    recordings.clear()
                self.validation[one.trial_id] = run(one.trial).metrics["validation.f1"]
                self.given[one.trial_id] = {part: set(found) for part, found in seen.items()}
            planned = planned.after(self)
        return planned

    def learnt_from(self, trials: Iterable[Any]) -> set[int]:
        """Recordings that any of the trials trained on or validated with."""
        given = [self.given[planned.trial_id] for planned in trials]
        return set().union(*(one["train"] | one["validation"] for one in given))


def test_no_test_recording_stood_in_the_search(write_sweep: Callable[..., Path]) -> None:
    file = write_sweep(
        task={"name": "planted"},
        train={"steps": 8, "batch_size": 6, "validations": 2},
        loss=[{"name": "noop"}, {"name": "noop", "softness": 0.1}],
        **{"search": "optuna", "trials": 6, "initial": 3, "batch": 2, "replicates": 4},
    )
    trained = Trained()
    planned = trained.train(plan(str(file), results=trained))
    tuned, fixed = planned.studies
    assert [search.tried for search in tuned.searches] == [6] * 4
    assert [search.tried for search in fixed.searches] == [1] * 4
    for study in planned.studies:
        for search in study.searches:
            behind = [p for p in planned.trials if p.trial_id in search.values]
            tested = trained.given[study.chosen(search) or ""]["test"]
            learnt = trained.learnt_from(behind)
            assert (len(tested), len(learnt)) == (4, 16), "the task notes what it gives"
            assert tested.isdisjoint(learnt)
            assert {p.trial.replicate for p in behind} == {search.replicate}
            # What was looked for can be found: searches of other replicates did see it.
            others = [p for p in study.trials if p.trial.replicate != search.replicate]
            assert tested & trained.learnt_from(others)
