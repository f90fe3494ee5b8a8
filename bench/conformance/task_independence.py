"""Nothing depends on which loss is trained, or on what a task was asked before."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import PARTS, TaskCase
from bench.conformance.task_contents import repeating, row_digests, same, splits_digests
from bench.plugin import Loss


def independent_of_the_loss(case: TaskCase, head: str) -> None:
    """Losses whose outputs are read alike get the same data, samples and metrics.

    Each loss of the head evaluates one and the same network, read by the decoder of the first.
    """
    losses = case.losses(head)
    if len(losses) < 2:
        raise NotApplicable("there is only one loss")
    first = losses[0]
    network = case.network(head, first)
    shapes = {name: weight.shape for name, weight in network.state_dict().items()}
    data, metrics, seen = _of_loss(case, head, network, first, first)
    for loss in losses[1:]:
        own = case.network(head, loss).state_dict()
        if {name: weight.shape for name, weight in own.items()} != shapes:
            continue  # it brings a network of its own, and may read that in its own way
        found, others, inputs = _of_loss(case, head, network, loss, first)
        for part in PARTS:
            assert found[part] == data[part], (
                f"the {part} part is another one for '{loss.plugin_name}' than for "
                f"'{first.plugin_name}'"
            )
        assert inputs == seen, (
            f"'{loss.plugin_name}' is evaluated on {len(inputs)} other samples than "
            f"'{first.plugin_name}' on its {len(seen)}"
        )
        assert same(others, metrics), (
            f"the same output has other metrics for '{loss.plugin_name}' ({others}) than for "
            f"'{first.plugin_name}' ({metrics})"
        )


def _of_loss(
    case: TaskCase, head: str, network: nn.Module, loss: Loss, decoder: Loss
) -> tuple[dict[str, str], dict[str, Any], list[str]]:
    """Digests of the data, metrics, and digests of the inputs that were looked at, sorted."""
    task, stand_in = case.make(), _read_as(loss, decoder)
    task.skip(loss)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        task.network(head, loss)
    splits = case.splits_of(task, head)
    with torch.no_grad(), watched(network) as seen:
        decoding = task.calibrate(network, stand_in, splits.validation)
        found = task.evaluate(network, stand_in, splits.test, decoding)
    return splits_digests(splits), repeating(case.cls, found.metrics), sorted(seen)


def _read_as(loss: Loss, decoder: Loss) -> Loss:
    """``loss`` with another's decoder."""
    cls = type(loss)
    members = {"__module__": cls.__module__, "picks_peaks": property(lambda _: decoder.picks_peaks)}
    found: Loss = type(cls.__name__, (cls,), members)(**loss.options())
    object.__setattr__(found, "decode", decoder.decode)  # options are frozen
    return found


def state(case: TaskCase, head: str) -> None:
    """Data and metrics are the same whatever was asked before: nothing changes task or split."""
    network, loss, task = case.network(head), case.loss(head), case.make()
    options, expected = task.options(), splits_digests(case.splits(head))
    case.splits_of(task, head, 1)
    splits = case.splits_of(task, head)
    _assert_as_before(splits_digests(splits), expected, "splits() of another replicate")
    with torch.no_grad():
        decoding = task.calibrate(network, loss, splits.validation)
        _assert_as_before(splits_digests(splits), expected, "calibrate()")
        first = task.evaluate(network, loss, splits.test, decoding).metrics
        _assert_as_before(splits_digests(splits), expected, "evaluate()")
        task.evaluate(network, loss, splits.validation, decoding)
        _assert_as_before(splits_digests(splits), expected, "evaluate() of validation data")
        again = task.evaluate(network, loss, splits.test, decoding).metrics
        assert same(repeating(case.cls, again), repeating(case.cls, first)), (
            f"evaluating test data after validation data gives {again}, before {first}"
        )
        decided = task.calibrate(network, loss, splits.validation)
        assert same(dict(decided), dict(decoding)), (
            f"calibrating gives {decided} after evaluate(), {decoding} before"
        )
    _assert_as_before(
        splits_digests(case.splits_of(task, head)), expected, "evaluating, for splits(),"
    )
    assert task.options() == options, f"the task's options change to {task.options()}"


def _assert_as_before(found: dict[str, str], expected: dict[str, str], cause: str) -> None:
    for part in PARTS:
        assert found[part] == expected[part], f"{cause} changes the {part} part"


@contextlib.contextmanager
def watched(network: nn.Module) -> Iterator[list[str]]:
    """Digests of all rows that go into a network meanwhile."""
    seen: list[str] = []

    def look(_: nn.Module, arguments: tuple[Any, ...]) -> None:
        if arguments and isinstance(arguments[0], Tensor):
            seen.extend(row_digests(arguments[0]))

    hook = network.register_forward_pre_hook(look)
    try:
        yield seen
    finally:
        hook.remove()
