"""What every store says to a batch before it touches anything, and to a question; and how a query reads.

Rule 1: a name (a stream, a key, the path of a private value) has at most 1,000 bytes of UTF-8: databases keep them in indexes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..codec import is_text
from ..errors import Conflict, InvalidInput, Problem
from ..ports import Key, Query, Row, Write

__all__ = ["check_after", "check_asked", "check_query", "check_writes", "conflict", "matches", "other_request"]

_MOST = 2**62
_LONGEST = 1000
_NAMED = "text that can be encoded as UTF-8, not empty, 1,000 bytes at most"


def check_writes(writes: Sequence[Write], key: Key | None = None) -> None:
    """Refuse what no store can keep.

    Raises:
        InvalidInput: an empty batch, a write without entries that is the only one or has more to keep, an entry that is not
            bytes, a stream, key or path without a name or with one that is not text or too long, an expected length that is
            negative or past 2^62, a private value beside a record that is not in its write, a row with a field of another kind.
    """
    if not writes:
        raise InvalidInput("a batch has at least one write", "writes")
    held = len(writes) > 1 and bool(writes[0].entries)
    problems: list[Problem] = []
    if key is not None and not _is_name(key.name):
        problems.append(Problem("key", f"{_shown(key.name)} is no name: {_NAMED}"))
    if key is not None and not _is_text(key.request):
        problems.append(Problem("key", f"its request {key.request!r} is not text that can be encoded as UTF-8"))
    for index, write in enumerate(writes):
        if not (_is_plain(write) or (held and _holds(write))):
            problems += _faults(write, f"writes[{index}]")
    if problems:
        raise InvalidInput(problems)


def _is_plain(write: Write) -> bool:
    """Whether a glance is enough: what most writes are, judged without a closer look."""
    return (
        type(write.expected) is int
        and 0 <= write.expected <= _MOST
        and _is_name(write.stream)
        and len(write.entries) == 1
        and type(write.entries[0]) is bytes
        and not write.private
        and (write.row is None or _is_plain_row(write.row))
    )


def _holds(write: Write) -> bool:
    """Whether it keeps nothing, and only holds a stream that exists to its length."""
    expected = write.expected
    plain = not write.entries and not write.private and write.row is None
    return plain and type(expected) is int and 0 < expected <= _MOST and _is_name(write.stream)


def _is_plain_row(row: Row) -> bool:
    for name in (row.process, *row.steps):
        if type(name) is not str or not name or "\n" in name or not name.isascii():
            return False
    for text in (row.procedure, row.subject, row.unit):
        if text is not None and not (type(text) is str and text.isascii()):
            return False
    due, wake = row.due, row.wake
    return (
        _is_bool(row.open)
        and (due is None or (type(due) is int and -_MOST <= due <= _MOST))
        and (wake is None or (type(wake) is int and -_MOST <= wake <= _MOST))
    )


def _faults(write: Write, where: str) -> list[Problem]:
    problems = []
    if not _is_name(write.stream):
        problems.append(Problem(f"{where}.stream", f"{_shown(write.stream)} is no name: {_NAMED}"))
    if type(write.expected) is not int or not 0 <= write.expected <= _MOST:
        problems.append(Problem(f"{where}.expected", f"{write.expected!r} is no length: 0 or more, 2^62 at most"))
    if not write.entries:
        problems.append(Problem(f"{where}.entries", "a write has at least one entry"))
    for index, data in enumerate(write.entries):
        if type(data) is not bytes:
            problems.append(Problem(f"{where}.entries[{index}]", f"an entry is bytes, not {type(data).__name__}"))
    if write.private and not problems:
        problems += _private_faults(write, where)
    if write.row is not None:
        problems += _row_faults(write.row, f"{where}.row")
    return problems


def _private_faults(write: Write, where: str) -> Iterator[Problem]:
    last, seen = write.expected + len(write.entries), set()
    for index, value in enumerate(write.private):
        here = f"{where}.private[{index}]"
        if type(value.seq) is not int or not write.expected < value.seq <= last:
            message = f"the value belongs to record {value.seq}, and this write has the records {write.expected + 1} to {last}"
            yield Problem(here, message)
        if not _is_name(value.path):
            yield Problem(f"{here}.path", f"{_shown(value.path)} is no path: {_NAMED}")
        if type(value.salt) is not bytes or type(value.value) is not bytes:
            yield Problem(here, "salt and value are bytes")
        if (value.seq, value.path) in seen:
            yield Problem(here, f"{value.path} stands twice beside record {value.seq}")
        seen.add((value.seq, value.path))


def _row_faults(row: Row, where: str) -> Iterator[Problem]:
    for name, text in (("procedure", row.procedure), ("subject", row.subject), ("unit", row.unit)):
        if text is not None and not _is_text(text):
            yield Problem(f"{where}.{name}", f"{text!r} is not text that can be encoded as UTF-8")
    if not _is_text(row.process):
        yield Problem(f"{where}.process", f"{row.process!r} is not text that can be encoded as UTF-8")
    for step in row.steps:
        if not _is_name(step) or "\n" in step:
            yield Problem(f"{where}.steps", f"{step!r} is no name of a step: text on one line, not empty")
    if not _is_bool(row.open):
        yield Problem(f"{where}.open", f"{row.open!r} is neither True nor False")
    for name, instant in (("due", row.due), ("wake", row.wake)):
        if instant is not None and not (type(instant) is int and -_MOST <= instant <= _MOST):
            yield Problem(f"{where}.{name}", f"{instant!r} is no instant in microseconds")


def _is_text(text: object) -> bool:
    return type(text) is str and is_text(text)


def _is_bool(value: object) -> bool:
    return type(value) is bool


def _is_name(text: object) -> bool:
    return (
        type(text) is str
        and _is_text(text)
        and 0 < len(text) <= _LONGEST
        and (text.isascii() or len(text.encode()) <= _LONGEST)
    )


def _shown(name: object) -> str:
    return repr(name) if type(name) is not str or len(name) < 60 else f"{name[:50]!r}... ({len(name)} characters)"


def check_asked(name: str, what: str = "stream") -> None:
    """Refuse a question for a *name* that none can have; *what* is named so.

    Raises:
        InvalidInput: it is not text, or cannot be encoded as UTF-8.
    """
    if not _is_text(name):
        raise InvalidInput(f"{name!r} is not text that can be encoded as UTF-8", what)


def check_after(number: int, what: str = "after") -> None:
    """Refuse a *number* that is no place in a log or stream.

    Raises:
        InvalidInput: it is no whole number, or past 2^62.
    """
    if type(number) is not int or not -_MOST <= number <= _MOST:
        raise InvalidInput(f"{number!r} is no number of a record; write a whole number, 2^62 at most", what)


def check_query(query: Query) -> None:
    """Refuse a query whose fields no row can have.

    Raises:
        InvalidInput: a field that is not text, neither True nor False, or no instant.
    """
    for name in ("process", "procedure", "unit", "subject", "step", "after"):
        if getattr(query, name) is not None:
            check_asked(getattr(query, name), name)
    if query.open is not None and not _is_bool(query.open):
        raise InvalidInput(f"{query.open!r} is neither True nor False", "open")
    for name in ("due_before", "wake_before"):
        instant = getattr(query, name)
        if instant is not None and not (type(instant) is int and -_MOST <= instant <= _MOST):
            raise InvalidInput(f"{instant!r} is no instant in microseconds", name)


def conflict(write: Write, length: int) -> Conflict:
    """The refusal of a write whose stream has not the length it expected."""
    return Conflict(f"{write.stream} has {length} records, and {write.expected} were expected; read it again and decide again")


def other_request(key: Key) -> InvalidInput:
    """The refusal of a key that was used for something else."""
    return InvalidInput("this key was used for another request; a new request takes a new key", f"key {key.name!r}")


def matches(query: Query, stream: str, row: Row) -> bool:
    """Whether *row* answers *query*, but for its limit."""
    return query.matches(stream, row)
