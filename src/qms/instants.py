"""Instants, and the wall time that clocks in a zone show: two integers, and a `pendulum.DateTime` only at the edge.

Rule 1: an instant is ``int`` microseconds UTC since 1970; a day is its proleptic ordinal, and the time of a day its microsecond.
Rule 2: a wall time that occurs twice means the first time; one that does not exist means the instant that the clocks
before the gap would have shown.
Rule 3: the offsets of a zone are looked up once, from 1976 to 2100; a zone that never changes then costs one addition, and is
taken never to have changed before.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final

import pendulum
from attrs import frozen
from pendulum import DateTime
from pendulum.tz.exceptions import InvalidTimezone
from pendulum.tz.timezone import Timezone

from .errors import InvalidInput

__all__ = ["DAY", "EPOCH", "SECOND", "Zone", "to_us"]

SECOND: Final = 1_000_000
DAY: Final = 24 * 3600 * SECOND
EPOCH: Final = date(1970, 1, 1).toordinal()
YEARS: Final = range(1685, 2255)
"""What 2^53 microseconds on either side of 1970 hold: 9999-12-31 and 0001-01-01 are how systems say "no date"."""

_SINCE: Final = (date(1976, 1, 1).toordinal() - EPOCH) * DAY
_UNTIL: Final = (date(2100, 1, 1).toordinal() - EPOCH) * DAY
_STEP: Final = 14 * DAY
_FIRST_TOLD: Final = EPOCH + _SINCE // DAY + 2
_LAST_TOLD: Final = EPOCH + _UNTIL // DAY - 2
_CANONICAL: Final = {
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Europe/Kiev": "Europe/Kyiv",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "Etc/UTC": "UTC",
    "Zulu": "UTC",
}


def to_us(moment: datetime) -> int:
    """*moment* in microseconds UTC since 1970.

    Raises:
        InvalidInput: *moment* has no zone, or is no moment at all (a date, a text).
    """
    try:
        offset = moment.utcoffset()
        if offset is None:
            raise InvalidInput(f"{moment.isoformat()} has no zone; give the moment its offset or zone")
        seconds = (
            (moment.toordinal() - EPOCH - offset.days) * 86_400
            + moment.hour * 3600
            + moment.minute * 60
            + moment.second
            - offset.seconds
        )
        return seconds * SECOND + moment.microsecond - offset.microseconds
    except AttributeError:
        raise InvalidInput(f"{moment!r} is no moment; give a date with a time and a zone") from None


@frozen
class Zone:
    """A time zone as tables: `offsets[i]` holds from the instant `changes[i]` on.

    `offset` is the only one, if there is one; `shift` is it and the day 1 of ordinals, in microseconds. Wall times from
    `near[i]` up to `past[i]` occur twice or never: those of change i + 1. `uneven` are the days that hold such times.
    """

    name: str
    tz: Timezone
    changes: tuple[int, ...]
    offsets: tuple[int, ...]
    offset: int | None
    shift: int
    near: tuple[int, ...]
    past: tuple[int, ...]
    uneven: frozenset[int]

    @staticmethod
    def named(name: str) -> Zone:
        """The zone of an IANA name, old names made canonical.

        Raises:
            InvalidInput: no such zone.
        """
        return _named(_CANONICAL.get(name, name))

    def local(self, us: int) -> tuple[int, int]:
        """The day (ordinal) and the microsecond of the day that clocks in the zone show at the instant *us*."""
        offset = self.offset
        days, time = divmod(us + (self._offset_at(us) if offset is None else offset), DAY)
        return EPOCH + days, time

    def instant(self, ordinal: int, time: int) -> int:
        """The instant at which clocks in the zone show microsecond *time* of the day *ordinal* (rule 5)."""
        wall = (ordinal - EPOCH) * DAY + time
        if self.offset is not None:
            return wall - self.offset
        if _SINCE + DAY <= wall < _UNTIL - DAY:
            place = bisect_right(self.past, wall)
            if wall < self.near[place]:
                return wall - self.offsets[place]
        before, after = self._offset_at(wall - DAY), self._offset_at(wall + DAY)
        if before == after or self._offset_at(wall - before) == before:
            return wall - before
        return wall - after if self._offset_at(wall - after) == after else wall - before

    def moment(self, us: int) -> DateTime:
        """The instant *us* as a `pendulum.DateTime` in the zone."""
        if self.offset is None:
            offset, fold = self._offset_at(us), 0
            days, time = divmod(us + offset, DAY)
            if EPOCH + days in self.uneven:
                fold = self._fold(us)
            year, month, day = _date(days)
            hour, minute, second, micro = _split(time)
            return DateTime(year, month, day, hour, minute, second, micro, self.tz, fold=fold)
        days, time = divmod(us + self.offset, DAY)
        year, month, day = _date(days)
        hour, minute, second, micro = _split(time)
        return DateTime(year, month, day, hour, minute, second, micro, self.tz)

    def us(self, moment: datetime) -> int:
        """`to_us`, faster for moments that stand in the calendar's own zone."""
        try:
            if moment.tzinfo is self.tz and self.offset is not None:
                seconds = moment.toordinal() * 86_400 + moment.hour * 3600 + moment.minute * 60 + moment.second
                return seconds * SECOND + moment.microsecond - self.shift
        except AttributeError:
            pass  # a date or no moment at all: refused below
        return to_us(moment)

    def closely(self, first: int, last: int) -> frozenset[int]:
        """The days of *first* to *last* that may hold wall times that occur twice or never; all that the tables do not reach."""
        if self.offset is not None:
            return frozenset()
        early, late = range(first, min(last + 1, _FIRST_TOLD)), range(max(first, _LAST_TOLD + 1), last + 1)
        return frozenset((*early, *late, *(day for day in self.uneven if first <= day <= last)))

    def midnights(self, first: int, last: int) -> list[int]:
        """The instants at which the days *first* to *last* begin."""
        found: list[int] = []
        for low, high in pairwise([*sorted({first, *self.closely(first, last)}), last + 1]):
            found.append(self.instant(low, 0))
            begin = self.instant(low + 1, 0)  # from here on each day is 24 hours, up to the next on which clocks change
            found += range(begin, begin + (high - low - 1) * DAY, DAY)
        return found

    def _offset_at(self, us: int) -> int:
        return self.offsets[bisect_right(self.changes, us) - 1] if _SINCE <= us < _UNTIL else _offset_of(self.tz, us)

    def _fold(self, us: int) -> int:
        place = bisect_right(self.changes, us) - 1
        return int(place > 0 and us - self.changes[place] < self.offsets[place - 1] - self.offsets[place])


@lru_cache(maxsize=4096)
def _date(days: int) -> tuple[int, int, int]:
    """Year, month and day of a day since 1970."""
    try:
        day = date.fromordinal(EPOCH + days)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("the instant lies outside the years 1 to 9999 of its zone") from error
    return day.year, day.month, day.day


@lru_cache(maxsize=4096)
def _split(time: int) -> tuple[int, int, int, int]:
    """Hour, minute, second and microsecond of a microsecond of the day; few closings and cut-offs make most of them."""
    seconds, micro = divmod(time, SECOND)
    minutes, second = divmod(seconds, 60)
    return *divmod(minutes, 60), second, micro


@lru_cache(maxsize=64)
def _named(name: str) -> Zone:
    try:
        tz = pendulum.timezone(name)
    except (InvalidTimezone, ValueError, OSError) as error:  # a folder of zones is none
        raise InvalidInput(f"{name!r} is no zone; give an IANA name such as Asia/Ho_Chi_Minh", "zone") from error
    changes, offsets = [_SINCE], [_offset_of(tz, _SINCE)]
    for low, high in pairwise(range(_SINCE, _UNTIL + _STEP, _STEP)):
        new = _offset_of(tz, high)
        while offsets[-1] != new:
            changes.append(_change(tz, max(low, changes[-1]), high))
            offsets.append(_offset_of(tz, changes[-1]))
    only = offsets[0] if len(offsets) == 1 else None
    near = [change + min(pair) for change, pair in zip(changes[1:], pairwise(offsets), strict=True)]
    past = [change + max(pair) for change, pair in zip(changes[1:], pairwise(offsets), strict=True)]
    uneven = (range(low // DAY, high // DAY + 1) for low, high in zip(near, past, strict=True))
    days = frozenset(EPOCH + day for each in uneven for day in each)
    shift = EPOCH * DAY + offsets[0]
    return Zone(name, tz, tuple(changes), tuple(offsets), only, shift, (*near, _UNTIL + DAY), tuple(past), days)


def _change(tz: Timezone, low: int, high: int) -> int:
    """The first second after *low* at which the offset is no longer what it is at *low*."""
    old = _offset_of(tz, low)
    while high - low > SECOND:
        middle = (low + high) // 2 // SECOND * SECOND
        low, high = (middle, high) if _offset_of(tz, middle) == old else (low, middle)
    return high


def _offset_of(tz: Timezone, us: int) -> int:
    """The offset from UTC that holds in a zone at an instant, in microseconds."""
    try:
        moment = datetime.fromtimestamp(us // SECOND, tz)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("the instant lies outside the years 1 to 9999 of its zone") from error
    return (
        (moment.toordinal() - EPOCH) * 86_400 + moment.hour * 3600 + moment.minute * 60 + moment.second - us // SECOND
    ) * SECOND
