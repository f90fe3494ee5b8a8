"""The guide *add a loss*: its example passes the command that it ends in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.cli.main import app

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "add-a-loss.md"


@pytest.mark.slow
def test_the_example_passes_the_command_of_the_guide(tmp_path: Path) -> None:
    page = GUIDE.read_text("utf-8")
    [text] = re.findall(r"```python\n# huber.py\n(.*?)```", page, re.DOTALL)
    (tmp_path / "huber.py").write_text(text, "utf-8")
    assert "\nbench --plugin huber.py check huber\n" in page
    found = CliRunner().invoke(app, ["--plugin", str(tmp_path / "huber.py"), "check", "huber"])
    assert found.exit_code == 0, found.output
    assert re.search(r"huber: \d+ checks, 0 failed", found.output)
