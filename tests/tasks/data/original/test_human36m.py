"""The reader of Human3.6M, on a folder of the published layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bench.plugin import UsageError
from tasks.data.original.human36m import DRIFTED, FILES, PAIRS, SIGMAS, check, fingerprint, read

TURN = Rotation.from_euler("xyz", [1.4, 0.2, 0.1]).as_matrix()
PLACE = np.array([300.0, -200.0, 1500.0])
CAMERA = {"R": TURN.tolist(), "t": PLACE.tolist(), "f": [1145.0, 1143.0], "c": [512.5, 515.4]}


def joints(number: int) -> np.ndarray:
    """In the world, about four metres before the camera."""
    draw = np.random.default_rng(number)
    return (np.array([0, 0, 4000.0]) + draw.normal(0, 300, (17, 3))) @ TURN + PLACE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "annotations").mkdir()
    for part, subjects in (("train", (1, 9)), ("test", (9, 11))):
        names = [f"s_{s:02d}_act_05_subact_0{k}_ca_01/{k}.jpg" for s in subjects for k in (1, 2)]
        rows = []
        for number, name in enumerate(names):
            path = tmp_path / "images" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
            world = joints(number).tolist()
            rows.append(
                {"keypoints_world": world, "cam_param": CAMERA, "bbox": [400, 300, 150, 400]}
            )
        images = [{"file_name": name, "width": 1002, "height": 1000} for name in names]
        write(tmp_path, part, {"images": images, "annotations": rows})
    return tmp_path


def write(root: Path, part: str, content: Any) -> None:
    (root / "annotations" / FILES[part]).write_text(json.dumps(content), encoding="utf-8")


def test_reads_joints_cameras_and_pixels(root: Path) -> None:
    check(root)
    photographs, views = read(root, "test")
    assert len(photographs) == 3
    assert photographs.dropped == {"drifted ground truth": 1}
    assert photographs.group.tolist() == [5, 5, 5]
    np.testing.assert_allclose(views.joint[0], (joints(0) - PLACE) @ TURN.T)
    assert (views.joint[..., 2] > 2000).all()
    x = 1145.0 * views.joint[0, 3, 0] / views.joint[0, 3, 2] + 512.5
    assert photographs.position[0, 3, 0] == pytest.approx(x)
    np.testing.assert_allclose(photographs.centre[0], [475, 500])
    assert photographs.height[0] == 400


def test_missing_photographs_are_refused_or_counted(root: Path) -> None:
    (root / "images" / "s_11_act_05_subact_01_ca_01" / "1.jpg").unlink()
    with pytest.raises(UsageError, match=r"1 photographs of .* set allow_partial"):
        read(root, "test")
    found, _ = read(root, "test", partial=True)
    assert found.dropped == {"drifted ground truth": 1, "photograph missing": 1}


def test_what_is_missing_is_told_all_at_once(root: Path, tmp_path: Path) -> None:
    (root / "annotations" / FILES["test"]).unlink()
    (root / "images").rename(root / "pictures")
    with pytest.raises(UsageError) as raised:
        check(root)
    assert len(raised.value.problems) == 2
    with pytest.raises(UsageError, match=r"of Human3\.6M is missing"):
        check(tmp_path / "none")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"images": []}, "cannot be read"),
        ({"images": [{}], "annotations": []}, "1 images and 0 annotations"),
        ({"images": [], "annotations": []}, "no photograph that is there"),
    ],
)
def test_wrong_annotations_are_one_clear_line(root: Path, content: Any, message: str) -> None:
    write(root, "test", content)
    with pytest.raises(UsageError, match=message):
        read(root, "test")


def test_a_row_without_camera_is_told_by_its_number(root: Path) -> None:
    path = root / "annotations" / FILES["test"]
    content = json.loads(path.read_text())
    del content["annotations"][0]["cam_param"]["f"]
    before = fingerprint(root)
    write(root, "test", content)
    assert fingerprint(root) != before
    with pytest.raises(UsageError, match="annotation 0: not as published"):
        read(root, "test")


def test_constants() -> None:
    assert len(SIGMAS) == 17
    for one, other in PAIRS:
        assert SIGMAS[one] == SIGMAS[other]
    assert len(DRIFTED) == 3
