"""A new version of a calendar while cases run: which dues move, from where to where, by which entry.

Rule 1: a case rests on a calendar by the versions that its clocks name. A running clock of an open case is restated by the
version in force; what is paused or stopped is not, since nothing runs there (a resumption reckons anew by itself).
Rule 2: what is restated is the due, and each date written ``last`` that stood where that due stood: the statutory date.
Dates written ``once`` or ``later`` are promises, and stay.
Rule 3: what had expired by the instant the calendar was put in force had happened by then. So no outcome depends on when a
case was looked at.
Rule 4: a case whose dues stay where they are has no event; each that moved has one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Protocol

from attrs import frozen
from pendulum import DateTime

from .calendar import WorkCalendar
from .case import Context, Raising, expire
from .clock import flat_pairs
from .deadline import reckon_clock
from .entries import Entry
from .event import NOTHING, Effects, Event, Moved, Recalculated, When
from .limits import CountingRule
from .process import Bound
from .publication import PutInForce
from .state import Case, evolve, flat_get
from .turning import alarms_of

__all__ = ["Lapsed", "MovedDate", "Recalculation", "catch_up", "moved_dates", "restate", "rests_on_earlier"]

WEEK = "week"
"""Stands for a day that no entry decides."""


class Known(Protocol):
    """Definitions by content hash."""

    def load(self, key: str) -> Any:
        """The definition with that hash."""

    def name_of(self, key: str) -> str | None:
        """Its name."""


# What moved, for people and programs


@frozen
class MovedDate:
    """A due date that moved: of which clock of which case, from where to where, by which entries (``week`` for the week)."""

    case: str
    clock: str
    was: DateTime
    due: DateTime
    entries: tuple[Entry | str, ...]

    def text(self, language: str = "en") -> str:
        """One line for people, in ``en`` or ``vi``."""
        by = ", ".join(_named(entry, language) for entry in self.entries) or {"vi": "không rõ", "en": "no entry"}[language]
        was, due = (moment.format("DD/MM/YYYY HH:mm") for moment in (self.was, self.due))
        return f"{self.case} {self.clock}: {was} → {due} ({by})"

    def __str__(self) -> str:
        return self.text()

    def to_tree(self) -> dict[str, Any]:
        """As plain values for JSON; moments in ISO 8601, entries by id."""
        ids = [entry if isinstance(entry, str) else entry.id for entry in self.entries]
        was, due = self.was.isoformat(), self.due.isoformat()
        return {"case": self.case, "clock": self.clock, "was": was, "due": due, "entries": ids}


def _named(entry: Entry | str, language: str) -> str:
    if isinstance(entry, str):
        return {"vi": "giờ làm việc trong tuần", "en": "hours of the week"}[language] if entry == WEEK else entry
    return f"{entry.id}, {entry.decision}" if entry.decision else entry.id


@frozen
class Recalculation:
    """What putting *calendar* in force moved: of *looked* open cases. *dry*: what it would move; nothing was written."""

    calendar: WorkCalendar
    before: str | None
    looked: int
    moved: tuple[MovedDate, ...]
    dry: bool = False

    def text(self, language: str = "en") -> str:
        """A line that sums up, then one for each date that moved; in ``en`` or ``vi``."""
        n, name, version = len(self.moved), self.calendar.name, self.calendar.version[:12]
        if language == "vi":
            head = f"Lịch {name} {version}: {self.looked} hồ sơ đang mở, {n} thời hạn {'sẽ ' if self.dry else ''}thay đổi"
        else:
            cases, dates = (
                f"{number} {what}{'' if number == 1 else 's'}" for number, what in ((self.looked, "open case"), (n, "date"))
            )
            head = f"calendar {name} {version}: {cases}, {dates} {'would move' if self.dry else 'moved'}"
        return "\n".join([head, *(moved.text(language) for moved in self.moved)])

    def __str__(self) -> str:
        return self.text()

    def to_tree(self) -> dict[str, Any]:
        """As plain values for JSON."""
        versions = {"calendar": self.calendar.name, "version": self.calendar.version, "before": self.before}
        return versions | {"looked": self.looked, "dry": self.dry, "moved": [moved.to_tree() for moved in self.moved]}


def moved_dates(case: str, event: Recalculated, calendar: WorkCalendar, before: WorkCalendar) -> Iterator[MovedDate]:
    """The dates that *event* moved, with the entries as the two calendars have them."""
    known: dict[str, Entry] = {entry.id: entry for entry in (*before.entries, *calendar.entries)}
    for moved in event.moved:
        if moved.was == moved.due:
            continue  # only what rings before or after it moved
        entries = tuple(known.get(name, name) for name in moved.entries)
        yield MovedDate(case, moved.clock, calendar.moment(moved.was), calendar.moment(moved.due), entries)


# What happens to a case


@frozen
class Lapsed:
    """What happened to a case of itself, in order, and the cases that this opens."""

    events: tuple[Event, ...]
    raises: tuple[Raising, ...]


def catch_up(case: Case, until: int, context: Context, recorded: int | None, change: PutInForce | None, known: Known) -> Lapsed:
    """What happened to *case* by *until* (µs UTC) of itself: what expired, and what the calendar put in force moved.

    *change* is None where no calendar is pending; then it is `qms.case.expire`.
    """
    if change is None or not rests_on_earlier(case, change, known):
        lapsed = expire(case, until, context, recorded)
        return Lapsed(lapsed.events, lapsed.raises)
    first = expire(case, min(change.at, until), context, recorded or until)
    for event in first.events:
        case = evolve(case, event)
    moved = restate(case, context.calendar, change, recorded or until, context.process, known)
    if moved is not None:
        case = evolve(case, moved)
    rest = expire(case, until, context, recorded)
    told = () if moved is None else (moved,)
    return Lapsed((*first.events, *told, *rest.events), (*first.raises, *rest.raises))


def rests_on_earlier(case: Case, change: PutInForce, known: Known) -> bool:
    """Whether a running clock of *case* is stated by an earlier version of the calendar that was put in force."""
    return any(
        clock.calendar != change.version and clock.goes_on and known.name_of(clock.calendar) == change.name
        for clock in case.flat_clocks[1::2]
    )


def restate(
    case: Case, calendar: WorkCalendar, change: PutInForce, recorded: int, bound: Bound, known: Known
) -> Recalculated | None:
    """The event by which *case* states its running dues by *calendar*; None where none of them moves.

    Raises:
        OutsideCalendar: a due lies outside the calendar.
    """
    moved, before = [], ""
    for name, clock in flat_pairs(case.flat_clocks):
        stale = clock.calendar != calendar.version and known.name_of(clock.calendar) == calendar.name
        if not stale or clock.due is None or not clock.goes_on:
            continue
        rule = CountingRule.named(clock.rule)
        due = reckon_clock(clock, calendar, rule)
        alarms = alarms_of(name, clock.started, due, bound, calendar, rule)
        if due != clock.due or (alarms is not None and clock.with_due(due, "", alarms).alarms != clock.alarms):
            low, high = (calendar.local(at)[0] for at in (clock.started, max(due, clock.due)))
            entries = _causes(known.load(clock.calendar), calendar, low, high)
            moved.append(Moved(name, clock.due, due, entries, alarms))
            before = before or clock.calendar
    if not moved:
        return None
    when = When(min(change.at, recorded), recorded, change.reason)
    dates = _dates_that_follow(case, moved, bound)
    effects = Effects(dates=dates) if dates else NOTHING
    return Recalculated(case.seq + 1, change.by, when, calendar.version, before, tuple(moved), effects)


def _dates_that_follow(case: Case, moved: Sequence[Moved], bound: Bound) -> dict[str, int]:
    """Each date written ``last`` from a clock that moved, where it stood at that clock's due."""
    dates: dict[str, int] = {}
    follows = _followers(bound)
    for one in moved:
        for name in follows.get(one.clock, ()):
            if flat_get(case.particulars.dates, name) == one.was:
                dates[name] = one.due
    return dates


@lru_cache(maxsize=256)
def _followers(bound: Bound) -> dict[str, tuple[str, ...]]:
    """For each clock, the dates written ``last`` that some action sets from it."""
    found: dict[str, dict[str, None]] = {}
    ways = bound.definition.dates
    for action in bound.definition.actions.values():
        for name, source in action.sets.items():
            if source.startswith("clock.") and ways.get(name) == "last":
                found.setdefault(source.removeprefix("clock."), {})[name] = None
    return {clock: tuple(names) for clock, names in found.items()}


def _causes(before: WorkCalendar, now: WorkCalendar, low: int, high: int) -> tuple[str, ...]:
    """The entries that make two versions of a calendar differ on the days from *low* to *high*."""
    days, names = _differences(before, now)
    return tuple(dict.fromkeys(names[bisect_left(days, low) : bisect_right(days, high)]))


@lru_cache(maxsize=16)
def _differences(before: WorkCalendar, now: WorkCalendar) -> tuple[list[int], list[str]]:
    """The days (ordinals) of which two versions say different things, and the entry that makes it so."""
    changes = before.diff(now).days
    return [c.date.toordinal() for c in changes], [c.entry.id if c.entry is not None else WEEK for c in changes]


Progress = Callable[[int, int], None]
"""Told (done, total) now and then."""
