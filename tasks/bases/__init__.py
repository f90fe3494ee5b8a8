"""Bases of tasks, one per head: what every task of a head would otherwise repeat.

`EventsTask`, `PointsTask`, `KeypointTask` and `CountTask` run the network in batches, refuse output
that is not finite, decode, choose a threshold on validation data, match, and report metrics,
per-sample counts and seconds. A task says what is its own: options, data, network, tolerance.

Anybody's tasks may import this package, beside `bench.plugin`; it loads neither torch nor SciPy.
Guide: docs/guides/add-a-task.md.
"""

from tasks.bases.corpus_task import CorpusTask
from tasks.bases.count_task import CountTask, count_metrics
from tasks.bases.events_task import EventsTask, event_metrics, timing_metrics, timing_spread
from tasks.bases.keypoint_task import KeypointDetections, KeypointTask, keypoint_metrics
from tasks.bases.localization_task import LabelledSplit, LocalizationTask
from tasks.bases.points_task import PointsTask, point_metrics
from tasks.bases.readings_task import ReadingsTask, reading_metrics
from tasks.bases.recordings_task import RecordingsTask
from tasks.bases.split_output import Inference, evaluating, finite
from tasks.metrics.event_lists import Events
from tasks.metrics.event_matching import EventMatches
from tasks.metrics.point_lists import Points
from tasks.metrics.point_matching import PointMatches

__all__ = [
    "CorpusTask", "CountTask", "EventMatches", "Events", "EventsTask", "Inference",
    "KeypointDetections", "KeypointTask", "LabelledSplit", "LocalizationTask", "PointMatches",
    "Points", "PointsTask", "ReadingsTask", "RecordingsTask", "count_metrics", "evaluating",
    "event_metrics", "finite", "keypoint_metrics", "point_metrics", "reading_metrics",
    "timing_metrics", "timing_spread",
]  # fmt: skip
