"""Galleries: a column for each trial, captions as they are, grey values as they are."""

from __future__ import annotations

import numpy as np
import pytest

from results.figures.figure_file import save
from results.figures.image_figure import Gallery, draw_galleries

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)
COLOUR = np.full((3, 4, 3), 7, np.uint8)


def test_pictures_stand_below_one_another_in_the_column_of_their_trial(tmp_path):
    galleries = [
        Gallery("one", {"a $x$": GREY, "b": COLOUR}, "digits, replicate 0"),
        Gallery("two", words="5 failed"),
    ]
    figure = draw_galleries(galleries, title="$ <&>")
    assert len(figure.axes) == 4
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["one\ndigits, replicate 0\na $x$", "two\n5 failed", "b", ""]
    assert not any(axes.axison for axes in figure.axes)
    [drawn] = figure.axes[0].get_images()
    np.testing.assert_array_equal(drawn.get_array(), GREY)
    assert drawn.get_clim() == (0, 255)
    [coloured] = figure.axes[2].get_images()
    np.testing.assert_array_equal(coloured.get_array(), COLOUR)
    save(figure, tmp_path / "a.svg")
    save(figure, tmp_path / "a.png")


def test_no_gallery_is_refused():
    with pytest.raises(ValueError, match="a picture needs a gallery"):
        draw_galleries([])
