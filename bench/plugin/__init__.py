"""What a plugin needs: base classes, heads, options with units, schedules, search spaces.

Imports no other part of the project, neither Ray nor MLflow, and torch only inside functions.
"""

from annotated_types import Ge, Gt, Le, Lt

import bench.plugin.built_in_heads  # noqa: F401 - registers them
from bench.plugin.attack_head import AttackPrediction, AttackTarget
from bench.plugin.count_bias import zero_count_bias
from bench.plugin.describe import describe_options
from bench.plugin.errors import LossInputError, OptionError, UsageError, nearest
from bench.plugin.event_target import EventTarget
from bench.plugin.event_times import bin_of_time, time_of_bin
from bench.plugin.heads import HEADS, Head, register_head
from bench.plugin.heatmap_target import HeatmapTarget
from bench.plugin.instance_target import InstanceTarget
from bench.plugin.loss import Loss
from bench.plugin.mismatch import Mismatch
from bench.plugin.options import Options, Place, Symbol
from bench.plugin.point_head import PointPrediction, PointTarget
from bench.plugin.registry import (
    create_loss,
    create_task,
    register_loss,
    register_task,
)
from bench.plugin.schedule import (
    Schedule,
    Scheduled,
    constant,
    cosine,
    exponential,
    linear,
    warmup,
)
from bench.plugin.source import load_file
from bench.plugin.space import Choice, Domain, IntUniform, LogUniform, Uniform
from bench.plugin.split import TensorSplit, predict
from bench.plugin.task import (
    Evaluation,
    Metric,
    NotFinite,
    Split,
    Splits,
    Task,
    cache_root,
)
from bench.plugin.train_settings import TrainSettings
from bench.plugin.units import Unit

TrainDefaults = TrainSettings
"""What a task says of training: ``train = TrainDefaults(lr=1e-3)``."""

__all__ = [
    "HEADS", "AttackPrediction", "AttackTarget", "Choice", "Domain", "Evaluation", "EventTarget",
    "Ge", "Gt", "Head", "HeatmapTarget", "InstanceTarget", "IntUniform", "Le", "LogUniform", "Loss",
    "LossInputError", "Lt", "Metric", "Mismatch", "NotFinite", "OptionError", "Options", "Place",
    "PointPrediction", "PointTarget", "Schedule", "Scheduled", "Split", "Splits", "Symbol", "Task",
    "TensorSplit", "TrainDefaults", "TrainSettings", "Uniform", "Unit", "UsageError", "bin_of_time",
    "cache_root", "constant", "cosine", "create_loss", "create_task", "describe_options",
    "exponential", "linear", "load_file", "nearest", "predict", "register_head", "register_loss",
    "register_task", "time_of_bin", "warmup", "zero_count_bias",
]  # fmt: skip
