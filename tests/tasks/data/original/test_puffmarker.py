"""Reader of puffMarker, on small files in the published layout."""

import gzip

import numpy as np
import pytest

from bench.plugin import UsageError
from tasks.data.original.puffmarker import (
    COLUMNS,
    PEOPLE,
    check,
    fingerprint,
    name,
    read_all,
)

CYCLES = 12


def header(columns):
    return ",".join(f"c{k}" for k in range(columns))


def features(person, cycles=CYCLES, begin=1e12):
    """Row k is person + k / 100 in all features; a pause of 84 min after the fifth cycle."""
    lines = [header(COLUMNS)]
    for k in range(cycles):
        time = begin + 4000 * k + (5_040_000 if k >= 5 else 0)
        lines.append(",".join([f"{time:.0f}", "ignored", *[f"{person + k / 100}"] * 37]))
    return lines


def labels(cycles=CYCLES, puffs=(3, 4, 7)):
    return [header(4), *(f"{k},x,y,{int(k in puffs)}" for k in range(cycles))]


def write(path, lines, end="\n"):
    path.write_bytes((end.join(lines) + end).encode())


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "anything" / "data"
    folder.mkdir(parents=True)
    for person in PEOPLE:
        # the next person begins earlier, as a day may: the published code would join the sessions
        write(folder / f"features_{person}.csv", features(person, begin=1e12 - 1e8 * person))
        write(folder / f"predictions_{person}.csv", labels())
    return folder.parent


def problems(root, **options):
    with pytest.raises(UsageError) as raised:
        check(root, **options)
    return list(raised.value.problems)


def test_sessions_are_cut_at_pauses_and_at_every_person(root):
    found = read_all(root)
    assert [one.person for one in found.sessions] == [k for k in range(6) for _ in range(2)]
    assert [len(one) for one in found.sessions] == [5, 7] * 6
    assert [np.flatnonzero(one.puff).tolist() for one in found.sessions] == [[3, 4], [2]] * 6
    np.testing.assert_allclose(found.sessions[3].features[0], 11.05, rtol=1e-6)
    assert found.sessions[0].features.shape == (5, 37)
    assert found.notes == ()
    assert name(root) == "puffMarker"
    check(root)


def test_a_pause_of_83_minutes_is_none_yet(root):
    lines = features(10, begin=10_000_001)
    for k, time in ((0, 0), (1, 5_000_000)):
        lines[k + 1] = lines[k + 1].replace(lines[k + 1].split(",")[0], f"{time}")
    write(root / "data" / "features_10.csv", lines)
    lengths = [len(one) for one in read_all(root).sessions if one.person == 0]
    assert lengths == [2, 3, 7]


def test_the_folder_itself_windows_lines_and_gzip_do_as_well(root):
    folder = root / "data"
    expected = read_all(root).sessions
    write(folder / "features_12.csv", features(12, begin=1e12 - 12e8), end="\r\n")
    for path in (folder / "predictions_14.csv", folder / "features_14.csv"):
        path.with_suffix(".csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    for place in (root, folder):
        for one, same in zip(read_all(place).sessions, expected, strict=True):
            np.testing.assert_array_equal(one.features, same.features)


def test_the_fingerprint_is_that_of_contents(root, tmp_path):
    before = fingerprint(root)
    moved = root.rename(tmp_path / "elsewhere")
    assert fingerprint(moved) == before
    write(moved / "data" / "predictions_16.csv", labels(puffs=(3, 4, 8)))
    assert fingerprint(moved) != before


def test_a_partial_set_is_told_and_accepted_on_request(root):
    for person in (11, 16):
        (root / "data" / f"features_{person}.csv").unlink()
        (root / "data" / f"predictions_{person}.csv").unlink()
    [problem] = problems(root)
    assert "lacks those of 11, 16; set allow_partial" in problem
    found = read_all(root, partial=True)
    assert sorted({one.person for one in found.sessions}) == [0, 2, 3, 4]
    assert found.notes == ("no files of person 11", "no files of person 16")
    assert name(root) == "puffMarker (partial)"


def test_half_a_pair_is_an_error_even_of_a_partial_set(root):
    (root / "data" / "predictions_12.csv").unlink()
    (root / "data" / "features_15.csv").unlink()
    found = problems(root, partial=True)
    assert [line.rpartition("/")[2] for line in found] == [
        "predictions_12.csv' is missing beside its pair",
        "features_15.csv' is missing beside its pair",
    ]


def test_a_missing_or_empty_folder_is_told(tmp_path):
    assert problems(tmp_path / "none") == [f"folder '{tmp_path / 'none'}' of puffMarker is missing"]
    assert problems(tmp_path) == [f"'{tmp_path}' has no file named like 'features_10.csv'"]


FAULTS = {
    "features_10.csv": (
        lambda lines: [*lines[:4], lines[4][:40]], "line 5: 6 columns, expected 39"
    ),
    "predictions_10.csv": (lambda lines: [*lines[:-1], "9,x"], "line 13: 2 columns, expected 4"),
    "features_11.csv": (lambda lines: lines[:-1], "has 11 cycles, its predictions 12"),
    "predictions_11.csv": (
        lambda lines: [line.replace(",1", ",2") for line in lines], "line 5: label 2 is not 0 or 1"
    ),
    "predictions_12.csv": (lambda lines: labels(puffs=()), "marks no puff"),
    "features_14.csv": (
        lambda lines: [*lines[:2], lines[2].replace("14.01", "nan"), *lines[3:]],
        "line 3: a time or feature is not finite",
    ),
    "features_15.csv": (
        lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
        "line 4: time falls within a person",
    ),
    "features_16.csv": (lambda lines: lines[:1], "has 0 cycles, its predictions 12"),
}  # fmt: skip


@pytest.mark.parametrize("file", FAULTS)
def test_each_fault_is_one_line_with_file_and_place(root, file):
    spoil, expected = FAULTS[file]
    path = root / "data" / file
    write(path, spoil(path.read_text().splitlines()))
    [problem] = problems(root)
    assert problem.startswith(f"'{path}'")
    assert expected in problem


def test_all_faults_are_told_at_once(root):
    for file in ("features_10.csv", "predictions_12.csv", "features_15.csv"):
        path = root / "data" / file
        write(path, FAULTS[file][0](path.read_text().splitlines()))
    assert len(problems(root)) == 3


def test_a_broken_gzip_file_is_told(root):
    path = root / "data" / "features_10.csv"
    packed = gzip.compress(path.read_bytes())[:-20]
    path.unlink()
    path.with_suffix(".csv.gz").write_bytes(packed)
    assert "no readable gzip file" in problems(root)[0]


def test_a_session_longer_than_the_published_code_allows_is_noted(root):
    write(root / "data" / "features_10.csv", features(10, cycles=800))
    write(root / "data" / "predictions_10.csv", labels(cycles=800))
    assert read_all(root).notes == ("person 10 has a session of 795 cycles",)
