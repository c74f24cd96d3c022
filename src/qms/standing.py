"""How a clock stands at a moment, what is left before its end, and what if things were otherwise.

Rule 1: a status is told from what was known at the moment it is asked for.
Rule 2: a clock that is paused, or stopped in its pause, is judged by the instant at which the pause began: nothing ran since.
Rule 3: what is left and what is late are told in the limit's own kind of time, which never converts into another.
Rule 4: what-if changes no clock: it reckons another one, and tells both ends with their ledgers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, frozen
from pendulum import Date, DateTime

from .calendar import WorkCalendar
from .clock import Clock, clock_ledger, instant_of, parts_of, reckon_clock, surely, whole_of
from .counting import Consumption, due_us, is_over, last_day, last_ordinal, lateness, timeliness
from .errors import InvalidInput, OutsideCalendar
from .ledger import Ledger
from .limits import ELAPSED, WORKED, CountingRule, TimeLimit

__all__ = ["MODES", "Status", "WhatIf", "lead_until", "status", "time_left", "what_if"]

MODES = ("restart", "resume", "run")
"""What a pause does to the count: it begins again from zero, it goes on where it was, it was never paused."""

Span = tuple[int, int]


# -- how it stands -----------------------------------------------------------------------------------------------------


@frozen
class Status:
    """How a clock stands at a moment.

    *word* is one of ``in-time``, ``due-soon``, ``overdue`` (it runs), ``paused``, and of a clock that stopped ``early``,
    ``on-time``, ``late``, or ``stopped`` where it stopped in a pause and its limit never ended. *state* is ``running``,
    ``paused`` or ``stopped``. *due* is the end by what was known; *left* and *late* are the time to it and past it in the
    limit's own kind, 0 where there is none. *parts* are how much of the limit, and of each extension of another kind, has run.
    """

    word: str
    state: str
    at: DateTime
    due: DateTime
    last_day: Date
    left: TimeLimit
    late: TimeLimit
    parts: tuple[Consumption, ...]

    @property
    def consumed(self) -> int:
        """How much has run: microseconds of working or elapsed time, or days.

        Raises:
            InvalidInput: limit and extension run on different kinds of time, which never convert; see `parts`.
        """
        return whole_of(self.parts).consumed

    @property
    def remaining(self) -> int:
        """How much is left; negative: by how much it is overrun. ``consumed + remaining`` is the budget.

        Raises:
            InvalidInput: as `consumed`.
        """
        return whole_of(self.parts).remaining

    def text(self, language: str = "en") -> str:
        """The status in words, in ``en`` or ``vi``: ``in time, 3 working days left``."""
        words = _WORDS[self.word][language]
        if self.word in ("overdue", "late") and self.late.amount:
            return f"{words}, {_TAILS['late'][language].format(self.late.text(language))}"
        if self.word in ("in-time", "due-soon") and self.left.amount:
            return f"{words}, {_TAILS['left'][language].format(self.left.text(language))}"
        return words

    def __str__(self) -> str:
        return self.text()


_WORDS = {
    "in-time": {"en": "in time", "vi": "trong hạn"},
    "due-soon": {"en": "due soon", "vi": "sắp đến hạn"},
    "overdue": {"en": "overdue", "vi": "đang quá hạn"},
    "paused": {"en": "paused", "vi": "tạm dừng"},
    "stopped": {"en": "stopped", "vi": "dừng tính"},
    "early": {"en": "early", "vi": "trước hạn"},
    "on-time": {"en": "on time", "vi": "đúng hạn"},
    "late": {"en": "late", "vi": "quá hạn"},
}
_TAILS = {"late": {"en": "by {}", "vi": "quá {}"}, "left": {"en": "{} left", "vi": "còn {}"}}


@surely
def status(
    clock: Clock, at: datetime | int, calendar: WorkCalendar, rule: CountingRule, *, soon: TimeLimit | None = None
) -> Status:
    """How *clock* stands at *at*, from what was known then.

    It is due soon when *soon* (``1 working day``, ``4 working hours``...), begun at *at*, would end no earlier than the clock;
    without *soon* nothing is. Whether what stopped was late is compared as the rule says, by instant or by date.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
        InvalidInput: *at* is before the run began, or has no zone.
    """
    instant = instant_of(at)
    known = clock.as_of(instant)
    stated = known is clock and known.state == "running" and (clock.calendar, clock.rule) == (calendar.version, rule.name)
    due = clock.due if stated and clock.due is not None else reckon_clock(known, calendar, rule)
    counted = _last_counted(known, instant)
    if known.state == "stopped":
        word = timeliness(counted, due, calendar, rule.compare, rule)
        held = bool(known.pauses) and known.pauses[-1][1] == known.stopped
        word = "stopped" if held and word != "late" else word
    elif is_over(due, counted, rule):
        word = "overdue"
    elif known.state == "paused":
        word = "paused"
    else:
        word = "due-soon" if soon is not None and _is_soon(instant, due, soon, calendar, rule) else "in-time"
    return Status(
        word,
        known.state,
        calendar.moment(instant),
        calendar.moment(due),
        last_day(due, calendar, rule),
        time_left(counted, due, clock.limit, calendar=calendar, rule=rule),
        lateness(counted, due, clock.limit, calendar=calendar, rule=rule),
        parts_of(known, instant, calendar, rule),
    )


def _last_counted(clock: Clock, at: int) -> int:
    """The last instant that counted: a clock that is paused, or stopped in its pause, has not run since the pause began."""
    end = clock.stopped if clock.stopped is not None else at
    if clock.pauses:
        low, high = clock.pauses[-1]
        if high is None or high == clock.stopped:
            return low
    return end


def _is_soon(at: int, due: int, soon: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> bool:
    try:
        return due_us(at, soon, calendar=calendar, rule=rule) >= due
    except OutsideCalendar:  # what ends after the calendar ends after everything in it
        return True


@surely
def time_left(at: int, due: int, limit: TimeLimit, *, calendar: WorkCalendar, rule: CountingRule) -> TimeLimit:
    """What is left from *at* to *due* in the limit's own kind of time; `lateness` on the other side of the end.

    Days are counted by date, so that on the last day itself 0 are left; limits in hours have whole minutes left.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
    """
    if limit.unit in WORKED:
        over = calendar.work_before(due) - calendar.work_before(at)
        return TimeLimit(max(0, over) // WORKED["working minutes"], "working minutes")
    if limit.unit in ELAPSED:
        return TimeLimit(max(0, due - at) // ELAPSED["minutes"], "minutes")
    day, last = calendar.local(at)[0], last_ordinal(due, calendar, rule)
    if limit.unit in ("working days", "same day"):
        return TimeLimit(calendar.working_days_between(day, last) if day < last else 0, "working days")
    return TimeLimit(max(0, last - day), "days")


@surely
def lead_until(due: int, lead: TimeLimit, *, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The last instant at which what must be done *lead* before the end of a limit is in time.

    A lead in days leaves the whole of its last day: one day before a Monday is the Sunday until midnight, one working day
    before it the Friday (ND 61 art. 19(9): "at the latest 01 day before"). A lead in hours is counted back from the end.

    Raises:
        OutsideCalendar: the instant lies outside the calendar.
        InvalidInput: a lead in a unit that does not run back from an end (``same day``, months, years).
    """
    if lead.unit in WORKED:
        return calendar.instant_of_work(calendar.work_before(due) - lead.amount * WORKED[lead.unit], latest=True)
    if lead.unit in ELAPSED:
        return due - lead.amount * ELAPSED[lead.unit]
    last = last_ordinal(due, calendar, rule)
    if lead.unit == "working days":
        last = calendar.nth_working_day(last, -lead.amount)
    elif lead.unit in ("days", "weeks"):
        last -= sum(part.amount * (7 if part.unit == "weeks" else 1) for part in lead.parts)
    else:
        raise InvalidInput(f"a lead is counted in days, weeks, hours or minutes, working or not, not in {lead.unit}", "lead")
    return calendar.instant(calendar.check(last) + 1, 0) - 1


# -- what if -----------------------------------------------------------------------------------------------------------


@frozen
class WhatIf:
    """Another reckoning beside the one that stands: the *clock* as it would be, and when it would end.

    *moved* is by how much in the limit's own kind of time, counted by the calendar that stands; *direction* is ``later``,
    ``earlier`` or ``same``.
    """

    clock: Clock
    due: DateTime
    other_due: DateTime
    moved: TimeLimit
    direction: str
    ledger: Ledger
    other_ledger: Ledger


@surely
def what_if(
    clock: Clock,
    calendar: WorkCalendar,
    rule: CountingRule,
    *,
    other_calendar: WorkCalendar | None = None,
    other_rule: CountingRule | None = None,
    mode: str | None = None,
    limit: TimeLimit | None = None,
    pause: tuple[datetime | int, datetime | int] | None = None,
    without: str | None = None,
    extend: TimeLimit | None = None,
) -> WhatIf:
    """When *clock* would end under another calendar, rule, mode or limit, with another *pause*, or one extension more.

    *mode* is what its pauses would do: ``restart`` the count from zero at the end of the last one, ``resume`` it (restarts
    become pauses), or ``run`` through. *without* takes away the pauses of one reason. No clock is changed.

    Raises:
        OutsideCalendar: an instant lies outside a calendar.
        InvalidInput: an unknown mode, or a pause that ends before it begins.
    """
    first, halts = _halts(clock)
    if without is not None:
        halts = _without(clock, halts, without)
    if pause is not None:
        low, high = _pair(pause)
        if high < low:
            raise InvalidInput("a pause ends before it begins; give its beginning first", "pause")
        halts = sorted((*halts, (low, high, "resume")))
    if mode is not None:
        halts = _in_mode(halts, mode)
    other = _replayed(clock, first, halts)
    if limit is not None:
        other = evolve(other, limit=limit)
    if extend is not None:
        other = evolve(other, extensions=(*other.extensions, extend))
    other = evolve(other, due=None, calendar="", rule=(other_rule or rule).name)
    other_calendar, other_rule = other_calendar or calendar, other_rule or rule
    due, then = reckon_clock(clock, calendar, rule), reckon_clock(other, other_calendar, other_rule)
    direction = "same" if then == due else "later" if then > due else "earlier"
    moved = time_left(min(due, then), max(due, then), clock.limit, calendar=calendar, rule=rule)
    return WhatIf(
        other,
        calendar.moment(due),
        other_calendar.moment(then),
        moved,
        direction,
        clock_ledger(clock, calendar, rule),
        clock_ledger(other, other_calendar, other_rule),
    )


def _pair(pause: object) -> Span:
    """Both ends of a pause.

    Raises:
        InvalidInput: it is no pair of instants.
    """
    ends = tuple(pause) if isinstance(pause, Sequence) and not isinstance(pause, str) else ()
    if len(ends) != 2 or not all(isinstance(end, datetime | int) for end in ends):
        raise InvalidInput(f"{pause!r} is no pause; give its beginning and its end, as moments or microseconds", "pause")
    return instant_of(ends[0]), instant_of(ends[1])


Halt = tuple[int, int, str]
"""A pause: from, to, and whether the count was ``resume``d or, from zero, ``restart``ed."""


def _halts(clock: Clock) -> tuple[int, list[Halt]]:
    """The start of the first run, and every closed halt of the clock since."""
    starts = [start for start, _ in clock.voided[1:]] + [clock.started]
    halts = [(ran, start, "restart") for (_, ran), start in zip(clock.voided, starts, strict=False)]
    halts += [(low, high, "resume") for low, high in (*clock.spent, *clock.closed_pauses())]
    return (clock.voided[0][0] if clock.voided else clock.started), sorted(halts)


def _without(clock: Clock, halts: list[Halt], reason: str) -> list[Halt]:
    gone = {ground.at for ground in clock.grounds if ground.effect == "pause" and ground.reason == reason}
    if not gone:
        reasons = dict.fromkeys(g.reason for g in clock.grounds if g.effect == "pause" and g.reason is not None)
        raise InvalidInput(f"no pause was for {reason!r}; there are: {', '.join(reasons) or 'none'}", "without")
    return [halt for halt in halts if halt[0] not in gone]


def _in_mode(halts: list[Halt], mode: str) -> list[Halt]:
    if mode not in MODES:
        raise InvalidInput(f"{mode!r} is no mode; write {', '.join(MODES)}", "mode")
    return [] if mode == "run" else [(low, high, mode) for low, high, _ in halts if low < high]


def _replayed(clock: Clock, first: int, halts: Sequence[Halt]) -> Clock:
    """*clock* begun at *first*, with these halts; an open pause stays, and so do extensions that no restart voids."""
    started, pauses, voided, spent = first, list[Span](), list[Span](), list[Span]()
    for low, high, then in halts:
        if then == "restart":
            voided.append((started, low))
            spent += pauses
            started, pauses = high, []
        else:
            pauses.append((low, high))
    extensions = tuple(limit for limit, granted in clock.granted() if granted is None or granted >= started)
    still = clock.pauses[-1:] if clock.state == "paused" else ()
    return evolve(
        clock,
        started=started,
        pauses=(*pauses, *still),
        voided=tuple(voided),
        spent=tuple(spent),
        extensions=extensions,
    )
