"""Label noise: in training labels and nowhere else, declared, and on common draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import (
    PARTS,
    TaskCase,
    generator,
    global_seeds,
    some_batch,
    some_rows,
)
from bench.conformance.task_contents import same
from bench.conformance.task_labels import form, label_count
from bench.conformance.task_options import free_options, noise_at_work, other_values, quiet
from bench.plugin import EventTarget, Task


@dataclass(frozen=True)
class _Data:
    """Some samples of each part by its name; ``drawn`` are training samples with draws."""

    inputs: dict[str, Any]
    labels: dict[str, Any]


def label_noise(case: TaskCase, head: str) -> None:
    """Every option declared as label noise changes training labels, and nothing else."""
    case = quiet(case)
    noise = noise_at_work(case)
    clean = _data(case, head)
    changed = set()
    for base in ({}, noise):
        for option, before, after in _changes(case, head, case.cls.label_noise, base):
            for part in ("validation", "test"):
                found = after.inputs[part], after.labels[part]
                assert same(found, (clean.inputs[part], clean.labels[part])), (
                    f"label noise '{option}' reaches the {part} part{_beside(base, option)}"
                )
            assert same(after.inputs, before.inputs), (
                f"label noise '{option}' changes the training inputs"
            )
            if not same(after.labels, before.labels):
                changed.add(option)
    drawn = clean.labels["drawn"]
    if not changed and isinstance(drawn, EventTarget) and drawn.events is None:
        raise NotApplicable("training labels are counts, which it leaves as they are")
    for option in case.cls.label_noise:
        assert option in changed, f"label noise '{option}' leaves the training labels as they are"


def undeclared_noise(case: TaskCase, head: str) -> None:
    """An option that changes training labels and nothing else is declared as label noise.

    One that moves labels of every part, though the inputs stay, is label noise that leaks.
    """
    case = quiet(case)
    try:
        noise = noise_at_work(case)
    except NotApplicable:
        noise = {}
    others = [option for option in free_options(case) if option not in case.cls.label_noise]
    for base in ({}, *([noise] if noise else [])):
        for option, before, after in _changes(case, head, others, base):
            if not same(after.inputs, before.inputs):
                continue
            if any(form(after.labels[p]) != form(before.labels[p]) for p in after.labels):
                continue
            touched = [p for p in PARTS if not same(after.labels[p], before.labels[p])]
            drawn = not same(after.labels["drawn"], before.labels["drawn"])
            only_training = touched == ["train"] or (drawn and not touched)
            assert not only_training, (
                f"option '{option}' changes training labels and nothing else, but is not declared: "
                f"@register_task(…, label_noise=['{option}'])"
            )
            moved = [
                part
                for part in touched
                if part != "train"
                and same(label_count(after.labels[part]), label_count(before.labels[part]))
            ]
            assert not moved, (
                f"option '{option}' moves labels of the {moved[0]} part and changes no input: "
                "label noise belongs in training labels alone"
            )


def _changes(
    case: TaskCase, head: str, options: Iterable[str], noise: dict[str, Any]
) -> Iterator[tuple[str, _Data, _Data]]:
    """Each option, and data before and after it changes beside other label noise."""
    prepares = case.cls.prepare is not Task.prepare
    version = case.make().data_version
    for option in options:
        base = {name: value for name, value in noise.items() if name != option}
        before = _data(case, head, **base)
        for value in other_values(case, option):
            other = case.make(**{option: value}).data_version != version
            if prepares and other and option not in case.cls.label_noise:
                continue  # it has data of its own, which may take long to prepare
            yield option, before, _data(case, head, **base, **{option: value})


def _beside(noise: dict[str, Any], option: str) -> str:
    others = [name for name in noise if name != option]
    return f", together with {', '.join(others)}" if others else ""


def _data(case: TaskCase, head: str, **changes: Any) -> _Data:
    splits = case.splits(head, **changes)
    found = {part: some_batch(getattr(splits, part)) for part in PARTS}
    with global_seeds(case.seed):
        found["drawn"] = splits.train.batch(some_rows(splits.train), generator(3))
    return _Data(
        {part: inputs for part, (inputs, _) in found.items()},
        {part: target for part, (_, target) in found.items()},
    )
