"""All checks of tasks by name: of the task as a whole, and of each of its heads."""

from __future__ import annotations

from collections.abc import Callable

from bench.conformance import (
    task_description,
    task_draws,
    task_evaluation,
    task_gradients,
    task_independence,
    task_networks,
    task_noise,
    task_preparation,
    task_processes,
    task_relation,
    task_splits,
    task_truth,
)
from bench.conformance.task_case import TaskCase

CHECKS: dict[str, Callable[[TaskCase], None]] = {
    "described": task_description.described,
    "options round trip": task_description.options_round_trip,
    "skip": task_description.skips,
    "data version": task_preparation.data_version,
    "data key": task_preparation.data_key_is_complete,
    "prepared data": task_preparation.prepared_data,
    "worlds": task_preparation.worlds,
    "second process": task_processes.second_process,
}

HEAD_CHECKS: dict[str, Callable[[TaskCase, str], None]] = {
    "splits": task_splits.splits,
    "replicates": task_splits.replicates,
    "no shared samples": task_splits.no_shared_samples,
    "draws": task_splits.draws,
    "label noise": task_noise.label_noise,
    "undeclared label noise": task_noise.undeclared_noise,
    "common draws": task_draws.common_draws,
    "related labels": task_relation.related_labels,
    "network": task_networks.network,
    "gradients": task_gradients.gradients,
    "evaluation": task_evaluation.evaluation,
    "broken network": task_evaluation.broken_network,
    "calibration": task_truth.calibration,
    "knows the truth": task_truth.knows_the_truth,
    "independent of the loss": task_independence.independent_of_the_loss,
    "no state": task_independence.state,
}
