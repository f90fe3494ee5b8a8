"""GolfDB: a folder of the published layout, its traps, and one line for each error."""

import pickle

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from bench.plugin import UsageError, create_task
from tasks.data.original.golfdb import (
    EXCLUDED,
    check,
    fingerprint,
    read_all,
    read_film,
    read_rows,
    total_frames,
)

LENGTH = 24
EVENTS = (0, 2, 5, 7, 10, 12, 14, 16, 20, LENGTH - 1)
NAMES = ("id", "youtube_id", "player", "sex", "club", "view", "slow", "events", "bbox", "split")


def squares(number):
    """A frame that shows ``number`` in binary: eight squares, black or white."""
    image = np.zeros((160, 160, 3), np.uint8)
    for bit in range(8):
        if number >> bit & 1:
            image[40 * (bit // 4) :, 40 * (bit % 4) :][:40, :40] = 255
    return image


def number_of(grey):
    bits = [grey[40 * (bit // 4) + 20, 40 * (bit % 4) + 20] > 127 for bit in range(8)]
    return sum(int(on) << bit for bit, on in enumerate(bits))


def film(path, frames=LENGTH, side=160):
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 30, (side, side))
    for number in range(frames):
        writer.write(cv2.resize(squares(number), (side, side)))
    writer.release()


def annotate(folder, rows):
    """Rows are (id, video, split, events as an array)."""
    table = np.zeros((1, len(rows)), [(name, object) for name in NAMES])
    for place, (number, video, split, events) in enumerate(rows):
        table[0, place] = (
            np.array([[number]]),
            video,
            "SOMEBODY ",
            "m",
            "iron",
            "face-on",
            np.array([[0]]),
            events[None],
            np.array([[0.1, 0.1, 0.9, 0.9007]]),
            np.array([[split]]),
        )
    folder.mkdir(parents=True, exist_ok=True)
    savemat(folder / "golfDB.mat", {"golfDB": table})


def rows_of(numbers=range(8)):
    first = 1000
    return [(n, f"video{n // 2:06d}", n // 2 % 4 + 1, np.array(EVENTS) + first) for n in numbers]


@pytest.fixture
def root(tmp_path):
    rows = rows_of()
    annotate(tmp_path / "data", rows)
    for number, *_ in rows:
        film(tmp_path / "data" / "videos_160" / f"{number}.mp4")
    return tmp_path


def problems(root, **options):
    with pytest.raises(UsageError) as caught:
        check(root, **options)
    return caught.value.problems


def test_a_partial_folder_is_refused_unless_it_is_allowed(root):
    [problem] = problems(root)
    assert "1400 clips, 350 in each of 4 splits" in problem
    assert "has 8 (2, 2, 2, 2)" in problem
    check(root, partial=True)


def test_the_root_may_be_the_data_folder_itself(root):
    check(root / "data", partial=True)
    assert fingerprint(root / "data") == fingerprint(root)


def test_every_frame_is_decoded_in_its_place(root):
    frames = read_film(root / "data" / "videos_160" / "3.mp4", 160)
    assert [number_of(frame) for frame in frames] == list(range(LENGTH))


def test_frames_are_reduced_or_in_colour_red_first(tmp_path):
    path = tmp_path / "red.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 30, (160, 160))
    for _ in range(3):
        writer.write(np.full((160, 160, 3), (0, 0, 250), np.uint8))  # OpenCV has blue first
    writer.release()
    frames = read_film(path, 20, colour=True)
    assert frames.shape == (3, 3, 20, 20)
    assert frames[:, 0].min() > 200
    assert frames[:, 1:].max() < 50


def test_events_are_frames_of_the_clip_counted_from_zero(root):
    clip = next(iter(read_all(root, 160, partial=True)))
    assert clip.events.tolist() == list(EVENTS[1:-1])
    assert [number_of(clip.frames[frame]) for frame in clip.events] == list(EVENTS[1:-1])
    assert len(clip.frames) == LENGTH
    assert total_frames(root) == 8 * LENGTH


def test_unsigned_events_do_not_wrap_and_reading_changes_nothing(tmp_path):
    rows = rows_of()
    rows[3] = (*rows[3][:3], rows[3][3].astype(np.uint16))
    annotate(tmp_path, rows)
    for _ in range(2):
        row = read_rows(tmp_path)[3]
        assert row.frames.dtype == np.int64
        assert (np.diff(row.frames) > 0).all()
        assert (np.diff(row.frames[::-1]) < 0).all()
        assert row.events.tolist() == list(EVENTS[1:-1])


def test_clips_of_one_video_are_one_group(root):
    clips = list(read_all(root, 20, partial=True))
    assert [clip.group for clip in clips] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [clip.fold for clip in clips] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_clip_with_events_out_of_order_is_left_out_by_its_number(tmp_path):
    [number] = EXCLUDED
    swapped = np.array(EVENTS)[[0, 1, 2, 3, 4, 5, 7, 6, 8, 9]]
    annotate(tmp_path, [*rows_of(range(2)), (number, "another", 1, swapped)])
    for n in (0, 1, number):
        film(tmp_path / "videos_160" / f"{n}.mp4")
    check(tmp_path, partial=True)
    assert list(read_all(tmp_path, 20, partial=True))[-1] == EXCLUDED[number]


def test_events_out_of_order_elsewhere_are_an_error(tmp_path):
    rows = rows_of()
    rows[2][3][[4, 5]] = rows[2][3][[5, 4]]
    annotate(tmp_path, rows)
    assert any("clip 2: events" in problem for problem in problems(tmp_path, partial=True))


def test_missing_clips_are_named_together(root):
    for number in (2, 5):
        (root / "data" / "videos_160" / f"{number}.mp4").unlink()
    assert any("lacks 2 of 8 clips: 2, 5" in problem for problem in problems(root))
    check(root, partial=True)
    found = list(read_all(root, 20, partial=True))
    assert [found[2], found[5]] == ["no file", "no file"]


def test_a_clip_that_is_cut_off_is_an_error_or_left_out(root):
    film(root / "data" / "videos_160" / "4.mp4", frames=15)
    with pytest.raises(UsageError, match=r"4\.mp4' has 15 frames, its annotation says 24"):
        list(read_all(root, 20))
    assert list(read_all(root, 20, partial=True))[4] == "cut off"


def test_other_sizes_and_files_that_are_no_video_are_errors(tmp_path):
    film(tmp_path / "small.mp4", side=120)
    with pytest.raises(UsageError, match="120 × 120 pixels, expected 160 × 160"):
        read_film(tmp_path / "small.mp4", 20)
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(UsageError, match="is no readable video"):
        read_film(tmp_path / "text.mp4", 20)


def test_a_video_in_two_splits_is_an_error(tmp_path):
    rows = rows_of()
    rows[1] = (1, "video000000", 3, rows[1][3])
    annotate(tmp_path, rows)
    found = problems(tmp_path, partial=True)
    assert "video 'video000000' is in several splits: [1, 3]" in found


def test_a_file_with_other_columns_is_an_error(tmp_path):
    savemat(tmp_path / "golfDB.mat", {"golfDB": np.ones((3, 2))})
    with pytest.raises(UsageError, match="is not the annotation of GolfDB"):
        read_rows(tmp_path)
    with pytest.raises(UsageError, match="is missing"):
        read_rows(tmp_path / "nowhere")


def test_a_pickle_is_never_opened(root):
    class Payload:
        def __reduce__(self):
            return open, (str(root / "opened"), "w")

    (root / "data" / "golfDB.pkl").write_bytes(pickle.dumps(Payload()))
    (root / "data" / "val_split_1.pkl").write_bytes(pickle.dumps(Payload()))
    check(root, partial=True)
    list(read_all(root, 20, partial=True))
    assert not (root / "opened").exists()


def test_the_task_reads_the_folder_by_its_folds(root):
    (root / "data" / "videos_160" / "7.mp4").unlink()
    task = create_task("golf", root=str(root), allow_partial=True)
    task.check_data()
    assert (task.data_name, task.worlds, task.resampled) == ("GolfDB, partial", 1, 0.25)
    tested = []
    for replicate in range(4):
        splits = task.splits(replicate)
        groups = [set(p.clips.group[p.members]) for p in (splits.train, splits.validation)]
        held_out = set(splits.test.clips.group[splits.test.members])
        assert held_out == {replicate}
        assert not held_out & (groups[0] | groups[1])
        assert not groups[0] & groups[1]
        tested += splits.test.members.tolist()
        assert splits.test.clips.left_out == {"no file": 1}
    assert sorted(tested) == list(range(7))
    inputs, target = task.splits(0).test.batch(np.arange(2))
    assert inputs.shape == (2, LENGTH, 20, 20)
    assert target.events.sum((1, 2)).tolist() == [8, 8]
