"""A due date by a counting rule, and what explains it; a calendar made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

import holidays
import pendulum

from qms.calendar import WorkCalendar
from qms.deadline import due, ledger
from qms.limits import CountingRule, TimeLimit

from . import peers
from .harness import Row


def rows() -> Iterator[Row]:
    """No pause and two, hours, months that roll; the ledger; 26 years of days and hours laid out."""
    office = WorkCalendar.load("VN")
    days, rule = TimeLimit.parse("15 working days"), CountingRule.named("vn-civil-2015")
    moment = pendulum.datetime(2024, 1, 2, 9, tz=office.zone)
    pauses = [(moment.add(days=2), moment.add(days=5)), (moment.add(days=7), moment.add(days=8))]
    bare = {"one pendulum.datetime(...)": partial(pendulum.datetime, 2024, 1, 23, 9, tz=office.zone)}
    one = {"one pendulum.datetime(...)": 1.0}
    known = {"calendar": office, "rule": rule}
    yield Row("due(): rule, roll and two pauses", partial(due, moment, days, pauses=pauses, **known), bare, one)
    yield Row("due(): rule and roll", partial(due, moment, days, **known), bare)
    hours = TimeLimit.parse("20 working hours")
    yield Row("due() of 20 working hours and two pauses", partial(due, moment, hours, pauses=pauses, **known), bare)
    yield Row("due() of one month, rolled", partial(due, moment, TimeLimit.parse("1 month"), **known), bare)
    told = partial(ledger, moment, days, pauses=pauses, **known)
    yield Row(
        "ledger of 15 working days and two pauses, in words",
        lambda: str(told()),
        {"due() of the same": partial(due, moment, days, pauses=pauses, **known)},
    )
    yield Row(
        "make a calendar of 26 years, with its hours",
        lambda: WorkCalendar.from_dates(
            zone=peers.ZONE, week={"mon-fri": peers.HOURS}, off=peers.off(), first=peers.FIRST, last=peers.LAST
        ),
        {
            "python-holidays, days alone": lambda: holidays.country_holidays("NL", years=range(2010, 2036)),
            "better-calendar, days alone": _better,
        },
        seconds=0.1,
    )


def _better() -> object:
    from better_calendar import Calendar

    return Calendar("office", list(peers.off()), bounds=(date(2010, 1, 1), date(2035, 12, 31))).offset(date(2024, 1, 2), 1)
