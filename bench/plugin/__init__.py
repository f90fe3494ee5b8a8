"""What a plugin needs: base classes, heads, options with units, schedules, search spaces.

Imports no other part of the project, neither Ray nor MLflow, and torch only inside functions.
"""

from annotated_types import Ge, Gt, Le, Lt

from bench.plugin.describe import describe_options
from bench.plugin.errors import OptionError, UsageError, nearest
from bench.plugin.heads import (
    HEADS,
    EventTarget,
    Head,
    HeatmapTarget,
    InstanceTarget,
    PointPrediction,
    PointTarget,
    zero_count_bias,
)
from bench.plugin.loss import Loss
from bench.plugin.options import Options, Place, Symbol
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
    "HEADS", "Choice", "Domain", "Evaluation", "EventTarget", "Ge", "Gt", "Head", "HeatmapTarget",
    "InstanceTarget", "IntUniform", "Le", "LogUniform", "Loss", "Lt", "Metric", "NotFinite",
    "OptionError", "Options", "Place", "PointPrediction", "PointTarget", "Schedule", "Scheduled",
    "Split", "Splits", "Symbol", "Task", "TensorSplit", "TrainDefaults", "TrainSettings", "Uniform",
    "Unit", "UsageError", "cache_root", "constant", "cosine", "create_loss", "create_task",
    "describe_options", "exponential", "linear", "load_file", "nearest", "predict",
    "register_loss", "register_task", "warmup", "zero_count_bias",
]  # fmt: skip
