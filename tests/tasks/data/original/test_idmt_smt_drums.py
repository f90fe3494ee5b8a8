"""The reader of the original data set, on a tiny folder of the published layout."""

import numpy as np
import pytest
import soundfile

from bench.plugin import UsageError, create_task
from tasks.data.original.idmt_smt_drums import FAMILIES, check, fingerprint, read_all

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
    assert task.data_name == "IDMT-SMT-Drums"
    splits = task.splits(0)
    assert len(splits.test) == 6
    inputs, target = splits.test.batch(np.arange(6))
    assert inputs.shape == (6, 80, 150)
    assert target.counts.sum() == 12


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
    with pytest.raises(UsageError, match=r"has 104 recordings, .* has 9; set allow_partial"):
        check(root)
    check(root, partial=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<event>", "is no valid XML"),
        ("<a>" + EVENT.format(1.0, "TT") + "</a>", "event 1: unknown instrument 'TT'"),
        ("<a>" + EVENT.format("soon", "KD") + "</a>", "onsetSec 'soon' is no time"),
        ("<a>" + EVENT.format("nan", "KD") + "</a>", "onsetSec 'nan' is no time"),
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
