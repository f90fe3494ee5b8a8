"""Curves: what is drawn where, read back from the picture's own objects."""

from __future__ import annotations

import math

import numpy as np
import pytest

from results.figures.curves_figure import Curve, draw_curves
from results.figures.figure_file import save
from results.stats.inference import Interval

LABELS = {"x_label": "σ [ms]", "y_label": "f1 ($ is no mathtext"}


def curve(label="a", x=(0.0, 50.0), y=(0.9, 0.8), half=0.1):
    return Curve(label, x, tuple(Interval(v, v - half, v + half, 5) for v in y))


def drawn(figure):
    """Label -> (places, values, ends of intervals) of each curve."""
    found = {}
    for container in figure.axes[0].containers:
        line, _, (bars,) = container.lines
        segments = np.array(bars.get_segments())
        found[container.get_label()] = (*line.get_data(), segments[:, :, 1])
    return found


def test_points_and_intervals_lie_where_they_should():
    found = drawn(draw_curves([curve()], **LABELS))
    places, values, ends = found["a"]
    np.testing.assert_allclose(places, [0, 50])
    np.testing.assert_allclose(values, [0.9, 0.8])
    np.testing.assert_allclose(ends, [[0.8, 1.0], [0.7, 0.9]])


def test_curves_stand_beside_each_other_about_their_place():
    found = drawn(draw_curves([curve("a"), curve("b"), curve("c")], **LABELS))
    places = np.array([found[name][0] for name in "abc"])
    np.testing.assert_allclose(places.mean(0), [0, 50], atol=1e-12)
    assert (np.diff(places, axis=0) > 0).all()
    assert np.ptp(places, axis=0).max() < 2


def test_on_a_logarithmic_axis_they_do_so_by_a_factor():
    curves = [curve(name, (10.0, 1000.0)) for name in "ab"]
    found = drawn(draw_curves(curves, log=True, **LABELS))
    places = np.array([found[name][0] for name in "ab"])
    np.testing.assert_allclose(places.prod(0), [100, 1e6])
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(places[0], places[1])


def test_an_interval_that_is_unknown_has_no_bar_and_a_curve_without_points_no_entry(tmp_path):
    alone = Curve("one", (1.0,), (Interval(0.5, math.nan, math.nan, 1),))
    figure = draw_curves([alone, Curve("none", (), ())], **LABELS)
    assert drawn(figure)["one"][2].tolist() == [[0.5, 0.5]]
    assert set(drawn(figure)) == {"one"}
    save(figure, tmp_path / "a.svg")
    save(draw_curves([], **LABELS), tmp_path / "b.png")


def test_labels_are_taken_literally(tmp_path):
    path = tmp_path / "a.svg"
    save(draw_curves([curve("a $x$ <&>")], title="$", caption="_", **LABELS), path)
    assert path.stat().st_size > 1000


def test_a_long_label_stays_inside_the_picture():
    long = "F1 (events found within the tolerance, mean of kick, snare, hihat)"
    figure = draw_curves([curve()], x_label="σ [ms]", y_label=long)
    figure.draw_without_rendering()
    box = figure.axes[0].yaxis.label.get_window_extent()
    assert box.y0 >= 0
    assert box.y1 <= figure.bbox.y1
