"""The reader of COCO's persons, on a folder of the published layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from bench.plugin import UsageError
from tasks.data.original.coco_people import (
    PAIRS,
    SIGMAS,
    average_precision,
    check,
    fingerprint,
    is_complete,
    read,
)


def person(number: int, image: int, **changes: Any) -> dict[str, Any]:
    draw = np.random.default_rng(number)
    points = np.column_stack([draw.integers(10, 50, (17, 2)), np.full(17, 2)])
    points[3] = 0
    points[4, 2] = 1
    row = {
        "id": number, "image_id": image, "category_id": 1, "iscrowd": 0, "area": 900.0 + number,
        "bbox": [5.0, 6.0, 50.0, 52.0], "num_keypoints": 16, "keypoints": points.ravel().tolist(),
    }  # fmt: skip
    return row | changes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "annotations").mkdir()
    for part, images in (("train", 6), ("val", 4)):
        (tmp_path / f"{part}2017").mkdir()
        listed = []
        for k in range(1, images + 1):
            name = f"{k:012d}.jpg"
            cv2.imwrite(
                str(tmp_path / f"{part}2017" / name), np.full((60, 80, 3), 20 * k, np.uint8)
            )
            listed.append({"id": k, "file_name": name, "width": 80, "height": 60})
        rows = [person(10 * k, k) for k in range(1, images + 1)] + [person(11, 1)]
        rows += [
            person(91, 2, iscrowd=1),
            person(93, 3, num_keypoints=0, keypoints=[0] * 51),
        ]
        if part == "train":
            rows += [person(92, 2, area=0.0), person(95, 3, bbox=[100.0, 5, 20, 20])]
        write(tmp_path, part, {"images": listed, "annotations": rows, "categories": [{"id": 1}]})
    return tmp_path


def write(root: Path, part: str, content: Any) -> None:
    path = root / "annotations" / f"person_keypoints_{part}2017.json"
    path.write_text(json.dumps(content), encoding="utf-8")


def problems(root: Path, **options: bool) -> list[str]:
    with pytest.raises(UsageError) as raised:
        check(root, **options)
    return list(raised.value.problems)


def test_reads_persons_and_counts_what_it_leaves_out(root: Path) -> None:
    check(root, partial=True)
    found = read(root, "train")
    assert len(found) == 7
    assert found.dropped == {
        "crowd": 1, "no area": 1, "no keypoint labelled": 1, "empty box": 1,
    }  # fmt: skip
    row = person(10, 1)
    points = np.array(row["keypoints"]).reshape(17, 3)
    np.testing.assert_allclose(found.position[0], points[:, :2] + 0.5)  # pixels by their centres
    np.testing.assert_array_equal(found.labelled[0], points[:, 2] > 0)  # hidden ones count
    assert found.scale[0] == pytest.approx(np.sqrt(910))
    assert str(found.path[0]) == "train2017/000000000001.jpg"
    # clipped as published: x2 = x + w - 1, at most the last pixel; 3 : 4, a quarter more
    np.testing.assert_allclose(found.centre[0], [(5 + 54) / 2, (6 + 57) / 2])
    assert found.height[0] == pytest.approx(1.25 * 49 / 0.75)


def test_a_folder_named_coco_may_hold_it(root: Path, tmp_path_factory: Any) -> None:
    outer = tmp_path_factory.mktemp("outer")
    (outer / "coco").symlink_to(root)
    assert fingerprint(outer) == fingerprint(root)
    assert len(read(outer, "val")) == 5


def test_photographs_that_are_missing_are_counted(root: Path) -> None:
    (root / "train2017" / "000000000001.jpg").unlink()
    assert read(root, "train").dropped["photograph missing"] == 2


def test_another_number_of_photographs_is_a_problem_unless_partial(root: Path) -> None:
    found = problems(root)
    assert len(found) == 2
    assert "COCO has 118,287 photographs in 'train2017'" in found[0]
    assert "has 6; set allow_partial to use them anyway" in found[0]
    assert not is_complete(root)


def test_what_is_missing_is_told_all_at_once(root: Path, tmp_path: Path) -> None:
    (root / "annotations" / "person_keypoints_val2017.json").unlink()
    for path in (root / "train2017").glob("*"):
        path.unlink()
    found = problems(root, partial=True)
    assert [line.rpartition("' has ")[2] for line in found] == [
        "0",
        "no file 'annotations/person_keypoints_val2017.json'",
    ]
    assert problems(tmp_path / "none") == [f"folder '{tmp_path / 'none'}' of COCO is missing"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{cut off", "cannot be read"),
        ("[]", "it is no file of COCO"),
        ('{"images": [], "annotations": [{"id": 1}]}', "no 'image_id', it is none of persons'"),
        ('{"images": [], "annotations": []}', "no person with keypoints"),
    ],
)
def test_wrong_annotations_are_one_clear_line(root: Path, content: str, message: str) -> None:
    (root / "annotations" / "person_keypoints_val2017.json").write_text(content)
    with pytest.raises(UsageError, match=message):
        read(root, "val")


def test_other_numbers_of_keypoints_are_refused(root: Path) -> None:
    rows = [person(1, 1, keypoints=[1, 1, 2] * 16)]
    write(root, "val", {"images": [{"id": 1}], "annotations": rows})
    with pytest.raises(UsageError, match="annotation 0: 17 keypoints x, y, v"):
        read(root, "val")


def test_average_precision_of_the_truth_and_of_points_elsewhere(root: Path) -> None:
    persons = read(root, "val")
    score = np.linspace(0.5, 1, len(persons))
    assert average_precision(root, persons, persons.position, score) == pytest.approx(1.0)
    away = persons.position + 40
    assert average_precision(root, persons, away, score) == 0.0
    half = persons.position.copy()
    half[score < 0.7] += 40
    assert 0.3 < average_precision(root, persons, half, score) < 0.9
    fewer = persons.rows(np.arange(len(persons)) != 4)  # of two in one photograph
    found = average_precision(root, fewer, fewer.position, score[:-1])
    assert found == pytest.approx(0.8, abs=0.01)  # who is left out is missed
    none = persons.rows(np.zeros(len(persons), bool))
    assert average_precision(root, none, none.position, np.zeros(0)) == 0.0


def test_constants_are_those_of_pycocotools() -> None:
    from pycocotools.cocoeval import Params

    np.testing.assert_allclose(Params("keypoints").kpt_oks_sigmas, SIGMAS)
    assert sorted(k for pair in PAIRS for k in pair) == list(range(1, 17))
