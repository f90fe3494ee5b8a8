"""A declaration is parsed once per process, and again when its text has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.catalogue.kinds import KINDS
from bench.plugin import UsageError
from bench.specs import yaml_file
from bench.specs.claim_entries import entries
from bench.specs.yaml_file import spec_file


def test_the_same_text_is_parsed_once(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    first = spec_file(path)
    assert spec_file(path) is first
    path.write_text("a: 2\n")
    assert spec_file(path).content == {"a": 2}
    assert first.content == {"a": 1}


def test_what_a_reader_does_to_the_content_stays_with_him(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: {b: [1]}\n")
    spec_file(path).content["a"]["b"].append(2)
    assert spec_file(path).content == {"a": {"b": [1]}}


@pytest.mark.parametrize("kind", ["sweeps", "tables", "claims"])
def test_listing_parses_no_file_twice(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[Path] = []

    class Counted(yaml_file.SpecFile):
        def __init__(self, path: Path, text: str) -> None:
            parsed.append(path)
            super().__init__(path, text)

    yaml_file._parsed.cache_clear()
    entries.cache_clear()
    monkeypatch.setattr(yaml_file, "SpecFile", Counted)
    KINDS[kind].entries()
    assert len(parsed) == len(set(parsed)) > 0


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"a\.yaml: cannot be read"):
        spec_file(tmp_path / "a.yaml")
