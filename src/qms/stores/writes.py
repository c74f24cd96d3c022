"""What every store says to a batch before it touches anything, and how a query reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..codec import is_text
from ..errors import Conflict, InvalidInput, Problem
from ..ports import Key, Query, Row, Write

__all__ = ["check_writes", "conflict", "matches", "other_request"]

_MOST = 2**62


def check_writes(writes: Sequence[Write], key: Key | None = None) -> None:
    """Refuse what no store can keep.

    Raises:
        InvalidInput: an empty batch, a write without entries that is the only one or has more to keep, an entry that is not bytes, a stream or key without a name
            or with one that is not text, a negative expected length, a private value beside a record that is not in its write.
    """
    if not writes:
        raise InvalidInput("a batch has at least one write", "writes")
    held = len(writes) > 1 and bool(writes[0].entries)
    problems: list[Problem] = []
    if key is not None and not _is_name(key.name):
        problems.append(Problem("key", f"{key.name!r} is no name: text that can be encoded as UTF-8, not empty"))
    for index, write in enumerate(writes):
        if not (_is_plain(write) or (held and _holds(write))):
            problems += _faults(write, f"writes[{index}]")
    if problems:
        raise InvalidInput(problems)


def _is_plain(write: Write) -> bool:
    """Whether a glance is enough: what most writes are, judged without a closer look."""
    return (
        type(write.expected) is int
        and write.expected >= 0
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
    return plain and type(expected) is int and expected > 0 and _is_name(write.stream)


def _is_plain_row(row: Row) -> bool:
    for name in (row.process, *row.steps):
        if type(name) is not str or not name or "\n" in name or not name.isascii():
            return False
    for text in (row.procedure, row.subject, row.unit):
        if text is not None and not (type(text) is str and text.isascii()):
            return False
    due, wake = row.due, row.wake
    return (due is None or (type(due) is int and -_MOST <= due <= _MOST)) and (
        wake is None or (type(wake) is int and -_MOST <= wake <= _MOST)
    )


def _faults(write: Write, where: str) -> list[Problem]:
    problems = []
    if not _is_name(write.stream):
        problems.append(
            Problem(f"{where}.stream", f"{write.stream!r} is no name: text that can be encoded as UTF-8, not empty")
        )
    if type(write.expected) is not int or write.expected < 0:
        problems.append(Problem(f"{where}.expected", f"{write.expected!r} is no length: 0 or more"))
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
        if not write.expected < value.seq <= last:
            message = f"the value belongs to record {value.seq}, and this write has the records {write.expected + 1} to {last}"
            yield Problem(here, message)
        if not _is_name(value.path):
            yield Problem(f"{here}.path", f"{value.path!r} is no path")
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
    for name, instant in (("due", row.due), ("wake", row.wake)):
        if instant is not None and not (type(instant) is int and -_MOST <= instant <= _MOST):
            yield Problem(f"{where}.{name}", f"{instant!r} is no instant in microseconds")


def _is_text(text: object) -> bool:
    return type(text) is str and is_text(text)


def _is_name(text: object) -> bool:
    return _is_text(text) and text != ""


def conflict(write: Write, length: int) -> Conflict:
    """The refusal of a write whose stream has not the length it expected."""
    return Conflict(f"{write.stream} has {length} records, and {write.expected} were expected; read it again and decide again")


def other_request(key: Key) -> InvalidInput:
    """The refusal of a key that was used for something else."""
    return InvalidInput("this key was used for another request; a new request takes a new key", f"key {key.name!r}")


def matches(query: Query, stream: str, row: Row) -> bool:
    """Whether *row* answers *query*, but for its limit."""
    return query.matches(stream, row)
