"""The ledger of a due date: what counted, what did not and why, and what the answer rests on, in words and as data.

Rule 1: the rows tell every day from the start to the end, in order; the counted rows sum to the limit.
Rule 2: each row that does not count names its reason: the first day, the entry of the calendar, a pause, a restart, a
recess, or the convention that moved the end; `Ledger.moves` are those of the end, from where to where.
Rule 3: a ledger ends with the rule, its certainty, the calendar and its version, the entries that are provisional or
unverified, and that it is no legal advice.
Rule 4: words are made last. `Ledger.rows` is day by day; `Ledger.text` joins days that say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from attrs import frozen
from pendulum import Date

from .calendar import WorkCalendar
from .counting import consumption_us, due_us, ended_by, last_ordinal, lead_us
from .ends import (
    WORKING,
    Pauses,
    axis_of,
    begins_recess,
    counts_from,
    first_instant,
    halts,
    last_calendar_day,
    moves,
    moves_back,
    raw_end_of_hours,
    received_late,
    union,
)
from .ledger_rows import Account, Move, Row
from .ledger_text import text_of
from .limits import CALENDAR, ELAPSED, WORKED, CountingRule, TimeLimit

__all__ = ["Ledger", "Move", "Row", "ledger_of", "ledger_us", "void_row"]


@frozen
class Ledger(Account):
    """How a due date comes about. ``str()`` is for people, in English; `text` in a language; `to_tree` for machines."""

    def text(self, language: str = "en", *, every_day: bool = False) -> str:
        """The ledger in words, in ``en`` or ``vi``, days that say the same joined unless *every_day* is asked for."""
        return text_of(self, language, every_day=every_day)

    def __str__(self) -> str:
        return self.text()


# -- making one --------------------------------------------------------------------------------------------------------


def ledger_us(
    start: int,
    limit: TimeLimit,
    *,
    calendar: WorkCalendar,
    rule: CountingRule,
    pauses: Pauses = (),
    backward: bool = False,
) -> Ledger:
    """The ledger of one limit, from its start to its end; *backward*, from its end to its start, which is the later."""
    end = due_us(start, limit, calendar=calendar, rule=rule, pauses=pauses, backward=backward)
    if not backward:
        return ledger_of([(start, limit, end)], (), end, "running", calendar=calendar, rule=rule, pauses=pauses)
    maker = Backward(start, limit, end, calendar, rule)
    last = Date.fromordinal(last_ordinal(end, calendar, rule))
    moment, moves = calendar.moment, maker.moves()
    rolled = (moves[0].low, moves[-1].high) if moves else None
    return Ledger(
        moment(start), (limit,), moment(end), last, "backward", tuple(maker.rows()), maker.axis, maker.budget, rolled,
        calendar, rule, moves,
    )  # fmt: skip


def ledger_of(
    spans: Sequence[tuple[int, TimeLimit, int]],
    before: Iterable[Row],
    until: int,
    state: str,
    *,
    calendar: WorkCalendar,
    rule: CountingRule,
    pauses: Pauses = (),
    paused_since: int | None = None,
) -> Ledger:
    """The ledger of a run and its extensions (start, limit, end of each), told up to the instant *until*."""
    rows = list(before)
    first, axis, budget = spans[0], axis_of(spans[0][1], rule), 0
    moved: tuple[Move, ...] = ()
    for number, (start, limit, end) in enumerate(spans):
        maker = _Maker(start, limit, end, min(until, end), calendar, rule, pauses)
        if start <= until:
            told = maker.rows()
            if number:  # the day from which an extension counts was told already
                moment = calendar.moment(start)
                rows.append(Row(moment.date(), moment.date(), "extended", "extended", maker.axis, 0, moment))
                told = (row for row in told if row.code != "first-day" or row.amount)
            rows += told
        if maker.axis == axis:
            budget += maker.budget
        moved = maker.moves()
    if paused_since is not None:
        moment = calendar.moment(paused_since)
        rows.append(Row(moment.date(), moment.date(), "paused", "paused-still", axis, 0, moment))
    due = spans[-1][2]
    return Ledger(
        calendar.moment(first[0]),
        tuple(limit for _, limit, _ in spans),
        calendar.moment(due),
        Date.fromordinal(last_ordinal(due, calendar, rule)),
        state,
        tuple(rows),
        axis,
        budget,
        (moved[0].low, moved[-1].high) if moved else None,
        calendar,
        rule,
        moved,
    )


def void_row(start: int, ran: int, limit: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> Row:
    """The row of a run that a restart made void: from *start* until it last *ran*; days are those begun."""
    low, high = calendar.moment(start), calendar.moment(ran)
    axis = axis_of(limit, rule)
    if limit.unit in WORKED or axis == "elapsed time":
        amount = consumption_us(start, limit, ran, calendar=calendar, rule=rule).consumed
    elif axis == "days":
        amount = high.toordinal() - low.toordinal()
    else:
        axis, amount = "working days", calendar.working_days_between(low.toordinal(), high.toordinal())
    return Row(low.date(), high.date(), "void", "restarted", axis, amount, low, high)


class _Maker:
    """Makes the rows of one run."""

    def __init__(
        self, start: int, limit: TimeLimit, end: int, until: int, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses
    ) -> None:
        self.start, self.limit, self.end, self.until = start, limit, end, until
        self.calendar, self.rule = calendar, rule
        self.axis = axis_of(limit, rule)
        self.given = pauses
        halted = halts(start, limit, calendar, rule, pauses) if rule.rare else union(pauses, start)
        self.pauses = [(low, high) for low, high in halted if low < end]
        self.begun, time = calendar.local(start)
        counts = rule.rare and limit.unit not in (*WORKED, *ELAPSED, "same day")
        self.first = counts_from(self.begun, time, calendar, rule) if counts else self.begun
        self.budget = consumption_us(start, limit, start, calendar=calendar, rule=rule, pauses=pauses).budget

    def rows(self) -> Iterator[Row]:
        if self.axis == "elapsed time":
            yield from self.by_the_clock()
        elif self.axis == "working time":
            yield from self.by_hours()
        else:
            yield from self.by_days()

    def by_the_clock(self) -> Iterator[Row]:
        begin = min(first_instant(self.start, self.limit, self.calendar, self.rule), self.until)
        if self.start < begin:
            yield self.part(self.start, begin, "not counted", "first-hour")
        raw = min(raw_end_of_hours(self.start, self.limit, self.calendar, self.rule, self.pauses), self.until)
        for low, high, paused in _cut(begin, raw, self.pauses):
            if paused:
                yield from self.halted(low, high)
            else:
                yield self.part(low, high, "counted", "counted")
        if raw < self.until:
            yield self.part(raw, self.until, "not counted", "rolled-hours")

    def halted(self, low: int, high: int) -> Iterator[Row]:
        """The rows of time that does not run: recesses, and the pauses around them."""
        recess, instant = self.rule.recess, self.calendar.instant
        days = recess.days(self.calendar.local(low)[0], self.calendar.local(high)[0]) if recess else ()
        spans = [(instant(first, 0), instant(last + 1, 0)) for first, last in days]
        for begin, end, within in _cut(low, high, spans):
            yield self.part(begin, end, "not counted" if within else "paused", "recess" if within else "paused")

    def in_recess(self, ordinal: int) -> bool:
        """Whether a day of which something would count lies within a recess."""
        first = self.rule.first_day == "included" or self.limit.unit in (*WORKED, "same day")
        counts = ordinal > self.first or (first and ordinal == self.first)
        return counts and self.rule.recess is not None and self.rule.recess.until(ordinal) >= ordinal

    def before_first(self, ordinal: int) -> str:
        """Why a day before the one that counts as the first does not."""
        recess, kind = self.rule.recess, self.calendar.kind(ordinal)
        if recess is not None and recess.until(ordinal) >= ordinal:
            return "recess"
        if kind not in WORKING:
            return kind
        cut, time = self.rule.cutoff, self.calendar.local(self.start)[1]
        return "after-hour" if cut is not None and cut.is_late(time) else "after-close"

    def part(self, low: int, high: int, kind: str, code: str, amount: int | None = None) -> Row:
        start, end = self.calendar.moment(low), self.calendar.moment(high)
        return Row(start.date(), end.date(), kind, code, self.axis, high - low if amount is None else amount, start, end)

    def whole(self, ordinal: int, kind: str, code: str, amount: int = 0) -> Row:
        day = Date.fromordinal(ordinal)
        return Row(day, day, kind, code, self.axis, amount, entry=self.calendar.explain(day).entry)

    # Days.

    def by_days(self) -> Iterator[Row]:
        local, counted = self.calendar.local, 0
        paused = [(local(low)[0], local(high)[0]) for low, high in self.pauses]
        last, moved = last_ordinal(self.end, self.calendar, self.rule), self.moves()
        if self.until < self.end:
            last = ended_by(self.until, local(self.start)[1], self.calendar, self.rule)
        else:  # an end that moved back is told from the day on which the count ended
            last = max([last, *(move.low.toordinal() for move in moved)])
        for ordinal in range(self.begun, min(last, self.calendar.last.toordinal()) + 1):
            kind = self.calendar.kind(ordinal)
            if ordinal < self.first:
                yield self.whole(ordinal, "not counted", self.before_first(ordinal))
            elif ordinal == self.first and self.rule.first_day == "excluded":
                yield self.whole(ordinal, "not counted", "first-day")
            elif self.in_recess(ordinal):
                yield self.whole(ordinal, "not counted", "recess")
            elif self.axis == "working days" and kind not in WORKING and counted < self.budget:
                yield self.whole(ordinal, "not counted", kind)
            elif any(low < ordinal <= high for low, high in paused):
                yield self.whole(ordinal, "paused", "paused", 1)
            elif counted < self.budget:
                counted += 1
                yield self.whole(ordinal, "counted", kind, 1)
            else:
                yield self.whole(ordinal, "not counted", _moved_by(ordinal, kind, moved))

    def moves(self) -> tuple[Move, ...]:
        """Where the end went from the day on which the count ended, and by which convention."""
        last = last_ordinal(self.end, self.calendar, self.rule)
        if self.axis == "elapsed time" and self.rule.roll_hours != "none":
            raw = raw_end_of_hours(self.start, self.limit, self.calendar, self.rule, self.pauses)
            day = self.calendar.local(raw)[0]
            return (Move("rolled-hours", Date.fromordinal(day), Date.fromordinal(last)),) if raw < self.end else ()
        if self.limit.unit not in CALENDAR:
            return ()
        path = [day for _, day in self.path()]
        codes = [code for code, _ in self.path()]
        if self.axis == "days":
            local = self.calendar.local
            raw = self.first + self.budget - (self.rule.first_day == "included")
            for low, high in self.pauses:
                begun = local(low)[0]
                if begun < raw or not begins_recess(low, begun, self.calendar, self.rule):
                    raw += local(high)[0] - begun
            if raw != path[0]:  # a pause was still open on it
                codes.insert(1, "rolled" if self.calendar.kind(raw) in self.rule.roll_on else "resumed-later")
                path.insert(0, raw)
        steps = zip(codes[1:], path, path[1:], strict=False)
        return tuple(Move(code, Date.fromordinal(low), Date.fromordinal(high)) for code, low, high in steps)

    def path(self) -> list[tuple[str, int]]:
        """The day on which the count ended, and those to which its end was moved."""
        return moves(self.start, self.limit, self.calendar, self.rule, self.given)

    # Hours.

    def by_hours(self) -> Iterator[Row]:
        lead = lead_us(self.start, self.limit, self.calendar, self.rule)
        last = last_ordinal(self.until, self.calendar, self.rule)
        for ordinal in range(self.begun, last + 1):
            kind = self.kind(ordinal)
            if self.in_recess(ordinal):
                yield self.whole(ordinal, "not counted", "recess")
                continue
            pieces, lead = self.pieces(ordinal, lead)
            if kind not in WORKING and not pieces:
                paused = self.within_pause(ordinal)
                yield self.whole(ordinal, "paused" if paused else "not counted", "paused" if paused else kind)
            else:  # on a day off: the shift of the day before goes on past midnight
                yield from self.of_day(ordinal, kind if kind in WORKING else self.calendar.kind(ordinal - 1), pieces)

    def kind(self, ordinal: int) -> str:
        """The kind of a day; the day after the coverage, into which a last night reaches, is none on which work begins."""
        return self.calendar.kind(ordinal) if ordinal <= self.calendar.last.toordinal() else "weekend"

    def within_pause(self, ordinal: int) -> bool:
        low, high = self.calendar.instant(ordinal, 0), self.calendar.instant(ordinal + 1, 0)
        return any(begun <= low and high <= resumed for begun, resumed in self.pauses)

    def pieces(self, ordinal: int, lead: int) -> tuple[list[tuple[int, int, str]], int]:
        """The open time of a day in pieces (from, to, kind), and what is left of the first day's time."""
        low = max(self.start, self.calendar.instant(ordinal, 0))
        high = min(self.until, self.calendar.instant(ordinal + 1, 0))
        pieces: list[tuple[int, int, str]] = []
        for opening, closing in self.calendar.open_between(low, high) if low < high else ():
            for begin, end, paused in _cut(opening, closing, self.pauses):
                if paused:
                    pieces.append((begin, end, "paused"))
                    continue
                free = min(lead, end - begin)
                lead -= free
                if free:
                    pieces.append((begin, begin + free, "not counted"))
                if begin + free < end:
                    pieces.append((begin + free, end, "counted"))
        return pieces, lead

    def left_by(self) -> str:
        """Why a same-day limit left the day of receipt."""
        return received_late(self.begun, self.calendar.local(self.start)[1], self.calendar, self.rule) or "after-cutoff"

    def of_day(self, ordinal: int, kind: str, pieces: Sequence[tuple[int, int, str]]) -> Iterator[Row]:
        code = {
            "counted": kind,
            "paused": "paused",
            "not counted": self.left_by() if self.limit.unit == "same day" else "first-day",
        }
        if ordinal < self.first:
            code["not counted"] = self.before_first(ordinal)
        days = self.limit.unit not in WORKED
        if not pieces:
            if ordinal <= self.first and days:
                yield self.whole(ordinal, "not counted", code["not counted"])
            return
        groups = [(name, list(group)) for name, group in groupby(pieces, key=lambda piece: piece[2])]
        first, last = self.calendar.first.toordinal(), self.calendar.last.toordinal()
        before = self.calendar.work_through(ordinal - 1) if ordinal > first else 0
        day = self.calendar.work_through(min(ordinal, last)) - before
        for name, group in groups:
            amount = sum(high - low for low, high, _ in group)
            night = self.goes_on(ordinal) or self.goes_on(ordinal - 1)
            if len(groups) == 1 and ((amount == day and not night) or (name == "not counted" and ordinal <= self.first)):
                yield self.whole(ordinal, name, code[name], amount)
            elif night:  # the end of one shift and the beginning of another
                yield from (self.part(low, high, name, code[name]) for low, high in _runs(group))
            else:
                yield self.part(group[0][0], group[-1][1], name, code[name], amount)

    def goes_on(self, ordinal: int) -> bool:
        """Whether the work of a day goes on past midnight."""
        calendar = self.calendar
        if ordinal < calendar.first.toordinal() or self.kind(ordinal) not in WORKING:
            return False
        return calendar.closing(ordinal) > calendar.instant(ordinal + 1, 0)


class Backward:
    """Makes the rows of a period that is counted back, from its end, the earlier, to its start."""

    def __init__(self, start: int, limit: TimeLimit, end: int, calendar: WorkCalendar, rule: CountingRule) -> None:
        self.start, self.limit, self.end, self.calendar, self.rule = start, limit, end, calendar, rule
        self.axis = axis_of(limit, rule)
        days = limit.unit not in WORKED and limit.unit not in ELAPSED
        if days and self.axis == "working time":  # days counted back lose nothing to pauses: they are counted whole
            self.axis = "working days"
        self.first = calendar.local(start)[0]
        self.path = moves_back(start, limit, calendar, rule) if days else []
        if self.axis == "days":
            included = rule.first_day == "included"
            self.budget = self.first - last_calendar_day(self.first, limit, rule, -1) + included
        else:
            self.budget = limit.amount * {**WORKED, **ELAPSED}.get(limit.unit, 1)

    def moves(self) -> tuple[Move, ...]:
        steps = zip(self.path[1:], self.path, strict=False)
        found = [Move(code, Date.fromordinal(low), Date.fromordinal(high)) for (code, high), (_, low) in steps]
        if self.axis == "elapsed time" and self.rule.roll_hours != "none":
            raw = self.begin() - self.budget
            if self.end < raw:
                local = self.calendar.local
                found.append(Move("rolled-hours", Date.fromordinal(local(raw)[0]), Date.fromordinal(local(self.end)[0])))
        return tuple(found)

    def begin(self) -> int:
        """The instant from which hours are counted back."""
        hours = self.limit.unit == "hours" and self.rule.first_hour == "excluded"
        return self.start - self.calendar.local(self.start)[1] % ELAPSED["hours"] if hours else self.start

    def rows(self) -> Iterator[Row]:
        if self.axis == "elapsed time":
            begin = self.begin()
            raw = begin - self.budget
            if self.end < raw:
                yield self.part(self.end, raw, "not counted", "rolled-hours")
            yield self.part(raw, begin, "counted", "counted")
            if begin < self.start:
                yield self.part(begin, self.start, "not counted", "first-hour")
        elif self.axis == "working time":
            for low, high in self.calendar.open_between(self.end, self.start):
                yield self.part(low, high, "counted", "working")
        else:
            yield from self.by_days()

    def by_days(self) -> Iterator[Row]:
        recess, raw, moved = self.rule.recess, self.path[0][1], self.moves()
        last = raw if self.end == self.start else min(raw, last_ordinal(self.end, self.calendar, self.rule))
        for ordinal in range(last, self.first + 1):
            kind, code = self.calendar.kind(ordinal), ""
            if ordinal == self.first and self.rule.first_day == "excluded":
                code = "first-day"
            elif recess is not None and recess.until(ordinal) >= ordinal:
                code = "recess"
            elif ordinal < raw:
                code = next((move.code for move in moved if ordinal >= move.high.toordinal()), kind)
                code = kind if kind not in WORKING and code != "clear-day" else code
            elif self.axis == "working days" and kind not in WORKING:
                code = kind
            day = Date.fromordinal(ordinal)
            entry = self.calendar.explain(day).entry
            yield Row(day, day, "not counted" if code else "counted", code or kind, self.axis, 0 if code else 1, entry=entry)

    def part(self, low: int, high: int, kind: str, code: str) -> Row:
        start, end = self.calendar.moment(low), self.calendar.moment(high)
        return Row(start.date(), end.date(), kind, code, self.axis, high - low, start, end)


def _moved_by(ordinal: int, kind: str, moved: Sequence[Move]) -> str:
    """Why a day after the end of the count does not count: the move that passed it, or what kind of day it is."""
    move = next((move for move in moved if ordinal <= move.high.toordinal()), None)
    if move is None or (kind not in WORKING and move.code != "clear-day"):
        return kind
    return move.code


def _runs(pieces: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int]]:
    """*pieces* that touch, as one."""
    begun = reached = None
    for low, high, _ in pieces:
        if begun is None or reached is None or low > reached:
            if begun is not None and reached is not None:
                yield begun, reached
            begun = low
        reached = high
    if begun is not None and reached is not None:
        yield begun, reached


def _cut(low: int, high: int, pauses: Pauses) -> Iterator[tuple[int, int, bool]]:
    """``[low, high)`` cut where pauses begin and end: (from, to, whether paused)."""
    for begun, resumed in pauses:
        if resumed <= low or begun >= high:
            continue
        if low < begun:
            yield low, begun, False
        yield max(low, begun), min(high, resumed), True
        low = resumed
    if low < high:
        yield low, high, False
