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


def hills(*bins):
    """A hill of seven bins with a top of its own height around each bin."""
    output = torch.zeros(1, 1, BINS)
    for number, where in enumerate(bins):
        hill = torch.tensor([0.90, 0.92, 0.94, 0.95, 0.94, 0.92, 0.90]) - 0.1 * number
        output[0, 0, where - 3 : where + 4] = hill
    return output


def test_hills_need_peaks(recorded, plain):
    data = split([5, 15, 25])
    found = scored(recorded(hills(5, 15, 25)), plain, data, data)
    assert found.metrics["f1"] == found.metrics["f1_peaks"] == 1.0
    assert found.metrics["f1_threshold"] == pytest.approx(0.5)  # the top of the highest alone
    assert found.details["reading"] == "peaks"


def test_validation_data_choose_and_test_data_are_read_as_they_did(recorded, plain):
    validation, test = split([5, 15, 25]), split([3, 4, 5, 20])
    decoding = Runs().calibrate(recorded(hills(5, 15, 25)), plain, validation)
    found = Runs().evaluate(recorded(test.target.events * 0.9), plain, test, decoding)
    assert found.details["reading"] == "peaks"
    assert found.metrics["f1"] == found.metrics["f1_peaks"] == pytest.approx(2 * 2 / (4 + 2))


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
