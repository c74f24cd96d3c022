"""What every event log gives, whatever file it comes from: events, faults, warnings, and how often each column has a value.

Rule 1: an entry of the file is an event or a fault, never nothing; a value beside an event that cannot be read is a fault of it.
Rule 2: a log is read anew at each iteration; what it counts beside its events is complete once an iteration is.
Rule 3: instants are microseconds since 1970-01-01 UTC. A naive time is the named zone's, never the machine's.
Rule 4: warnings speak of the form of the file (an element out of its place); nothing was lost. Faults speak of what was.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import NamedTuple, Protocol

from attrs import frozen

from ..errors import InvalidInput, Problem
from ..instants import YEARS
from .mapping import LogMap

__all__ = [
    "LONGEST",
    "TIMELESS",
    "EventLog",
    "Fault",
    "LogEvent",
    "in_zone",
    "keepable",
    "microseconds",
    "plain_bytes",
    "reading",
]

TIMELESS = -(1 << 63)
"""The instant of an event that has none, in a log that is read without asking for times."""
LONGEST = 1000
"""The longest name of a case, an activity or an actor, in characters, that is taken."""
SHOWN = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class LogEvent(NamedTuple):
    """One entry: who did what on which case, when (µs UTC), where it stands in the log, and the instants beside it.

    `facts` holds ``start``, ``end`` and the promises under ``promises.<name>``, in µs UTC, where the entry has them;
    `group` is the part of the office that acted. (A NamedTuple, since a log has millions: it is made in a quarter of the time.)
    """

    case: str
    activity: str
    at: int
    line: int
    order: int
    resource: str | None
    recorded: int | None
    facts: Mapping[str, int]
    group: str | None = None


@frozen
class Fault:
    """What is wrong with the entry at *line*; `kept` tells whether it is an event all the same."""

    line: int
    column: str
    message: str
    kept: bool
    case: str | None
    row: tuple[str, ...]

    @property
    def problem(self) -> Problem:
        """The fault as an error names it."""
        return Problem(f"line {self.line}" + (f", {self.column}" if self.column else ""), self.message)


class EventLog(Protocol):
    """A log that can be iterated; `CsvLog` and `XesLog` are such."""

    path: Path
    mapping: LogMap
    size: int
    faults: list[Fault]
    warnings: list[Problem]
    """What is not as the format has it, though all was read; the first of them."""
    present: Counter[str]
    """In how many entries each column or attribute has a value; those of a case under ``case:<name>``."""
    entries: int
    """How many entries the file has, events and faults."""

    @property
    def warned(self) -> int:
        """How many warnings there were in all."""
        ...

    def __iter__(self) -> Iterator[LogEvent]:
        """The events in the order of the file.

        Raises:
            InvalidInput: the file cannot be read as a log at all, with the place and the mend.
        """
        ...


def microseconds(moment: datetime) -> int:
    """The µs since 1970 of an aware *moment*."""
    return (moment - _EPOCH) // _MICROSECOND


def keepable(moment: datetime) -> datetime:
    """*moment*, of a year that a record can hold.

    Raises:
        ValueError: another year.
    """
    if moment.year not in YEARS:
        raise ValueError(f"only the years {YEARS[0]} to {YEARS[-1]} can be kept")
    return moment


def in_zone(moment: datetime, zone: tzinfo) -> tuple[datetime, str]:
    """The instant that a clock on the wall showed, and what is doubtful about it where the clocks were changed (PEP 495)."""
    first, second = moment.replace(tzinfo=zone), moment.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before == after:
        return first, ""
    if before is not None and after is not None and before > after:
        return first, "came twice that night; the first is taken"
    return first, "was on no clock that night; the offset before the change is taken"


def plain_bytes(raw: io.BufferedReader) -> io.BufferedIOBase:
    """The bytes of *raw*, unpacked where its first ones say gzip, whatever the name of the file."""
    return gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw


def size_of(path: Path) -> int:
    """The size of the file at *path*.

    Raises:
        InvalidInput: there is none, or it cannot be read.
    """
    try:
        return path.stat().st_size
    except (OSError, ValueError) as error:  # a path with a null byte is a ValueError
        raise InvalidInput(f"cannot be read: {getattr(error, 'strerror', None) or error}", str(path)) from error


@contextmanager
def reading(path: Path, place: list[int], encoding: str = "") -> Iterator[io.BufferedReader]:
    """The file at *path*, open; damage and refusals become `InvalidInput` that names the file and the last line, ``place[0]``."""
    try:
        with path.open("rb") as raw:
            yield raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidInput(f"the gzip file is damaged after line {place[0]}: {error}; fetch it again", str(path)) from error
    except UnicodeError as error:
        mend = f"is not {encoding} text after line {place[0]}: {error}; name the file's encoding in the map"
        raise InvalidInput(mend, str(path)) from error
    except OSError as error:
        raise InvalidInput(f"cannot be read: {getattr(error, 'strerror', None) or error}", str(path)) from error


def none_is_an_event(path: Path, faults: list[Fault], what: str) -> InvalidInput:
    """The error of a log in which not one entry is an event."""
    first = (Problem(f"{path}: {fault.problem.where}", fault.problem.message) for fault in faults[:SHOWN])
    return InvalidInput((Problem(str(path), f"not one of {len(faults)} {what} is an event; the first:"), *first))
