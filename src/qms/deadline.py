"""Deadlines: the instant a time limit ends, how much of it has run, the clock that keeps its facts, and the ledger.

Rule 1: every answer comes from the one engine in `qms.counting`, by a named calendar and a named counting rule.
Rule 2: a `Clock` holds facts (started, pauses, extensions, restarts, stopped) and one statement: the due instant as last
stated, with the version of the calendar that stated it. How much has run is never stored; it is asked of the facts.
Rule 3: an extension counts from the end of what it extends. A restart counts again from zero: it voids the run before it,
with its pauses and extensions.
Rule 4: moments go in and come out with their zone; a moment without one is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve, frozen
from pendulum import Date, DateTime

from .calendar import WorkCalendar, to_us
from .counting import (
    Consumption,
    consumption_us,
    due_us,
    elapsed_us,
    is_over,
    last_day,
    lateness,
    timeliness,
)
from .errors import InvalidInput
from .ledger import Ledger, Row, ledger_of, ledger_us, void_row
from .limits import CALENDAR, CountingRule, TimeLimit

__all__ = [
    "Clock",
    "Consumption",
    "CountingRule",
    "Ledger",
    "Reckoning",
    "TimeLimit",
    "clock_ledger",
    "consumption",
    "due",
    "due_us",
    "elapsed",
    "is_over",
    "last_day",
    "lateness",
    "ledger",
    "reckon",
    "reckon_clock",
    "timeliness",
    "to_us",
]


# -- with moments ------------------------------------------------------------------------------------------------------


@frozen
class Reckoning:
    """A limit reckoned: the instant it ends *at*, its *last_day*, and how it came about."""

    start: DateTime
    limit: TimeLimit
    at: DateTime
    last_day: Date
    consumed: Consumption
    calendar: WorkCalendar
    rule: CountingRule
    pauses: tuple[tuple[int, int], ...]

    @property
    def ledger(self) -> Ledger:
        """The reckoning day by day."""
        return ledger_us(to_us(self.start), self.limit, calendar=self.calendar, rule=self.rule, pauses=self.pauses)


def due(
    start: datetime,
    limit: TimeLimit,
    *,
    calendar: WorkCalendar,
    rule: CountingRule | None = None,
    pauses: Iterable[tuple[datetime, datetime]] = (),
) -> DateTime:
    """The moment at which *limit*, started at *start*, ends; by the calendar's customary rule where none is given.

    Where days end at 24:00 it is the first moment after them; `reckon` gives the last day beside.

    >>> import pendulum
    >>> accepted = pendulum.datetime(2021, 3, 1, 9, tz="Asia/Ho_Chi_Minh")
    >>> asked, supplied = accepted.add(days=2, hours=1), accepted.add(days=9, hours=1)
    >>> print(due(accepted, TimeLimit.parse("10 working days"), calendar=WorkCalendar.load("VN"), pauses=[(asked, supplied)]))
    2021-03-22 17:00:00+07:00

    Raises:
        OutsideCalendar: the start or the end lies outside the calendar.
        InvalidInput: a moment without a zone, a pause that ends before it begins, or no rule named anywhere.
    """
    us = calendar.us
    spans = [(us(low), us(high)) for low, high in pauses]
    return calendar.moment(due_us(us(start), limit, calendar=calendar, rule=rule or _customary(calendar), pauses=spans))


def reckon(
    start: datetime,
    limit: TimeLimit,
    *,
    calendar: WorkCalendar,
    rule: CountingRule | None = None,
    pauses: Iterable[tuple[datetime, datetime]] = (),
) -> Reckoning:
    """`due`, with the last day, what was consumed by then, and the ledger.

    Raises:
        OutsideCalendar, InvalidInput: as `due`.
    """
    us, rule = calendar.us, rule or _customary(calendar)
    spans = tuple((us(low), us(high)) for low, high in pauses)
    end = due_us(us(start), limit, calendar=calendar, rule=rule, pauses=spans)
    consumed = consumption_us(us(start), limit, end, calendar=calendar, rule=rule, pauses=spans)
    moment = calendar.moment
    return Reckoning(moment(us(start)), limit, moment(end), last_day(end, calendar, rule), consumed, calendar, rule, spans)


def elapsed(
    start: datetime,
    at: datetime,
    unit: str,
    *,
    calendar: WorkCalendar,
    rule: CountingRule | None = None,
    pauses: Iterable[tuple[datetime, datetime]] = (),
) -> TimeLimit:
    """The whole *unit* that have run between two moments: ``elapsed(start, due(start, limit), limit.unit) == limit``.

    Raises:
        OutsideCalendar, InvalidInput: as `due`.
    """
    us = calendar.us
    spans = [(us(low), us(high)) for low, high in pauses]
    return elapsed_us(us(start), us(at), unit, calendar=calendar, rule=rule or _customary(calendar), pauses=spans)


def consumption(
    start: datetime,
    limit: TimeLimit,
    at: datetime,
    *,
    calendar: WorkCalendar,
    rule: CountingRule | None = None,
    pauses: Iterable[tuple[datetime, datetime]] = (),
) -> Consumption:
    """How much of *limit* has run at the moment *at*, and how much remains.

    Raises:
        OutsideCalendar, InvalidInput: as `due`.
    """
    us = calendar.us
    spans = [(us(low), us(high)) for low, high in pauses]
    return consumption_us(us(start), limit, us(at), calendar=calendar, rule=rule or _customary(calendar), pauses=spans)


def ledger(
    start: datetime,
    limit: TimeLimit,
    *,
    calendar: WorkCalendar,
    rule: CountingRule | None = None,
    pauses: Iterable[tuple[datetime, datetime]] = (),
) -> Ledger:
    """How the due date of *limit* comes about, day by day; ``str()`` of it is for people.

    >>> import pendulum
    >>> accepted = pendulum.datetime(2024, 4, 26, 9, tz="Asia/Ho_Chi_Minh")
    >>> print(ledger(accepted, TimeLimit.parse("3 working days"), calendar=WorkCalendar.load("VN")).rows[3].entry.decision)
    2450/VPCP-KGVX

    Raises:
        OutsideCalendar, InvalidInput: as `due`.
    """
    return reckon(start, limit, calendar=calendar, rule=rule, pauses=pauses).ledger


def _customary(calendar: WorkCalendar) -> CountingRule:
    if calendar.customary_rule is None:
        raise InvalidInput(f"the calendar {calendar.name} names no customary rule; name the counting rule", "rule")
    return CountingRule.named(calendar.customary_rule)


# -- clocks ------------------------------------------------------------------------------------------------------------


@frozen
class Clock:
    """A running count as facts: instants in microseconds UTC, the limit, and the name of its counting rule.

    *voided* are earlier runs that a restart made void: when each began and when it last ran. *due* is a statement, not a
    fact: the end as last stated, with the version of the *calendar* that stated it. *fired*: its end has been acted on.
    """

    limit: TimeLimit
    rule: str
    started: int
    pauses: tuple[tuple[int, int | None], ...] = ()
    voided: tuple[tuple[int, int], ...] = ()
    extensions: tuple[TimeLimit, ...] = ()
    stopped: int | None = None
    due: int | None = None
    calendar: str = ""
    fired: bool = False

    @property
    def state(self) -> str:
        """``running``, ``paused`` or ``stopped``."""
        if self.stopped is not None:
            return "stopped"
        return "paused" if self.pauses and self.pauses[-1][1] is None else "running"

    def pause(self, at: int) -> Clock:
        """The clock with a pause that begins at *at*.

        Raises:
            InvalidInput: it does not run, or *at* is before its last change.
        """
        self._must("running", "pause", at)
        return self._with(pauses=(*self.pauses, (at, None)))

    def resume(self, at: int) -> Clock:
        """The clock with its pause ended at *at*.

        Raises:
            InvalidInput: it is not paused, or *at* is before the pause.
        """
        self._must("paused", "resume", at)
        return self._with(pauses=(*self.pauses[:-1], (self.pauses[-1][0], at)))

    def restart(self, at: int) -> Clock:
        """The clock counting again from zero at *at*; the run before is void, with its pauses and extensions.

        Raises:
            InvalidInput: *at* is before its last change.
        """
        self._not_before(at, "restart")
        ran = self.stopped if self.stopped is not None else self.pauses[-1][0] if self.state == "paused" else at
        return Clock(self.limit, self.rule, at, (), (*self.voided, (self.started, ran)))

    def extend(self, limit: TimeLimit, at: int) -> Clock:
        """The clock with *limit* more, counted from the end of what it had.

        Raises:
            InvalidInput: it is stopped, or *at* is before its start.
        """
        if self.stopped is not None:
            raise InvalidInput("a stopped clock cannot extend; start or restart it first", "clock")
        if at < self.started:
            raise InvalidInput("extend lies before the start of the clock", "clock")
        return self._with(extensions=(*self.extensions, limit), fired=False)

    def stop(self, at: int) -> Clock:
        """The clock stopped at *at*; a pause that is open ends with it.

        Raises:
            InvalidInput: it is stopped, or *at* is before its last change.
        """
        if self.stopped is not None:
            raise InvalidInput("a stopped clock cannot stop; start or restart it first", "clock")
        self._not_before(at, "stop")
        return self._with(stopped=at, pauses=self.closed_pauses(at))

    def start(self, at: int) -> Clock:
        """A fresh run of a stopped clock.

        Raises:
            InvalidInput: it is not stopped, or *at* is before it stopped.
        """
        self._must("stopped", "start", at)
        return Clock(self.limit, self.rule, at)

    def with_due(self, due: int, calendar_version: str) -> Clock:
        """The clock with its end as stated by the calendar of a version."""
        return self._with(due=due, calendar=calendar_version)

    def closed_pauses(self, upto: int | None = None) -> tuple[tuple[int, int], ...]:
        """The pauses of this run; one that is still open ends at *upto*, or is left out where none is given."""
        spans = ((low, upto if high is None else high) for low, high in self.pauses)
        return tuple((low, high) for low, high in spans if high is not None)

    def to_tree(self) -> dict[str, Any]:
        """The clock as canonical data; facts that are empty are left out."""
        tree: dict[str, Any] = {"limit": str(self.limit), "rule": self.rule, "started": self.started}
        tree["pauses"] = [list(span) for span in self.pauses]
        tree["voided"] = [list(span) for span in self.voided]
        tree["extensions"] = [str(limit) for limit in self.extensions]
        tree |= {"stopped": self.stopped, "due": self.due, "calendar": self.calendar, "fired": self.fired}
        return {key: value for key, value in tree.items() if value not in ([], None, "", False) or type(value) is int}

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Clock:
        """The clock that `to_tree` described."""
        return cls(
            TimeLimit.parse(tree["limit"]),
            tree["rule"],
            tree["started"],
            tuple((low, high) for low, high in tree.get("pauses", ())),
            tuple((low, high) for low, high in tree.get("voided", ())),
            tuple(TimeLimit.parse(text) for text in tree.get("extensions", ())),
            tree.get("stopped"),
            tree.get("due"),
            tree.get("calendar", ""),
            tree.get("fired", False),
        )

    def _with(self, **changes: Any) -> Clock:
        get = changes.get
        return Clock(
            self.limit,
            self.rule,
            self.started,
            get("pauses", self.pauses),
            self.voided,
            get("extensions", self.extensions),
            get("stopped", self.stopped),
            get("due", self.due),
            get("calendar", self.calendar),
            get("fired", self.fired),
        )

    def _must(self, state: str, verb: str, at: int) -> None:
        if self.state != state:
            raise InvalidInput(f"a {self.state} clock cannot {verb}; it takes a {state} one", "clock")
        self._not_before(at, verb)

    def _not_before(self, at: int, verb: str) -> None:
        low, high = self.pauses[-1] if self.pauses else (self.started, None)
        last = max(low if high is None else high, self.stopped or low)
        if at < last:
            raise InvalidInput(f"{verb} lies before the last change of the clock", "clock")


def reckon_clock(clock: Clock, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The due instant by the facts of *clock*; while it is paused, what it would be if it went on at once.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
    """
    return _spans(clock, calendar, rule)[-1][2]


def _spans(clock: Clock, calendar: WorkCalendar, rule: CountingRule) -> list[tuple[int, TimeLimit, int]]:
    """Start, limit and end of the run and of each extension."""
    pauses = clock.closed_pauses()
    end = due_us(clock.started, clock.limit, calendar=calendar, rule=rule, pauses=pauses)
    spans = [(clock.started, clock.limit, end)]
    for limit in clock.extensions:
        start = _anchor(end, limit, calendar, rule)
        end = due_us(start, limit, calendar=calendar, rule=rule, pauses=pauses)
        spans.append((start, limit, end))
    return spans


def _anchor(end: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> int:
    """Where an extension begins: an end at midnight belongs to the day before it, so that the next day is its first."""
    days = limit.unit in CALENDAR or limit.unit in ("working days", "same day")
    midnight = days and rule.end_of_day != "wall" and calendar.local(end)[1] == 0
    return end - 1 if midnight else end


def clock_ledger(
    clock: Clock,
    calendar: WorkCalendar,
    rule: CountingRule,
    until: int | None = None,
    bases: Mapping[int, str] | None = None,
) -> Ledger:
    """The ledger of a clock: the runs a restart made void, then the current one with its extensions.

    It tells up to *until*, the pause that is open, or the due instant, whichever is first. *bases* says, for the instant a
    pause began, what it rests on; a run that a restart made void after a pause rests on the same.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
    """
    spans, pauses = _spans(clock, calendar, rule), clock.closed_pauses()
    stop = min(at for at in (until, clock.stopped, spans[-1][2]) if at is not None)
    if clock.state == "paused":
        stop = min(stop, clock.pauses[-1][0])
    rows: list[Row] = [void_row(low, high, clock.limit, calendar, rule) for low, high in clock.voided]
    since = clock.pauses[-1][0] if clock.state == "paused" else None
    told = ledger_of(spans, rows, stop, clock.state, calendar=calendar, rule=rule, pauses=pauses, paused_since=since)
    return evolve(told, rows=tuple(_based(row, bases, calendar) for row in told.rows)) if bases else told


def _based(row: Row, bases: Mapping[int, str], calendar: WorkCalendar) -> Row:
    """*row* with the basis of its pause: the last that had begun by then."""
    if row.kind == "void" and row.end is not None:
        return evolve(row, basis=bases.get(to_us(row.end)))
    if row.kind != "paused":
        return row
    day, start = row.day.toordinal(), None if row.start is None else to_us(row.start)
    begun = [at for at in bases if calendar.local(at)[0] <= day and (start is None or at <= start)]
    return evolve(row, basis=bases[max(begun)]) if begun else row
