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
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import InvalidInput, Problem
from .eventlog import LONGEST, Fault, LogEvent, in_zone, keepable, microseconds, none_is_an_event, plain_bytes, reading, size_of
from .mapping import LogMap

__all__ = ["CsvLog"]

_NOT_TEXT = re.compile("[\ud800-\udfff]")
_NO_FACTS: Mapping[str, int] = {}
KEPT = 1 << 16
"""How many instants that may repeat are kept."""


class CsvLog:
    """The events of the file at *path*, read anew at each iteration; what stands beside them is complete once an iteration is.

    *progress* is called now and then with the bytes read so far, of `size`. A CSV has no form to warn of.
    """

    def __init__(self, path: str | Path, mapping: LogMap, progress: Callable[[int], None] | None = None) -> None:
        self.path = Path(path)
        self.mapping = mapping
        self.faults: list[Fault] = []
        self.warnings: list[Problem] = []
        self.warned = 0
        self.present: Counter[str] = Counter()
        self.entries = 0
        self._progress = progress
        self.size = size_of(self.path)

    def __iter__(self) -> Iterator[LogEvent]:
        """The events in the order of the file.

        Raises:
            InvalidInput: the file cannot be read as a log at all; see rule 3.
        """
        self.faults.clear()
        self.present.clear()
        self.entries = 0
        place, events = [0], 0
        with reading(self.path, place, self.mapping.encoding) as raw, _text(raw, self.mapping.encoding) as text:
            reader = csv.reader(text, delimiter=self.mapping.delimiter, strict=True)
            header = self._header(reader)
            read = _Row(header, self.mapping, self.faults, self.path)
            while True:
                line = place[0] = reader.line_num + 1
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
            self.entries = read.rows
            self.present.update({column: read.rows - lack for column, lack in zip(header, read.lacking, strict=True)})
            if self._progress is not None:
                self._progress(self.size)
        if self.faults and not events:
            raise none_is_an_event(self.path, self.faults, "rows")

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
    return names if len(names) <= LONGEST else f"{names[:LONGEST]}..."


def _text(raw: io.BufferedReader, encoding: str) -> io.TextIOWrapper:
    """The text of *raw*, unpacked where it is gzip."""
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    plain: Any = plain_bytes(raw)
    return io.TextIOWrapper(plain, encoding=encoding, errors="surrogateescape", newline="")


class _Row:
    """Reads rows of one header by one map. Instants and names that repeat are made once."""

    def __init__(self, header: list[str], mapping: LogMap, faults: list[Fault], path: Path) -> None:
        where = {column: i for i, column in enumerate(header)}
        self.width = len(header)
        self.rows = 0
        self.lacking = [0] * len(header)
        self.mapping = mapping
        self.faults = faults
        self.path = path
        self.zone = mapping.tz
        self.missing = frozenset(mapping.missing)
        self.case, self.activity, self.time = where[mapping.case], where[mapping.activity], where[mapping.time]
        self.order = where[mapping.order] if mapping.order else None
        self.resource = where[mapping.resource] if mapping.resource else None
        self.group = where[mapping.group] if mapping.group else None
        self.recorded = where[mapping.recorded] if mapping.recorded else None
        named = {"start": mapping.clock.start, "end": mapping.clock.end}
        named |= {f"promises.{name}": column for name, column in mapping.promises.items()}
        self.facts = [(name, where[column], column) for name, column in named.items() if column]
        self.instants: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.same: tuple[tuple[str, ...], Mapping[str, int]] = ((), {})
        self.doubted = False

    def __call__(self, row: list[str], line: int) -> LogEvent | None:
        """The event that *row* is; every microsecond here is one of each row of the log."""
        self.rows += 1
        if len(row) != self.width:
            self._refuse(row, line, "", f"{len(row)} cells where the header has {self.width}")
            return None
        if not self.missing.isdisjoint(row):
            lacking = self.lacking
            for i, cell in enumerate(row):
                if cell in self.missing:
                    lacking[i] += 1
        case, activity, time = row[self.case], row[self.activity], row[self.time]
        names = self.names
        if case not in names or activity not in names or time in self.missing:
            for value, column in ((case, self.mapping.case), (activity, self.mapping.activity), (time, self.mapping.time)):
                if not self._is_named(value, column, row, line):
                    return None
            names.setdefault(case, case)
            names.setdefault(activity, activity)
        at = self.instants.get(time)
        if at is None:
            try:
                at = self._at(time, row, line)
            except ValueError as error:
                if isinstance(error, InvalidInput):
                    raise
                self._refuse(row, line, self.mapping.time, f"{time!r} is no time: {error}")
                return None
        return LogEvent(
            names[case],
            names[activity],
            at,
            line,
            line if self.order is None else self._order(row, line),
            None if self.resource is None else self._name(row, line, self.resource, self.mapping.resource),
            None if self.recorded is None else self._beside(row, line, self.recorded, str(self.mapping.recorded)),
            self._facts(row, line) if self.facts else _NO_FACTS,
            None if self.group is None else self._name(row, line, self.group, self.mapping.group),
        )

    def _is_named(self, value: str, column: str, row: list[str], line: int) -> bool:
        if value in self.missing:
            self._refuse(row, line, column, "is missing")
        elif not value.isascii() and _NOT_TEXT.search(value):
            self._refuse(row, line, column, f"is not {self.mapping.encoding} text; name the file's encoding in the map")
        elif len(value) > LONGEST:
            why = f"has {len(value)} characters, and {LONGEST} are the most; look for a quote left open"
            self._refuse(row, line, column, why)
        else:
            return True
        return False

    def _at(self, text: str, row: list[str], line: int) -> int:
        """The instant of the event. What a wall clock showed takes its zone's rules to read, so it is kept while it repeats."""
        moment = self._parse(text)
        if moment.tzinfo is not None:
            return microseconds(moment)
        found = self._instant(moment, row, line, self.mapping.time)
        if len(self.instants) < KEPT and not self.doubted:
            self.instants[text] = found
        return found

    def _name(self, row: list[str], line: int, index: int, column: str | None) -> str | None:
        name = row[index]
        known = self.names.get(name)
        if known is not None:
            return None if known in self.missing else known
        if name in self.missing:
            return None
        if not name.isascii() and _NOT_TEXT.search(name):
            self._note(row, line, str(column), "the bytes are not text; the actor is taken as unnamed")
            return None
        if len(name) > LONGEST:
            self._note(row, line, str(column), f"has more than {LONGEST} characters; the actor is taken as unnamed")
            return None
        return self.names.setdefault(name, name)

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
            found = self._instant(moment, row, line, column)
            if self.doubted or len(self.instants) >= KEPT:
                return found
            self.instants[text] = found
        return self.instants[text]

    def _parse(self, text: str) -> datetime:
        form = self.mapping.time_format
        return keepable(datetime.strptime(text, form) if form else datetime.fromisoformat(text))  # noqa: DTZ007 (`_instant` adds the zone)

    def _instant(self, moment: datetime, row: list[str], line: int, column: str) -> int:
        self.doubted = False
        if moment.tzinfo is None:
            if self.zone is None:
                why = f'{moment.isoformat(" ")} says no zone, nor does the map; add zone = "Europe/Amsterdam", or whose time it is'
                raise InvalidInput(why, f"{self.path}: line {line}, {column}")
            moment, doubt = in_zone(moment, self.zone)
            if doubt:
                self.doubted = True
                self._note(row, line, column, f"{moment.replace(tzinfo=None).isoformat(' ')} {doubt}")
        return microseconds(moment)

    def _note(self, row: list[str], line: int, column: str, message: str) -> None:
        self.faults.append(Fault(line, column, message, True, row[self.case], tuple(row)))

    def _refuse(self, row: list[str], line: int, column: str, message: str) -> None:
        case = row[self.case] if len(row) == self.width else None
        self.faults.append(Fault(line, column, message, False, case or None, tuple(row)))
