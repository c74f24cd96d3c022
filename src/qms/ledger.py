"""The ledger of a due date: what counted, what did not and why, and what the answer rests on, in words and as data.

Rule 1: the rows tell every day from the start to the end, in order; the counted rows sum to the limit.
Rule 2: each row that does not count names its reason: the first day, the entry of the calendar, a pause, a restart.
Rule 3: a ledger ends with the rule, its certainty, the calendar and its version, the entries that are provisional or
unverified, and that it is no legal advice.
Rule 4: words are made last. `Ledger.rows` is day by day; `Ledger.text` joins days that say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final

from attrs import field, frozen
from pendulum import Date, DateTime

from .calendar import Entry, WorkCalendar
from .counting import WORKING, Pauses, axis_of, consumption_us, due_us, ended_by, last_ordinal, lead_us, received_late, union
from .limits import WORKED, CountingRule, TimeLimit

__all__ = ["Ledger", "Row", "ledger_of", "ledger_us", "void_row"]


@frozen
class Row:
    """One day, or a part of one, of a ledger.

    *kind* is ``counted``, ``not counted``, ``paused``, ``extended`` or ``void``; *code* says why; *amount* is on the *axis* of the limit
    (microseconds of time, or days). *start* and *end* are None where the whole day is meant. *basis* is what a pause, or
    the restart that made a run void, rests on, where whoever asked knew it.
    """

    day: Date
    last: Date
    kind: str
    code: str
    axis: str
    amount: int = 0
    start: DateTime | None = None
    end: DateTime | None = None
    entry: Entry | None = None
    basis: str | None = None

    @property
    def whole(self) -> bool:
        """Whether the row means whole days."""
        return self.start is None

    def to_tree(self) -> dict[str, Any]:
        """The row as data for JSON."""
        tree: dict[str, Any] = {
            "day": self.day.isoformat(),
            "last": self.last.isoformat(),
            "kind": self.kind,
            "code": self.code,
        }
        tree |= {"axis": self.axis, "amount": self.amount, "entry": self.entry.id if self.entry else None}
        tree["basis"] = self.basis
        tree |= {"start": self.start.isoformat() if self.start else None, "end": self.end.isoformat() if self.end else None}
        return {key: value for key, value in tree.items() if value is not None}


@frozen
class Ledger:
    """How a due date comes about. ``str()`` is for people, in English; `text` in a language; `to_tree` for machines."""

    started: DateTime
    limits: tuple[TimeLimit, ...]
    due: DateTime
    last_day: Date
    state: str
    rows: tuple[Row, ...]
    axis: str
    budget: int
    rolled: tuple[Date, Date] | None
    calendar: WorkCalendar = field(repr=False)
    rule: CountingRule = field(repr=False)

    @property
    def counted(self) -> int:
        """The sum of the counted rows, on the axis of the limit."""
        return sum(row.amount for row in self.rows if row.kind == "counted" and row.axis == self.axis)

    @property
    def provisional(self) -> tuple[Entry, ...]:
        """The entries on which the due date rests that are provisional."""
        return self.calendar.provisional(self._first, self.last_day)

    @property
    def unverified(self) -> tuple[Entry, ...]:
        """The entries on which the due date rests that name no decision."""
        return self.calendar.unverified(self._first, self.last_day)

    @property
    def _first(self) -> Date:
        return self.rows[0].day if self.rows else self.started.date()

    def to_tree(self) -> dict[str, Any]:
        """The ledger as data for JSON."""
        since = self.calendar.provisional_from
        return {
            "started": self.started.isoformat(),
            "limits": [str(limit) for limit in self.limits],
            "state": self.state,
            "due": self.due.isoformat(),
            "last_day": self.last_day.isoformat(),
            "axis": self.axis,
            "counted": self.counted,
            "budget": self.budget,
            "rows": [row.to_tree() for row in self.rows],
            "rolled": [day.isoformat() for day in self.rolled] if self.rolled else None,
            "rule": {"name": self.rule.name, "version": self.rule.version, "certainty": self.rule.certainty},
            "calendar": {"name": self.calendar.name, "version": self.calendar.version},
            "provisional": [entry.id for entry in self.provisional],
            "unverified": [entry.id for entry in self.unverified],
            "provisional_from": since.isoformat() if since and since <= self.last_day else None,
            "legal_advice": False,
        }

    def text(self, language: str = "en") -> str:
        """The ledger in words, in ``en`` or ``vi``, days that say the same joined."""
        return "\n".join(_Words(self, language).lines())

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


# -- words -------------------------------------------------------------------------------------------------------------

_KINDS: Final = {
    "en": {"counted": "counted", "not counted": "not counted", "paused": "paused", "void": "void", "extended": "extended"},
    "vi": {"counted": "tính", "not counted": "không tính", "paused": "tạm dừng", "void": "hủy", "extended": "gia hạn"},
}
_CODES: Final = {
    "en": {
        "first-day": "the first day does not count",
        "after-cutoff": "received after {cutoff}",
        "after-close": "received when the office had closed",
        "weekend": "weekend",
        "closure": "closed",
        "holiday": "holiday",
        "swapped_off": "day off, swapped",
        "make-up": "day made up",
        "rolled": "the end moves to the next working day",
        "resumed-later": "no period ends while it is paused",
        "paused": "paused",
        "paused-still": "paused since, not yet resumed",
        "restarted": "counted again from the start",
    },
    "vi": {
        "first-day": "không tính ngày đầu tiên",
        "after-cutoff": "tiếp nhận sau {cutoff}",
        "after-close": "tiếp nhận sau giờ đóng cửa",
        "weekend": "nghỉ cuối tuần",
        "closure": "đóng cửa",
        "holiday": "nghỉ lễ, tết",
        "swapped_off": "nghỉ hoán đổi",
        "make-up": "ngày làm bù",
        "rolled": "ngày hết hạn dời sang ngày làm việc kế tiếp",
        "resumed-later": "thời hạn không kết thúc trong khi tạm dừng",
        "paused": "tạm dừng",
        "paused-still": "đang tạm dừng từ thời điểm này",
        "restarted": "tính lại từ đầu",
    },
}
_LINES: Final = {
    "en": {
        "title": "{limit} from {start} ({zone})",
        "plus": " and {limit} more",
        "due": "due {due}",
        "midnight": "due at the end of {day}, 24:00",
        "paused": "would be due {due}; paused",
        "stopped": "due {due}; stopped",
        "rolled": "moved from {low} to {high}: {reason}",
        "rule": "rule: {name}, {title} ({certainty})",
        "calendar": "calendar: {name}, {first} to {last}, version {version}",
        "provisional": "provisional: {entries}",
        "since": "provisional: every day from {day} on",
        "unverified": "unverified: {entries}",
        "advice": "Computed from this rule and this calendar; not legal advice: the competent authority decides.",
        "off": "{n} days off",
        "off1": "1 day off",
    },
    "vi": {
        "title": "{limit} kể từ {start} ({zone})",
        "plus": " và gia hạn {limit}",
        "due": "hạn {due}",
        "midnight": "hạn hết ngày {day}, 24:00",
        "paused": "hạn sẽ là {due}; đang tạm dừng",
        "stopped": "hạn {due}; đã dừng",
        "rolled": "dời từ {low} sang {high}: {reason}",
        "rule": "quy tắc: {name}, {title} ({certainty})",
        "calendar": "lịch: {name}, {first} đến {last}, phiên bản {version}",
        "provisional": "tạm tính: {entries}",
        "since": "tạm tính: mọi ngày kể từ {day}",
        "unverified": "chưa kiểm chứng: {entries}",
        "advice": "Tính theo quy tắc và lịch nêu trên; không phải tư vấn pháp lý: cơ quan có thẩm quyền quyết định.",
        "off": "nghỉ {n} ngày",
        "off1": "nghỉ 1 ngày",
    },
}
_CERTAINTY: Final = {
    "en": {"law": "by law", "practice": "by practice", "analogy": "by analogy", "interpretation": "an interpretation"}
    | {"convention": "a convention", "unverified": "unverified"},
    "vi": {"law": "theo luật", "practice": "theo thông lệ", "analogy": "áp dụng tương tự", "interpretation": "theo cách hiểu"}
    | {"convention": "theo quy ước", "unverified": "chưa kiểm chứng"},
}
_NAMES: Final = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN")}
_AMOUNTS: Final = {
    "en": {"h": "h", "min": "min", "s": "s", "paused": "{} of working time"},
    "vi": {"h": "giờ", "min": "phút", "s": "giây", "paused": "{} làm việc"},
}


class _Words:
    """A ledger in one language."""

    def __init__(self, ledger: Ledger, language: str) -> None:
        self.ledger, self.language = ledger, language
        self.lines_of, self.codes = _LINES[language], _CODES[language]

    def lines(self) -> Iterator[str]:
        ledger, say = self.ledger, self.lines_of
        title = say["title"].format(
            limit=ledger.limits[0].text(self.language), start=self.moment(ledger.started), zone=ledger.calendar.zone
        )
        yield title + "".join(say["plus"].format(limit=limit.text(self.language)) for limit in ledger.limits[1:])
        table = [self.row(rows) for rows in _joined(ledger.rows)]
        widths = [max((len(line[column]) for line in table), default=0) for column in range(3)]
        for line in table:
            cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
            yield ("  " + "  ".join([*cells, line[3]])).rstrip()
        yield self.due()
        if ledger.rolled:
            yield self.roll(*ledger.rolled)
        yield from self.foot()

    def due(self) -> str:
        ledger, say = self.ledger, self.lines_of
        if ledger.state != "running":
            return say[ledger.state].format(due=self.moment(ledger.due))
        if ledger.rule.end_of_day == "24:00" and ledger.due.date() > ledger.last_day:
            return say["midnight"].format(day=self.day(ledger.last_day))
        return say["due"].format(due=self.moment(ledger.due))

    def roll(self, low: Date, high: Date) -> str:
        source = self.ledger.rule.source("roll")
        day = self.ledger.calendar.explain(low)
        reason = day.entry.text(self.language) if day.entry else self.codes.get(day.kind, self.codes["resumed-later"])
        if source and not day.working:
            reason += f" ({source.words(self.language)})"
        return self.lines_of["rolled"].format(low=self.day(low), high=self.day(high), reason=reason)

    def foot(self) -> Iterator[str]:
        ledger, say = self.ledger, self.lines_of
        rule, calendar = ledger.rule, ledger.calendar
        title = rule.title.get(self.language) or rule.title.get("en") or rule.name
        yield say["rule"].format(name=rule.name, title=title, certainty=_CERTAINTY[self.language][rule.certainty])
        yield say["calendar"].format(
            name=calendar.name, first=_date(calendar.first), last=_date(calendar.last), version=calendar.version[:12]
        )
        for key, entries in (("provisional", ledger.provisional), ("unverified", ledger.unverified)):
            if entries:
                yield say[key].format(entries=", ".join(f"{entry.text(self.language)} [{entry.id}]" for entry in entries))
        since = calendar.provisional_from
        if since and since <= ledger.last_day:
            yield say["since"].format(day=_date(since))
        yield say["advice"]

    def row(self, rows: Sequence[Row]) -> tuple[str, str, str, str]:
        first, last = rows[0], rows[-1]
        return self.span(first, last), _KINDS[self.language][first.kind], self.amount(rows), self.why(rows)

    def span(self, first: Row, last: Row) -> str:
        low = self.day(first.day) + (f" {_time(first.start)}" if first.start else "")
        if last.end is None:
            return low if first.day == last.last else f"{self.day(first.day, last.last)} – {self.day(last.last)}"
        if first.day == last.last:
            return f"{low}–{_time(last.end)}" if first.start else low
        return f"{low} – {self.day(last.last)} {_time(last.end)}"

    def amount(self, rows: Sequence[Row]) -> str:
        first, total = rows[0], sum(row.amount for row in rows)
        if first.kind == "not counted" or total == 0:
            return ""
        if first.axis in ("days", "working days"):
            return TimeLimit(total, first.axis).text(self.language)
        if first.kind == "counted" and self.ledger.limits[0].unit == "working days" and all(row.whole for row in rows):
            return TimeLimit(len(rows), "working days").text(self.language)
        words = self.duration(total)
        return (
            _AMOUNTS[self.language]["paused"].format(words)
            if first.axis == "working time" and first.kind == "paused"
            else words
        )

    def duration(self, us: int) -> str:
        minutes, seconds = divmod(us // 1_000_000, 60)
        hours, minutes = divmod(minutes, 60)
        names = _AMOUNTS[self.language]
        parts = [f"{n} {names[unit]}" for n, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if n]
        return " ".join(parts) or f"0 {names['min']}"

    def why(self, rows: Sequence[Row]) -> str:
        first = rows[0]
        if first.kind == "counted":
            made_up = [row.entry.text(self.language) for row in rows if row.code == "make-up" and row.entry]
            return "; ".join(f"{self.codes['make-up']}: {text}" for text in made_up)
        if first.kind in ("paused", "void", "extended"):
            words = "" if first.code == first.kind else self.codes[first.code]
            return f"{words} ({first.basis})".strip() if first.basis else words
        reasons = list(dict.fromkeys(self.reason(row) for row in rows))
        off = sum(row.entry is not None and row.code != "first-day" and self.regular(row.day) for row in rows)
        if off:
            reasons.append(self.lines_of["off1" if off == 1 else "off"].format(n=off))
        return ", ".join(reasons)

    def reason(self, row: Row) -> str:
        if row.entry is not None and row.code in ("holiday", "swapped_off", "closure"):
            return row.entry.text(self.language)
        cut = self.ledger.rule.same_day
        words = self.codes[row.code].format(cutoff=cut.cutoff if cut else "")
        source = self.ledger.rule.source(
            {"first-day": "first_day", "after-cutoff": "same_day", "rolled": "roll"}.get(row.code, "")
        )
        return f"{words} ({source.words(self.language)})" if source else words

    def regular(self, day: Date) -> bool:
        """Whether the weekly pattern has the day open, so that the entry took it away."""
        return bool(self.ledger.calendar.week[day.weekday()])

    def day(self, day: date, until: date | None = None) -> str:
        name = _NAMES[self.language][day.weekday()]
        return f"{name} {day:%d/%m}" if until is not None and until.year == day.year else f"{name} {_date(day)}"

    def moment(self, moment: DateTime) -> str:
        return f"{self.day(moment)} {_time(moment)}"


def _joined(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows in a line of the table: whole days of one kind that follow each other, and all of one pause."""
    group: list[Row] = []
    for row in rows:
        if group and not _joins(group[-1], row):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _joins(before: Row, row: Row) -> bool:
    if (
        (before.kind, before.axis, before.basis) != (row.kind, row.axis, row.basis)
        or "first-day" in (before.code, row.code)
        or row.kind == "void"
    ):
        return False
    return row.code == before.code == "paused" or (before.whole and row.whole)


def _date(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _time(moment: DateTime) -> str:
    return f"{moment.hour:02}:{moment.minute:02}" + (f":{moment.second:02}" if moment.second else "")
