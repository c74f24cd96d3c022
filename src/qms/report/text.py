"""Tables, dates and figures as text for a terminal or a plain file.

Rule 1: width is counted in columns of a terminal: a combining mark takes none, so Vietnamese lines up in any form.
Rule 2: a figure that does not exist is a dash, never 0 (nothing was done: there is no rate).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from ..ledger_text import twice

__all__ = ["bar", "columns", "day", "instant", "length", "number", "percent", "span", "table"]

_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
}


def columns(text: str) -> int:
    """The number of terminal columns that *text* takes (combining marks take none)."""
    return sum(not unicodedata.combining(character) for character in text)


def _pad(text: str, width: int, right: bool) -> str:
    fill = " " * (width - columns(text))
    return fill + text if right else text + fill


def table(
    head: Sequence[str], rows: Iterable[Sequence[object]], *, right: Collection[int] = (), foot: Sequence[object] | None = None
) -> str:
    """*rows* under *head*, columns aligned; those numbered in *right* stand at the right edge; *foot* comes under a rule.

    A cell of the head may have several lines; they stand at its bottom.

    >>> print(table(("field", "n"), [("land", 12), ("civil status", 3)], right={1}, foot=("all", 15)))
    field          n
    ────────────  ──
    land          12
    civil status   3
    ────────────  ──
    all           15
    """
    body = [tuple(number(cell) for cell in row) for row in rows]
    last = [tuple(number(cell) for cell in foot)] if foot is not None else []
    split = [cell.split("\n") for cell in head]
    height = max(map(len, split))
    top = list(zip(*([""] * (height - len(cell)) + cell for cell in split), strict=True))
    widths = [max(columns(row[i]) for row in (*top, *body, *last)) for i in range(len(head))]
    rule = tuple("─" * width for width in widths)
    lines = [*top, rule, *body, *((rule, *last) if last else ())]
    return "\n".join("  ".join(_pad(cell, widths[i], i in right) for i, cell in enumerate(line)).rstrip() for line in lines)


def number(value: object) -> str:
    """*value* as it stands in a cell: None is a dash, yes and no are words' business, a tuple is a list with commas."""
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def percent(rate: Decimal | None, language: str = "en") -> str:
    """A rate that is already in per cent, with a decimal comma in Vietnamese; a dash where there is none.

    >>> percent(Decimal("99.38"), "vi"), percent(None)
    ('99,38 %', '–')
    """
    if rate is None:
        return "–"
    return f"{rate} %".replace(".", ",") if language == "vi" else f"{rate} %"


def bar(share: Decimal | float, width: int = 24) -> str:
    """A bar that fills *share* (0 to 1) of *width* columns; anything above nothing shows."""
    filled = round(float(share) * width)
    return "█" * max(filled, 1 if share > 0 else 0)


def day(value: date, language: str = "en") -> str:
    """A date with its weekday.

    >>> day(date(2021, 2, 9)), day(date(2021, 2, 9), "vi")
    ('Tue 09/02/2021', 'T3 09/02/2021')
    """
    return f"{_DAYS[language][value.weekday()]} {value:%d/%m/%Y}"


def instant(value: datetime, language: str = "en") -> str:
    """A date and time with its weekday; seconds only where there are any, the offset where the clocks show it twice.

    >>> instant(datetime(2021, 2, 23, 17)), instant(datetime(2021, 8, 27, 15, 0, 1))
    ('Tue 23/02/2021 17:00', 'Fri 27/08/2021 15:00:01')
    """
    clock = f"{value:%H:%M:%S}" if value.second or value.microsecond else f"{value:%H:%M}"
    return f"{day(value, language)} {clock}{twice(value)}"


_UNITS = {"en": ("d", "h", "min", "s"), "vi": ("ngày", "giờ", "phút", "giây")}


def length(us: int | None, language: str = "en", *, days: bool = True) -> str:
    """A length of time in its two largest units; without *days* hours are not gathered, as a working day is not 24 of them.

    >>> length(93_780_000_000), length(93_780_000_000, days=False), length(1_500_000, "vi"), length(None)
    ('1 d 2 h', '26 h 3 min', '1 giây', '–')
    """
    if us is None:
        return "–"
    minutes, seconds = divmod(us // 1_000_000, 60)
    hours, minutes = divmod(minutes, 60)
    whole, hours = divmod(hours, 24) if days else (0, hours)
    parts = [(n, unit) for n, unit in zip((whole, hours, minutes, seconds), _UNITS[language], strict=True)]
    first = next((i for i, (n, _) in enumerate(parts) if n), 3)
    return " ".join(f"{n:,} {unit}" for n, unit in parts[first : first + 2] if n or first == 3)


def span(first: date, last: date) -> str:
    """One day, or a first and a last.

    >>> span(date(2021, 2, 10), date(2021, 2, 16)), span(date(2021, 1, 1), date(2021, 1, 1))
    ('10/02–16/02', '01/01')
    """
    return f"{first:%d/%m}" if first == last else f"{first:%d/%m}–{last:%d/%m}"
