"""The reader of MAPS, on a tiny folder of the published layout."""

import numpy as np
import pytest
import soundfile

from bench.plugin import UsageError, create_task
from tasks.data.original.maps import (
    DISKLAVIERS,
    SOFTWARE,
    check,
    fingerprint,
    left_out,
    published_test,
    read_all,
)

HEADER = "OnsetTime\tOffsetTime\tMidiPitch"
NOTES = [(0.5, 1.0, 60), (1.0, 2.5, 64), (2.5, 2.9, 48)]


def add(root, piece, piano, notes=NOTES, seconds=3.0, rate=44_100, ending="\n"):
    folder = root / piano / "MUS"
    folder.mkdir(parents=True, exist_ok=True)
    audio = 0.001 * np.random.default_rng(0).standard_normal((round(seconds * rate), 2))
    for onset, _, _ in notes:
        place = audio[max(round(onset * rate), 0) :][:2000]
        place += 0.5 * np.exp(-np.arange(len(place)) / 300)[:, None]
    path = folder / f"MAPS_MUS-{piece}_{piano}.wav"
    soundfile.write(path, audio[: round(seconds * rate)], rate)
    lines = [HEADER, *("\t".join(map(str, note)) for note in notes), ""]
    path.with_suffix(".txt").write_bytes(ending.join(lines).encode())
    return path


@pytest.fixture
def root(tmp_path):
    for piano, piece in (
        ("AkPnBcht", "alb_se3"), ("AkPnBsdf", "bach_846"), ("AkPnBsdf", "chpn-p15"),
        ("SptkBGCl", "alb_se2"), ("ENSTDkAm", "chpn-p15"), ("ENSTDkCl", "alb_se2"),
    ):  # fmt: skip
        add(tmp_path, piece, piano)
    return tmp_path


def test_the_published_test_set():
    assert len(published_test()) == 60
    assert len({piece for _, piece in published_test()}) == 53
    assert [sum(piano == own for piano, _ in published_test()) for own in DISKLAVIERS] == [30, 30]


def test_pieces_of_the_test_set_do_not_train(root):
    """Trap 12."""
    recordings = list(read_all(root, 139))
    parts = [[r.piece for r in recordings if r.part == part] for part in ("train", "test")]
    assert parts == [["alb_se3", "bach_846"], ["alb_se2", "chpn-p15"]]
    assert sum(r.part == "train" for r in read_all(root, 210)) == 4
    assert left_out(root, 139) == {
        "train": 2,
        "test": 2,
        "left_out": {"piece of the test set": 2, "no piano of MAPS": 0},
    }


def test_onsets_and_audio_agree(root):
    first = next(read_all(root, 139))
    assert first.sample_rate == 22_050
    assert len(first.audio) == 3 * 22_050
    np.testing.assert_allclose(first.times, [0.5, 1.0, 2.5])
    np.testing.assert_array_equal(first.keys, [60, 64, 48])
    assert np.argmax(first.audio > 0.2) / 22_050 == pytest.approx(0.5, abs=0.002)


def test_offsets_never_matter(root):
    """Trap 8: the pedal is in the offsets; a key struck again while it sounds is two onsets."""
    before = next(read_all(root, 139))
    add(root, "alb_se3", "AkPnBcht", [(a, b + 1.0, c) for a, b, c in NOTES])
    after = next(read_all(root, 139))
    np.testing.assert_array_equal(before.times, after.times)
    add(root, "alb_se3", "AkPnBcht", [(0.5, 2.0, 60), (1.0, 2.0, 60)])
    np.testing.assert_array_equal(next(read_all(root, 139)).keys, [60, 60])


def test_times_at_the_edges(root):
    """Trap 6: a little early is 0, much too early or after the end is refused."""
    add(root, "alb_se3", "AkPnBcht", [(1e-05, 1.0, 60), (-1e-05, 1.0, 62)])
    np.testing.assert_array_equal(next(read_all(root, 139)).times, [0.0, 1e-05])
    for wrong in (-0.2, 3.5):
        add(root, "alb_se3", "AkPnBcht", [(wrong, 4.0, 60)])
        with pytest.raises(UsageError, match=r"line 2: onset .* outside of the recording"):
            check(root, 139, partial=True)


def test_line_ends_blank_lines_and_folders_around(root, tmp_path_factory):
    add(root, "alb_se3", "AkPnBcht", ending="\r\n")
    np.testing.assert_array_equal(next(read_all(root, 139)).keys, [60, 64, 48])
    outer = tmp_path_factory.mktemp("outer")
    (outer / "MAPS_AkPnBcht_1").mkdir()
    (root / "AkPnBcht").rename(outer / "MAPS_AkPnBcht_1" / "AkPnBcht")
    add(outer / "MAPS_AkPnBcht_2", "liz_et1", "AkPnBcht")
    assert [r.piece for r in read_all(outer, 139)] == ["alb_se3", "liz_et1"]


def test_incomplete_data_set(root):
    with pytest.raises(UsageError) as caught:
        check(root, 139)
    text = str(caught.value)
    assert "MAPS has 139 recordings to train" in text
    assert "has 2; set allow_partial" in text
    assert "missing from the test: " in text
    assert "waldstein_1_ENSTDkAm" in text
    check(root, 139, partial=True)


def test_without_a_test_piano_nothing_helps(root):
    for piano in DISKLAVIERS:
        for path in (root / piano).rglob("*.wav"):
            path.unlink()
    with pytest.raises(UsageError, match=r"MAPS has 60 recordings to test, .* has 0"):
        check(root, 139, partial=True)


def test_all_problems_at_once(root):
    add(root, "alb_se3", "AkPnBcht").with_suffix(".txt").unlink()
    add(root, "bach_846", "AkPnBsdf", rate=22_050)
    add(root, "liz_et1", "AkPnBcht", notes=[])
    add(root, "liz_et2", "AkPnBcht").write_bytes(b"nothing")
    add(root, "liz_et3", "AkPnBcht", notes=[(0.1, 0.2, 20)])
    path = add(root, "liz_et4", "AkPnBcht").with_suffix(".txt")
    path.write_text(f"{HEADER}\n0.5\t60\n")
    add(root, "liz_et5", "AkPnBcht", seconds=2.0)
    with pytest.raises(UsageError) as caught:
        check(root, 139, partial=True)
    text = str(caught.value)
    assert len(caught.value.problems) == 7
    for part in (
        "alb_se3_AkPnBcht.txt' of 'MAPS_MUS-alb_se3_AkPnBcht.wav' is missing",
        "has 22050 samples/s, not 44100",
        "liz_et1_AkPnBcht.txt' has no note below its header",
        "liz_et2_AkPnBcht.wav' is no readable sound file",
        "line 2: pitch 20 is no key of a piano, 21 to 108",
        "line 2: '0.5\t60' is no onset, offset, pitch",
        "is 'MAPS_MUS-liz_et5_AkPnBcht.wav' cut short?",
    ):
        assert part in text


def test_folders_without_recordings(tmp_path):
    with pytest.raises(UsageError, match=r"folder '.*nowhere' of MAPS is missing"):
        check(tmp_path / "nowhere", 139)
    with pytest.raises(UsageError, match="has no file named like"):
        check(tmp_path, 139)


def test_fingerprint_follows_content_not_place(root, tmp_path_factory):
    before = fingerprint(root, 139)
    assert before != fingerprint(root, 210)
    moved = tmp_path_factory.mktemp("moved") / "data"
    root.rename(moved)
    assert fingerprint(moved, 139) == before
    add(moved, "alb_se3", "AkPnBcht", notes=NOTES[:2])
    assert fingerprint(moved, 139) != before


def test_task_on_the_original_data(root):
    for number in range(len(SOFTWARE)):  # pieces enough to validate
        add(root, f"own_{number}", SOFTWARE[number])
    task = create_task("piano", root=str(root), allow_partial=True)
    task.check_data()
    assert task.data_name == "MAPS (partial), 139 to train, 60 to test"
    assert create_task("piano", root=str(root), training_pieces=210).data_name == (
        "MAPS, 210 to train, 60 to test"
    )
    splits = task.splits(0)
    assert len(splits.test) == 4
    assert splits.test.batch(np.arange(4))[1].counts.sum() == 6
    assert splits.test.remarks["data"]["left_out"]["piece of the test set"] == 2
