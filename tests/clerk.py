"""An oracle that counts as a clerk would: day by day and minute by minute, with no table and no search.

It shares nothing with the engine but the calendar's tree, and is slow on purpose. Instants are whole minutes since the
first one of the calendar; what clocks show at one is asked of the standard library.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from qms.calendar import WorkCalendar
from qms.limits import CountingRule, TimeLimit
from qms.testing.dates import pauses

__all__ = ["DAY", "FIRST", "LAST", "MINUTE", "Clerk", "calendars", "pauses"]

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


@lru_cache(maxsize=100_000)
def _ahead(zone: str, half_hour: int) -> int:
    """How many minutes the clocks of a zone are ahead of UTC; they change on half hours."""
    offset = datetime.fromtimestamp(half_hour * 1800, ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset // timedelta(minutes=1)


@lru_cache(maxsize=200_000)
def _minute(zone: str, wall: int) -> int:
    """The first minute (since 1970) at which clocks show *wall*, or where they skip it, would have shown it unchanged."""
    ahead = {_ahead(zone, (wall + shift) // 30) for shift in range(-DAY, DAY, 30)}
    shown = [wall - one for one in ahead if _ahead(zone, (wall - one) // 30) == one]
    return min(shown) if shown else _minute(zone, wall - 1) + 1


class Clerk:
    """Days count from the calendar's first, minutes from its first instant; `wall` is what the clocks show then."""

    def __init__(self, calendar: WorkCalendar) -> None:
        tree = calendar.to_tree()
        self.zone: str = tree["zone"]
        self.first = date.fromisoformat(tree["first"])
        self.days = (date.fromisoformat(tree["last"]) - self.first).days + 1
        self.week: dict[str, str] = tree["week"]
        self.entries: dict[date, tuple[str, str]] = {}  # its kind, and its hours or the weekday whose hours it has
        for entry in tree["entries"]:
            self._note(entry)
        self.base = _minute(self.zone, (self.first - date(1970, 1, 1)).days * DAY)
        self.end = self.minute(self.days, 0)
        self.open = bytearray(self.end + 2 * DAY)
        for day in range(self.days):
            for low, high in self.shifts(day):
                self.open[low:high] = b"\1" * (high - low)

    def _note(self, entry: dict[str, Any]) -> None:
        kind = entry.get("kind", "holiday")
        off = list(self._days_of(entry.get("off", ())))
        for place, day in enumerate(self._days_of(entry.get("working", ()))):
            stands_for = WEEKDAYS[off[min(place, len(off) - 1)].weekday()] if kind == "swap" else ""
            self.entries[day] = ("make-up" if kind == "swap" else "worked", entry.get("hours", "") or stands_for)
        for day in off:
            self.entries[day] = ("swapped_off" if kind == "swap" else kind, "")

    def _days_of(self, runs: Sequence[str]) -> Iterator[date]:
        for run in runs:
            low, _, high = run.partition("/")
            day = date.fromisoformat(low)
            while day <= date.fromisoformat(high or low):
                yield day
                day += timedelta(1)

    # -- clocks ----------------------------------------------------------------------------------------------------

    def minute(self, day: int, time: int) -> int:
        """The minute at which the clocks show the minute *time* of a day."""
        return _minute(self.zone, ((self.first - date(1970, 1, 1)).days + day) * DAY + time) - self.base

    def wall(self, minute: int) -> tuple[int, int]:
        """The day, and the minute of that day, that the clocks show."""
        now = self.base + minute
        day, time = divmod(now + _ahead(self.zone, now // 30), DAY)
        return day - (self.first - date(1970, 1, 1)).days, time

    def us(self, minute: int) -> int:
        """A minute as the engine has it."""
        return (self.base + minute) * MINUTE

    # -- days ------------------------------------------------------------------------------------------------------

    def kind(self, day: int) -> str:
        on = self.first + timedelta(day)
        if not 0 <= day < self.days:
            raise IndexError("outside the calendar")
        regular = WEEKDAYS[on.weekday()] in self.week
        if on not in self.entries:
            return "working" if regular else "weekend"
        if self.entries[on][0] == "worked":
            return "working" if regular else "make-up"
        return self.entries[on][0]

    def works(self, day: int) -> bool:
        return self.kind(day) in ("working", "make-up")

    def shifts(self, day: int) -> Iterator[tuple[int, int]]:
        if not self.works(day):
            return
        on = self.first + timedelta(day)
        usual = self.week[next(name for name in WEEKDAYS if name in self.week)]
        weekly = self.week.get(WEEKDAYS[on.weekday()], usual)
        told = self.entries[on][1] if on in self.entries else ""
        yield from self._read(day, self.week.get(told, weekly) if told in WEEKDAYS else told or weekly)

    def _read(self, day: int, hours: str) -> Iterator[tuple[int, int]]:
        for shift in hours.split():
            low, high = ((int(part[:2]) * 60 + int(part[3:])) for part in shift.split("-"))
            yield self.minute(day, low), self.minute(day, high if high > low else high + DAY)

    def closing(self, day: int) -> int:
        """The end of the last shift; a day off closes when its weekday does, or at midnight where that is no working day."""
        weekday = WEEKDAYS[(self.first + timedelta(day)).weekday()]
        shifts = self.shifts(day) if self.works(day) else self._read(day, self.week.get(weekday, ""))
        return [high for _, high in shifts][-1] if self.works(day) or weekday in self.week else self.minute(day + 1, 0)

    def nth(self, day: int, n: int) -> int:
        """The n-th working day after a day, or before it."""
        while n:
            day += 1 if n > 0 else -1
            n -= self.works(day) if n > 0 else -int(self.works(day))
        return day

    # -- minutes ---------------------------------------------------------------------------------------------------

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
        end = self.closing(self.nth(self.wall(start)[0], n))
        return self.after_work(start, self.worked(start, end), spans) if spans else end

    def after_time(self, start: int, minutes: int, spans: Sequence[tuple[int, int]] = ()) -> int:
        now = start
        while minutes:
            minutes -= not self.paused(now, spans)
            now += 1
        return now

    def after_dates(self, start: int, amount: int, unit: str) -> int:
        """The close of the last day of a period of days, weeks, months or years; a day off goes to the next working day."""
        day = self._dated(self.wall(start)[0], amount, unit)
        while not self.works(day):
            day += 1
        return self.closing(day)

    def _dated(self, day: int, amount: int, unit: str) -> int:
        if unit in ("days", "weeks", "half months"):
            return day + amount * {"days": 1, "weeks": 7, "half months": 15}[unit]
        return (self._same_number(self.first + timedelta(day), amount * (12 if unit == "years" else 1)) - self.first).days

    def _counted(self, day: int, limit: TimeLimit, rule: CountingRule) -> int:
        """The last day of a sum, the larger units first; where its first day counts it ends the day before, a short month on its last."""
        last, short = day, False
        for part in limit.parts:
            before = self.first + timedelta(last)
            last = self._dated(last, part.amount, part.unit)
            short |= part.unit in ("months", "years") and (self.first + timedelta(last)).day != before.day
        return last if rule.first_day == "excluded" or short else last - 1

    def _same_number(self, start: date, amount: int) -> date:
        year, month = start.year, start.month
        for _ in range(amount):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return date(year, month, min(start.day, months.monthrange(year, month)[1]))

    # -- any rule --------------------------------------------------------------------------------------------------

    def due(self, start: int, limit: TimeLimit, rule: CountingRule) -> int:
        """The end of a limit by any mixture of first day, roll, end of day and cut-off, without a pause."""
        n, unit = limit.amount, limit.unit
        if unit in ("working hours", "working minutes"):
            return self.after_work(start, n * (60 if unit == "working hours" else 1))
        if unit in ("hours", "minutes"):
            return self.after_time(start, n * (60 if unit == "hours" else 1))
        day, time = self.wall(start)
        if unit == "same day":
            last = self._same_day(start, rule)
            if last != day and rule.same_day is not None and rule.same_day.until == "opening":
                return min(low for low, high in self._open_shifts(last))
        elif unit == "working days":
            last = self.nth(day, n - (rule.first_day == "included" and self.works(day)))
        else:
            last = self._counted(day, limit, rule)
            while rule.roll != "none" and self.kind(last) in rule.roll_on:
                last = self.nth(last, 1 if rule.roll == "forward" else -1)
        self.kind(last)  # raises outside the calendar
        ends = {"close": self.closing(last), "24:00": self.minute(last + 1, 0), "wall": self.minute(last, time)}
        return ends[rule.end_of_day]

    def _open_shifts(self, day: int) -> Iterator[tuple[int, int]]:
        """The shifts of a day and of those after it that have any time: on the hour that clocks skip one may have none."""
        return ((low, high) for later in range(day, self.days) for low, high in self.shifts(later) if low < high)

    def _same_day(self, start: int, rule: CountingRule) -> int:
        day, time = self.wall(start)
        cut = rule.same_day
        late = rule.end_of_day == "close" and self.closing(day) <= start
        if cut is not None:
            at = int(cut.cutoff[:2]) * 60 + int(cut.cutoff[3:])
            late = late or time > at or (cut.inclusive and time == at)
        return day if rule.roll == "none" or (self.works(day) and not late) else self.nth(day, 1)
