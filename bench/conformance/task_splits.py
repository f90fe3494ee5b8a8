"""Training, validation and test data: the same every time, apart, and another set per replicate."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import (
    PARTS,
    TaskCase,
    batches,
    generator,
    global_seeds,
    some_rows,
    training_batch,
)
from bench.conformance.task_contents import digest, same, splits_digests
from bench.conformance.task_options import noise_at_work
from bench.plugin import Split

_BATCH = 16
_MOST = 4096
_SKETCH = 8
_NEAR = 1e-4
"""Two samples are one where they are so much nearer than any two are in the median."""


def splits(case: TaskCase, head: str) -> None:
    """Three parts, none of them empty, the same every time, whatever the global seeds are."""
    first = case.splits(head)
    digests = splits_digests(first)
    for part in PARTS:
        assert len(getattr(first, part)), f"the {part} part is empty"
    again = splits_digests(dataclasses.replace(case, seed=1).splits(head))
    for part in PARTS:
        assert again[part] == digests[part], (
            f"the {part} part is not the same when made again: does it draw from global generators?"
        )


def replicates(case: TaskCase, head: str) -> None:
    """Replicates differ: in the data, in their split, or in the draws of the label noise."""
    try:
        noise = noise_at_work(case)
    except NotApplicable:
        noise = {}
    first, second = (splits_digests(case.splits(head, replicate, **noise)) for replicate in (0, 1))
    assert first != second, (
        "replicates 0 and 1 have the same data, split and labels: splits() ignores its replicate"
    )


def no_shared_samples(case: TaskCase, head: str) -> None:
    """No sample is in two parts, as it is or all but as it is.

    Samples are compared by their inputs; those without variation, such as silence, are not.
    Unlabelled samples may be training samples.
    """
    parts = case.splits(head)
    names = [*PARTS, *(["unlabelled"] if parts.unlabelled is not None else [])]
    sketches = {name: _sketch(getattr(parts, name)) for name in names}
    kinds = {sketch.shape[1] for sketch in sketches.values()}
    assert len(kinds) == 1, f"inputs of parts of {kinds} numbers"
    everything = np.concatenate(list(sketches.values()))
    if len(everything) < 2:
        raise NotApplicable("the inputs do not vary")
    shuffled = everything[np.random.default_rng(0).permutation(len(everything))]
    typical = float(np.median(np.linalg.norm(everything - shuffled, axis=1)))
    for ours, theirs in (("train", "validation"), ("train", "test"), ("validation", "test"),
                         ("unlabelled", "validation"), ("unlabelled", "test")):  # fmt: skip
        if min(len(sketches.get(name, ())) for name in (ours, theirs)) == 0:
            continue
        distance, _ = cKDTree(sketches[ours]).query(sketches[theirs])
        shared = int((distance <= _NEAR * typical).sum())
        nearly = "" if distance.min() == 0 else "nearly "
        assert not shared, f"{shared} samples of {theirs} are {nearly}the same in {ours}"


def draws(case: TaskCase, head: str) -> None:
    """The same rows give the same batch, whatever was asked for before.

    In training, all that is random about a batch comes from the generator it is given.
    """
    task = case.make()
    parts = case.splits_of(task, head)
    for part in PARTS:
        split: Split = getattr(parts, part)
        few, last = some_rows(split, _BATCH), np.array([len(split) - 1])
        with global_seeds(1):
            first = split.batch(few)
        assert len(first[0]) == len(few), f"{part}: {len(first[0])} inputs for {len(few)} rows"
        split.batch(last)
        with global_seeds(2):
            again = split.batch(few)
        assert same(again, first), f"{part}: a batch is another one the second time"
    few = some_rows(parts.train, _BATCH)
    drawn = []
    for seed in (1, 2):
        with global_seeds(seed):
            drawn.append(parts.train.batch(few, generator(5)))
    assert same(*drawn), "batch(rows, draw) differs where `draw` is the same: it draws elsewhere"
    plain = digest(parts.train.batch(few))
    augmented = []
    for seed in (1, 2):
        with global_seeds(seed):
            augmented.append(training_batch(task, parts, _BATCH))
    assert same(*augmented), "augment() differs where `draw` is the same: it draws elsewhere"
    assert digest(parts.train.batch(few)) == plain, "augment() changes the training data"


def _sketch(split: Split) -> np.ndarray:
    """Projections of samples that vary on a few random directions, ``(sample, direction)``."""
    found = [torch.empty(0, _SKETCH, dtype=torch.float64)]
    for inputs, _ in batches(split, _MOST):
        flat = _numbers(inputs)
        varied = (flat != flat[:, :1]).any(1)
        directions = np.random.default_rng(0).standard_normal((flat.shape[1], _SKETCH))
        found.append(flat[varied] @ torch.from_numpy(directions) / np.sqrt(flat.shape[1] or 1))
    return torch.cat(found).numpy()


def _numbers(inputs: Tensor) -> Tensor:
    return inputs.detach().flatten(1).double().cpu()
