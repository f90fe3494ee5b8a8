"""Sources of drum recordings."""

from tasks.data.audio.drum_corpora import RenderedKits, RenderedPercussion


def test_rendered_kits_have_as_many_recordings_as_asked_for_and_say_so_in_their_key():
    corpus = RenderedKits(3, 2.0)
    assert corpus.check() == []
    recordings = list(corpus.recordings(0))
    assert [len(r.audio) / r.sample_rate for r in recordings] == [2.0] * 3
    assert {r.family for r in recordings} == set(corpus.families)
    assert corpus.key()["recordings"] == [3, 2.0]
    assert corpus.key() != RenderedKits(3, 2.5).key()


def test_amid_percussion_is_another_key_and_the_first_one_stays():
    alone, amid = RenderedKits(3, 2.0), RenderedPercussion(3, 2.0)
    assert alone.key() == {"generator": 6, "recordings": [3, 2.0]}
    assert amid.key() != alone.key()
    assert amid.key() != RenderedPercussion(3, 2.0, cross_stick=False).key()
    assert len(list(amid.recordings(0))) == 3
    assert (alone.parts, alone.published) == (amid.parts, amid.published)
