"""Methods by the names that people give them."""

from __future__ import annotations

import pytest

from bench.artefacts.leaderboard_choice import find_method
from bench.plugin import UsageError
from results.leaderboard.board import Method

METHODS = [
    Method("1", "ce", "ce (decoder=peaks)", "as published", {"decoder": "peaks"}),
    Method("2", "ce", "ce (decoder=threshold)", "as published", {"decoder": "threshold"}),
    Method("3", "softloc", "SoftLoc", "as published", {"softness": 0.1, "alpha": {"start": 1.0}}),
    Method("4", "softloc", "SoftLoc", "tuned", {}),
    Method("5", "ce", "ce (decoder=peaks)", "tuned", {"decoder": "peaks"}),
    Method("6", "only", "only", "tuned", {}),
    Method("7", "mine", "mine", "yours", {"softness": 0.1}),
]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("SoftLoc", "3"),
        ("softloc", "3"),
        ("softloc:tuned", "4"),
        ("SoftLoc (tuned)", "4"),
        ("softloc:softness=0.10", "3"),
        ("softloc: alpha.start=1, softness=.1", "3"),
        ("ce (decoder=threshold)", "2"),
        ("ce:decoder=threshold", "2"),
        ("ce (decoder=peaks) (tuned)", "5"),
        ("ce:tuned", "5"),
        ("only", "6"),
        ("mine", "7"),
    ],
)
def test_names_that_are_understood(text: str, key: str) -> None:
    assert find_method(text, METHODS).key == key


def test_every_row_is_found_by_the_name_it_is_called() -> None:
    assert [find_method(method.written, METHODS) for method in METHODS] == METHODS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ce", r"'ce' has several rows; name one: 'ce \(decoder=peaks\)', 'ce \(decoder=thresh"),
        ("softlocc", r"no method 'softlocc' on the leaderboard; did you mean 'softloc'\?"),
        ("ce:decoder=x", r"no row of 'ce' has decoder=x; there are: 'ce \(decoder=peaks\)', "),
        ("mine:tuned", r"no method 'mine:tuned' on the leaderboard"),
    ],
)
def test_names_that_are_not(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find_method(text, METHODS)
