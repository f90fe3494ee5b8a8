"""The registry of heads, and a head of a third party from its registration to ``bench check``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import ModuleType

import pytest
import torch
from torch import Tensor

from bench.conformance import check_loss
from bench.conformance.case import Case, Draw, Layout, Padded
from bench.conformance.layouts import layouts
from bench.conformance.task_heads import assert_fits
from bench.plugin import HEADS, Loss, LossInputError, Mismatch, UsageError, register_head
from bench.plugin.registry import losses, register_loss
from losses._shared.numerics import at_least_float32


def test_heads_are_an_ordered_collection_of_names() -> None:
    assert list(HEADS)[:5] == ["events", "points", "heatmap", "instances", "attack"]
    assert "attack" in HEADS
    assert "segments" not in HEADS
    assert HEADS["heatmap"].target_names == "HeatmapTarget or PointTarget"


@pytest.mark.parametrize("name", HEADS)
def test_every_built_in_head_has_a_loss_and_cases(name: str) -> None:
    taking = [losses.get(loss) for loss in losses.names() if name in losses.get(loss).heads]
    assert taking
    for loss in taking:
        for layout in layouts(loss, name):
            case = layout.random(Draw(0, torch.float32), 2, layout.length)
            prediction = case.pack(*case.tensors)
            assert HEADS[name].takes(case.target)
            assert HEADS[name].gives(prediction)
            assert_fits(name, prediction, case.target, 2)


@dataclass(frozen=True)
class Segments:
    """Start and length ``(batch, n)``, in bins."""

    start: Tensor
    length: Tensor


def check_segments(prediction: Segments, target: Segments, upsampling: int) -> None:
    if prediction.start.shape != target.start.shape:
        raise Mismatch("prediction.start", f"has {prediction.start.shape[1]}", "as many segments")


class Few(Layout):
    """Three segments."""

    name, length, unusual = "few", 3, (0, 1)

    def random(self, draw: Draw, batch: int, length: int) -> Case:
        tensors = tuple(draw.uniform((batch, length), 0, 9) for _ in range(4))
        return Case(tensors[:2], Segments, Segments(*tensors[2:]))

    def right(self, case: Case) -> Case:
        return case.with_tensors(case.target.start, case.target.length)

    def wrong(self, case: Case) -> dict[str, Case]:
        return {"later": case.with_tensors(case.target.start + 3, case.target.length)}

    def padded(self, case: Case) -> dict[str, Padded]:
        return {}

    def hostile(self, draw: Draw, batch: int) -> dict[str, Case]:
        case = self.random(draw, batch, 3)
        return {"far away": case.with_tensors(*(tensor + 1e3 for tensor in case.tensors))}


@pytest.fixture
def segments(registries: None) -> type[Loss]:
    register_head(
        "segments",
        targets=Segments,
        prediction=Segments,
        check=check_segments,
        layouts=lambda loss: [Few()],
    )

    @register_loss("segment_error", heads={"segments"}, space={})
    class SegmentError(Loss):
        """Squared error of both ends."""

        source = "made up"

        def __call__(self, prediction: Segments, target: Segments, progress: float = 1.0) -> Tensor:
            start = at_least_float32(prediction.start) - target.start
            length = at_least_float32(prediction.length) - target.length
            return (start.square() + length.square()).sum(1).to(start.dtype)

    return SegmentError


def test_a_loss_of_a_third_party_head_is_checked(segments: type[Loss]) -> None:
    results = check_loss(segments)
    assert {result.name for result in results if result.passed} >= {
        "float64 gradcheck", "prefers the truth", "permutation", "hostile input",
    }  # fmt: skip
    assert [vars(result) for result in results if result.passed is False] == []


def test_its_input_is_checked(segments: type[Loss]) -> None:
    one, two = (Segments(torch.zeros(2, n), torch.zeros(2, n)) for n in (1, 2))
    with pytest.raises(LossInputError, match=r"^segment_error: prediction.start has 1, but"):
        segments()(one, two)
    with pytest.raises(LossInputError, match=r"target is Tensor, but Segments \(segments\) is due"):
        segments()(one, torch.zeros(2))


def test_a_head_without_cases_checks_nothing_and_says_so(segments: type[Loss]) -> None:
    register_head(
        "blank",
        targets=Segments,
        prediction=Segments,
        check=check_segments,
        layouts=lambda loss: [],
    )
    with pytest.raises(UsageError, match="head 'blank' has no layouts, so that 'segment_error' is"):
        layouts(segments, "blank")


def test_a_module_may_be_loaded_again(segments: type[Loss]) -> None:
    again = register_head(
        "segments",
        targets=Segments,
        prediction=Segments,
        check=lambda *arguments: None,
        layouts=lambda loss: [Few()],
    )
    assert HEADS["segments"] is again
    assert list(HEADS).count("segments") == 1


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize(
    ("name", "targets", "message"),
    [
        (
            "events",
            Segments,
            f"head name 'events' in {__name__} is already taken by bench.plugin.event_target",
        ),
        ("My-Head", Segments, "head name 'My-Head' must be lower case with underscores"),
        ("mine", (), "head 'mine' has no class of targets"),
    ],
)
def test_wrong_registrations(name: str, targets: type, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        register_head(
            name, targets=targets, prediction=None, check=check_segments, layouts="module:name"
        )


def test_a_test_leaves_no_head_behind(noop: ModuleType) -> None:
    assert len(HEADS) == 5
