"""One trial: its head, its identity, and why it is skipped."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from bench.planning.trial import Trial, head_of, planned_trial
from bench.plugin import TrainSettings, create_loss, create_task


class Reader:
    """Gives outputs for methods without training."""

    def baseline(self, name: str, split: Any) -> Any:
        return name


def test_a_method_without_training_needs_a_task_that_has_its_outputs(noop: ModuleType) -> None:
    class Untrained(noop.NoopLoss):
        trains = False

    class WithOutputs(Reader, noop.Noop):
        pass

    def reason(task: Any) -> str | None:
        return planned_trial(task, Untrained(), TrainSettings(), "laptop", 0).skip_reason

    assert reason(noop.Noop()) == "noop has no outputs of a method without training"
    assert reason(WithOutputs()) is None


def test_the_first_common_head_is_taken() -> None:
    assert head_of(create_task("drums"), create_loss("discrete_heatmap")) == "events"


@pytest.mark.parametrize(
    ("options", "same"),
    [
        ({"softness": 0.1}, True),  # the default, said
        ({"softness": "100 ms"}, True),
        (
            {
                "alpha": {
                    "schedule": "linear",
                    "start": 0.2,
                    "end": 0.9,
                    "begin": 1 / 3,
                    "finish": 0.8,
                }
            },
            True,
        ),
        ({"softness": 0.05}, False),
        ({"alpha": 0.5}, False),
    ],
)
def test_what_is_at_its_default_is_in_no_id(options: dict[str, Any], same: bool) -> None:
    def trial_id(**given: Any) -> str:
        task, loss = create_task("drums"), create_loss("softloc", **given)
        return Trial(task, loss, TrainSettings(), "laptop", 0, "events").trial_id

    assert (trial_id(**options) == trial_id()) is same


def test_constant_schedules_of_one_value_are_one_trial() -> None:
    def trial_id(alpha: Any) -> str:
        task, loss = create_task("drums"), create_loss("softloc", alpha=alpha)
        return Trial(task, loss, TrainSettings(), "laptop", 0, "events").trial_id

    assert trial_id(0.5) == trial_id({"schedule": "constant", "start": 0.5, "end": 0.9})


def test_places_are_in_no_id(noop: ModuleType) -> None:
    def trial_id(root: str | None, device: str) -> str:
        task, loss = noop.Noop(root=root), noop.NoopLoss()
        return Trial(task, loss, TrainSettings(device=device), "laptop", 0, "events").trial_id

    assert trial_id(None, "auto") == trial_id("/data", "cpu")
