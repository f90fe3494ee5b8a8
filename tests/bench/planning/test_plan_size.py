"""How many trials there are, in words."""

from __future__ import annotations

from bench.planning.plan_size import size_text, trials_text


def test_one_trial_is_no_trials() -> None:
    assert [trials_text(count) for count in (0, 1, 2)] == ["0 trials", "1 trial", "2 trials"]


def test_a_search_says_how_much_of_it_is_known() -> None:
    assert size_text(1, 0) == "1 trial"
    assert size_text(2, 3) == "2 of 5 trials (the rest depends on results)"
