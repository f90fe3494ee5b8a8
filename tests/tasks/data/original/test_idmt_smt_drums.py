"""The reader of the original data set, on a tiny folder of the published layout."""

import numpy as np
import pytest
import soundfile

from bench.plugin import UsageError, create_task
from tasks.data.original.idmt_smt_drums import FAMILIES, NAMES, check, fingerprint, read_all

EVENT = "<event><pitch>36</pitch><onsetSec>{}</onsetSec><instrument>{}</instrument></event>"


def add(root, name, strokes, seconds=3.0, rate=44_100):
    (root / "audio").mkdir(parents=True, exist_ok=True)
    (root / "annotation_xml").mkdir(exist_ok=True)
    audio = 0.001 * np.random.default_rng(0).standard_normal(round(seconds * rate))
    for time, _ in strokes:
        audio[round(time * rate) :][:2000] += 0.5 * np.exp(-np.arange(2000) / 300)
    soundfile.write(root / "audio" / f"{name}#MIX.wav", audio, rate)
    soundfile.write(root / "audio" / f"{name}#KD.wav", audio, rate)
    events = "".join(EVENT.format(*stroke) for stroke in strokes)
    (root / "annotation_xml" / f"{name}#MIX.xml").write_text(
        f'<?xml version="1.0"?><instrumentRecording><transcription>{events}</transcription>'
        "</instrumentRecording>"
    )


def events(root, *times):
    text = "".join(EVENT.format(time, "KD") for time in times)
    annotation(root).write_text(f"<a>{text}</a>")


@pytest.fixture
def root(tmp_path):
    for family in FAMILIES:
        for number in range(3):
            strokes = [(0.25, "HH"), (0.25, "KD"), (1.0, "SD"), (2.5 + 0.01 * number, "KD")]
            add(tmp_path, f"{family}{number:02d}_{number:02d}", strokes)
    return tmp_path


def annotation(root):
    return root / "annotation_xml" / "WaveDrum00_00#MIX.xml"


def test_reads_mixes_of_all_families(root):
    recordings = list(read_all(root))
    assert [r.family for r in recordings] == [name for name in FAMILIES for _ in range(3)]
    first = recordings[0]
    assert first.sample_rate == 22_050
    assert len(first.audio) == 3 * 22_050
    np.testing.assert_allclose(first.times, [0.25, 0.25, 1.0, 2.5])
    np.testing.assert_array_equal(first.channels, [0, 2, 1, 0])
    assert np.argmax(first.audio > 0.2) / 22_050 == pytest.approx(0.25, abs=0.002)


def test_task_on_the_original_data(root):
    task = create_task("drums", root=str(root), allow_partial=True, subset="kit-family")
    task.check_data()
    assert task.data_name == "IDMT-SMT-Drums (partial: 9 of 104 recordings)"
    splits = task.splits(0)
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [12, 2, 4]
    assert splits.test.pieces.reading["names"][0] == "RealDrum00_00"
    inputs, target = splits.test.batch(np.arange(4))
    assert inputs.shape == (4, 80, 150)
    assert target.counts.sum() == 8
    assert task.resampled == pytest.approx(1 / 6)
    assert task.model_copy(update={"subset": "random"}).resampled == 0.15


def test_folders_without_recordings(tmp_path):
    with pytest.raises(UsageError, match=r"folder '.*nowhere' .* is missing"):
        check(tmp_path / "nowhere")
    (tmp_path / "audio").mkdir()
    with pytest.raises(UsageError, match="annotation_xml' of IDMT-SMT-Drums is missing"):
        check(tmp_path)
    (tmp_path / "annotation_xml").mkdir()
    with pytest.raises(UsageError, match="has no file named like"):
        check(tmp_path)


def test_a_missing_root_is_an_error_of_the_task():
    with pytest.raises(UsageError, match="folder '/nowhere' of IDMT-SMT-Drums is missing"):
        create_task("drums", root="/nowhere").check_data()


def test_incomplete_data_set(root):
    with pytest.raises(UsageError) as caught:
        check(root)
    missing, unknown = caught.value.problems
    assert missing.startswith("IDMT-SMT-Drums has 104 recordings, ")
    assert "lacks RealDrum01_00, RealDrum01_02, RealDrum01_03" in missing
    assert missing.endswith("and 94 more; set allow_partial to use the others")
    assert "recordings that were not published: RealDrum00_00, RealDrum02_02" in unknown
    assert check(root, partial=True) == [missing, unknown]


def test_the_published_names():
    counts = [sum(name.startswith(family) for name in NAMES) for family in FAMILIES]
    assert counts == [20, 14, 70]
    assert len(set(NAMES)) == 104
    assert {"WaveDrum02_60", "WaveDrum02_01", "RealDrum01_00", "TechnoDrum02_03"} <= set(NAMES)
    assert not {"WaveDrum02_00", "TechnoDrum02_04", "RealDrum01_20"} & set(NAMES)


def test_a_complete_data_set_is_checked_and_split_as_published(tmp_path):
    for name in NAMES:
        add(tmp_path, name, [(0.05, "KD")], seconds=0.1)
    assert check(tmp_path) == [f"'{tmp_path}' has 104 kicks, 2174 are known"]
    task = create_task("drums", root=str(tmp_path))
    assert task.data_name == "IDMT-SMT-Drums"
    parts = task.splits(0)
    assert [len(set(part.unit)) for part in (parts.train, parts.validation, parts.test)] == [
        72,
        16,
        16,
    ]


def test_onsets_beside_the_recording_are_set_to_0_kept_or_refused(root):
    events(root, "-1e-05", "1e-05", "2.9")
    check(root, partial=True)
    [recording] = [one for one in read_all(root) if one.name == "WaveDrum00_00"]
    np.testing.assert_array_equal(recording.times, [0.0, 1e-05, 2.9])
    assert recording.notes == {"onsets before 0 set to 0": 1}
    task = create_task("drums", root=str(root), allow_partial=True)
    assert task.splits(0).test.pieces.reading["strokes"] == {"onsets before 0 set to 0": 1}
    events(root, "1.0", "-0.2", "3.0")
    with pytest.raises(UsageError) as caught:
        check(root, partial=True)
    early, late = caught.value.problems
    assert "event 2: onset -0.2 s lies before the recording" in early
    assert "event 3: onset 3.0 s lies past the end of the recording at 3.000 s" in late


def test_a_sound_file_that_is_cut_off(root):
    sound = root / "audio" / "WaveDrum00_00#MIX.wav"
    sound.write_bytes(sound.read_bytes()[:120_000])
    with pytest.raises(UsageError, match=r"onset 2\.5 s lies past the end .* cut off"):
        check(root, partial=True)


def test_line_ends_hidden_files_and_a_folder_around_it_do_not_matter(root, tmp_path_factory):
    outer = tmp_path_factory.mktemp("outer")
    before = [one.times for one in read_all(root)]
    annotation(root).write_bytes(annotation(root).read_bytes().replace(b"><", b">\r\n<"))
    (root / "audio" / "._RealDrum00_00#MIX.wav").write_bytes(b"nothing")
    root.rename(outer / "IDMT-SMT-DRUMS-V2")
    check(outer, partial=True)
    for first, second in zip(before, (one.times for one in read_all(outer)), strict=True):
        np.testing.assert_array_equal(first, second)


def test_an_annotation_about_another_recording_is_told(root):
    said = "<globalParameter><audioFileName>Other#MIX.wav</audioFileName></globalParameter>"
    text = annotation(root).read_text()
    annotation(root).write_text(text.replace("<transcription>", f"{said}<transcription>"))
    [warning] = [line for line in check(root, partial=True) if "Other" in line]
    assert warning.endswith("WaveDrum00_00#MIX.xml' says that it is about 'Other#MIX.wav'")
    task = create_task("drums", root=str(root), allow_partial=True)
    assert warning in task.splits(0).test.pieces.reading["warnings"]


def test_a_recording_with_other_test_data_trains_on_the_same_inputs(root):
    """Nothing is fitted to the data: features of a recording depend on no other one."""
    task = create_task("drums", root=str(root), allow_partial=True)
    before = task.splits(0)
    tested = sorted({before.test.pieces.reading["names"][unit] for unit in before.test.unit})
    sound = root / "audio" / f"{tested[0]}#MIX.wav"
    samples, rate = soundfile.read(sound)
    soundfile.write(sound, 0.1 * samples[: 2 * rate + 44_100], rate)
    after = task.splits(0)
    rows = np.arange(len(before.train))
    np.testing.assert_array_equal(before.train.batch(rows)[0], after.train.batch(rows)[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<event>", "is no valid XML"),
        ("<a></a>", "holds no stroke"),
        ("<a>" + EVENT.format(1.0, "TT") + "</a>", "event 1: unknown instrument 'TT'"),
        ("<a>" + EVENT.format("soon", "KD") + "</a>", "onset 'soon' is no time"),
        ("<a>" + EVENT.format("nan", "KD") + "</a>", "onset 'nan' is no time"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares a document type"),
    ],
)
def test_wrong_annotations(root, content, message):
    annotation(root).write_text(content)
    with pytest.raises(UsageError, match=message):
        check(root, partial=True)


def test_all_problems_at_once(root):
    annotation(root).unlink()
    add(root, "WaveDrum09_09", [(0.1, "KD")], rate=22_050)
    add(root, "WavDrum09_09", [(0.1, "KD")])
    (root / "audio" / "RealDrum07_00#MIX.wav").write_bytes(b"nothing")
    with pytest.raises(UsageError) as caught:
        check(root, partial=True)
    text = str(caught.value)
    assert len(caught.value.problems) == 4
    for part in (
        "WaveDrum00_00#MIX.xml' of 'WaveDrum00_00#MIX.wav' is missing",
        "has 22050 samples/s, expected 44100",
        "unknown family 'WavDrum'; did you mean 'WaveDrum'?",
        "RealDrum07_00#MIX.wav' is no readable sound file",
    ):
        assert part in text


def test_fingerprint_follows_content_not_place(root, tmp_path_factory):
    before = fingerprint(root)
    moved = tmp_path_factory.mktemp("moved") / "data"
    root.rename(moved)
    assert fingerprint(moved) == before
    text = annotation(moved).read_text()
    annotation(moved).write_text(text.replace("1.0</onsetSec>", "1.1</onsetSec>"))
    assert fingerprint(moved) != before
