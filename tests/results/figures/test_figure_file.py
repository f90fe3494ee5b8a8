"""Files of pictures: which suffixes there are, and that bytes repeat."""

from __future__ import annotations

import matplotlib
import pytest

from results.figures.figure_file import blank_figure, own_style, save


def test_only_svg_and_png_are_written(tmp_path):
    with pytest.raises(ValueError, match=r"a figure is .svg or .png, not '.jpg'"):
        save(blank_figure(2, 2), tmp_path / "a.jpg")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_equal_pictures_are_equal_files(tmp_path, suffix):
    for name in ("a", "b"):
        figure = blank_figure(2, 2)
        figure.add_subplot().plot([0, 1], [1, 0])
        save(figure, tmp_path / f"{name}{suffix}")
    first, second = (path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert first == second
    assert b"202" not in first[:600]  # no date


def test_the_users_settings_take_no_part(monkeypatch):
    monkeypatch.setitem(matplotlib.rcParams, "lines.linewidth", 17.0)
    with own_style():
        assert matplotlib.rcParams["lines.linewidth"] == 1.5
    assert matplotlib.rcParams["lines.linewidth"] == 17.0
