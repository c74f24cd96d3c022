"""Offices with plain hours and moments in few characters, for tests of what other systems get wrong about dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import pendulum
from pendulum import DateTime

from qms.calendar import WorkCalendar
from qms.deadline import Clock, CountingRule, TimeLimit, due, reckon_clock, to_us

OFFICE = CountingRule("office", "excluded", "forward", "close", "convention", roll_on=("weekend", "holiday", "closure"))
"""The first day does not count, a day ends at the close, an end on a day off goes to the next working day."""


def day(text: str) -> date:
    """A day, as ``2026-01-02``."""
    return date.fromisoformat(text)


def desk(
    week: Mapping[str, str] | str,
    *,
    zone: str = "UTC",
    off: Iterable[str] = (),
    working: Iterable[str] | Mapping[str, str] = (),
    first: str = "2014-01-01",
    last: str = "2026-12-31",
) -> WorkCalendar:
    """An office; *week* alone is the hours of Monday to Friday."""
    hours = {"mon-fri": week} if isinstance(week, str) else week
    worked = (
        {day(one): told for one, told in working.items()} if isinstance(working, Mapping) else [day(one) for one in working]
    )
    return WorkCalendar.from_dates(
        zone=zone, week=hours, off=[day(one) for one in off], working=worked, first=day(first), last=day(last), name="desk"
    )


def at(text: str, zone: str = "UTC") -> DateTime:
    """A moment, as ``2026-01-02 10:00``."""
    return pendulum.from_format(text, "YYYY-MM-DD HH:mm", tz=zone)


def told(moment: DateTime) -> str:
    """A moment as `at` reads it."""
    return moment.format("YYYY-MM-DD HH:mm")


def ends(office: WorkCalendar, start: str, limit: str, *pauses: tuple[str, str], rule: CountingRule = OFFICE) -> str:
    """When a limit ends, told in the zone of the office."""
    spans = [(at(low, office.zone), at(high, office.zone)) for low, high in pauses]
    return told(due(at(start, office.zone), TimeLimit.parse(limit), calendar=office, rule=rule, pauses=spans))


def after(office: WorkCalendar, start: str, **duration: float) -> str:
    """The moment at which so much (``hours=4``) has been worked."""
    return told(office.add_working_time(at(start, office.zone), timedelta(**duration)))


def clock(office: WorkCalendar, start: str, limit: str) -> Clock:
    """A clock that was started."""
    return Clock(TimeLimit.parse(limit), OFFICE.name, to_us(at(start, office.zone)))


def us(office: WorkCalendar, text: str) -> int:
    """A moment as clocks have it."""
    return to_us(at(text, office.zone))


def stated(office: WorkCalendar, running: Clock) -> str:
    """When a clock ends, told in the zone of the office."""
    return told(office.moment(reckon_clock(running, office, OFFICE)))
