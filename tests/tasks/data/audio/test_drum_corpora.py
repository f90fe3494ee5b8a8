"""Sources of drum recordings."""

from tasks.data.audio.drum_corpora import RenderedKits


def test_rendered_kits_have_as_many_recordings_as_asked_for_and_say_so_in_their_key():
    corpus = RenderedKits(3, 2.0)
    corpus.check()
    recordings = list(corpus.recordings(0))
    assert [len(r.audio) / r.sample_rate for r in recordings] == [2.0] * 3
    assert {r.family for r in recordings} == set(corpus.families)
    assert corpus.key()["recordings"] == [3, 2.0]
    assert corpus.key() != RenderedKits(3, 2.5).key()
