"""Turns of several processes at one file: a turnstile that nobody can be starved at.

SQLite lets a writer wait with growing pauses, up to a tenth of a second each, while whoever has just written begins again at
once: with four busy writers one was seen to wait three seconds. So who wants to write goes through a turnstile first, and
stays in it until its transaction has begun: the one that has just written finds it taken, and waits for its turn.

Rule 1: it is set up when two writers first meet; a file that one process writes has none.
Rule 2: the turnstile decides who is next, SQLite who writes. Without it (no such locks here, no file beside the database)
all is as safe, and less fair.
Rule 3: who dies in it has left it: the operating system takes the lock back.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # pragma: no cover - not on this system
    fcntl = None

__all__ = ["Turnstile"]

_LOOK = 0.0005
"""How long to wait before looking whether the turnstile is free, in seconds."""


class Turnstile:
    """A lock on the file *path*; one object for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def set_up(self) -> None:
        """Make the file, so that all who write go through it from now on."""
        with suppress(OSError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666))

    def enter(self, deadline: float) -> None:
        """Wait until it is free, at most until *deadline* (of `time.monotonic`); then go on without."""
        if fcntl is None:
            return  # pragma: no cover - not on this system
        if self._file < 0:
            with suppress(OSError):
                self._file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        while self._file >= 0:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return
                time.sleep(_LOOK)
            except OSError:
                return  # a file system without such locks
            else:
                return

    def leave(self) -> None:
        """Let the next one in."""
        if fcntl is not None and self._file >= 0:
            with suppress(OSError):
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the file back."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
