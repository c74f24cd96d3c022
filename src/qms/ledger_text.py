"""The words of a ledger, in English and Vietnamese.

Rule 1: words are made last, of data alone. A `Sheet` is a ledger in words, cell by cell; `text_of` lines it up.
Rule 2: by default days that say the same are one line, and a weekend does not break the days that count around it;
on request every day has its own.
Rule 3: the sum stands under the lines, then the end, then where a roll moved it, with the article.
Rule 4: what is written is what people there write: 09/02/2021, 24-hour times, T2 to T7 and CN in Vietnamese.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

from attrs import evolve, frozen
from pendulum import Date, DateTime

from .calendar import Entry
from .errors import InvalidInput
from .ledger_rows import Account, Row
from .limits import TimeLimit

__all__ = ["LANGUAGES", "Line", "Sheet", "sheet_of", "text_of", "twice"]


@frozen
class Line:
    """A line of a ledger in words: which *days*, whether they *counted*, the *amount* and *why*; *kind* is that of its rows."""

    kind: str
    days: str
    counted: str
    amount: str
    why: str


@frozen
class Sheet:
    """A ledger in words: a *title*, the names of the columns, the *lines*, their *sum*, the *end*, its *roll*, the *foot*.

    *roll* is empty where nothing moved the end; *foot* are pairs of a key (``rule``, ``calendar``, ``provisional``,
    ``since``, ``unverified``, ``advice``) and a sentence.
    """

    title: str
    columns: tuple[str, str, str, str]
    lines: tuple[Line, ...]
    sum: str
    end: str
    roll: str
    foot: tuple[tuple[str, str], ...]


def sheet_of(ledger: Account, language: str = "en", *, every_day: bool = False) -> Sheet:
    """*ledger* in words, in ``en`` or ``vi``, days that say the same joined unless *every_day* is asked for.

    Raises:
        InvalidInput: another language.
    """
    if language not in LANGUAGES:
        raise InvalidInput(f"a ledger has no words in {language!r}; known: {', '.join(LANGUAGES)}", "language")
    words = _Words(ledger, language)
    rows = [[row] for row in _days(ledger)] if every_day else _joined(ledger.rows)
    return Sheet(
        words.title(),
        _COLUMNS[language],
        tuple(words.line(group) for group in rows),
        words.sum(),
        words.end(),
        words.moved(),
        tuple(words.foot()),
    )


def text_of(ledger: Account, language: str = "en", *, every_day: bool = False) -> str:
    """`sheet_of` as lines of plain text, the cells in columns."""
    sheet = sheet_of(ledger, language, every_day=every_day)
    table = [(line.days, line.counted, line.amount) for line in sheet.lines]
    widths = [max((_width(row[column]) for row in table), default=0) for column in range(3)]
    lines = [sheet.title]
    for row, line in zip(table, sheet.lines, strict=True):
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        lines.append(("  " + "  ".join([*cells, line.why])).rstrip())
    lines += [text for text in (sheet.sum, sheet.end, sheet.roll) if text]
    return "\n".join(lines + [text for _, text in sheet.foot])


def _width(text: str) -> int:
    """The columns of a terminal that *text* takes: a combining mark takes none."""
    return sum(not unicodedata.combining(character) for character in text)


LANGUAGES: Final = ("en", "vi")
_COLUMNS: Final = {"en": ("days", "counting", "amount", "why"), "vi": ("ngày", "cách tính", "thời lượng", "lý do")}
_KINDS: Final = {
    "en": {"counted": "counted", "not counted": "not counted", "paused": "paused", "void": "void", "extended": "extended"},
    "vi": {"counted": "tính", "not counted": "không tính", "paused": "tạm dừng", "void": "hủy", "extended": "gia hạn"},
}
_CODES: Final = {
    "en": {
        "first-day": "the first day does not count",
        "event-day": "the day of the event does not count",
        "after-cutoff": "received after {cutoff}",
        "after-close": "received when the office had closed",
        "working": "the shift of the day before goes on past midnight",
        "weekend": "weekend",
        "closure": "closed",
        "holiday": "holiday",
        "swapped_off": "day off, swapped",
        "make-up": "day made up",
        "rolled": "the end moves to the next working day",
        "rolled back": "the end moves to the working day before",
        "rolled-hours": "the end moves to the same time of the next working day",
        "clear-day": "the day of expiry does not count either",
        "minimum": "a period of {within} days or more holds {held} working days",
        "recess": "recess",
        "after-hour": "received after {at}, counts as received on the next working day",
        "first-hour": "the hour of the event does not count",
        "resumed-later": "no period ends while it is paused",
        "paused": "paused",
        "paused-still": "paused since, not yet resumed",
        "restarted": "counted again from the start",
    },
    "vi": {
        "first-day": "ngày đầu tiên của thời hạn",
        "event-day": "ngày diễn ra sự kiện",
        "after-cutoff": "tiếp nhận sau {cutoff}",
        "after-close": "tiếp nhận sau giờ làm việc",
        "working": "ca làm việc của ngày hôm trước kéo dài qua nửa đêm",
        "weekend": "nghỉ cuối tuần",
        "closure": "đóng cửa",
        "holiday": "nghỉ lễ, tết",
        "swapped_off": "nghỉ hoán đổi",
        "make-up": "ngày làm bù",
        "rolled": "ngày hết hạn dời sang ngày làm việc kế tiếp",
        "rolled back": "ngày hết hạn lùi về ngày làm việc liền trước",
        "rolled-hours": "thời điểm hết hạn dời sang cùng giờ của ngày làm việc kế tiếp",
        "clear-day": "không tính cả ngày hết hạn",
        "minimum": "thời hạn từ {within} ngày trở lên phải có {held} ngày làm việc",
        "recess": "kỳ nghỉ, không tính vào thời hạn",
        "after-hour": "tiếp nhận sau {at}, coi như tiếp nhận vào ngày làm việc kế tiếp",
        "first-hour": "không tính giờ xảy ra sự kiện",
        "resumed-later": "thời hạn không kết thúc trong thời gian tạm dừng",
        "paused": "tạm dừng",
        "paused-still": "đang tạm dừng từ thời điểm này",
        "restarted": "tính lại từ đầu",
    },
}
_LINES: Final = {
    "en": {
        "title": "{limit} from {start} ({zone})",
        "before": "{limit} before {start} ({zone})",
        "backward": "at the latest {due}",
        "midnight back": "at the latest at the end of {day}, 24:00",
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
        "between": "{n} weekend days left out",
        "between1": "1 weekend day left out",
        "swap": "{day} made up for {off}",
        "sum": "sum: {counted}",
        "so far": "sum so far: {counted} of {budget}",
    },
    "vi": {
        "title": "{limit} kể từ {start} ({zone})",
        "before": "{limit} trước {start} ({zone})",
        "backward": "chậm nhất {due}",
        "midnight back": "chậm nhất đến hết ngày {day}, 24:00",
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
        "between": "không kể {n} ngày nghỉ cuối tuần",
        "between1": "không kể 1 ngày nghỉ cuối tuần",
        "swap": "{day} làm bù cho {off}",
        "sum": "tổng cộng: {counted}",
        "so far": "đã tính: {counted} trên tổng số {budget}",
    },
}
_CERTAINTY: Final = {
    "en": {"law": "by law", "practice": "by practice", "analogy": "by analogy", "interpretation": "an interpretation"}
    | {"convention": "a convention", "unverified": "unverified"},
    "vi": {
        "law": "theo luật",
        "practice": "theo thông lệ",
        "analogy": "áp dụng tương tự",
        "interpretation": "theo cách diễn giải",
    }
    | {"convention": "theo quy ước", "unverified": "chưa kiểm chứng"},
}
_NAMES: Final = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN")}
_AMOUNTS: Final = {
    "en": {"h": "h", "min": "min", "s": "s", "paused": "{} of working time"},
    "vi": {"h": "giờ", "min": "phút", "s": "giây", "paused": "{} làm việc"},
}
_PROVISIONAL: Final = {"en": "provisional", "vi": "tạm tính"}
_WHOLE: Final = ("days", "working days")
_FIELD_OF: Final = {
    "first-day": "first_day",
    "last-day": "last_day",
    "after-cutoff": "same_day",
    "rolled": "roll",
    "recess": "recess",
    "minimum": "minimum",
    "short": "short",
    "rolled-hours": "roll_hours",
    "clear-day": "last_day",
    "after-hour": "cutoff",
    "first-hour": "first_hour",
}
"""The field of the rule whose source a code is told with."""


class _Words:
    """A ledger in one language."""

    def __init__(self, ledger: Account, language: str) -> None:
        self.ledger, self.language = ledger, language
        self.lines_of, self.codes = _LINES[language], _CODES[language]

    def title(self) -> str:
        ledger, say = self.ledger, self.lines_of
        first, *more = (limit.text(self.language) for limit in ledger.limits)
        title = say["before" if ledger.state == "backward" else "title"].format(
            limit=first, start=self.moment(ledger.started), zone=ledger.calendar.zone
        )
        return title + "".join(say["plus"].format(limit=limit) for limit in more)

    def line(self, rows: Sequence[Row]) -> Line:
        kind = rows[0].kind
        return Line(kind, self.span(rows[0], rows[-1]), _KINDS[self.language][kind], self.amount(rows), self.why(rows))

    # Below the lines.

    def sum(self) -> str:
        """What counted, which is the limit once the end is reached."""
        ledger, say = self.ledger, self.lines_of
        if ledger.counted != ledger.budget:
            return say["so far"].format(counted=self.quantity(ledger.counted), budget=self.quantity(ledger.budget))
        total, units = self.quantity(ledger.budget), {limit.unit for limit in ledger.limits}
        if ledger.axis == "working time" and units == {"working days"}:
            days = TimeLimit(sum(limit.amount for limit in ledger.limits), "working days")
            total = f"{days.text(self.language)} ({total})"
        return say["sum"].format(counted=" + ".join([total, *self.others()]))

    def others(self) -> Iterator[str]:
        """What counted on other axes: an extension by hours after days."""
        axes = dict.fromkeys(row.axis for row in self.ledger.rows if row.kind == "counted" and row.axis != self.ledger.axis)
        for axis in axes:
            yield self.quantity(sum(row.amount for row in self.ledger.rows if row.kind == "counted" and row.axis == axis), axis)

    def quantity(self, amount: int, axis: str = "") -> str:
        axis = axis or self.ledger.axis
        return TimeLimit(amount, axis).text(self.language) if axis in _WHOLE else self.duration(amount)

    def end(self) -> str:
        ledger, say = self.ledger, self.lines_of
        midnight = ledger.rule.end_of_day == "24:00" and ledger.due.date() > ledger.last_day
        if midnight and ledger.state in ("running", "backward"):
            key = "midnight" if ledger.state == "running" else "midnight back"
            return say[key].format(day=self.day(ledger.last_day))
        return say["due" if ledger.state == "running" else ledger.state].format(due=self.moment(ledger.due))

    def moved(self) -> str:
        """Where the end was moved from and to, and by what."""
        moves = self.ledger.moves
        if moves:
            return "\n".join(self.roll(move.low, move.high, move.code) for move in moves)
        return self.roll(*self.ledger.rolled) if self.ledger.rolled else ""

    def roll(self, low: Date, high: Date, code: str = "rolled") -> str:
        if code in ("rolled", "resumed-later"):
            reason = self.off(low) or self.codes["resumed-later"]
            if not self.ledger.calendar.explain(low).working:
                reason += self.cited("roll")
        else:
            reason = self.words(code) + self.cited(_FIELD_OF.get(code, ""))
        return self.lines_of["rolled"].format(low=self.day(low), high=self.day(high), reason=reason)

    def foot(self) -> Iterator[tuple[str, str]]:
        ledger, say = self.ledger, self.lines_of
        rule, calendar = ledger.rule, ledger.calendar
        title = rule.title.get(self.language) or rule.title.get("en") or rule.name
        yield "rule", say["rule"].format(name=rule.name, title=title, certainty=_CERTAINTY[self.language][rule.certainty])
        first, last = _date(calendar.first), _date(calendar.last)
        yield "calendar", say["calendar"].format(name=calendar.name, first=first, last=last, version=calendar.version[:12])
        for key, entries in (("provisional", ledger.provisional), ("unverified", ledger.unverified)):
            if entries:
                named = ", ".join(f"{entry.text(self.language)} [{entry.id}]" for entry in entries)
                yield key, say[key].format(entries=named)
        since = calendar.provisional_from
        if since and since <= ledger.span[1]:
            yield "since", say["since"].format(day=_date(since))
        yield "advice", say["advice"]

    # The cells of a line.

    def span(self, first: Row, last: Row) -> str:
        low = self.day(first.day) + (f" {_time(first.start)}" if first.start else "")
        if last.end is None:
            return low if first.day == last.last else f"{self.day(first.day, last.last)} – {self.day(last.last)}"
        if first.day == last.last:
            return f"{low}–{_time(last.end)}" if first.start else low
        if last.last == first.day.add(days=1) and _time(last.end) == "00:00":
            return f"{low}–24:00"
        return f"{low} – {self.day(last.last)} {_time(last.end)}"

    def amount(self, rows: Sequence[Row]) -> str:
        first, total = rows[0], sum(map(_shown, rows))
        if first.kind == "extended":
            before = [row for row in self.ledger.rows if row.kind == "extended"]
            return self.ledger.limits[1 + next(n for n, row in enumerate(before) if row is first)].text(self.language)
        if first.kind == "not counted" or total == 0:
            return ""
        if first.axis in _WHOLE:
            return TimeLimit(total, first.axis).text(self.language)
        counted = [row for row in rows if row.kind == "counted"]
        if counted and self.ledger.limits[0].unit == "working days" and all(row.whole for row in counted):
            return TimeLimit(len(counted), "working days").text(self.language)
        words = self.duration(total)
        worked = first.axis == "working time" and first.kind == "paused"
        return _AMOUNTS[self.language]["paused"].format(words) if worked else words

    def duration(self, us: int) -> str:
        minutes, seconds = divmod(us // 1_000_000, 60)
        hours, minutes = divmod(minutes, 60)
        names = _AMOUNTS[self.language]
        parts = [f"{n} {names[unit]}" for n, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if n]
        return " ".join(parts) or f"0 {names['min']}"

    def why(self, rows: Sequence[Row]) -> str:
        first = rows[0]
        if first.kind == "counted":
            return "; ".join(self.counted(rows))
        if first.kind in ("paused", "void", "extended"):
            words = "" if first.code == first.kind else self.words(first.code)
            if len(rows) == 1 and first.whole and not first.amount:  # a day off within a pause
                words = self.off(first.day)
            return f"{words} ({first.basis})".strip() if first.basis else words
        reasons = list(dict.fromkeys(self.reason(row) for row in rows))
        off = sum(row.entry is not None and row.code != "first-day" and self.regular(row.day) for row in rows)
        if off:
            reasons.append(self.lines_of["off1" if off == 1 else "off"].format(n=off))
        return ", ".join(reasons)

    def counted(self, rows: Sequence[Row]) -> Iterator[str]:
        """What there is to say of days that counted: those made up, those of other hours, the weekends between."""
        for row in rows:
            if row.entry is None or row.axis == "days":
                continue
            if row.code == "make-up":
                yield self.made_up(row.day, row.entry)
            elif row.entry.hours:
                yield f"{self.day(row.day)} {self.ledger.calendar.explain(row.day).hours}: {self.entry(row.entry)}"
        between = sum(row.kind == "not counted" for row in rows)
        if between:
            yield self.lines_of["between1" if between == 1 else "between"].format(n=between)

    def made_up(self, day: Date, entry: Entry) -> str:
        if not entry.off:
            return f"{self.codes['make-up']}: {self.entry(entry)}"
        said = self.lines_of["swap"].format(day=self.day(day), off=", ".join(self.day(off) for off in entry.off))
        return said + self.standing(entry)

    def reason(self, row: Row) -> str:
        if row.entry is not None and row.code in ("holiday", "swapped_off", "closure"):
            return self.entry(row.entry)
        return self.words(row.code) + self.cited(_FIELD_OF.get(row.code, ""))

    def words(self, code: str) -> str:
        """A code in words; one without words of its own is told as it is."""
        rule = self.ledger.rule
        told = {
            "cutoff": rule.same_day.cutoff if rule.same_day else "",
            "at": rule.cutoff.at if rule.cutoff else "",
            "within": rule.minimum.within if rule.minimum else "",
            "held": rule.minimum.working_days if rule.minimum else "",
        }
        if code == "rolled" and self.ledger.state == "backward" and rule.backward_roll == "backward":
            code = "rolled back"
        if code == "first-day" and self.ledger.state == "backward":
            code = "event-day"
        return self.codes.get(code, code.replace("_", " ").replace("-", " ")).format(**told)

    def entry(self, entry: Entry) -> str:
        return entry.text(self.language) + self.standing(entry)

    def off(self, day: Date) -> str:
        told = self.ledger.calendar.explain(day)
        if told.kind == "working":
            return ""
        return self.entry(told.entry) if told.entry else self.codes[told.kind]

    def standing(self, entry: Entry) -> str:
        """The layer that laid an entry down, its decision, and that it is provisional."""
        marks = [entry.layer, entry.decision, _PROVISIONAL[self.language] if entry.provisional else ""]
        told = "; ".join(filter(None, marks))
        return f" [{told}]" if told else ""

    def cited(self, name: str) -> str:
        """What the convention *name* rests on, with its level where the rule as a whole is surer."""
        if self.ledger.state == "backward" and name in ("roll", "last_day"):
            name = f"backward_{name}"
        source, rule = self.ledger.rule.source(name), self.ledger.rule
        if source is None:
            return ""
        weaker = source.level not in ("law", rule.certainty)
        return f" ({source.words(self.language)}{', ' + _CERTAINTY[self.language][source.level] if weaker else ''})"

    def regular(self, day: Date) -> bool:
        """Whether the weekly pattern has the day open, so that the entry took it away."""
        return bool(self.ledger.calendar.week[day.weekday()])

    def day(self, day: date, until: date | None = None) -> str:
        name = _NAMES[self.language][day.weekday()]
        return f"{name} {day:%d/%m}" if until is not None and until.year == day.year else f"{name} {_date(day)}"

    def moment(self, moment: DateTime) -> str:
        return f"{self.day(moment)} {_time(moment)}"


def _joined(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows in a line: whole days of one kind that follow each other, all of one pause, and weekends between days counted."""
    groups: list[list[Row]] = []
    for row in rows:
        if groups and _joins(groups[-1][-1], row):
            groups[-1].append(row)
        else:
            groups.append([row])
    place = 0
    while place < len(groups):
        line = groups[place]
        while place + 2 < len(groups) and _bridged(line[-1], groups[place + 1], groups[place + 2][0]):
            line = line + groups[place + 1] + groups[place + 2]
            place += 2
        yield line
        place += 1


def _bridged(before: Row, between: Sequence[Row], after: Row) -> bool:
    """Whether *between* is a plain weekend that whole days counted stand around."""
    return all(row.code == "weekend" and row.kind == "not counted" for row in between) and all(
        row.kind == "counted" and row.whole and row.axis == between[0].axis for row in (before, after)
    )


def _joins(before: Row, row: Row) -> bool:
    if (
        (before.kind, before.axis, before.basis) != (row.kind, row.axis, row.basis)
        or "first-day" in (before.code, row.code)
        or row.kind == "void"
    ):
        return False
    through = before.end is not None and before.end == row.start  # a shift past midnight
    return (row.code == before.code and (through or row.code == "paused")) or (before.whole and row.whole)


def _days(ledger: Account) -> Iterator[Row]:
    """The rows, those of hours that run through cut at each midnight."""
    calendar = ledger.calendar
    for row in ledger.rows:
        if row.axis != "elapsed time" or row.start is None or row.end is None or row.kind == "void":
            yield row
            continue
        low, last = calendar.us(row.start), calendar.us(row.end)
        while low < last:
            high = min(calendar.instant(calendar.local(low)[0] + 1, 0), last)
            start, end = calendar.moment(low), calendar.moment(high)
            yield evolve(row, day=start.date(), last=end.date(), start=start, end=end, amount=high - low)
            low = high


def _date(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _time(moment: DateTime) -> str:
    """The time that clocks show, to the second; with its offset where they show it twice."""
    seconds = f":{moment.second:02}" if moment.second else ""
    return f"{moment.hour:02}:{moment.minute:02}{seconds}{twice(moment)}"


def _shown(row: Row) -> int:
    """The amount of a row between the whole seconds that its ends show, so that what is shown adds up."""
    if row.start is None or row.end is None or row.axis in _WHOLE:
        return row.amount
    return row.amount + row.start.microsecond - row.end.microsecond


def twice(moment: datetime) -> str:
    """The offset of *moment*, where the clocks of its zone show its time twice; else nothing.

    >>> import pendulum
    >>> back = pendulum.datetime(2021, 10, 31, tz="UTC").in_tz("Europe/Amsterdam")
    >>> twice(back), twice(back.add(hours=1)), twice(back.add(hours=2))
    ('+02:00', '+01:00', '')
    """
    zone, shown = moment.tzinfo, datetime.combine(moment.date(), moment.time())
    if zone is None:
        return ""
    first, second = (zone.utcoffset(shown.replace(fold=fold)) for fold in (0, 1))
    return f"{moment:%z}"[:3] + ":" + f"{moment:%z}"[3:5] if first != second else ""
