"""What tasks whose data come from a corpus say of them."""

from __future__ import annotations

from bench.plugin import Task
from tasks.data.corpus import Corpus


class CorpusTask(Task):
    """A task that asks its ``corpus`` for the name of the data, their worlds, and their check."""

    @property
    def corpus(self) -> Corpus:
        """Where the data come from."""
        raise NotImplementedError

    @property
    def data_name(self) -> str:
        return self.corpus.name

    @property
    def worlds(self) -> int:
        return self.corpus.worlds

    def check_data(self) -> None:
        """Check the original files, if any.

        Raises:
            UsageError: files are missing or not as published.
        """
        self.corpus.check()
