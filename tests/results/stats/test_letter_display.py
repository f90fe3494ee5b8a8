"""Compact letter display: sharing a letter is the same as not being told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.stats.letter_display import letter_groups


def symmetric(n: int, pairs: list[tuple[int, int]]) -> np.ndarray:
    matrix = np.zeros((n, n), dtype=bool)
    for i, j in pairs:
        matrix[i, j] = matrix[j, i] = True
    return matrix


@given(
    st.integers(1, 9).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.sets(
                st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(
                    lambda p: p[0] != p[1]
                )
            ),
        )
    )
)
def test_methods_share_a_letter_exactly_if_they_do_not_differ(case: tuple[int, set]) -> None:
    n, pairs = case
    different = symmetric(n, sorted(pairs))
    letters = letter_groups(different)
    for i in range(n):
        for j in range(n):
            assert bool(set(letters[i]) & set(letters[j])) == (i == j or not different[i, j])


def test_the_best_has_a() -> None:
    assert letter_groups(symmetric(3, [(0, 2)])) == ["a", "ab", "b"]
    assert letter_groups(symmetric(3, [(0, 1), (0, 2), (1, 2)])) == ["a", "b", "c"]
    assert letter_groups(symmetric(3, [])) == ["a", "a", "a"]
    assert letter_groups(symmetric(0, [])) == []


def test_more_groups_than_letters() -> None:
    n = 60
    every = symmetric(n, [(i, j) for i in range(n) for j in range(i)])
    letters = letter_groups(every)
    assert len(set(letters)) == n
    assert all(len(letter) == 1 for letter in letters)


def test_an_asymmetric_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match="symmetric"):
        letter_groups(np.array([[False, True], [False, False]]))
