"""What people write on a command line, read strictly: instants, pauses, names of calendars, rules and processes.

Rule 1: an instant without an offset is in the zone of the calendar; nothing is guessed: a date without a time is refused.
Rule 2: a fault says where on the line it stands, and how to write it; `Faults` gathers those of a whole line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import TypeVar

from ..calendar import WorkCalendar
from ..codec import read_tree
from ..deadline import CountingRule
from ..errors import InvalidInput, NotFound, Problem
from ..exchange import bpmn, digit
from ..exchange.imported import Imported
from ..process import Procedure, Process

__all__ = [
    "SHOWN",
    "Faults",
    "calendar_of",
    "definitions_of",
    "parse_instant",
    "parse_pause",
    "placed",
    "process_of",
    "rule_of",
    "within",
]

T = TypeVar("T")


class Faults:
    """The faults of a command line, all of them: each argument is read by `take`, and `sure` raises what was gathered."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def take(self, read: Callable[[], T]) -> T | None:
        """What *read* reads, or None where it cannot be read; its faults are kept."""
        try:
            return read()
        except InvalidInput as error:
            self.problems += error.problems
            return None

    def sure(self, value: T | None) -> T:
        """*value*, once all of the line could be read.

        Raises:
            InvalidInput: with every fault of the line.
        """
        if self.problems or value is None:
            raise InvalidInput(self.problems)
        return value


_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?"
_SHAPES = tuple(
    re.compile(shape, re.ASCII)
    for shape in (
        rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})[T ]{_TIME}(?P<offset>Z|[+-]\d{{2}}:?\d{{2}})?",
        rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}}) {_TIME}",
        rf"{_TIME} (?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}})",
    )
)
_DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}", re.ASCII)
SHOWN = "2021-02-09T09:00, 2021-02-09T09:00+07:00 or 09/02/2021 09:00"


def parse_instant(text: str, calendar: WorkCalendar, *, where: str = "") -> datetime:
    """The instant that *text* names; without an offset it is wall time in the calendar's zone.

    Written as ``2021-02-09T09:00`` (or a blank for the T; seconds, a fraction, ``Z`` or ``+07:00`` may follow), as
    ``09/02/2021 09:00`` (day first, as in Vietnam), or as ``09:00 09/02/2021``.

    Raises:
        InvalidInput: another shape, a date without a time, no such day or time, a wall time that the zone skips or has twice.
    """
    text = text.strip()
    match = next((found for shape in _SHAPES if (found := shape.fullmatch(text))), None)
    if match is None:
        lack = "a date without a time; add it" if _DATE_ONLY.fullmatch(text) else "no instant; write it"
        raise InvalidInput(f"{text!r} is {lack} like {SHOWN}", where)
    part = {name: value or "0" for name, value in match.groupdict().items() if name != "offset"}
    try:
        day = date(int(part["year"]), int(part["month"]), int(part["day"]))
        clock = time(int(part["hour"]), int(part["minute"]), int(part["second"]), int(part["fraction"].ljust(6, "0")))
        offset = _offset(match["offset"]) if match.groupdict().get("offset") else None
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no instant: {error}", where) from error
    if offset is not None:
        return datetime.combine(day, clock, offset)
    return _in_zone(datetime.combine(day, clock, calendar.tz), calendar, text, where)


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError(f"no place on earth has the offset {text}")
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _in_zone(first: datetime, calendar: WorkCalendar, text: str, where: str) -> datetime:
    again = first.replace(fold=1)
    if first.utcoffset() == again.utcoffset():
        return first
    exists = first.astimezone(UTC).astimezone(calendar.tz).replace(tzinfo=None) == first.replace(tzinfo=None)
    what = "happens twice" if exists else "is skipped"
    raise InvalidInput(f"{text!r} {what} in {calendar.zone}, where the clock changes; add the offset", where)


def parse_pause(text: str, calendar: WorkCalendar, *, where: str = "") -> tuple[datetime, datetime]:
    """The pause ``A/B`` from instant A up to, not including, instant B; both as in `parse_instant`.

    Raises:
        InvalidInput: not two instants with a slash between, or B before A.
    """
    for place in (match.start() for match in re.finditer("/", text)):
        start, end = text[:place].strip(), text[place + 1 :].strip()
        if all(any(shape.fullmatch(side) for shape in _SHAPES) for side in (start, end)):
            a, b = parse_instant(start, calendar, where=where), parse_instant(end, calendar, where=where)
            if b < a:
                raise InvalidInput(f"the pause {text!r} ends before it starts; the end comes second", where)
            return a, b
    raise InvalidInput(f"{text!r} is no pause; write start/end, each like {SHOWN}", where)


def calendar_of(name: str) -> WorkCalendar:
    """The calendar that ``--calendar`` names."""
    return placed("--calendar", WorkCalendar.load, name)


def rule_of(name: str) -> CountingRule:
    """The shipped rule *name*, or the one in a file."""
    return CountingRule.from_tree(read_tree(name)) if name.endswith((".toml", ".json")) else CountingRule.named(name)


def placed(where: str, read: Callable[[str], T], text: str) -> T:
    """What *read* makes of *text*; its faults say *where* they stand on the command line."""
    try:
        return read(text)
    except InvalidInput as error:
        raise InvalidInput(within(where, error.problems)) from error
    except NotFound as error:
        raise InvalidInput(str(error), where) from error


def definitions_of(file: str) -> tuple[Process | Procedure | Imported, ...]:
    """What a file holds, or what is shipped under a name: a process, a procedure, or what another system calls its process.

    ``.bpmn`` and ``.xml`` are read as BPMN 2.0; a ``.json`` that describes business services as eGov DIGIT, each one of them.
    """
    suffix = Path(file).suffix.lower()
    if suffix in (".bpmn", ".xml"):
        return (bpmn.load(file),)
    if suffix == ".json" and _is_digit(file):
        return digit.load(file)
    if suffix not in (".toml", ".json") and "/" not in file:
        return (Process.load(file),)
    tree = read_tree(file)
    return (Procedure.from_tree(tree) if "code" in tree and "process" in tree else Process.from_tree(tree),)


def _is_digit(file: str) -> bool:
    """Whether the file holds business services, and not a definition of ours; what cannot be read is none."""
    try:
        tree = json.loads(Path(file).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    if isinstance(tree, dict) and "steps" not in tree:
        services = {"BusinessServices", "businessServices", "BusinessService", "businessService", "states"}
        return not services.isdisjoint(tree)
    return isinstance(tree, list)


def process_of(file: str) -> Process:
    """The process of a file or a name; its faults say which file."""
    try:
        found = definitions_of(file)
    except InvalidInput as error:
        raise InvalidInput(within(file, error.problems)) from error
    if len(found) > 1:
        raise InvalidInput(f"it holds {len(found)} processes; keep the one that is meant in a file of its own", file)
    (one,) = found
    if isinstance(one, Procedure):
        raise InvalidInput(f"it is a procedure; name its process, {one.process}", file)
    return one if isinstance(one, Process) else one.process


def within(where: str, problems: Iterable[Problem]) -> list[Problem]:
    """*problems* with the place in front, where they do not name it themselves."""
    return [
        p if p.where.startswith(where) else Problem(f"{where}: {p.where}" if p.where else where, p.message) for p in problems
    ]
