"""A year of a working calendar on one page: twelve months with marks, and under them the reasons.

Rule 1: a day that differs from its weekday is marked; the weekly rest has a mark of its own, and so has a half day: one
that is worked for less time than the longest day of the week.
Rule 2: the legend counts the days of each mark that is in use; the number beside a month is its working days.
Rule 3: every entry that decides a day of the year is listed with its reason, the decision it rests on, or that it has
none, and the layer that laid it down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from ..calendar import Day, Entry, WorkCalendar
from .text import columns, span

__all__ = ["year_facts", "year_page"]

_MONTHS = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "vi": tuple(f"Tháng {n}" for n in range(1, 13)),
}
_WEEK = {"en": "Mo Tu We Th Fr Sa Su", "vi": "T2 T3 T4 T5 T6 T7 CN"}
_MARKS = {"working": " ", "make-up": "+", "weekend": ".", "holiday": "*", "swapped_off": "*", "closure": "*"}
_WORDS = {
    "en": {
        "days": "working days",
        "version": "version",
        "outside": "not covered",
        "month": "( ) working days of the month",
        "since": "provisional: every day from {day} on",
        ".": "weekly rest",
        "*": "off",
        "+": "made up",
        "½": "half day",
        "?": "off, provisional",
        "!": "made up, provisional",
    },
    "vi": {
        "days": "ngày làm việc",
        "version": "phiên bản",
        "outside": "ngoài phạm vi lịch",
        "month": "( ) số ngày làm việc trong tháng",
        "since": "tạm tính: mọi ngày kể từ {day}",
        ".": "nghỉ hằng tuần",
        "*": "nghỉ",
        "+": "làm bù",
        "½": "làm việc nửa ngày",
        "?": "nghỉ, tạm tính",
        "!": "làm bù, tạm tính",
    },
}
_WIDE = 21


def year_page(calendar: WorkCalendar, year: int, language: str = "en", *, width: int = 80) -> str:
    """*year* of *calendar* as text: as many months a row as fit into *width*, with marks, then each entry and why.

    Raises:
        OutsideCalendar: the calendar covers no day of that year.
    """
    days = calendar.year(year)
    words = _WORDS[language]
    working = sum(day.working for day in days)
    head = f"{calendar.name} {year} · {calendar.zone} · {working} {words['days']} · {words['version']} {calendar.version[:12]}"
    across = max(n for n in (1, 2, 3, 4, 6) if n == 1 or n * (_WIDE + 2) - 2 <= width)
    months = [_month(number, [day for day in days if day.date.month == number], language) for number in range(1, 13)]
    rows = (
        "\n".join("  ".join(line).rstrip() for line in zip(*months[i : i + across], strict=True)).rstrip()
        for i in range(0, 12, across)
    )
    reasons = "\n".join(_reason(entry, group, language) for entry, group in _entries(days).items())
    since = calendar.provisional_from
    told = words["since"].format(day=f"{since:%d/%m/%Y}") if since and since <= days[-1].date else ""
    return "\n\n".join(part for part in (head, *rows, _legend(days, words, width), reasons, told) if part)


def _legend(days: Sequence[Day], words: dict[str, str], width: int) -> str:
    """The marks in use, how many days have each, in lines that fit."""
    counted = Counter(map(_mark, days))
    lines: list[str] = []
    for part in [*(f"{mark} {words[mark]}: {counted[mark]}" for mark in ".*+½?!" if counted[mark]), words["month"]]:
        if lines and columns(lines[-1]) + 3 + columns(part) <= width:
            lines[-1] += f"   {part}"
        else:
            lines.append(part)
    return "\n".join(lines)


def _month(number: int, days: Sequence[Day], language: str) -> list[str]:
    title = _MONTHS[language][number - 1] + (f" ({sum(day.working for day in days)})" if days else "")
    lines = [f"{title:^{_WIDE}}", f"{_WEEK[language]} "]
    if not days:
        lines.append(f"{_WORDS[language]['outside']:^{_WIDE}}")
    else:
        cells = ["   "] * days[0].date.weekday() + [f"{day.date.day:2}{_mark(day)}" for day in days]
        lines += ["".join(cells[i : i + 7]) for i in range(0, len(cells), 7)]
    return [f"{line:{_WIDE}}" for line in lines + [""] * (8 - len(lines))]


def _mark(day: Day) -> str:
    if day.entry is not None and day.entry.provisional:
        return "!" if day.working else "?"
    return "½" if day.short and day.kind == "working" else _MARKS[day.kind]


def _entries(days: Sequence[Day]) -> dict[Entry, list[Day]]:
    found: dict[Entry, list[Day]] = {}
    for day in days:
        if day.entry is not None:
            found.setdefault(day.entry, []).append(day)
    return found


def _reason(entry: Entry, days: Sequence[Day], language: str) -> str:
    marks = "".join(sorted({_mark(day) for day in days} - {" "})) or " "
    hours = " ".join(dict.fromkeys(day.hours for day in days if day.working and entry.hours))
    standing = "; ".join(filter(None, (entry.layer, entry.standing(language))))
    return f"{marks:2} {_spans(days):13} {entry.text(language)}{f', {hours}' if hours else ''} [{standing}]"


def _spans(days: Sequence[Day]) -> str:
    spans: list[list[date]] = []
    for day in days:
        if spans and day.date.toordinal() - spans[-1][1].toordinal() == 1:
            spans[-1][1] = day.date
        else:
            spans.append([day.date, day.date])
    return ", ".join(span(first, last) for first, last in spans)


def _dates(days: Sequence[Day]) -> Iterator[str]:
    return (day.date.isoformat() for day in days)


def year_facts(calendar: WorkCalendar, year: int) -> dict[str, Any]:
    """What `year_page` shows, as plain values for JSON.

    Raises:
        OutsideCalendar: the calendar covers no day of that year.
    """
    days = calendar.year(year)
    since = calendar.provisional_from
    entries = [
        {
            "id": entry.id,
            "kind": entry.kind,
            "off": [*_dates([day for day in group if not day.working])],
            "worked": [*_dates([day for day in group if day.working])],
            "hours": entry.hours or None,
            "reason": dict(entry.reason),
            "decision": entry.decision or None,
            "decided_on": entry.decided_on.isoformat() if entry.decided_on else None,
            "source": entry.source or None,
            "layer": entry.layer or None,
            "provisional": entry.provisional,
        }
        for entry, group in _entries(days).items()
    ]
    return {
        "calendar": calendar.name,
        "calendar_version": calendar.version,
        "zone": calendar.zone,
        "year": year,
        "first": days[0].date.isoformat(),
        "last": days[-1].date.isoformat(),
        "working_days": sum(day.working for day in days),
        "working_days_by_month": [sum(day.working for day in days if day.date.month == n) for n in range(1, 13)],
        "days_off": [*_dates([day for day in days if not day.working and day.kind != "weekend"])],
        "made_up": [*_dates([day for day in days if day.kind == "make-up"])],
        "half_days": [*_dates([day for day in days if day.working and day.short])],
        "provisional": [*_dates([day for day in days if day.entry is not None and day.entry.provisional])],
        "provisional_from": since.isoformat() if since and since <= days[-1].date else None,
        "entries": entries,
    }
