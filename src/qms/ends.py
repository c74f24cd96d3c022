"""Where a period ends: the last day of a count, what pauses add to it, and where a law moves it.

Rule 1: nothing is counted day by day: a count is a sum of ordinals, or one question to the calendar.
Rule 2: months are added once, from the day of the start; a month without such a day ends on its last.
Rule 3: a recess is a pause that everyone has. An end that is moved into one is moved on, and looked at again until it holds.
Rule 4: what few laws have (`CountingRule.rare`) stands in the second half, on a branch of its own.

Rule 5: no period ends before it starts, nor one that is counted back after it: not where a roll goes back, nor where a wall
time comes twice, nor with a night that goes on.

Instants are ``int`` microseconds UTC, days are ordinals. `qms.counting` asks these questions; it is the engine.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from .calendar import WorkCalendar
from .errors import InvalidInput
from .limits import CALENDAR, ELAPSED, WORKED, CountingRule, Recess, TimeLimit

__all__ = [
    "DAYS_PER",
    "MONTHS_PER",
    "WORKING",
    "Pauses",
    "axis_of",
    "begins_recess",
    "counts_from",
    "due_before",
    "due_by_rare",
    "end_of",
    "end_of_working_days",
    "first_instant",
    "halts",
    "last_calendar_day",
    "last_working_day",
    "months_on",
    "moves",
    "moves_back",
    "put_off",
    "put_off_days",
    "raw_end_of_hours",
    "received_late",
    "roll_of",
    "running_on",
    "shifted",
    "union",
]

Pauses = Sequence[tuple[int, int]]
"""Half-open pauses ``[a, b)`` between instants, in any order, overlapping or not."""

WORKING: Final = ("working", "make-up")
DAYS_PER: Final = {"days": 1, "weeks": 7, "half months": 15}
MONTHS_PER: Final = {"months": 1, "years": 12}


# -- a count and its pauses --------------------------------------------------------------------------------------------


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


def running_on(end: int, spans: Pauses) -> int:
    """*end*, later by the length of the pauses that begin before it is reached."""
    for low, high in spans:
        if low >= end:
            break
        end += high - low
    return end


def shifted(work: int, spans: Pauses, calendar: WorkCalendar) -> int:
    """The sum of working time *work*, and the working time of the pauses that begin before it is reached."""
    for low, high in spans:
        before = calendar.work_before(low)
        if before >= work:
            break
        work += calendar.work_before(high) - before
    return work


def put_off(end: int, spans: Pauses, calendar: WorkCalendar, rule: CountingRule) -> int:
    """*end*, later by the working time of the pauses; at a closing it is the end of that day.

    A day that ends at 24:00 runs on after the close of the office: a pause that begins then still puts it off.
    """
    before, work = calendar.work_before, calendar.work_before(end)
    later, at = work, end
    for low, high in spans:
        begun = before(low)
        if begun >= later:
            if later != work:
                at = _moved(later, calendar, rule)
            if low >= at:
                break
        later += before(high) - begun
    return end if later == work else _moved(later, calendar, rule)


def _moved(work: int, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The instant at which so much has been worked, or the end of the day that closes then."""
    moved = calendar.instant_of_work(work)
    ordinal = calendar.local(moved)[0]
    return end_of(ordinal, 0, calendar, rule) if moved == calendar.closing(ordinal) else moved


def put_off_days(
    time: int, last: int, spans: Pauses, calendar: WorkCalendar, rule: CountingRule, land: Callable[[int], int] | None = None
) -> int:
    """The day *last*, later by the whole days of the pauses, or by their working days where no *land* says where a day goes."""
    onward = land is None or rule.roll != "backward"
    for low, high in spans:
        begun, resumed = calendar.local(low)[0], calendar.local(high)[0]
        early = onward and begun < last  # then it ends after the resumption by itself
        if not early and low + (rule.recess is not None) >= end_of(land(last) if land else last, time, calendar, rule):
            break
        if not early and begins_recess(low, begun, calendar, rule):  # the count was over; what lands in it moves on
            last = _after(high, resumed, last, time, calendar, rule, land)
            continue
        if land is None:
            last = calendar.nth_working_day(last, calendar.working_days_between(begun, resumed))
        else:
            last += resumed - begun
        if not early:
            last = _after(high, resumed, last, time, calendar, rule, land)
    return last


def begins_recess(low: int, begun: int, calendar: WorkCalendar, rule: CountingRule) -> bool:
    """Whether the halt from *low*, on the day *begun*, is a recess that begins with the next day (see `halts`)."""
    recess = rule.recess
    return recess is not None and recess.until(begun + 1) > begun and calendar.local(low + 1)[0] == begun + 1


def _after(
    high: int, resumed: int, last: int, time: int, calendar: WorkCalendar, rule: CountingRule, land: Callable[[int], int] | None
) -> int:
    """*last*, or the first day after it that ends after the resumption *high* (rule 5)."""
    for day in (last, resumed, resumed + 1):
        open_day = day if land or calendar.kind(day) in WORKING else calendar.nth_working_day(day, 1)
        fit = land(day) if land else open_day
        if end_of(fit, time, calendar, rule) > high:
            return day if day == last else fit
    return calendar.nth_working_day(resumed, 1)  # where a rule rolls back, before the resumption


def received_late(ordinal: int, time: int, calendar: WorkCalendar, rule: CountingRule) -> str:
    """Why a same-day limit leaves the working day of receipt: ``after-cutoff``, or ``after-close`` where that is earlier."""
    cut = rule.same_day
    if cut is not None and (time >= cut.time if cut.inclusive else time > cut.time):
        return "after-cutoff"
    closed = rule.end_of_day == "close" and calendar.closing(ordinal) <= calendar.instant(ordinal, time)
    return "after-close" if closed else ""


def last_working_day(ordinal: int, time: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The last day of a limit in working days, or of the same day, that starts on a day."""
    if limit.unit == "same day":
        if rule.roll == "none":
            return ordinal
        stays = calendar.kind(ordinal) in WORKING and not received_late(ordinal, time, calendar, rule)
        return ordinal if stays else calendar.nth_working_day(ordinal, 1)
    n = limit.amount
    if rule.first_day == "included" and calendar.kind(ordinal) in WORKING:
        n -= 1
    return calendar.nth_working_day(ordinal, n)


def end_of_working_days(ordinal: int, time: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The end of working days, or of the same day, that no pause puts off."""
    last = last_working_day(ordinal, time, limit, calendar, rule)
    if limit.unit == "same day" and last != ordinal and rule.same_day is not None and rule.same_day.until == "opening":
        return calendar.instant_of_work(calendar.work_through(ordinal), latest=True)
    return end_of(last, time, calendar, rule)


def last_calendar_day(ordinal: int, limit: TimeLimit, rule: CountingRule, sign: int = 1) -> int:
    """The day on which the count of a calendar limit ends; with *sign* -1 it is counted back.

    Where the first day counts, the end is the day before the one of the same number, or the last of a month that has no
    such day (BGB 188(2), (3)).
    """
    excluded = rule.first_day == "excluded"
    if limit.then is None and limit.unit in DAYS_PER:
        last = ordinal + sign * limit.amount * DAYS_PER[limit.unit]
        return last if excluded else last - sign
    months = days = 0
    for part in limit.parts:
        months += part.amount * MONTHS_PER.get(part.unit, 0)
        days += part.amount * DAYS_PER.get(part.unit, 0)
    last, clamped = months_on(ordinal, sign * months)
    return last + sign * days - (0 if excluded or (clamped and sign > 0) else sign)


def months_on(ordinal: int, months: int) -> tuple[int, bool]:
    """The day so many months on, and whether a month without such a day ended it on its last (CC 148(3))."""
    if not (months and 1 <= ordinal <= date.max.toordinal()):
        return ordinal, False
    day = date.fromordinal(ordinal)
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= years <= 9999:
        return (date.max.toordinal() if years > 9999 else 1), False
    longest = monthrange(years, month + 1)[1]
    return date(years, month + 1, min(day.day, longest)).toordinal(), day.day > longest


def roll_of(ordinal: int, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The day to which an end on a day off goes (CC 148(5))."""
    if rule.roll == "none":
        return ordinal
    step = 1 if rule.roll == "forward" else -1
    while calendar.kind(ordinal) in rule.roll_on:
        ordinal = calendar.nth_working_day(ordinal, step)
    return ordinal


def end_of(ordinal: int, time: int, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The instant at which a last day ends: 24:00 (CC 148(6)), the close of the office, or the wall time of the start."""
    if rule.end_of_day == "close":
        return calendar.closing(ordinal)
    if rule.end_of_day == "24:00":
        return calendar.instant(calendar.check(ordinal) + 1, 0)
    return calendar.instant(calendar.check(ordinal), time)


def axis_of(limit: TimeLimit, rule: CountingRule) -> str:
    """The axis on which a limit runs under a rule: ``working time``, ``elapsed time``, ``working days`` or ``days``."""
    if limit.unit in ELAPSED:
        return "elapsed time"
    if limit.unit in WORKED or limit.unit == "same day":
        return "working time"
    if limit.unit == "working days":
        return "working time" if rule.pause == "instants" else "working days"
    short = limit.unit == "days" and limit.amount <= rule.short and limit.then is None
    return "working days" if short else "days"


# -- conventions that few laws have ------------------------------------------------------------------------------------


def due_by_rare(start: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses) -> int:
    """`due_us` by a rule that names a convention few laws have."""
    unit, spans = limit.unit, halts(start, limit, calendar, rule, pauses)
    if unit in WORKED:
        return calendar.instant_of_work(shifted(calendar.work_before(start) + limit.amount * WORKED[unit], spans, calendar))
    if unit in ELAPSED:
        end = _rolled_hours(raw_end_of_hours(start, limit, calendar, rule, spans), spans, calendar, rule)
        calendar.check(calendar.local(end)[0])
        return end
    ordinal, time = calendar.local(start)
    first = ordinal if unit == "same day" else counts_from(ordinal, time, calendar, rule)
    if axis_of(limit, rule) == "working time":
        return put_off(max(start, end_of_working_days(first, time, limit, calendar, rule)), spans, calendar, rule)
    return max(start, end_of(moves(start, limit, calendar, rule, pauses)[-1][1], time, calendar, rule))


def moves(
    start: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses = ()
) -> list[tuple[str, int]]:
    """The day on which the count of days ends (``counted``), and each day to which a convention moves that end, with its code.

    The codes are ``clear-day``, ``rolled``, ``minimum`` and ``recess``.
    """
    ordinal, time = calendar.local(start)
    first = counts_from(ordinal, time, calendar, rule)
    spans = halts(start, limit, calendar, rule, pauses)

    def path(day: int) -> list[tuple[str, int]]:
        return _landing(day, first, limit, calendar, rule)

    def land(day: int) -> int:
        return path(day)[-1][1]

    if axis_of(limit, rule) == "days":
        last = last_calendar_day(first, limit, rule)
        return path(put_off_days(time, last, spans, calendar, rule, land))
    last = put_off_days(time, last_working_day(first, time, limit, calendar, rule), spans, calendar, rule)
    return path(last) if limit.unit in CALENDAR else [("counted", last)]


def _landing(last: int, first: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> list[tuple[str, int]]:
    """The way from the day on which a count ended to the one on which the period does."""
    path = [("counted", last)]

    def to(code: str, day: int) -> None:
        if day != path[-1][1]:
            path.append((code, day))

    if rule.last_day == "excluded":
        to("clear-day", last + 1)
    if rule.scope is None or rule.scope.holds(limit):
        to("rolled", roll_of(path[-1][1], calendar, rule))
        if rule.minimum is not None and _is_at_least(limit, rule.minimum.within):
            before = first if rule.first_day == "excluded" else first - 1
            held = calendar.working_days_upto(path[-1][1]) - calendar.working_days_upto(before)
            if held < rule.minimum.working_days:
                to("minimum", calendar.nth_working_day(path[-1][1], rule.minimum.working_days - held))
    while rule.recess is not None and rule.recess.until(path[-1][1]) >= path[-1][1]:  # again, until it holds
        day = rule.recess.until(path[-1][1]) + 1
        off = rule.roll != "none" and calendar.kind(day) in rule.roll_on
        to("recess", calendar.nth_working_day(day, 1) if off else day)
    return path


def _is_at_least(limit: TimeLimit, days: int) -> bool:
    """Whether a calendar limit is so many days long; a month has 28 at least."""
    length = {**DAYS_PER, "months": 28, "years": 365}
    return sum(part.amount * length[part.unit] for part in limit.parts) >= days


def counts_from(ordinal: int, time: int, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The day that counts as that of the start.

    It is a later one after a cut-off; after the close, where the first day counts and ends with it; and where the first after
    a recess is left out.
    """
    if rule.ends_with_office and calendar.closing(ordinal) <= calendar.instant(ordinal, time):
        ordinal, time = ordinal + 1, 0
    if rule.cutoff is not None and (rule.cutoff.is_late(time) or calendar.kind(ordinal) not in WORKING):
        ordinal = calendar.nth_working_day(ordinal, 1)
    if rule.recess is not None and rule.recess.first_day == "excluded":
        ordinal = max(ordinal, rule.recess.until(ordinal) + 1)
    return ordinal


def halts(start: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses) -> list[tuple[int, int]]:
    """`union` of the pauses and the recesses: a recess is a pause that everyone has.

    On an axis of days its midnights are those that begin its days (rule 4), and it takes nothing of a first day that does
    not count anyway. A pause before the day that counts as the first takes none of the days after it.
    """
    begin = first_instant(start, limit, calendar, rule)
    if rule.cutoff is None and rule.recess is None and not rule.ends_with_office:
        return union(pauses, begin)
    ordinal, time = calendar.local(start)
    if limit.unit in WORKED or limit.unit in ELAPSED or limit.unit == "same day":
        days, first = False, ordinal
    else:
        days, first = axis_of(limit, rule) != "working time", counts_from(ordinal, time, calendar, rule)
        if days and first != ordinal:
            begin = calendar.instant(first, 0) - (rule.first_day == "included")
        first += rule.first_day == "excluded"
    spans = union(pauses, begin)
    if rule.recess is None:
        return spans
    last, instant = calendar.last.toordinal(), calendar.instant
    for low, high in rule.recess.days(first, last):
        low_us, high_us = instant(max(low, first), 0) - days, instant(min(high, last) + 1, 0) - days
        spans.append((low_us if days else max(low_us, begin), high_us))
    return union(spans, spans[0][0] if len(spans) == 1 else min(low for low, _ in spans)) if spans else spans


def first_instant(start: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The instant from which hours run: the next full hour where that of the event does not count (1182/71 art. 3(1))."""
    if limit.unit != "hours" or rule.first_hour == "included":
        return start
    hour = ELAPSED["hours"]
    return start + hour - calendar.local(start)[1] % hour


def raw_end_of_hours(start: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule, spans: Pauses) -> int:
    """The end of hours and minutes before any roll."""
    return running_on(first_instant(start, limit, calendar, rule) + limit.amount * ELAPSED[limit.unit], spans)


def _rolled_hours(end: int, spans: Pauses, calendar: WorkCalendar, rule: CountingRule, step: int = 1) -> int:
    """*end*, at the same time of the next working day where it falls on a day off (FRCP 6(a)(2)(C)), and in no pause."""
    if rule.roll_hours == "none":
        return end
    while True:
        ordinal, time = calendar.local(end)
        rolled = end
        if calendar.kind(ordinal) in rule.roll_on:
            rolled = calendar.instant(calendar.nth_working_day(ordinal, step), time)
        resumed = next((high for low, high in spans if low < rolled < high and step > 0), None)
        if resumed is None:
            return rolled
        end = resumed


def due_before(start: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses) -> int:
    """The end of a period that is counted back from *start*."""
    if pauses or limit.unit == "same day":
        what = "a period with pauses" if pauses else "a same-day limit"
        raise InvalidInput(f"{what} is not counted back; leave them out, or count forward", "backward")
    unit = limit.unit
    if unit in WORKED:
        return calendar.instant_of_work(calendar.work_before(start) - limit.amount * WORKED[unit], latest=True)
    time = calendar.local(start)[1]
    if unit in ELAPSED:
        begin = start - time % ELAPSED[unit] if unit == "hours" and rule.first_hour == "excluded" else start
        end = _rolled_hours(begin - limit.amount * ELAPSED[unit], (), calendar, rule, -1)
        calendar.check(calendar.local(end)[0])
        return end
    return min(end_of(moves_back(start, limit, calendar, rule)[-1][1], time, calendar, rule), start)  # a night may end after it


def moves_back(start: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> list[tuple[str, int]]:
    """`moves` of a period that is counted back."""
    first = calendar.local(start)[0]
    included = rule.first_day == "included"
    working = axis_of(limit, rule) != "days"
    if working:
        last = calendar.nth_working_day(first, -limit.amount + (included and calendar.kind(first) in WORKING))
    else:
        last = last_calendar_day(first, limit, rule, -1)
    if rule.recess is not None:
        last = _back_over(last, first if included else first - 1, rule.recess, calendar, working=working)
    path = [("counted", last)]
    if limit.unit not in CALENDAR:
        return path
    if rule.backward_last_day == "excluded":
        path.append(("clear-day", last - 1))
    if rule.scope is None or rule.scope.holds(limit):
        step = {"backward": -1, "forward": 1}.get(rule.backward_roll, 0)
        rolled = path[-1][1]
        while step and calendar.kind(rolled) in rule.roll_on:
            rolled = calendar.nth_working_day(rolled, step)
        path += [("rolled", rolled)] if rolled != path[-1][1] else []
        if rule.minimum is not None and _is_at_least(limit, rule.minimum.within):
            held = calendar.working_days_upto(first - (not included)) - calendar.working_days_upto(path[-1][1] - 1)
            if held < rule.minimum.working_days:
                path.append(("minimum", calendar.nth_working_day(path[-1][1], held - rule.minimum.working_days)))
    return path


def _back_over(last: int, upto: int, recess: Recess, calendar: WorkCalendar, *, working: bool) -> int:
    """*last*, earlier by the days of the recesses between it and *upto*; never within one."""
    for low, high in reversed(recess.days(calendar.first.toordinal(), upto)):
        end = min(high, upto)
        if end < last:
            break
        last = calendar.nth_working_day(last, calendar.working_days_between(end, low - 1)) if working else last - end + low - 1
    return last
