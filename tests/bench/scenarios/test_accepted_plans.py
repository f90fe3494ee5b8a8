"""What ``bench plan`` accepts, no later step crashes on: random small specifications.

Two tasks and two losses that share some options and lack others, dotted parts of schedules, a
metric whose best is the least, logarithmic axes, training that is swept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bench.artefacts.leaderboard_assembly import leaderboard
from bench.artefacts.outcomes import SweepOutcomes, join
from bench.artefacts.report_content import sweep_page
from bench.artefacts.status_facts import describe_plan, plan_lines
from bench.artefacts.sweep_artefacts import render
from bench.execution.trial_record import record
from bench.planning.axes import axis, parameters
from bench.planning.metric_choice import metric_label, metric_of
from bench.planning.plan import Plan, plan
from bench.plugin import (
    Loss,
    Metric,
    Scheduled,
    Symbol,
    Task,
    Unit,
    UsageError,
    constant,
    register_loss,
    register_task,
)
from results.leaderboard.board_formats import FORMATS
from results.store.trial_store import Store

pytestmark = pytest.mark.usefixtures("plugins")


class Sounds(Task):
    noise: Annotated[float, Unit("s"), Symbol("σ", "label noise")] = 0.0
    metrics: ClassVar = (Metric("f1", "max", 0.0, 1.0), Metric("delay", "min", unit="ms"))

    @property
    def data_name(self) -> str:
        return "nothing"


class Pictures(Task):
    noise: Annotated[float, Unit("px")] = 0.0
    size: int = 8
    metrics: ClassVar = (Metric("delay", "min", unit="px", optional=True),)

    @property
    def data_name(self) -> str:
        return "nothing"


class Soft(Loss):
    softness: Annotated[float, Unit("s"), Symbol("S_M")] = 0.1


class Hot(Loss):
    softness: Annotated[float, Unit("s")] = 0.1
    temperature: Annotated[Scheduled, Symbol("τ")] = constant(1.0)
    mode: str | None = None


@pytest.fixture(scope="module")
def plugins() -> Iterator[None]:
    from bench.plugin import registry

    with pytest.MonkeyPatch.context() as patch:
        for kind in (registry.losses, registry.tasks):
            kind.load()
            patch.setattr(kind, "_classes", dict(kind._classes))
        for task in (Sounds, Pictures):
            register_task(task.__name__.lower(), heads={"events"})(task)
        for loss in (Soft, Hot):
            register_loss(loss.__name__.lower(), heads={"events"}, space={})(loss)
        yield


def number(low: float, high: float) -> st.SearchStrategy[Any]:
    return st.sampled_from(
        [low, high, {"uniform": [low, high]}, {"log_uniform": [low, high]}, {"grid": [low, high]}]
    )


def section(name: str, **options: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"name": st.just(name)}, optional=options)


def several(*strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*strategies, st.tuples(*strategies).map(list))


TASKS = several(
    section("sounds", noise=number(0.01, 0.1)),
    section("pictures", noise=number(1, 4), size=st.sampled_from([8, {"grid": [8, 16]}])),
)
TEMPERATURE = st.one_of(
    number(0.5, 2),
    st.fixed_dictionaries(
        {
            "schedule": st.sampled_from(["constant", "linear", "exponential"]),
            "start": number(0.5, 2),
            "end": number(0.1, 0.2),
        }
    ),
)
LOSSES = several(
    section("soft", softness=number(0.01, 0.1), **{"as": st.just("Best")}),
    section(
        "hot",
        softness=number(0.01, 0.1),
        temperature=TEMPERATURE,
        mode=st.sampled_from([None, "a", {"choice": [None, "b"]}]),
        **{"as": st.sampled_from(["Best", "Other"])},
    ),
)
TRAIN = st.fixed_dictionaries(
    {},
    optional={
        "steps": st.sampled_from([0, 5, {"grid": [5, 10]}]),
        "lr": number(0.001, 0.01),
    },
)
NUMBERS = [
    "replicate",
    "task.noise",
    "task.size",
    "loss.softness",
    "loss.temperature",
    "loss.temperature.start",
    "loss.temperature.end",
    "train.steps",
    "train.lr",
    "train.lr.start",
]
OTHERS = ["loss", "task", "loss.mode", "train.lr.schedule", "task.root", "loss.softness.start"]
METRICS = st.sampled_from(["delay", "delay", "f1", "validation.delay"])
SURFACES = st.fixed_dictionaries(
    {"x": st.sampled_from(NUMBERS), "y": st.sampled_from([*NUMBERS, "loss"]), "value": METRICS},
    optional={"bandwidth": st.just([0.1, 0.1])},
).map(lambda surface: {"surface": surface})
SIDES = st.sampled_from([*NUMBERS, *OTHERS])
TABLES = st.builds(
    lambda rows, columns, shown: {"table": {"rows": rows, "columns": columns, **shown}},
    SIDES,
    SIDES,
    st.one_of(
        METRICS.map(lambda value: {"value": value}),
        st.just({"values": ["delay", "validation.delay"]}),
    ),
)


def sweep(content: dict[str, Any], trials: int) -> dict[str, Any]:
    """With ``trials`` where a domain is drawn from at random, and only there."""
    random = "uniform" in json.dumps(content)
    return content | ({"trials": trials} if random else {})


SWEEPS = st.builds(
    sweep,
    st.fixed_dictionaries(
        {
            "name": st.just("mine"),
            "task": TASKS,
            "loss": LOSSES,
            "show": st.lists(st.one_of(SURFACES, TABLES), min_size=1, max_size=2),
        },
        optional={"train": TRAIN, "replicates": st.integers(1, 2)},
    ),
    st.integers(1, 5),
)


def finished(store: Store, made: Plan, scores: list[float]) -> None:
    for index, planned in enumerate(made.trials):
        names = [metric.name for metric in planned.trial.task.metrics]
        metrics = {
            key: scores[index % len(scores)]
            for name in names
            for key in (name, f"validation.{name}")
        }
        entry = record(planned.trial, "mine", "finished", None)
        store.append(entry.__class__(**{**vars(entry), "metrics": metrics}))


def accepted(file: Path) -> Plan | None:
    """The plan, or None where it is refused, with lines of the file."""
    try:
        return plan(str(file))
    except UsageError as error:
        refused = error
    assert all(problem.startswith(f"{file}:") for problem in refused.problems)
    return None


@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # small as they come
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(content=SWEEPS, scores=st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_what_a_plan_accepts_is_shown(
    content: dict[str, Any], scores: list[float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sweep")
    file = folder / "mine.yaml"
    file.write_text(json.dumps(content))
    made = accepted(file)
    if made is None:
        return
    for name in parameters(made):
        shown = axis(made, name)
        assert shown.label
        assert all(shown.text(planned) for planned in made.trials)
    for name in ("f1", "delay"):
        if any(name == metric.name for task in made.tasks for metric in task.metrics):
            assert metric_label(metric_of(made.trials, name))
    empty = Store.open(folder / "empty", create=True)
    assert drawn(made, empty, folder / "nothing")
    with pytest.raises(UsageError, match="no finished trial of mine"):
        leaderboard(empty, SweepOutcomes(empty), [str(file)])
    store = Store.open(folder / "store", create=True)
    finished(store, made, scores)
    written = drawn(made, store, folder / "all")
    assert Path(folder / "all" / "summary.md") in written
    board = leaderboard(store, SweepOutcomes(store), [str(file)])
    for form in FORMATS.values():
        assert form(board)
    page = sweep_page(made, join(made.trials, store))
    assert page.statuses == {"finished": len(made.trials)}


def drawn(made: Plan, store: Store, out: Path) -> list[Path]:
    outcomes = join(made.trials, store)
    return render(made, outcomes, plan_lines(describe_plan(made, outcomes, store)), out)
