"""Day arithmetic: ours, numpy's busday functions called for one date, and python-holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import holidays
import numpy as np
import pendulum

from qms import CountingRule, TimeLimit, WorkCalendar
from qms.deadline import due

from .harness import Row

START = date(2024, 1, 2)


def rows() -> Iterator[Row]:
    """All on one calendar: Monday to Friday, off on the holidays that python-holidays knows for Vietnam."""
    known = holidays.country_holidays("VN", years=range(2018, 2028))
    off = [day for day in sorted(known) if day.weekday() < 5]
    # dict.get on a HolidayBase may add a year; the set above is fixed before anything is timed
    ours = WorkCalendar.from_dates(
        zone="Asia/Ho_Chi_Minh", week={"mon-fri": "08:00-12:00 13:00-17:00"}, off=off, first=date(2018, 1, 1), last=date(2027, 12, 31)
    )
    theirs = np.busdaycalendar(holidays=[day.isoformat() for day in off])
    start = np.datetime64(START)

    for n in (1, 15, 250):
        expected = ours.add_working_days(START, n)
        assert expected == np.busday_offset(start, n, roll="backward", busdaycal=theirs).astype(object)
        assert expected == known.get_nth_working_day(START, n)
        yield Row(
            f"add {n} working days, date to date",
            lambda n=n: ours.add_working_days(START, n),
            {
                "numpy.busday_offset": lambda n=n: np.busday_offset(start, n, roll="backward", busdaycal=theirs),
                "python-holidays": lambda n=n: known.get_nth_working_day(START, n),
            },
            {"numpy.busday_offset": 15, **({"python-holidays": 100} if n == 15 else {})},
        )

    moment = pendulum.datetime(2024, 1, 2, 9, tz="Asia/Ho_Chi_Minh")
    zone = pendulum.timezone("Asia/Ho_Chi_Minh")
    yield Row(
        "the same by 15, pendulum.DateTime in and out",
        lambda: ours.add_working_days(moment, 15),
        {
            "numpy.busday_offset": lambda: np.busday_offset(start, 15, roll="backward", busdaycal=theirs),
            "a bare pendulum.DateTime(...)": lambda: pendulum.DateTime(2024, 1, 23, 9, 0, 0, tzinfo=zone),
        },
        {"numpy.busday_offset": 4, "a bare pendulum.DateTime(...)": 0.5},
    )

    end = START + timedelta(days=365)
    stop = np.datetime64(end)
    assert ours.count_working_days(START, end) == np.busday_count(start + 1, stop + 1, busdaycal=theirs)
    yield Row(
        "count the working days of a year",
        lambda: ours.count_working_days(START, end),
        {"numpy.busday_count": lambda: np.busday_count(start, stop, busdaycal=theirs)},
        {"numpy.busday_count": 50},
    )

    limit, rule = TimeLimit.parse("15 working days"), CountingRule.named("vn-civil-2015")
    pauses = [(moment.add(days=2), moment.add(days=5)), (moment.add(days=7), moment.add(days=8))]
    yield Row(
        "due(): rule, roll and two pauses",
        lambda: due(moment, limit, calendar=ours, rule=rule, pauses=pauses),
        {"one pendulum.datetime(...)": lambda: pendulum.datetime(2024, 1, 23, 9, tz="Asia/Ho_Chi_Minh")},
        {"one pendulum.datetime(...)": 1},
    )
