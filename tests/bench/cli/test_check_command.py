"""``bench check``: options on the command line, plugins of all kinds, exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.plugin import load_file

PLANTED = Path(__file__).parents[1] / "plugins" / "planted.py"
PLUGIN = f'''
"""A task that an option breaks, and a loss beside it."""
import sys
from bench.plugin import Evaluation, Loss, load_file, register_loss, register_task

planted = sys.modules[load_file({str(PLANTED)!r})]


@register_task("given", heads={{"events"}}, space={{}}, label_noise=["noise", "kind"])
class Given(planted.Sound):
    """Evaluates to nothing where it is told to."""

    broken: bool = False

    def evaluate(self, *arguments):
        return Evaluation({{}}) if self.broken else super().evaluate(*arguments)


@register_loss("flat", heads={{"events"}}, space={{}})
class Flat(Loss):
    """Gives the network nothing to learn where it is told to."""

    flat: bool = False

    def __call__(self, prediction, target, progress=1.0):
        return prediction.mean((1, 2)) * (0 if self.flat else 1)
'''


@pytest.fixture
def check(
    call: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[int, dict[str, str]]]]:
    """Exit code, and messages of the checks that failed by their names."""
    path = tmp_path / "given.py"
    path.write_text(PLUGIN)
    monkeypatch.setenv("POINTBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(
        "POINTBENCH_PLUGINS", os.pathsep.join([os.environ["POINTBENCH_PLUGINS"], str(path)])
    )

    def run(*arguments: str) -> tuple[int, dict[str, str]]:
        code, out, errors = call("check", *arguments, "--json")
        assert errors == []
        failed = [result for result in json.loads(out) if result["passed"] is False]
        return code, {result["name"]: result["message"] for result in failed}

    yield run
    del sys.modules[load_file(path)]


def test_options_of_a_task_are_given_by_set(check: Callable) -> None:
    code, failed = check("given", "--set", "broken=true", "--set", "noise=0.5")
    assert code == 1
    assert failed["evaluation"] == "the metric 'f1' is missing"
    assert check("given", "--set", "loudness=4.0") == (0, {})


def test_options_of_a_loss_are_given_by_set(check: Callable) -> None:
    assert "finite gradient" not in check("flat")[1]
    code, failed = check("flat", "--set", "flat=true")
    assert code == 1
    assert failed["finite gradient"].endswith("the gradient is zero everywhere")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nois=1", "drums: unknown option 'nois'; did you mean 'noise'?"),
        ("noise=loud", "drums: option 'noise': 'loud' is not a number of s such as '3 s'"),
        ("noise", "--set needs KEY=VALUE, got 'noise'"),
    ],
)
def test_wrong_options_are_told_in_a_line(call: Callable, given: str, message: str) -> None:
    answer = call("check", "drums", "--set", given)
    assert answer.code == 2
    assert message in "\n".join(answer.errors)
