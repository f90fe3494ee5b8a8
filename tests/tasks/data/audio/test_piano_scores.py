"""Scores of the corpus, and how they are divided."""

import numpy as np
import pytest

from bench.plugin import UsageError
from tasks.data.audio.piano_corpora import RenderedScores
from tasks.data.audio.piano_scores import MOST, SHARES, STYLES, divided, draw_score, scores


def test_styles_have_scores_enough():
    assert set(SHARES) == set(STYLES)
    assert abs(sum(SHARES.values()) - 1) < 1e-12
    assert sum(len(scores(style)) for style in STYLES) > 400


def test_no_score_trains_and_tests():
    for world in range(5):
        train, test = divided(np.random.default_rng(world))
        names = [{name for group in part.values() for name in group} for part in (train, test)]
        assert names[0]
        assert names[1]
        assert not names[0] & names[1]
        assert all(len(group) <= MOST for part in (train, test) for group in part.values())


def test_worlds_divide_differently():
    first, other = (divided(np.random.default_rng(world))[0] for world in (0, 1))
    assert first["chorales"] != other["chorales"]


def test_a_draw_is_reproducible():
    train, _ = divided(np.random.default_rng(0))
    names = [draw_score(np.random.default_rng(5), train)[0] for _ in range(2)]
    assert names[0] == names[1]
    assert names[0] in {name for group in train.values() for name in group}


def test_other_scores_are_told_before_anything_is_rendered(monkeypatch):
    corpus = RenderedScores(2, 2, 1.0)
    corpus.check()
    monkeypatch.setattr("tasks.data.audio.piano_scores._LARGEST", 20_000)
    scores.cache_clear()
    with pytest.raises(UsageError, match="music21 brings other scores than those expected"):
        corpus.check()
    scores.cache_clear()
