"""Headings and sentences of numbers with units and directions."""

from __future__ import annotations

import pytest

from results.tables.number_style import NumberStyle


@pytest.mark.parametrize(
    ("style", "heading", "sentence"),
    [
        (NumberStyle(), "MAD", ""),
        (NumberStyle(direction="max"), "MAD ↑", "More is better."),
        (NumberStyle(unit="px"), "MAD [px]", "In px."),
        (NumberStyle(unit="px", direction="min"), "MAD [px] ↓", "In px; less is better."),
        (NumberStyle(unit="s", shown_unit="ms"), "MAD [ms]", "In ms."),
        (NumberStyle(unit="px", shown_unit=""), "MAD", ""),
    ],
)
def test_unit_and_direction_in_words(style, heading, sentence):
    assert style.heading("MAD") == heading
    assert style.sentence == sentence


def test_numbers_are_shown_in_the_shown_unit():
    assert NumberStyle(digits=1, factor=1000.0, unit="s", shown_unit="ms").number(0.01234) == "12.3"
