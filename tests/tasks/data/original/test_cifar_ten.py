"""The reader of CIFAR-10, on small files of the published form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.plugin import UsageError, create_task
from tasks.data.original import cifar_ten
from tasks.data.original.cifar_ten import FILES, NAMES, check, fingerprint, is_complete, read

BATCH = 40


def records(seed: int) -> np.ndarray:
    made = np.random.default_rng(seed).integers(0, 256, (BATCH, 3073)).astype(np.uint8)
    made[:, 0] = np.arange(BATCH) % 10
    return made


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for seed, name in enumerate((*FILES["train"], *FILES["test"])):
        (folder / name).write_bytes(records(seed).tobytes())
    (folder / "batches.meta.txt").write_text("\n".join(NAMES) + "\n\n")
    monkeypatch.setattr(cifar_ten, "OF_EACH_CLASS", {"train": 20, "test": 4})
    return tmp_path


def problems(root: Path, **options: bool) -> list[str]:
    with pytest.raises(UsageError) as raised:
        check(root, **options)
    return list(raised.value.problems)


def test_a_record_is_a_label_and_red_green_and_blue_row_by_row(root: Path) -> None:
    check(root)
    check(root / "cifar-10-batches-bin")
    assert is_complete(root)
    images, labels = read(root, "train")
    assert images.shape == (200, 3, 32, 32)
    assert labels[:11].tolist() == [*range(10), 0]
    first = records(0)[0]
    for channel, row, column in [(0, 0, 0), (1, 2, 5), (2, 31, 31)]:
        assert images[0, channel, row, column] == first[1 + 1024 * channel + 32 * row + column]
    np.testing.assert_array_equal(read(root, "test")[0][0].ravel(), records(5)[0, 1:])


def test_the_python_version_is_refused_and_nothing_is_unpickled(tmp_path: Path) -> None:
    (tmp_path / "data_batch_1").write_bytes(b"\x80\x02}q\x00.")
    [problem] = problems(tmp_path)
    assert "Python version" in problem
    assert "cifar-10-binary.tar.gz" in problem


def test_what_is_no_file_of_cifar_10(root: Path) -> None:
    folder = root / "cifar-10-batches-bin"
    (folder / "data_batch_1.bin").write_bytes(bytes(3074 * BATCH))
    assert "as CIFAR-100 has" in problems(root)[0]
    (folder / "data_batch_1.bin").write_bytes(records(0).tobytes()[:-5])
    assert "it is cut off" in problems(root)[0]
    broken = records(0)
    broken[7, 0] = 10
    (folder / "data_batch_1.bin").write_bytes(broken.tobytes())
    assert "picture 7: 10 is no class" in problems(root)[0]


def test_every_problem_is_one_line(root: Path) -> None:
    folder = root / "cifar-10-batches-bin"
    (folder / "data_batch_3.bin").unlink()
    (folder / "test_batch.bin").write_bytes(b"")
    (folder / "batches.meta.txt").write_text("\n".join(sorted(NAMES, reverse=True)))
    missing, empty, names = problems(root)
    assert "has no file data_batch_3.bin" in missing
    assert "test_batch.bin' holds 0 bytes" in empty
    assert "names truck, ship" in names
    assert problems(root / "nowhere") == [f"folder '{root / 'nowhere'}' of CIFAR-10 is missing"]


def test_other_numbers_are_accepted_when_asked_for_and_told(root: Path) -> None:
    folder = root / "cifar-10-batches-bin"
    (folder / "data_batch_2.bin").write_bytes(records(1)[:11].tobytes())
    assert "20 train pictures of each class" in problems(root)[0]
    check(root, partial=True)
    (folder / "data_batch_2.bin").unlink()
    check(root, partial=True)
    task = create_task("pixel_attack", root=str(root), allow_partial=True)
    assert task.data_name == "CIFAR-10 (partial)"
    assert len(read(root, "train")[0]) == 160


def test_the_fingerprint_follows_every_byte(root: Path) -> None:
    before = fingerprint(root)
    path = root / "cifar-10-batches-bin" / "test_batch.bin"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert fingerprint(root) != before
