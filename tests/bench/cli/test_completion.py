"""What Tab offers, asked as a shell asks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("bench run drums-n", ["drums-noise", "drums-noise-tuned"]),
        ("bench show softl", ["softloc"]),
        ("bench reproduce table-5.1", ["table-5.1a", "table-5.1b"]),
        ("bench claims claim-2", ["claim-2", "claim-20"]),
        ("bench repr", ["reproduce"]),
    ],
)
def test_names_are_offered(words: str, offered: list[str]) -> None:
    asked = {"_BENCH_COMPLETE": "complete_bash", "COMP_WORDS": words}
    asked["COMP_CWORD"] = str(len(words.split()) - 1)
    program = "from bench.cli.main import app; app(prog_name='bench')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(done.stdout.split()) == offered
