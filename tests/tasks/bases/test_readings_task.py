"""Reading an output in two ways: which is chosen, on what data, and what it says of either."""

import numpy as np
import pytest
import torch

from bench.plugin import EventTarget, TensorSplit
from losses._shared.decode import PeakPicking
from tasks.bases import ReadingsTask, event_metrics, reading_metrics

BINS = 40


class Runs(ReadingsTask):
    """Sample i has the input i."""

    plugin_name = "runs"
    tolerance: float = 0.0
    step, bins = 1.0, BINS
    metrics = (*event_metrics(), *reading_metrics())


class Peaks(PeakPicking):
    """A loss whose own decoder takes peaks alone."""


def split(*events):
    labels = torch.zeros(len(events), 1, BINS)
    for row, bins in enumerate(events):
        labels[row, 0, list(bins)] = 1
    return TensorSplit(torch.arange(len(events)), EventTarget(labels, 1.0))


def scored(network, loss, validation, test):
    task = Runs()
    decoding = task.calibrate(network, loss, validation)
    return task.evaluate(network, loss, test, decoding)


@pytest.mark.parametrize("picks", [True, False])
def test_consecutive_events_need_every_bin_whatever_the_losss_decoder(picks, recorded, plain):
    data = split([3, 4, 5, 20], [10, 11], [30])
    found = scored(recorded(data.target.events * 0.9), Peaks() if picks else plain, data, data)
    assert found.metrics["f1"] == found.metrics["f1_threshold"] == 1.0
    assert found.metrics["f1_peaks"] == pytest.approx(2 * 4 / (7 + 4))  # of 7 events 4 are peaks
    assert found.details["reading"] == "threshold"


def test_bumps_need_peaks(recorded, plain):
    data = split([5, 20], [10], [30])
    bumps = torch.nn.functional.avg_pool1d(data.target.events, 5, 1, 2)
    found = scored(recorded(bumps + 0.5 * data.target.events), plain, data, data)
    assert found.metrics["f1"] == 1.0
    low = scored(recorded(bumps), plain, data, data)  # flat tops: their first bins are peaks
    assert low.metrics["f1_threshold"] == pytest.approx(2 * 4 / (20 + 4))
    assert low.details["reading"] == "threshold"


def test_validation_data_choose(recorded, plain):
    """Each of two networks is read as its validation sample wants, whatever the test sample is."""
    runs, bumps = split([3, 4, 5, 6]), split([20])
    spread = torch.tensor([0.5, 0.6, 0.7, 0.9, 0.8, 0.6, 0.5])
    output = torch.zeros(1, 1, BINS)
    output[..., 17:24] = spread
    output[..., 3:7] = 0.9
    [only_runs, only_bump] = output.clone(), output.clone()
    only_runs[..., 10:], only_bump[..., :10] = 0, 0
    as_runs = Runs().calibrate(recorded(only_runs), plain, runs)
    as_bumps = Runs().calibrate(recorded(only_bump * 0.5), plain, bumps)
    assert (as_runs["peaks"], as_bumps["peaks"]) == (0.0, 0.0)  # a high threshold finds one bin
    doubled = output.clone()
    doubled[..., 17:24] = torch.tensor([0.9, 0.95, 0.95, 0.96, 0.95, 0.95, 0.9])
    both = split([3, 9, 20])
    doubled[..., [3, 9]], doubled[..., 4:7] = 0.91, 0.0
    chosen = Runs().calibrate(recorded(doubled), plain, both)
    assert chosen["peaks"] == 1.0
    found = Runs().evaluate(recorded(doubled), plain, both, chosen)
    assert found.metrics["f1"] == found.metrics["f1_peaks"] == 1.0
    assert found.metrics["f1_threshold"] < 0.7
    other = Runs().evaluate(recorded(only_runs), plain, runs, chosen)
    assert other.metrics["f1"] == other.metrics["f1_peaks"] < other.metrics["f1_threshold"]


def test_all_metrics_are_those_of_the_chosen_reading(recorded, plain):
    data = split([3, 4, 5, 20], [10, 11], [30])
    network = recorded(data.target.events * 0.9)
    decoding = Runs().calibrate(network, plain, data)
    peaks = Runs().evaluate(network, plain, data, {**decoding, "peaks": 1.0})
    assert peaks.metrics["recall"] == pytest.approx(4 / 7)
    assert peaks.samples["tp"] == [2, 1, 1]
    assert peaks.details["detections"] == 4
    undecided = peaks.metrics.pop("undecided")
    assert undecided == pytest.approx(1.0)  # 0.9 lies between 0.05 and 0.95
    assert np.isfinite(list(peaks.metrics.values())).all()
