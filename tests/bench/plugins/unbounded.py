"""Tasks and a loss whose defaults, ranges and metrics are not finite."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from torch import Tensor

from bench.plugin import Loss, Metric, Task, Uniform, Unit, register_loss, register_task


@register_task("unbounded", heads={"events"})
class Unbounded(Task):
    """Nothing is bounded here."""

    number: int = 0
    longest: Annotated[float, Unit("s")] = float("inf")
    unknown: float = float("nan")

    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("error", "min", float("-inf"), float("inf"), optional=True),
        Metric("recall", "max", 0.0, 1.0, optional=True),
    )

    @property
    def data_name(self) -> str:
        return "nothing"

    def data_key(self) -> dict[str, Any]:
        return {}


@register_task("undefined", heads={"events"})
class Undefined(Unbounded):
    """Can be planned: its options are finite, its metrics need not be."""

    longest: Annotated[float, Unit("s")] = 1.0
    unknown: float = 1.0


@register_loss("unlimited", heads={"events"}, space={"weight": Uniform(0.0, 1.0)})
class Unlimited(Loss):
    """Its temperature is infinite."""

    weight: float = 0.5
    temperature: float = float("inf")

    def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> Tensor:
        mean: Tensor = prediction.mean((1, 2))
        return mean
