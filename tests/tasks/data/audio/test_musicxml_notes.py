"""Notes of scores: as music21 reads them, and known answers of ties, chords, voices."""

import zipfile

import numpy as np
import pytest

from tasks.data.audio.musicxml_notes import read_notes
from tasks.data.audio.piano_scores import corpus

HEAD = '<?xml version="1.0"?><score-partwise><part id="P1"><measure number="1">'
TAIL = "</measure></part></score-partwise>"


def note(step="C", octave=4, duration=2, more="", alter=""):
    pitch = f"<pitch><step>{step}</step>{alter}<octave>{octave}</octave></pitch>"
    return f"<note>{more}{pitch}<duration>{duration}</duration></note>"


def read(tmp_path, body):
    path = tmp_path / "score.xml"
    text = HEAD + "<attributes><divisions>2</divisions></attributes>" + body + TAIL
    path.write_text(text, encoding="utf-8")
    return read_notes(path)


@pytest.mark.parametrize("name", ["bach/bwv10.7.mxl", "haydn/opus1no1/movement2.mxl"])
def test_agrees_with_music21(name):
    from music21 import converter

    score = converter.parseFile(corpus() / name, forceSource=True, storePickle=False)
    theirs = {
        (round(float(note.getOffsetInHierarchy(score)), 3), pitch.midi)
        for note in score.stripTies().recurse().notes
        if not note.duration.isGrace
        for pitch in note.pitches
    }
    ours = read_notes(corpus() / name)
    assert len(ours) > 100
    assert {
        (round(float(o), 3), int(p)) for o, p in zip(ours.onset, ours.pitch, strict=True)
    } == theirs


def test_chords_backup_and_forward(tmp_path):
    body = (
        note("C") + note("E", more="<chord/>") + note("G", alter="<alter>-1</alter>")
        + "<backup><duration>4</duration></backup><forward><duration>1</duration></forward>"
        + note("C", octave=3, duration=1)
    )  # fmt: skip
    notes = read(tmp_path, body)
    np.testing.assert_array_equal(notes.onset, [0.0, 0.0, 0.5, 1.0])
    np.testing.assert_array_equal(notes.pitch, [60, 64, 48, 66])
    np.testing.assert_array_equal(notes.duration, [1.0, 1.0, 0.5, 1.0])


def test_ties_make_one_note_across_bars(tmp_path):
    tied = '<tie type="start"/>', '<tie type="stop"/>'
    body = note(more=tied[0]) + '</measure><measure number="2">' + note(more=tied[1]) + note()
    notes = read(tmp_path, body)
    np.testing.assert_array_equal(notes.onset, [0.0, 2.0])
    np.testing.assert_array_equal(notes.duration, [2.0, 1.0])
    np.testing.assert_array_equal(notes.beat, [0.0, 1.0])


def test_grace_notes_and_rests_sound_nothing(tmp_path):
    body = "<note><rest/><duration>2</duration></note>" + note(more="<grace/>") + note("D")
    notes = read(tmp_path, body)
    np.testing.assert_array_equal(notes.pitch, [62])
    np.testing.assert_array_equal(notes.onset, [1.0])


def test_zipped_scores_name_their_document(tmp_path):
    path = tmp_path / "score.mxl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "META-INF/container.xml", '<container><rootfile full-path="a.xml"/></container>'
        )
        archive.writestr("a.xml", HEAD + note() + TAIL)
    assert len(read_notes(path)) == 1


def test_another_kind_of_score_is_refused(tmp_path):
    path = tmp_path / "score.xml"
    path.write_text("<score-timewise/>")
    with pytest.raises(ValueError, match="only <score-partwise> is read"):
        read_notes(path)
