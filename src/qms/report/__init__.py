"""Pages for people, as plain text: tables, days, a year of a calendar.

Rule 1: a page is a plain function from values to text; it opens nothing and prints nothing.
Rule 2: every page is in English or Vietnamese; dates stand as people in Vietnam write them, dd/mm/yyyy hh:mm.
"""

from __future__ import annotations

from .logged import draft_page, log_page
from .replayed import replay_page
from .text import bar, columns, day, instant, length, number, percent, span, table
from .year import year_facts, year_page

__all__ = [
    "bar",
    "columns",
    "day",
    "draft_page",
    "instant",
    "length",
    "log_page",
    "number",
    "percent",
    "replay_page",
    "span",
    "table",
    "year_facts",
    "year_page",
]
