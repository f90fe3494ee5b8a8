"""Base of tasks whose samples are pieces of recordings that are scored as wholes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from bench.plugin import Evaluation, Loss, Split
from tasks.bases.events_task import EventsTask
from tasks.metrics.event_lists import Events
from tasks.metrics.event_matching import EventMatches, match_events
from tasks.metrics.recording_scores import recording_scores
from tasks.metrics.sparsity import UNDECIDED
from tasks.metrics.thresholds import THRESHOLDS, best_threshold

if TYPE_CHECKING:
    from torch import nn


class Recordings(Split, Protocol):
    """A split of pieces of recordings."""

    def joined(self, events: Events) -> Events:
        """Events of pieces as events of recordings, at times from the start of these."""
        ...


class RecordingsTask(EventsTask):
    """F1, precision and recall as means over recordings, all channels of each taken together.

    Events are put back into their recordings before they are matched, so that an onset at the edge
    of a piece may be found in the next one. The threshold is chosen by the same F1.
    """

    def calibrate(self, network: nn.Module | None, loss: Loss, validation: Any) -> dict[str, float]:
        """The threshold with the best mean F1 on validation data.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        truth, scores, times = self._read(validation, self.infer(network, loss, validation))
        truth, values = validation.joined(truth), []
        for threshold in THRESHOLDS:
            detected = validation.joined(Events.above(scores, threshold, times))
            values.append(self.f1(match_events(truth, detected, self.tolerance)))
        return {"threshold": best_threshold(values)}

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Any, decoding: dict[str, float]
    ) -> Evaluation:
        """Metrics, and per recording correct, false and missed events, and sums of timing errors.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = self.infer(network, loss, split)
        truth, scores, times = self._read(split, found)
        detected = split.joined(Events.above(scores, decoding["threshold"], times))
        truth = split.joined(truth)
        matches = match_events(truth, detected, self.tolerance)
        number = {"samples": len(split), "recordings": truth.samples, "events": len(truth)}
        more = self.remarks_of(split, truth, detected)
        return Evaluation(
            self.declared(
                {**self.measures(matches), UNDECIDED.name: found.mass.undecided, **more[0]}
            ),
            {**number, "detections": len(detected), **more[1]},
            {"per_sample": found.seconds},
            {
                "tp": matches.tp.sum(1).tolist(),
                "fp": matches.fp.sum(1).tolist(),
                "fn": matches.fn.sum(1).tolist(),
                "timing_error": matches.errors_per_sample().tolist(),
            },
        )

    def remarks_of(
        self, split: Any, truth: Events, detected: Events
    ) -> tuple[dict[str, float], dict[str, Any]]:
        """Further metrics, and further details, of recordings' events; a task overrides it."""
        return {}, {}

    def f1(self, matches: EventMatches) -> float:
        """F1 as mean over recordings."""
        return recording_scores(matches.tp, matches.fp, matches.fn).f1

    def measures(self, matches: EventMatches) -> dict[str, float]:
        """Means over recordings; timing over all matched events."""
        scores = recording_scores(matches.tp, matches.fp, matches.fn)
        error, nothing = matches.error, float("nan")
        return {
            "f1": scores.f1,
            "precision": scores.precision,
            "recall": scores.recall,
            "timing_error": float(error.mean()) if len(error) else nothing,
            "timing_distance": float(np.abs(error).mean()) if len(error) else nothing,
        }
