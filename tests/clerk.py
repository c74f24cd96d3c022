"""An oracle that counts as a clerk would: day by day and minute by minute, with no table and no search.

It shares nothing with the engine but the calendar's tree, and is slow on purpose. Instants are whole minutes.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from qms.calendar import WorkCalendar

FIRST, LAST = date(2026, 1, 1), date(2026, 4, 30)
SHIFTS = (
    "07:30-11:30 13:00-17:00",
    "08:00-12:00",
    "09:00-17:30",
    "00:00-24:00",
    "22:00-24:00",
    "08:00-09:00 10:00-11:00 13:00-15:30",
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = 60_000_000
DAY = 1440


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """Small calendars of four months, in a zone without changes of the clocks."""
    days = draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1))
    week = {day: draw(st.sampled_from(SHIFTS)) for day in sorted(days)}
    all_days = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
    special = draw(st.lists(st.sampled_from(all_days), unique=True, max_size=24))
    cut = draw(st.integers(0, len(special)))
    return WorkCalendar.from_dates(
        zone="Asia/Ho_Chi_Minh", week=week, first=FIRST, last=LAST, off=special[:cut], working=special[cut:], name="small"
    )


def pauses(low: int, high: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Up to four pauses between two minutes, overlapping or not."""
    pair = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda pair: (min(pair), max(pair)))
    return st.lists(pair, max_size=4)


class Clerk:
    """Minutes count from 00:00 of the calendar's first day, on the wall."""

    def __init__(self, calendar: WorkCalendar) -> None:
        tree = calendar.to_tree()
        self.first = date.fromisoformat(tree["first"])
        self.days = (date.fromisoformat(tree["last"]) - self.first).days + 1
        self.week: dict[str, str] = tree["week"]
        self.entries: dict[date, tuple[bool, str]] = {}
        for entry in tree["entries"]:
            self._note(entry)
        self.open = bytearray(self.days * DAY)
        for day in range(self.days):
            for low, high in self.shifts(day):
                for minute in range(day * DAY + low, day * DAY + high):
                    self.open[minute] = 1

    def _note(self, entry: dict[str, Any]) -> None:
        for key in ("off", "working"):
            for run in entry.get(key, ()):
                low, _, high = run.partition("/")
                day = date.fromisoformat(low)
                while day <= date.fromisoformat(high or low):
                    self.entries[day] = (key == "working", entry.get("hours", ""))
                    day += timedelta(1)

    def works(self, day: int) -> bool:
        on = self.first + timedelta(day)
        return self.entries[on][0] if on in self.entries else WEEKDAYS[on.weekday()] in self.week

    def shifts(self, day: int) -> Iterator[tuple[int, int]]:
        if not self.works(day):
            return
        on = self.first + timedelta(day)
        usual = self.week[next(name for name in WEEKDAYS if name in self.week)]
        hours = (self.entries[on][1] if on in self.entries else "") or self.week.get(WEEKDAYS[on.weekday()], usual)
        for shift in hours.split():
            low, high = ((int(part[:2]) * 60 + int(part[3:])) for part in shift.split("-"))
            yield low, high

    def closing(self, day: int) -> int:
        return day * DAY + max(high for _, high in self.shifts(day))

    def nth(self, day: int, n: int) -> int:
        """The n-th working day after a day, or before it."""
        while n:
            day += 1 if n > 0 else -1
            n -= self.works(day) if n > 0 else -int(self.works(day))
        return day

    def paused(self, minute: int, spans: Sequence[tuple[int, int]]) -> bool:
        return any(low <= minute < high for low, high in spans)

    def worked(self, low: int, high: int, spans: Sequence[tuple[int, int]] = ()) -> int:
        """The open minutes in ``[low, high)`` that are not paused."""
        return sum(1 for minute in range(low, high) if self.open[minute] and not self.paused(minute, spans))

    def after_work(self, start: int, minutes: int, spans: Sequence[tuple[int, int]] = ()) -> int:
        """The first minute by which so many have been worked."""
        now = start
        while minutes:
            minutes -= self.open[now] and not self.paused(now, spans)
            now += 1
        return now

    def after_days(self, start: int, n: int, spans: Sequence[tuple[int, int]] = ()) -> int:
        """The close of the n-th working day after that of the start, later by the working time of the pauses."""
        end = self.closing(self.nth(start // DAY, n))
        return self.after_work(start, self.worked(start, end), spans) if spans else end

    def after_time(self, start: int, minutes: int, spans: Sequence[tuple[int, int]] = ()) -> int:
        now = start
        while minutes:
            minutes -= not self.paused(now, spans)
            now += 1
        return now

    def after_dates(self, start: int, amount: int, unit: str) -> int:
        """The close of the last day of a period of days, weeks, months or years; a day off goes to the next working day."""
        on = self.first + timedelta(start // DAY)
        if unit in ("days", "weeks"):
            on += timedelta(amount * (7 if unit == "weeks" else 1))
        else:
            on = self._same_number(on, amount * (12 if unit == "years" else 1))
        day = (on - self.first).days
        while not self.works(day):
            day += 1
        return self.closing(day)

    def _same_number(self, start: date, amount: int) -> date:
        year, month = start.year, start.month
        for _ in range(amount):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return date(year, month, min(start.day, months.monthrange(year, month)[1]))
