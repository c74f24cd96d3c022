"""A store in PostgreSQL 15 or later (psycopg 3): many writers at once, one order, one tree. The extra ``postgres``.

Rule 1: a batch is kept by one function in one transaction (sql/functions.sql), which locks the streams it writes and no more.
When `append` answers, it is on disk. Positions are given by one sequencer at a time, under an advisory lock.
Rule 2: a writer who finds no sequencer at work is it, in its own transaction. One who finds another leaves its batch to
wait; the last of a process to come back gives positions to all that wait. Beside that, ``qms sequence URL`` may run anywhere.
Rule 3: positions become visible in their order, without a gap; who follows them misses nothing, however long another
transaction stays open. What has no position yet is in its stream, and not in the log.
Rule 4: joined to the caller's connection, each append is a savepoint in the caller's transaction, which only the caller
commits. It takes no position there, since all others would wait for the caller; *synchronous* asks for just that.
Rule 5: between statements nothing is remembered but connections: other processes may write at any time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Lock, RLock, get_ident
from typing import Any, Self, TypeVar

import psycopg
from attrs import define
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8

from ..errors import InvalidInput, StoreError
from ..ports import Checkpoint, Entry, Fold, Found, Key, Private, Progress, Query, Receipt, Row, Verification, Write
from ..trail import Frontier, NodeReader, at_once, consistency_proof, inclusion_proof, root_at
from .postgres_link import Link, Pool, Told, connect, driver_of, int8s, seconds, texts, unusable
from .postgres_schema import SCHEMA_VERSION, address_of, check, check_name, prepare, version_of
from .postgres_sent import APPEND, LOST, PAGE, RACED, Statements, asked, packed, receipt_of
from .postgres_tables import PostgresTables, head_of, row_of
from .verification import kept_whole, verify
from .writes import check_after, check_query, check_writes

__all__ = ["PostgresStore"]

T = TypeVar("T")

_TRIES = 6
_BATCHES = 2000
"""How many batches get their positions in one transaction."""

_QUEUED, _AT_ONCE_IF_FREE, _AT_ONCE = 0, 1, 2


class PostgresStore:
    """A `Store` and `Log` in the PostgreSQL database at *url*, in *schema*; made when there is none.

    *url* is any address libpq takes; ``#name`` at its end names the schema too. One schema is one log: one for each tenant.
    One object may be used by many threads, over at most *connections* connections; after a fork, open another.
    A writer waits up to *timeout* seconds for a lock. With *read_only* nothing is made or changed. *synchronous*:
    each receipt has its position, and writers wait for each other; otherwise a batch may get it a little later.

    Raises:
        StoreError: no store can be opened there; the message names the place and the mend, and nothing was written.
        InvalidInput: *url* or *schema* is none, or *connections* or *timeout* no number that can be.
    """

    joined = False

    def __init__(
        self,
        url: str,
        *,
        schema: str | None = None,
        synchronous: bool = False,
        read_only: bool = False,
        connections: int = 16,
        timeout: float = 30.0,
    ) -> None:
        address, schema, place = address_of(url, schema)
        self._setup(place, schema, synchronous)
        self._read_only, self._timeout = read_only, seconds(timeout)
        self._pool = Pool(lambda: connect(address, read_only=read_only, timeout=timeout), connections)
        self._spans: dict[int, _Span] = {}
        try:
            with self._told, self._pool.one() as link:
                self._look(link)
        except BaseException:
            self._pool.close()
            raise

    @classmethod
    def on(cls, connection: object, *, schema: str = "qms", synchronous: bool = False) -> PostgresStore:
        """The store inside the caller's database, in the caller's transaction: never commits, and closes nothing.

        *connection* is psycopg's, or Django's or SQLAlchemy's that holds one; it is not in autocommit, or inside a
        transaction. The tables are made in that transaction when there are none. Positions are given after the caller's
        commit; with *synchronous* in the append, and then all other writers wait for that commit.

        Raises:
            InvalidInput: no such connection.
            StoreError: the database cannot be read or written, its tables are of a newer qms, or no transaction is open and
            none begins by itself.
        """
        return _Joined(connection, schema, synchronous)

    def _setup(self, place: str, schema: str, synchronous: bool) -> None:
        self._place, self._schema, self._synchronous = place, check_name(schema), synchronous
        self._told = Told(place)
        self._pid = os.getpid()
        self._closed = False
        self._sequences = True
        self._turn = Lock()
        self._busy = 0
        self._append = {mode: APPEND.format(schema=schema, mode=mode) for mode in (_QUEUED, _AT_ONCE_IF_FREE, _AT_ONCE)}
        self._sql = Statements(schema)

    def _look(self, link: Link) -> None:
        """See that a log of this version is there, or make one."""
        version = version_of(link, self._schema, self._place)
        if version is None and self._read_only:
            raise StoreError(f"{self._place}: there is no log to read")
        if version is None:
            link.do("BEGIN")
            try:
                prepare(link, self._schema, self._place)
                link.do("COMMIT")
            except BaseException:
                with suppress(psycopg.Error):
                    link.do("ROLLBACK")
                raise
        else:
            self._judge(link, version)
        self._learn_rights(link)

    def _judge(self, link: Link, version: int | None) -> None:
        """Refuse a schema that is not this version's, and guards that do not stand."""
        if version is not None and version < SCHEMA_VERSION:
            raise StoreError(
                f"{self._place}: made by an older qms (schema {version}, this one writes {SCHEMA_VERSION});"
                " bring it forward with qms prepare"
            )
        if not self._read_only:
            check(link, self._schema, self._place)

    def _learn_rights(self, link: Link) -> None:
        ((may,),) = link.all("SELECT has_function_privilege(%s, 'EXECUTE')", (f"{self._schema}.sequence(int, int)",))
        self._sequences = may and not self._read_only

    def __repr__(self) -> str:
        return f"PostgresStore({self._place!r})"

    @property
    def place(self) -> str:
        """Where it is, without a password."""
        return self._place

    # ------------------------------------------------------------ writing

    def append(self, writes: Sequence[Write], key: Key | None = None) -> Receipt:
        """Keep the whole batch, or nothing; see `qms.ports.Store.append`.

        Raises:
            TryAgain: inside a transaction that must be taken back whole and run again.
        """
        check_writes(writes, key)
        batch = packed(writes, key)
        self._may_write()
        with self._told:
            span = self._inside()
            if span is not None:
                receipt = self._append_inside(span, writes, key, batch)
                span.waits = span.waits or receipt.position is None
                return receipt
            with self._one_of_many():
                return self._append_alone(writes, key, batch)

    def _append_alone(self, writes: Sequence[Write], key: Key | None, batch: Sequence[Any]) -> Receipt:
        """In a transaction of its own: what another transaction came in the way of is tried again here."""
        sql = self._append[_AT_ONCE if self._synchronous else _AT_ONCE_IF_FREE]
        for last in (False,) * _TRIES + (True,):
            try:
                with self._lent() as link:
                    (answer,) = link.all(sql, batch)
                return receipt_of(writes, key, answer)
            except psycopg.Error as error:
                if last or error.sqlstate not in LOST:
                    raise
        raise AssertionError

    def _append_inside(self, span: _Span, writes: Sequence[Write], key: Key | None, batch: Sequence[Any]) -> Receipt:
        """In a transaction that is open, under a savepoint."""
        sql = self._append[_AT_ONCE if self._synchronous else _QUEUED]
        for last in (False,) * _TRIES + (True,):
            span.begin()
            try:
                (answer,) = span.link.all(sql, batch)
                receipt = receipt_of(writes, key, answer)
            except psycopg.Error as error:
                span.back()
                if last or error.sqlstate not in RACED:
                    raise
            except BaseException:
                span.back()
                raise
            else:
                span.end()
                return receipt
        raise AssertionError

    @contextmanager
    def _one_of_many(self) -> Iterator[None]:
        """Counts the writers of this process; the last to leave gives positions to what is left waiting."""
        with self._turn:
            self._busy += 1
        try:
            yield
        finally:
            with self._turn:
                self._busy -= 1
                last = not self._busy
            if last:
                with suppress(StoreError, psycopg.Error):  # what was kept is kept; who comes next gives it its position
                    self._settle()

    def _settle(self) -> None:
        """Give positions to what waits, where this login may and no other sequencer is at work, until nothing is left.

        Whoever gave positions looks again after the commit: a writer that found it at work has left to it what it kept.
        """
        if self._sequences:
            with self._lent() as link:
                done = 1
                while done:
                    ((done, _),) = link.all(self._sql.sequence, (_BATCHES, 0))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A span whose appends share one commit; see `qms.ports.Store.transaction`. Other threads go on meanwhile.

        Asked inside for the log (size, root, scan), it gives positions at once, and other writers' wait for its end.

        Raises:
            TryAgain: another transaction came between; nothing was kept, and the span is to be run again.
        """
        ident = get_ident()
        span = self._spans.get(ident)
        if span is not None:
            with span.nested(self._told):
                yield
            return
        self._may_write()
        with self._one_of_many():
            with self._told:
                link = self._pool.take()
            span = self._spans[ident] = _Span(link)
            try:
                with span.nested(self._told, self._end_of):
                    yield
            finally:
                del self._spans[ident]
                self._pool.give(link)

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside `transaction`, or a caller's."""
        return self.joined or get_ident() in self._spans

    def _end_of(self, span: _Span) -> None:
        """Before the commit of a span: positions for what it wrote, where no other sequencer is at work."""
        if span.waits and self._sequences:
            span.link.all(self._sql.sequence, (_BATCHES, 0))

    # ------------------------------------------------------------ reading

    def read(self, stream: str, after: int = 0) -> Iterator[Entry]:
        """The entries of *stream* from *after* + 1 on; one that has no position yet says None."""
        check_after(after)
        asked(stream)
        return self._read(stream, after)

    def _read(self, stream: str, after: int) -> Iterator[Entry]:
        while True:
            page = self._all(self._sql.read, stream, Int8(after))
            for position, seq, data in page:
                yield Entry(position, stream, seq, data)
            if len(page) < PAGE:
                return
            after = page[-1][1]

    def scan(self, after: int = 0) -> Iterator[Entry]:
        """The whole log from position *after* + 1 on; records appended meanwhile come too, none is ever skipped."""
        check_after(after)
        return self._scan(after)

    def _scan(self, after: int) -> Iterator[Entry]:
        self._catch_up()
        while True:
            page = self._all(self._sql.scan, Int8(after))
            for line in page:
                yield Entry(*line)
            if len(page) < PAGE:
                return
            after = page[-1][0]

    def find(self, key: str) -> Found | None:
        """What was kept under *key*; its position is None while it has none."""
        return next((Found(*found) for found in self._all(self._sql.find, asked(key, "key"))), None)

    def select(self, query: Query) -> Iterator[tuple[str, Row]]:
        """Streams with their rows that answer *query*, ordered by name."""
        check_query(query)
        conditions = {
            "process = %s": query.process,
            "procedure = %s": query.procedure,
            "unit = %s": query.unit,
            "subject = %s": query.subject,
            "%s = ANY (steps)": query.step,
            "open = %s": query.open,
            "due < %s": None if query.due_before is None else Int8(query.due_before),
            "wake < %s": None if query.wake_before is None else Int8(query.wake_before),
            "name > %s": query.after,
        }
        given = {condition: value for condition, value in conditions.items() if value is not None}
        for value in given.values():
            if type(value) is str:
                asked(value, "query")
        where = f" WHERE {' AND '.join(given)}" if given else ""
        limit = "" if query.limit is None else f" LIMIT {int(query.limit)}"
        return ((name, row_of(fields)) for name, *fields in self._all(f"{self._sql.select}{where} ORDER BY name{limit}", *given.values()))  # fmt: skip

    def row(self, stream: str) -> Row | None:
        """The row of *stream*."""
        return next((row_of(fields) for _, *fields in self._all(f"{self._sql.select} WHERE name = %s", asked(stream))), None)

    def length(self, stream: str) -> int:
        """How many entries *stream* has."""
        return next((length for (length,) in self._all(self._sql.length, asked(stream))), 0)

    def private(self, stream: str, seq: int) -> Mapping[str, Private]:
        """The personal values beside record *seq* of *stream*."""
        check_after(seq, "seq")
        found = self._all(self._sql.private, asked(stream), Int8(seq))
        return {path: Private(seq, path, salt, value) for path, salt, value in found}

    def waiting(self) -> tuple[int, float]:
        """How many batches have no position yet, and for how many seconds the oldest: what an alarm looks at."""
        ((count, age),) = self._all(self._sql.waiting)
        return count, age

    def _all(self, sql: str, *params: object) -> list[Any]:
        with self._told:
            span = self._inside()
            if span is not None:
                return span.link.all(sql, params)
            try:
                with self._lent() as link:
                    return link.all(sql, params)
            except psycopg.OperationalError as error:
                if error.sqlstate is not None and not error.sqlstate.startswith(("08", "57P")):
                    raise
            with self._lent() as link:  # the connection had broken; a question may be asked twice
                return link.all(sql, params)

    # ------------------------------------------------------------ the log as a tree

    @property
    def size(self) -> int:
        """How many records the log has."""
        return self._current().size

    def root(self, size: int | None = None) -> bytes:
        """The tree's root now, or when it had *size* records."""
        now = self._current()
        return now.root() if size is None else self._with_nodes(lambda read: root_at(_past(now, size), read))

    def leaf(self, index: int) -> bytes:
        """The leaf hash of the record at position *index* + 1."""
        now = self._current()
        _past(now, index)
        _past(now, index + 1)
        return self._with_nodes(lambda read: read(0, index))

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The proof that leaf *index* is in the tree of *size*."""
        past = _past(self._current(), size)
        return self._with_nodes(lambda read: inclusion_proof(index, past, read))

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """The proof that the tree of *new* only added to the tree of *old*."""
        past = _past(self._current(), new)
        return self._with_nodes(lambda read: consistency_proof(old, past, read))

    def _catch_up(self) -> None:
        """Before the log is read: positions for what waits, where no other sequencer is at work."""
        with self._told:
            span = self._inside()
            if span is None:
                self._settle()
                return
            more = span.waits and self._sequences
            while more:
                ((done, more),) = span.link.all(self._sql.sequence, (_BATCHES, -1))
                more = more and done > 0
            span.waits = False

    def _current(self) -> Frontier:
        self._catch_up()
        return head_of(self._all(self._sql.head), self._place)

    def _with_nodes(self, ask: Callable[[NodeReader], T]) -> T:
        return at_once(ask, lambda numbers: kept_whole(dict(self._all(self._sql.hashes, int8s(numbers))), numbers, self._place))

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

        Everything is read as of one moment; others go on writing meanwhile. Inside a transaction, or joined to a
        caller's, it reads what that transaction sees: where that is more at each statement, let nobody write meanwhile.
        """
        self._catch_up()
        with self._told, self._one_moment() as link:
            tables = PostgresTables(link, self._schema, self._place)
            return verify(tables, fold, checkpoint, progress, since=since, level=level)

    @contextmanager
    def _one_moment(self) -> Iterator[Link]:
        """The connection of this thread's transaction, or of one that begins here, only reads, and answers what else is asked."""
        span = self._inside()
        if span is not None:
            yield span.link
            return
        ident = get_ident()
        with self._lent() as link:
            link.do("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self._spans[ident] = _Span(link, depth=1)
            try:
                yield link
            finally:
                del self._spans[ident]
                with suppress(psycopg.Error):
                    link.do("ROLLBACK")

    # ------------------------------------------------------------ erasing

    def erase(self, values: Sequence[tuple[str, int, str]]) -> int:
        """Remove personal values; see `qms.ports.Store.erase`.

        Outside a transaction the table is vacuumed too, where this login may. What PostgreSQL keeps elsewhere (pages not
        yet written over, the write-ahead log, standbys, backups) is for who runs it: docs/postgresql.md says how.
        Done again, it vacuums again.
        """
        self._may_write()
        for _, seq, _ in values:
            check_after(seq, "seq")
        params = (
            texts([asked(stream) for stream, _, _ in values]),
            int8s([seq for _, seq, _ in values]),
            texts([asked(path, "path") for _, _, path in values]),
        )
        with self._told:
            span = self._inside()
            if span is not None:
                with span.nested(self._told):
                    return int(span.link.all(self._sql.erase, params)[0][0])
            with self._lent() as link:
                removed = int(link.all(self._sql.erase, params)[0][0])
        self._vacuum("private")
        return removed

    def prune(self, writes: Sequence[Write], streams: Sequence[str], upto: int) -> int:
        """Append *writes*, which decide it, and drop the bodies of the records of *streams* up to position *upto*, or neither.

        Hashes and proofs stay; see `qms.pruning`. How many were dropped. Writers wait meanwhile; then the tables are
        vacuumed, where this login may.

        Raises:
            InvalidInput: in a span, or joined to a caller's transaction.
            Conflict: a stream that *writes* name had another length.
            StoreError: it cannot be written; or it is done, and the tables could not be vacuumed, as the message says.
        """
        check_after(upto, "upto")
        names = texts([asked(stream) for stream in streams])
        if self._inside() is not None:
            raise InvalidInput("prune outside of a transaction, over a store of its own")
        with self.transaction():
            self.append(writes)
            ((dropped,),) = self._all(self._sql.prune, names, Int8(upto))
        self._vacuum("entry", "case_row")
        return int(dropped)

    def _vacuum(self, *tables: str) -> None:
        """Let the server write over what was removed from *tables*."""
        sql = f"VACUUM {', '.join(f'{self._schema}.{table}' for table in tables)}"
        try:
            with self._lent() as link:
                link.do(sql)
        except (psycopg.Error, StoreError) as error:
            raise StoreError(f"{self._place}: removed for good, and not vacuumed yet; run {sql} ({error})") from error

    # ------------------------------------------------------------ opening and closing

    def close(self) -> None:
        """Close the connections. A caller's stays open."""
        if not self._closed:
            self._closed = True
            self._give_back()

    def _give_back(self) -> None:
        self._pool.close(forget=self._pid != os.getpid())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _inside(self) -> _Span | None:
        """The transaction that this thread is in."""
        self._usable()
        return self._spans.get(get_ident())

    def _may_write(self) -> None:
        self._usable()
        if self._read_only:
            raise StoreError(f"{self._place}: opened to be read only; open it without read_only to write")

    def _lent(self) -> AbstractContextManager[Link]:
        return self._pool.one()

    def _usable(self) -> None:
        if self._closed:
            raise StoreError(f"{self._place}: the store is closed; open it again")
        if self._pid != os.getpid():
            raise StoreError(f"{self._place}: opened by another process; after a fork, open the store anew")


class _Joined(PostgresStore):
    """The store in a caller's database: one span, the caller's, which is never ended here."""

    joined = True

    def __init__(self, connection: object, schema: str, synchronous: bool) -> None:
        self._setup("the caller's database", schema, synchronous)
        self._read_only, self._timeout = False, 0.0
        self._lock = RLock()
        self._given = connection
        with self._told:
            self._span = _Span(Link(driver_of(connection)), depth=1)
            self._within()
            version = version_of(self._span.link, schema, self._place)
            if version is None:
                with self._span.nested(self._told):
                    prepare(self._span.link, schema, self._place)
            else:
                self._judge(self._span.link, version)
        self._sequences = False

    def _within(self) -> _Span:
        """The caller's transaction.

        Raises:
            StoreError: none is open, and none begins by itself; or the connection is closed, or lent to somebody else.
        """
        if (why := unusable(self._given, self._span.link)) is not None:
            raise StoreError(f"{self._place}: {why}")
        return self._span

    def append(self, writes: Sequence[Write], key: Key | None = None) -> Receipt:
        """Keep the whole batch in the caller's transaction, or nothing; see `qms.ports.Store.append`."""
        with self._lock:
            return super().append(writes, key)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A savepoint in the caller's transaction; nothing is committed at its end."""
        with self._lock:
            self._usable()
            with self._within().nested(self._told):
                yield

    def _all(self, sql: str, *params: object) -> list[Any]:
        """Under a savepoint: a question that fails leaves the caller's transaction."""
        with self._lock:
            self._usable()
            span = self._within()
            with span.nested(self._told), self._told:
                return span.link.all(sql, params)

    def _inside(self) -> _Span | None:
        self._usable()
        return self._within()

    def _give_back(self) -> None:
        """The connection is the caller's."""


@define(eq=False)
class _Span:
    """A transaction over one connection: *depth* of it, savepoints inside."""

    link: Link
    depth: int = 0
    waits: bool = False

    def begin(self) -> None:
        """Begin the transaction, or a savepoint inside it."""
        self.link.do(f"SAVEPOINT qms_{self.depth}" if self.depth else "BEGIN")
        self.depth += 1

    def end(self) -> None:
        """Keep what was done since the beginning."""
        self.depth -= 1
        if self.link.status == TransactionStatus.INERROR:
            self.depth += 1
            raise psycopg.errors.InFailedSqlTransaction("an earlier error stands")
        self.link.do(f"RELEASE qms_{self.depth}" if self.depth else "COMMIT")

    def back(self) -> None:
        """Take back what was done since the beginning; a connection that broke has done so itself."""
        self.depth -= 1
        savepoint = f"qms_{self.depth}"
        try:
            for sql in (f"ROLLBACK TO {savepoint}", f"RELEASE {savepoint}") if self.depth else ("ROLLBACK",):
                self.link.do(sql)
        except psycopg.Error:
            if not self.link.connection.closed:
                raise

    @contextmanager
    def nested(self, told: Told, before_end: Callable[[_Span], None] | None = None) -> Iterator[None]:
        """A span within: kept at its end, taken back by an exception."""
        with told:
            self.begin()
        try:
            yield
            with told:
                if before_end is not None:
                    before_end(self)
                self.end()
        except BaseException:
            if self.depth:
                with told:
                    self.back()
            raise


def _past(now: Frontier, size: int | None) -> int:
    if size is not None and not 0 <= size <= now.size:
        raise InvalidInput(f"the log has {now.size} records; {size} cannot be asked")
    return now.size if size is None else size
