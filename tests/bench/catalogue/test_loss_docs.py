"""What losses say of themselves: complete for the whole catalogue, and the page that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.catalogue import docstrings
from bench.plugin.registry import losses, tasks

CATALOGUE = {
    "count_consistency": ["events", "instances"],
    "count_huber": ["events", "instances", "points"],
    "count_mse": ["events", "instances", "points"],
    "cross_entropy": ["events"],
    "deep_storm": ["heatmap"],
    "differential_evolution": ["attack"],
    "discrete_heatmap": ["events", "heatmap"],
    "expected_error": ["heatmap"],
    "extended_onset": ["events"],
    "gaussian_regularized": ["heatmap"],
    "heatmap_matching": ["points"],
    "instance_consistency": ["events", "instances"],
    "label_smoothing_ce": ["events"],
    "label_smoothing_se": ["events"],
    "misaligned_logistic": ["events"],
    "poisson_binomial": ["events", "instances", "points"],
    "poisson_binomial_consistency": ["events", "instances"],
    "sampling_argmax": ["heatmap"],
    "soft_argmax": ["heatmap"],
    "soft_bootstrap": ["events"],
    "soft_localization": ["events"],
    "softloc": ["events"],
    "sparse_perturbation": ["attack", "instances"],
    "variance_regularized": ["heatmap"],
}
"""Every loss of the project's catalogue, with the heads it takes."""
UNTRAINED = {
    name: ["points"]
    for name in ("chess_corners", "opencv_classic", "opencv_classic_11", "opencv_sectors")
}
"""Methods without training beside them, which have no equation."""
SECTIONS = ["Equation", "Shapes", "When to use", "Departures", "Defaults"]
PAGE = Path(__file__).parents[3] / "docs" / "losses.md"


def test_the_list_holds_the_whole_catalogue(call: Callable) -> None:
    answer = call("list", "losses", "--json")
    assert (answer.code, answer.errors) == (0, [])
    entries = {entry["name"]: entry for entry in json.loads(answer.out)}
    ours = {
        name: entry["heads"]
        for name, entry in entries.items()
        if entry["module"].startswith("losses.")
    }
    assert ours == {**CATALOGUE, **UNTRAINED}
    for name in CATALOGUE:
        entry = entries[name]
        assert entry["source"], name
        assert entry["version"], name
        assert isinstance(entry["space"], dict), name
        for option in entry["options"]:
            assert {"unit", "range", "choices", "default"} <= set(option), (name, option)
            assert option["description"], (name, option["name"])
            number = option["type"] in ("float", "int", "schedule")
            assert not number or option["range"], f"{name}: {option['name']} has no range"


def test_units_ranges_and_spaces_are_as_declared(call: Callable) -> None:
    def entry(name: str) -> dict:
        return json.loads(call("show", name, "--json").out)

    softloc = {option["name"]: option for option in entry("softloc")["options"]}
    assert (softloc["softness"]["unit"], softloc["softness"]["range"]) == ("s", ">= 0")
    assert softloc["alpha"]["type"] == "schedule"
    assert softloc["alpha"]["default"]["schedule"] == "linear"
    assert entry("softloc")["space"]["softness"] == {"log_uniform": [0.01, 0.2]}
    drums = {option["name"]: option for option in entry("drums")["options"]}
    assert drums["size"]["choices"] == ["tiny", "small", "full"]
    assert (drums["rates"]["type"], drums["rates"]["range"]) == ("int or none", ">= 1, <= 20")


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_loss_says_all_there_is_to_say(name: str) -> None:
    text = docstrings.parse(losses.get(name))
    assert text.summary
    assert list(text.sections) == SECTIONS
    assert all(text.sections.values())
    assert max(map(len, text.sections["Equation"])) <= 76


@pytest.mark.usefixtures("noop")
def test_pages_are_80_columns_wide() -> None:
    from bench.catalogue.kinds import KINDS

    for kind, registry in (("losses", losses), ("tasks", tasks)):
        for name in registry.names():
            lines = KINDS[kind].page(KINDS[kind].entry(name)).splitlines()
            assert max(map(len, lines)) <= 80, name


def test_a_page_holds_each_part(call: Callable) -> None:
    text = call("show", "softloc").out
    assert "\nEquation:\n  L = (1 - α) w L_SLL + α L_PB\n" in text
    assert "\nWhen to use: When labels are misaligned" in text
    assert "  alpha: schedule, >= 0, <= 1, default linear from 0.2 to 0.9 between progress" in text
    assert "\n      α, share of counting, over training progress.\n" in text
    assert "\nSearch space:\n  softness: {log_uniform: [0.01, 0.2]} s\n" in text


def test_a_name_of_two_things_is_shown_as_asked(call: Callable) -> None:
    assert call("show", "noop").out.startswith("loss noop")
    assert call("show", "noop", "--kind", "tasks").out.startswith("task noop")
    wrong = call("show", "softloc", "--kind", "tasks")
    assert wrong.code == 2
    assert wrong.errors[0].startswith("error: unknown name 'softloc'")


@pytest.mark.usefixtures("noop")
def test_the_page_of_losses_is_current() -> None:
    from bench.catalogue.loss_docs import page

    assert PAGE.read_text("utf-8") == page(), (
        "docs/losses.md is not current: python -m bench.catalogue.loss_docs > docs/losses.md"
    )


def test_links_of_the_page_lead_somewhere() -> None:
    text = PAGE.read_text("utf-8")
    for name in CATALOGUE:
        assert f"\n## `{name}`\n" in text
        assert f"(#{name})" in text


def test_text_without_sections_is_kept_in_paragraphs() -> None:
    class Plain:
        """A summary.

        Two lines
        of text.

        And more: a colon.
        """

    text = docstrings.parse(Plain)
    assert text.summary == "A summary."
    assert text.body == ["Two lines of text.", "And more: a colon."]
    assert text.sections == {}
    assert docstrings.parse(type("Silent", (), {})).summary == ""
