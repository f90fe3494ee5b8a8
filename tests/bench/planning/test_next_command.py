"""What became of trials and what goes on, said once for all artefacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bench.planning.next_command import alarm, run_command, unfinished_words
from bench.planning.plan import plan

pytestmark = pytest.mark.usefixtures("noop")


@pytest.mark.parametrize(
    ("counts", "words", "alarming"),
    [
        ({"failed": 12}, "12 failed; RUN --failed", True),
        ({"finished": 11, "failed": 1}, "1 failed; RUN --failed", True),
        (
            {"failed": 2, "diverged": 1, "missing": 3},
            "1 diverged, 2 failed, 3 not run; RUN --failed",
            True,
        ),
        (
            {"diverged": 12},
            "12 diverged: the same training would diverge again, so change it, such as by RUN "
            "--set train.lr=LOWER",
            True,
        ),
        ({"finished": 1, "missing": 11}, "11 not run; RUN", False),
        ({"missing": 12}, "12 not run; RUN", False),
        ({"stale": 12}, "12 stale; RUN", True),
        ({"undefined": 12}, "12 undefined", True),
        ({"finished": 10, "diverged": 2}, "2 diverged: the same", False),
        ({"skipped": 12}, "12 skipped", False),
        ({"finished": 10, "skipped": 2}, "", False),
        ({"finished": 12}, "", False),
    ],
)
def test_words(
    counts: Mapping[str, int], words: str, alarming: bool, write_sweep: Callable[..., Path]
) -> None:
    path = write_sweep()
    made = plan(str(path))
    found = unfinished_words(made, counts)
    expected = words.replace("RUN", f"bench run {path}")
    assert found.startswith(expected)
    assert bool(found) == bool(expected)
    assert alarm(made, counts) == (found if alarming else "")


def test_the_command_is_the_users_own(write_sweep: Callable[..., Path]) -> None:
    path = write_sweep("degen")
    assert run_command(plan(str(path), "paper")) == f"bench run {path} --scale paper"
    assert run_command(plan("softness-noise")) == "bench run softness-noise"
