"""What the PostgreSQL store sends: a batch as the arguments of the function that keeps it, its answer, and the questions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import InvalidInput, Problem
from ..ports import Key, Receipt, Row, Write
from .postgres_link import blobs, int8s, texts
from .postgres_tables import ROW_FIELDS
from .writes import check_asked, conflict, other_request

__all__ = ["APPEND", "LOST", "PAGE", "RACED", "Statements", "asked", "packed", "receipt_of"]

PAGE = 500

APPEND = (
    "SELECT o_position, o_repeated, o_request, o_refused, o_length FROM {schema}.append({mode}, %b::text[], %b::bigint[],"
    " %b::bigint[], %b::bytea[], %s::jsonb, %s::jsonb, %s::text, %s::text)"
)
LOST = {"40001", "40P01", "QM001", "QM002"}
"""Nothing was kept, and another transaction was why."""
RACED = {"QM001", "QM002"}
"""Of these, what the same transaction may try again."""


def packed(writes: Sequence[Write], key: Key | None) -> tuple[Any, ...]:
    """The batch as the arguments of the function that keeps it.

    Raises:
        InvalidInput: a text in it holds NUL.
    """
    problems = [
        Problem(where, f"{text!r} {_NUL}") for where, text in _texts_of(writes, key) if text is not None and "\0" in text
    ]
    if problems:
        raise InvalidInput(problems)
    rows = {write.stream: _row_tree(n, write.row) for n, write in enumerate(writes, 1) if write.row is not None}
    private = [
        {"write": n, "seq": value.seq, "path": value.path, "salt": value.salt.hex(), "value": value.value.hex()}
        for n, write in enumerate(writes, 1)
        for value in write.private
    ]
    return (
        texts([write.stream for write in writes]),
        int8s([write.expected for write in writes]),
        int8s([len(write.entries) for write in writes]),
        blobs([data for write in writes for data in write.entries]),
        json.dumps(list(rows.values()), ensure_ascii=False) if rows else None,
        json.dumps(private, ensure_ascii=False) if private else None,
        None if key is None else key.name,
        None if key is None else key.request,
    )


_NUL = "holds NUL, which PostgreSQL keeps in no text"


def asked(name: str, what: str = "stream") -> str:
    """The *name* that is asked for.

    Raises:
        InvalidInput: it is not text, or holds NUL.
    """
    check_asked(name, what)
    if "\0" in name:
        raise InvalidInput(f"{name!r} {_NUL}", what)
    return name


def _texts_of(writes: Sequence[Write], key: Key | None) -> Iterator[tuple[str, str | None]]:
    """Every text of a batch, with its place."""
    if key is not None:
        yield "key", key.name
        yield "key", key.request
    for index, write in enumerate(writes):
        here = f"writes[{index}]"
        yield f"{here}.stream", write.stream
        for n, value in enumerate(write.private):
            yield f"{here}.private[{n}].path", value.path
        if (row := write.row) is not None:
            for name, text in (
                ("process", row.process),
                ("procedure", row.procedure),
                ("subject", row.subject),
                ("unit", row.unit),
            ):
                yield f"{here}.row.{name}", text
            for step in row.steps:
                yield f"{here}.row.steps", step


def _row_tree(number: int, row: Row) -> dict[str, Any]:
    return {
        "write": number,
        "process": row.process,
        "procedure": row.procedure,
        "steps": row.steps,
        "subject": row.subject,
        "unit": row.unit,
        "open": row.open,
        "due": row.due,
        "wake": row.wake,
    }


def receipt_of(writes: Sequence[Write], key: Key | None, answer: Sequence[Any]) -> Receipt:
    """What the function answered, as a receipt.

    Raises:
        Conflict: a stream had another length.
        InvalidInput: the key was used for another request.
    """
    position, repeated, request, refused, length = answer
    if key is not None and repeated:
        if request != key.request:
            raise other_request(key)
        return Receipt(position, repeated=True)
    if refused is not None:
        raise conflict(writes[refused - 1], length)
    return Receipt(position)


class Statements:
    """The questions to one schema."""

    def __init__(self, schema: str) -> None:
        s = schema
        self.sequence = f"SELECT o_done, o_more FROM {s}.sequence(%s::int, %s::int)"
        self.read = (
            f"SELECT position, e.seq, data FROM {s}.entry AS e LEFT JOIN {s}.log USING (stream, seq)"
            f" WHERE e.stream = (SELECT id FROM {s}.stream WHERE name = %s) AND e.seq > %s ORDER BY e.seq LIMIT {PAGE}"
        )
        self.scan = (
            f"SELECT position, name, l.seq, data FROM {s}.log AS l JOIN {s}.entry AS e ON e.stream = l.stream AND e.seq = l.seq"
            f" JOIN {s}.stream AS s ON s.id = l.stream WHERE position > %s ORDER BY position LIMIT {PAGE}"
        )
        self.find = (
            "SELECT k.name, k.request, k.stream, k.seq, l.position"
            f" FROM {s}.key AS k LEFT JOIN {s}.stream AS s ON s.name = k.stream"
            f" LEFT JOIN {s}.log AS l ON l.stream = s.id AND l.seq = k.first WHERE k.name = %s"
        )
        self.select = f"SELECT name, {ROW_FIELDS} FROM {s}.case_row JOIN {s}.stream ON id = stream"
        self.length = f"SELECT length FROM {s}.stream WHERE name = %s"
        self.private = (
            f"SELECT path, salt, value FROM {s}.private WHERE stream = (SELECT id FROM {s}.stream WHERE name = %s) AND seq = %s"
        )
        self.waiting = (
            f"SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8 FROM {s}.pending"
        )
        self.head = f"SELECT size, frontier FROM {s}.head"
        self.hashes = f"SELECT position, hashes FROM {s}.log WHERE position = ANY (%b)"
        self.erase = f"SELECT {s}.erase(%b, %b, %b)"
        self.prune = f"SELECT {s}.prune(%b, %s)"
