"""A year of a working calendar on one page: twelve months with marks, and under them the reasons.

Rule 1: a day that differs from its weekday is marked; the weekly rest has a mark of its own.
Rule 2: every entry that decides a day of the year is listed with its reason and the decision it rests on, or that it has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from ..calendar import Day, Entry, WorkCalendar
from .text import span

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
        "legend": ". weekly rest   * off   + worked   ? provisional, off   ! provisional, worked",
        "outside": "not covered",
    },
    "vi": {
        "days": "ngày làm việc",
        "version": "phiên bản",
        "legend": ". nghỉ hằng tuần   * nghỉ   + làm bù   ? nghỉ, tạm tính   ! làm bù, tạm tính",
        "outside": "ngoài phạm vi lịch",
    },
}


def year_page(calendar: WorkCalendar, year: int, language: str = "en") -> str:
    """*year* of *calendar* as text: three months a row with marks, then each entry and why.

    Raises:
        OutsideCalendar: the calendar covers no day of that year.
    """
    days = calendar.year(year)
    words = _WORDS[language]
    working = sum(day.working for day in days)
    head = f"{calendar.name} {year} · {calendar.zone} · {working} {words['days']} · {words['version']} {calendar.version[:12]}"
    months = [_month(number, [day for day in days if day.date.month == number], language) for number in range(1, 13)]
    rows = ("\n".join("  ".join(line).rstrip() for line in zip(*months[i : i + 3], strict=True)).rstrip() for i in (0, 3, 6, 9))
    reasons = [_reason(entry, group, language) for entry, group in _entries(days).items()]
    return "\n\n".join([head, *rows, words["legend"], "\n".join(reasons)]).rstrip()


def _month(number: int, days: Sequence[Day], language: str) -> list[str]:
    lines = [f"{_MONTHS[language][number - 1]:^21}", f"{_WEEK[language]} "]
    if not days:
        lines.append(f"{_WORDS[language]['outside']:^21}")
    else:
        cells = ["   "] * days[0].date.weekday() + [f"{day.date.day:2}{_mark(day)}" for day in days]
        lines += ["".join(cells[i : i + 7]) for i in range(0, len(cells), 7)]
    return [f"{line:21}" for line in lines + [""] * (8 - len(lines))]


def _mark(day: Day) -> str:
    if day.entry is not None and day.entry.provisional:
        return "!" if day.working else "?"
    return _MARKS[day.kind]


def _entries(days: Sequence[Day]) -> dict[Entry, list[Day]]:
    found: dict[Entry, list[Day]] = {}
    for day in days:
        if day.entry is not None:
            found.setdefault(day.entry, []).append(day)
    return found


def _reason(entry: Entry, days: Sequence[Day], language: str) -> str:
    marks = "".join(sorted({_mark(day) for day in days} - {" "})) or " "
    return f"{marks:2} {_spans(days):13} {entry.text(language)} [{entry.standing(language)}]"


def _spans(days: Sequence[Day]) -> str:
    spans: list[list[date]] = []
    for day in days:
        if spans and day.date.toordinal() - spans[-1][1].toordinal() == 1:
            spans[-1][1] = day.date
        else:
            spans.append([day.date, day.date])
    return ", ".join(span(first, last) for first, last in spans)


def year_facts(calendar: WorkCalendar, year: int) -> dict[str, Any]:
    """What `year_page` shows, as plain values for JSON.

    Raises:
        OutsideCalendar: the calendar covers no day of that year.
    """
    days = calendar.year(year)
    entries = [
        {
            "id": entry.id,
            "kind": entry.kind,
            "off": [day.date.isoformat() for day in group if not day.working],
            "worked": [day.date.isoformat() for day in group if day.working],
            "reason": dict(entry.reason),
            "decision": entry.decision or None,
            "source": entry.source or None,
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
        "days_off": [day.date.isoformat() for day in days if not day.working and day.kind != "weekend"],
        "made_up": [day.date.isoformat() for day in days if day.kind == "make-up"],
        "provisional": [day.date.isoformat() for day in days if day.entry is not None and day.entry.provisional],
        "entries": entries,
    }
