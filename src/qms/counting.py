"""Counting periods: from a start and a time limit to the instant the period ends, and back.

Rule 1: one engine answers both questions: ``elapsed(start, due(start, limit)) == limit`` wherever no roll moved the end.
Rule 2: a pause is half-open, counts once however many pauses overlap, and is measured on the axis of its limit: working
time for working days and hours, elapsed time for hours, whole days for days, weeks, months and years.
Rule 3: on an axis of time ``consumed + remaining == budget``, and a pause of k working seconds moves the end of a limit in
working days or hours by exactly k working seconds. On the first day, which does not count, a pause puts off the counting.
Rule 4: the day of a pause on the axis of days is each midnight within it: paused on the 3rd, resumed on the 10th is 7 days.
Rule 5: a period does not end while it is paused; it ends on the day of the resumption at the earliest.
Rule 6: a roll moves the end of days, weeks, months and years, never that of hours. Months are added once, from the start.

Instants are ``int`` microseconds UTC here; `qms.deadline` asks the same questions of moments.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Final

from attrs import frozen
from pendulum import Date

from .calendar import WorkCalendar
from .errors import InvalidInput
from .limits import ELAPSED, WORKED, CountingRule, TimeLimit

__all__ = [
    "Consumption",
    "Pauses",
    "consumption_us",
    "due_us",
    "elapsed_us",
    "is_over",
    "last_day",
    "lateness",
    "timeliness",
]

Pauses = Sequence[tuple[int, int]]
"""Half-open pauses ``[a, b)`` between instants, in any order, overlapping or not."""

WORKING: Final = ("working", "make-up")
_DAYS_PER: Final = {"days": 1, "weeks": 7}
_MONTHS_PER: Final = {"months": 1, "years": 12}


# -- the engine --------------------------------------------------------------------------------------------------------


def due_us(start: int, limit: TimeLimit, *, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses = ()) -> int:
    """The instant at which *limit*, started at *start*, ends.

    Raises:
        OutsideCalendar: the start or the end lies outside the calendar.
        InvalidInput: a pause ends before it begins.
    """
    unit = limit.unit
    if unit in WORKED:
        work = calendar.work_before(start) + limit.amount * WORKED[unit]
        return calendar.instant_of_work(_shifted(work, start, calendar, pauses) if pauses else work)
    if unit in ELAPSED:
        end = start + limit.amount * ELAPSED[unit]
        for low, high in union(pauses, start):
            if low >= end:
                break
            end += high - low
        calendar.check(calendar.local(end)[0])
        return end
    ordinal, time = calendar.local(start)
    if unit in ("working days", "same day"):
        last = _last_working_day(ordinal, time, limit, calendar, rule)
        if pauses and rule.pause == "days" and unit == "working days":
            return _put_off_days(start, time, last, calendar, rule, pauses, working=True)
        if unit == "same day" and last != ordinal and rule.same_day is not None and rule.same_day.until == "opening":
            end = calendar.instant_of_work(calendar.work_through(ordinal), latest=True)
        else:
            end = _end_of(last, time, calendar, rule)
        return _put_off(start, end, calendar, rule, pauses) if pauses else end
    last = _last_calendar_day(ordinal, limit, rule)
    if pauses:
        return _put_off_days(start, time, last, calendar, rule, pauses, working=False)
    return _end_of(_rolled(last, calendar, rule), time, calendar, rule)


def union(pauses: Pauses, start: int) -> list[tuple[int, int]]:
    """*pauses* after *start*, in order, each moment once.

    Raises:
        InvalidInput: a pause ends before it begins.
    """
    merged: list[tuple[int, int]] = []
    reached = start
    for low, high in sorted(pauses) if len(pauses) > 1 else pauses:
        if high < low:
            raise InvalidInput("a pause ends before it begins; give its beginning first", "pauses")
        if high <= reached:
            continue
        if merged and low <= reached:
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low if low > start else start, high))
        reached = high
    return merged


def _shifted(work: int, start: int, calendar: WorkCalendar, pauses: Pauses) -> int:
    """The sum of working time *work*, and the working time of the pauses that begin before it is reached."""
    for low, high in union(pauses, start):
        before = calendar.work_before(low)
        if before >= work:
            break
        work += calendar.work_before(high) - before
    return work


def _put_off(start: int, end: int, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses) -> int:
    """*end*, later by the working time of the pauses; at a closing it is the end of that day."""
    work = calendar.work_before(end)
    shifted = _shifted(work, start, calendar, pauses)
    if shifted == work:
        return end
    moved = calendar.instant_of_work(shifted)
    ordinal = calendar.local(moved)[0]
    return _end_of(ordinal, 0, calendar, rule) if moved == calendar.closing(ordinal) else moved


def _put_off_days(
    start: int, time: int, last: int, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses, *, working: bool
) -> int:
    """The end of the day *last*, later by the whole (working) days of the pauses, rolled."""
    onward = working or rule.roll != "backward"
    for low, high in union(pauses, start):
        begun, resumed = calendar.local(low)[0], calendar.local(high)[0]
        early = onward and begun < last  # then it ends after the resumption by itself
        if not early and low >= _end_of(last if working else _rolled(last, calendar, rule), time, calendar, rule):
            break
        if working:
            last = calendar.nth_working_day(last, calendar.working_days_between(begun, resumed))
        else:
            last += resumed - begun
        if not early:
            last = _after(high, resumed, last, time, calendar, rule, working=working)
    return _end_of(last if working else _rolled(last, calendar, rule), time, calendar, rule)


def _after(high: int, resumed: int, last: int, time: int, calendar: WorkCalendar, rule: CountingRule, *, working: bool) -> int:
    """*last*, or the first day after it that ends after the resumption *high* (rule 5)."""
    for day in (last, resumed, resumed + 1):
        fit = day
        if working and calendar.kind(day) not in WORKING:
            fit = calendar.nth_working_day(day, 1)
        elif not working:
            fit = _rolled(day, calendar, rule)
        if _end_of(fit, time, calendar, rule) > high:
            return day if day == last else fit
    return calendar.nth_working_day(resumed, 1)  # where a rule rolls back, before the resumption


def received_late(ordinal: int, time: int, calendar: WorkCalendar, rule: CountingRule) -> str:
    """Why a same-day limit leaves the working day of receipt: ``after-cutoff``, or ``after-close`` where that is earlier."""
    cut = rule.same_day
    if cut is not None and (time >= cut.time if cut.inclusive else time > cut.time):
        return "after-cutoff"
    closed = rule.end_of_day == "close" and calendar.closing(ordinal) <= calendar.instant(ordinal, time)
    return "after-close" if closed else ""


def _last_working_day(ordinal: int, time: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> int:
    if limit.unit == "same day":
        if rule.roll == "none":
            return ordinal
        stays = calendar.kind(ordinal) in WORKING and not received_late(ordinal, time, calendar, rule)
        return ordinal if stays else calendar.nth_working_day(ordinal, 1)
    n = limit.amount
    if rule.first_day == "included" and calendar.kind(ordinal) in WORKING:
        n -= 1
    return calendar.nth_working_day(ordinal, n)


def _last_calendar_day(ordinal: int, limit: TimeLimit, rule: CountingRule) -> int:
    last = _added(ordinal, limit.amount, limit.unit)
    return last if rule.first_day == "excluded" else last - 1


def _added(ordinal: int, amount: int, unit: str) -> int:
    """The day *amount* of a calendar unit after a day; a month without such a day ends it on its last (CC 148(3))."""
    if unit in _DAYS_PER:
        return ordinal + amount * _DAYS_PER[unit]
    day = date.fromordinal(ordinal)
    years, month = divmod(day.year * 12 + day.month - 1 + amount * _MONTHS_PER[unit], 12)
    if years > 9999:
        return date.max.toordinal()
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1])).toordinal()


def _rolled(ordinal: int, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The day to which an end on a day off goes (CC 148(5))."""
    if rule.roll == "none":
        return ordinal
    step = 1 if rule.roll == "forward" else -1
    while calendar.kind(ordinal) in rule.roll_on:
        ordinal = calendar.nth_working_day(ordinal, step)
    return ordinal


def _end_of(ordinal: int, time: int, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The instant at which a last day ends: 24:00 (CC 148(6)), the close of the office, or the wall time of the start."""
    if rule.end_of_day == "close":
        return calendar.closing(ordinal)
    if rule.end_of_day == "24:00":
        return calendar.instant(calendar.check(ordinal) + 1, 0)
    return calendar.instant(calendar.check(ordinal), time)


# -- how much has run --------------------------------------------------------------------------------------------------


@frozen
class Consumption:
    """How much of a limit has run: *consumed* of *budget*, on the *axis* ``working time``, ``elapsed time`` or ``days``.

    Time is in microseconds. Past the end *consumed* runs on, and `remaining` is negative: how much it is overrun.
    """

    axis: str
    consumed: int
    budget: int

    @property
    def remaining(self) -> int:
        """What is left of the budget."""
        return self.budget - self.consumed


def axis_of(limit: TimeLimit, rule: CountingRule) -> str:
    """The axis on which a limit runs under a rule: ``working time``, ``elapsed time``, ``working days`` or ``days``."""
    if limit.unit in ELAPSED:
        return "elapsed time"
    if limit.unit in WORKED or limit.unit == "same day":
        return "working time"
    if limit.unit == "working days":
        return "working time" if rule.pause == "instants" else "working days"
    return "days"


def lead_us(start: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The working time of the day of the start that is not counted."""
    if limit.unit in WORKED:
        return 0
    ordinal, time = calendar.local(start)
    if limit.unit == "same day":
        free = _last_working_day(ordinal, time, limit, calendar, rule) != ordinal
    else:
        free = rule.first_day == "excluded"
    return max(0, calendar.work_through(ordinal) - calendar.work_before(start)) if free else 0


def consumption_us(
    start: int, limit: TimeLimit, at: int, *, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses = ()
) -> Consumption:
    """How much of *limit* has run at the instant *at*.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
    """
    at = max(at, start)
    paused = [(low, min(high, at)) for low, high in union(pauses, start) if low < at]
    axis = axis_of(limit, rule)
    if axis == "elapsed time":
        run = at - start - sum(high - low for low, high in paused)
        return Consumption(axis, run, limit.amount * ELAPSED[limit.unit])
    if axis == "working time":
        before = calendar.work_before
        lead = lead_us(start, limit, calendar, rule)
        run = before(at) - before(start) - sum(before(high) - before(low) for low, high in paused) - lead
        if limit.unit in WORKED:
            return Consumption(axis, run, limit.amount * WORKED[limit.unit])
        whole = due_us(start, limit, calendar=calendar, rule=rule)
        return Consumption(axis, max(0, run), before(whole) - before(start) - lead)
    run = _days_run(start, at, axis, calendar, rule, pauses)
    first = calendar.local(start)[0]
    budget = limit.amount
    if axis == "days":
        budget = _last_calendar_day(first, limit, rule) - first + (rule.first_day == "included")
    end = due_us(start, limit, calendar=calendar, rule=rule, pauses=pauses)
    if at <= end:
        return Consumption(axis, min(run, budget), budget)
    last, ended = last_ordinal(end, calendar, rule), ended_by(at, calendar.local(start)[1], calendar, rule)
    return Consumption(axis, budget + max(0, _counted(last, ended, axis, calendar)), budget)


def _days_run(start: int, at: int, axis: str, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses) -> int:
    """The days, or working days, that have ended between *start* and *at* and were not paused."""
    first, time = calendar.local(start)
    if rule.first_day == "included":
        first -= 1
    run = _counted(first, max(first, ended_by(at, time, calendar, rule)), axis, calendar)
    for low, high in union(pauses, start):
        if low < at:
            run -= _counted(calendar.local(low)[0], calendar.local(min(high, at))[0], axis, calendar)
    return max(0, run)


def _counted(after: int, upto: int, axis: str, calendar: WorkCalendar) -> int:
    """The days of an axis in ``(after, upto]``."""
    if axis == "days":
        return upto - after
    return calendar.working_days_upto(upto) - calendar.working_days_upto(after)


def ended_by(at: int, time: int, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The last day that has ended at *at*, by the end of a day under the rule."""
    ordinal = calendar.local(at)[0]
    if rule.end_of_day == "24:00" or _end_of(ordinal, time, calendar, rule) > at:
        return ordinal - 1
    return ordinal


def last_ordinal(end: int, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The last day of a period that ends at *end*: midnight ends the day before it, unless the rule keeps wall time."""
    return calendar.local(end if rule.end_of_day == "wall" else end - 1)[0]


def elapsed_us(start: int, at: int, unit: str, *, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses = ()) -> TimeLimit:
    """The whole units of a limit that have run at the instant *at*.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
    """
    one, at = TimeLimit(1, unit), max(at, start)
    axis = axis_of(one, rule)
    if unit == "same day":
        return TimeLimit(int(due_us(start, one, calendar=calendar, rule=rule, pauses=pauses) <= at), unit)
    if unit in WORKED or unit in ELAPSED:
        run = consumption_us(start, one, at, calendar=calendar, rule=rule, pauses=pauses)
        return TimeLimit(run.consumed // run.budget, unit)
    first = calendar.local(start)[0]
    if axis == "working time":
        before = calendar.work_before
        work = before(at) - sum(before(min(high, at)) - before(low) for low, high in union(pauses, start) if low < at)
        uncounted = calendar.working_days_upto(first if rule.first_day == "excluded" else first - 1)
        return TimeLimit(max(0, calendar.days_worked(work) - uncounted), unit)
    days = _days_run(start, at, axis, calendar, rule, pauses)
    return TimeLimit(days if axis == "working days" else _whole_units(first, days, unit), unit)


def _whole_units(first: int, days: int, unit: str) -> int:
    if unit in _DAYS_PER:
        return days // _DAYS_PER[unit]
    low, high = date.fromordinal(first), date.fromordinal(first + days)
    most = (high.year * 12 + high.month - low.year * 12 - low.month) // _MONTHS_PER[unit] + 1
    return next(n for n in range(most, -1, -1) if _added(first, n, unit) <= first + days)


# -- questions about an end --------------------------------------------------------------------------------------------


def is_over(due: int, moment: int, rule: CountingRule) -> bool:
    """Whether a period that ends at *due* is over at *moment*.

    A day that ends at 24:00 is over at that instant, which is the next day's first; one that ends at the close of the
    office, or a limit in hours, has its last instant still within.
    """
    return moment >= due if rule.end_of_day == "24:00" else moment > due


def last_day(due: int, calendar: WorkCalendar, rule: CountingRule) -> Date:
    """The last day of a period that ends at *due*."""
    return Date.fromordinal(last_ordinal(due, calendar, rule))


def timeliness(
    finished: int, due: int, calendar: WorkCalendar, compare: str = "instant", rule: CountingRule | None = None
) -> str:
    """``early``, ``on-time`` or ``late``: early is an earlier local date than the last day of the limit.

    *compare* ``date`` takes anything on the last day for on time, ``instant`` what is finished by *due*. Given a *rule*
    that does not keep wall time, an end at midnight belongs to the day before it.

    Raises:
        InvalidInput: *compare* is neither.
    """
    if compare not in ("instant", "date"):
        raise InvalidInput(f"{compare!r} is no way to compare; write instant or date", "compare")
    last = last_ordinal(due, calendar, rule) if rule else calendar.local(due)[0]
    day = calendar.local(finished)[0]
    if day < last:
        return "early"
    late = day > last if compare == "date" else is_over(due, finished, rule) if rule else finished > due
    return "late" if late else "on-time"


def lateness(finished: int, due: int, limit: TimeLimit, *, calendar: WorkCalendar, rule: CountingRule) -> TimeLimit:
    """How late *finished* is, in the limit's own kind of time: ``3 working days`` from Mon 15th to Thu 18th.

    Days are counted by date, so that late on the last day itself is 0. Limits in hours are late by minutes begun.
    Months and years are late by days. What is not late is 0 late.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
    """
    worked = limit.unit in WORKED
    unit = "working days" if limit.unit in ("working days", "same day") else "working minutes" if worked else "days"
    if limit.unit in ELAPSED:
        unit = "minutes"
    if not is_over(due, finished, rule):
        return TimeLimit(0, unit)
    if unit in ("days", "working days"):
        last, day = last_ordinal(due, calendar, rule), calendar.local(finished)[0]
        return TimeLimit(calendar.working_days_between(last, day) if unit == "working days" else day - last, unit)
    over = calendar.work_before(finished) - calendar.work_before(due) if worked else finished - due
    return TimeLimit(-(-over // WORKED["working minutes"]), unit)
