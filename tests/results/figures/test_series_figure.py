"""Panels of series: one legend, common colours, common axes."""

from __future__ import annotations

import numpy as np
import pytest

from results.figures.figure_file import save
from results.figures.series_figure import Panel, Series, draw_panels

LABELS = {"x_label": "x", "y_label": "y"}
RAMP = Series((0.0, 1.0, 2.0), (0.0, 1.0, 4.0))


def colours(figure, number):
    """Colour of each named line of a panel."""
    return {line.get_label(): line.get_color() for line in figure.axes[number].lines}


def test_a_name_has_one_colour_in_all_panels_and_one_entry_in_the_legend():
    panels = [Panel("one", {"a": RAMP}), Panel("two", {"b": RAMP, "a": RAMP})]
    figure = draw_panels(panels, mark="line", **LABELS)
    first, second = colours(figure, 0), colours(figure, 1)
    assert first["a"] == second["a"] != second["b"]
    [legend] = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b"]


def test_lines_go_through_the_points():
    figure = draw_panels([Panel("one", {"a": RAMP})], mark="line", **LABELS)
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_data(), [RAMP.x, RAMP.y])


def test_ticks_stand_upright_about_their_row():
    figure = draw_panels([Panel("one", {"a": RAMP})], mark="ticks", **LABELS)
    segments = np.array(figure.axes[0].collections[0].get_segments())
    np.testing.assert_allclose(segments[:, 0, 0], RAMP.x)
    np.testing.assert_allclose(segments[:, :, 1].mean(1), RAMP.y)


def test_four_panels_fill_two_rows_and_a_panel_without_series_says_why(tmp_path):
    panels = [Panel(str(n), {"a": RAMP}) for n in range(3)] + [Panel("last", words="5 failed")]
    figure = draw_panels(panels, mark="points", same_scale=True, title="$ <&>", **LABELS)
    assert sum(axes.get_visible() for axes in figure.axes) == 4
    assert figure.axes[3].get_title() == "last\n5 failed"
    save(figure, tmp_path / "a.svg")
    save(figure, tmp_path / "a.png")


def test_what_makes_no_picture_is_refused():
    with pytest.raises(ValueError, match="a picture needs a panel"):
        draw_panels([], mark="line", **LABELS)
    with pytest.raises(ValueError, match="2 values of x and 1 of y"):
        Series((0.0, 1.0), (0.0,))
