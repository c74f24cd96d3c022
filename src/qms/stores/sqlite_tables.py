"""What verification asks of a log in SQLite, over one connection inside one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..errors import StoreError
from ..ports import Entry, Private, Row
from ..trail import NodeReader, kept_nodes
from .sqlite_file import Told, faults, plain
from .verification import Stored, kept_whole

__all__ = ["ROW_FIELDS", "SQLiteTables", "kept", "row_of"]

ROW_FIELDS = "process, procedure, steps, subject, unit, open, due, wake"


def _given(after: int) -> tuple[int, ...]:
    return (after,) if after else ()


def row_of(fields: Sequence[Any]) -> Row:
    """A row from its columns."""
    process, procedure, steps, subject, unit, is_open, due, wake = fields
    stands = bool(is_open) if is_open in (0, 1) else is_open  # another number is for verify to find
    return Row(process, procedure, tuple(str(steps).split("\n")) if steps else (), subject, unit, stands, due, wake)


def kept(cursor: sqlite3.Cursor, place: str, numbers: Sequence[int]) -> Callable[[int], bytes]:
    """The hashes kept with the records at the positions *numbers*."""
    marks = ", ".join("?" * len(numbers))
    found = dict(cursor.execute(f"SELECT position, hashes FROM qms_entry WHERE position IN ({marks})", numbers).fetchall())
    return kept_whole(found, numbers, place)


class SQLiteTables:
    """What `verify` asks of a SQLite store, over one connection inside one transaction."""

    def __init__(self, db: sqlite3.Connection, place: str) -> None:
        self._db = db
        self._place = place

    def head(self) -> tuple[int, bytes]:
        """The size and root that the head says."""
        found = list(self._lines("SELECT size, root FROM qms_head"))
        if len(found) != 1 or type(found[0][0]) is not int or type(found[0][1]) is not bytes:
            raise StoreError(f"{self._place}: the head of the log is missing or damaged; put back a copy")
        return found[0][0], found[0][1]

    def last(self) -> int:
        """The highest position there is."""
        return next(last or 0 for (last,) in self._lines("SELECT max(position) FROM qms_entry"))

    def nodes(self) -> NodeReader:
        """The tree that is kept with the records."""
        return kept_nodes(lambda number: kept(plain(self._db), self._place, [number])(number))

    def records(self, after: int) -> Iterator[Stored]:
        """The log by position."""
        sql = (
            "SELECT position, name, seq, hashes, data FROM qms_entry LEFT JOIN qms_stream ON id = stream"
            f"{' WHERE position > ?' if after else ''} ORDER BY position"
        )
        return self._lines(sql, *_given(after))

    def sequences(self, after: int) -> Iterator[tuple[str | None, int, int]]:
        """The log stream by stream."""
        sql = (
            "SELECT name, seq, position FROM qms_entry LEFT JOIN qms_stream ON id = stream"
            f"{' WHERE position > ?' if after else ''} ORDER BY stream, seq"
        )
        for stream, seq, position in self._lines(sql, *_given(after)):
            yield stream, seq if type(seq) is int else 0, position

    def before(self, stream: str, seq: int) -> tuple[int, int]:
        """The entry that comes before one of its stream."""
        sql = (
            "SELECT seq, position FROM qms_entry WHERE stream = (SELECT id FROM qms_stream WHERE name = ?) AND seq < ?"
            " ORDER BY seq DESC LIMIT 1"
        )
        return next(((last, position) for last, position in self._lines(sql, stream, seq)), (0, 0))

    def rows(self, after: int) -> Iterator[tuple[str, Row | None]]:
        """Every stream with its row."""
        sql = (
            f"SELECT name, qms_row.stream, {ROW_FIELDS} FROM qms_stream LEFT JOIN qms_row ON stream = id"
            f"{' WHERE id IN (SELECT stream FROM qms_entry WHERE position > ?)' if after else ''} ORDER BY id"
        )
        for name, stream, *fields in self._lines(sql, *_given(after)):
            yield name, None if stream is None else row_of(fields)

    def private(self, first: int, last: int) -> Iterator[tuple[str, Private]]:
        """The personal values beside the records at some positions."""
        sql = (
            "SELECT name, p.seq, path, salt, value FROM qms_entry AS e JOIN qms_private AS p ON p.stream = e.stream AND p.seq = e.seq"
            " JOIN qms_stream ON id = p.stream WHERE e.position BETWEEN ? AND ?"
        )
        for name, *value in self._lines(sql, first, last):
            yield name, Private(*value)

    def guards(self) -> list[str]:
        """What of its tables and triggers is not as this version ships it."""
        with Told(self._place):
            return faults(self._db)

    def strays(self) -> Iterator[str]:
        """What lies beside the log and points to nothing in it."""
        rows = "SELECT stream FROM qms_row WHERE stream NOT IN (SELECT id FROM qms_stream)"
        for (stream,) in self._lines(rows):
            yield f"a row stands there for stream number {stream}, which does not exist"
        keys = (
            "SELECT k.name, k.position FROM qms_key AS k LEFT JOIN qms_entry AS e ON e.stream = k.stream AND e.seq = k.seq"
            " WHERE e.position IS NULL OR k.position NOT BETWEEN 1 AND e.position"
        )
        for name, position in self._lines(keys):
            yield f"the key {name!r} points to position {position} and a record that is not there"
        private = (
            "SELECT p.stream, p.seq, p.path FROM qms_private AS p LEFT JOIN qms_entry AS e ON e.stream = p.stream AND e.seq = p.seq"
            " WHERE e.position IS NULL"
        )
        for stream, seq, path in self._lines(private):
            yield f"the private value {path} stands beside record {seq} of stream number {stream}, which is not there"

    def entries(self, stream: str) -> Iterator[Entry]:
        """The entries of one stream."""
        sql = "SELECT position, seq, data FROM qms_entry WHERE stream = (SELECT id FROM qms_stream WHERE name = ?) ORDER BY seq"
        for position, seq, data in self._lines(sql, stream):
            yield Entry(position, stream, seq, data)

    def _lines(self, sql: str, *params: object) -> Iterator[Any]:
        with Told(self._place):
            yield from plain(self._db).execute(sql, params)
