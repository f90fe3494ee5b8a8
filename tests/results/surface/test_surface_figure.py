"""Figures have ink, the same bytes each time, and take hostile names literally."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import matplotlib
import matplotlib.image
import numpy as np
import pytest

from results.figures.figure_file import save
from results.surface.bandwidth import bandwidth_errors
from results.surface.nadaraya_watson import estimate_surface
from results.surface.surface_figure import caption_of, draw_surface

GRID = (np.linspace(0, 0.15, 31), np.linspace(0, 0.1, 21))
LABELS = {
    "x_label": "softness $S_M$ [ms]",
    "y_label": "label noise $\\sigma$ [ms]",
    "value_label": "F1",
    "x_scale": 1000.0,
    "y_scale": 1000.0,
}
HOSTILE = "<script>alert(1)</script> $\\LaTeX$ 50% & _x_ 🥁 ]]> " + "x" * 100


def runs(n=80):
    generator = np.random.default_rng(0)
    x, y = generator.uniform(0, 0.15, n), generator.uniform(0, 0.1, n)
    return x, y, 0.95 - np.maximum(y - x, 0)


def surface_of(x, y, value, **options):
    return estimate_surface(
        x, y, value, *GRID, **{"bandwidth": (0.01, 0.01), "resamples": 0, **options}
    )


def test_png_shows_colours_and_svg_is_well_formed(tmp_path):
    x, y, value = runs()
    figure = draw_surface(
        surface_of(x, y, value),
        x,
        y,
        title=HOSTILE,
        data_name=HOSTILE,
        diagonal="$S_M = \\sigma$",
        color_range=(0.87, 0.94),
        **{**LABELS, "value_label": HOSTILE},
    )
    for name in ("a.png", "a.svg"):
        save(figure, tmp_path / name)
    pixels = matplotlib.image.imread(tmp_path / "a.png")[..., :3]
    assert pixels.shape[0] > 600
    assert len(np.unique((pixels * 255).astype(int).reshape(-1, 3), axis=0)) > 200
    viridis = np.array(matplotlib.colormaps["viridis"]([0.0, 0.999]))[:, :3]
    for colour in viridis:
        assert (np.abs(pixels - colour).max(axis=-1) < 0.02).any()
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert not [element for element in root.iter() if str(element.tag).endswith("script")]


def test_ticks_are_in_the_unit_shown(tmp_path):
    x, y, value = runs()
    figure = draw_surface(surface_of(x, y, value), x, y, **LABELS)
    axes = figure.axes[0]
    assert axes.get_xlim() == (0, 150)
    assert axes.get_ylim() == (0, 100)
    dots = axes.collections[-1].get_offsets()
    np.testing.assert_allclose(dots, np.stack([x, y], axis=1) * 1000)


def test_logarithmic_axes_have_round_ticks_and_errors_are_in_the_caption(tmp_path):
    generator = np.random.default_rng(0)
    x, y = 10 ** generator.uniform(-4, -1, 60), generator.uniform(0.01, 0.1, 60)
    value = 1 / (1 + x / 0.01)
    grids = np.geomspace(1e-4, 1e-1, 31), np.linspace(0.01, 0.1, 21)
    options = {"bandwidth": (0.4, 0.03), "log": (True, False), "resamples": 0}
    surface = estimate_surface(x, y, value, *grids, **options)
    errors = bandwidth_errors(np.log10(x), y, value, surface.bandwidth)
    figure = draw_surface(surface, x, y, errors=errors, **LABELS)
    axes = figure.axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
    assert axes.get_xlim() == pytest.approx((0.1, 100))
    save(figure, tmp_path / "a.svg")
    shown = {label.get_text() for label in axes.get_xticklabels()}
    assert {"0.1", "1", "10", "100"} <= shown
    assert not any("$" in text for text in shown)
    caption = axes.get_title().splitlines()
    assert caption[0] == "60 runs · Gaussian bandwidths 0.4 decades × 30 (given)"
    assert caption[1].startswith("settings left out are predicted with RMSE ")
    mesh = axes.collections[0].get_coordinates()[0, :, 0]
    middles = np.sqrt(mesh[1:] * mesh[:-1])
    np.testing.assert_allclose(middles, grids[0] * 1000, rtol=1e-9)


def test_the_same_figure_has_the_same_bytes_in_another_process_and_style(tmp_path):
    script = tmp_path / "draw.py"
    script.write_text(
        "import sys, numpy, matplotlib, pathlib\n"
        "matplotlib.rcParams.update({'axes.facecolor': 'red', 'font.size': float(sys.argv[1])})\n"
        "from results.figures.figure_file import save\n"
        "from results.surface.surface_figure import draw_surface\n"
        "from results.surface.nadaraya_watson import estimate_surface\n"
        "x, y = numpy.random.default_rng(0).uniform(0, 1, (2, 40))\n"
        "grid = numpy.linspace(0, 1, 15)\n"
        "s = estimate_surface(x, y, x + y, grid, grid, bandwidth=(0.1, 0.1), resamples=0)\n"
        "f = draw_surface(s, x, y, x_label='x', y_label='y', value_label='v', diagonal='x = y')\n"
        "for suffix in ('.svg', '.png'):\n"
        "    save(f, pathlib.Path(sys.argv[2]).with_suffix(suffix))\n"
    )
    for size in ("7", "21"):
        subprocess.run([sys.executable, script, size, tmp_path / size], check=True)
    for suffix in (".svg", ".png"):
        first, second = ((tmp_path / size).with_suffix(suffix) for size in ("7", "21"))
        assert first.read_bytes() == second.read_bytes()
    assert b"<dc:date>" not in (tmp_path / "7.svg").read_bytes()


def test_drawing_leaves_the_settings_of_matplotlib_alone(tmp_path):
    before = dict(matplotlib.rcParams)
    x, y, value = runs(20)
    save(draw_surface(surface_of(x, y, value), x, y, **LABELS), tmp_path / "a.png")
    assert dict(matplotlib.rcParams) == before


def test_blanks_are_hatched_and_said_so(tmp_path):
    x, y, value = runs()
    left = x < 0.06
    surface = surface_of(x[left], y[left], value[left], clip=0.9)
    assert "hatched: too few runs" in caption_of(surface, 1000.0, 1000.0, "")
    figure = draw_surface(surface, x[left], y[left], **LABELS)
    assert any(patch.get_hatch() for patch in figure.axes[0].patches)
    save(figure, tmp_path / "a.svg")
    full = surface_of(x, y, value, bandwidth=(0.05, 0.05))
    assert not any(
        patch.get_hatch() for patch in draw_surface(full, x, y, **LABELS).axes[0].patches
    )


@pytest.mark.parametrize("value", [[0.9], [0.9] * 5])
def test_too_few_runs_and_a_constant_metric_are_drawn_too(tmp_path, value):
    n = len(value)
    x, y = np.linspace(0.02, 0.1, n), np.linspace(0.02, 0.08, n)
    surface = surface_of(x, y, np.array(value), bandwidth=(0.03, 0.03))
    assert surface.blank.all() == (n == 1)
    save(draw_surface(surface, x, y, **LABELS), tmp_path / "a.png")


def test_caption_tells_bandwidth_clip_and_data():
    x, y, value = runs()
    surface = surface_of(x, y, value, clip=0.83, bandwidth=(0.05, 0.02))
    caption = caption_of(surface, 1000.0, 1000.0, "rendered drums")
    assert caption == (
        "80 runs · Gaussian bandwidths 50 × 20 in units of the axes (given) · "
        "values below 0.83 raised to it\ndata: rendered drums"
    )
    chosen = caption_of(surface_of(x, y, value, bandwidth=None), 1.0, 1.0, "")
    assert "(chosen by leave-one-setting-out)" in chosen


def test_many_runs_make_a_small_svg(tmp_path):
    x, y, value = runs(20_000)
    save(draw_surface(surface_of(x, y, value), x, y, **LABELS), tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size < 1_000_000


def test_other_suffixes_are_refused(tmp_path):
    x, y, value = runs(20)
    with pytest.raises(ValueError, match=r"\.svg or \.png, not '\.jpg'"):
        save(draw_surface(surface_of(x, y, value), x, y, **LABELS), tmp_path / "a.jpg")
