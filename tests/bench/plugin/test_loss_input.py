"""What a loss is given is checked: every registered loss on every head that it takes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import Tensor

import losses
from bench.conformance.case import Case, Draw, Layout
from bench.conformance.evaluate import batch_of, value_of
from bench.conformance.layouts import layouts
from bench.plugin import (
    HEADS,
    EventTarget,
    HeatmapTarget,
    InstanceTarget,
    Loss,
    LossInputError,
    PointPrediction,
    PointTarget,
    create_loss,
    loss_input,
)
from bench.plugin.loss_input import forget
from bench.plugin.registry import losses as registry

CASES = [
    pytest.param(name, head, layout, id=f"{name}-{head}-{layout.name}")
    for name in registry.names()
    for head in sorted(registry.get(name).heads)
    for layout in layouts(registry.get(name), head)
]
PROBABILITIES = [case for case in CASES if HEADS[str(case.values[1])].probabilities is not None]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> set[Any]:
    """Nothing was seen before, and nothing is remembered afterwards."""
    accepted: set[Any] = set()
    monkeypatch.setattr(loss_input, "_accepted", accepted)
    return accepted


def usual(loss: Loss, layout: Layout) -> Case:
    return layout.random(Draw(0, torch.float32), batch_of(loss, 2), 16)


@pytest.mark.parametrize(("name", "head", "layout"), PROBABILITIES)
def test_logits_are_no_probabilities(name: str, head: str, layout: Layout) -> None:
    loss = losses.create(name)
    case = usual(loss, layout)
    logits = case.with_last(torch.logit(case.tensors[-1]))
    message = rf"^{name}: prediction.* outside of \[0, 1\].*\(logits\? apply a sigmoid\)$"
    with pytest.raises(LossInputError, match=message):
        value_of(loss, logits)
    value_of(loss, case)


@pytest.mark.parametrize(("name", "head", "layout"), CASES)
def test_a_batch_of_another_size_is_told(name: str, head: str, layout: Layout) -> None:
    loss = losses.create(name)
    case = usual(loss, layout)
    few = case.rows(torch.arange(loss.views))
    with pytest.raises(LossInputError, match=rf"^{name}: (target|prediction)\S* has shape \("):
        value_of(loss, dataclasses.replace(case, target=few.target))


@pytest.mark.parametrize(("name", "head", "layout"), CASES)
def test_a_missing_batch_axis_is_told(name: str, head: str, layout: Layout) -> None:
    loss = losses.create(name)
    case = usual(loss, layout)
    with pytest.raises(LossInputError, match=rf"^{name}: (target|prediction)\S* has shape \("):
        value_of(loss, case.with_tensors(*(tensor[0] for tensor in case.tensors)))


@pytest.mark.parametrize(("name", "head", "layout"), CASES)
def test_targets_of_another_head_are_told(name: str, head: str, layout: Layout) -> None:
    loss = losses.create(name)
    case = usual(loss, layout)
    for target in (case.tensors[0], None, HEADS[head]):
        with pytest.raises(LossInputError, match=rf"^{name}: target is {type(target).__name__}, "):
            value_of(loss, dataclasses.replace(case, target=target))


@pytest.mark.parametrize(("name", "head", "layout"), CASES)
def test_progress_is_a_share(name: str, head: str, layout: Layout) -> None:
    loss = losses.create(name)
    case = usual(loss, layout)
    value_of(loss, case, progress=0.5)
    for progress in (-0.1, 1.5, 300, float("nan")):
        with pytest.raises(LossInputError, match=rf"^{name}: progress is {progress}, .* 0 to 1"):
            value_of(loss, case, progress)


def test_nan_is_left_for_the_loss_to_report() -> None:
    p = torch.full((2, 1, 7), 0.5)
    p[0, 0, 3] = float("nan")
    value = losses.create("softloc")(p, EventTarget(torch.zeros(2, 1, 7), 0.01))
    assert value.isnan().tolist() == [True, False]


def test_what_lies_behind_a_mask_may_be_anything() -> None:
    p = torch.tensor([[[0.5, 0.5, -7.0, 7.0]]])
    mask = torch.tensor([[True, True, False, False]])
    target = EventTarget(torch.zeros(1, 1, 4), 0.01, mask)
    assert losses.create("cross_entropy")(p, target).isfinite().all()
    assert losses.create("count_mse")(p[0], InstanceTarget(torch.tensor([1]), mask=mask)).isfinite()


def test_rounding_is_no_error() -> None:
    p = torch.tensor([[[1 + 1e-6, -1e-6]]])
    losses.create("cross_entropy")(p, EventTarget(torch.zeros(1, 1, 2), 0.01))


def test_a_loss_of_several_heads_names_those_of_the_target() -> None:
    points = PointTarget(torch.zeros(1, 2, 2), torch.ones(1, 2, dtype=torch.bool))
    message = r"prediction is PointPrediction, but Tensor \(heatmap, with PointTarget\) is due"
    with pytest.raises(LossInputError, match=message):
        losses.create("discrete_heatmap")(
            PointPrediction(torch.zeros(1, 2, 2), torch.zeros(1, 2, 1)), points
        )
    message = r"target is InstanceTarget, but EventTarget \(events\), HeatmapTarget or PointTarget"
    with pytest.raises(LossInputError, match=message):
        losses.create("discrete_heatmap")(torch.zeros(1, 2), InstanceTarget(torch.zeros(1).long()))


@pytest.mark.parametrize("size", [(8, 10), (16, 21), (24, 30)])
def test_an_upsampling_loss_on_a_map_of_another_size_is_an_error(size: tuple[int, int]) -> None:
    loss = losses.create("discrete_heatmap", upsampling=2)
    for target in (
        HeatmapTarget(torch.ones(1, 1, 2), grid=(8, 10)),
        PointTarget(torch.ones(1, 3, 2), torch.ones(1, 3, dtype=torch.bool), grid=(8, 10)),
    ):
        loss(torch.zeros(1, 1, 16, 20), target)
        message = r"\(1, 1, 16, 20\) for target.grid \(8, 10\) and an upsampling of 2 is due"
        with pytest.raises(LossInputError, match=message):
            loss(torch.zeros(1, 1, *size), target)
        with pytest.raises(LossInputError, match=r"target.grid is None, but the input grid"):
            loss(torch.zeros(1, 1, *size), dataclasses.replace(target, grid=None))
    events = EventTarget(torch.zeros(1, 1, 10), 0.01)
    with pytest.raises(LossInputError, match=r"\(1, 1, 20\) for .* and an upsampling of 2 is due"):
        loss(torch.zeros(1, 1, size[1]), events)


def test_a_loss_that_does_not_upsample_needs_a_map_of_the_grids_size() -> None:
    target = HeatmapTarget(torch.ones(1, 1, 2), grid=(8, 10))
    with pytest.raises(LossInputError, match=r"\(1, 1, 8, 10\) for target.grid .*resolution\?"):
        losses.create("soft_argmax")(torch.zeros(1, 1, 16, 20), target)


def test_values_are_looked_at_once_per_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at a value makes an accelerator wait."""
    looks = []
    true_look = loss_input.expect_probabilities

    def look(head: Any, p: Tensor) -> None:
        looks.append(tuple(p.shape))
        true_look(head, p)

    monkeypatch.setattr(loss_input, "expect_probabilities", look)
    loss = losses.create("cross_entropy")
    for _ in range(3):
        for length in (5, 6):
            loss(torch.rand(2, 1, length), EventTarget(torch.zeros(2, 1, length), 0.01))
    assert looks == [(2, 1, 5), (2, 1, 6)]


def test_parameters_are_told_apart_by_shape() -> None:
    loss, target = losses.create("count_mse"), InstanceTarget(torch.tensor([1]))
    loss(torch.nn.Parameter(torch.rand(1, 4)), target)
    with pytest.raises(LossInputError, match="has shape"):
        loss(torch.nn.Parameter(torch.rand(2, 4)), target)


@pytest.mark.parametrize("kind", [tuple, list, torch.Size])
def test_grids_are_told_apart_whatever_holds_them(kind: type) -> None:
    loss = losses.create("soft_argmax")
    loss(torch.zeros(1, 1, 3, 4), HeatmapTarget(torch.ones(1, 1, 2), grid=kind([3, 4])))
    with pytest.raises(LossInputError, match=r"target.grid \(4, 3\)"):
        loss(torch.zeros(1, 1, 3, 4), HeatmapTarget(torch.ones(1, 1, 2), grid=kind([4, 3])))


def test_what_is_remembered_has_a_limit(monkeypatch: pytest.MonkeyPatch, fresh: set[Any]) -> None:
    monkeypatch.setattr(loss_input, "_MOST", 3)
    loss = losses.create("cross_entropy")
    for length in range(1, 9):
        loss(torch.rand(2, 1, length), EventTarget(torch.zeros(2, 1, length), 0.01))
    assert len(fresh) == 3
    with pytest.raises(LossInputError, match="has shape"):
        loss(torch.rand(2, 1, 9), EventTarget(torch.zeros(2, 1, 10), 0.01))


def test_compilers_and_transforms_pass() -> None:
    loss, target = losses.create("soft_argmax"), HeatmapTarget(torch.ones(2, 1, 2), grid=(4, 5))
    logits = torch.randn(2, 1, 4, 5)
    expected = loss(logits, target)
    compiled = torch.compile(lambda x: loss(x, target, 0.5), backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(logits), expected)
    mapped = torch.vmap(lambda x, y: loss(x[None], HeatmapTarget(y[None])))
    torch.testing.assert_close(mapped(logits, target.position)[:, 0], expected)


def test_a_method_may_take_what_it_likes_before_it_is_registered() -> None:
    class Draft(Loss):
        def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> Tensor:
            return torch.as_tensor(prediction)

    assert Draft()(3.0, None) == 3.0


@pytest.mark.parametrize("shape", [(), (2, 1), (2, 1, 5)])
def test_a_result_that_is_not_a_loss_per_sample_is_told(shape: tuple[int, ...]) -> None:
    class Odd(Loss):
        plugin_name = "odd"
        heads = frozenset({"events"})

        def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> Any:
            return torch.zeros(shape)

    with pytest.raises(LossInputError, match=r"odd returned .* for 2 samples, .* shape \(2,\)"):
        Odd()(torch.full((2, 1, 5), 0.5), EventTarget(torch.zeros(2, 1, 5), 0.1))


def test_values_are_looked_at_again_in_another_trial() -> None:
    loss, target = create_loss("cross_entropy"), EventTarget(torch.zeros(2, 1, 5), 0.1)
    logits = torch.full((2, 1, 5), 4.0)
    loss(torch.full((2, 1, 5), 0.5), target)
    loss(logits, target)  # a form that was seen is not looked at
    forget()
    with pytest.raises(LossInputError, match="logits"):
        loss(logits, target)
