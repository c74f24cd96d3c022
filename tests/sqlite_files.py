"""Files of SQLite stores for tests: filled, looked at, and changed as only their owner can."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from qms.ports import Key, Verification
from qms.stores import SQLiteStore
from qms.testing.contract import counted, noted, sealed


def fill(path: Path) -> Path:
    """A store of 300 records in 31 streams, with rows, a key and a private value, closed again."""
    with SQLiteStore(path) as store, store.transaction():
        for n in range(30):
            store.append([counted(f"case/{n}", n=9)])
        store.append([sealed("_log", 30)], Key("k", "r"))
    return path


def root_of(path: Path) -> tuple[int, bytes]:
    """The size and root of the log in the file."""
    with SQLiteStore(path, read_only=True) as store:
        return store.size, store.root()


def checked(path: Path, checkpoint: tuple[int, bytes] | None = None) -> Verification:
    """What verifying the file finds."""
    with SQLiteStore(path, read_only=True) as store:
        return store.verify(noted, checkpoint)


def tamper(path: Path, *statements: str) -> None:
    """Change a store as its file's owner can: without its guards."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
