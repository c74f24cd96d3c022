"""Dates on the command line: ``qms due`` and ``qms calendar``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from .. import deadline
from ..calendar import WorkCalendar
from ..codec import shipped_names
from ..deadline import Clock, CountingRule, Reckoning, TimeLimit, WhatIf, to_us
from ..errors import InvalidInput
from ..ledger_text import sheet_of
from ..report import day, instant, length, year_facts, year_page
from .drawing import ledger_table, plain_table, year_text
from .reading import SHOWN, Faults, calendar_of, parse_instant, parse_pause, placed, rule_of
from .shell import Answer, CalendarName, Json, Lang, Language, app, command, width

__all__ = ["calendar_command", "due_command"]


@app.command("due", context_settings={"ignore_unknown_options": True})
@command
def due_command(
    start: Annotated[str, typer.Argument(help=f"When the period starts: {SHOWN}.", metavar="START")],
    limit: Annotated[str, typer.Argument(help='"15 working days", "8 working hours", "1 month", "same day".', metavar="LIMIT")],
    calendar: CalendarName = "VN",
    rule: Annotated[str, typer.Option("--rule", help="How days are counted; else the calendar's customary rule.")] = "",
    pause: Annotated[list[str] | None, typer.Option("--pause", help="A/B: from A up to B does not count.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Tell what counted and what did not, and why.")] = False,
    every_day: Annotated[bool, typer.Option("--every-day", help="Explain each day on a line of its own.")] = False,
    other_rule: Annotated[list[str] | None, typer.Option("--what-if-rule", help="The end by another rule beside it.")] = None,
    other_calendar: Annotated[
        list[str] | None, typer.Option("--what-if-calendar", help="The end by another calendar beside it.")
    ] = None,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """When a time limit ends, on which rule and calendar, and why."""
    asked = _read(start, limit, calendar, rule, pause or (), other_rule or (), other_calendar or ())
    found, lang = asked.found, language.value
    others = [*asked.others()]
    facts = _facts(found) | ({"what_if": [_other_facts(name, other) for name, other in others]} if others else {})
    page: list[RenderableType] = ["\n".join(_lines(found, lang))]
    if explain or every_day:
        page = [ledger_table(sheet_of(found.ledger, lang, every_day=every_day))]
    if others:
        head = [_WORDS[name][lang] for name in ("what if", "due", "moved")]
        page += ["", plain_table(head, [_other_row(name, other, lang) for name, other in others])]
    return Answer(facts, Group(*page) if len(page) > 1 else page[0])


class _Asked:
    """What a line asks: a reckoning, and the same by other rules and calendars."""

    def __init__(self, found: Reckoning, rules: Sequence[CountingRule], calendars: Sequence[WorkCalendar]) -> None:
        self.found, self.rules, self.calendars = found, rules, calendars

    def others(self) -> Iterator[tuple[str, WhatIf]]:
        found = self.found
        clock = Clock(found.limit, found.rule.name, to_us(found.start), tuple((low, high) for low, high in found.pauses))
        ask = partial(deadline.what_if, clock, found.calendar, found.rule)
        yield from ((rule.name, ask(other_rule=rule)) for rule in self.rules)
        yield from ((calendar.name, ask(other_calendar=calendar)) for calendar in self.calendars)


def _read(
    start: str,
    limit: str,
    calendar: str,
    rule: str,
    pauses: Sequence[str],
    other_rules: Sequence[str],
    other_calendars: Sequence[str],
) -> _Asked:
    """What is asked for, reckoned.

    Raises:
        InvalidInput: with every fault of the line, each with its place.
        OutsideCalendar: an end lies outside a calendar.
    """
    faults = Faults()
    cal = faults.take(lambda: calendar_of(calendar))
    zone = cal or WorkCalendar.load("VN")  # without a calendar there is no zone, yet what is no instant is none in any
    began = faults.take(lambda: parse_instant(start, zone, where="START"))
    period = faults.take(lambda: placed("LIMIT", TimeLimit.parse, limit))
    counting = faults.take(lambda: _counting(rule, cal))
    spans: list[tuple[datetime, datetime]] = []
    for number, text in enumerate(pauses):
        span = faults.take(partial(parse_pause, text, zone, where=f"--pause[{number}]"))
        spans += [span] if span else []
    rules = [faults.take(partial(placed, "--what-if-rule", rule_of, name)) for name in other_rules]
    calendars = [faults.take(partial(placed, "--what-if-calendar", WorkCalendar.load, name)) for name in other_calendars]
    found = deadline.reckon(faults.sure(began), faults.sure(period), calendar=faults.sure(cal), rule=counting, pauses=spans)
    return _Asked(found, [one for one in rules if one], [one for one in calendars if one])


def _counting(rule: str, calendar: WorkCalendar | None) -> CountingRule | None:
    """The rule that is named, or None for the customary one of the calendar.

    Raises:
        InvalidInput: none is named, and the calendar has no customary one; the message lists those that are shipped.
    """
    if rule:
        return placed("--rule", rule_of, rule)
    if calendar is not None and calendar.customary_rule is None:
        known = ", ".join(shipped_names("rules"))
        raise InvalidInput(f"the calendar {calendar.name} names no customary rule; name one of {known}, or a file", "--rule")
    return None


def _facts(found: Reckoning) -> dict[str, Any]:
    cal = found.calendar
    spans = [(cal.moment(low), cal.moment(high)) for low, high in found.pauses]
    return {
        "due": found.at.isoformat(),
        "last_day": found.last_day.isoformat(),
        "limit": str(found.limit),
        "rule": found.rule.name,
        "calendar": cal.name,
        "calendar_version": cal.version,
        "consumed": str(deadline.elapsed(found.start, found.at, found.limit.unit, calendar=cal, rule=found.rule, pauses=spans)),
        "ledger": found.ledger.to_tree(),
    }


def _lines(found: Reckoning, lang: str) -> Iterator[str]:
    cal = found.calendar
    yield f"{_WORDS['due'][lang]} {instant(found.at, lang)} ({cal.zone})"
    if found.last_day != found.at.date():
        yield f"{_WORDS['last day'][lang]} {day(found.last_day, lang)}"
    yield f"{found.limit.text(lang)} · {found.rule.name} · {cal.name} {cal.version[:12]}"
    for entry in found.ledger.provisional:
        yield f"{_WORDS['rests'][lang]} {entry.text(lang)} [{entry.id}: {entry.standing(lang)}]"


def _other_facts(name: str, other: WhatIf) -> dict[str, Any]:
    ledger = other.other_ledger
    return {
        "name": name,
        "due": other.other_due.isoformat(),
        "last_day": ledger.last_day.isoformat(),
        "direction": other.direction,
        "moved": str(other.moved) if other.direction != "same" else None,
        "rule": ledger.rule.name,
        "certainty": ledger.rule.certainty,
        "calendar": ledger.calendar.name,
        "calendar_version": ledger.calendar.version,
    }


def _other_row(name: str, other: WhatIf, lang: str) -> tuple[str, str, str]:
    moved = _WORDS[other.direction][lang]
    if other.direction != "same":
        apart = length(abs(to_us(other.other_due) - to_us(other.due)), lang)
        moved = f"{other.moved.text(lang) if other.moved.amount else apart} {moved}"
    return name, sheet_of(other.other_ledger, lang).end, moved


@app.command("calendar")
@command
def calendar_command(
    calendar: Annotated[str, typer.Argument(help="A shipped calendar, or a .toml or .json file.", metavar="C")],
    year: Annotated[int, typer.Argument(help="Which year.", metavar="YEAR", min=1, max=9999)],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """A year of a calendar: which days are off, worked, half or provisional, and why."""
    cal = placed("C", WorkCalendar.load, calendar)
    return Answer(year_facts(cal, year), year_text(year_page(cal, year, language.value, width=width())))


_WORDS = {
    "due": {"en": "due", "vi": "hạn"},
    "last day": {"en": "last day", "vi": "ngày cuối cùng"},
    "rests": {"en": "rests on what is provisional:", "vi": "dựa vào ngày tạm tính:"},
    "what if": {"en": "what if", "vi": "nếu áp dụng"},
    "moved": {"en": "moved", "vi": "chênh lệch"},
    "later": {"en": "later", "vi": "muộn hơn"},
    "earlier": {"en": "earlier", "vi": "sớm hơn"},
    "same": {"en": "the same", "vi": "như nhau"},
}
