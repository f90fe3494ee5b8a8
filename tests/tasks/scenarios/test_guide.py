"""The guide *add a task*: its example passes the suite that its last command runs, and learns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from bench.cli.main import app
from bench.plugin import create_loss, create_task

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "add-a-task.md"


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    [text] = re.findall(r"```python\n# stars.py\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    file = tmp_path_factory.mktemp("guide") / "stars.py"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.slow
def test_the_example_passes_the_command_of_the_guide(plugin: Path) -> None:
    assert "\nbench --plugin stars.py check stars\n" in GUIDE.read_text("utf-8")
    found = CliRunner().invoke(app, ["--plugin", str(plugin), "check", "stars"])
    assert found.exit_code == 0, found.output
    assert re.search(r"stars: \d+ checks, 0 failed", found.output)


def test_the_example_learns(plugin: Path) -> None:
    CliRunner().invoke(app, ["--plugin", str(plugin), "list", "tasks"])
    task, loss = create_task("stars"), create_loss("heatmap_matching")
    splits = task.splits(0, "points")
    torch.manual_seed(0)
    network = task.network("points", loss)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    decoding = task.calibrate(network, loss, splits.validation)
    before = task.evaluate(network, loss, splits.test, decoding).metrics
    for step in range(120):
        rows = torch.arange(32) + 32 * (step % 12)
        inputs, target = splits.train.batch(rows.numpy())
        optimizer.zero_grad()
        loss(network(inputs), target, progress=step / 120).mean().backward()
        optimizer.step()
    decoding = task.calibrate(network, loss, splits.validation)
    after = task.evaluate(network, loss, splits.test, decoding).metrics
    assert before["f1_1px"] < 0.2
    assert after["f1_1px"] > 0.5
