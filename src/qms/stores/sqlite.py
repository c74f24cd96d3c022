"""A store in one SQLite file: the log, the tree's head, rows, keys and private values, in one transaction a batch.

Rule 1: a batch is one `BEGIN IMMEDIATE ... COMMIT` with WAL and synchronous=FULL: when `append` answers, it is on disk.
Rule 2: each record is kept with the hashes of the subtrees it completes, so the tree costs a commit no page of its
own. The head row (size, root) is written now and then: a lower bound that the log never falls below.
Rule 3: what is remembered between transactions (the tree's frontier, the streams' lengths) holds as long as the log has
the size it had then: it only grows. The size is read inside each transaction, so other processes may write too.
Rule 4: threads that append at once share a commit: one leads, keeps what the others have brought meanwhile, each batch in a
savepoint of its own, answers for all, and leaves the lead to the first of those who came since. Processes take turns at a gate, so that none starves.
Rule 5: joined to the caller's connection, each append is a savepoint in the caller's transaction, which only the
caller commits. The caller begins with BEGIN IMMEDIATE, or appends before reading anything.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event, Lock, RLock, get_ident
from typing import Any, Self, TypeVar

from ..errors import InvalidInput, QMSError, StoreError
from ..ports import Checkpoint, Entry, Fold, Found, Key, Private, Progress, Query, Receipt, Row, Verification, Write
from ..trail import Frontier, NodeReader, at_once, consistency_proof, inclusion_proof, leaf_hash, root_at
from .driver import lapsed, unwrapped
from .sqlite_care import copy, drop_bodies, rewrite_private
from .sqlite_file import Told, check_guards, connect, create, open_file, plain, schema_of
from .sqlite_tables import ROW_FIELDS, SQLiteTables, kept, row_of
from .turns import Turnstile
from .verification import verify
from .writes import check_writes, conflict, other_request

__all__ = ["SQLiteStore"]

T = TypeVar("T")

_PAGE = 256
_LAST = 2**63 - 1
"""The highest number that SQLite knows."""
_LAG = 64
"""The head row is written when it would fall so many records behind, at the end of a `transaction`, and at closing."""
_REMEMBERED = 50_000
_LOOK = 0.00005
"""How long the one whose turn it is waits before it tries again to begin, in seconds."""
_SHARED = 256
"""How many batches share a commit at most."""

_STREAM = "SELECT id, (SELECT max(seq) FROM qms_entry WHERE stream = id) FROM qms_stream WHERE name = ?"
_ENTRY = "INSERT INTO qms_entry (position, stream, seq, hashes, data) VALUES (?, ?, ?, ?, ?)"
_ROW = (
    "INSERT INTO qms_row (stream, process, procedure, steps, subject, unit, open, due, wake) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (stream) DO UPDATE SET process = excluded.process, procedure = excluded.procedure, steps = excluded.steps,"
    " subject = excluded.subject, unit = excluded.unit, open = excluded.open, due = excluded.due, wake = excluded.wake"
)
_ERASE = "DELETE FROM qms_private WHERE stream = (SELECT id FROM qms_stream WHERE name = ?) AND seq = ? AND path = ?"


class _Batch:
    """What a thread brought to be kept, and what became of it."""

    __slots__ = ("error", "key", "leads", "receipt", "turn", "writes")

    def __init__(self, writes: Sequence[Write], key: Key | None) -> None:
        self.writes, self.key, self.leads, self.turn = writes, key, False, Event()
        self.receipt: Receipt | None = None
        self.error: BaseException | None = None


class _Lock:
    """The lock of a store; *judge* is asked first, since in a forked process who holds it may be gone."""

    def __init__(self, judge: Callable[[], None]) -> None:
        self._judge = judge
        self._lock = RLock()

    def __enter__(self) -> None:
        self._judge()
        self._lock.acquire()

    def __exit__(self, *exc: object) -> None:
        self._lock.release()


class SQLiteStore:
    """A `Store` and `Log` in the SQLite file at *path*, made when there is none.

    With *read_only* nothing is made or changed, and a file in a folder that cannot be written can be read.
    One object may be used by many threads. Close it before the process is forked, or start processes anew (spawn,
    forkserver): a child that is forked while the file is open can neither use it nor open it again. Other processes
    may write too: a writer waits up to *timeout* seconds for its turn.

    Raises:
        InvalidInput: *path* is none.
        StoreError: no store can be opened there; the message names the place and the mend, and nothing was written.
    """

    joined = False

    def __init__(self, path: str | os.PathLike[str], *, read_only: bool = False, timeout: float = 30.0) -> None:
        try:
            place = Path(path)
        except TypeError as error:
            raise InvalidInput(f"{path!r} is no path; name the file that holds the store", "path") from error
        self._path, self._timeout, self._read_only = place.absolute(), timeout, read_only
        self._setup(str(path), open_file(place, read_only, timeout))
        self._cursor.execute("PRAGMA busy_timeout = 0")  # we wait ourselves, with shorter pauses
        self._turnstile = Turnstile(self._path.with_name(self._path.name + "-turn"))

    @classmethod
    def on(cls, connection: object) -> SQLiteStore:
        """The store inside the caller's database, in the caller's transaction: never commits, and closes nothing.

        *connection* is one of sqlite3, or holds one: Django's ``django.db.connection``, SQLAlchemy's ``session.connection()``.
        The tables are made in that transaction when there are none. Where no transaction is open, one is begun
        (immediate) and left to the caller. How durable it is, the caller's connection decides.

        Raises:
            InvalidInput: no connection of sqlite3, or one whose texts are not str.
            StoreError: it is closed, the database cannot be read or written, or its tables are of a newer qms.
        """
        return _Joined(connection)

    def _setup(self, place: str, db: sqlite3.Connection) -> None:
        self._place, self._db = place, db
        self._told = Told(place)
        self._pid = os.getpid()
        self._lock = _Lock(self._refuse_fork)
        self._cursor = plain(db)
        self._spans: list[Frontier] = []
        self._frontier = Frontier()
        self._fresh = False
        self._sealed = 0
        self._known: dict[str, tuple[int, int]] = {}
        self._closed = False
        self._owner: int | None = None
        self._brought: deque[_Batch] = deque()
        self._door, self._led = Lock(), False

    def __repr__(self) -> str:
        return f"SQLiteStore({self._place!r})"

    # ------------------------------------------------------------ writing

    def append(self, writes: Sequence[Write], key: Key | None = None) -> Receipt:
        """Keep the whole batch, or nothing; see `qms.ports.Store.append`."""
        check_writes(writes, key)
        if self._owner == get_ident():  # inside a span of this thread
            with self._told:
                return self._append(writes, key)
        batch = _Batch(writes, key)
        with self._door:
            self._brought.append(batch)
            batch.leads, self._led = not self._led, True
        if not batch.leads:
            try:
                batch.turn.wait()
            except BaseException:
                self._leave(batch)
                raise
        if batch.leads:
            try:
                with self._lock:
                    self._keep_brought(batch)
            finally:
                self._leave(batch)
        if batch.error is not None:
            raise batch.error
        assert batch.receipt is not None  # noqa: S101 - kept, or an error
        return batch.receipt

    def erase(self, values: Sequence[tuple[str, int, str]]) -> int:
        """Remove personal values from the file and the log beside it; see `qms.ports.Store.erase`.

        In a span they are gone from the log beside the file after the next checkpoint. Joined to a caller's transaction, stale
        copies may be left in the file until the caller runs VACUUM.
        """
        with self._lock, self._told:
            self._begin()
            try:
                removed = sum(self._cursor.execute(_ERASE, value).rowcount for value in values)
                if removed and not self.joined:
                    rewrite_private(self._db)
                self._commit(_LAG)
            except BaseException:
                self._rollback()
                raise
            if not self._spans:
                self._clear_log()
        return removed

    def prune(self, writes: Sequence[Write], streams: Sequence[str], upto: int) -> int:
        """Append *writes*, which decide it, and drop the bodies of the records of *streams* up to position *upto*, or neither.

        Hashes and proofs stay; see `qms.pruning`. How many were dropped. The file shrinks, as far as nobody else uses it.

        Raises:
            InvalidInput: in a span, or joined to a caller's transaction.
            Conflict: a stream that *writes* name had another length.
            StoreError: it cannot be written.
        """
        check_writes(writes)
        with self._lock, self._told:
            if self._inside():
                raise InvalidInput("prune outside of a transaction, over a store of its own")
            self._begin()
            try:
                self._append(writes, None)
                dropped = drop_bodies(self._db, streams, upto)
                self._commit(_LAG)
            except BaseException:
                self._rollback()
                raise
            with suppress(sqlite3.Error):  # others have it open: the space is used again
                self._cursor.execute("VACUUM")
            self._clear_log()
        return dropped

    def backup(self, path: str | os.PathLike[str]) -> Checkpoint:
        """Copy the store to *path* as of one moment, while others write; the size and root of what the copy holds.

        Raises:
            InvalidInput: joined to a caller's transaction: the file is the caller's to copy.
            StoreError: *path* exists, or cannot be written.
        """
        if self.joined:
            raise InvalidInput("the file is the caller's; copy it with its own connection", "path")
        self._usable()
        copy(self._path, Path(path).absolute(), self._timeout)
        with SQLiteStore(path, read_only=True) as made:
            return made.size, made.root()

    def _clear_log(self) -> None:
        """Write the log beside the file back and empty it, so that no old page lies in it."""
        deadline = time.monotonic() + self._timeout
        while self._patiently("PRAGMA wal_checkpoint(TRUNCATE)", (), deadline).fetchone()[0]:
            if time.monotonic() >= deadline:
                raise StoreError(
                    f"{self._place}: erased, but the log beside the file still holds it, since others read from it; let them"
                    " end, and erase again"
                )
            time.sleep(_LOOK)

    def _append(self, writes: Sequence[Write], key: Key | None) -> Receipt:
        self._begin()
        try:
            receipt = self._keep(writes, key)
            self._commit(_LAG)
        except BaseException:
            self._rollback()
            raise
        return receipt

    def _leave(self, batch: _Batch) -> None:
        """Who goes takes what was not kept along; who led wakes the next, and whose batches were kept have been woken before."""
        with self._door:
            with suppress(ValueError):
                self._brought.remove(batch)
            if batch.leads:
                self._led = bool(self._brought)
                if self._led:
                    self._brought[0].leads = True
                    self._brought[0].turn.set()

    def _keep_brought(self, mine: _Batch) -> None:
        """Keep all batches that threads have brought, in one commit; what is wrong with one is told to who brought it."""
        batches: list[_Batch] = []
        while self._brought and len(batches) < _SHARED:
            batches.append(self._brought.popleft())
        try:
            with self._told:
                if len(batches) == 1:
                    batches[0].receipt = self._append(batches[0].writes, batches[0].key)
                else:
                    self._keep_together(batches)
        except QMSError as error:  # the commit itself, or a batch alone: nothing was kept
            for batch in batches:
                batch.receipt, batch.error = None, batch.error or error
        except BaseException:  # who keeps them for all is interrupted
            for batch in batches:
                batch.receipt = None
                if batch is not mine:
                    batch.error = StoreError(f"{self._place}: the thread that wrote for several was stopped; nothing was kept")
            raise
        finally:
            for batch in batches:
                batch.turn.set()

    def _keep_together(self, batches: Sequence[_Batch]) -> None:
        self._begin()
        try:
            for batch in batches:
                try:
                    batch.receipt = self._append(batch.writes, batch.key)
                except QMSError as error:
                    batch.error = error
                    if not self._db.in_transaction:
                        raise  # it took the others with it
            self._commit(_LAG)
        except BaseException:
            self._rollback()
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A span whose appends share one commit; see `qms.ports.Store.transaction`. Other threads wait until it ends.

        Joined to a caller's connection it is a savepoint, and nothing is committed at its end either.
        """
        with self._lock:
            with self._told:
                self._begin()
            outer, self._owner = self._owner, get_ident()
            try:
                yield
                with self._told:
                    self._commit(1)
            except BaseException:
                self._rollback()
                raise
            finally:
                self._owner = outer

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside `transaction`, or a caller's."""
        return self.joined or self._owner == get_ident()

    def _keep(self, writes: Sequence[Write], key: Key | None) -> Receipt:
        if key is not None and (found := self._found(key.name)) is not None:
            if found.request != key.request:
                raise other_request(key)
            return Receipt(found.position, repeated=True)
        if not self._fresh:
            self._refresh()
            self._fresh = True
        first = self._frontier.size + 1
        streams = [self._write(write) for write in writes]
        if key is not None:
            length = writes[0].expected + len(writes[0].entries)
            self._cursor.execute(
                "INSERT INTO qms_key VALUES (?, ?, ?, ?, ?)", (key.name, key.request, streams[0], length, first)
            )
        return Receipt(first)

    def _write(self, write: Write) -> int:
        execute, before = self._cursor.execute, self._frontier
        stream, length = self._known.get(write.stream) or self._look_up(write.stream)
        if length != write.expected:
            raise conflict(write, length)
        if not stream:
            stream = execute("INSERT INTO qms_stream (name) VALUES (?)", (write.stream,)).lastrowid or 0
        hashes: list[bytes] = []
        self._frontier = before.extended(map(leaf_hash, write.entries), hashes.append)
        for n, data in enumerate(write.entries):
            execute(_ENTRY, (before.size + n + 1, stream, length + n + 1, hashes[n], data))
        self._known[write.stream] = stream, length + len(hashes)
        if write.private:
            values = [(stream, p.seq, p.path, p.salt, p.value) for p in write.private]
            self._cursor.executemany("INSERT INTO qms_private VALUES (?, ?, ?, ?, ?)", values)
        if (row := write.row) is not None:
            fields = (row.process, row.procedure, "\n".join(row.steps), row.subject, row.unit, int(row.open), row.due, row.wake)
            execute(_ROW, (stream, *fields))
        return stream

    def _look_up(self, name: str) -> tuple[int, int]:
        """The number and length of a stream; zeros for one that does not exist."""
        found = self._cursor.execute(_STREAM, (name,)).fetchone()
        return (found[0], found[1] or 0) if found else (0, 0)

    def _refresh(self) -> None:
        """Learn the log anew if another writer added to it."""
        (size,) = self._cursor.execute("SELECT max(position) FROM qms_entry").fetchone()
        if (size or 0) != self._frontier.size:
            self._frontier = self._over_nodes(lambda read: Frontier.at(size or 0, read))
            self._known.clear()
        elif len(self._known) > _REMEMBERED:
            self._known.clear()

    def _over_nodes(self, ask: Callable[[NodeReader], T]) -> T:
        return at_once(ask, lambda numbers: kept(self._cursor, self._place, numbers))

    # ------------------------------------------------------------ spans: one commit, with savepoints inside

    def _begin(self) -> None:
        self._usable()
        if self._read_only:
            raise StoreError(f"{self._place}: opened to be read only; open it without read_only to append")
        if not self._spans:
            self._fresh = False
            self._start()
        elif self._db.in_transaction:
            self._cursor.execute(f"SAVEPOINT qms_{len(self._spans)}")
        else:
            raise StoreError(f"{self._place}: an earlier error took the transaction back; leave it and begin again")
        self._spans.append(self._frontier)

    def _commit(self, lag: int) -> None:
        self._refuse_fork()
        if not self._db.in_transaction:
            raise StoreError(f"{self._place}: the transaction ended before its time; nothing of it was kept")
        if len(self._spans) == 1:
            if self._fresh and self._frontier.size >= self._sealed + lag:
                self._seal()
            self._end()
        else:
            self._cursor.execute(f"RELEASE qms_{len(self._spans) - 1}")
        self._spans.pop()

    def _rollback(self) -> None:
        """Take back the innermost span; what SQLite already took back itself is left alone."""
        self._frontier = self._spans.pop()
        self._known.clear()
        self._sealed = min(self._sealed, self._frontier.size)
        with suppress(sqlite3.Error):
            if self._pid != os.getpid() or not self._db.in_transaction:
                return
            if self._spans:
                self._back_to(f"qms_{len(self._spans)}")
            else:
                self._undo()

    def _back_to(self, savepoint: str) -> None:
        self._cursor.execute(f"ROLLBACK TO {savepoint}")
        self._cursor.execute(f"RELEASE {savepoint}")

    def _start(self) -> None:
        if self._db.in_transaction:  # left by an interrupt between two statements
            self._undo()
        deadline = time.monotonic() + self._timeout
        self._turnstile.enter(deadline)
        try:
            self._patiently("BEGIN IMMEDIATE", (), deadline, met=self._turnstile.set_up)
        finally:
            self._turnstile.leave()

    def _patiently(
        self, sql: str, params: Sequence[object], deadline: float, met: Callable[[], None] | None = None
    ) -> sqlite3.Cursor:
        """Run *sql*, again while another has the database, until *deadline*; *met* is done when that is seen first."""
        while True:
            try:
                return self._cursor.execute(sql, params)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                    raise
                if met is not None:
                    met()
                    met = None
                time.sleep(_LOOK)

    def _end(self) -> None:
        self._cursor.execute("COMMIT")

    def _undo(self) -> None:
        self._cursor.execute("ROLLBACK")

    def _seal(self) -> None:
        """Write the head: the size and root below which the log never falls again."""
        size, root = self._frontier.size, self._frontier.root()
        self._cursor.execute("UPDATE qms_head SET size = ?, root = ? WHERE size < ?", (size, root, size))
        self._sealed = size

    # ------------------------------------------------------------ reading

    def read(self, stream: str, after: int = 0) -> Iterator[Entry]:
        """The entries of *stream* from *after* + 1 on; records appended meanwhile come too."""
        sql = (
            "SELECT position, seq, data FROM qms_entry WHERE stream = (SELECT id FROM qms_stream WHERE name = ?) AND seq > ?"
            f" ORDER BY seq LIMIT {_PAGE}"
        )
        while True:
            page = self._all(sql, stream, min(after, _LAST))
            for position, seq, data in page:
                yield Entry(position, stream, seq, data)
            if len(page) < _PAGE:
                return
            after = page[-1][1]

    def scan(self, after: int = 0) -> Iterator[Entry]:
        """The whole log from position *after* + 1 on; records appended meanwhile come too."""
        sql = (
            "SELECT position, name, seq, data FROM qms_entry JOIN qms_stream ON qms_stream.id = qms_entry.stream"
            f" WHERE position > ? ORDER BY position LIMIT {_PAGE}"
        )
        while True:
            page = self._all(sql, min(after, _LAST))
            for line in page:
                yield Entry(*line)
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def find(self, key: str) -> Found | None:
        """What was kept under *key*."""
        with self._lock, self._told:
            self._usable()
            return self._found(key)

    def _found(self, key: str) -> Found | None:
        sql = (
            "SELECT k.name, request, s.name, seq, position FROM qms_key AS k JOIN qms_stream AS s ON s.id = k.stream"
            " WHERE k.name = ?"
        )
        found = self._cursor.execute(sql, (key,)).fetchone()
        return None if found is None else Found(*found)

    def select(self, query: Query) -> Iterator[tuple[str, Row]]:
        """Streams with their rows that answer *query*, ordered by name."""
        asked = {
            "process = ?": query.process,
            "procedure = ?": query.procedure,
            "unit = ?": query.unit,
            "subject = ?": query.subject,
            "instr(char(10) || steps || char(10), char(10) || ? || char(10))": query.step,
            "open = ?": query.open,
            "due < ?": query.due_before,
            "wake < ?": query.wake_before,
            "name > ?": query.after,
        }
        given = {condition: value for condition, value in asked.items() if value is not None}
        where = f" WHERE {' AND '.join(given)}" if given else ""
        limit = "" if query.limit is None else f" LIMIT {int(query.limit)}"
        sql = f"SELECT name, {ROW_FIELDS} FROM qms_row JOIN qms_stream ON id = stream{where} ORDER BY name{limit}"
        return ((name, row_of(fields)) for name, *fields in self._all(sql, *given.values()))

    def row(self, stream: str) -> Row | None:
        """The row of *stream*."""
        sql = f"SELECT {ROW_FIELDS} FROM qms_row WHERE stream = (SELECT id FROM qms_stream WHERE name = ?)"
        return next((row_of(fields) for fields in self._all(sql, stream)), None)

    def length(self, stream: str) -> int:
        """How many entries *stream* has."""
        return next((last or 0 for _, last in self._all(_STREAM, stream)), 0)

    def private(self, stream: str, seq: int) -> Mapping[str, Private]:
        """The personal values beside record *seq* of *stream*."""
        sql = "SELECT seq, path, salt, value FROM qms_private WHERE stream = (SELECT id FROM qms_stream WHERE name = ?) AND seq = ?"
        return {path: Private(number, path, salt, value) for number, path, salt, value in self._all(sql, stream, seq)}

    def _all(self, sql: str, *params: object) -> list[Any]:
        with self._lock, self._told:
            self._usable()
            return self._ask(sql, params).fetchall()

    def _ask(self, sql: str, params: Sequence[object]) -> sqlite3.Cursor:
        return self._patiently(sql, params, time.monotonic() + self._timeout)

    # ------------------------------------------------------------ the log as a tree

    @property
    def size(self) -> int:
        """How many records the log has."""
        return self._current().size

    def root(self, size: int | None = None) -> bytes:
        """The tree's root now, or when it had *size* records."""
        with self._lock, self._told:
            return self._current().root() if size is None else self._over_nodes(partial(root_at, self._past(size)))

    def leaf(self, index: int) -> bytes:
        """The leaf hash of the record at position *index* + 1."""
        with self._lock, self._told:
            self._past(index + 1)
            return self._over_nodes(lambda read: read(0, index))

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The proof that leaf *index* is in the tree of *size*."""
        with self._lock, self._told:
            return self._over_nodes(partial(inclusion_proof, index, self._past(size)))

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """The proof that the tree of *new* only added to the tree of *old*."""
        with self._lock, self._told:
            return self._over_nodes(partial(consistency_proof, old, self._past(new)))

    def _current(self) -> Frontier:
        with self._lock, self._told:
            self._usable()
            if not (self._spans and self._fresh):
                self._refresh()
            return self._frontier

    def _past(self, size: int | None) -> int:
        now = self._current().size
        if size is not None and not 0 <= size <= now:
            raise InvalidInput(f"the log has {now} records; {size} cannot be asked")
        return now if size is None else size

    def verify(
        self,
        fold: Fold | None = None,
        checkpoint: Checkpoint | None = None,
        progress: Progress | None = None,
        *,
        since: Checkpoint | None = None,
        level: str = "semantics",
    ) -> Verification:
        """Check every byte, the tree, the streams and, given *fold*, the rows; see `qms.ports.Store.verify`.

        Everything is read as of one moment, over a connection of its own: others go on writing meanwhile. Inside a
        transaction, or joined to a caller's, it reads what that transaction sees.
        """
        with self._lock, self._told:
            self._usable()
            if self._inside():
                return verify(SQLiteTables(self._db, self._place), fold, checkpoint, progress, since=since, level=level)
        with self._told, closing(connect(self._path, self._timeout, read_only=True)) as db:
            db.text_factory = lambda text: text.decode("utf-8", "replace")
            db.execute("BEGIN")
            return verify(SQLiteTables(db, self._place), fold, checkpoint, progress, since=since, level=level)

    def _inside(self) -> bool:
        return bool(self._spans)

    # ------------------------------------------------------------ opening and closing

    def close(self) -> None:
        """Close the file; what is not committed is taken back. A caller's connection stays open."""
        if self._pid != os.getpid():
            return  # it is the parent's to close
        with self._lock:
            if not self._closed:
                self._give_back()
            self._closed = True

    def _give_back(self) -> None:
        try:
            if self._sealed < self._frontier.size and not self._spans and not self._read_only:
                with suppress(sqlite3.Error):  # the head may lag; nothing is lost
                    self._seal()
        finally:
            self._db.close()
            self._turnstile.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _usable(self) -> None:
        if self._closed:
            raise StoreError(f"{self._place}: the store is closed; open it again")
        self._refuse_fork()

    def _refuse_fork(self) -> None:
        if self._pid != os.getpid():
            raise StoreError(
                f"{self._place}: opened by another process; close it before the fork, or start the process anew (spawn, forkserver)"
            )


class _Joined(SQLiteStore):
    """The store in a caller's database: spans are savepoints, and the head is written at the end of each."""

    joined = True

    def __init__(self, given: object) -> None:
        self._given, connection = given, unwrapped(given, sqlite3.Connection, "sqlite3")
        if connection.text_factory is not str:
            raise InvalidInput("its text_factory must be str", "connection")
        self._path, self._timeout, self._read_only = Path(), 0.0, False
        self._began = False
        place = "the caller's database"
        with Told(place):
            self._setup(place, connection)
            if schema_of(connection, self._place) is None:
                with self.transaction():
                    create(connection)
            check_guards(connection, self._place)

    def erase(self, values: Sequence[tuple[str, int, str]]) -> int:
        """Remove personal values; on the pages they lay on no trace is left, whatever the caller's connection does else."""
        with self._lock, self._told:
            (before,) = self._cursor.execute("PRAGMA main.secure_delete").fetchone()
            self._cursor.execute("PRAGMA main.secure_delete = ON")
            try:
                return super().erase(values)
            finally:
                self._cursor.execute(f"PRAGMA main.secure_delete = {('OFF', 'ON', 'FAST')[before]}")

    def _start(self) -> None:
        self._began = not self._db.in_transaction
        if self._began:
            self._cursor.execute("BEGIN IMMEDIATE")
        self._cursor.execute("SAVEPOINT qms_0")

    def _end(self) -> None:
        self._cursor.execute("RELEASE qms_0")

    def _undo(self) -> None:
        if self._began:
            self._cursor.execute("ROLLBACK")
        else:
            self._back_to("qms_0")

    def _refresh(self) -> None:
        """The caller may have taken records back and others put as many in their place: nothing is remembered."""
        if self._spans:
            # A write before the first read: a transaction begun deferred then waits for its turn, and sees what is newest.
            self._cursor.execute("UPDATE qms_head SET size = size")
        self._frontier = Frontier()
        self._known.clear()
        super()._refresh()

    def _inside(self) -> bool:
        return True

    def _usable(self) -> None:
        super()._usable()
        if (why := lapsed(self._given, self._db)) is not None:
            raise StoreError(f"{self._place}: {why}")

    def _clear_log(self) -> None:
        """The file is the caller's."""

    def _ask(self, sql: str, params: Sequence[object]) -> sqlite3.Cursor:
        return self._cursor.execute(sql, params)

    def _give_back(self) -> None:
        """The connection is the caller's."""
