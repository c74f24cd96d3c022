"""The trail in an organization's custody: its size and root, and whether it still is what was written.

Rule 1: what the log holds is told by the log; nothing here is kept beside it.
Rule 2: without a trusted checkpoint a check can say "consistent", never "complete".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .casebook import Casebook
from .ports import Checkpoint, Log, Progress, Store, Verification

__all__ = ["Trail"]


class Trail:
    """The trail of an organization: its size and root, and whether it still is what was written."""

    def __init__(self, store: Store, book: Casebook, recorded: Callable[[], int]) -> None:
        self._store = store
        self._book = book
        self._recorded = recorded

    @property
    def _log(self) -> Log:
        log: Any = self._store
        return log  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """How many records it holds."""
        return self._log.size

    @property
    def root(self) -> bytes:
        """The RFC 6962 root over all of them."""
        return self._log.root()

    def verify(self, checkpoint: Checkpoint | None = None, progress: Progress | None = None) -> Verification:
        """Whether every byte, the tree, the streams and the rows are as they were written.

        Without a trusted *checkpoint* it can say "consistent", never "complete".
        """
        return self._store.verify(self._book.fold_row, checkpoint, progress)
