"""What is said below every table and figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bench.plugin.registry import losses

CLEAN_NOTE = "Label noise touches training labels only; validation and test labels are clean."


def loss_notes(names: Iterable[str]) -> list[str]:
    """What losses say of themselves (`Loss.note`) below a table that shows them, each once.

    Args:
        names: of losses; those that are not loaded here say nothing.
    """
    loaded = set(losses.names())
    known = [(name, losses.get(name).note) for name in dict.fromkeys(names) if name in loaded]
    return [f"{name}: {note}" for name, note in known if note]


def resampled_note(shares: Mapping[str, float]) -> Iterator[str]:
    """A sentence where replicates are splits of one data set.

    Args:
        shares: of the data that is the test set, by task; 0 for data that are drawn afresh.
    """
    named = [f"{task} ({share:.0%} tested)" for task, share in shares.items() if share > 0]
    if named:
        yield (
            f"Replicates are splits of one data set: {', '.join(named)}; intervals and tests have "
            "Nadeau and Bengio's factor, which more splits do not make vanish."
        )
