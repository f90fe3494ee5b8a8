"""The reader of Deep-STORM's demonstration on folders of its layout, good and broken."""

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from openpyxl import Workbook

from bench.plugin import UsageError, create_task
from tasks.data.molecules.blinking import Emitters
from tasks.data.molecules.camera import Camera
from tasks.data.original.storm_stacks import (
    PARTS,
    check,
    convention,
    fingerprint,
    is_complete,
    read,
)

ORIGINAL = Path(os.environ.get("POINTBENCH_DEEP_STORM", "/work/shared/originals/deep_storm_demo1"))
FRAMES = {"train": 5, "test": 4}


def molecules(part, count=150):
    """Frames from 0 and positions in pixels, row and column."""
    draw = np.random.default_rng(len(part))
    frame = np.repeat(np.arange(FRAMES[part]), count)
    return frame, draw.uniform(0, 64, (len(frame), 2))


def write(root, part, frame, position, x_first=True):
    """A stack and a table as published: big-endian ImageJ TIFF, x before y, nm, frames from 1."""
    image, table = PARTS[part][0]
    emitters = Emitters(frame, position, np.full(len(frame), 2000.0))
    draw = np.random.default_rng(0)
    light = Camera().expected(draw, emitters, FRAMES[part], 64) + 18
    tifffile.imwrite(
        root / image,
        Camera().read(draw, light),
        imagej=True,
        byteorder=">",
        metadata={"axes": "ZYX"},
    )
    rows = np.column_stack([frame + 1, 100 * position[:, ::-1]]).tolist()
    if table.endswith(".xlsx"):
        book = Workbook()
        for row in (["frame", "x [nm]", "y [nm]"], *rows):
            book.active.append(row)
        book.save(root / table)
        return
    lines = [f"{k},{int(f)},{x},{y},110.0,2000,50,4.47" for k, (f, x, y) in enumerate(rows, 1)]
    names = "id", "frame", "x [nm]", "y [nm]", "sigma [nm]", "intensity [photon]", "a", "b"
    (root / table).write_text("\n".join([",".join(f'"{n}"' for n in names), *lines]) + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo 1 - Simulated Microtubules")
    for part in PARTS:
        write(root, part, *molecules(part))
    return root


@pytest.mark.parametrize("part", PARTS)
def test_frames_and_molecules_are_read_as_written(folder, part):
    check(folder, partial=True)
    stack, (note,) = read(folder, part, partial=True)
    frame, position = molecules(part)
    assert stack.frames.shape == (FRAMES[part], 64, 64)
    assert stack.frames.dtype == np.uint16
    assert stack.frames.dtype.isnative
    np.testing.assert_array_equal(stack.frame, frame)
    np.testing.assert_allclose(stack.position, position, atol=1e-9)
    assert f"{part}: {FRAMES[part]} frames, {len(frame)} molecules, 0 outside" in note


def test_the_stack_is_the_same_by_another_reader(folder):
    from PIL import Image, ImageSequence

    ours, _ = read(folder, "test", partial=True)
    with Image.open(folder / PARTS["test"][0][0]) as image:
        theirs = [np.array(frame).astype(np.int64) for frame in ImageSequence.Iterator(image)]
    np.testing.assert_array_equal(ours.frames, theirs)


def test_a_partial_set_is_named_so_and_must_be_asked_for(folder):
    assert not is_complete(folder)
    with pytest.raises(UsageError, match="has 5 frames, the published one 20") as caught:
        check(folder)
    assert len(caught.value.problems) == 2
    with pytest.raises(UsageError, match="750 molecules, the published one 4956"):
        read(folder, "train")


@pytest.mark.parametrize(
    "change",
    [
        lambda frame, place: (frame, place[:, ::-1]),  # axes swapped
        lambda frame, place: (frame, place - 0.5),  # positions from the centre of the first pixel
        lambda frame, place: (np.roll(frame, 150), place),  # frames off by one
    ],
    ids=["axes", "half a pixel", "frames"],
)
def test_positions_that_do_not_fit_the_frames_are_refused(tmp_path, folder, change):
    write(tmp_path, "train", *molecules("train"))
    own, place = change(*molecules("train"))
    rows = np.column_stack([own + 1, 100 * np.clip(place, 0, 64)[:, ::-1]])
    text = "\n".join(["frame,x [nm],y [nm]", *(",".join(map(str, row)) for row in rows)])
    (tmp_path / PARTS["train"][0][1]).write_text(text)
    with pytest.raises(UsageError, match="do not fit") as caught:
        read(tmp_path, "train", partial=True)
    assert len(caught.value.problems) == 1


def test_the_message_says_how_far_positions_are_off(tmp_path):
    frame, place = molecules("train")
    write(tmp_path, "train", frame, place)
    stack, _ = read(tmp_path, "train", partial=True)
    found = convention(type(stack)(stack.frames, stack.frame, stack.position - (1.0, 0.5)))
    assert (found.row, found.column) == (1.0, 0.5)


def test_molecules_outside_of_the_frames_are_counted(tmp_path):
    frame, place = molecules("train")
    write(tmp_path, "train", frame, place)
    with (tmp_path / PARTS["train"][0][1]).open("a") as file:
        file.write(
            "9,1,-3.0,50,110,2000,50,4\n9,2,50,6401,110,2000,50,4\n9,3,6400,50,110,2000,5,4\n"
        )
    stack, (note,) = read(tmp_path, "train", partial=True)
    assert "2 outside of the frames left out" in note
    assert len(stack.frame) == len(frame) + 1
    assert stack.position.max() < 64


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        (np.zeros((4, 64, 64), np.float32), "holds float32 values, a camera's counts are 16-bit"),
        (np.zeros((4, 64, 64), np.uint8), "holds uint8 values"),
        (np.zeros((4, 32, 64), np.uint16), "frames of 32 × 64 pixels, not 64 × 64"),
    ],
)
def test_stacks_of_another_kind_are_refused(tmp_path, folder, stack, words):
    for part in PARTS:
        for name in PARTS[part][0]:
            (tmp_path / name).write_bytes((folder / name).read_bytes())
    tifffile.imwrite(tmp_path / PARTS["train"][0][0], stack, photometric="minisblack")
    with pytest.raises(UsageError, match=words):
        check(tmp_path, partial=True)


def test_missing_and_broken_files_are_one_line_each(tmp_path):
    with pytest.raises(UsageError, match=r"folder '.*none' of Deep-STORM"):
        check(tmp_path / "none")
    with pytest.raises(UsageError) as caught:
        check(tmp_path)
    assert len(caught.value.problems) == 2
    assert "nor 'train.tif' with 'train.csv'" in caught.value.problems[0]
    for part in PARTS:
        (tmp_path / f"{part}.tif").write_bytes(b"II*\0 cut off")
        (tmp_path / f"{part}.csv").write_text("")
    with pytest.raises(UsageError, match="cannot be read as TIFF") as caught:
        check(tmp_path)
    assert len(caught.value.problems) == 2


def test_the_fingerprint_follows_contents_not_names(tmp_path, folder):
    for part in PARTS:
        image, table = PARTS[part][0]
        (tmp_path / f"{part}.tif").write_bytes((folder / image).read_bytes())
        (tmp_path / f"{part}{Path(table).suffix}").write_bytes((folder / table).read_bytes())
    assert fingerprint(tmp_path) == fingerprint(folder)
    with (tmp_path / "train.csv").open("a") as file:
        file.write("\n")
    assert fingerprint(tmp_path) != fingerprint(folder)


def test_the_task_trains_and_tests_on_the_published_stacks(folder):
    task = create_task("microscopy", root=str(folder), allow_partial=True)
    task.check_data()
    assert task.data_name == "Deep-STORM and EPFL tubulins (partial)"
    first, second, third = (task.splits(replicate) for replicate in range(3))
    assert (len(first.train.frames), len(first.validation), len(first.test)) == (3, 2, 4)
    assert 0 < len(first.train) <= 3 * 500
    np.testing.assert_array_equal(first.test.frames, second.test.frames)
    assert len({one.validation.frames.tobytes() for one in (first, second, third)}) > 1
    assert len(first.test.notes) == 2
    assert "0 outside" in first.test.notes[0]
    assert task.data_version != create_task("microscopy").data_version


@pytest.mark.skipif(not ORIGINAL.is_dir(), reason="the published files are not here")
def test_the_published_training_stack_fits_its_table():
    check(ORIGINAL)
    stack, (note,) = read(ORIGINAL, "train")
    assert (len(stack), len(stack.frame)) == (20, 4956)
    assert "0 outside" in note
    found = convention(stack)
    assert found.correlation == pytest.approx(0.990, abs=0.002)
    assert abs(found.row) < 0.005
    assert abs(found.column) < 0.005
