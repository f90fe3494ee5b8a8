"""The suite for tasks behind ``bench check``: a sound one passes, each planted defect is found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from bench.conformance import check_task
from bench.conformance.task_heads import assert_fits
from bench.plugin import (
    Evaluation,
    EventTarget,
    Ge,
    HeatmapTarget,
    InstanceTarget,
    Loss,
    Metric,
    PointPrediction,
    PointTarget,
    Splits,
    Task,
    Uniform,
)

BINS = 12


@dataclass
class Samples:
    """Samples ``first``, …, ``first + count - 1``: noise, with an event in one bin."""

    first: int
    count: int
    shift: float = 0.0

    def __len__(self) -> int:
        return self.count

    def batch(self, indices: Any, draw: Any = None) -> tuple[Tensor, EventTarget]:
        numbers = self.first + np.asarray(indices)
        rows = [np.random.default_rng(number).standard_normal(BINS) for number in numbers]
        events = torch.zeros(len(rows), 1, BINS)
        for row, number in zip(events, numbers, strict=True):
            row[0, int(number + self.shift) % BINS] = 1.0
        return torch.tensor(np.array(rows), dtype=torch.float32), EventTarget(events, 0.01)


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(BINS, BINS)

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.sigmoid(self.layer(inputs))[:, None]


class Sound(Task):
    """Events in noise, which the defects below are planted in."""

    plugin_name = "planted"
    heads = frozenset({"events"})
    source = "made up"
    space = {"noise": Uniform(0.0, 6.0)}
    metrics: ClassVar[tuple[Metric, ...]] = (Metric("error", "min", 0.0, 1.0),)

    size: Literal["full", "tiny"] = "full"
    noise: Annotated[float, Ge(0)] = 0.0

    @property
    def data_name(self) -> str:
        return "noise"

    def data_key(self) -> dict[str, Any]:
        return {"size": self.size}

    def prepare(self, directory: Path) -> None:
        (directory / "numbers").write_text("1 2 3")

    def splits(self, replicate: int, head: str) -> Splits:
        train = Samples(0, 40 if self.size == "full" else 20, self.noise)
        return Splits(train=train, validation=Samples(100, 5), test=Samples(200, 5))

    def network(self, head: str, loss: Loss) -> nn.Module:
        return Network()

    def calibrate(self, network: nn.Module, loss: Loss, validation: Any) -> dict[str, float]:
        return {"threshold": 0.5}

    def evaluate(
        self, network: nn.Module, loss: Loss, split: Any, decoding: dict[str, float]
    ) -> Evaluation:
        inputs, target = split.batch(np.arange(len(split)))
        found = loss.decode(network(inputs))
        return Evaluation({"error": float((found - target.events).abs().mean())})


class Silent(Sound):
    """Names no source."""

    source = ""


class Misspelt(Sound):
    """Reads its options back as others."""

    def options(self) -> dict[str, Any]:
        return {**super().options(), "noise": 1.0}


class Restless(Sound):
    """Every instance has data of its own."""

    def data_key(self) -> dict[str, Any]:
        return {"identity": id(self)}


class OneVersion(Sound):
    """Data of every size have one version."""

    def data_key(self) -> dict[str, Any]:
        return {}


class Random(Sound):
    """Prepares other data every time."""

    def prepare(self, directory: Path) -> None:
        (directory / "numbers").write_text(str(np.random.default_rng().random()))


class Leaking(Sound):
    """Tests on a sample it trains on."""

    def splits(self, replicate: int, head: str) -> Splits:
        own = super().splits(replicate, head)
        return Splits(train=own.train, validation=own.validation, test=Samples(19, 5))


class Shuffled(Sound):
    """Splits by the global generator."""

    def splits(self, replicate: int, head: str) -> Splits:
        own = super().splits(replicate, head)
        first = 1000 * int(torch.randint(1, 100, ()))
        return Splits(train=own.train, validation=own.validation, test=Samples(first, 5))


class Wandering(Samples):
    """Each batch is another one."""

    def batch(self, indices: Any, draw: Any = None) -> tuple[Tensor, EventTarget]:
        inputs, target = super().batch(indices)
        return inputs + torch.rand(()), target


class Augmented(Sound):
    """Draws at random what a training batch holds."""

    def splits(self, replicate: int, head: str) -> Splits:
        own = super().splits(replicate, head)
        return Splits(train=Wandering(0, 20), validation=own.validation, test=own.test)


class Logits(Sound):
    """Its network gives logits."""

    def network(self, head: str, loss: Loss) -> nn.Module:
        return nn.Sequential(nn.Linear(BINS, BINS), nn.Unflatten(1, (1, BINS)))


class Fixed(Sound):
    """Its network starts from the same weights whatever the seed."""

    def network(self, head: str, loss: Loss) -> nn.Module:
        network = Network()
        for weight in network.parameters():
            weight.data.fill_(0.1)
        return network


class Dead(Network):
    """A layer that nothing depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(2, 2)


class HalfDead(Sound):
    """Part of its network is never trained."""

    def network(self, head: str, loss: Loss) -> nn.Module:
        return Dead()


class OutOfRange(Sound):
    """Its metric leaves the range it declares."""

    def evaluate(self, *arguments: Any) -> Evaluation:
        return Evaluation({"error": 3.0 + super().evaluate(*arguments).metrics["error"]})


class Undeclared(Sound):
    """Reports a metric that it does not declare."""

    def evaluate(self, *arguments: Any) -> Evaluation:
        return Evaluation({**super().evaluate(*arguments).metrics, "more": 0.5})


class Learning(Sound):
    """Evaluating trains the network."""

    def evaluate(self, network: nn.Module, *arguments: Any) -> Evaluation:
        evaluation = super().evaluate(network, *arguments)
        for weight in network.parameters():
            weight.data.mul_(0.9)
        return evaluation


class Hiding(Sound):
    """Takes NaN for a bad result."""

    def evaluate(self, *arguments: Any) -> Evaluation:
        error = super().evaluate(*arguments).metrics["error"]
        return Evaluation({"error": 1.0 if np.isnan(error) else error})


class Wordless(Sound):
    """Skips every loss without a reason."""

    def skip(self, loss: Loss) -> str | None:
        return "" if loss.plugin_name == "softloc" else None


class NoisyTest(Sound):
    """Label noise reaches the test labels."""

    def splits(self, replicate: int, head: str) -> Splits:
        own = super().splits(replicate, head)
        test = Samples(200, 5, self.noise)
        return Splits(train=own.train, validation=own.validation, test=test)


class Noiseless(Sound):
    """Label noise reaches nothing."""

    def splits(self, replicate: int, head: str) -> Splits:
        own = super().splits(replicate, head)
        return Splits(train=Samples(0, 20), validation=own.validation, test=own.test)


DEFECTS = {
    Silent: "described",
    Misspelt: "options round trip",
    Restless: "data version",
    OneVersion: "data version",
    Random: "prepared data",
    Leaking: "splits",
    Shuffled: "splits",
    Augmented: "batches",
    Logits: "network",
    Fixed: "network",
    HalfDead: "training step",
    OutOfRange: "evaluation",
    Undeclared: "evaluation",
    Learning: "evaluation",
    Hiding: "broken network",
    Wordless: "skip",
    NoisyTest: "label noise",
    Noiseless: "label noise",
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTBENCH_CACHE", str(tmp_path))


def failed(cls: type[Task]) -> dict[str, str]:
    return {result.name: result.message for result in check_task(cls) if result.passed is False}


def test_a_sound_task_passes() -> None:
    assert [
        (result.name, result.message) for result in check_task(Sound) if not result.passed
    ] == []


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_is_found(cls: type[Task]) -> None:
    found = failed(cls)
    assert DEFECTS[cls] in found
    assert found[DEFECTS[cls]], "a failure says what is wrong"


def test_every_check_of_tasks_has_a_planted_defect() -> None:
    assert {result.name for result in check_task(Sound)} == set(DEFECTS.values())


def test_options_may_be_given() -> None:
    class Picky(Sound):
        """Wants a choice of size."""

        def check_data(self) -> None:
            assert self.size == "full", f"size {self.size}"

    assert "size tiny" in failed(Picky)["splits"]
    assert not [result for result in check_task(Picky, size="full") if result.passed is False]


PROBABILITIES = torch.full((2, 3), 0.5)
FITS = {
    "events": (torch.full((2, 3, 4), 0.5), EventTarget(torch.zeros(2, 3, 4), step=1.0)),
    "points": (
        PointPrediction(torch.rand(2, 5, 2), torch.rand(2, 5, 1), cell=torch.zeros(5, 2)),
        PointTarget(torch.zeros(2, 1, 2), torch.ones(2, 1, dtype=torch.bool)),
    ),
    "heatmap": (torch.zeros(2, 3, 4, 5), HeatmapTarget(torch.zeros(2, 3, 2))),
    "instances": (PROBABILITIES, InstanceTarget(torch.zeros(2).long(), torch.zeros(2, 3))),
}


@pytest.mark.parametrize("head", FITS)
def test_outputs_of_each_head_fit_their_targets(head: str) -> None:
    prediction, target = FITS[head]
    assert_fits(head, prediction, target, 2)
    with pytest.raises(AssertionError):
        assert_fits(head, prediction, target, 3)


@pytest.mark.parametrize(
    ("head", "prediction", "message"),
    [
        ("events", torch.full((2, 3, 5), 0.5), "is due"),
        ("events", torch.full((2, 3, 4), 1.5), r"outside of \[0, 1\]"),
        ("events", torch.full((2, 3, 4), float("nan")), "not finite"),
        ("points", torch.zeros(2, 5, 2), "PointPrediction"),
        (
            "points",
            PointPrediction(torch.rand(2, 5, 3), torch.rand(2, 5, 1)),
            r"\(2, 1, 3\) as in prediction.position",
        ),
        ("points", PointPrediction(torch.rand(2, 5, 2), torch.rand(2, 5, 2)), "channel of each"),
        (
            "points",
            PointPrediction(torch.rand(2, 5, 2) + 3, torch.rand(2, 5, 1), cell=torch.zeros(5, 2)),
            "leave their cells",
        ),
        ("heatmap", torch.zeros(2, 4, 4, 5), "3 keypoints"),
        ("heatmap", torch.zeros(2, 3, 4), "a map of 1 axis"),
        ("instances", torch.full((2, 4), 0.5), "is due"),
    ],
)
def test_outputs_that_do_not_fit_are_told(head: str, prediction: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        assert_fits(head, prediction, FITS[head][1], 2)
