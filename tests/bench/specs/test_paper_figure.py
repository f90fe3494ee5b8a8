"""Declarations of figures: one form each."""

from __future__ import annotations

from typing import Any

import pytest

from bench.specs.paper_figure import FigureSpec

FIGURE: dict[str, Any] = {"id": "f", "title": "t", "source": "s", "sweep": "drums-noise"}
ROW = {"label": "ours", "where": {"loss": "softloc"}}
CURVES = {"x": "task.noise", "y": "f1", "rows": [ROW]}
PANELS = {"detail": "filter", "mark": "line", "x": "steps", "y": "weight", "panels": [ROW]}


@pytest.mark.parametrize(
    ("form", "selections"),
    [({"surface": "f1"}, 0), ({"curves": CURVES}, 1), ({"panels": PANELS}, 1)],
)
def test_each_form_selects_its_trials(form: dict[str, Any], selections: int) -> None:
    assert len(FigureSpec(**FIGURE, **form).selections) == selections


@pytest.mark.parametrize(
    ("forms", "found"),
    [({}, "none of them"), ({"surface": "f1", "curves": CURVES}, "surface and curves")],
)
def test_a_figure_has_exactly_one_form(forms: dict[str, Any], found: str) -> None:
    with pytest.raises(ValueError, match=f"one of surface, curves, panels; this one has {found}"):
        FigureSpec(**FIGURE, **forms)


def test_an_unknown_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="'line', 'points', 'ticks' or 'images'"):
        FigureSpec(**FIGURE, panels=PANELS | {"mark": "bars"})


def test_images_have_no_axes_and_the_others_have_both() -> None:
    bare = {key: value for key, value in PANELS.items() if key not in ("x", "y")}
    FigureSpec(**FIGURE, panels=bare | {"mark": "images"})
    for wrong in (bare, PANELS | {"mark": "images"}):
        with pytest.raises(ValueError, match="axes have labels x and y; images have neither"):
            FigureSpec(**FIGURE, panels=wrong)
