"""How numbers of a metric are shown: per cent is for what has no unit."""

from __future__ import annotations

import pytest

from bench.artefacts.metric_styles import number_style
from bench.planning.plan import plan
from results.tables.number_style import NumberStyle


@pytest.mark.parametrize(
    ("metric", "percent", "style"),
    [
        ("accuracy", False, NumberStyle(3, unit="", direction="max")),
        ("accuracy", True, NumberStyle(1, 100.0, "", "%", "max")),
        ("center_distance", False, NumberStyle(2, unit="px", direction="min")),
        ("center_distance", True, NumberStyle(2, unit="px", direction="min")),
        ("seconds.train", True, NumberStyle(unit="s", direction="min")),
    ],
)
def test_per_cent_is_for_metrics_without_a_unit(
    metric: str, percent: bool, style: NumberStyle
) -> None:
    assert number_style(plan("digits-counts").trials, metric, percent) == style
