"""The words of a ledger, in English and Vietnamese.

Rule 1: words are made last, of data alone; days that say the same are one line.
Rule 2: what is written is what people there write: 09/02/2021, 24-hour times, T2 to T7 and CN in Vietnamese.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from pendulum import Date, DateTime

from .ledger_rows import Account, Row
from .limits import TimeLimit

__all__ = ["text_of"]


def text_of(ledger: Account, language: str) -> str:
    """*ledger* in words, in ``en`` or ``vi``, days that say the same joined."""
    return "\n".join(_Words(ledger, language).lines())


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

    def __init__(self, ledger: Account, language: str) -> None:
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
