"""Tables and figures of the papers by their names: found, and looked through before work begins."""

from __future__ import annotations

from collections.abc import Sequence

from bench.artefacts.paper_figures import PaperFigure, load_figure
from bench.artefacts.paper_tables import PaperTable
from bench.artefacts.paper_tables import load as load_table
from bench.plugin import UsageError
from bench.specs.paper_table import find, is_figure


def load(name_or_file: str, scale: str = "laptop") -> PaperTable | PaperFigure:
    """A declared table or figure, or one of the user's, with its plans.

    Raises:
        UsageError: there is none; or what is wrong with the declaration, with file and line.
    """
    return (load_figure if is_figure(find(name_or_file)) else load_table)(name_or_file, scale)


def looked_through(names: Sequence[str], scale: str = "laptop") -> list[str]:
    """The names, if all of them can be loaded.

    Raises:
        UsageError: what is wrong with any of them.
    """
    problems: list[str] = []
    for name in names:
        try:
            load(name, scale)
        except UsageError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems)
    return list(names)
