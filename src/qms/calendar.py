"""Working calendars: which days and which hours count, and which entry decided it.

Rule 1: a dated entry goes before the weekly pattern; of two entries on one day the later one wins (country, then
ministry or province, then office). `WorkCalendar.explain` names the entry that decided.
Rule 2: a calendar covers ``first..last``. A question about any other day raises `OutsideCalendar`; nothing is guessed.
Rule 3: days are integers and open hours are instants inside, with prefix sums: a question costs one look-up or one bisect,
however far it reaches. Hours are laid out once as UTC instants, so that a change of the clocks costs nothing later.
Rule 4: working time is elapsed time while the office is open. Where two instants answer a sum of working time (a
closing and the next opening), adding answers the earlier and taking away the later.
Rule 5: a wall time that occurs twice means the first time; one that does not exist means the instant that the clocks
before the gap would have shown.

Inside, instants are ``int`` microseconds UTC since 1970 and days are proleptic ordinals; `pendulum` stands at the edge.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, overload

import pendulum
from attrs import evolve, field, frozen
from pendulum import Date, DateTime
from pendulum.tz.exceptions import InvalidTimezone
from pendulum.tz.timezone import Timezone

from . import codec
from .errors import InvalidInput, OutsideCalendar, Problem

__all__ = ["KINDS", "Day", "Entry", "WorkCalendar", "to_us"]

Shift = tuple[int, int]
"""Opening and closing in microseconds of the day on which the shift begins; a closing past midnight is above 24 hours."""

SECOND: Final = 1_000_000
HOUR: Final = 3600 * SECOND
DAY: Final = 24 * HOUR
EPOCH: Final = date(1970, 1, 1).toordinal()

KINDS: Final = ("working", "make-up", "weekend", "holiday", "swapped_off", "closure")
"""What a day can be: the first two are working days, the others days off."""
_OFF: Final = {"holiday": 3, "swap": 4, "closure": 5}
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
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
class Entry:
    """One reason why days differ from the weekly pattern: days off, days worked, or a swap of one for the other.

    *kind* is ``holiday``, ``closure``, or ``swap`` (days in *off* are exchanged for the days in *working*).
    *hours* are those of the days in *working*; empty: those of the weekly pattern.
    """

    id: str
    off: tuple[Date, ...] = ()
    working: tuple[Date, ...] = ()
    kind: str = "holiday"
    hours: str = ""
    reason: Mapping[str, str] = field(factory=dict, hash=False)
    decision: str = ""
    decided_on: Date | None = None
    source: str = ""
    provisional: bool = False
    layer: str = ""

    @property
    def verified(self) -> bool:
        """Whether a decision is named."""
        return bool(self.decision)

    def text(self, language: str = "en") -> str:
        """The reason in words; an entry without one is called by its id."""
        return self.reason.get(language) or self.reason.get("en") or self.id

    def standing(self, language: str = "en") -> str:
        """The decision that the entry rests on, or that it is provisional or unverified."""
        words = {"en": ("provisional", "unverified"), "vi": ("tạm tính", "chưa kiểm chứng")}[language]
        parts = [self.decision or words[1]] + ([words[0]] if self.provisional else [])
        return ", ".join(parts)


@frozen
class Day:
    """What a calendar says of one day: its *kind* (one of `KINDS`), its open hours, and the entry that decided it."""

    date: Date
    kind: str
    hours: str
    entry: Entry | None

    @property
    def working(self) -> bool:
        """Whether the day counts as a working day."""
        return self.kind in KINDS[:2]

    def text(self, language: str = "en") -> str:
        """The day in words, in ``en`` or ``vi``."""
        names, kinds = _DAY_WORDS[language]
        words = f"{names[self.date.weekday()]} {self.date:%d/%m/%Y}: {kinds[self.kind]}"
        if self.entry is not None:
            words += f", {self.entry.text(language)} [{self.entry.id}: {self.entry.standing(language)}]"
        return words + (f", {self.hours}" if self.hours else "")

    def __str__(self) -> str:
        return self.text()


_DAY_WORDS: Final[dict[str, tuple[tuple[str, ...], dict[str, str]]]] = {
    "en": (
        ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        {
            "working": "working day",
            "make-up": "working day, made up",
            "weekend": "weekend",
            "holiday": "holiday",
            "swapped_off": "day off, swapped",
            "closure": "closed",
        },
    ),
    "vi": (
        ("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
        {
            "working": "ngày làm việc",
            "make-up": "ngày làm bù",
            "weekend": "nghỉ cuối tuần",
            "holiday": "nghỉ lễ, tết",
            "swapped_off": "nghỉ hoán đổi",
            "closure": "đóng cửa",
        },
    ),
}


@frozen(slots=False, eq=False, repr=False)
class WorkCalendar:
    """A calendar of working days and hours over ``first..last``; equal to another when all it says is equal.

    Make one with `load`, `from_dates` or `from_tree`.
    """

    name: str
    zone: str
    week: tuple[tuple[Shift, ...], ...]
    entries: tuple[Entry, ...]
    first: Date
    last: Date
    title: Mapping[str, str] = field(factory=dict)
    customary_rule: str | None = None
    provisional_from: Date | None = None
    tz: Timezone = field(init=False)
    _base: int = field(init=False)
    _kinds: bytes = field(init=False)
    _rank: list[int] = field(init=False)
    _working: list[Date] = field(init=False)
    _deciding: dict[int, Entry] = field(init=False)
    _changes: tuple[int, ...] = field(init=False)
    _offsets: tuple[int, ...] = field(init=False)
    _offset: int | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        put = self.__dict__.__setitem__
        put("zone", _CANONICAL.get(self.zone, self.zone))
        put("tz", _timezone(self.zone))
        put("_base", self.first.toordinal())
        deciding = {day.toordinal(): entry for entry in self.entries for day in (*entry.off, *entry.working)}
        put("_deciding", deciding)
        put("_kinds", bytes(self._kind(o, deciding.get(o)) for o in range(self._base, self.last.toordinal() + 1)))
        rank, working = [0], []
        for index, kind in enumerate(self._kinds):
            if kind < 2:
                working.append(Date.fromordinal(self._base + index))
            rank.append(len(working))
        put("_rank", rank)
        put("_working", working)
        changes, offsets = _offsets_of(self.zone)
        put("_changes", changes)
        put("_offsets", offsets)
        put("_offset", offsets[0] if len(offsets) == 1 else None)

    def _kind(self, ordinal: int, entry: Entry | None) -> int:
        regular = bool(self.week[(ordinal + 6) % 7])
        if entry is None:
            return 0 if regular else 2
        if any(day.toordinal() == ordinal for day in entry.working):
            return 0 if regular else 1
        return _OFF[entry.kind]

    # -- making one ----------------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, name: str | Path, *, as_of: date | None = None, without: Iterable[str] = ()) -> WorkCalendar:
        """The shipped calendar *name* (``"VN"``), or the one in the TOML or JSON file at a path.

        *as_of* leaves out entries decided after that day: what was known then, as far as decisions are dated.
        *without* leaves out entries by id.

        Raises:
            NotFound: no such calendar is shipped.
            InvalidInput: the file is wrong, or *without* names an entry that does not exist.
        """
        where = str(name)
        path = isinstance(name, Path) or where.endswith((".toml", ".json")) or "/" in where or "\\" in where
        calendar = cls.from_tree(codec.read_tree(where), where=where) if path else _shipped(where)
        gone = frozenset(without)
        unknown = gone - {entry.id for entry in calendar.entries}
        if unknown:
            raise InvalidInput(f"{calendar.name} has no entry {', '.join(sorted(unknown))}", "without")
        if as_of is None and not gone:
            return calendar
        kept = (e for e in calendar.entries if e.id not in gone and not (as_of and e.decided_on and e.decided_on > as_of))
        return evolve(calendar, entries=tuple(kept))

    @classmethod
    def from_dates(
        cls,
        *,
        zone: str,
        week: Mapping[str, str],
        first: date,
        last: date,
        off: Iterable[date] = (),
        working: Iterable[date] | Mapping[date, str] = (),
        name: str = "office",
        customary_rule: str | None = None,
    ) -> WorkCalendar:
        """A calendar from plain dates: *off* are holidays; *working* days are worked, with hours of their own if a mapping says so.

        Raises:
            InvalidInput: an unknown zone, hours that cannot be read, a date that is off and working; all faults at once.
        """
        hours = dict(working) if isinstance(working, Mapping) else dict.fromkeys(working, "")
        entries = [{"id": f"off-{day}", "off": [_iso(day)]} for day in sorted(off)]
        entries += [{"id": f"working-{day}", "working": [_iso(day)], "hours": hours[day]} for day in sorted(hours)]
        tree: dict[str, Any] = {"name": name, "zone": zone, "first": _iso(first), "last": _iso(last), "week": dict(week)}
        both = sorted(set(hours) & set(off if isinstance(off, (set, frozenset, list, tuple)) else ()))
        if both:
            raise InvalidInput(Problem("working", f"{day} is given as off and as working; keep one") for day in both)
        return cls.from_tree(tree | {"entries": entries} | ({"customary_rule": customary_rule} if customary_rule else {}))

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any], *, where: str = "") -> WorkCalendar:
        """The calendar that a table of a TOML or JSON file describes.

        Raises:
            InvalidInput: with every fault and its path.
        """
        return _read(codec.structure(dict(tree), _File, _CONVERTER, where=where), where)

    def to_tree(self) -> dict[str, Any]:
        """Everything the calendar says, as canonical data; `from_tree` makes an equal calendar of it."""
        tree: dict[str, Any] = {
            "name": self.name,
            "zone": self.zone,
            "first": _iso(self.first),
            "last": _iso(self.last),
            "title": dict(self.title),
            "week": {_WEEKDAYS[i]: _hours_text(shifts) for i, shifts in enumerate(self.week) if shifts},
            "entries": [_entry_tree(entry) for entry in self.entries],
        }
        if self.customary_rule:
            tree["customary_rule"] = self.customary_rule
        if self.provisional_from:
            tree["provisional_from"] = _iso(self.provisional_from)
        return tree

    def with_entries(self, name: str, entries: Iterable[Entry]) -> WorkCalendar:
        """This calendar with a layer on top: where the layer *name* speaks of a day, it decides.

        Raises:
            InvalidInput: an id that is taken, or a day outside the coverage.
        """
        added = tuple(evolve(entry, layer=entry.layer or name) for entry in entries)
        return WorkCalendar.from_tree(
            self.to_tree() | {"name": name, "entries": [_entry_tree(e) for e in (*self.entries, *added)]}
        )

    @cached_property
    def version(self) -> str:
        """The SHA-256 of `to_tree` in canonical form: two calendars of one version give the same answers."""
        return codec.digest(self.to_tree())

    @property
    def published_at(self) -> Date | None:
        """The day of the latest dated decision among the entries."""
        return max((e.decided_on for e in self.entries if e.decided_on), default=None)

    def __eq__(self, other: object) -> bool:
        return self.version == other.version if isinstance(other, WorkCalendar) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.version)

    def __repr__(self) -> str:
        return f"<WorkCalendar {self.name} {self.first}..{self.last} {self.version[:12]}>"

    # -- days ----------------------------------------------------------------------------------------------------------

    def is_working_day(self, day: date) -> bool:
        """Whether *day* counts as a working day.

        Raises:
            OutsideCalendar: *day* lies outside ``first..last``.
        """
        return self._kinds[self._index(day.toordinal())] < 2

    @overload
    def add_working_days(self, day: DateTime, n: int) -> DateTime: ...
    @overload
    def add_working_days(self, day: date, n: int) -> Date: ...
    def add_working_days(self, day: date, n: int) -> Date:
        """The n-th working day after *day*, which itself never counts (CC 147(2)).

        Negative *n* goes back. Zero answers *day* itself, working or not. A moment answers a moment: the same wall time,
        in the zone of the calendar.

        Raises:
            OutsideCalendar: *day* or the answer lies outside ``first..last``.
        """
        try:
            index = day.toordinal() - self._base
            if index < 0 or n <= 0 or isinstance(day, datetime):
                return self._add_rarely(day, n)
            return self._working[self._rank[index + 1] + n - 1]
        except IndexError:
            raise self._outside(day.toordinal(), n) from None
        except (AttributeError, TypeError):
            raise InvalidInput(f"{n!r} working days after {day!r} is no question; give a date and a whole number") from None

    def _add_rarely(self, day: date, n: int) -> Date:
        if isinstance(day, datetime):
            ordinal, time = self.local(to_us(day))
            return self.moment(self.instant(self.nth_working_day(ordinal, n), time))
        return Date.fromordinal(self.nth_working_day(day.toordinal(), n))

    def nth_working_day(self, ordinal: int, n: int) -> int:
        """`add_working_days` between day ordinals."""
        index = self._index(ordinal)
        if n == 0:
            return ordinal
        place = self._rank[index + 1] + n - 1 if n > 0 else self._rank[index] + n
        if not 0 <= place < len(self._working):
            raise self._outside(ordinal, n)
        return self._working[place].toordinal()

    def count_working_days(self, after: date, upto: date) -> int:
        """The working days in ``(after, upto]``: *after* never counts, *upto* does; negative when *upto* is the earlier.

        Raises:
            OutsideCalendar: either day lies outside ``first..last``.
        """
        return self.working_days_between(after.toordinal(), upto.toordinal())

    def working_days_between(self, after: int, upto: int) -> int:
        """`count_working_days` between day ordinals."""
        return self._rank[self._index(upto) + 1] - self._rank[self._index(after) + 1]

    def working_days_upto(self, ordinal: int) -> int:
        """The working days from the first day of the calendar to the day *ordinal*; 0 the day before the first."""
        return self._rank[ordinal - self._base + 1] if ordinal == self._base - 1 else self._rank[self._index(ordinal) + 1]

    def explain(self, day: date) -> Day:
        """What the calendar says of *day*, and the entry that decided it.

        Raises:
            OutsideCalendar: *day* lies outside ``first..last``.
        """
        ordinal = day.toordinal()
        kind = KINDS[self._kinds[self._index(ordinal)]]
        entry = self._deciding.get(ordinal)
        return Day(Date.fromordinal(ordinal), kind, _hours_text(self._shifts(ordinal)), entry)

    def kind(self, ordinal: int) -> str:
        """The kind of a day, one of `KINDS`."""
        return KINDS[self._kinds[self._index(ordinal)]]

    def year(self, year: int) -> tuple[Day, ...]:
        """Every day of *year* that the calendar covers.

        Raises:
            OutsideCalendar: it covers no day of that year.
        """
        low, high = max(self.first, Date(year, 1, 1)), min(self.last, Date(year, 12, 31))
        if low > high:
            raise self._outside(date(year, 1, 1).toordinal())
        return tuple(self.explain(date.fromordinal(o)) for o in range(low.toordinal(), high.toordinal() + 1))

    def provisional(self, first: date, last: date) -> tuple[Entry, ...]:
        """The provisional entries that decide a day of ``first..last``."""
        return tuple(e for e in self._entries_within(first, last) if e.provisional)

    def unverified(self, first: date, last: date) -> tuple[Entry, ...]:
        """The entries that decide a day of ``first..last`` and name no decision."""
        return tuple(e for e in self._entries_within(first, last) if not e.verified)

    def _entries_within(self, first: date, last: date) -> Iterator[Entry]:
        found = (self._deciding.get(o) for o in range(first.toordinal(), last.toordinal() + 1))
        yield from dict.fromkeys(e for e in found if e is not None)

    # -- instants and wall time ----------------------------------------------------------------------------------------

    def local(self, us: int) -> tuple[int, int]:
        """The day (ordinal) and the microsecond of the day that clocks in the zone show at the instant *us*."""
        offset = self._offset
        days, time = divmod(us + (self._offset_at(us) if offset is None else offset), DAY)
        return EPOCH + days, time

    def instant(self, ordinal: int, time: int) -> int:
        """The instant at which clocks in the zone show microsecond *time* of the day *ordinal* (rule 5)."""
        wall = (ordinal - EPOCH) * DAY + time
        if self._offset is not None:
            return wall - self._offset
        before, after = self._offset_at(wall - DAY), self._offset_at(wall + DAY)
        if before == after or self._offset_at(wall - before) == before:
            return wall - before
        return wall - after if self._offset_at(wall - after) == after else wall - before

    def moment(self, us: int) -> DateTime:
        """The instant *us* as a `pendulum.DateTime` in the zone."""
        ordinal, time = self.local(us)
        day = date.fromordinal(ordinal)
        seconds, micro = divmod(time, SECOND)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        fold = 0 if self._offset is not None else self._fold(us)
        return DateTime(day.year, day.month, day.day, hour, minute, second, micro, self.tz, fold=fold)

    def us(self, moment: datetime) -> int:
        """`to_us`, faster for moments that stand in the calendar's own zone."""
        if self._offset is None or getattr(moment, "tzinfo", None) is not self.tz:
            return to_us(moment)
        seconds = (moment.toordinal() - EPOCH) * 86_400 + moment.hour * 3600 + moment.minute * 60 + moment.second
        return seconds * SECOND + moment.microsecond - self._offset

    def _offset_at(self, us: int) -> int:
        return self._offsets[bisect_right(self._changes, us) - 1] if _SINCE <= us < _UNTIL else _offset_of(self.tz, us)

    def _fold(self, us: int) -> int:
        place = bisect_right(self._changes, us) - 1
        return int(place > 0 and us - self._changes[place] < self._offsets[place - 1] - self._offsets[place])

    # -- open hours ----------------------------------------------------------------------------------------------------

    def _shifts(self, ordinal: int) -> tuple[Shift, ...]:
        """The shifts that begin on a day; a day made up without hours of its own has those of the first open weekday."""
        index = self._index(ordinal)
        if self._kinds[index] >= 2:
            return ()
        entry = self._deciding.get(ordinal)
        if entry is not None and entry.hours:
            return _parse_hours(entry.hours)
        return self.week[(ordinal + 6) % 7] or self._usual

    @cached_property
    def _usual(self) -> tuple[Shift, ...]:
        return next((shifts for shifts in self.week if shifts), ((0, DAY),))

    @cached_property
    def _hours(self) -> _Hours:
        return _lay_out(self)

    def work_before(self, us: int) -> int:
        """The working time, in microseconds, between the first instant of the calendar and the instant *us*.

        Raises:
            OutsideCalendar: *us* lies outside the coverage.
        """
        hours = self._hours
        if not hours.start <= us <= hours.end:
            raise self._outside(self.local(us)[0])
        place = bisect_right(hours.opens, us) - 1
        if place < 0:
            return 0
        closing = hours.closes[place]
        return hours.before[place] + (us if us < closing else closing) - hours.opens[place]

    def instant_of_work(self, work: int, *, latest: bool = False) -> int:
        """The instant by which *work* microseconds have been worked; of the two at a closing, the earlier, or the *latest*.

        Raises:
            OutsideCalendar: the calendar ends first.
        """
        hours = self._hours
        place = bisect_right(hours.before, work) - 1 if latest else bisect_left(hours.before, work) - 1
        if place < 0:
            place = 0
        if work < 0 or not hours.opens:
            raise self._outside(self._base - 1)
        us = hours.opens[place] + work - hours.before[place]
        if us > hours.closes[place]:
            raise self._outside(self.last.toordinal() + 1)
        return us

    def closing(self, ordinal: int) -> int:
        """The instant the office closes on a day: the end of its last shift.

        A day off has the closing of its weekday in the weekly pattern, or ends at 24:00 where that has none.

        Raises:
            OutsideCalendar: the day lies outside ``first..last``.
        """
        index = self._index(ordinal)
        if self._kinds[index] < 2:
            return self._hours.closings[self._rank[index]]
        regular = self.week[(ordinal + 6) % 7]
        return self.instant(ordinal, regular[-1][1]) if regular else self.instant(ordinal + 1, 0)

    def work_through(self, ordinal: int) -> int:
        """The working time from the first instant of the calendar to the closing of the day *ordinal*."""
        return self._hours.through[self._rank[self._index(ordinal) + 1]]

    def days_worked(self, work: int) -> int:
        """How many working days of the calendar have closed when *work* microseconds have been worked."""
        return bisect_right(self._hours.through, work) - 1

    def add_working_time(self, moment: datetime, duration: timedelta) -> DateTime:
        """The instant at which *duration* has been worked after *moment*; a negative one goes back.

        No duration answers *moment* itself, open or not. Seven hours from 08:00 end at 17:00 of the day (rule 4).

        Raises:
            OutsideCalendar: *moment* or the answer lies outside the coverage.
        """
        us, span = self.us(moment), _micros(duration)
        if span == 0:
            return self.moment(us)
        return self.moment(self.instant_of_work(self.work_before(us) + span, latest=span < 0))

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two moments; negative when *end* is the earlier.

        Raises:
            OutsideCalendar: either lies outside the coverage.
        """
        return timedelta(microseconds=self.work_before(self.us(end)) - self.work_before(self.us(start)))

    def is_open(self, moment: datetime) -> bool:
        """Whether the office is open: from an opening on, up to but not at the closing."""
        place = self._place(us := self.us(moment))
        return place >= 0 and us < self._hours.closes[place]

    def next_opening(self, moment: datetime) -> DateTime:
        """The first instant at or after *moment* at which the office is open: *moment* itself when it is."""
        place = self._place(us := self.us(moment))
        if place >= 0 and us < self._hours.closes[place]:
            return self.moment(us)
        return self._at(self._hours.opens, place + 1)

    def next_closing(self, moment: datetime) -> DateTime:
        """The first closing after *moment*; at a closing, the next one."""
        place = self._place(us := self.us(moment))
        return self._at(self._hours.closes, place if place >= 0 and us < self._hours.closes[place] else place + 1)

    def previous_opening(self, moment: datetime) -> DateTime:
        """The latest opening at or before *moment*."""
        return self._at(self._hours.opens, self._place(self.us(moment)))

    def previous_closing(self, moment: datetime) -> DateTime:
        """The latest closing at or before *moment*."""
        place = self._place(us := self.us(moment))
        return self._at(self._hours.closes, place if place >= 0 and us >= self._hours.closes[place] else place - 1)

    def open_periods(self, start: datetime, end: datetime) -> tuple[tuple[DateTime, DateTime], ...]:
        """The open periods within ``[start, end)``, cut at both ends; a break of no length is no break."""
        return tuple((self.moment(a), self.moment(b)) for a, b in self.open_between(self.us(start), self.us(end)))

    def open_between(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """`open_periods` between instants."""
        hours = self._hours
        place = max(self._place(start), 0)
        self._place(end)
        while place < len(hours.opens) and hours.opens[place] < end:
            low, high = max(hours.opens[place], start), min(hours.closes[place], end)
            if low < high:
                yield low, high
            place += 1

    def _place(self, us: int) -> int:
        if not self._hours.start <= us <= self._hours.end:
            raise self._outside(self.local(us)[0])
        return bisect_right(self._hours.opens, us) - 1

    def _at(self, instants: Sequence[int], place: int) -> DateTime:
        if not 0 <= place < len(instants):
            raise self._outside(self.last.toordinal() + 1 if place else self._base - 1)
        return self.moment(instants[place])

    # -- bounds --------------------------------------------------------------------------------------------------------

    def check(self, ordinal: int) -> int:
        """*ordinal* itself.

        Raises:
            OutsideCalendar: the day lies outside ``first..last``.
        """
        self._index(ordinal)
        return ordinal

    def _index(self, ordinal: int) -> int:
        index = ordinal - self._base
        if 0 <= index < len(self._kinds):
            return index
        raise self._outside(ordinal)

    def _outside(self, ordinal: int, n: int = 0) -> OutsideCalendar:
        what = _iso(date.fromordinal(ordinal)) if 1 <= ordinal <= date.max.toordinal() else f"day {ordinal}"
        if n and 0 <= ordinal - self._base < len(self._kinds):
            what = f"{n} working days from {what}"
        return OutsideCalendar(
            f"{what} lies outside the calendar {self.name}, which covers {self.first} to {self.last}; load one that reaches it"
        )


# -- laying out --------------------------------------------------------------------------------------------------------


@frozen
class _Hours:
    """Open hours as UTC instants; `before[i]` is what was worked before opening i, with the total at the end."""

    start: int
    end: int
    opens: list[int]
    closes: list[int]
    before: list[int]
    closings: list[int]
    through: list[int]


def _lay_out(calendar: WorkCalendar) -> _Hours:
    opens: list[int] = []
    closes: list[int] = []
    closings: list[int] = []
    instant = calendar.instant
    for day in calendar._working:
        ordinal = day.toordinal()
        for opening, closing in calendar._shifts(ordinal):
            low, high = instant(ordinal, opening), instant(ordinal, closing)
            if opens and low <= closes[-1]:
                closes[-1] = max(closes[-1], high)
            else:
                opens.append(low)
                closes.append(high)
        closings.append(high)
    before = [0]
    for low, high in zip(opens, closes, strict=True):
        before.append(before[-1] + high - low)
    start, end = instant(calendar._base, 0), instant(calendar.last.toordinal() + 1, 0)
    hours = _Hours(start, max([end, *closes[-1:]]), opens, closes, before[:-1], closings, [0])
    for closing in closings:
        place = bisect_left(opens, closing) - 1
        hours.through.append(hours.before[place] + closing - opens[place])
    return hours


_SINCE: Final = (date(1976, 1, 1).toordinal() - EPOCH) * DAY
_UNTIL: Final = (date(2100, 1, 1).toordinal() - EPOCH) * DAY


@lru_cache(maxsize=64)
def _offsets_of(zone: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The instants from which an offset from UTC holds in *zone*, and the offsets, from 1976 to 2100."""
    tz = _timezone(zone)
    changes, offsets = [_SINCE], [_offset_of(tz, _SINCE)]
    for low, high in pairwise(range(_SINCE, _UNTIL + 14 * DAY, 14 * DAY)):
        new = _offset_of(tz, high)
        while offsets[-1] != new:
            changes.append(_change(tz, max(low, changes[-1]), high))
            offsets.append(_offset_of(tz, changes[-1]))
    return tuple(changes), tuple(offsets)


def _change(tz: Timezone, low: int, high: int) -> int:
    """The first second after *low* at which the offset is no longer what it is at *low*."""
    old = _offset_of(tz, low)
    while high - low > SECOND:
        middle = (low + high) // 2 // SECOND * SECOND
        low, high = (middle, high) if _offset_of(tz, middle) == old else (low, middle)
    return high


def _offset_of(tz: Timezone, us: int) -> int:
    """The offset from UTC that holds in a zone at an instant, in microseconds."""
    seconds = datetime.fromtimestamp(us // SECOND, tz).utcoffset()
    assert seconds is not None
    return (seconds.days * 86_400 + seconds.seconds) * SECOND


@lru_cache(maxsize=64)
def _timezone(zone: str) -> Timezone:
    try:
        return pendulum.timezone(zone)  # type: ignore[return-value]
    except (InvalidTimezone, ValueError) as error:
        raise InvalidInput(f"{zone!r} is no zone; give an IANA name such as Asia/Ho_Chi_Minh", "zone") from error


def _micros(duration: timedelta) -> int:
    try:
        return round(duration.total_seconds() * SECOND)
    except AttributeError:
        raise InvalidInput(f"{duration!r} is no duration; give a timedelta or a pendulum.duration") from None


# -- reading and writing -----------------------------------------------------------------------------------------------


@frozen
class _EntryFile:
    id: str
    kind: str = "holiday"
    off: list[str] = field(factory=list)
    working: list[str] = field(factory=list)
    hours: str = ""
    reason: dict[str, str] = field(factory=dict)
    decision: str = ""
    decided_on: str = ""
    source: str = ""
    provisional: bool = False
    layer: str = ""


@frozen
class _File:
    name: str
    zone: str
    first: str
    last: str
    week: dict[str, str]
    title: dict[str, str] = field(factory=dict)
    customary_rule: str = ""
    provisional_from: str = ""
    entries: list[_EntryFile] = field(factory=list)


_CONVERTER: Final = codec.make_converter()


@lru_cache(maxsize=16)
def _shipped(name: str) -> WorkCalendar:
    return WorkCalendar.from_tree(codec.shipped("calendars", name), where=f"calendars/{name}.toml")


class _Reader:
    """Reads texts into values and keeps every problem with its path."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.problems: list[Problem] = []

    def fault(self, path: str, message: str) -> None:
        self.problems.append(Problem(f"{self.where}: {path}" if self.where else path, message))

    def day(self, text: str, path: str) -> Date | None:
        try:
            day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            self.fault(path, f"{text!r} is no date; write it as 2026-02-16")
            return None
        return Date(day.year, day.month, day.day)

    def days(self, texts: Sequence[str], path: str) -> tuple[Date, ...]:
        found: list[Date] = []
        for index, text in enumerate(texts):
            ends = [self.day(part, f"{path}[{index}]") for part in text.split("/", 1)]
            if None in ends:
                continue
            low, high = ends[0], ends[-1]
            assert low is not None
            assert high is not None
            if high < low:
                self.fault(f"{path}[{index}]", f"{text} ends before it begins")
            found += (Date.fromordinal(o) for o in range(low.toordinal(), high.toordinal() + 1))
        return tuple(found)

    def hours(self, text: str, path: str) -> tuple[Shift, ...]:
        try:
            return _parse_hours(text)
        except InvalidInput as error:
            self.fault(path, str(error))
            return ()

    def weekdays(self, key: str) -> list[int]:
        found: list[int] = []
        for part in key.split(","):
            low, _, high = part.strip().partition("-")
            if low not in _WEEKDAYS or (high or low) not in _WEEKDAYS:
                self.fault(f"week.{key}", f"{part.strip()!r} is no weekday or range; write mon, mon-fri, or mon,wed")
                continue
            begin, end = _WEEKDAYS.index(low), _WEEKDAYS.index(high or low)
            found += ((begin + step) % 7 for step in range((end - begin) % 7 + 1))
        return found


def _read(file: _File, where: str) -> WorkCalendar:
    reader = _Reader(where)
    first, last = reader.day(file.first, "first"), reader.day(file.last, "last")
    week: list[tuple[Shift, ...]] = [()] * 7
    for key, text in file.week.items():
        shifts = reader.hours(text, f"week.{key}")
        for weekday in reader.weekdays(key):
            if week[weekday]:
                reader.fault(f"week.{key}", f"{_WEEKDAYS[weekday]} stands in two rows; keep one")
            week[weekday] = shifts
    try:
        _timezone(file.zone)
    except InvalidInput as error:
        reader.fault("zone", error.problems[0].message)
    entries = _read_entries(file.entries, reader, first, last)
    until = reader.day(file.provisional_from, "provisional_from") if file.provisional_from else None
    if first and last and last < first:
        reader.fault("last", f"{last} is before {first}, the first day")
    if reader.problems or first is None or last is None:
        raise InvalidInput(reader.problems)
    return WorkCalendar(
        file.name, file.zone, tuple(week), entries, first, last, file.title, file.customary_rule or None, until
    )


def _read_entries(files: Sequence[_EntryFile], reader: _Reader, first: Date | None, last: Date | None) -> tuple[Entry, ...]:
    entries, ids, seen = [], set[str](), dict[tuple[str, Date], str]()
    for index, file in enumerate(files):
        path = f"entries[{index}]"
        off, working = reader.days(file.off, f"{path}.off"), reader.days(file.working, f"{path}.working")
        decided = reader.day(file.decided_on, f"{path}.decided_on") if file.decided_on else None
        if file.hours:
            reader.hours(file.hours, f"{path}.hours")
        if file.kind not in _OFF:
            reader.fault(f"{path}.kind", f"{file.kind!r} is no kind of entry; known: {', '.join(_OFF)}")
        if file.kind == "swap" and not (off and working):
            reader.fault(path, "a swap names the day off and the day worked for it")
        if file.id in ids:
            reader.fault(f"{path}.id", f"{file.id!r} is the id of another entry; give it its own")
        ids.add(file.id)
        for day in (*off, *working):
            other = seen.setdefault((file.layer, day), file.id)
            if other != file.id or (day in off and day in working):
                reader.fault(path, f"{day} stands in {other} too; keep one, or put this entry in a layer of its own")
            if first and last and not first <= day <= last:
                reader.fault(path, f"{day} lies outside {first} to {last}")
        entries.append(
            Entry(file.id, off, working, file.kind, file.hours, file.reason, file.decision, decided, file.source,
                  file.provisional, file.layer)
        )  # fmt: skip
    return tuple(entries)


_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHIFT: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")


@lru_cache(maxsize=256)
def _parse_hours(text: str) -> tuple[Shift, ...]:
    """Shifts from ``"07:30-11:30 13:00-17:00"``; an end at or before its beginning is on the next day; empty is closed."""
    shifts: list[Shift] = []
    for part in text.split():
        match = _SHIFT.fullmatch(part)
        numbers = [int(group) for group in match.groups()] if match else []
        low, high = ((numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3])) if numbers else (0, 0)
        if not numbers or low >= 24 * 60 or high > 24 * 60:
            raise InvalidInput(f"{part!r} is no shift; write it as 07:30-11:30")
        high += 24 * 60 if high <= low else 0
        if shifts and low * 60 * SECOND < shifts[-1][1]:
            raise InvalidInput(f"{part!r} begins before the shift before it ends; write shifts in order, apart")
        shifts.append((low * 60 * SECOND, high * 60 * SECOND))
    return tuple(shifts)


def _hours_text(shifts: Sequence[Shift]) -> str:
    return " ".join(f"{_clock(low)}-{_clock(high if high <= DAY else high - DAY)}" for low, high in shifts)


def _clock(time: int) -> str:
    hours, minutes = divmod(time // SECOND // 60, 60)
    return f"{hours:02}:{minutes:02}"


def _iso(day: date) -> str:
    return f"{day:%Y-%m-%d}" if day.year > 999 else date(day.year, day.month, day.day).isoformat()


def _runs(days: Iterable[Date]) -> list[str]:
    """Days as text, consecutive ones as ``first/last``."""
    runs: list[list[Date]] = []
    for day in sorted(days):
        if runs and day.toordinal() == runs[-1][-1].toordinal() + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [_iso(run[0]) if len(run) == 1 else f"{_iso(run[0])}/{_iso(run[-1])}" for run in runs]


def _entry_tree(entry: Entry) -> dict[str, Any]:
    tree: dict[str, Any] = {"id": entry.id, "kind": entry.kind, "off": _runs(entry.off), "working": _runs(entry.working)}
    tree |= {"hours": entry.hours, "reason": dict(entry.reason), "decision": entry.decision, "source": entry.source}
    tree |= {"decided_on": _iso(entry.decided_on) if entry.decided_on else "", "layer": entry.layer}
    tree |= {"provisional": entry.provisional}
    return {key: value for key, value in tree.items() if value or key == "id"}
