"""The days on which a recurrence rule of iCalendar falls (RFC 5545, 3.3.10), over a span of days and no further.

Rule 1: the walk is by periods of the rule, from the first that touches the span to the last; a rule that never matches ends.
Rule 2: only a rule with a COUNT is walked from its own start, since what lies before the span is counted too.
Rule 3: the rule is one that `dateutil` takes; what it repeats by is days, weeks, months or years.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from itertools import product
from typing import Any, Final

from attrs import field, frozen

from ..errors import InvalidInput

__all__ = ["falls_on"]

_NUMBERED: Final = ("MONTH", "WEEKNO", "YEARDAY", "MONTHDAY", "SETPOS", "HOUR", "MINUTE", "SECOND")
_PARTS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *(f"BY{name}" for name in _NUMBERED)})
_WEEK: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_CYCLE: Final = 146_097
"""The days after which the calendar repeats; a count that began before that is refused."""


def falls_on(rule: Mapping[str, Any], start: datetime, low: int, high: int) -> Iterator[datetime]:
    """The wall times within the days ``low..high`` (ordinals) at which *rule*, begun at *start*, falls, in order.

    Raises:
        InvalidInput: a part of the rule that RFC 5545 has not, an interval of 0, or a COUNT from centuries before the span.
    """
    found = _Rule(rule, start)
    count = min(rule.get("COUNT", ()), default=None)
    since = max(low, start.toordinal())
    if count is not None:
        since = start.toordinal()
        if since < low - _CYCLE:
            raise InvalidInput(f"a rule counted from {start.date()}, centuries before the calendar; give it a later start")
    for wall in found.walk(since, high):
        if wall < start:
            continue
        if count is not None:
            if count <= 0:
                return
            count -= 1
        if low <= wall.toordinal() <= high:
            yield wall


@frozen
class _Rule:
    rule: Mapping[str, Any]
    start: datetime
    every: str = field(init=False)
    step: int = field(init=False)
    first: int = field(init=False)
    by: dict[str, frozenset[int]] = field(init=False)
    weekdays: frozenset[tuple[int, int]] = field(init=False)
    times: tuple[time, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        rule, start = self.rule, self.start
        unknown = sorted({str(key).upper() for key in rule} - _PARTS)
        if unknown:
            raise InvalidInput(f"a rule with {', '.join(unknown)}, which is not read; list those dates as events")
        by = {name: frozenset(map(int, rule.get(f"BY{name}", ()))) for name in _NUMBERED}
        weekdays = {_weekday(str(text)) for text in rule.get("BYDAY", ())}
        every = str(rule["FREQ"][0]).upper()
        if every in ("DAILY", "WEEKLY"):  # there is no second Monday of a week
            weekdays = {(weekday, 0) for weekday, _ in weekdays}
        if not (weekdays or by["WEEKNO"] or by["YEARDAY"] or by["MONTHDAY"]):
            if every == "YEARLY" and not by["MONTH"]:
                by["MONTH"] = frozenset({start.month})
            if every in ("YEARLY", "MONTHLY"):
                by["MONTHDAY"] = frozenset({start.day})
            elif every == "WEEKLY":
                weekdays = {(start.weekday(), 0)}
        parts = (by[name] or {now} for name, now in (("HOUR", start.hour), ("MINUTE", start.minute), ("SECOND", start.second)))
        times = tuple(sorted(time(hour, minute, second, start.microsecond) for hour, minute, second in product(*parts)))
        given = {"every": every, "step": int(min(rule.get("INTERVAL", ()), default=1)), "by": by, "times": times}
        given |= {"weekdays": frozenset(weekdays), "first": _WEEK.index(str(min(rule.get("WKST", ()), default="MO")).upper())}
        for name, value in given.items():
            object.__setattr__(self, name, value)
        if self.step < 1:
            raise InvalidInput("a rule that never moves on; its INTERVAL is at least 1")

    def walk(self, low: int, high: int) -> Iterator[datetime]:
        """The wall times of all periods that touch the days ``low..high``."""
        number = max(0, self.period_of(low) - self.period_of(self.start.toordinal())) // self.step * self.step
        while (span := self.days_of(self.period_of(self.start.toordinal()) + number)) is not None and span[0] <= high:
            found = [
                datetime.combine(day, at) for day in map(date.fromordinal, range(*span)) if self.holds(day) for at in self.times
            ]
            places = self.by["SETPOS"]
            if places:
                found = [wall for at, wall in enumerate(found, 1) if at in places or at - len(found) - 1 in places]
            yield from found
            number += self.step

    def period_of(self, ordinal: int) -> int:
        """The number of the year, month, week or day in which a day lies."""
        if self.every == "DAILY":
            return ordinal
        if self.every == "WEEKLY":
            return (ordinal - 1 - self.first) // 7
        day = date.fromordinal(ordinal)
        return day.year if self.every == "YEARLY" else day.year * 12 + day.month - 1

    def days_of(self, period: int) -> tuple[int, int] | None:
        """The first day of a period, and the one after its last; none after the year 9999."""
        last = date.max.toordinal()
        if self.every == "DAILY":
            return (period, period + 1) if period <= last else None
        if self.every == "WEEKLY":
            low = period * 7 + 1 + self.first
            return (max(low, 1), min(low + 7, last + 1)) if low <= last else None
        year, month = (period, 0) if self.every == "YEARLY" else divmod(period, 12)
        if year > date.max.year:
            return None
        low = date(year, month + 1, 1).toordinal()
        return low, low + (365 + isleap(year) if self.every == "YEARLY" else monthrange(year, month + 1)[1])

    def holds(self, day: date) -> bool:
        """Whether a day of a period is one of those that the rule names."""
        by = self.by
        if by["MONTH"] and day.month not in by["MONTH"]:
            return False
        if by["MONTHDAY"]:
            length = monthrange(day.year, day.month)[1]
            if not by["MONTHDAY"] & {day.day, day.day - length - 1}:
                return False
        if by["YEARDAY"]:
            number = day.timetuple().tm_yday
            if not by["YEARDAY"] & {number, number - 366 - isleap(day.year)}:
                return False
        if by["WEEKNO"] and not by["WEEKNO"] & _weeks(day, self.first):
            return False
        return not self.weekdays or self.is_named(day)

    def is_named(self, day: date) -> bool:
        """Whether BYDAY names a day: its weekday, or the nth of it in the month, or in the year where no month is named."""
        weekday = day.weekday()
        if (weekday, 0) in self.weekdays:
            return True
        if self.every == "MONTHLY" or self.by["MONTH"]:
            number, length = day.day, monthrange(day.year, day.month)[1]
        else:
            number, length = day.timetuple().tm_yday, 365 + isleap(day.year)
        return not self.weekdays.isdisjoint({(weekday, (number - 1) // 7 + 1), (weekday, -((length - number) // 7 + 1))})


def _weekday(text: str) -> tuple[int, int]:
    """``-1FR`` as its weekday and which one of them; 0: each."""
    return _WEEK.index(text[-2:].upper()), int(text[:-2] or 0)


def _weeks(day: date, first: int) -> frozenset[int]:
    """The number of the week of *day*, and that from the end of the year; the first week has four days in its year."""
    middle = day.toordinal() - (day.weekday() - first) % 7 + 3
    if not 1 <= middle <= date.max.toordinal():
        return frozenset()
    within = date.fromordinal(middle)
    number = (within.timetuple().tm_yday - 1) // 7 + 1
    left = (365 + isleap(within.year) - within.timetuple().tm_yday) // 7
    return frozenset({number, -left - 1})
