"""What every rendered source of data says of itself."""

from __future__ import annotations

import json

import pytest

from tasks.data.audio.drum_corpora import RenderedKits, RenderedPercussion
from tasks.data.audio.piano_corpora import RenderedScores
from tasks.data.corpus import Corpus
from tasks.data.video.swing_corpora import RenderedSwings

RENDERED: list[Corpus] = [
    RenderedKits(3, 2.0),
    RenderedPercussion(3, 2.0, cross_stick=True),
    RenderedScores(2, 2, 6.0),
    RenderedSwings(4),
]


@pytest.mark.parametrize("corpus", RENDERED, ids=lambda corpus: type(corpus).__name__)
def test_rendered_data_have_worlds_a_key_and_nothing_that_could_be_missing(corpus: Corpus) -> None:
    assert corpus.name.startswith("rendered")
    assert corpus.worlds == 10
    assert json.loads(json.dumps(corpus.key())) == corpus.key()
    assert not corpus.check()


def test_no_two_of_them_have_one_key() -> None:
    keys = {json.dumps(corpus.key(), sort_keys=True) for corpus in RENDERED}
    assert len(keys) == len(RENDERED)
