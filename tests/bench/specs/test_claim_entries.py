"""Entries of claims: the catalogue's numbers, names on the command line, mistakes in a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.plugin import UsageError
from bench.specs.claim_entries import entries, find, read

CLAIMS = [claim for entry in entries() for claim in entry.claims]


def test_every_number_of_the_catalogue_is_declared() -> None:
    assert [entry.number for entry in entries()] == list(range(1, 21))
    ids = [claim.id for claim in CLAIMS]
    assert len(set(ids)) == len(ids)
    for entry in entries():
        letters = [claim.id.removeprefix(str(entry.number)) for claim in entry.claims]
        assert letters in ([""], list("abcdefgh"[: len(letters)]))


def test_names_of_claims() -> None:
    assert [claim.id for claim in find("claim-8")] == [claim.id for claim in find("8")]
    assert [claim.id for claim in find("8a")] == ["8a"]
    with pytest.raises(UsageError, match="unknown claim 'claim-88'; did you mean 'claim-8'"):
        find("claim-88")


def test_claims_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "entries:\n"
        "  - {number: 101, title: t, claims: [{id: 101a, title: t, source: s, proof: p}]}\n"
    )
    assert [claim.id for claim in find(str(path))] == ["101a"]
    with pytest.raises(UsageError, match=r"claims file '.*none\.yaml' does not exist"):
        find(str(tmp_path / "none.yaml"))


def test_mistakes_in_a_file_are_named_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "entries:\n"
        "  - number: 4\n"
        "    title: t\n"
        "    claims:\n"
        "      - {id: 4a, title: t, source: s, task: a, sweep: b, parts: [\n"
        "          {kind: greater, metric: f1, of: {loss: a}, than: {loss: b}, origin: o,\n"
        "           sentense: 1}]}\n"
        "      - {id: 4b, title: t, source: s,\n"
        "         proff: x}\n"
    )
    with pytest.raises(UsageError) as caught:
        read(path)
    assert len(caught.value.problems) == 2
    assert re.search(r"mine\.yaml:7: unknown key .*sentense.*'sentence'", caught.value.problems[0])
    assert re.search(r"mine\.yaml:9: unknown key .*proff.*'proof'", caught.value.problems[1])
    path.write_text(path.read_text().replace("number: 4", "number: 5"))
    with pytest.raises(UsageError, match="claim"):
        read(path)


def test_what_the_papers_leave_to_others_is_marked() -> None:
    assert [claim.id for claim in CLAIMS if claim.ours] == ["19a", "19b", "20"]


def test_a_margin_cannot_be_typed(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "entries:\n"
        "  - number: 104\n"
        "    title: t\n"
        "    claims:\n"
        "      - {id: '104', title: t, source: s, task: a, sweep: b, parts: [\n"
        "          {kind: not_worse, metric: f1, of: {loss: a}, than: {loss: b}, origin: o,\n"
        "           margin: 0.2}]}\n"
    )
    with pytest.raises(UsageError, match="'margin' is not written but follows from 'printed'"):
        read(path)
