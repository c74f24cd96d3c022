"""Deadlines: the instant a time limit ends, how much of it has run, and the ledger that says why.

Rule 1: every answer comes from the one engine in `qms.counting`, by a named calendar and a named counting rule.
Rule 2: clocks, which keep the facts of a running count, are in `qms.clock`; what is asked of them is asked here too.
Rule 3: moments go in and come out with their zone; a moment without one is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import frozen
from pendulum import Date, DateTime

from .calendar import WorkCalendar, to_us
from .clock import Clock, Ground, clock_consumption, clock_ledger, reckon_clock, sure
from .counting import (
    Consumption,
    consumption_us,
    due_us,
    elapsed_us,
    is_over,
    last_day,
    lateness,
    latest_start_us,
    timeliness,
)
from .errors import InvalidInput, Problem
from .ledger import Ledger, ledger_us
from .limits import CountingRule, TimeLimit
from .standing import Status, WhatIf, lead_until, status, time_left, what_if

__all__ = [
    "Clock",
    "Consumption",
    "CountingRule",
    "Ground",
    "Ledger",
    "Reckoning",
    "Status",
    "TimeLimit",
    "WhatIf",
    "clock_consumption",
    "clock_ledger",
    "consumption",
    "due",
    "due_us",
    "elapsed",
    "is_over",
    "last_day",
    "lateness",
    "latest_start",
    "lead_until",
    "ledger",
    "reckon",
    "reckon_clock",
    "status",
    "time_left",
    "timeliness",
    "to_us",
    "what_if",
]


# -- with moments ------------------------------------------------------------------------------------------------------


@frozen
class Reckoning:
    """A limit reckoned: the instant it ends *at*, its *last_day*, and how it came about.

    *backward*: it is counted back from *start*, and ends before it.
    """

    start: DateTime
    limit: TimeLimit
    at: DateTime
    last_day: Date
    consumed: Consumption
    calendar: WorkCalendar
    rule: CountingRule
    pauses: tuple[tuple[int, int], ...]
    backward: bool = False

    @property
    def ledger(self) -> Ledger:
        """The reckoning day by day."""
        start, back = to_us(self.start), self.backward
        return ledger_us(start, self.limit, calendar=self.calendar, rule=self.rule, pauses=self.pauses, backward=back)


def due(
    start: datetime,
    limit: TimeLimit,
    *,
    calendar: WorkCalendar,
    rule: CountingRule | None = None,
    pauses: Iterable[tuple[datetime, datetime]] = (),
    backward: bool = False,
) -> DateTime:
    """The moment at which *limit*, started at *start*, ends; by the calendar's customary rule where none is given.

    Where days end at 24:00 it is the first moment after them; `reckon` gives the last day beside. *backward*: the last
    moment that lies *limit* before *start*, as for a notice "at least 15 days before".

    >>> import pendulum
    >>> accepted = pendulum.datetime(2021, 3, 1, 9, tz="Asia/Ho_Chi_Minh")
    >>> asked, supplied = accepted.add(days=2, hours=1), accepted.add(days=9, hours=1)
    >>> print(due(accepted, TimeLimit.parse("10 working days"), calendar=WorkCalendar.load("VN"), pauses=[(asked, supplied)]))
    2021-03-22 17:00:00+07:00

    Raises:
        OutsideCalendar: the start or the end lies outside the calendar.
        InvalidInput: a moment without a zone, a pause that ends before it begins, a period counted back that has pauses,
            or no rule named anywhere.
    """
    try:
        us = calendar.us
        spans = [(us(low), us(high)) for low, high in pauses]
        rule = rule or _customary(calendar)
        return calendar.moment(due_us(us(start), limit, calendar=calendar, rule=rule, pauses=spans, backward=backward))
    except (AttributeError, TypeError, ValueError):
        _sure(limit=limit, calendar=calendar, rule=rule, pauses=pauses)
        raise


def reckon(
    start: datetime,
    limit: TimeLimit,
    *,
    calendar: WorkCalendar,
    rule: CountingRule | None = None,
    pauses: Iterable[tuple[datetime, datetime]] = (),
    backward: bool = False,
) -> Reckoning:
    """`due`, with the last day, what was consumed by then, and the ledger.

    Raises:
        OutsideCalendar, InvalidInput: as `due`.
    """
    try:
        us, rule = calendar.us, rule or _customary(calendar)
        spans = tuple((us(low), us(high)) for low, high in pauses)
        begin, moment = us(start), calendar.moment
        end = due_us(begin, limit, calendar=calendar, rule=rule, pauses=spans, backward=backward)
        if backward:
            told = ledger_us(begin, limit, calendar=calendar, rule=rule, backward=True)
            consumed = Consumption(told.axis, told.counted, told.budget)
        else:
            consumed = consumption_us(begin, limit, end, calendar=calendar, rule=rule, pauses=spans)
        last = last_day(end, calendar, rule)
        return Reckoning(moment(begin), limit, moment(end), last, consumed, calendar, rule, spans, backward)
    except (AttributeError, TypeError, ValueError):
        _sure(limit=limit, calendar=calendar, rule=rule, pauses=pauses)
        raise


def latest_start(due: datetime, limit: TimeLimit, *, calendar: WorkCalendar, rule: CountingRule | None = None) -> DateTime:
    """The latest moment at which *limit* may start so that it ends by *due*.

    It is the inverse of `due`, not a period counted back: a law that counts back has rules of its own for that.

    >>> import pendulum
    >>> session = pendulum.datetime(2021, 2, 19, 17, tz="Asia/Ho_Chi_Minh")
    >>> print(latest_start(session, TimeLimit.parse("8 working hours"), calendar=WorkCalendar.load("VN")))
    2021-02-19 07:30:00+07:00

    Raises:
        OutsideCalendar: *due* lies outside the calendar, or no start within it is early enough.
        InvalidInput: a moment without a zone, or no rule named anywhere.
    """
    try:
        us = calendar.us(due)
        return calendar.moment(latest_start_us(us, limit, calendar=calendar, rule=rule or _customary(calendar)))
    except (AttributeError, TypeError, ValueError):
        _sure(limit=limit, calendar=calendar, rule=rule)
        raise


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
    try:
        us = calendar.us
        spans = [(us(low), us(high)) for low, high in pauses]
        return elapsed_us(us(start), us(at), unit, calendar=calendar, rule=rule or _customary(calendar), pauses=spans)
    except (AttributeError, TypeError, ValueError):
        _sure(calendar=calendar, rule=rule, pauses=pauses)
        raise


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
    try:
        us = calendar.us
        spans = [(us(low), us(high)) for low, high in pauses]
        return consumption_us(us(start), limit, us(at), calendar=calendar, rule=rule or _customary(calendar), pauses=spans)
    except (AttributeError, TypeError, ValueError):
        _sure(limit=limit, calendar=calendar, rule=rule, pauses=pauses)
        raise


def ledger(
    start: datetime,
    limit: TimeLimit,
    *,
    calendar: WorkCalendar,
    rule: CountingRule | None = None,
    pauses: Iterable[tuple[datetime, datetime]] = (),
    backward: bool = False,
) -> Ledger:
    """How the due date of *limit* comes about, day by day; ``str()`` of it is for people.

    >>> import pendulum
    >>> accepted = pendulum.datetime(2024, 4, 26, 9, tz="Asia/Ho_Chi_Minh")
    >>> print(ledger(accepted, TimeLimit.parse("3 working days"), calendar=WorkCalendar.load("VN")).rows[3].entry.decision)
    2450/VPCP-KGVX

    Raises:
        OutsideCalendar, InvalidInput: as `due`.
    """
    return reckon(start, limit, calendar=calendar, rule=rule, pauses=pauses, backward=backward).ledger


def _sure(**given: object) -> None:
    """Asked only once a question has failed, so that a right one pays nothing.

    Raises:
        InvalidInput: a limit, a calendar or a rule is given by its name, or pauses are no pairs; all faults at once.
    """
    problems: list[Problem] = []
    try:
        sure(**{name: value for name, value in given.items() if name != "rule" or value is not None})
    except InvalidInput as error:
        problems += error.problems
    pauses = given.get("pauses", ())
    if not isinstance(pauses, Iterable):
        problems.append(Problem("pauses", f"{pauses!r} is no list of pauses; give pairs of moments"))
    elif isinstance(pauses, Sequence):
        wrong = [pause for pause in pauses if not (isinstance(pause, Sequence) and len(pause) == 2)]
        problems += [Problem("pauses", f"{pause!r} is no pause; give its beginning and its end") for pause in wrong]
    if problems:
        raise InvalidInput(problems)


def _customary(calendar: WorkCalendar) -> CountingRule:
    if calendar.customary_rule is None:
        raise InvalidInput(f"the calendar {calendar.name} names no customary rule; name the counting rule", "rule")
    return CountingRule.named(calendar.customary_rule)
