"""Comparing what a task gives: equality to the bit, digests, rows of a target."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import torch
from torch import Tensor, nn

from bench.conformance.task_case import PARTS, some_batch
from bench.plugin import Splits, Task


def same(ours: Any, theirs: Any) -> bool:
    """Whether two inputs, targets or predictions are equal to the bit; NaN equals NaN."""
    if isinstance(ours, Tensor) and isinstance(theirs, Tensor):
        alike = ours.shape == theirs.shape and ours.dtype == theirs.dtype
        return alike and bool(torch.allclose(ours, theirs, rtol=0, atol=0, equal_nan=True))
    if dataclasses.is_dataclass(ours) and type(ours) is type(theirs):
        fields = dataclasses.fields(ours)
        return all(same(getattr(ours, f.name), getattr(theirs, f.name)) for f in fields)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, tuple | list) and type(ours) is type(theirs):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return bool(ours == theirs) or (ours != ours and theirs != theirs)


def digest(value: Any) -> str:
    """Hash that is equal for what is the `same`, in this process or another one."""
    hashed = hashlib.sha256()
    _feed(value, hashed)
    return hashed.hexdigest()


def _feed(value: Any, hashed: Any) -> None:
    if isinstance(value, Tensor):
        hashed.update(f"{value.dtype}{tuple(value.shape)}".encode())
        hashed.update(value.detach().cpu().contiguous().numpy().tobytes())
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            _feed(getattr(value, field.name), hashed)
    elif isinstance(value, dict):
        for key in sorted(value):
            hashed.update(repr(key).encode())
            _feed(value[key], hashed)
    elif isinstance(value, tuple | list):
        hashed.update(f"{len(value)}".encode())
        for item in value:
            _feed(item, hashed)
    else:
        hashed.update(repr(value).encode())


def repeating(cls: type[Task], metrics: dict[str, float]) -> dict[str, float]:
    """Metrics without the times among them, which are others when they are measured again."""
    timed = {metric.name for metric in cls.metrics if not metric.repeats}
    return {name: value for name, value in metrics.items() if name not in timed}


def splits_digests(splits: Splits) -> dict[str, str]:
    """Digest of the samples of each part (of some, where there are many), and of its length."""
    return {
        part: digest((len(getattr(splits, part)), some_batch(getattr(splits, part))))
        for part in PARTS
    }


def weights_digest(network: nn.Module) -> str:
    """Digest of all weights and buffers, with their names."""
    return digest(dict(network.state_dict()))


def take(value: Any, rows: Tensor, batch: int) -> Any:
    """Rows of a tensor, or of a dataclass of tensors whose first axis is the batch."""
    if isinstance(value, Tensor):
        return value[rows] if value.dim() and len(value) == batch else value
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return dataclasses.replace(value, **{k: take(v, rows, batch) for k, v in fields.items()})


def batch_size(target: Any) -> int:
    """Samples in a target: the length that its tensors begin with."""
    tensors = [getattr(target, field.name) for field in dataclasses.fields(target)]
    return next(len(tensor) for tensor in tensors if isinstance(tensor, Tensor) and tensor.dim())


def row_digests(inputs: Tensor) -> list[str]:
    """Digest of each row of a batch of inputs."""
    return [digest(row) for row in inputs]
