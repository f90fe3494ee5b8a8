"""Prepared data: the same every time, and described by `data_key`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import PARTS, TaskCase, batches
from bench.conformance.task_contents import row_digests
from bench.conformance.task_options import free_options, other_values
from bench.plugin import Task, UsageError

_MOST = 4096


def data_version(case: TaskCase) -> None:
    """The data's version is stable, and another one for data of another size.

    Label noise does not enter it, or every level of noise would prepare the data anew.
    """
    key = case.make().data_key()
    assert json.loads(json.dumps(key)) == key, f"data_key() is no JSON: {key}"
    version = case.make().data_version
    assert case.make().data_version == version, "the data's version changes"
    if "size" in case.options:
        default = case.cls()
        options = default.options()["size"], case.options["size"]
        alike = default.data_version == version and options[0] != options[1]
        assert not alike, f"sizes {options} have one data version"
    for option in case.cls.label_noise:
        for value in other_values(case, option):
            assert case.make(**{option: value}).data_version == version, (
                f"data_key() holds '{option}', which is label noise and changes no prepared data"
            )


def data_key_is_complete(case: TaskCase) -> None:
    """Options that change the prepared data change their version.

    Where a task prepares nothing but has a data key, it is held against the inputs that it splits.
    """
    version = case.make().data_version
    unkeyed = {
        option: value
        for option in free_options(case)
        for value in other_values(case, option, 1)
        if case.make(**{option: value}).data_version == version
    }
    if not unkeyed:
        raise NotApplicable("the data version changes with every option")
    before = prepared_files(case.make(), case.folder)
    if before:
        option = _culprit(case, unkeyed, before)
        if option is not None and prepared_files(case.make(), case.folder) != before:
            raise NotApplicable("it prepares other data every time")
        assert option is None, _forgotten(option, "the prepared data")
        return
    if case.cls.data_key is Task.data_key:
        raise NotApplicable("it prepares nothing, and has no data key")
    inputs = _inputs(case)
    for option, value in unkeyed.items():
        others = _inputs(case, **{option: value})
        assert inputs <= others or others <= inputs, _forgotten(option, "the inputs")


def prepared_data(case: TaskCase) -> None:
    """Preparing twice gives the same files to the byte."""
    first, second = (prepared_files(case.make(), case.folder) for _ in range(2))
    if not first:
        raise NotApplicable("it prepares nothing")
    assert set(second) == set(first), f"files {sorted(first)}, then {sorted(second)}"
    for name, content in first.items():
        assert second[name] == content, f"{name} is not the same again"


def worlds(case: TaskCase) -> None:
    """Replicates in different worlds have no sample in common."""
    if case.make().worlds == 1:
        raise NotApplicable("its data exist once")
    shared = _inputs(case) & _inputs(case, replicate=1)
    assert not shared, (
        f"replicates 0 and 1, each in a world of its own, have {len(shared)} samples in common"
    )


def prepared_files(task: Task, parent: Path) -> dict[str, str]:
    """Digest of each file that the task prepares in a new folder, by its path there."""
    folder = parent / f"prepared-{len(list(parent.iterdir()))}"
    folder.mkdir()
    task.prepare(folder, 0)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _culprit(case: TaskCase, changes: dict[str, Any], before: dict[str, str]) -> str | None:
    """An option whose change changes the prepared files; all are changed at once where they go
    together, since preparing may take long."""
    try:
        if prepared_files(case.make(**changes), case.folder) == before:
            return None
    except UsageError:
        pass
    for option, value in changes.items():
        if prepared_files(case.make(**{option: value}), case.folder) != before:
            return option
    return None


def _forgotten(option: str | None, what: str) -> str:
    return f"option '{option}' changes {what}, but data_key() does not hold it"


def _inputs(case: TaskCase, replicate: int = 0, **changes: Any) -> set[str]:
    """Digests of all samples of a replicate, whatever part they are in.

    Raises:
        NotApplicable: there are too many of them.
    """
    splits = case.splits(min(case.cls.heads), replicate, **changes)
    parts = [getattr(splits, part) for part in PARTS]
    if sum(map(len, parts)) > _MOST:
        raise NotApplicable(f"more than {_MOST} samples")
    return {
        row for split in parts for inputs, _ in batches(split, _MOST) for row in row_digests(inputs)
    }
