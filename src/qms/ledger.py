"""The ledger of a due date: what counted, what did not and why, and what the answer rests on, in words and as data.

Rule 1: the rows tell every day from the start to the end, in order; the counted rows sum to the limit.
Rule 2: each row that does not count names its reason: the first day, the entry of the calendar, a pause, a restart.
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
from .ends import WORKING, Pauses, axis_of, received_late, union
from .ledger_rows import Account, Row
from .ledger_text import text_of
from .limits import WORKED, CountingRule, TimeLimit

__all__ = ["Ledger", "Row", "ledger_of", "ledger_us", "void_row"]


@frozen
class Ledger(Account):
    """How a due date comes about. ``str()`` is for people, in English; `text` in a language; `to_tree` for machines."""

    def text(self, language: str = "en", *, every_day: bool = False) -> str:
        """The ledger in words, in ``en`` or ``vi``, days that say the same joined unless *every_day* is asked for."""
        return text_of(self, language, every_day=every_day)

    def __str__(self) -> str:
        return self.text()


# -- making one --------------------------------------------------------------------------------------------------------


def ledger_us(start: int, limit: TimeLimit, *, calendar: WorkCalendar, rule: CountingRule, pauses: Pauses = ()) -> Ledger:
    """The ledger of one limit, from its start to its end."""
    end = due_us(start, limit, calendar=calendar, rule=rule, pauses=pauses)
    return ledger_of([(start, limit, end)], (), end, "running", calendar=calendar, rule=rule, pauses=pauses)


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
    rolled: tuple[Date, Date] | None = None
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
        rolled = maker.rolled()
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
        rolled,
        calendar,
        rule,
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
        self.pauses = [(low, high) for low, high in union(pauses, start) if low < end]
        self.first = calendar.local(start)[0]
        self.budget = consumption_us(start, limit, start, calendar=calendar, rule=rule, pauses=pauses).budget

    def rows(self) -> Iterator[Row]:
        if self.axis == "elapsed time":
            for low, high, paused in _cut(self.start, self.until, self.pauses):
                yield self.part(low, high, "paused" if paused else "counted", "paused" if paused else "counted")
        elif self.axis == "working time":
            yield from self.by_hours()
        else:
            yield from self.by_days()

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
        last = last_ordinal(self.end, self.calendar, self.rule)
        if self.until < self.end:
            last = ended_by(self.until, local(self.start)[1], self.calendar, self.rule)
        for ordinal in range(self.first, last + 1):
            kind = self.calendar.kind(ordinal)
            if ordinal == self.first and self.rule.first_day == "excluded":
                yield self.whole(ordinal, "not counted", "first-day")
            elif self.axis == "working days" and kind not in WORKING:
                yield self.whole(ordinal, "not counted", kind)
            elif any(low < ordinal <= high for low, high in paused):
                yield self.whole(ordinal, "paused", "paused", 1)
            elif counted < self.budget:
                counted += 1
                yield self.whole(ordinal, "counted", kind, 1)
            else:
                yield self.whole(ordinal, "not counted", self.moved_by() if kind in WORKING else kind)

    def moved_by(self) -> str:
        """Why the end is on another day: a roll off the day, or a pause that was still open on it."""
        return "rolled" if self.calendar.kind(self.raw_last()) in self.rule.roll_on else "resumed-later"

    def raw_last(self) -> int:
        """The day on which the count ended."""
        local = self.calendar.local
        raw = self.first + self.budget - (self.rule.first_day == "included")
        return raw + sum(local(high)[0] - local(low)[0] for low, high in self.pauses)

    def rolled(self) -> tuple[Date, Date] | None:
        """The day on which the count ended and the one to which a roll moved it."""
        if self.axis != "days":
            return None
        raw, last = self.raw_last(), last_ordinal(self.end, self.calendar, self.rule)
        return None if raw == last else (Date.fromordinal(raw), Date.fromordinal(last))

    # Hours.

    def by_hours(self) -> Iterator[Row]:
        lead = lead_us(self.start, self.limit, self.calendar, self.rule)
        last = last_ordinal(self.until, self.calendar, self.rule)
        for ordinal in range(self.first, last + 1):
            kind = self.calendar.kind(ordinal)
            if kind not in WORKING:
                paused = self.within_pause(ordinal)
                yield self.whole(ordinal, "paused" if paused else "not counted", "paused" if paused else kind)
                continue
            pieces, lead = self.pieces(ordinal, lead)
            yield from self.of_day(ordinal, kind, pieces)

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

    def left_by(self, ordinal: int) -> str:
        """Why a same-day limit left the day of receipt."""
        return received_late(ordinal, self.calendar.local(self.start)[1], self.calendar, self.rule) or "after-cutoff"

    def of_day(self, ordinal: int, kind: str, pieces: Sequence[tuple[int, int, str]]) -> Iterator[Row]:
        code = {
            "counted": kind,
            "paused": "paused",
            "not counted": self.left_by(ordinal) if self.limit.unit == "same day" else "first-day",
        }
        days = self.limit.unit not in WORKED
        if not pieces:
            if ordinal == self.first and days:
                yield self.whole(ordinal, "not counted", code["not counted"])
            return
        groups = [(name, list(group)) for name, group in groupby(pieces, key=lambda piece: piece[2])]
        day = (
            self.calendar.work_through(ordinal) - self.calendar.work_through(ordinal - 1)
            if ordinal > self.calendar.first.toordinal()
            else self.calendar.work_through(ordinal)
        )
        for name, group in groups:
            amount = sum(high - low for low, high, _ in group)
            if len(groups) == 1 and (amount == day or (name == "not counted" and ordinal == self.first)):
                yield self.whole(ordinal, name, code[name], amount)
            else:
                yield self.part(group[0][0], group[-1][1], name, code[name], amount)


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
