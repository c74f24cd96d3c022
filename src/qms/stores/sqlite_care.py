"""Care of a SQLite file that holds a log: a copy made while others write, and bodies of records dropped.

Rule 1: a copy is of one moment, appears whole under its name, and is on disk when it is told. What it holds is told with it:
its size and root, to be compared with a checkpoint that is kept elsewhere.
Rule 2: dropping bodies changes nothing else: place, stream, number and the hashes of the tree stay. The guard against changing
records is lifted inside one transaction and stands again at its end.
Rule 3: zeros over what is deleted are not enough. A page that was split keeps a copy of what it gave away, so all that is left
is written anew, and every page that held personal values is zeroed whole.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from ..errors import StoreError
from .sqlite_file import Told, connect, plain, refuse_leftovers

__all__ = ["copy", "drop_bodies", "rewrite_private"]

_DROP = "UPDATE qms_entry SET data = x'' WHERE stream = (SELECT id FROM qms_stream WHERE name = ?) AND position <= ?"
_ROW = "DELETE FROM qms_row WHERE stream = (SELECT id FROM qms_stream WHERE name = ?)"
_REWRITE = (
    "CREATE TABLE qms_rest AS SELECT * FROM qms_private",
    "DELETE FROM qms_private",
    "INSERT INTO qms_private SELECT * FROM qms_rest ORDER BY stream, seq, path",
    "DROP TABLE qms_rest",
)
_GUARD = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'qms_entry_update'"


def copy(source: Path, target: Path, timeout: float) -> None:
    """Copy the file at *source* to *target*, as of now; others go on writing meanwhile.

    Raises:
        StoreError: *target* or a log of its name exists, or one of both cannot be read or written.
    """
    if target.exists():
        raise StoreError(f"{target}: exists; name another file, so that no copy is lost")
    refuse_leftovers(target)
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        with Told(str(target)), closing(connect(source, timeout, read_only=True)) as db, closing(sqlite3.connect(part)) as made:
            db.backup(made)
            made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        os.link(part, target)  # refuses a name that came to be meanwhile
    except OSError as error:
        raise StoreError(f"{target}: {error.strerror or error}") from error
    finally:
        for each in (part, part.with_name(f"{part.name}-wal"), part.with_name(f"{part.name}-shm")):
            with suppress(OSError):
                each.unlink()
    _sync(target.parent)


def _sync(folder: Path) -> None:
    with suppress(OSError):  # not every system can sync a folder
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def drop_bodies(db: sqlite3.Connection, streams: Sequence[str], upto: int) -> int:
    """Drop the bodies of the records of *streams* up to position *upto*, and their rows, inside the transaction that is open."""
    cursor = plain(db)
    (guard,) = cursor.execute(_GUARD).fetchone()
    cursor.execute("DROP TRIGGER qms_entry_update")
    dropped = sum(cursor.execute(_DROP, (stream, upto)).rowcount for stream in streams)
    cursor.execute(guard)
    for stream in streams:
        cursor.execute(_ROW, (stream,))
    return dropped


def rewrite_private(db: sqlite3.Connection) -> None:
    """Write the personal values that are left anew, inside the transaction that is open; `secure_delete` zeroes their old pages."""
    cursor = plain(db)
    for statement in _REWRITE:
        cursor.execute(statement)
