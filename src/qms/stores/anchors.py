"""Anchors: where the checkpoint that was signed last is kept, outside of the store it is a checkpoint of.

Rule 1: an anchor beside the log protects from accidents; one that the log's keeper cannot write, from the keeper too.
Rule 2: a note replaces only the one it was judged by: of two signers at once, the second begins anew.
Rule 3: what is kept is on disk, or committed, before it is handed out.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from ..errors import Conflict, StoreError

__all__ = ["DatabaseAnchor", "FileAnchor", "MemoryAnchor"]

_OTHER = "another checkpoint was kept meanwhile; read it and sign anew"


class MemoryAnchor:
    """An anchor that lives as long as the process: for tests, and for a witness that is told everything anew."""

    def __init__(self, note: str | None = None) -> None:
        self._note = note
        self._lock = Lock()

    def last(self) -> str | None:
        """The signed note kept last; see `qms.ports.Anchor.last`."""
        return self._note

    def keep(self, note: str, after: str | None) -> None:
        """Keep *note* where *after* still is the last; see `qms.ports.Anchor.keep`."""
        with self._lock:
            if self._note != after:
                raise Conflict(_OTHER)
            self._note = note


class FileAnchor:
    """The signed note as a file, which is replaced whole: what `qms verify --checkpoint` reads.

    Raises (when used):
        StoreError: the file cannot be read or written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"FileAnchor({str(self.path)!r})"

    def last(self) -> str | None:
        """The note in the file; None while there is none."""
        try:
            return self.path.read_bytes().decode()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StoreError(f"{self.path}: the checkpoint cannot be read: {_told(error)}") from error

    def keep(self, note: str, after: str | None) -> None:
        """Replace the file, at once and on disk; see `qms.ports.Anchor.keep`."""
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with self._alone():
                if self.last() != after:
                    raise Conflict(_OTHER)
                with part.open("xb") as file:
                    file.write(note.encode())
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(self.path)
                self._sync_folder()
        except OSError as error:
            raise StoreError(f"{self.path}: the checkpoint cannot be kept: {_told(error)}") from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock beside the file; where the system has none, the last writer wins."""
        try:
            import fcntl
        except ModuleNotFoundError:  # pragma: no cover - not on this system
            yield
            return
        with self.path.with_name(f".{self.path.name}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _sync_folder(self) -> None:
        with suppress(OSError):  # not every system can sync a folder
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _told(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


class DatabaseAnchor:
    """Every signed note of one log as rows of another database: a DBAPI *connection* of its own (sqlite3, psycopg).

    The table ``qms_anchor`` is made where there is none. Grant its writer INSERT and SELECT, nothing more: made by its
    owner, it is used as it is. What is open on the connection is committed with each note.

    Raises (when used):
        StoreError: the database refuses.
    """

    def __init__(self, connection: Any, log: str = "") -> None:
        self._db = connection
        self._log = log
        self._mark = "%s" if type(connection).__module__.partition(".")[0] == "psycopg" else "?"
        with self._told():
            if not self._is_there():
                self._run(
                    "CREATE TABLE IF NOT EXISTS qms_anchor"
                    " (log TEXT, number BIGINT, note TEXT NOT NULL, PRIMARY KEY (log, number))"
                )
            self._db.commit()

    def _is_there(self) -> bool:
        try:
            self._newest()
        except Exception:  # noqa: BLE001 - each driver has errors of its own; making it says what else is wrong
            self._db.rollback()
            return False
        return True

    def last(self) -> str | None:
        """The note of the highest number; None while there is none."""
        with self._told():
            row = self._newest()
            self._db.rollback()
        return None if row is None else row[1]

    def keep(self, note: str, after: str | None) -> None:
        """Add *note* under the next number, which only one writer gets; see `qms.ports.Anchor.keep`."""
        with self._told():
            row = self._newest()
            if (None if row is None else row[1]) != after:
                self._db.rollback()
                raise Conflict(_OTHER)
            self._run(
                f"INSERT INTO qms_anchor VALUES ({self._mark}, {self._mark}, {self._mark})",
                self._log,
                1 if row is None else row[0] + 1,
                note,
            )
            self._db.commit()

    def _newest(self) -> tuple[int, str] | None:
        cursor = self._run(
            f"SELECT number, note FROM qms_anchor WHERE log = {self._mark} ORDER BY number DESC LIMIT 1", self._log
        )
        row = cursor.fetchone()
        return None if row is None else (row[0], row[1])

    def _run(self, sql: str, *params: object) -> Any:
        cursor = self._db.cursor()
        cursor.execute(sql, params)
        return cursor

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        except Exception as error:
            with suppress(Exception):
                self._db.rollback()
            if any(kind.__name__ in ("IntegrityError", "UniqueViolation") for kind in type(error).__mro__):
                raise Conflict(_OTHER) from error
            raise StoreError(f"the checkpoint cannot be kept or read: {error}") from error
