"""Photographs in folders laid out as ROCHADE's and OpenCV's, good and broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.plugin import UsageError, create_task
from tasks.data.images.board_views import render_views
from tasks.data.original.board_photographs import CAMERAS, check, fingerprint, read, read_grey

NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14]


@pytest.fixture(scope="module")
def views() -> tuple[np.ndarray, np.ndarray]:
    return render_views(np.random.default_rng(7), 3)


@pytest.fixture
def stereo(tmp_path: Path, views: tuple[np.ndarray, np.ndarray]) -> Path:
    """OpenCV's folder: 26 photographs, and files beside them that are none of the list."""
    for number, side in ((n, s) for n in NUMBERS for s in ("left", "right")):
        Image.fromarray(views[0][number % 3]).save(tmp_path / f"{side}{number:02d}.jpg", quality=95)
    Image.fromarray(views[0][0]).save(tmp_path / "left.jpg")
    (tmp_path / "stereo_calib.xml").write_text("<opencv_storage/>")
    return tmp_path


@pytest.fixture
def rochade(tmp_path: Path) -> Path:
    """ROCHADE's folder with a blank in place of each photograph, and a name with spaces."""
    blank = Image.fromarray(np.full((48, 64), 90, np.uint8))
    for camera, count, suffix in (
        ("uEye", 206, "png"),
        ("GoPro", 100, "JPG"),
        ("Mesa", 206, "png"),
    ):
        folder = tmp_path / "benchmarkData" / camera
        folder.mkdir(parents=True)
        for number in range(count):
            blank.save(folder / f"image {number:03d}.{suffix}")
    return tmp_path


def told(root: Path, camera: str, **options: bool) -> list[str]:
    with pytest.raises(UsageError) as caught:
        check(root, camera, **options)
    return caught.value.problems


def test_each_side_of_opencvs_pair_is_read(
    stereo: Path, views: tuple[np.ndarray, np.ndarray]
) -> None:
    for camera in ("left", "right"):
        check(stereo, camera)
        found = read(stereo, camera)
        assert found.images.shape == (13, 480, 600)
        assert found.notes[0].endswith("on 13 of 13 photographs")
        truth = views[1][1]  # of number 1
        error = np.linalg.norm(found.corners[0][:, None] - truth[None], axis=-1).min(1)
        assert error.max() < 0.6
    assert fingerprint(stereo, "left") != fingerprint(stereo, "right")


@pytest.mark.parametrize("camera", ["uEye", "GoPro", "Mesa"])
def test_rochades_folders_are_found_with_or_without_the_one_around_them(
    rochade: Path, camera: str
) -> None:
    check(rochade, camera)
    check(rochade / "benchmarkData", camera)
    with pytest.raises(UsageError, match="finds a board of 9×6 inner corners on none of the"):
        read(rochade, camera)


def test_missing_photographs_are_counted(stereo: Path, rochade: Path) -> None:
    (stereo / "left03.jpg").unlink()
    [problem] = told(stereo, "left")
    assert "has 13 photographs" in problem
    assert "has 12; set allow_partial" in problem
    check(stereo, "left", partial=True)
    assert "folder" in told(stereo / "nowhere", "right")[0]
    assert "dpkg -x" in told(rochade / "benchmarkData", "left")[0]


def test_broken_photographs_are_told_one_by_one(rochade: Path) -> None:
    folder = rochade / "benchmarkData" / "GoPro"
    (folder / "image 000.JPG").write_bytes(b"")
    Image.fromarray(np.zeros((36, 64), np.uint8)).save(folder / "image 001.JPG")
    problems = told(rochade, "GoPro")
    assert len(problems) == 2
    assert "'image 000.JPG' is no readable picture" in problems[0].replace(f"{folder}/", "")
    assert "differ in size: 64×36 ('image 001.JPG'), 64×48 ('image 002.JPG')" in problems[1]


def test_a_truncated_photograph_is_an_error(stereo: Path) -> None:
    path = stereo / "right05.jpg"
    path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(UsageError, match=r"right05\.jpg' is no readable picture"):
        read(stereo, "right")


def test_photographs_without_a_board_are_dropped_and_named(stereo: Path) -> None:
    Image.fromarray(np.full((480, 600), 90, np.uint8)).save(stereo / "left04.jpg")
    found = read(stereo, "left")
    assert len(found.images) == 12
    assert found.notes[1] == "no board found at full size, dropped: left04.jpg"


def test_a_turned_photograph_is_read_upright(tmp_path: Path) -> None:
    """The trap T18, as the check of sizes and the reader see it."""
    path = tmp_path / "left01.jpg"
    upright = Image.fromarray(np.arange(8, dtype=np.uint8).reshape(2, 4))
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.save(path, exif=exif)
    assert read_grey(path).shape == (4, 2)
    Image.fromarray(np.zeros((4, 2), np.uint8)).save(tmp_path / "left02.jpg")
    check(tmp_path, "left", partial=True)


def test_colours_become_grey_by_their_brightness(tmp_path: Path) -> None:
    path = tmp_path / "left01.png"
    Image.new("RGB", (3, 3), (255, 0, 0)).save(path)
    assert read_grey(path).tolist() == [[76] * 3] * 3  # 0.299 of red, as ITU-R 601 has it


def test_the_task_reads_a_camera_and_says_which(stereo: Path) -> None:
    task = create_task("checkerboard", size="tiny", camera="left", root=str(stereo))
    task.check_data()
    assert task.data_name == "rendered boards, OpenCV stereo left"
    test = task.splits(0).test
    assert len(test.views) == 13
    assert test.notes[0].startswith("truth by OpenCV")
    assert len(CAMERAS) == 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"camera": "GoPro"}, "camera 'GoPro' needs 'root'"),
        ({"root": "somewhere"}, "camera 'rendered' reads no 'root'"),
    ],
)
def test_camera_and_folder_have_to_fit(options: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        create_task("checkerboard", **options).check_data()
