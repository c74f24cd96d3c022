"""Connections to PostgreSQL: one with its cursor, a handful of them for many threads, and what the server's errors mean.

Rule 1: a connection that broke, or was left in the midst of something, is not used again.
Rule 2: every error says what was kept, and what the caller does now: try again the whole transaction, ask by key whether a
batch was kept, give a right, upgrade.
"""

from __future__ import annotations

import re
import select
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Condition
from typing import Any, ClassVar

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format, TransactionStatus
from psycopg.rows import tuple_row

from ..errors import InvalidInput, StoreError, TryAgain, Unavailable
from .driver import lapsed, unwrapped

__all__ = [
    "Int8s", "Link", "Pool", "Texts", "Told", "blobs", "connect", "driver_of", "int8s", "place_of", "seconds", "texts",
    "unusable",
]  # fmt: skip


class Texts(bytes):
    """A ``text[]`` as it is sent."""


class Int8s(bytes):
    """A ``bigint[]`` as it is sent."""


class Blobs(bytes):
    """A ``bytea[]`` as it is sent."""


_TEXT, _INT8, _BYTEA = 25, 20, 17


def _array(element: int, values: Sequence[bytes]) -> bytes:
    """The array in PostgreSQL's binary format: dimensions, no nulls, type of the elements, length, first index 1."""
    if not values:
        return struct.pack("!iiI", 0, 0, element)
    parts = [struct.pack("!iiIii", 1, 0, element, len(values), 1)]
    for value in values:
        parts += (len(value).to_bytes(4, "big"), value)
    return b"".join(parts)


def texts(values: Sequence[str]) -> Texts:
    """*values*, without NUL, as a ``text[]``."""
    return Texts(_array(_TEXT, [value.encode() for value in values]))


def int8s(values: Sequence[int]) -> Int8s:
    """*values* as a ``bigint[]``."""
    return Int8s(_array(_INT8, [value.to_bytes(8, "big", signed=True) for value in values]))


def blobs(values: Sequence[bytes]) -> Blobs:
    """*values* as a ``bytea[]``."""
    return Blobs(_array(_BYTEA, values))


class _Sent(Dumper):
    """What is in PostgreSQL's binary format already."""

    format = Format.BINARY
    oid = 0
    kinds: ClassVar[dict[type, int]] = {Texts: 1009, Int8s: 1016, Blobs: 1001}

    def dump(self, obj: Any) -> bytes:
        """The bytes as they are."""
        return bytes(obj)


_DUMPERS = [(kind, type(f"_{kind.__name__}", (_Sent,), {"oid": oid})) for kind, oid in _Sent.kinds.items()]


class Link:
    """A connection and one cursor on it that gives plain tuples, whatever the connection's own cursors give."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.cursor = psycopg.Cursor(connection, row_factory=tuple_row)
        for kind, dumper in _DUMPERS:
            self.cursor.adapters.register_dumper(kind, dumper)

    def all(self, sql: str, params: Sequence[object] = ()) -> list[Any]:
        """Every line that *sql* gives."""
        return self.cursor.execute(sql, params, prepare=True, binary=True).fetchall()

    def do(self, sql: str) -> None:
        """Run *sql*, one statement or several, for its effect."""
        self.cursor.execute(sql)

    def stream(self, sql: str, params: Sequence[object] = (), size: int = 1000) -> Iterator[Any]:
        """The lines of *sql*, *size* at a time, inside the transaction that is open: memory does not grow with them."""
        self.stream_number = getattr(self, "stream_number", 0) + 1
        name = f"qms_lines_{self.stream_number}"
        with psycopg.ServerCursor(self.connection, name, row_factory=tuple_row) as cursor:
            cursor.itersize = size
            cursor.execute(sql, params, binary=True)
            yield from cursor

    @property
    def status(self) -> TransactionStatus:
        """Whether a transaction is open."""
        return self.connection.info.transaction_status

    @property
    def lives(self) -> bool:
        """Whether it can be used: what an idle server sends of itself is its farewell."""
        if self.connection.closed or self.status != TransactionStatus.IDLE:
            return False
        try:
            return not select.select([self.connection.fileno()], [], [], 0)[0]
        except (OSError, ValueError, psycopg.Error):  # a number that `select` cannot take: try it
            return not self.connection.closed


class Pool:
    """At most *most* connections, made when they are asked for; the one given back last is taken first.

    Raises:
        InvalidInput: *most* is no number of connections.
    """

    def __init__(self, make: Callable[[], Link], most: int) -> None:
        if type(most) is not int or most < 1:
            raise InvalidInput(f"{most!r} is no number of connections; write 1 or more", "connections")
        self._make, self._most = make, most
        self._free: list[Link] = []
        self._count = 0
        self._turn = Condition()
        self._closed = False

    def take(self) -> Link:
        """A connection that nobody else uses; waits while all are in use."""
        while True:
            with self._turn:
                while not self._free and self._count >= self._most:
                    self._turn.wait()
                link = self._free.pop() if self._free else None
                self._count += link is None
            if link is None:
                try:
                    return self._make()
                except BaseException:
                    self._drop(None)
                    raise
            if link.lives:
                return link
            self._drop(link)

    def give(self, link: Link) -> None:
        """Take a connection back; one that broke or stands in a transaction is closed."""
        if self._closed or link.connection.closed or link.status != TransactionStatus.IDLE:
            self._drop(link)
            return
        with self._turn:
            self._free.append(link)
            self._turn.notify()

    def _drop(self, link: Link | None) -> None:
        if link is not None:
            with suppress(psycopg.Error):
                link.connection.close()
        with self._turn:
            self._count -= 1
            self._turn.notify()

    @contextmanager
    def one(self) -> Iterator[Link]:
        """A connection for a while."""
        link = self.take()
        try:
            yield link
        finally:
            self.give(link)

    def close(self, *, forget: bool = False) -> None:
        """Close those that nobody uses, and each other when it comes back; *forget*: they are another process's."""
        with self._turn:
            self._closed = True
            free, self._free = self._free, []
        for link in free:
            if not forget:
                self._drop(link)


def connect(url: str, *, read_only: bool, timeout: float) -> Link:
    """A connection of our own: commits each statement, sees what was committed before each, waits *timeout* s for a lock.

    It is never set to be read only: behind a pooler another's transactions may run with the settings of this one.

    Raises:
        psycopg.Error: there is none to be had.
    """
    try:
        connection = psycopg.connect(url, autocommit=True, client_encoding="UTF8", fallback_application_name="qms")
    except psycopg.OperationalError as error:
        raise NotConnected(str(error)) from error
    link = Link(connection)
    link.do(
        "SET default_transaction_isolation TO 'read committed'; SET default_transaction_deferrable TO off;"
        f"{'' if read_only else ' SET default_transaction_read_only TO off;'} SET lock_timeout TO {int(timeout * 1000)}"
    )
    return link


class NotConnected(psycopg.OperationalError):
    """There is no connection, and so nothing was on its way."""


def seconds(timeout: float) -> float:
    """*timeout* as a time that the server can wait.

    Raises:
        InvalidInput: it is no number from 0 to 1,000,000.
    """
    if type(timeout) not in (int, float) or not 0 <= timeout <= 1_000_000:
        raise InvalidInput(f"{timeout!r} is no time to wait; write seconds, 0 to 1,000,000 (0: without end)", "timeout")
    return timeout


def driver_of(connection: object) -> psycopg.Connection[Any]:
    """The psycopg connection inside what Django or SQLAlchemy call a connection.

    Raises:
        InvalidInput: there is none inside, or its texts are not UTF-8.
    """
    found = unwrapped(connection, psycopg.Connection, "psycopg 3")
    if found.info.encoding != "utf-8":
        raise InvalidInput(f"its client_encoding is {found.info.encoding}, and must be UTF8", "connection")
    return found


def unusable(connection: object, link: Link) -> str | None:
    """Why what the caller calls *connection* is in no transaction over *link*, and the mend; None when it is in one."""
    why = lapsed(link.connection, link.connection) or lapsed(connection, link.connection)
    if why is None and link.connection.autocommit and link.status == TransactionStatus.IDLE:
        why = (
            "its connection is in autocommit and no transaction is open; begin one"
            " (connection.transaction(), Django's atomic()), or switch autocommit off"
        )
    return why


def place_of(url: str) -> str:
    """Where *url* leads, without its password.

    Raises:
        InvalidInput: it is no address of a PostgreSQL database.
    """
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error as error:
        raise InvalidInput(f"no address of a PostgreSQL database: {str(error).strip()}", "url") from error
    return f"postgresql://{parts.get('host') or parts.get('hostaddr') or ''}/{parts.get('dbname') or ''}"


class Told:
    """Turns PostgreSQL's errors into a `StoreError` that names the place and the mend."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, psycopg.Error):
            raise _told(self._place, error) from error


_TRY_AGAIN = {"40001", "40P01", "42P06", "55P03"}
_UNAVAILABLE = ("08", "25P02", "28", "42501", "53", "57")
"""What says nothing about the log: no connection, no right, no room, an operator came between."""

_AGAIN = "take the whole transaction back and run it again"
_MENDS = {
    "40001": f"another transaction came between; {_AGAIN}",
    "40P01": f"two transactions waited for each other, and this one gave way; {_AGAIN}",
    "55P03": f"another transaction holds what is needed for too long; {_AGAIN}, and look for the one that stays open",
    "25P02": "an earlier error took the transaction back; roll back and begin again",
    "25006": "nothing can be written here: a standby, or opened to be read only",
    "42501": "the right is missing; grant this login the roles that roles.sql names",
    "3F000": "the tables are gone with the transaction that made them, or never were; run qms prepare, or open the store anew",
    "42P01": "the tables are gone with the transaction that made them, or never were; run qms prepare, or open the store anew",
    "42P06": f"another transaction made the tables meanwhile; {_AGAIN}",
    "42883": "a function of the store is not there; run qms prepare",
    "53100": "the disk is full; nothing of the batch was kept; make room and try again",
    "53300": "the server takes no more connections; use fewer, or a pooler",
    "57014": "the statement was cancelled; nothing of it was kept",
    "23": "the log's own guards refused: the store is not as this library leaves it; verify says where",
    "XX": "the store is damaged; verify says where",
    "QM": "another writer came between each time; try again",
    "08": "no connection; where a batch was on its way, ask with its key whether it was kept",
    "57P": "the server ended the connection; where a batch was on its way, ask with its key whether it was kept",
}


_FULL = re.compile("too many (clients|connections)|connection slots are reserved")


def _told(place: str, error: psycopg.Error) -> StoreError:
    state = error.sqlstate or ("" if not isinstance(error, psycopg.OperationalError) else "08")
    words = str(error).strip() or type(error).__name__
    if isinstance(error, NotConnected):  # a farewell at the door comes without a code
        return Unavailable(
            f"{place}: {_MENDS['53300'] if _FULL.search(words) else 'no connection; nothing was sent'} ({words})"
        )
    mend = next((mend for code, mend in _MENDS.items() if state.startswith(code)), None)
    kind = TryAgain if state in _TRY_AGAIN else Unavailable if state.startswith(_UNAVAILABLE) else StoreError
    return kind(f"{place}: {mend} ({words})" if mend else f"{place}: {words}")
