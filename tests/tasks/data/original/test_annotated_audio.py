"""Strokes that lie in the sound, nothing dropped; resampling that shifts nothing."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.plugin import UsageError
from tasks.data.original.annotated_audio import (
    CLIPPED,
    Line,
    duration_of,
    folder_with,
    mono,
    strokes,
    visible,
)

PATH = Path("some.xml")


def lines(*times, channel=0):
    return [Line(f"event {k}", time, channel) for k, time in enumerate(times, start=1)]


def test_times_that_are_slightly_negative_are_zero_and_counted():
    found = strokes(PATH, lines("-1e-05", "1e-05", "-0.049", "1.5"), 4.0)
    np.testing.assert_array_equal(found.times, [0.0, 0.0, 1e-05, 1.5])
    assert found.notes == {CLIPPED: 2}


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("-0.2", "lies before the recording"),
        ("-0.05", "lies before the recording"),
        ("4.0", "lies past the end of the recording at 4.000 s"),
        ("4.6", "lies past the end"),
        ("1,5", "is no time in seconds"),
        ("inf", "is no time in seconds"),
        ("", "is no time in seconds"),
    ],
)
def test_other_times_are_refused_by_place_and_value(time, reason):
    with pytest.raises(UsageError) as caught:
        strokes(PATH, lines("0.1", time), 4.0)
    [problem] = caught.value.problems
    assert problem.startswith(f"'some.xml', event 2: onset '{time}'") or (
        problem.startswith(f"'some.xml', event 2: onset {time} s ")
    )
    assert reason in problem


def test_all_wrong_times_are_told_at_once():
    with pytest.raises(UsageError) as caught:
        strokes(PATH, lines("-0.2", "x", "9"), 4.0)
    assert len(caught.value.problems) == 3


def test_an_annotation_without_strokes_is_refused():
    with pytest.raises(UsageError, match=r"annotation 'some\.xml' holds no stroke"):
        strokes(PATH, [], 4.0)


def test_strokes_of_no_class_are_counted_by_what_they_are():
    others = [Line("line 1", "0.5", None, "toms"), Line("line 2", "0.7", None, "toms")]
    found = strokes(PATH, [*others, Line("line 3", "0.6", 2)], 4.0)
    np.testing.assert_array_equal(found.channels, [2])
    assert found.notes == {"toms": 2}


def test_strokes_are_sorted_and_two_at_one_time_stay_two():
    found = strokes(PATH, [*lines("2.0", "1.0", "1.0"), Line("event 4", "1.0", 1)], 4.0)
    np.testing.assert_array_equal(found.times, [1.0, 1.0, 1.0, 2.0])
    np.testing.assert_array_equal(found.channels, [0, 0, 1, 0])


@pytest.mark.parametrize("length", [88_200, 88_201])
@pytest.mark.parametrize("channels", [1, 2])
def test_resampling_shifts_nothing(tmp_path, length, channels):
    audio = np.zeros((length, channels))
    audio[44_100] = 0.9
    soundfile.write(tmp_path / "impulse.wav", audio, 44_100)
    read = mono(tmp_path / "impulse.wav")
    assert len(read) == (length + 1) // 2
    assert abs(int(np.abs(read).argmax()) - 22_050) <= 1


def test_headers(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(22_050), 44_100)
    assert duration_of(tmp_path / "a.wav", 44_100) == 0.5
    with pytest.raises(UsageError, match="has 44100 samples/s, expected 48000"):
        duration_of(tmp_path / "a.wav", 48_000)
    with pytest.raises(UsageError, match=r"sound file '.*b.wav' is missing"):
        duration_of(tmp_path / "b.wav", 44_100)


def test_the_folder_may_lie_in_another_one(tmp_path):
    inner = tmp_path / "archive"
    (inner / "audio").mkdir(parents=True)
    assert folder_with(tmp_path, ("audio",), "X") == inner
    assert folder_with(inner, ("audio",), "X") == inner
    with pytest.raises(UsageError, match=r"folder '.*annotation' of X is missing"):
        folder_with(tmp_path, ("audio", "annotation"), "X")
    (inner / "._a").touch()
    assert [path.name for path in visible(inner.iterdir())] == ["audio"]
