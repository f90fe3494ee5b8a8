"""The reader of MNIST, on tiny files of the published form."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest

from bench.plugin import UsageError, create_task
from tasks.data.original import mnist_idx
from tasks.data.original.mnist_idx import check, fingerprint, is_complete, read

COUNTS = {"train": 40, "t10k": 20}


def idx(magic: int, *shape: int) -> bytes:
    return np.array([magic, *shape], ">i4").tobytes()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    draw = np.random.default_rng(0)
    for part, n in COUNTS.items():
        pixels = draw.integers(0, 256, (n, 28, 28)).astype(np.uint8)
        pixels[:, :4] = pixels[:, 24:] = 0  # 20 px of ink at most, as published
        pixels[:, :, :4] = pixels[:, :, 24:] = 0
        images = idx(2051, n, 28, 28) + pixels.tobytes()
        labels = idx(2049, n) + (np.arange(n) % 10).astype(np.uint8).tobytes()
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(images)
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(labels)
    return tmp_path


def problems(root: Path, **options: bool) -> list[str]:
    with pytest.raises(UsageError) as raised:
        check(root, **options)
    return list(raised.value.problems)


def test_reads_images_and_labels(root: Path) -> None:
    check(root, partial=True)
    images, labels = read(root, "t10k")
    assert images.shape == (20, 28, 28)
    assert labels.tolist() == [*range(10), *range(10)]
    stored = (root / "t10k-images-idx3-ubyte").read_bytes()
    assert images[3, 7, 9] == stored[16 + 3 * 784 + 7 * 28 + 9]


def test_packed_files_and_dotted_names_are_the_same_data(root: Path, tmp_path: Path) -> None:
    before, expected = fingerprint(root), read(root, "train")
    for path in list(root.glob("train-*")):
        name = path.name.replace("-idx", ".idx")
        (root / f"{name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    packed = root / "t10k-labels-idx1-ubyte"  # packed, though its name does not say so
    packed.write_bytes(gzip.compress(packed.read_bytes(), 1))
    check(root, partial=True)
    assert fingerprint(root) == before
    for ours, theirs in zip(read(root, "train"), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_fingerprint_follows_pixels_and_labels(root: Path) -> None:
    found = {fingerprint(root)}
    for name in ("train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        content = bytearray((root / name).read_bytes())
        content[-1] ^= 1
        (root / name).write_bytes(content)
        found.add(fingerprint(root))
    assert len(found) == 3


def test_every_problem_is_told_in_a_line(root: Path) -> None:
    (root / "train-images-idx3-ubyte").unlink()
    labels = root / "t10k-labels-idx1-ubyte"
    content = bytearray(labels.read_bytes())
    content[8 + 4] = 77
    labels.write_bytes(content)
    images = root / "t10k-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-100])
    assert problems(root, partial=True) == [
        f"'{root}' has no file 'train-images-idx3-ubyte', with or without .gz",
        f"'{images}' holds {16 + 20 * 784 - 100} bytes where 20 images take {16 + 20 * 784}: "
        "it is cut off, or no such file",
    ]
    images.write_bytes(idx(2051, 20, 28, 28) + bytes(20 * 784))
    assert f"'{labels}', label 4: 77 is no digit" in problems(root, partial=True)


def test_wrong_files(root: Path) -> None:
    labels = root / "train-labels-idx1-ubyte"
    shutil.copy(root / "train-images-idx3-ubyte", labels)
    assert problems(root, partial=True) == [
        f"'{labels}' begins with 2051, a file of labels begins with 2049"
    ]
    labels.write_bytes(b"\x00\x00")
    assert problems(root, partial=True) == [f"'{labels}' ends within its header"]
    labels.write_bytes(idx(2049, 3) + bytes(3))
    assert problems(root, partial=True) == [f"'{root}', train: 40 images and 3 labels"]
    images = root / "train-images-idx3-ubyte"
    images.write_bytes(idx(2051, 1, 32, 32) + bytes(32 * 32))
    assert problems(root, partial=True) == [f"'{images}' has images of 32 × 32, not 28 × 28"]


def test_a_packed_file_that_is_cut_off(root: Path) -> None:
    labels = root / "train-labels-idx1-ubyte"
    whole = gzip.compress(labels.read_bytes())
    labels.write_bytes(whole[:-9])
    [problem] = problems(root, partial=True)
    assert str(labels) in problem
    labels.write_bytes(whole[:4])
    [problem] = problems(root, partial=True)
    assert "cannot be unpacked" in problem


def test_partial_sets_are_refused_unless_asked_for_and_then_named(root: Path) -> None:
    first, second = problems(root)
    assert first == (
        "MNIST has 5923 6742 5958 6131 5842 5421 5918 6265 5851 5949 train digits of class 0 to 9, "
        f"'{root}' has 4 4 4 4 4 4 4 4 4 4; set allow_partial to use them anyway"
    )
    assert "980 1135 1032 1010 982 892 958 1028 974 1009 t10k digits" in second
    assert not is_complete(root)
    task = create_task("digits", root=str(root), allow_partial=True)
    assert task.data_name == "MNIST (partial)"
    assert create_task("digits", root=str(root)).data_name == "MNIST"
    with pytest.raises(UsageError, match=r"folder '.*nowhere' of MNIST is missing"):
        create_task("digits", root=str(root / "nowhere")).check_data()


def test_the_published_numbers_add_up() -> None:
    assert {part: sum(counts) for part, counts in mnist_idx.PUBLISHED.items()} == {
        "train": 60_000,
        "t10k": 10_000,
    }


def test_the_published_split_holds_in_every_replicate(root: Path) -> None:
    task = create_task("digits", root=str(root), allow_partial=True, size="tiny")
    task.check_data()
    assert task.resampled == 0
    images, labels = read(root, "t10k")
    seen = []
    for replicate in range(3):
        splits = task.splits(replicate)
        assert sorted(splits.test.labels) == sorted(labels)
        assert {i.tobytes() for i in splits.test.images} == {i.tobytes() for i in images}
        seen.append(splits.validation.labels.tolist())
    assert seen[0] != seen[1]
