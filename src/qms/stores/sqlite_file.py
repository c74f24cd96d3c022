"""One SQLite file as a place for a log: its tables and guards, opening and making it, and what its errors mean.

Rule 1: a new file appears whole, under its name at once, or not at all.
Rule 2: a file that is no store of ours, or of a newer schema, is refused before anything of it is changed.
Rule 3: the log is only added to. Triggers refuse UPDATE, DELETE and every INSERT that is not the next record of the
log and of its stream, `INSERT OR REPLACE` included. They stop accidents; whoever owns the file can drop them, and
then only a checkpoint held elsewhere tells.
Rule 4: SQLite's locks are of a process, and closing any handle to the file of its own drops them all; what it knows of
them goes with a fork, and they do not. So nothing here opens the file but SQLite, and a child process does not open a
file that was open when it was forked: it would take itself for safe, and lose what it writes.
(sqlite.org/howtocorrupt.html, 2.2 and 2.6)
"""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from weakref import WeakSet

from ..errors import InvalidInput, StoreError
from ..trail import EMPTY_ROOT

__all__ = [
    "SCHEMA_VERSION",
    "Told",
    "check_guards",
    "connect",
    "create",
    "faults",
    "open_file",
    "plain",
    "refuse_leftovers",
    "schema_of",
]

SCHEMA_VERSION = 1

_OLDEST_SQLITE = (3, 37)

_SCHEMA = """
CREATE TABLE qms_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE qms_stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE qms_entry (
    position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, seq INTEGER NOT NULL, hashes BLOB NOT NULL, data BLOB NOT NULL,
    UNIQUE (stream, seq)) STRICT;
CREATE TABLE qms_head (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, root BLOB NOT NULL) STRICT;
CREATE TABLE qms_row (
    stream INTEGER PRIMARY KEY, process TEXT NOT NULL, procedure TEXT, steps TEXT NOT NULL, subject TEXT, unit TEXT,
    open INTEGER NOT NULL, due INTEGER, wake INTEGER) STRICT;
CREATE INDEX qms_row_due ON qms_row (open, due) WHERE due IS NOT NULL;
CREATE INDEX qms_row_wake ON qms_row (wake) WHERE wake IS NOT NULL;
CREATE TABLE qms_key (
    name TEXT PRIMARY KEY, request TEXT NOT NULL, stream INTEGER NOT NULL, seq INTEGER NOT NULL, position INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE qms_private (
    stream INTEGER NOT NULL, seq INTEGER NOT NULL, path TEXT NOT NULL, salt BLOB NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (stream, seq, path)) STRICT, WITHOUT ROWID;
CREATE TRIGGER qms_entry_insert BEFORE INSERT ON qms_entry
    WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM qms_entry)
      OR NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM qms_entry WHERE stream = NEW.stream)
    BEGIN SELECT RAISE(ABORT, 'the log is only added to: this is not the next record'); END;
CREATE TRIGGER qms_head_insert BEFORE INSERT ON qms_head WHEN EXISTS (SELECT 1 FROM qms_head)
    BEGIN SELECT RAISE(ABORT, 'the log has one head'); END;
CREATE TRIGGER qms_head_update BEFORE UPDATE ON qms_head WHEN NEW.size < OLD.size OR NEW.id <> OLD.id
    BEGIN SELECT RAISE(ABORT, 'the log does not shrink'); END;
CREATE TRIGGER qms_stream_insert BEFORE INSERT ON qms_stream
    WHEN EXISTS (SELECT 1 FROM qms_stream WHERE id = NEW.id OR name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'the stream exists'); END;
CREATE TRIGGER qms_key_insert BEFORE INSERT ON qms_key WHEN EXISTS (SELECT 1 FROM qms_key WHERE name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'the key exists'); END;
CREATE TRIGGER qms_private_insert BEFORE INSERT ON qms_private
    WHEN EXISTS (SELECT 1 FROM qms_private WHERE stream = NEW.stream AND seq = NEW.seq AND path = NEW.path)
    BEGIN SELECT RAISE(ABORT, 'the private value exists'); END;
"""
_NEVER = {"UPDATE": ("entry", "stream", "key", "private"), "DELETE": ("entry", "stream", "key", "head")}
_GUARDS = "".join(
    f"CREATE TRIGGER qms_{table}_{verb.lower()} BEFORE {verb} ON qms_{table}"
    " BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;\n"
    for verb, tables in _NEVER.items()
    for table in tables
)

_STATEMENTS = re.findall(r"(?ms)^CREATE .+?(?=^CREATE |\Z)", _SCHEMA + _GUARDS)
_HEAD = 100


class Told:
    """Turns SQLite's errors into a `StoreError` that names the place and the mend; a value it cannot take is `InvalidInput`."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise _store_error(self._place, error) from error
        if isinstance(error, UnicodeDecodeError):  # SQLite quotes damaged text in its messages
            raise StoreError(f"{self._place}: {_MENDS['SQLITE_CORRUPT']} ({error})") from error
        if isinstance(error, UnicodeEncodeError):
            raise InvalidInput(f"{error.object!r} is no text that can be encoded as UTF-8") from error
        if isinstance(error, OverflowError) and "SQLite" in str(error):
            raise InvalidInput("a number that is asked for lies beyond 64 bits") from error


_MENDS = {
    "SQLITE_BUSY_SNAPSHOT": "the transaction began by reading and another writer came between; begin immediate (BEGIN IMMEDIATE)",
    "SQLITE_BUSY": "another writer holds it; wait and try again, and begin transactions of your own with BEGIN IMMEDIATE",
    "SQLITE_LOCKED": "another statement of the same process holds it; finish that one and try again",
    "SQLITE_FULL": "the disk is full; nothing of the batch was kept; make room and try again",
    "SQLITE_READONLY": "it cannot be written; give the right to write to the file and its folder",
    "SQLITE_CANTOPEN": "it cannot be opened; the file must be readable, and its folder writable for the two files kept beside it",
    "SQLITE_PERM": "it cannot be opened; give the right to read and write it",
    "SQLITE_CORRUPT": "the file is damaged or cut short; put back a copy and check it against a checkpoint",
    "SQLITE_NOTADB": "the file is no SQLite database; name another file",
    "SQLITE_IOERR": "the disk refused; nothing of the batch was kept; check the disk",
    "SQLITE_CONSTRAINT": "the log's own guards refused: the store is not as this library leaves it; verify says where",
}


def _store_error(place: str, error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", None) or ""
    mend = next((mend for code, mend in _MENDS.items() if name.startswith(code)), None)
    if "no such table: qms_" in str(error):
        mend = "the tables are gone with the transaction that made them; call SQLiteStore.on again, and commit"
    return StoreError(f"{place}: {mend} ({error})" if mend else f"{place}: {error}")


class _Connection(sqlite3.Connection):
    """A connection to a file that is there; which one is known while it is open."""

    def __init__(self, path: Path, mode: str, timeout: float = 0.0) -> None:
        self.file = _identity(path)
        if any(self.file == one.file for one in _inherited):
            raise StoreError(
                f"{path}: was open when this process was forked, and what is written here could be lost; close it before the"
                " fork, or start the process anew (spawn, forkserver)"
            )
        _open.add(self)  # first: a fork may come while it opens
        where = f"{path.absolute().as_uri()}?mode={mode}"
        super().__init__(where, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False)

    def close(self) -> None:
        """Close it."""
        super().close()
        _open.discard(self)


_open: WeakSet[_Connection] = WeakSet()
_inherited: list[_Connection] = []
"""What was open when this process was forked; held, since it must not be closed here either."""


def _inherit() -> None:
    _inherited.extend(_open)
    _open.clear()


if hasattr(os, "register_at_fork"):  # pragma: no branch - where processes are forked
    os.register_at_fork(after_in_child=_inherit)


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from error
    return found.st_dev, found.st_ino


def open_file(path: Path, read_only: bool, timeout: float) -> sqlite3.Connection:
    """The connection to the store at *path*, which is made when there is none and *read_only* is not asked."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old; {'.'.join(map(str, _OLDEST_SQLITE))} or later is needed")
    try:
        _look(path, read_only)
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    with Told(str(path)):
        db = connect(path, timeout, read_only)
        try:
            _known(schema_of(db, str(path)), path)
            if not read_only:
                check_guards(db, str(path))
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA secure_delete = ON")  # what is erased leaves no trace in the pages it lay on
        except BaseException:
            db.close()
            raise
    return db


def _known(schema: int | None, path: Path) -> None:
    if schema is None:
        raise StoreError(f"{path}: a database of something else; to keep the log inside it, use SQLiteStore.on(connection)")


def _look(path: Path, read_only: bool) -> None:
    """Refuse a place where no store can be, and make the file where one can begin."""
    if path.is_dir():
        raise StoreError(f"{path}: a folder; name a file in it")
    if path.exists():
        _look_inside(path)
        if not read_only and not os.access(path, os.W_OK):
            raise StoreError(f"{path}: the file cannot be written; give the right to, or open it with read_only=True")
        return
    if read_only:
        raise StoreError(f"{path}: there is no such file to read")
    if not path.parent.is_dir():
        raise StoreError(f"{path}: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise StoreError(f"{path}: the folder {path.parent} cannot be written; give the right to, or name another place")
    refuse_leftovers(path)
    _make(path)


def refuse_leftovers(path: Path) -> None:
    """Refuse a place for a new file where a log of another lies: SQLite would write that into it.

    Raises:
        StoreError: a log is there.
    """
    for log in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-journal")):
        if log.exists():
            raise StoreError(f"{path}: its {log.name} is there and the file is not; put the file back, or move {log.name} away")


def _look_inside(path: Path) -> None:
    """Refuse what SQLite would take for a new or a whole database: an empty file, a few bytes, one cut short."""
    size = path.stat().st_size
    if not size:
        raise StoreError(f"{path}: the file is empty, which a store never is; put back a copy, or remove it to begin a new one")
    if size < _HEAD:
        raise StoreError(f"{path}: {_MENDS['SQLITE_NOTADB']}")
    log = path.with_name(f"{path.name}-wal")
    try:
        with Told(str(path)), closing(_Connection(path, "ro&immutable=1")) as db:
            (pages,), (page,) = (db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
        if size >= pages * page:
            return
    except StoreError:
        if not log.exists():
            raise
    if not log.exists():  # with a log beside it, the file may be behind its head
        raise StoreError(f"{path}: {_MENDS['SQLITE_CORRUPT']}")


def _make(path: Path) -> None:
    """A new store, whole and on disk before it has its name; another process may have been first."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with Told(str(path)), closing(sqlite3.connect(part, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = FULL")
            db.execute("BEGIN IMMEDIATE")
            create(db)
            db.execute("COMMIT")
            db.execute("PRAGMA journal_mode = WAL")
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
    with suppress(OSError):  # not every system can sync a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def connect(path: Path, timeout: float, read_only: bool) -> sqlite3.Connection:
    """A connection to the file at *path*, which must exist."""
    if not read_only:
        return _Connection(path, "rw", timeout)
    # A log beside the file must be read too; without one, a folder that cannot be written is no hindrance.
    where = path.absolute()
    log = where.with_name(f"{where.name}-wal")
    return _Connection(path, "ro" if log.exists() or os.access(where.parent, os.W_OK) else "ro&immutable=1", timeout)


def plain(db: sqlite3.Connection) -> sqlite3.Cursor:
    """A cursor that gives plain tuples, whatever rows the connection gives."""
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor


def schema_of(db: sqlite3.Connection, place: str) -> int | None:
    """The schema of the store in *db*; None when there is no store.

    Raises:
        StoreError: it is newer than this library, or cannot be told.
    """
    cursor = plain(db)
    if not cursor.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'qms_meta'").fetchall():
        return None
    found = cursor.execute("SELECT value FROM qms_meta WHERE name = 'schema'").fetchone()
    if found is None or not str(found[0]).isdecimal():
        raise StoreError(f"{place}: the store does not say its schema; put back a copy")
    version = int(found[0])
    if version > SCHEMA_VERSION:
        raise StoreError(f"{place}: written by a newer qms (schema {version}, this one knows {SCHEMA_VERSION}); upgrade qms")
    return version


def check_guards(db: sqlite3.Connection, place: str) -> None:
    """Refuse to write where the log could be changed unnoticed.

    Raises:
        StoreError: a table, an index or a trigger of the store is not as this version ships it.
    """
    if problems := faults(db):
        raise StoreError(f"{place}: {'; '.join(problems)}; verify it, and put back a copy")


def faults(db: sqlite3.Connection) -> list[str]:
    """What of the tables, indices and triggers is not as this version ships it, in words."""
    there = {
        name: _plain(made) for name, made in plain(db).execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    }
    problems = []
    for statement in _STATEMENTS:
        _, kind, name, *_ = statement.split()
        if name not in there:
            problems.append(f"the {kind.lower()} {name} is missing")
        elif there[name] != _plain(statement):
            problems.append(f"the {kind.lower()} {name} is not the one of this version")
    return problems


def _plain(statement: str) -> str:
    return " ".join(statement.split()).rstrip(";")


def create(db: sqlite3.Connection) -> None:
    """The tables and their guards, inside the transaction that is open."""
    for statement in _STATEMENTS:
        db.execute(statement)
    db.execute("INSERT INTO qms_head VALUES (1, 0, ?)", (EMPTY_ROOT,))
    created = str(time.time_ns() // 1000)
    db.executemany("INSERT INTO qms_meta VALUES (?, ?)", [("schema", str(SCHEMA_VERSION)), ("created", created)])
