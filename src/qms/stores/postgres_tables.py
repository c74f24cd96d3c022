"""What verification asks of a log in PostgreSQL, over one connection inside one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import StoreError
from ..ports import Entry, Private, Row
from ..trail import Frontier, NodeReader, kept_nodes
from .postgres_link import Link, Told
from .postgres_schema import faults
from .verification import Stored, kept_whole

__all__ = ["ROW_FIELDS", "PostgresTables", "head_of", "row_of"]

_PAGE = 500

ROW_FIELDS = "process, procedure, steps, subject, unit, open, due, wake"


def row_of(fields: Sequence[Any]) -> Row:
    """A row from its columns."""
    process, procedure, steps, subject, unit, is_open, due, wake = fields
    return Row(process, procedure, tuple(steps), subject, unit, is_open, due, wake)


def head_of(found: Sequence[Any], place: str) -> Frontier:
    """The head of the log from its one line.

    Raises:
        StoreError: there is none, or it is no head of a log.
    """
    if len(found) == 1:
        size, hashes = found[0]
        if size >= 0 and len(hashes) == size.bit_count() and all(node is not None and len(node) == 32 for node in hashes):
            return Frontier(size, tuple(hashes))
    raise StoreError(f"{place}: the head of the log is missing or damaged; put back a copy")


class PostgresTables:
    """The log in *schema* as `qms.stores.verification.Tables`."""

    def __init__(self, link: Link, schema: str, place: str) -> None:
        self._link = link
        self._schema = schema
        self._place = place

    def head(self) -> tuple[int, bytes]:
        """The size and root that the head says."""
        head = head_of(self._all("SELECT size, frontier FROM {s}.head"), self._place)
        return head.size, head.root()

    def last(self) -> int:
        """The highest position there is."""
        return max(int(last) for (last,) in self._all("SELECT coalesce(max(position), 0) FROM {s}.log"))

    def nodes(self) -> NodeReader:
        """The tree that is kept with the records."""

        def kept(number: int) -> bytes:
            found = self._all("SELECT position, hashes FROM {s}.log WHERE position = %s", number)
            return kept_whole(dict(found), [number], self._place)(number)

        return kept_nodes(kept)

    def records(self, after: int) -> Iterator[Stored]:
        """The log by position; a record whose bytes or stream are lost comes without them."""
        sql = (
            "SELECT position, name, l.seq, hashes, data FROM {s}.log AS l"
            " LEFT JOIN {s}.entry AS e ON e.stream = l.stream AND e.seq = l.seq LEFT JOIN {s}.stream AS s ON s.id = l.stream"
            " WHERE position > %s ORDER BY position"
        )
        return self._lines(sql, after)

    def sequences(self, after: int) -> Iterator[tuple[str | None, int, int]]:
        """The log stream by stream."""
        sql = "SELECT name, l.seq, position FROM {s}.log AS l LEFT JOIN {s}.stream ON id = l.stream WHERE position > %s ORDER BY l.stream, l.seq"
        yield from self._lines(sql, after)

    def before(self, stream: str, seq: int) -> tuple[int, int]:
        """The entry that comes before one of its stream."""
        sql = (
            "SELECT seq, position FROM {s}.log WHERE stream = (SELECT id FROM {s}.stream WHERE name = %s) AND seq < %s"
            " ORDER BY seq DESC LIMIT 1"
        )
        return next(((last, position) for last, position in self._all(sql, stream, seq)), (0, 0))

    def rows(self, after: int) -> Iterator[tuple[str, Row | None]]:
        """Every stream with its row."""
        sql = (
            f"SELECT name, r.stream, {ROW_FIELDS} FROM {{s}}.stream LEFT JOIN {{s}}.case_row AS r ON r.stream = id"
            f"{' WHERE id IN (SELECT stream FROM {s}.log WHERE position > %s)' if after else ''} ORDER BY id"
        )
        for name, stream, *fields in self._lines(sql, *([after] if after else [])):
            yield name, None if stream is None else row_of(fields)

    def private(self, first: int, last: int) -> Iterator[tuple[str, Private]]:
        """The personal values beside the records at some positions."""
        sql = (
            "SELECT name, p.seq, path, salt, value FROM {s}.log AS l JOIN {s}.private AS p ON p.stream = l.stream AND p.seq = l.seq"
            " JOIN {s}.stream ON id = p.stream WHERE l.position BETWEEN %s AND %s"
        )
        for name, *value in self._all(sql, first, last):
            yield name, Private(*value)

    def entries(self, stream: str) -> Iterator[Entry]:
        """The entries of one stream, those without a position too."""
        sql = (
            "SELECT position, e.seq, data FROM {s}.entry AS e LEFT JOIN {s}.log USING (stream, seq)"
            f" WHERE e.stream = (SELECT id FROM {{s}}.stream WHERE name = %s) AND e.seq > %s ORDER BY e.seq LIMIT {_PAGE}"
        )
        page = self._all(sql, stream, 0)
        while page:
            for position, seq, data in page:
                yield Entry(position, stream, seq, data)
            page = self._all(sql, stream, page[-1][1]) if len(page) == _PAGE else []

    def strays(self) -> Iterator[str]:
        """What lies beside the log and does not fit it."""
        for sql, words in _STRAYS.items():
            for line in self._lines(sql):
                yield words.format(*line)

    def guards(self) -> list[str]:
        """What of its functions, guards and columns is not as this version ships it."""
        with Told(self._place):
            return faults(self._link, self._schema)

    def _lines(self, sql: str, *params: object) -> Iterator[Any]:
        with Told(self._place):
            yield from self._link.stream(sql.format(s=self._schema), params)

    def _all(self, sql: str, *params: object) -> list[Any]:
        with Told(self._place):
            return self._link.all(sql.format(s=self._schema), params)


_WAITING = (
    "SELECT batch, u.stream, u.seq, u.leaf, u.n FROM {s}.pending AS p,"
    " unnest(p.stream, p.seq, p.leaf) WITH ORDINALITY AS u (stream, seq, leaf, n)"
)
_STRAYS = {
    "SELECT size, last FROM (SELECT size, (SELECT coalesce(max(position), 0) FROM {s}.log) AS last FROM {s}.head) AS h"
    " WHERE size <> last": "the head says {} records, and the last position is {}",
    "SELECT s.name, e.seq FROM {s}.entry AS e LEFT JOIN {s}.stream AS s ON s.id = e.stream"
    " LEFT JOIN {s}.log AS l ON l.stream = e.stream AND l.seq = e.seq"
    f" LEFT JOIN ({_WAITING}) AS w ON w.stream = e.stream AND w.seq = e.seq"
    " WHERE l.position IS NULL AND w.batch IS NULL": "{} #{} has no position, and waits for none",
    f"SELECT batch, w.seq, w.stream FROM ({_WAITING}) AS w LEFT JOIN {{s}}.entry AS e ON e.stream = w.stream AND e.seq = w.seq"
    " LEFT JOIN {s}.log AS l ON l.stream = w.stream AND l.seq = w.seq WHERE e.data IS NULL OR l.position IS NOT NULL"
    " OR w.leaf IS DISTINCT FROM sha256(decode('00', 'hex') || e.data)": "batch {} waits with record {} of stream number {}, which is not as it was kept",
    f"SELECT batch, seq, stream FROM (SELECT *, lag(seq) OVER (PARTITION BY stream ORDER BY batch, n) AS last FROM ({_WAITING}) AS w)"
    " AS o WHERE seq <= last": "batch {} waits with record {} of stream number {}, which comes twice or after one that follows it",
    "SELECT name, length, last FROM (SELECT name, length, (SELECT coalesce(max(seq), 0) FROM {s}.entry WHERE stream = id) AS last"
    " FROM {s}.stream) AS s WHERE length <> last OR last = 0": "{} is said to have {} records, and its last is {}",
    "SELECT stream FROM {s}.case_row WHERE stream NOT IN (SELECT id FROM {s}.stream)": (
        "a row stands there for stream number {}, which does not exist"
    ),
    "SELECT k.name FROM {s}.key AS k LEFT JOIN {s}.stream AS s ON s.name = k.stream"
    " LEFT JOIN {s}.entry AS e ON e.stream = s.id AND e.seq = k.seq"
    " WHERE e.data IS NULL OR k.first NOT BETWEEN 1 AND k.seq": "the key '{}' points to a record that is not there",
    "SELECT p.path, p.seq, p.stream FROM {s}.private AS p LEFT JOIN {s}.entry AS e ON e.stream = p.stream AND e.seq = p.seq"
    " WHERE e.data IS NULL": "the private value {} stands beside record {} of stream number {}, which is not there",
}
"""What to look for, and what a line of it means."""
