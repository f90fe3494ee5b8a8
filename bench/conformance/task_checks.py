"""What a task promises: its description, its data, its networks and its metrics."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from bench.conformance.loss_options import assert_round_trip
from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import TaskCase, same, some_indices
from bench.conformance.task_heads import assert_fits
from bench.plugin import HEADS, Domain, Split
from bench.plugin.registry import losses

_PARTS = ("train", "validation", "test")
_BATCH = 4


def described(case: TaskCase) -> None:
    """A docstring, a source, heads, named data, and metrics with direction and range."""
    cls = case.cls
    assert cls.__doc__, "the class has no docstring"
    assert cls.source, "`source` is empty: name paper and section"
    assert cls.metrics, "the task declares no metrics"
    assert cls.heads, "the task offers no head"
    assert case.task.data_name, "the data have no name"
    names = [metric.name for metric in cls.metrics]
    assert len(set(names)) == len(names), f"metrics of the same name: {names}"
    for metric in cls.metrics:
        low, high = metric.low, metric.high
        empty = low is not None and high is not None and low >= high
        assert not empty, f"{metric.name}: the range [{low}, {high}] is empty"


def options_round_trip(case: TaskCase) -> None:
    """Options, default or not, survive being written out as JSON and read back."""
    for options in ({}, *_drawn(case)):
        assert_round_trip(case.cls, {**case.options, **options})


def data_version(case: TaskCase) -> None:
    """The data's version is stable, and another one for data of another size."""
    key = case.task.data_key()
    assert json.loads(json.dumps(key)) == key, f"data_key() is no JSON: {key}"
    assert case.make().data_version == case.task.data_version, "the data's version changes"
    if "size" in case.options:
        default = case.cls()
        alike = default.data_version == case.task.data_version
        options = default.options()["size"], case.options["size"]
        assert options[0] == options[1] or not alike, f"sizes {options} have one data version"


def prepared_data(case: TaskCase) -> None:
    """Preparing twice gives the same files to the byte."""
    first, second = (_prepared_files(case, name) for name in ("first", "second"))
    if not first:
        raise NotApplicable("it prepares nothing")
    assert set(second) == set(first), f"files {sorted(first)}, then {sorted(second)}"
    for name, content in first.items():
        assert second[name] == content, f"{name} is not the same again"


def splits(case: TaskCase) -> None:
    """Three parts that share no sample, the same every time, whatever the global seeds are.

    Samples are compared by their inputs, so that a task that draws those of training batches at
    random is checked no further than for validation against test.
    """
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002 - what a task must not draw from
    again = case.task.splits(0, min(case.cls.heads))
    seen: dict[bytes, str] = {}
    for part in _PARTS:
        split: Split = getattr(case.splits, part)
        assert len(split), f"the {part} part is empty"
        assert len(getattr(again, part)) == len(split), f"the {part} part changes its length"
        indices = some_indices(split)
        inputs, target = split.batch(indices)
        assert same(getattr(again, part).batch(indices), (inputs, target)), (
            f"the {part} part is not the same when made again"
        )
        for row in inputs.flatten(1):
            if (row == row[0]).all() and len(row) > 1:  # silence is in every part
                continue
            other = seen.setdefault(row.numpy().tobytes(), part)
            assert other == part, f"a sample is in {other} and in {part}"


def batches(case: TaskCase) -> None:
    """The same indices give the same batch, whatever was asked for before."""
    for part in _PARTS:
        split: Split = getattr(case.splits, part)
        few, last = np.arange(min(_BATCH, len(split))), np.array([len(split) - 1])
        first = split.batch(few)
        assert len(first[0]) == len(few), f"{part}: {len(first[0])} inputs for {len(few)} indices"
        split.batch(last)
        assert same(split.batch(few), first), f"{part}: a batch is another one the second time"


def network(case: TaskCase) -> None:
    """Each head's network fits the target, takes one sample, and follows the global seed."""
    split = case.splits.train
    for head in sorted(case.cls.heads):
        several = len(case.cls.heads) > 1
        made = case.network(head).eval()
        for count in (min(_BATCH, len(split)), 1):
            inputs, target = split.batch(np.arange(count))
            if several and not HEADS[head].takes(target):
                continue  # the labels are for another head
            with torch.no_grad():
                assert_fits(head, made(inputs), target, count)
        weights, again = made.state_dict(), case.network(head).state_dict()
        assert all(same(again[name], weight) for name, weight in weights.items()), (
            "the same global seed gives other weights"
        )
        other = case.network(head, seed=1).state_dict()
        assert not all(same(other[name], weight) for name, weight in weights.items()), (
            "another global seed gives the same weights"
        )


def training_step(case: TaskCase) -> None:
    """Every weight gets a finite gradient from some loss."""
    inputs, target = case.splits.train.batch(np.arange(min(_BATCH, len(case.splits.train))))
    for head in sorted(case.cls.heads):
        if not HEADS[head].takes(target):
            continue
        made = case.network(head).train()
        value = case.loss(head)(made(inputs), target, progress=0.5)
        assert value.shape == (len(inputs),), f"loss of shape {tuple(value.shape)}"
        value.mean().backward()  # type: ignore[no-untyped-call]
        for name, weight in made.named_parameters():
            assert weight.grad is not None, f"weight {name} gets no gradient"
            assert torch.isfinite(weight.grad).all(), f"the gradient of {name} is not finite"


def evaluation(case: TaskCase) -> None:
    """An untrained network has finite metrics, those declared, in range, the same every time.

    Neither calibrating nor evaluating changes the network.
    """
    for head in sorted(case.cls.heads):
        made, loss = case.network(head).eval(), case.loss(head)
        before = {name: weight.clone() for name, weight in made.state_dict().items()}
        metrics = _metrics(case, made, loss)
        declared = [metric.name for metric in case.cls.metrics]
        assert set(metrics) == set(declared), f"metrics {sorted(metrics)}, declared {declared}"
        for metric in case.cls.metrics:
            value = metrics[metric.name]
            assert math.isfinite(value), f"{metric.name} is {value}"
            low = -math.inf if metric.low is None else metric.low
            high = math.inf if metric.high is None else metric.high
            assert low <= value <= high, f"{metric.name} = {value} is outside [{low}, {high}]"
        torch.manual_seed(2)
        assert _metrics(case, made, loss) == metrics, "the metrics of two evaluations differ"
        assert not made.training, "evaluating leaves the network in training mode"
        after = made.state_dict()
        assert all(same(after[name], weight) for name, weight in before.items()), (
            "evaluating changes the network"
        )


def broken_network(case: TaskCase) -> None:
    """A network whose output is NaN has a primary metric of NaN: it failed, it is not bad."""
    primary = case.cls.metrics[0].name
    for head in sorted(case.cls.heads):
        made = case.network(head).eval()
        for weight in made.parameters():
            weight.data.fill_(math.nan)
        value = _metrics(case, made, case.loss(head))[primary]
        assert not math.isfinite(value), f"{primary} is {value} where the output is NaN"


def skips(case: TaskCase) -> None:
    """Whether a loss is skipped is None or a reason."""
    for name in losses.names():
        reason = case.task.skip(losses.get(name)())
        said = reason is None or (isinstance(reason, str) and bool(reason))
        assert said, f"skip({name}) is {reason!r}, neither a reason nor None"


def label_noise(case: TaskCase) -> None:
    """Label noise changes training labels, and nothing else."""
    domain = case.cls.space.get("noise")
    if domain is None:
        raise NotApplicable("no option 'noise' in the search space")
    clean, noisy = (
        case.make(noise=domain.at(f)).splits(0, min(case.cls.heads)) for f in (0.0, 0.99)
    )
    for part in ("validation", "test"):
        indices = some_indices(getattr(clean, part))
        assert same(getattr(noisy, part).batch(indices), getattr(clean, part).batch(indices)), (
            f"label noise reaches the {part} part"
        )
    indices = some_indices(clean.train)
    (inputs, target), (same_inputs, other) = clean.train.batch(indices), noisy.train.batch(indices)
    assert same(same_inputs, inputs), "label noise changes the training inputs"
    assert not same(other, target), "label noise leaves the training labels as they are"


def _prepared_files(case: TaskCase, name: str) -> dict[str, bytes]:
    """Content of the files that the task prepares in a new folder, by their path there."""
    folder = case.folder / name
    folder.mkdir()
    case.task.prepare(folder)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _metrics(case: TaskCase, network: torch.nn.Module, loss: Any) -> dict[str, float]:
    validation = case.splits.validation
    with torch.no_grad():
        decoding = case.task.calibrate(network, loss, validation)
        return case.task.evaluate(network, loss, case.splits.test, decoding).metrics


def _drawn(case: TaskCase) -> list[dict[str, Any]]:
    space: dict[str, Domain] = case.cls.space
    return [
        {option: domain.at(fraction) for option, domain in space.items()}
        for fraction in (0.0, 0.5, 1 - 2.0**-53)
    ]


CHECKS: dict[str, Callable[[TaskCase], None]] = {
    "described": described,
    "options round trip": options_round_trip,
    "data version": data_version,
    "prepared data": prepared_data,
    "splits": splits,
    "batches": batches,
    "network": network,
    "training step": training_step,
    "evaluation": evaluation,
    "broken network": broken_network,
    "skip": skips,
    "label noise": label_noise,
}
