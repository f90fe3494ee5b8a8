"""The reader of MTFL, on lists as they were published, with all their oddities."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.plugin import UsageError
from tasks.data.original.mtfl import check, fingerprint, is_complete, read

FACE = "30.25 60.75 45 33 58.25 40 41 55.75 70 71"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("lfw_5590", "net_7876", "AFLW"):
        (tmp_path / name).mkdir()
        for k in range(4):
            cv2.imwrite(str(tmp_path / name / f"{k}.jpg"), np.full((100, 90, 3), 30 * k, np.uint8))
    training = [f"lfw_5590\\{k}.jpg {FACE} 1 2 2 3" for k in range(4)]
    training += [f" net_7876\\{k}.jpg {FACE} 1 2 2 {1 + k}" for k in range(3)]
    training += [f" net_7876\\3.jpg {FACE.replace('60.75', '30.25').replace('41', '40')} 1 2 2 3"]
    testing = [f" AFLW/{k}.jpg {FACE} 2 1 2 {2 + k}" for k in range(4)]
    (tmp_path / "training.txt").write_bytes("\r\n".join(training).encode())
    (tmp_path / "testing.txt").write_bytes(("\r\n".join(testing) + "\r\n\r\n").encode())
    return tmp_path


def problems(root: Path, **options: bool) -> list[str]:
    with pytest.raises(UsageError) as raised:
        check(root, **options)
    return list(raised.value.problems)


def test_reads_leading_spaces_line_ends_and_separators_of_windows(root: Path) -> None:
    check(root, partial=True)
    found = read(root, "training")
    assert len(found) == 7
    assert found.dropped == {"eyes in one place": 1}
    assert str(found.path[0]) == "lfw_5590/0.jpg"
    assert str(found.path[4]) == "net_7876/0.jpg"
    np.testing.assert_allclose(found.position[0, 0], [30.25, 40])  # x1, y1: all x come first
    np.testing.assert_allclose(found.position[0, 4], [58.25, 71])
    assert found.scale[0] == pytest.approx(np.hypot(30.5, 1))
    assert found.group.tolist() == [3, 3, 3, 3, 1, 2, 3]
    assert read(root, "testing").group.tolist() == [2, 3, 4, 5]


def test_left_is_the_left_of_the_image(root: Path) -> None:
    found = read(root, "training")
    assert (found.position[:, 0, 0] < found.position[:, 1, 0]).all()
    assert (found.position[:, 3, 0] < found.position[:, 4, 0]).all()


def test_the_crop_is_as_wide_as_the_image(root: Path) -> None:
    found = read(root, "testing")
    np.testing.assert_allclose(found.centre[0], [45, 50])
    assert found.height[0] == 90


def test_other_numbers_and_missing_images_are_problems_unless_partial(root: Path) -> None:
    (root / "AFLW" / "2.jpg").unlink()
    found = problems(root)
    assert "MTFL has 10,000 faces in 'training.txt'" in found[0]
    assert "MTFL has 2,995 faces in 'testing.txt'" in found[1]
    assert "1 images of 'testing.txt' are missing, the first is 'AFLW/2.jpg'" in found[2]
    check(root, partial=True)
    assert read(root, "testing").dropped == {"image missing": 1}
    assert not is_complete(root)


@pytest.mark.parametrize("line", ["AFLW/0.jpg 1 2 3", f"AFLW/0.jpg {FACE} 1 2 2 x", FACE])
def test_a_wrong_line_is_told_with_its_number(root: Path, line: str) -> None:
    with (root / "testing.txt").open("a") as file:
        file.write(line + "\n")
    found = problems(root, partial=True)
    assert len(found) == 1
    assert "testing.txt', line 6: a path and 14 numbers are due" in found[0]


def test_missing_files_are_told_all_at_once(root: Path, tmp_path: Path) -> None:
    for part in ("training", "testing"):
        (root / f"{part}.txt").unlink()
    assert [line.rpartition("' has ")[2] for line in problems(root)] == [
        "no file 'training.txt'",
        "no file 'testing.txt'",
    ]
    assert problems(tmp_path / "none") == [f"folder '{tmp_path / 'none'}' of MTFL is missing"]


def test_a_damaged_image_is_one_clear_line(root: Path) -> None:
    (root / "AFLW" / "1.jpg").write_bytes(b"no image")
    with pytest.raises(UsageError, match=r"1\.jpg' cannot be read"):
        read(root, "testing")


def test_the_fingerprint_follows_the_lists(root: Path) -> None:
    before = fingerprint(root)
    with (root / "testing.txt").open("a") as file:
        file.write(f"AFLW/0.jpg {FACE} 1 2 2 3\n")
    assert fingerprint(root) != before
