"""Day arithmetic: ours, numpy's busday functions called for one date, and python-holidays.

All are given what a caller has, a `date`, and give a `date` back; making the calendar is not timed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import holidays
import numpy as np
import pendulum

from qms.calendar import WorkCalendar
from qms.deadline import due
from qms.limits import CountingRule, TimeLimit

from .harness import Row

START = date(2024, 1, 2)


def rows() -> Iterator[Row]:
    """All on one calendar: Monday to Friday, off on the holidays that python-holidays knows for the Netherlands."""
    known = holidays.country_holidays("NL", years=range(2018, 2028))
    off = [day for day in sorted(known) if day.weekday() < 5]
    ours = WorkCalendar.from_dates(
        zone="Europe/Amsterdam",
        week={"mon-fri": "08:00-12:00 13:00-17:00"},
        off=off,
        first=date(2018, 1, 1),
        last=date(2027, 12, 31),
    )
    theirs = np.busdaycalendar(holidays=[day.isoformat() for day in off])

    def numpy_adds(day: date, n: int) -> date:
        return np.busday_offset(day, n, roll="backward", busdaycal=theirs).item()

    for n in (1, 15, 250):
        expected = ours.add_working_days(START, n)
        assert expected == numpy_adds(START, n)
        assert expected == known.get_nth_working_day(START, n)
        yield Row(
            f"add {n} working days, date to date",
            partial(ours.add_working_days, START, n),
            {
                "numpy.busday_offset": partial(numpy_adds, START, n),
                "python-holidays": partial(known.get_nth_working_day, START, n),
            },
            {"numpy.busday_offset": 15, **({"python-holidays": 100} if n == 15 else {})},
        )

    office = WorkCalendar.load("VN")
    for zone, calendar in (("no daylight saving", office), ("daylight saving", ours)):
        moment = pendulum.datetime(2024, 1, 2, 9, tz=calendar.zone)
        yield Row(
            "add 15 working days, pendulum.DateTime in and out",
            partial(calendar.add_working_days, moment, 15),
            {
                "numpy.busday_offset": partial(numpy_adds, START, 15),
                "a bare pendulum.DateTime(...)": partial(pendulum.DateTime, 2024, 1, 23, 9, 0, 0, tzinfo=moment.tzinfo),
            },
            {"numpy.busday_offset": 4, "a bare pendulum.DateTime(...)": 0.5},
            note=zone,
        )

    end = START + timedelta(days=365)
    day = timedelta(days=1)  # ours counts (after, upto], numpy [from, to)
    assert ours.count_working_days(START, end) == np.busday_count(START + day, end + day, busdaycal=theirs)
    yield Row(
        "count the working days of a year",
        partial(ours.count_working_days, START, end),
        {"numpy.busday_count": partial(np.busday_count, START, end, busdaycal=theirs)},
        {"numpy.busday_count": 50},
    )

    limit, rule = TimeLimit.parse("15 working days"), CountingRule.named("vn-civil-2015")
    moment = pendulum.datetime(2024, 1, 2, 9, tz=office.zone)
    pauses = [(moment.add(days=2), moment.add(days=5)), (moment.add(days=7), moment.add(days=8))]
    yield Row(
        "due(): rule, roll and two pauses",
        partial(due, moment, limit, calendar=office, rule=rule, pauses=pauses),
        {"one pendulum.datetime(...)": partial(pendulum.datetime, 2024, 1, 23, 9, tz=office.zone)},
        {"one pendulum.datetime(...)": 1},
    )
