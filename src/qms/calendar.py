"""Working calendars: which days and which hours count, and which entry decided it.

Rule 1: a dated entry goes before the weekly pattern; among layers (country, then ministry or province, then office) the
later wins, for an entry on a day and for a row of the week. `WorkCalendar.explain` names the entry and layer that decided.
Rule 2: a calendar covers ``first..last``. A question about any other day raises `OutsideCalendar`; nothing is guessed.
Rule 3: days are integers and open hours are instants inside, with prefix sums: a question costs one look-up or one bisect,
however far it reaches. Hours are laid out once as UTC instants, so that a change of the clocks costs nothing later.
Rule 4: working time is elapsed time while the office is open. Where two instants answer a sum of working time (a
closing and the next opening), adding answers the earlier and taking away the later.
Rule 5: a moment in any zone is first taken to the zone of the calendar, and its day is the day there; a wall time that occurs twice means the first time; one that does not exist means the instant that the clocks
before the gap would have shown.

Inside, instants are ``int`` microseconds UTC since 1970 and days are proleptic ordinals; `pendulum` stands at the edge.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from itertools import accumulate, compress, islice, pairwise
from operator import lt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

import attrs
from attrs import evolve, field, frozen
from pendulum import Date, DateTime
from pendulum.tz.timezone import Timezone

from . import codec
from .arrays import Tables
from .entries import (
    KINDS,
    OFF,
    WEEKDAYS,
    Change,
    Day,
    Difference,
    Entry,
    Parts,
    Shift,
    entry_tree,
    exchanged_shifts,
    hours_text,
    is_path,
    iso,
    parse_hours,
    plain_days,
    read_calendar,
    read_layer,
)
from .errors import InvalidInput, OutsideCalendar, Problem
from .hours import Hours, lay_out, micros
from .instants import DAY, Zone, to_us

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from .arrays import ManyDays, ManyMoments, ManySpans

__all__ = ["KINDS", "Change", "Day", "Difference", "Entry", "WorkCalendar", "to_us"]


@frozen(eq=False, repr=False)
class WorkCalendar:
    """A calendar of working days and hours over ``first..last``; equal to another when all it says is equal.

    Make one with `load`, `from_dates` or `from_tree`. For the integers inside there are `local` (the day and microsecond
    of the day that clocks show at an instant), `instant` (the other way), `moment` (an instant as a `pendulum.DateTime` in
    the zone) and `us` (a moment as an instant).
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
    week_layers: Mapping[str, str] = field(factory=dict)
    tz: Timezone = field(init=False)
    local: Callable[[int], tuple[int, int]] = field(init=False)
    instant: Callable[[int, int], int] = field(init=False)
    moment: Callable[[int], DateTime] = field(init=False)
    us: Callable[[datetime], int] = field(init=False)
    _zone: Zone = field(init=False)
    _base: int = field(init=False)
    _kinds: bytes = field(init=False)
    _rank: list[int] = field(init=False)
    _upon: dict[date, int] = field(init=False, factory=dict)
    _close: frozenset[int] = field(init=False)
    _working: list[Date] = field(init=False)
    _deciding: dict[int, Entry] = field(init=False)
    _usual: tuple[Shift, ...] = field(init=False)
    _hours: Hours = field(init=False)
    _version: list[str] = field(init=False, factory=list)
    _arrays: list[Tables] = field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        put = partial(object.__setattr__, self)
        zone = Zone.named(self.zone)
        put("zone", zone.name)
        put("tz", zone.tz)
        put("_zone", zone)
        for name in ("local", "instant", "moment", "us"):  # the zone's own, which spares a call each time
            put(name, getattr(zone, name))
        put("_base", self.first.toordinal())
        deciding = {day.toordinal(): entry for entry in self.entries for day in (*entry.off, *entry.working)}
        put("_deciding", deciding)
        days = range(self._base, self.last.toordinal() + 1)
        kinds = bytearray(bytes(self._kind(o, None) for o in days[:7]) * (len(days) // 7 + 1))[: len(days)]
        for ordinal in deciding.keys() & set(days):
            kinds[ordinal - self._base] = self._kind(ordinal, deciding[ordinal])
        put("_kinds", bytes(kinds))
        counts = kinds.translate(_COUNTS)
        put("_rank", list(accumulate(counts, initial=0)))
        put("_working", [Date(day.year, day.month, day.day) for day in map(date.fromordinal, compress(days, counts))])
        close = zone.closely(self._base, days[-1] + 1)  # as indexes, and as places among the working days, told by ~place
        put("_close", frozenset(f(day - self._base) for day in close if day in days for f in (int, lambda i: ~self._rank[i])))
        put("_usual", next((shifts for shifts in self.week if shifts), ((0, DAY),)))
        start, end = self.instant(self._base, 0), self.instant(self.last.toordinal() + 1, 0)
        put("_hours", lay_out(start, end, self._shifts_of_working_days(compress(days, counts))))
        self._refuse_shifts_within_others()

    def _refuse_shifts_within_others(self) -> None:
        """Each working day must close after the one before it, or no number of days could be told from the time worked."""
        closings = self._hours.closings
        if all(map(lt, closings, islice(closings, 1, None))):
            return
        for place, (before, after) in enumerate(pairwise(closings)):
            if after <= before:
                first, second = self._working[place : place + 2]
                raise InvalidInput(
                    f"the shifts of {second} end within those that begin on {first}; let each day close later", "week"
                )

    def _kind(self, ordinal: int, entry: Entry | None) -> int:
        regular = bool(self.week[(ordinal + 6) % 7])
        if entry is None:
            return 0 if regular else 2
        if any(day.toordinal() == ordinal for day in entry.working):
            return 0 if regular and entry.kind != "swap" else 1
        return OFF[entry.kind]

    # -- making one ----------------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, name: str | Path, *, as_of: date | None = None, without: Iterable[str] = ()) -> WorkCalendar:
        """The shipped calendar *name* (``"VN"``), or the one in the TOML or JSON file at a path.

        A file may rest on another calendar: ``base = "VN"``, or a path beside the file. Then its rows of the week and its
        entries are a layer on top, ``without`` lists entries of the base that do not hold, and all else may be left out.
        *as_of* leaves out entries decided after that day: see `as_of`. *without* leaves out entries by id.

        Raises:
            NotFound: no such calendar is shipped.
            InvalidInput: the file is wrong, or *without* names an entry that does not exist.
        """
        if not isinstance(name, str | Path):
            raise InvalidInput(f"{name!r} is no name of a calendar; give a shipped one or a path", "name")
        where = str(name)
        calendar = cls.from_tree(codec.read_tree(where), where=where) if is_path(name) else _shipped(where)
        if isinstance(without, str):
            raise InvalidInput(f"a list of ids is expected, not {without!r}", "without")
        return calendar.without(*without).as_of(as_of) if as_of else calendar.without(*without)

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
        begin, end = plain_days((first,), "first"), plain_days((last,), "last")
        closed, worked = sorted({*plain_days(off, "off")}), plain_days(working, "working")
        hours = dict(zip(worked, working.values() if isinstance(working, Mapping) else [""] * len(worked), strict=True))
        both = sorted(hours.keys() & set(closed))
        if both:
            raise InvalidInput(Problem("working", f"{day} is given as off and as working; keep one") for day in both)
        entries = [{"id": f"off-{day}", "off": [day]} for day in closed]
        entries += [{"id": f"working-{day}", "working": [day], "hours": hours[day]} for day in sorted(hours)]
        tree: dict[str, Any] = {"name": name, "zone": zone, "first": begin[0], "last": end[0], "week": week}
        return cls.from_tree(tree | {"entries": entries} | ({"customary_rule": customary_rule} if customary_rule else {}))

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any], *, where: str = "") -> WorkCalendar:
        """The calendar that a table of a TOML or JSON file describes; a path in ``base`` stands beside the file *where*.

        Raises:
            InvalidInput: with every fault and its path.
        """
        return cls(**attrs.asdict(read_calendar(tree, where), recurse=False))

    def to_tree(self) -> dict[str, Any]:
        """Everything the calendar says, as canonical data; `from_tree` makes an equal calendar of it."""
        tree: dict[str, Any] = {
            "name": self.name,
            "zone": self.zone,
            "first": iso(self.first),
            "last": iso(self.last),
            "title": dict(self.title),
            "week": {WEEKDAYS[i]: hours_text(shifts) for i, shifts in enumerate(self.week) if shifts},
            "entries": [entry_tree(entry) for entry in self.entries],
        }
        if self.customary_rule:
            tree["customary_rule"] = self.customary_rule
        if self.provisional_from:
            tree["provisional_from"] = iso(self.provisional_from)
        if self.week_layers:
            tree["week_layers"] = dict(self.week_layers)
        return tree

    def with_layer(self, name: str, *, entries: Iterable[Entry] = (), week: Mapping[str, str] | None = None) -> WorkCalendar:
        """This calendar, called *name*, with a layer on top: where the layer speaks of a day or weekday, it decides.

        *week* has rows as in a file (``{"sat": "07:30-11:30"}``); an empty one closes its weekdays. A dated entry of any layer
        still goes before the row of a week.

        Raises:
            InvalidInput: an id that is taken, a day outside the coverage, hours that cannot be read; all faults at once.
        """
        tree = {"name": name, "week": dict(week or {}), "entries": [entry_tree(entry) for entry in entries]}
        parts = Parts(*(getattr(self, part.name) for part in attrs.fields(Parts)))
        return type(self)(**attrs.asdict(read_layer(tree, "", parts), recurse=False))

    def as_of(self, day: date) -> WorkCalendar:
        """This calendar without the entries decided after *day*: what was known then, as far as decisions are dated."""
        known = self._ordinal(day)
        kept = tuple(e for e in self.entries if e.decided_on is None or e.decided_on.toordinal() <= known)
        return self if len(kept) == len(self.entries) else evolve(self, entries=kept)

    def without(self, *ids: str) -> WorkCalendar:
        """This calendar without the entries of these *ids*; of a swap both sides go.

        Raises:
            InvalidInput: an entry that does not exist.
        """
        known = [entry.id for entry in self.entries]
        unknown = [str(name) for name in ids if name not in known]
        if unknown:
            raise InvalidInput(f"{self.name} has no entry {', '.join(sorted(unknown))}", "without")
        return evolve(self, entries=tuple(e for e in self.entries if e.id not in ids)) if ids else self

    def diff(self, other: WorkCalendar) -> Difference:
        """What *other* says otherwise; a day that only one of the two covers is no difference, the coverage is."""
        low, high = max(self.first, other.first).toordinal(), min(self.last, other.last).toordinal()
        pairs = ((self.explain(day), other.explain(day)) for day in map(date.fromordinal, range(low, high + 1)))
        mine, theirs = self.to_tree(), other.to_tree()
        return Difference(
            tuple(Change(a, b) for a, b in pairs if (a.kind, a.hours) != (b.kind, b.hours)),
            tuple(e for e in other.entries if e not in self.entries),
            tuple(e for e in self.entries if e not in other.entries),
            tuple(k for k in sorted({*mine, *theirs} - {"entries"}) if mine.get(k) != theirs.get(k)),
        )

    @property
    def version(self) -> str:
        """The SHA-256 of `to_tree` in canonical form: two calendars of one version give the same answers."""
        if not self._version:
            self._version.append(codec.digest(self.to_tree()))
        return self._version[0]

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
        """Whether *day* counts as a working day; of a moment its day in the zone of the calendar.

        Raises:
            OutsideCalendar: *day* lies outside ``first..last``.
        """
        return self._kinds[self._index(self._ordinal(day))] < 2

    @overload
    def add_working_days(self, day: DateTime, n: int) -> DateTime: ...
    @overload
    def add_working_days(self, day: date, n: int) -> Date: ...
    def add_working_days(self, day: date, n: int) -> Date:
        """The n-th working day after *day*, which itself never counts (CC 147(2)).

        Negative *n* goes back. Zero answers *day* itself, working or not. A moment answers a moment: the same wall time,
        in the zone of the calendar.

        >>> print(WorkCalendar.load("VN").add_working_days(date(2024, 4, 26), 3))  # a Saturday worked for Monday 29/4
        2024-05-04

        Raises:
            OutsideCalendar: *day* or the answer lies outside ``first..last``.
        """
        try:
            index = day.toordinal() - self._base
            if index < 0 or n <= 0:
                return self._add_rarely(day, n)
            place = self._rank[index + 1] + n - 1
            on = self._working[place]
            if type(day) is not DateTime and not isinstance(day, datetime):  # the first spares a call where it matters
                return on
            close = self._close
            if day.tzinfo is not self.tz or (close and (index in close or ~place in close)):
                return self._add_rarely(day, n)
            return DateTime(on.year, on.month, on.day, day.hour, day.minute, day.second, day.microsecond, self.tz)
        except IndexError:
            raise self._outside(day.toordinal(), n) from None
        except (AttributeError, TypeError):
            raise InvalidInput(f"{n!r} working days after {day!r} is no question; give a date and a whole number") from None

    def _add_rarely(self, day: date, n: int) -> Date:
        if not isinstance(day, datetime):
            return Date.fromordinal(self.nth_working_day(day.toordinal(), n))
        ordinal, time = self.local(to_us(day))
        return self.moment(self.instant(self.nth_working_day(ordinal, n), time))

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

        Of a moment its day in the zone of the calendar is meant.

        Raises:
            OutsideCalendar: either day lies outside ``first..last``.
        """
        try:
            upon = self._upon
            return upon[upto] - upon[after]
        except KeyError:
            return self._count_rarely(after, upto)

    def _count_rarely(self, after: date, upto: date) -> int:
        """Of moments, days outside, and the first time: the counts of plain days are laid down when they are first asked for."""
        low = self.check(self._ordinal(after))
        count = self.working_days_between(low, self._ordinal(upto))
        if not self._upon:
            days = map(date.fromordinal, range(self._base, self.last.toordinal() + 1))
            self._upon.update(zip(days, self._rank[1:], strict=True))
        return count

    def working_days_between(self, after: int, upto: int) -> int:
        """`count_working_days` between day ordinals."""
        return self._rank[self._index(upto) + 1] - self._rank[self._index(after) + 1]

    def working_days_upto(self, ordinal: int) -> int:
        """The working days from the first day of the calendar to the day *ordinal*; 0 the day before the first."""
        return self._rank[ordinal - self._base + 1] if ordinal == self._base - 1 else self._rank[self._index(ordinal) + 1]

    def working_days(self, first: date, last: date) -> tuple[Date, ...]:
        """The working days of ``first..last``, both included; how many there are is the length.

        >>> len(WorkCalendar.load("VN").working_days(date(2026, 1, 1), date(2026, 12, 31)))
        249

        Raises:
            OutsideCalendar: either day lies outside ``first..last`` of the calendar.
        """
        low, high = self._index(self._ordinal(first)), self._index(self._ordinal(last))
        return tuple(self._working[self._rank[low] : self._rank[high + 1]])

    def explain(self, day: date) -> Day:
        """What the calendar says of *day* (of a moment: its day in the zone), and the entry and layer that decided it.

        Raises:
            OutsideCalendar: *day* lies outside ``first..last``.
        """
        ordinal = self._ordinal(day)
        kind = KINDS[self._kinds[self._index(ordinal)]]
        entry, shifts = self._deciding.get(ordinal), self._shifts(ordinal)
        layer = entry.layer if entry else self.week_layers.get(WEEKDAYS[(ordinal + 6) % 7], "")
        short = bool(shifts) and _length(shifts) < max(map(_length, self.week))
        return Day(Date.fromordinal(ordinal), kind, hours_text(shifts), entry, layer, short)

    def kind(self, ordinal: int) -> str:
        """The kind of a day, one of `KINDS`."""
        index = ordinal - self._base
        return KINDS[self._kinds[index if 0 <= index < len(self._kinds) else self._index(ordinal)]]

    def year(self, year: int) -> tuple[Day, ...]:
        """Every day of *year* that the calendar covers.

        Raises:
            OutsideCalendar: it covers no day of that year.
            InvalidInput: *year* is none.
        """
        if type(year) is not int or not 1 <= year <= 9999:
            raise InvalidInput(f"{year!r} is no year; give a whole number from 1 to 9999", "year")
        low, high = max(self.first, Date(year, 1, 1)), min(self.last, Date(year, 12, 31))
        if low > high:
            raise self._outside(date(year, 1, 1).toordinal())
        return tuple(self.explain(date.fromordinal(o)) for o in range(low.toordinal(), high.toordinal() + 1))

    def provisional(self, first: date, last: date) -> tuple[Entry, ...]:
        """The provisional entries that decide a day of ``first..last``; a date that rests on one should say so."""
        return tuple(e for e in self._entries_within(first, last) if e.provisional)

    def unverified(self, first: date, last: date) -> tuple[Entry, ...]:
        """The entries that decide a day of ``first..last`` and name no decision."""
        return tuple(e for e in self._entries_within(first, last) if not e.verified)

    def _entries_within(self, first: date, last: date) -> Iterator[Entry]:
        found = (self._deciding.get(o) for o in range(self._ordinal(first), self._ordinal(last) + 1))
        yield from dict.fromkeys(e for e in found if e is not None)

    # -- open hours ----------------------------------------------------------------------------------------------------

    def _shifts(self, ordinal: int) -> tuple[Shift, ...]:
        """The shifts that begin on a day.

        A day made up without hours of its own has those of the day off it stands for, of its weekday, or of the first open one.
        """
        index = self._index(ordinal)
        if self._kinds[index] >= 2:
            return ()
        entry = self._deciding.get(ordinal)
        if entry is not None and entry.hours.strip():
            return parse_hours(entry.hours)
        if entry is not None and entry.kind == "swap":
            return exchanged_shifts(entry, ordinal, self.week) or self.week[(ordinal + 6) % 7] or self._usual
        return self.week[(ordinal + 6) % 7] or self._usual

    def _shifts_of_working_days(self, days: Iterable[int]) -> Iterator[tuple[int, Sequence[tuple[int, int]]]]:
        """An instant, and how far from it the shifts of each of *days* lie: midnight, on days on which no clock changes."""
        instant, base, week = self.instant, self._base, [shifts or self._usual for shifts in self.week]
        midnights = self._zone.midnights(base, self.last.toordinal())
        last = self.last.toordinal()
        changing = {change - back for change in self._zone.closely(base, last + 1) for back in (0, 1)}
        for ordinal in days:
            shifts = self._shifts(ordinal) if ordinal in self._deciding else week[(ordinal + 6) % 7]
            if ordinal in changing:
                yield 0, [(instant(ordinal, low), instant(ordinal, high)) for low, high in shifts]
            else:
                yield midnights[ordinal - base], shifts

    def work_before(self, us: int) -> int:
        """The working time, in microseconds, between the first instant of the calendar and the instant *us*.

        Raises:
            OutsideCalendar: *us* lies outside the coverage.
        """
        hours = self._hours
        opens = hours.opens
        place = bisect_right(opens, us) - 1
        if place >= 0:
            closing = hours.closes[place]
            if us < closing:
                return us - hours.away[place]
            if us <= hours.end:
                return closing - hours.away[place]
        elif hours.start <= us <= hours.end:
            return 0
        raise self._outside(self.local(us)[0])

    def instant_of_work(self, work: int, *, latest: bool = False) -> int:
        """The instant by which *work* microseconds have been worked; of the two at a closing, the earlier, or the *latest*.

        Raises:
            OutsideCalendar: the calendar ends first.
        """
        hours = self._hours
        place = bisect_right(hours.before, work) - 1 if latest else bisect_left(hours.before, work) - 1
        place = max(place, 0)
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
        index = ordinal - self._base
        if self._kinds[index if 0 <= index < len(self._kinds) else self._index(ordinal)] < 2:
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
        us, span = self.us(moment), micros(duration)
        hours = self._hours
        place = bisect_right(hours.opens, us) - 1
        if span > 0 and place >= 0 and us <= hours.end:
            closing = hours.closes[place]
            work = (us if us < closing else closing) - hours.away[place] + span
            if work <= hours.worked:
                return self.moment(hours.away[bisect_left(hours.before, work, place) - 1] + work)
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

    # -- whole arrays ----------------------------------------------------------------------------------------------------

    def is_working_day_many(self, days: ManyDays) -> NDArray[np.bool_]:
        """`is_working_day` of each of *days*: an array of ``datetime64[D]`` or dates. What may be given, and what is refused
        with the place where it stands, is told in `qms.arrays`; this and the methods below need numpy (extra ``fast``).

        Raises:
            InvalidInput: NaT, or what is no day.
            OutsideCalendar: a day lies outside ``first..last``.
        """
        return self._tables.is_working_day(days)

    def add_working_days_many(self, days: ManyDays, n: ArrayLike) -> NDArray[np.datetime64]:
        """`add_working_days` of each of *days*, as ``datetime64[D]``; *n* is one whole number, or one for each day."""
        return self._tables.add_working_days(days, n)

    def count_working_days_many(self, after: ManyDays, upto: ManyDays) -> NDArray[np.int64]:
        """`count_working_days` of each pair: the working days in ``(after, upto]``."""
        return self._tables.count_working_days(after, upto)

    def add_working_time_many(
        self, moments: ManyMoments, durations: ManySpans, *, local: bool = False
    ) -> NDArray[np.datetime64]:
        """`add_working_time` of each of *moments*, as ``datetime64[us]``; *durations* is one ``timedelta``, or one for each.

        Moments without a zone are UTC, in and out; *local*: what clocks in the zone of the calendar show.
        """
        return self._tables.add_working_time(moments, durations, local=local)

    def working_time_many(self, starts: ManyMoments, ends: ManyMoments, *, local: bool = False) -> NDArray[np.timedelta64]:
        """`working_time` of each pair, as ``timedelta64[us]``; moments are as in `add_working_time_many`."""
        return self._tables.working_time(starts, ends, local=local)

    @property
    def _tables(self) -> Tables:
        if not self._arrays:
            self._arrays.append(Tables(self._base, self._kinds, self._hours, self._zone, self))
        return self._arrays[0]

    # -- bounds --------------------------------------------------------------------------------------------------------

    def check(self, ordinal: int) -> int:
        """*ordinal* itself.

        Raises:
            OutsideCalendar: the day lies outside ``first..last``.
        """
        self._index(ordinal)
        return ordinal

    def _ordinal(self, day: date) -> int:
        try:
            return self.local(self.us(day))[0] if isinstance(day, datetime) else day.toordinal()
        except AttributeError:
            raise InvalidInput(f"{day!r} is no day; give a date, or a moment with its zone") from None

    def _index(self, ordinal: int) -> int:
        index = ordinal - self._base
        if 0 <= index < len(self._kinds):
            return index
        raise self._outside(ordinal)

    def _outside(self, ordinal: int, n: int = 0) -> OutsideCalendar:
        what = iso(date.fromordinal(ordinal)) if 1 <= ordinal <= date.max.toordinal() else f"day {ordinal}"
        if n and ordinal - self._base < len(self._kinds):
            what = f"{n} working days from {what}"
        return OutsideCalendar(
            f"{what} lies outside the calendar {self.name}, which covers {self.first} to {self.last}; load one that reaches it"
        )


@lru_cache(maxsize=256)
def _length(shifts: tuple[Shift, ...]) -> int:
    return sum(high - low for low, high in shifts)


_COUNTS: Final = bytes([1, 1]) + bytes(254)
"""Kind to working day: of `KINDS` the first two are."""


@lru_cache(maxsize=16)
def _shipped(name: str) -> WorkCalendar:
    return WorkCalendar.from_tree(codec.shipped("calendars", name), where=f"calendars/{name}.toml")
