"""An event log in CSV, plain or gzip, read row by row by a map.

Rule 1: a row is an event or a fault, never nothing. A row that cannot be read stands in `faults` with its line, its cells and why.
Rule 2: a row that can be read but for a value beside the event is an event, and the value is a fault of it.
Rule 3: what makes the whole log unreadable (a missing column, naive times without a zone, a truncated file, not one good row)
        is `InvalidInput`, with the place and the mend.

CSV is RFC 4180 (quotes doubled, CRLF or LF), with the delimiter and encoding that the map names; a byte order mark is no
part of the first name. Times are ISO 8601 as `datetime.fromisoformat` reads them unless the map gives a `time_format`.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from attrs import frozen

from ..errors import InvalidInput, Problem
from ..instants import YEARS
from .mapping import LogMap

__all__ = ["CsvLog", "Fault", "LogEvent"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NOT_TEXT = re.compile("[\ud800-\udfff]")
_LONGEST = 1000
SHOWN = 5


@frozen
class LogEvent:
    """One row: who did what on which case, when (µs UTC), where it stands in the log, and the instants its other columns hold.

    `facts` holds ``start``, ``end`` and the promises under ``promises.<name>``, in µs UTC, where the row has them.
    """

    case: str
    activity: str
    at: int
    line: int
    order: int
    resource: str | None
    recorded: int | None
    facts: Mapping[str, int]


@frozen
class Fault:
    """What is wrong with the row at *line*; `kept` tells whether the row is an event all the same."""

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


class CsvLog:
    """The events of the file at *path*, read anew at each iteration; `faults` is complete once an iteration is.

    *progress* is called now and then with the bytes read so far, of `size`.
    """

    def __init__(self, path: str | Path, mapping: LogMap, progress: Callable[[int], None] | None = None) -> None:
        self.path = Path(path)
        self.mapping = mapping
        self.faults: list[Fault] = []
        self._progress = progress
        try:
            self.size = self.path.stat().st_size
        except (OSError, ValueError) as error:  # a path with a null byte is a ValueError
            raise InvalidInput(f"cannot be read: {getattr(error, 'strerror', None) or error}", str(path)) from error

    def __iter__(self) -> Iterator[LogEvent]:
        """The events in the order of the file.

        Raises:
            InvalidInput: the file cannot be read as a log at all; see rule 3.
        """
        self.faults.clear()
        line = 0
        try:
            with self.path.open("rb") as raw, _text(raw, self.mapping.encoding) as text:
                reader = csv.reader(text, delimiter=self.mapping.delimiter, strict=True)
                read = _Row(self._header(reader), self.mapping, self.faults, self.path)
                events = 0
                while True:
                    line = reader.line_num + 1
                    try:
                        row = next(reader)
                    except StopIteration:
                        break
                    except csv.Error as error:
                        self.faults.append(Fault(line, "", f"no CSV row: {error}", False, None, ()))
                        continue
                    if row and (event := read(row, line)) is not None:
                        events += 1
                        yield event
                    if self._progress is not None and not line % 1000:
                        self._progress(raw.tell())
                if self._progress is not None:
                    self._progress(self.size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InvalidInput(
                f"the gzip file is damaged after line {line}: {error}; fetch it again", str(self.path)
            ) from error
        except UnicodeError as error:
            mend = f"is not {self.mapping.encoding} text after line {line}: {error}; name the file's encoding in the map"
            raise InvalidInput(mend, str(self.path)) from error
        except OSError as error:
            raise InvalidInput(f"cannot be read: {error.strerror or error}", str(self.path)) from error
        if self.faults and not events:
            first = (Problem(f"{self.path}: {fault.problem.where}", fault.problem.message) for fault in self.faults[:SHOWN])
            raise InvalidInput((Problem(str(self.path), f"not one of {len(self.faults)} rows is an event; the first:"), *first))

    def _header(self, reader: Iterator[list[str]]) -> list[str]:
        try:
            header = next(reader)
        except StopIteration:
            raise InvalidInput("the file is empty; its first row must name the columns", str(self.path)) from None
        except csv.Error as error:
            raise InvalidInput(f"the first row does not name columns: {error}", str(self.path)) from error
        problems = []
        for path, column in self.mapping.columns().items():
            if (n := header.count(column)) != 1:
                what = f"no column {column!r}" if n == 0 else f"{n} columns {column!r}, and no telling them apart"
                problems.append(Problem(path, f"{what} in {self.path}; it has: {_listed(header)}"))
        if problems:
            raise InvalidInput(problems)
        return header


def _listed(header: list[str]) -> str:
    """The names of columns as a message can show them: whatever the file holds, on a line or two."""
    names = ", ".join(name if name.isprintable() else repr(name) for name in header[:100])
    return names if len(names) <= _LONGEST else f"{names[:_LONGEST]}..."


def _text(raw: io.BufferedReader, encoding: str) -> io.TextIOWrapper:
    """The text of *raw*, unpacked where its first bytes say gzip, whatever the name of the file."""
    packed = raw.peek(2)[:2] == b"\x1f\x8b"
    plain = gzip.GzipFile(fileobj=raw) if packed else raw
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    return io.TextIOWrapper(plain, encoding=encoding, errors="surrogateescape", newline="")


class _Row:
    """Reads rows of one header by one map. Instants and names that repeat are made once."""

    def __init__(self, header: list[str], mapping: LogMap, faults: list[Fault], path: Path) -> None:
        where = {column: i for i, column in enumerate(header)}
        self.width = len(header)
        self.mapping = mapping
        self.faults = faults
        self.path = path
        self.zone = mapping.tz
        self.missing = frozenset(mapping.missing)
        self.case, self.activity, self.time = where[mapping.case], where[mapping.activity], where[mapping.time]
        self.order = where[mapping.order] if mapping.order else None
        self.resource = where[mapping.resource] if mapping.resource else None
        self.recorded = where[mapping.recorded] if mapping.recorded else None
        named = {"start": mapping.clock.start, "end": mapping.clock.end}
        named |= {f"promises.{name}": column for name, column in mapping.promises.items()}
        self.facts = [(name, where[column], column) for name, column in named.items() if column]
        self.instants: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.same: tuple[tuple[str, ...], Mapping[str, int]] = ((), {})

    def __call__(self, row: list[str], line: int) -> LogEvent | None:
        if len(row) != self.width:
            self._refuse(row, line, "", f"{len(row)} cells where the header has {self.width}")
            return None
        case, activity, time = row[self.case], row[self.activity], row[self.time]
        for value, column in ((case, self.mapping.case), (activity, self.mapping.activity), (time, self.mapping.time)):
            if value in self.missing:
                self._refuse(row, line, column, "is missing")
                return None
            if not value.isascii() and _NOT_TEXT.search(value):
                self._refuse(row, line, column, f"is not {self.mapping.encoding} text; name the file's encoding in the map")
                return None
            if len(value) > _LONGEST:
                self._refuse(
                    row, line, column, f"has {len(value)} characters, and {_LONGEST} are the most; look for a quote left open"
                )
                return None
        try:
            moment = self._parse(time)
        except ValueError as error:
            self._refuse(row, line, self.mapping.time, f"{time!r} is no time: {error}")
            return None
        return LogEvent(
            self._once(case),
            self._once(activity),
            self._instant(moment, row, line, self.mapping.time),
            line,
            line if self.order is None else self._order(row, line),
            self._resource(row, line),
            None if self.recorded is None else self._beside(row, line, self.recorded, str(self.mapping.recorded)),
            self._facts(row, line),
        )

    def _once(self, name: str) -> str:
        return self.names.setdefault(name, name)

    def _resource(self, row: list[str], line: int) -> str | None:
        if self.resource is None or (name := row[self.resource]) in self.missing:
            return None
        if not name.isascii() and _NOT_TEXT.search(name):
            self._note(row, line, str(self.mapping.resource), "the bytes are not text; the actor is taken as unnamed")
            return None
        if len(name) > _LONGEST:
            self._note(
                row, line, str(self.mapping.resource), f"has more than {_LONGEST} characters; the actor is taken as unnamed"
            )
            return None
        return self._once(name)

    def _order(self, row: list[str], line: int) -> int:
        text = row[self.order or 0]
        try:
            return int(text)
        except ValueError:
            self._note(row, line, str(self.mapping.order), f"{text!r} is no whole number; the order of the file is taken")
            return line

    def _facts(self, row: list[str], line: int) -> Mapping[str, int]:
        """The instants beside the event. Rows of a case repeat them, so equal cells give the same table."""
        cells = tuple(row[index] for _, index, _ in self.facts)
        if cells != self.same[0]:
            found = {name: self._beside(row, line, index, column) for name, index, column in self.facts}
            self.same = (cells, {name: at for name, at in found.items() if at is not None})
        return self.same[1]

    def _beside(self, row: list[str], line: int, index: int, column: str) -> int | None:
        text = row[index]
        if text in self.missing:
            return None
        if text not in self.instants:
            try:
                moment = self._parse(text)
            except ValueError as error:
                self._note(row, line, column, f"{text!r} is no time, and is left out: {error}")
                return None
            self.instants[text] = self._instant(moment, row, line, column)
        return self.instants[text]

    def _parse(self, text: str) -> datetime:
        form = self.mapping.time_format
        moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 (`_instant` adds the zone)
        if moment.year not in YEARS:
            raise ValueError(f"only the years {YEARS[0]} to {YEARS[-1]} can be kept")
        return moment

    def _instant(self, moment: datetime, row: list[str], line: int, column: str) -> int:
        if moment.tzinfo is None:
            if self.zone is None:
                why = f'{moment.isoformat(" ")} says no zone, nor does the map; add zone = "Europe/Amsterdam", or whose time it is'
                raise InvalidInput(why, f"{self.path}: line {line}, {column}")
            moment, doubt = _in_zone(moment, self.zone)
            if doubt:
                self._note(row, line, column, f"{moment.replace(tzinfo=None).isoformat(' ')} {doubt}")
        return (moment - _EPOCH) // _MICROSECOND

    def _note(self, row: list[str], line: int, column: str, message: str) -> None:
        self.faults.append(Fault(line, column, message, True, row[self.case], tuple(row)))

    def _refuse(self, row: list[str], line: int, column: str, message: str) -> None:
        case = row[self.case] if len(row) == self.width else None
        self.faults.append(Fault(line, column, message, False, case or None, tuple(row)))


def _in_zone(moment: datetime, zone: tzinfo) -> tuple[datetime, str]:
    """The instant that a clock on the wall showed, and what is doubtful about it where the clocks were changed (PEP 495)."""
    first, second = moment.replace(tzinfo=zone), moment.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before == after:
        return first, ""
    if before is not None and after is not None and before > after:
        return first, "came twice that night; the first is taken"
    return first, "was on no clock that night; the offset before the change is taken"
