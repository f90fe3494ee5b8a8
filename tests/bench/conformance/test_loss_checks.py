"""The suite for losses behind ``bench check``: sound ones pass, each planted defect is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

from bench.conformance import check_loss
from bench.plugin import (
    EventTarget,
    HeatmapTarget,
    Loss,
    PointPrediction,
    PointTarget,
    Scheduled,
    Uniform,
    constant,
)


def _masked(prediction: Tensor, target: EventTarget) -> Tensor:
    """At least float32, 0 on padding."""
    prediction = target.masked(prediction)
    half = prediction.dtype in (torch.float16, torch.bfloat16)
    return prediction.float() if half else prediction


class Sound(Loss):
    """Squared error, which the defects below are planted in."""

    plugin_name = "planted"
    heads = frozenset({"events"})
    source = "made up"
    weight: float = 1.0

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        prediction = _masked(prediction, target)
        return self.weight * ((prediction - target.located) ** 2).sum((1, 2))


class SoundPair(Sound):
    """Compares the expected counts of two views."""

    views = 2

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        count = target.masked(prediction).sum(
            (1, 2), dtype=torch.promote_types(prediction.dtype, torch.float32)
        )
        return (count[0::2] - count[1::2]).square().repeat_interleave(2)


class Untrained(Sound):
    """Has no objective, only outputs that a task gives."""

    trains = False

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        raise NotImplementedError


class NoSource(Sound):
    """Says nothing of where it comes from."""

    source = ""


class Forgetful(Sound):
    """Writes its schedule out as one number."""

    slope: Scheduled = constant(1.0)
    space = {"weight": Uniform(0.5, 1.0)}

    def options(self) -> dict[str, Any]:
        return {**super().options(), "weight": 1.0}


class BadSpace(Sound):
    """Its search space does not name valid options."""

    space = {"weight": Uniform(0.0, 1.0), "other": Uniform(0.0, 1.0)}


class InfiniteAtAnEnd(Sound):
    """Divides by an option that may be zero."""

    space = {"weight": Uniform(0.0, 1.0)}

    def __call__(self, *arguments: Any, **options: Any) -> Tensor:
        return super().__call__(*arguments, **options) / self.weight**2


class Reduced(Sound):
    """One number for the whole batch."""

    def __call__(self, *arguments: Any, **options: Any) -> Tensor:
        return super().__call__(*arguments, **options).mean()


class Detached(Sound):
    """No gradient reaches the network."""

    def __call__(self, prediction: Tensor, *rest: Any, **options: Any) -> Tensor:
        return super().__call__(prediction.detach(), *rest, **options)


class HalfGradient(Sound):
    """Half of the prediction is cut off from the gradient."""

    def __call__(self, prediction: Tensor, *rest: Any, **options: Any) -> Tensor:
        return super().__call__((prediction + prediction.detach()) / 2, *rest, **options)


class _Square(torch.autograd.Function):
    """Its backward pass hides from autograd how the gradient depends on the error."""

    @staticmethod
    def forward(ctx: Any, error: Tensor) -> Tensor:
        ctx.save_for_backward(error)
        return error**2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return 2 * grad * ctx.saved_tensors[0]


class OnceDifferentiable(Sound):
    """Differentiated twice, it silently gives zero."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        prediction = _masked(prediction, target)
        return _Square.apply(prediction - target.located.to(prediction)).sum((1, 2))


class PartlyOnceDifferentiable(Sound):
    """Differentiated twice, it silently gives only one of its two terms."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        hidden = _Square.apply(target.masked(prediction)).sum((1, 2))
        return super().__call__(prediction, target) + hidden


class _RefusingSquare(torch.autograd.Function):
    """Says that it does not know its second derivative."""

    @staticmethod
    def forward(ctx: Any, error: Tensor) -> Tensor:
        ctx.save_for_backward(error)
        return error**2

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            raise RuntimeError("differentiate once only")
        return 2 * grad * ctx.saved_tensors[0]


class Refusing(Sound):
    """Sound, but raises when it is to be differentiated twice."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        prediction = _masked(prediction, target)
        return _RefusingSquare.apply(prediction - target.located.to(prediction)).sum((1, 2))


class Absolute(Sound):
    """Piecewise linear, so that its second derivatives are zero."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        prediction = _masked(prediction, target)
        return (prediction - target.located).abs().sum((1, 2))


class Cancelling(Sound):
    """Adds and takes off a large number, which float32 does not survive."""

    def __call__(self, *arguments: Any, **options: Any) -> Tensor:
        return super().__call__(*arguments, **options) + 1e6 - 1e6


class Reversed(Sound):
    """Prefers the wrong answer."""

    def __call__(self, *arguments: Any, **options: Any) -> Tensor:
        return -super().__call__(*arguments, **options)


class ReversedPair(SoundPair):
    """Prefers views that disagree."""

    def __call__(self, *arguments: Any, **options: Any) -> Tensor:
        return -super().__call__(*arguments, **options)


class Leaking(Sound):
    """Divides by what the whole batch costs."""

    def __call__(self, *arguments: Any, **options: Any) -> Tensor:
        value = super().__call__(*arguments, **options)
        return value / value.detach().mean()


class LeakingPair(SoundPair):
    """Compares every view with the first one of the batch."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        count = target.masked(prediction).sum((1, 2))
        return (count - count[0]).square()


class Positional(Sound):
    """Counts the first sample double."""

    def __call__(self, *arguments: Any, **options: Any) -> Tensor:
        value = super().__call__(*arguments, **options)
        return value * torch.cat([torch.full((1,), 2.0), torch.ones(len(value) - 1)]).to(value)


class Unmasked(Sound):
    """Looks behind the mask."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        return ((prediction - target.events) ** 2).sum((1, 2))


class HalfMasked(Sound):
    """Masks by multiplication, so that NaN behind the mask comes through."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        mask = 1.0 if target.mask is None else target.mask[:, None, :].to(prediction)
        return ((prediction * mask - target.located) ** 2).sum((1, 2))


class Logarithm(Sound):
    """Takes the logarithm of zero."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        value = super().__call__(prediction, target, progress)
        return value - (prediction.log() * target.located).sum((1, 2))


class Averaged(Sound):
    """Divides by the number of bins, which may be zero."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        error = (target.masked(prediction.float()) - target.located) ** 2
        return (error.to(target.located).sum((1, 2))) / error[0].numel()


class Exponential(Sound):
    """Overflows in half precision."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        return super().__call__(prediction, target) + (20 * prediction).exp().mean((1, 2))


class Coarse(Sound):
    """Multiplies matrices, which autocast does in eight bits."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        error = target.masked(prediction) - target.located.to(prediction)
        large = (1000 + error) @ torch.ones(error.shape[-1], 1).to(error)
        return super().__call__(prediction, target) + (large - 1000 * error.shape[-1]).abs().sum(
            (1, 2)
        )


class Strided(Sound):
    """Reads memory in the order it lies in."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        if not prediction.is_contiguous():
            prediction = prediction.flip(-1)
        return super().__call__(prediction, target)


class Writing(Sound):
    """Clamps the labels in place."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        if target.events is not None:
            target.events.mul_(0.5)
        return super().__call__(prediction, target)


class Hiding(Sound):
    """Turns NaN into a number."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        return super().__call__(prediction.nan_to_num(), target)


class Moody(Sound):
    """Another value at every call."""

    def __call__(self, *arguments: Any, **options: Any) -> Tensor:
        noise = torch.rand((), generator=GENERATOR)
        return super().__call__(*arguments, **options) * (1 + noise)


class Unfinished(Sound):
    """Divides by what is left of training."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 0.5) -> Tensor:
        value = super().__call__(prediction, target)
        return value / 0.0 if progress == 0.5 else value


class Speechless(Sound):
    """Its decoder drops a bin."""

    def decode(self, prediction: Tensor) -> Tensor:
        return prediction[..., 1:]


class Late(Sound):
    """Its decoder is one bin late."""

    def decode(self, prediction: Tensor) -> Tensor:
        return prediction.roll(1, -1)


class Plane(Loss):
    """Heatmaps over two axes only, whose coordinates it takes for x and y."""

    plugin_name = "plane"
    heads = frozenset({"heatmap"})
    source = "made up"

    def __call__(self, prediction: Tensor, target: HeatmapTarget, progress: float = 1.0) -> Tensor:
        weight = prediction.flatten(2).softmax(-1).view(prediction.shape)
        axes = [torch.arange(size).to(prediction) for size in prediction.shape[2:]]
        found = torch.stack(
            [(weight.sum(-2) * axes[1]).sum(-1), (weight.sum(-1) * axes[0]).sum(-1)]
        )
        return (found.movedim(0, -1) - target.position).abs().sum((1, 2))

    def decode(self, prediction: Tensor) -> PointPrediction:
        return PointPrediction(torch.zeros(*prediction.shape[:2], 2), torch.ones(1))


class OneChannel(Loss):
    """Points whose channels it forgets."""

    plugin_name = "one_channel"
    heads = frozenset({"points"})
    source = "made up"
    needs_locations = False

    def __call__(
        self, prediction: PointPrediction, target: PointTarget, progress: float = 1.0
    ) -> Tensor:
        return (prediction.p[..., 0].sum(-1) - target.mask.sum(-1)).square()


GENERATOR = torch.Generator().manual_seed(0)
DEFECTS = {
    NoSource: "documented",
    Forgetful: "options round trip",
    BadSpace: "search space in range",
    InfiniteAtAnEnd: "search space",
    Reduced: "shape and dtype",
    Detached: "finite gradient",
    HalfGradient: "float64 gradcheck",
    OnceDifferentiable: "second derivatives",
    PartlyOnceDifferentiable: "second derivatives",
    Cancelling: "single precision",
    Reversed: "prefers the truth",
    ReversedPair: "prefers the truth",
    Plane: "prefers the truth",
    OneChannel: "prefers the truth",
    Leaking: "permutation",
    LeakingPair: "permutation",
    Positional: "permutation",
    Unmasked: "padding",
    HalfMasked: "padding",
    Logarithm: "hostile input",
    Averaged: "sizes",
    Exponential: "low precision",
    Coarse: "low precision",
    Strided: "non-contiguous",
    Writing: "untouched input",
    Hiding: "NaN is reported",
    Moody: "deterministic",
    Unfinished: "schedules",
    Speechless: "decoder",
    Late: "decoder",
}


def failed(cls: type[Loss]) -> dict[str, str]:
    return {result.name: result.message for result in check_loss(cls) if result.passed is False}


@pytest.mark.parametrize("cls", [Sound, SoundPair, Absolute, Refusing])
def test_a_sound_loss_passes(cls: type[Loss]) -> None:
    assert failed(cls) == {}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_is_found(cls: type[Loss]) -> None:
    found = failed(cls)
    assert DEFECTS[cls] in found
    assert found[DEFECTS[cls]], "a failure says what is wrong"


def test_a_method_without_training_has_no_objective_to_check() -> None:
    applied = {result.name for result in check_loss(Untrained) if result.passed is not None}
    assert applied == {"documented", "options round trip", "search space in range"}
    assert failed(Untrained) == {}


def test_a_wrong_second_derivative_is_all_that_is_wrong() -> None:
    assert failed(OnceDifferentiable) == {
        "second derivatives": "located: torch.float64: the graph of the gradient "
        "(create_graph=True) does not reach the prediction"
    }
    assert "off by" in failed(PartlyOnceDifferentiable)["second derivatives"]


def test_every_check_of_losses_has_a_planted_defect() -> None:
    assert {result.name for result in check_loss(Sound)} == set(DEFECTS.values())


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    check_loss(Sound)
    assert torch.equal(torch.rand(3), expected)


def test_bench_check_tells_and_exits(call: Callable, noop: ModuleType) -> None:
    good = call("check", "softloc")
    assert good.code == 0
    assert good.out.splitlines()[-1] == "softloc: 21 checks, 0 failed"
    assert "pass  float64 gradcheck [events]" in good.out

    bad = call("check", "noop_points", "--json")
    assert bad.code == 1
    results = {result["name"]: result for result in json.loads(bad.out)}
    assert results["documented"]["passed"] is False
    assert "name paper, section and equation" in results["documented"]["message"]
