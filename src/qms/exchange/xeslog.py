"""An event log in XES as the same kind of log as one in CSV: its traces are cases, its events are read by a map.

Rule 1: an event is read or a fault, never nothing; an event outside every trace is of no case, and a fault.
Rule 2: ``case:x`` in the map is the attribute x of the trace, x alone that of the event. Without a map, the standard names.
Rule 3: the activity is ``concept:name`` (or what the map says), unless a classifier of the file is asked for by its name.
Rule 4: the order is that of the file; the map's `order` breaks ties where an event has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import InvalidInput, Problem
from .eventlog import LONGEST, TIMELESS, Fault, LogEvent, in_zone, keepable, microseconds, none_is_an_event
from .mapping import LogMap
from .xes import WARNINGS, Container, Nested, XesEvent, XesFile, XesHeader, XesTrace

__all__ = ["XesLog"]

TRACE = "case:"
KEPT = 1 << 16
"""How many names that may repeat are kept."""
_KEEPABLE = 1 << 53
_NO_FACTS: Mapping[str, int] = {}


class XesLog:
    """The events of the XES file at *path*; see `EventLog`.

    *classifier* names one of the file's classifiers, whose values, joined with ``+``, are then the activity. With *timeless*
    an event needs no time: its instant is `TIMELESS`.
    """

    def __init__(
        self,
        path: str | Path,
        mapping: LogMap | None = None,
        progress: Callable[[int], None] | None = None,
        *,
        classifier: str | None = None,
        timeless: bool = False,
    ) -> None:
        self.mapping = mapping or LogMap.xes()
        self.faults: list[Fault] = []
        self.present: Counter[str] = Counter()
        self.entries = 0
        self.classifier = classifier
        self.timeless = timeless
        self._file = XesFile(path, progress)
        self.path, self.size, self.warnings = self._file.path, self._file.size, self._file.warnings

    @property
    def header(self) -> XesHeader:
        """What stands before the traces; whole once the log has been read."""
        return self._file.header

    @property
    def warned(self) -> int:
        """How many warnings there were; the first of them are kept."""
        return self._file.warned

    def __iter__(self) -> Iterator[LogEvent]:
        """The events in the order of the file.

        Raises:
            InvalidInput: the file is no XES, is damaged, has naive times and the map no zone, lacks the classifier, or holds
                entries of which not one is an event.
        """
        self.faults.clear()
        self.present.clear()
        self.entries = 0
        events, names = 0, set[str]()
        read: _Reader | None = None
        for trace in self._file:
            if read is None:
                read = _Reader(self, self._keys())
            for event in read.trace(trace, names):
                events += 1
                yield event
        if self.classifier is not None:
            self._keys()
        self._note_absent()
        if self.faults and not events:
            raise none_is_an_event(self.path, self.faults, "events")

    def note_form(self, line: int, element: str, message: str) -> None:
        """Add a warning about the file."""
        self._file.warned += 1
        if len(self.warnings) < WARNINGS:
            self.warnings.append(Problem(f"line {line}, <{element}>" if line else f"<{element}>", message))

    def _keys(self) -> tuple[str, ...]:
        """The attributes that make the activity."""
        if self.classifier is None:
            return (self.mapping.activity,)
        known = self.header.classifiers
        if self.classifier not in known:
            have = ", ".join(repr(name) for name in known) or "none"
            raise InvalidInput(
                f"no classifier {self.classifier!r} before the first trace; the file has: {have}", str(self.path)
            )
        return known[self.classifier]

    def _note_absent(self) -> None:
        """What the map names and no event has. `order` is not needed: the file is in order."""
        skipped = {"order", "case", "activity", "time"} | (set() if self.mapping != LogMap.xes() else {"resource", "group"})
        for where, column in self.mapping.columns().items():
            if self.entries and where not in skipped and not self.present[column]:
                self.note_form(0, "log", f"no event has {column!r}, which the map names as {where}")


class _Reader:
    """Reads events by a map."""

    def __init__(self, log: XesLog, keys: tuple[str, ...]) -> None:
        mapping = log.mapping
        self.log = log
        self.keys = keys
        self.zone = mapping.tz
        self.missing = mapping.missing
        self.time, self.case = mapping.time, mapping.case
        self.by_trace = self.case.startswith(TRACE)
        self.order, self.recorded = mapping.order, mapping.recorded
        self.resource, self.group = mapping.resource, mapping.group
        named = {"start": mapping.clock.start, "end": mapping.clock.end}
        named |= {f"promises.{name}": column for name, column in mapping.promises.items()}
        self.facts = [(name, column) for name, column in named.items() if column]
        self.once: dict[str, str] = {}
        self.attributes: dict[str, Any] = {}

    def trace(self, trace: XesTrace, names: set[str]) -> Iterator[LogEvent]:
        """The events of *trace*, whose name is added to *names*."""
        log = self.log
        self.attributes = trace.attributes
        case = self._name_of(trace, names)
        for bad in trace.faults:
            log.faults.append(Fault(bad.line, bad.key, f"<{bad.element}> {bad.message}", True, case, _cells(trace.attributes)))
        if trace.events:
            n = len(trace.events)
            for key, value in trace.attributes.items():
                if value not in self.missing:
                    log.present[TRACE + key] += n
        facts = self._facts(self.facts, XesEvent({}, trace.line), case) if self.facts else _NO_FACTS
        for event in trace.events:
            log.entries += 1
            log.present.update([key for key, value in event.attributes.items() if value not in self.missing])
            own = case
            lost = False
            for bad in event.faults:
                kept = bad.key != self.time or log.timeless or self.time in event.attributes
                lost = lost or not kept
                message = f"<{bad.element}> {bad.message}"
                log.faults.append(Fault(bad.line, bad.key, message, kept, case, _cells(event.attributes)))
            if own is None:
                own = None if self.by_trace else self._text(event.attributes, self.case)
            if own is None:
                column = self.case if trace.number else ""
                self._refuse(event, column, "is missing" if trace.number else "stands in no trace, so it is of no case", None)
            elif not lost and (read := self._event(event, own, facts)) is not None:
                yield read

    def _name_of(self, trace: XesTrace, names: set[str]) -> str | None:
        if not trace.number or not self.by_trace:
            return None
        name = self._text({}, self.case)
        if name is None:
            name = f"trace {trace.number}"
            self.log.note_form(trace.line, "trace", f"has no {self.case.removeprefix(TRACE)}; it is called {name!r}")
        if name in names:
            self.log.note_form(trace.line, "trace", f"is the second called {name!r}; they are taken as one case")
        names.add(name)
        return name

    def _event(self, event: XesEvent, case: str, facts: Mapping[str, int]) -> LogEvent | None:
        attributes = event.attributes
        activity = self._activity(attributes)
        if activity is None:
            self._refuse(event, self.keys[0], "is missing", case)
            return None
        if len(activity) > LONGEST or len(case) > LONGEST:
            column, name = (self.case, case) if len(case) > LONGEST else (self.keys[0], activity)
            self._refuse(event, column, f"has {len(name)} characters, and {LONGEST} are the most", case[:LONGEST])
            return None
        moment: Any = attributes.get(self.time)
        at: int | None = None
        if type(moment) is datetime and moment.tzinfo is not None:
            at = microseconds(moment)
        if at is None or not -_KEEPABLE < at < _KEEPABLE:
            at = self._at(event, case)
        if at is None:
            return None
        if self.facts:
            own = [(name, column) for name, column in self.facts if column in attributes]
            facts = {**facts, **self._facts(own, event, case)} if own else facts
        number = self.log.entries
        return LogEvent(
            case,
            activity,
            at,
            event.line,
            number if self.order is None else self._order(attributes, number),
            None if self.resource is None else self._actor(event, case),
            None if self.recorded is None else self._instant(attributes, self.recorded, event, case),
            facts,
            None if self.group is None else self._text(attributes, self.group),
        )

    def _actor(self, event: XesEvent, case: str) -> str | None:
        name = self._text(event.attributes, self.resource or "")
        if name is not None and len(name) > LONGEST:
            self._note(event, self.resource or "", f"has more than {LONGEST} characters; the actor is taken as unnamed", case)
            return None
        return name

    def _activity(self, attributes: Mapping[str, Any]) -> str | None:
        if len(self.keys) == 1:
            return self._text(attributes, self.keys[0])
        parts = [self._text(attributes, key) for key in self.keys]
        return self._same("+".join(part or "" for part in parts)) if any(parts) else None

    def _same(self, text: str) -> str:
        if len(self.once) > KEPT:
            self.once.clear()
        return self.once.setdefault(text, text)

    def _value(self, attributes: Mapping[str, Any], column: str) -> Any:
        """What stands under *column*, an attribute of the event or, with its prefix, of the trace."""
        value = attributes.get(column)
        if value is None and column.startswith(TRACE):
            value = self.attributes.get(column[len(TRACE) :])
        return value.value if type(value) is Nested else value

    def _text(self, attributes: Mapping[str, Any], column: str) -> str | None:
        value: Any = attributes.get(column)
        if type(value) is not str:
            value = self._value(attributes, column)
            if value is None or type(value) is Container:
                return None
            value = str(value)
        text = self.once.get(value) or self._same(value)
        return None if text in self.missing else text

    def _order(self, attributes: Mapping[str, Any], number: int) -> int:
        value = self._value(attributes, self.order or "")
        if type(value) is str and value.lstrip("-").isdecimal() and len(value) < 20:
            return int(value)
        return value if type(value) is int else number

    def _at(self, event: XesEvent, case: str) -> int | None:
        """The instant of an event whose time is not an aware date."""
        if self._value(event.attributes, self.time) is None:
            if self.log.timeless:
                return TIMELESS
            self._refuse(event, self.time, "is missing", case)
            return None
        return self._instant(event.attributes, self.time, event, case, kept=False)

    def _facts(self, named: list[tuple[str, str]], event: XesEvent, case: str | None) -> Mapping[str, int]:
        found = {name: self._instant(event.attributes, column, event, case) for name, column in named}
        return {name: at for name, at in found.items() if at is not None}

    def _instant(
        self, attributes: Mapping[str, Any], column: str, event: XesEvent, case: str | None, *, kept: bool = True
    ) -> int | None:
        """The instant under *column*; what is none is a fault, of a value beside the event where it is *kept*."""
        value = self._value(attributes, column)
        if value is None or (type(value) is str and value in self.missing):
            return None
        tell = self._note if kept else self._refuse
        moment = value
        if type(value) is str:
            form = self.log.mapping.time_format
            try:
                moment = datetime.strptime(value, form) if form else datetime.fromisoformat(value)  # noqa: DTZ007
            except ValueError as error:
                tell(event, column, f"{value!r} is no time: {error}", case)
                return None
        if type(moment) is not datetime:
            tell(event, column, f"{value!r} is no time", case)
            return None
        try:
            keepable(moment)
        except ValueError as error:
            tell(event, column, f"{moment.isoformat()} is no time: {error}", case)
            return None
        if moment.tzinfo is None:
            if self.zone is None:
                why = f'{moment.isoformat(" ")} says no zone, nor does the map; add zone = "Europe/Amsterdam", or whose time it is'
                raise InvalidInput(why, f"{self.log.path}: line {event.line}, {column}")
            naive = moment
            moment, doubt = in_zone(moment, self.zone)
            if doubt:
                self._note(event, column, f"{naive.isoformat(' ')} {doubt}", case)
        return microseconds(moment)

    def _note(self, event: XesEvent, column: str, message: str, case: str | None) -> None:
        self.log.faults.append(Fault(event.line, column, message, True, case, _cells(event.attributes)))

    def _refuse(self, event: XesEvent, column: str, message: str, case: str | None) -> None:
        told = f"<event> {message}" if not column else message
        self.log.faults.append(Fault(event.line, column, told, False, case, _cells(event.attributes)))


def _cells(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{key}={value}" for key, value in attributes.items())
