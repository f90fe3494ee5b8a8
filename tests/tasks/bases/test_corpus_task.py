"""A task asks its corpus for what it says of its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from bench.plugin import UsageError
from tasks.bases import CorpusTask


@dataclass(frozen=True)
class Files:
    name: str = "files"
    worlds: int = 3

    def key(self) -> dict[str, Any]:
        return {}

    def check(self) -> None:
        raise UsageError("a file is missing")


class FromFiles(CorpusTask):
    plugin_name = "from_files"

    @property
    def corpus(self) -> Files:
        return Files()


def test_name_worlds_and_check_are_those_of_the_corpus() -> None:
    task = FromFiles()
    assert (task.data_name, task.worlds, task.world(7)) == ("files", 3, 1)
    with pytest.raises(UsageError, match="a file is missing"):
        task.check_data()
