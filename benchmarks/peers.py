"""One office as every peer can say it: Monday to Friday, 08:00-12:00 and 13:00-17:00, off on the holidays of the Netherlands.

26 years, 2010 to 2035. None can say a Saturday worked for a Monday off, so that no row asks for one. Peers are imported where
they are used, and each row asserts that all give the same answer before the stop-watch starts.
"""

from __future__ import annotations

from datetime import date, time
from functools import cache
from typing import Any

import holidays
import numpy as np

from qms.calendar import WorkCalendar

FIRST, LAST = date(2010, 1, 1), date(2035, 12, 31)
HOURS = "08:00-12:00 13:00-17:00"
ZONE = "Asia/Ho_Chi_Minh"  # no daylight saving; rows that ask for it name Europe/Amsterdam


@cache
def known() -> Any:
    """python-holidays, with its years laid down."""
    return holidays.country_holidays("NL", years=range(FIRST.year, LAST.year + 1))


@cache
def off() -> tuple[date, ...]:
    """The holidays that fall on a weekday."""
    return tuple(day for day in sorted(known()) if day.weekday() < 5)


@cache
def ours(zone: str = ZONE) -> WorkCalendar:
    """The calendar of this library."""
    return WorkCalendar.from_dates(zone=zone, week={"mon-fri": HOURS}, off=off(), first=FIRST, last=LAST)


@cache
def busdays() -> Any:
    """numpy's calendar of business days."""
    return np.busdaycalendar(holidays=np.array(off(), dtype="datetime64[D]"))


def numpy_adds(day: date, n: int) -> date:
    """A `date` in and out; *day* itself never counts, so that one off goes back first."""
    found: date = np.busday_offset(day, n, roll="backward", busdaycal=busdays()).item()
    return found


@cache
def workalendar() -> Any:
    """workalendar's Netherlands."""
    from workalendar.europe import Netherlands

    return Netherlands()


@cache
def bizdays() -> Any:
    """bizdays, by its list of holidays."""
    import bizdays

    return bizdays.Calendar(list(off()), weekdays=["Saturday", "Sunday"], startdate=FIRST, enddate=LAST)


@cache
def better() -> Any:
    """better-calendar, by its list of holidays."""
    from better_calendar import Calendar

    return Calendar("office", list(off()), bounds=(FIRST, LAST))


@cache
def custom_day(n: int) -> Any:
    """pandas' offset of *n* days."""
    import pandas as pd

    return pd.offsets.CustomBusinessDay(n, calendar=busdays())


@cache
def custom_hour(n: int) -> Any:
    """pandas' offset of *n* hours."""
    import pandas as pd

    spans = {"start": [time(8), time(13)], "end": [time(12), time(17)]}
    return pd.offsets.CustomBusinessHour(n, holidays=list(off()), **spans)


@cache
def workclock() -> Any:
    """workclock, a core in Rust."""
    from workclock import Break, Holidays, Schedule, WorkDay

    week = range(5)
    return Schedule([WorkDay(time(8), time(17), week), Break(time(12), time(13), week), Holidays(off())], time_zone=ZONE)


@cache
def businesstimedelta() -> Any:
    """businesstimedelta's rules; it takes zones of pytz."""
    import businesstimedelta as peer
    import pytz

    zone = pytz.timezone(ZONE)
    work = peer.WorkDayRule(start_time=time(8), end_time=time(17), working_days=[0, 1, 2, 3, 4], tz=zone)
    lunch = peer.LunchTimeRule(start_time=time(12), end_time=time(13), working_days=[0, 1, 2, 3, 4], tz=zone)
    return peer.Rules([work, lunch, peer.HolidayRule(set(off()), tz=zone)])
