"""Counting periods: from a start and a time limit to the instant the period ends, and back.

Rule 1: one engine answers both questions: ``elapsed(start, due(start, limit)) == limit`` wherever no roll moved the end.
Rule 2: a pause is half-open, counts once however many pauses overlap, and is measured on the axis of its limit: working
time for working days and hours, elapsed time for hours, whole days for days, weeks, months and years.
Rule 3: on an axis of time ``consumed + remaining == budget``, and a pause of k working seconds moves the end of a limit in
working days or hours by exactly k working seconds. On the first day, which does not count, a pause puts off the counting.
Rule 4: the day of a pause on the axis of days is each midnight within it: paused on the 3rd, resumed on the 10th is 7 days.
Rule 5: a period does not end while it is paused; it ends on the day of the resumption at the earliest. In working days and
hours a pause within closed hours is none: it changes nothing, even where a day ends at 24:00 within it.
Rule 6: a roll moves the end of days, weeks, months and years, never that of hours but by `CountingRule.roll_hours`. Months
are added once, from the start, and before the days of a sum (CPC 641).
Rule 7: a period counted back ends on the last day on which what must precede the event may still be done.
Rule 8: conventions that few laws have (`CountingRule.rare`) stand on a branch of their own: other rules do not pay for them.

Instants are ``int`` microseconds UTC here; `qms.deadline` asks the same questions of moments.
"""

from __future__ import annotations

from datetime import date

from attrs import frozen
from pendulum import Date

from .calendar import WorkCalendar
from .ends import (
    DAYS_PER,
    MONTHS_PER,
    WORKING,
    Pauses,
    axis_of,
    begins_recess,
    counts_from,
    due_before,
    due_by_rare,
    end_of,
    end_of_working_days,
    first_instant,
    halts,
    last_calendar_day,
    last_working_day,
    put_off,
    put_off_days,
    raw_end_of_hours,
    roll_of,
    running_on,
    shifted,
    union,
)
from .errors import InvalidInput, OutsideCalendar
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
    "latest_start_us",
    "timeliness",
]

# -- the engine --------------------------------------------------------------------------------------------------------


def due_us(
    start: int,
    limit: TimeLimit,
    *,
    calendar: WorkCalendar,
    rule: CountingRule,
    pauses: Pauses = (),
    backward: bool = False,
) -> int:
    """The instant at which *limit*, started at *start*, ends; *backward*, the last one at that distance before *start*.

    Raises:
        OutsideCalendar: the start or the end lies outside the calendar.
        InvalidInput: a pause ends before it begins, or a period that has pauses, or of the same day, is counted back.
    """
    unit = limit.unit
    if rule.rare or backward:
        if backward:
            return due_before(start, limit, calendar, rule, pauses)
        return due_by_rare(start, limit, calendar, rule, pauses)
    if unit in WORKED:
        work = calendar.work_before(start) + limit.amount * WORKED[unit]
        return calendar.instant_of_work(shifted(work, union(pauses, start), calendar) if pauses else work)
    if unit in ELAPSED:
        end = running_on(start + limit.amount * ELAPSED[unit], union(pauses, start))
        calendar.check(calendar.local(end)[0])
        return end
    ordinal, time = calendar.local(start)
    if unit in ("working days", "same day"):
        if pauses and rule.pause == "days" and unit == "working days":
            last = last_working_day(ordinal, time, limit, calendar, rule)
            return max(start, end_of(put_off_days(time, last, union(pauses, start), calendar, rule), time, calendar, rule))
        if unit == "same day":
            end = end_of_working_days(ordinal, time, limit, calendar, rule)
        else:
            end = end_of(last_working_day(ordinal, time, limit, calendar, rule), time, calendar, rule)
        end = max(end, start)
        return put_off(end, union(pauses, start), calendar, rule) if pauses else end
    last = last_calendar_day(ordinal, limit, rule)
    if not pauses:
        return max(start, end_of(roll_of(last, calendar, rule), time, calendar, rule))

    def land(day: int) -> int:
        return roll_of(day, calendar, rule)

    return max(start, end_of(land(put_off_days(time, last, union(pauses, start), calendar, rule, land)), time, calendar, rule))


def latest_start_us(due: int, limit: TimeLimit, *, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The latest instant at which *limit* may start so that it ends by *due*, pauses apart.

    Raises:
        OutsideCalendar: *due* lies outside the calendar, or no start within it is early enough.
    """
    low, high = calendar.instant(calendar.first.toordinal(), 0), calendar.instant(calendar.last.toordinal() + 1, 0)
    if limit.unit in ELAPSED and rule.roll_hours != "none":
        while calendar.kind(calendar.local(due)[0]) in rule.roll_on:  # hours that end on a day off end after it
            due = calendar.instant(calendar.local(due)[0], 0) - 1
    due_us(low, limit, calendar=calendar, rule=rule)  # tells a limit that no start in the calendar meets
    if due > high or due_us(low, limit, calendar=calendar, rule=rule) > due:
        raise OutsideCalendar(f"no start from {calendar.first} on lets {limit} end by then; load a calendar that reaches back")
    wall = rule.end_of_day == "wall" and not (limit.unit in ELAPSED or limit.unit in WORKED)
    day, time = calendar.local(due)
    bound = calendar.instant(day + 1, 0) - 1 if wall else due
    while high - low > 1:  # a later start never ends earlier; where the wall time is kept, never on an earlier day
        middle = (low + high) // 2
        try:
            fits = raw_due(middle, limit, calendar, rule) <= bound
        except OutsideCalendar:
            fits = False
        low, high = (middle, high) if fits else (low, middle)
    if wall and raw_due(low, limit, calendar, rule) > due:
        return calendar.instant(calendar.local(low)[0], time)
    return low


def raw_due(start: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The end, that of hours before any roll: the same order as that of the starts."""
    if limit.unit in ELAPSED and rule.rare:
        return raw_end_of_hours(start, limit, calendar, rule, halts(start, limit, calendar, rule, ()))
    return due_us(start, limit, calendar=calendar, rule=rule)


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


def lead_us(start: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The working time of the day of the start that is not counted."""
    if limit.unit in WORKED:
        return 0
    ordinal, time = calendar.local(start)
    if limit.unit == "same day":
        if last_working_day(ordinal, time, limit, calendar, rule) == ordinal:
            return 0
        through = ordinal
    else:
        through = counts_from(ordinal, time, calendar, rule) if rule.rare else ordinal
        if rule.first_day == "included":
            if through == ordinal:
                return 0
            through -= 1
    night = rule.end_of_day == "24:00"  # a shift past midnight is worked on the next day too
    work = calendar.work_before(calendar.instant(through + 1, 0)) if night else calendar.work_through(through)
    return max(0, work - calendar.work_before(start))


def consumption_us(
    start: int, limit: TimeLimit, at: int, *, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses = ()
) -> Consumption:
    """How much of *limit* has run at the instant *at*.

    Raises:
        OutsideCalendar: an instant lies outside the calendar.
    """
    at = max(at, start)
    spans = halts(start, limit, calendar, rule, pauses) if rule.rare else union(pauses, start)
    paused = [(low, min(high, at)) for low, high in spans if low < at]
    axis = axis_of(limit, rule)
    if axis == "elapsed time":
        budget = limit.amount * ELAPSED[limit.unit]
        run = max(0, at - first_instant(start, limit, calendar, rule) - sum(high - low for low, high in paused))
        if rule.roll_hours != "none":
            end = due_us(start, limit, calendar=calendar, rule=rule, pauses=pauses)
            run = min(run, budget) if at <= end else budget + at - end
        return Consumption(axis, run, budget)
    if axis == "working time":
        before = calendar.work_before
        lead = lead_us(start, limit, calendar, rule)
        run = before(at) - before(start) - sum(before(high) - before(low) for low, high in paused) - lead
        if limit.unit in WORKED:
            return Consumption(axis, run, limit.amount * WORKED[limit.unit])
        ordinal, time = calendar.local(start)
        if rule.rare and limit.unit != "same day":
            ordinal = counts_from(ordinal, time, calendar, rule)
        whole = end_of_working_days(ordinal, time, limit, calendar, rule)
        return Consumption(axis, max(0, run), max(0, before(whole) - before(start) - lead))
    run = _days_run(start, at, axis, calendar, rule, spans)
    first = counts_from(*calendar.local(start), calendar, rule)
    budget = limit.amount
    if axis == "days":
        budget = last_calendar_day(first, limit, rule) - first + (rule.first_day == "included")
    end = due_us(start, limit, calendar=calendar, rule=rule, pauses=pauses)
    if at <= end:
        return Consumption(axis, min(run, budget), budget)
    last, ended = last_ordinal(end, calendar, rule), ended_by(at, calendar.local(start)[1], calendar, rule)
    return Consumption(axis, budget + max(0, _counted(last, ended, axis, calendar)), budget)


def _days_run(start: int, at: int, axis: str, calendar: WorkCalendar, rule: CountingRule, spans: Pauses) -> int:
    """The days, or working days, that have ended between *start* and *at* and were not paused; none ends while paused."""
    ordinal, time = calendar.local(start)
    first = counts_from(ordinal, time, calendar, rule)
    if rule.first_day == "included":
        first -= 1
    for low, high in spans:
        if low < at < high:
            at = low + begins_recess(low, calendar.local(low)[0], calendar, rule)
            break
    run = _counted(first, max(first, ended_by(at, time, calendar, rule)), axis, calendar)
    over = [(low, high) for low, high in spans if high <= at]
    run -= sum(_counted(calendar.local(low)[0], calendar.local(high)[0], axis, calendar) for low, high in over)
    if over:  # what had run does not run back: the day of the resumption is still to run
        run = max(run, _days_run(start, over[-1][0], axis, calendar, rule, over[:-1]))
    return max(0, run)


def _counted(after: int, upto: int, axis: str, calendar: WorkCalendar) -> int:
    """The days of an axis in ``(after, upto]``."""
    if axis == "days":
        return upto - after
    return calendar.working_days_upto(upto) - calendar.working_days_upto(after)


def ended_by(at: int, time: int, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The last day that has ended at *at*, by the end of a day under the rule."""
    ordinal = calendar.local(at)[0]
    if ordinal == calendar.last.toordinal() + 1:
        calendar.work_before(at)  # the end of the coverage, or of its last night, and no later
        return ordinal - 1
    if rule.end_of_day == "24:00" or end_of(ordinal, time, calendar, rule) > at:
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
    if unit == "same day":
        return TimeLimit(int(due_us(start, one, calendar=calendar, rule=rule, pauses=pauses) <= at), unit)
    if unit in WORKED or unit in ELAPSED:
        run = consumption_us(start, one, at, calendar=calendar, rule=rule, pauses=pauses)
        past = (
            run.consumed if unit in WORKED or rule.roll_hours == "none" else _hours_run(start, one, at, calendar, rule, pauses)
        )
        return TimeLimit(past // run.budget, unit)
    axis = axis_of(one, rule) if unit == "working days" else "days"
    long = one if axis != "days" else TimeLimit(rule.short + 1, unit)
    spans = halts(start, long, calendar, rule, pauses) if rule.rare else union(pauses, start)
    first = counts_from(*calendar.local(start), calendar, rule)
    if axis == "working time":
        return TimeLimit(_working_days_run(first, at, spans, calendar, rule), unit)
    days = _days_run(start, at, axis, calendar, rule, spans)
    return TimeLimit(days if axis == "working days" else _whole_units(first, days, unit, rule), unit)


def _hours_run(start: int, one: TimeLimit, at: int, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses) -> int:
    """The time that has run where a roll may have moved the end: that is no more of it."""
    spans = halts(start, one, calendar, rule, pauses)
    begin = first_instant(start, one, calendar, rule)
    return max(0, at - begin - sum(min(high, at) - low for low, high in spans if low < at))


def _working_days_run(first: int, at: int, spans: Pauses, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The working days that have been worked, net of pauses, since the day *first* that does not count."""
    before = calendar.work_before
    work = before(at) - sum(before(min(high, at)) - before(low) for low, high in spans if low < at)
    uncounted = first if rule.first_day == "excluded" else first - 1
    days = max(0, calendar.days_worked(work) - calendar.working_days_upto(uncounted))
    if rule.end_of_day == "24:00":  # a day is over at midnight, though its last shift may go on
        more = days + 1 if uncounted == first else days + 1 - (calendar.kind(first) in WORKING)
        try:
            end = calendar.instant(calendar.nth_working_day(first, more) + 1, 0)
        except OutsideCalendar:
            return days
        days += before(end) <= work
    return days


def _whole_units(first: int, days: int, unit: str, rule: CountingRule) -> int:
    if unit in DAYS_PER:
        return days // DAYS_PER[unit]
    reached = first + days - (rule.first_day == "included")
    low, high = date.fromordinal(first), date.fromordinal(max(reached, first))
    most = (high.year * 12 + high.month - low.year * 12 - low.month) // MONTHS_PER[unit] + 1
    ends = ((n, last_calendar_day(first, TimeLimit(n, unit), rule)) for n in range(most, 0, -1))
    return next((n for n, last in ends if last <= reached), 0)


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
