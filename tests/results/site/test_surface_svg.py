"""Where things lie in the drawing of a surface, on linear and on logarithmic axes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from results.site import Quantity, SurfacePanel
from results.site.surface_svg import BOTTOM, LEFT, RIGHT, TOP, draw
from results.surface.bandwidth import bandwidth_errors
from results.surface.nadaraya_watson import estimate_surface


def panel(log: tuple[bool, bool]) -> SurfacePanel:
    """Runs at the ends and the middle of 1 … 100 ms and 0 … 10."""
    x, y = np.array([1e-3, 1e-2, 1e-1, 1e-2]), np.array([0.0, 5.0, 10.0, 2.0])
    value = np.array([0.1, 0.2, 0.3, 0.2])
    across = np.geomspace(1e-3, 1e-1, 21) if log[0] else np.linspace(1e-3, 1e-1, 21)
    bandwidth = (1.0, 5.0) if log[0] else (0.05, 5.0)
    surface = estimate_surface(
        x, y, value, across, np.linspace(0, 10, 11), bandwidth=bandwidth, log=log, resamples=0
    )
    places = np.log10(x) if log[0] else x
    return SurfacePanel(
        surface,
        ("a", "b", "c", "d"),
        *(x, y, value),
        x=Quantity("softness", "ms", 1000.0),
        y=Quantity("count"),
        value=Quantity("F1"),
        errors=bandwidth_errors(places, y, value, bandwidth),
    )


@pytest.mark.parametrize("log", [(False, False), (True, False)])
def test_runs_and_ticks_lie_where_their_values_do(log: tuple[bool, bool]) -> None:
    drawing = draw(panel(log))
    dots = [tuple(map(float, pair)) for pair in re.findall(r"M([\d.]+) ([\d.]+)h", drawing.dots)]
    share = 0.5 if log[0] else 9 / 99  # of 10 ms between 1 and 100
    assert dots[0] == (LEFT, BOTTOM)
    assert dots[1] == pytest.approx((LEFT + share * (RIGHT - LEFT), (TOP + BOTTOM) / 2), abs=0.06)
    assert dots[2] == (RIGHT, TOP)
    at = {tick.text: tick.at for tick in drawing.x_ticks}
    if log[0]:
        assert at["10"] == pytest.approx((LEFT + RIGHT) / 2)
        assert list(at) == ["1", "2", "5", "10", "20", "50", "100"]
    assert drawing.data["x"]["log"] == log[0]
    assert drawing.data["x"]["grid"][-1] == pytest.approx(100)
    assert drawing.data["runs"]["x"] == [1, 10, 100, 10]


def test_the_caption_has_bandwidths_in_the_axis_unit_or_decades() -> None:
    assert panel((True, False)).smoothing.startswith(
        "Gaussian bandwidths 1 decades × 5 (given); settings left out are predicted with RMSE"
    )
    assert "50 × 5 in units of the axes (given)" in panel((False, False)).smoothing
