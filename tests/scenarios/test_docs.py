"""What the documentation points to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.plugin.registry import tasks

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name != "CHANGELOG.md"
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
FILE = re.compile(r"`((?:bench|results|tasks|losses|tests|docs|examples)/[\w/.\-]+\.\w+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_files_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [page.parent / link for link in LINK.findall(text)]
    files = [ROOT / name for name in FILE.findall(text)]
    files = [file for file in files if not re.search(r"NAME|-X\.", file.name)]  # stands for any
    assert [str(path) for path in [*links, *files] if not path.exists()] == []


def test_every_task_has_a_page_and_its_source_in_the_list_of_tasks() -> None:
    text = (ROOT / "docs/tasks/README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| \[(\w+)\]\(\1\.md\) .* \| (.+) \|$", text, re.MULTILINE))
    assert sorted(rows) == tasks.names()
    for name, source in rows.items():
        section = re.search(r"[\d.]+\d", source)
        assert (section[0] if section else source) in tasks.get(name).source


def test_the_walk_is_fifteen_files() -> None:
    steps = re.findall(r"^\d+\. `", (ROOT / "docs/concepts/walk.md").read_text(), re.MULTILINE)
    assert len(steps) == 15
