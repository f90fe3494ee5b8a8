"""The reader of ENST-Drums, on a small folder of the published layout."""

import numpy as np
import pytest
import soundfile

from bench.plugin import OptionError, UsageError, create_task
from tasks.data.original.enst_drums import (
    CROSS_STICKS,
    LABELS,
    OTHERS,
    PIECES,
    check,
    fingerprint,
    read_all,
)

STROKES = "0.250 bd\n0.500 chh\n1.000 sd\n1.200 cs\n1.300 ch1\n1.400 mt\n"


def add(root, drummer, name, text=STROKES, seconds=1.6, rate=44_100, folder="wet_mix"):
    place = root / f"drummer_{drummer}"
    for part in ("annotation", f"audio/{folder}", "audio/snare"):
        (place / part).mkdir(parents=True, exist_ok=True)
    (place / "annotation" / f"{name}.txt").write_bytes(text.encode())
    audio = np.full((round(seconds * rate), 2), 0.01 * drummer)
    audio[rate // 4 :, 1] += 0.5
    soundfile.write(place / "audio" / folder / f"{name}.wav", audio, rate)
    soundfile.write(place / "audio" / "snare" / f"{name}.wav", 0 * audio[:, 0], rate)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "enst_drums_public"
    for drummer in (1, 2, 3):
        add(root, drummer, "115_minus-one_rock'n'roll-188_sticks")
        add(root, drummer, f"{121 + 9 * drummer:03d}_MIDI-minus-one_funk-101_sticks")
        add(root, drummer, "001_hits_snare-drum_sticks_x6", "0.1 sd\n")
    return root


def annotation(root):
    return root / "drummer_2" / "annotation" / "115_minus-one_rock'n'roll-188_sticks.txt"


def test_reads_minus_one_recordings_of_both_kinds_and_nothing_else(root):
    recordings = list(read_all(root, "wet_mix", "snare"))
    assert [one.family for one in recordings] == [f"drummer_{k}" for k in (1, 1, 2, 2, 3, 3)]
    assert recordings[0].name == "drummer_1/115_minus-one_rock'n'roll-188_sticks"
    assert recordings[1].name == "drummer_1/130_MIDI-minus-one_funk-101_sticks"
    assert len({one.name for one in recordings}) == 6
    first = recordings[0]
    assert (first.sample_rate, len(first.audio)) == (22_050, round(1.6 * 22_050))
    assert np.argmax(first.audio > 0.15) / 22_050 == pytest.approx(0.25, abs=1e-3)


def test_cross_sticks_are_snare_strokes_or_counted_as_left_out(root):
    snare, other = (next(iter(read_all(root, "wet_mix", kind))) for kind in ("snare", "other"))
    np.testing.assert_array_equal(snare.channels, [0, 2, 1, 1])
    np.testing.assert_array_equal(snare.times, [0.25, 0.5, 1.0, 1.2])
    assert snare.notes == {"strokes on cymbals": 1, "strokes on toms": 1}
    np.testing.assert_array_equal(other.channels, [0, 2, 1])
    assert other.notes == {"strokes on cymbals": 1, "strokes on toms": 1, "cross sticks": 1}


def test_labels_are_matched_whole():
    known = [*LABELS, *CROSS_STICKS, *OTHERS]
    assert len(set(known)) == len(known)
    assert LABELS["chh"] == LABELS["ohh"] == 2
    assert all(OTHERS[label] == "strokes on cymbals" for label in ("c", "ch", "c1", "ch1", "cr2"))


def test_task_on_the_original_data(root):
    task = create_task(
        "drums", root=str(root.parent), percussion=True, allow_partial=True, subset="kit-family",
        held_out="drummer_3",
    )  # fmt: skip
    task.check_data()
    assert task.data_name == (
        "ENST-Drums minus-one, wet_mix, cross stick as snare (partial: 6 of 64 recordings)"
    )
    splits = task.splits(0)
    parts = [splits.train, splits.validation, splits.test]
    assert [len(set(part.unit)) for part in parts] == [4, 1, 1]
    families = [set(part.pieces.family[part.unit]) for part in parts]
    assert families == [{"drummer_1", "drummer_2"}, {"drummer_3"}, {"drummer_3"}]
    assert splits.test.pieces.reading["strokes"] == {
        "strokes on cymbals": 6,
        "strokes on toms": 6,
    }
    named = {line for line in splits.test.pieces.reading["warnings"] if "lacks" in line}
    assert len(named) == 3


def test_what_is_read_is_in_the_version_of_the_data(root):
    def version(**options):
        return create_task(
            "drums", root=str(root), percussion=True, allow_partial=True, **options
        ).data_version

    assert version(cross_stick="other") != version()
    for path in (root / "drummer_1", root / "drummer_2", root / "drummer_3"):
        (path / "audio" / "wet_mix").rename(path / "audio" / "dry_mix")
    assert fingerprint(root, "dry_mix")
    assert version(mix="dry_mix")


def test_the_published_numbers():
    assert [len(numbers) for numbers in PIECES.values()] == [21, 22, 21]
    assert {122, 123} <= {number for numbers in PIECES.values() for number in numbers}


def test_an_incomplete_data_set_names_what_is_missing(root):
    with pytest.raises(UsageError) as caught:
        check(root)
    text = str(caught.value)
    assert "ENST-Drums has 22 minus-one recordings of drummer_2" in text
    assert "lacks 116, 117" in text
    assert "drummer_1 has no minus-one recordings 130 as published" in text
    assert len(check(root, partial=True)) == len(caught.value.problems)


def test_a_complete_data_set(tmp_path):
    for drummer, numbers in PIECES.items():
        for k, number in enumerate(numbers):
            kind = "minus-one" if k < len(numbers) - 12 else "MIDI-minus-one"
            add(tmp_path, int(drummer[-1]), f"{number}_{kind}_salsa_sticks", "0.05 bd\n", 0.1)
    assert check(tmp_path) == []
    task = create_task("drums", root=str(tmp_path), percussion=True)
    task.check_data()
    assert task.data_name == "ENST-Drums minus-one, wet_mix, cross stick as snare"
    add(tmp_path, 2, "117_minus-one_again_sticks", "0.05 bd\n", 0.1)
    with pytest.raises(UsageError, match="drummer_2 has several recordings with number 117"):
        check(tmp_path)


def test_a_single_microphone_is_no_mix(root):
    with pytest.raises(UsageError, match="'snare' is no mix of the drums but one microphone"):
        check(root, mix="snare", partial=True)
    with pytest.raises(OptionError, match="mix"):
        create_task("drums", root=str(root), percussion=True, mix="snare")
    stem = root / "drummer_1" / "audio" / "snare"
    with pytest.raises(UsageError, match=r"folder '.*drummer_1' of ENST-Drums is missing"):
        check(stem, partial=True)


def test_spaces_tabs_line_ends_and_blank_lines_do_not_matter(root):
    before = [one.times for one in read_all(root, "wet_mix", "snare")]
    text = STROKES.replace(" ", "\t").replace("\n", "\r\n") + "\r\n"
    annotation(root).write_bytes(text.encode())
    check(root, partial=True)
    for first, second in zip(before, read_all(root, "wet_mix", "snare"), strict=True):
        np.testing.assert_array_equal(first, second.times)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.1 bd\n0.2 hh\n", "line 2: unknown label 'hh'; did you mean"),
        ("0.1 bd\n0.2\n", "line 2: a time and a label are due, not '0.2'"),
        ("time label x\n", "line 1: a time and a label are due"),
        ("soon bd\n", "line 1: onset 'soon' is no time in seconds"),
        ("0.1 bd\n1.7 bd\n", r"line 2: onset 1\.7 s lies past the end .* is the sound file cut"),
        ("-0.2 bd\n", r"line 1: onset -0\.2 s lies before the recording"),
        ("\n", "holds no stroke"),
        ("\xff\xfe", "a time and a label are due|unknown label"),
    ],
)
def test_wrong_annotations(root, text, message):
    annotation(root).write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=message):
        check(root, partial=True)


def test_all_problems_at_once(root):
    annotation(root).write_text("0.1 xx\n0.2 yy\n")
    sounds = [root / f"drummer_{k}" / "audio" / "wet_mix" for k in (1, 3)]
    next(iter(sounds[0].glob("115_*"))).unlink()
    next(iter(sounds[1].glob("115_*"))).write_bytes(b"nothing")
    add(root, 3, "133_minus-one_bossa_sticks", rate=48_000)
    with pytest.raises(UsageError) as caught:
        check(root, partial=True)
    assert len(caught.value.problems) == 5
    for part in ("is missing", "no readable sound file", "has 48000 samples/s, expected 44100"):
        assert part in str(caught.value)


def test_folders_without_recordings(tmp_path):
    with pytest.raises(UsageError, match=r"folder '.*nowhere' of ENST-Drums is missing"):
        check(tmp_path / "nowhere")
    (tmp_path / "drummer_1").mkdir()
    with pytest.raises(UsageError, match="has no annotation named like"):
        check(tmp_path)


def test_options_that_mean_nothing_without_others():
    with pytest.raises(UsageError, match="'mix' needs percussion: true, and root"):
        create_task("drums", percussion=True, mix="dry_mix").check_data()
    with pytest.raises(UsageError, match="'cross_stick' needs percussion: true"):
        create_task("drums", cross_stick="other").check_data()
