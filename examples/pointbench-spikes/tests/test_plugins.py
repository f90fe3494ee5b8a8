"""The conformance suite of pointbench on the plugins of this package, as installed."""

from bench.conformance import check_loss, check_task
from bench.plugin.registry import losses, tasks


def test_focal_passes() -> None:
    failed = [result for result in check_loss(losses.get("focal")) if result.passed is False]
    assert not failed


def test_spikes_passes() -> None:
    failed = [result for result in check_task(tasks.get("spikes")) if result.passed is False]
    assert not failed
