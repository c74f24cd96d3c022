"""Faults under a SQLite store: its file operations counted, made to fail, or the last thing a process does.

Between SQLite and the system lies a table of functions for each open file. A copy of it, with write, truncate and sync
replaced, is put in the place of the table of the database and of the log beside it. So every call can be counted, can fail
as a disk fails (EIO on fsync, no space), or can be where the process is killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["FSYNC", "FULL", "WRITE", "Disk", "child", "killed_at_statement"]

FULL, WRITE, FSYNC = 13, 10 | 3 << 8, 10 | 4 << 8
"""SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC."""

_MAIN, _LOG = 7, 28
"""SQLITE_FCNTL_FILE_POINTER and SQLITE_FCNTL_JOURNAL_POINTER."""
_METHODS = 19
_PLACES = {"write": 3, "truncate": 4, "sync": 5}
"""Where the functions stand in `sqlite3_io_methods`, counted in words; word 0 is the version."""
_KINDS = {
    "write": ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64),
    "truncate": ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64),
    "sync": ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int),
}


_KEPT: list[Disk] = []
"""SQLite calls into each as long as its connection is open."""


class Disk:
    """The file operations of *connection*, which is in WAL mode and has read something.

    *answer* is asked before each, with its name and number from 0: None lets it go on, a number is the error it gives.
    """

    def __init__(self, connection: sqlite3.Connection, answer: Callable[[str, int], int | None]) -> None:
        self.count = 0
        self.answer = answer
        self._held: list[Any] = []
        _KEPT.append(self)
        library = _library()
        handle = ctypes.c_void_p.from_address(id(connection) + object.__basicsize__)
        for which in (_MAIN, _LOG):
            file = ctypes.c_void_p()
            if library.sqlite3_file_control(handle, b"main", which, ctypes.byref(file)) or not file.value:
                pytest.skip("this SQLite does not show its files")
            self._replace(ctypes.c_void_p.from_address(file.value))

    def _replace(self, methods: ctypes.c_void_p) -> None:
        table = (ctypes.c_void_p * _METHODS)()
        assert methods.value is not None
        ctypes.memmove(table, methods.value, ctypes.sizeof(table))
        for name, place in _PLACES.items():
            kind = _KINDS[name]
            function = kind(self._asking(name, kind(table[place] or 0)))
            table[place] = ctypes.cast(function, ctypes.c_void_p)
            self._held.append(function)
        self._held.append(table)
        methods.value = ctypes.addressof(table)

    def _asking(self, name: str, real: Callable[..., int]) -> Callable[..., int]:
        def ask(*given: Any) -> int:
            number, self.count = self.count, self.count + 1
            code = self.answer(name, number)
            return real(*given) if code is None else code

        return ask


def _library() -> Any:
    import _sqlite3

    try:
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_file_control.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    except (AttributeError, OSError):
        pytest.skip("the SQLite in this Python cannot be reached from beside it")
    return library


def child(work: Callable[[], None]) -> int:
    """Run *work* in a process of its own, which dies however it ends: its exit code, minus the signal that killed it."""
    pid = os.fork()
    if not pid:  # pragma: no cover - the child
        try:
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001 - told by the exit code
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_at_statement(connection: sqlite3.Connection, number: int) -> None:
    """From now on the process dies where *connection* begins its statement *number*, from 0."""
    seen = 0

    def trace(_: str) -> None:
        nonlocal seen
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

    connection.set_trace_callback(trace)
