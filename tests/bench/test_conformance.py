"""The suite behind ``bench check``: sound losses pass, and each planted defect is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch

from bench.conformance import check_loss, check_task
from bench.plugin import EventTarget, Loss, Uniform
from bench.plugin.registry import losses, tasks


class Sound(Loss):
    """Squared error, which the defects below are planted in."""

    plugin_name = "planted"
    heads = frozenset({"events"})
    source = "made up"
    weight: float = 1.0

    def __call__(
        self, prediction: torch.Tensor, target: EventTarget, progress: float = 1.0
    ) -> torch.Tensor:
        error = (prediction - target.located) ** 2
        if target.mask is not None:
            error = error * target.mask[:, None, :]
        return self.weight * error.sum((1, 2))


class NoSource(Sound):
    """Says nothing of where it comes from."""

    source = ""


class BadSpace(Sound):
    """Its search space does not name valid options."""

    space = {"weight": Uniform(0.0, 1.0), "other": Uniform(0.0, 1.0)}


class Reduced(Sound):
    """One number for the whole batch."""

    def __call__(self, *arguments: Any, **options: Any) -> torch.Tensor:
        return super().__call__(*arguments, **options).mean()


class Detached(Sound):
    """No gradient reaches the network."""

    def __call__(self, prediction: torch.Tensor, *rest: Any, **options: Any) -> torch.Tensor:
        return super().__call__(prediction.detach(), *rest, **options)


class HalfGradient(Sound):
    """Half of the prediction is cut off from the gradient."""

    def __call__(self, prediction: torch.Tensor, *rest: Any, **options: Any) -> torch.Tensor:
        return super().__call__((prediction + prediction.detach()) / 2, *rest, **options)


class Reversed(Sound):
    """Prefers the wrong answer."""

    def __call__(self, *arguments: Any, **options: Any) -> torch.Tensor:
        return -super().__call__(*arguments, **options)


class Leaking(Sound):
    """Divides by what the whole batch costs."""

    def __call__(self, *arguments: Any, **options: Any) -> torch.Tensor:
        value = super().__call__(*arguments, **options)
        return value / value.detach().mean()


class Positional(Sound):
    """Counts the first sample double."""

    def __call__(self, *arguments: Any, **options: Any) -> torch.Tensor:
        value = super().__call__(*arguments, **options)
        return value * torch.cat([torch.full((1,), 2.0), torch.ones(len(value) - 1)]).to(value)


class Unmasked(Sound):
    """Looks behind the mask."""

    def __call__(
        self, prediction: torch.Tensor, target: EventTarget, progress: float = 1.0
    ) -> torch.Tensor:
        return ((prediction - target.events) ** 2).sum((1, 2))


class Logarithm(Sound):
    """Takes the logarithm of zero."""

    def __call__(
        self, prediction: torch.Tensor, target: EventTarget, progress: float = 1.0
    ) -> torch.Tensor:
        value = super().__call__(prediction, target, progress)
        return value - (prediction.log() * target.located).sum((1, 2))


class Moody(Sound):
    """Another value at every call."""

    def __call__(self, *arguments: Any, **options: Any) -> torch.Tensor:
        noise = torch.rand((), generator=GENERATOR)
        return super().__call__(*arguments, **options) * (1 + noise)


class Unfinished(Sound):
    """Divides by what is left of training."""

    def __call__(
        self, prediction: torch.Tensor, target: EventTarget, progress: float = 0.5
    ) -> torch.Tensor:
        value = super().__call__(prediction, target)
        return value / 0.0 if progress == 0.5 else value


class Speechless(Sound):
    """Its decoder drops a bin."""

    def decode(self, prediction: torch.Tensor) -> torch.Tensor:
        return prediction[..., 1:]


GENERATOR = torch.Generator().manual_seed(0)
DEFECTS = {
    NoSource: "documented",
    BadSpace: "search space in range",
    Reduced: "shape and dtype",
    Detached: "finite gradient",
    HalfGradient: "float64 gradcheck",
    Reversed: "prefers the truth",
    Leaking: "permutation",
    Positional: "permutation",
    Unmasked: "padding",
    Logarithm: "hostile input",
    Moody: "deterministic",
    Unfinished: "schedules",
    Speechless: "decoder",
}


def failed(cls: type[Loss]) -> dict[str, str]:
    return {result.name: result.message for result in check_loss(cls) if result.passed is False}


def test_a_sound_loss_passes() -> None:
    assert failed(Sound) == {}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_is_found(cls: type[Loss]) -> None:
    found = failed(cls)
    assert DEFECTS[cls] in found
    assert found[DEFECTS[cls]], "a failure says what is wrong"


@pytest.mark.parametrize("name", ["softloc", "cross_entropy", "heatmap_matching", "soft_argmax"])
def test_losses_of_each_head_pass(name: str) -> None:
    assert failed(losses.get(name)) == {}


def test_tasks_pass(noop: ModuleType) -> None:
    for name in tasks.names():
        assert all(result.passed for result in check_task(tasks.get(name))), name


def test_bench_check_tells_and_exits(call: Callable, noop: ModuleType) -> None:
    good = call("check", "softloc")
    assert good.code == 0
    assert good.out.splitlines()[-1] == "softloc: 13 checks, 0 failed"
    assert "pass  float64 gradcheck [events]" in good.out

    bad = call("check", "noop", "--json")
    assert bad.code == 1
    results = {result["name"]: result for result in json.loads(bad.out)}
    assert results["documented"]["passed"] is False
    assert "name paper, section and equation" in results["documented"]["message"]
