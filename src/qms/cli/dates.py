"""Dates on the command line: ``qms due`` and ``qms calendar``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import typer
from attrs import frozen
from rich.console import Group, RenderableType
from rich.text import Text

from .. import deadline
from ..calendar import WorkCalendar
from ..codec import shipped_names
from ..deadline import CountingRule, Reckoning, TimeLimit, time_left, to_us
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
    backward: Annotated[
        bool, typer.Option("--backward", help="Count back: the last moment that lies LIMIT before START.")
    ] = False,
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
    found, lang = asked.reckon(backward=backward), language.value
    others = [*asked.others(found)]
    facts = _facts(found) | ({"what_if": [_other_facts(name, found, other) for name, other in others]} if others else {})
    page: list[RenderableType] = [Text("\n".join(_lines(found, lang)))]
    if explain or every_day:
        page = [ledger_table(sheet_of(found.ledger, lang, every_day=every_day))]
    if others:
        head = [_WORDS[name][lang] for name in ("what if", "due", "moved")]
        page += [Text(""), plain_table(head, [_other_row(name, found, other, lang) for name, other in others])]
    return Answer(facts, Group(*page))


@frozen
class _Asked:
    """What a line asks: when a limit ends, and when it would by other rules and calendars."""

    start: datetime
    limit: TimeLimit
    calendar: WorkCalendar
    rule: CountingRule | None
    pauses: Sequence[tuple[datetime, datetime]]
    other_rules: Sequence[CountingRule]
    other_calendars: Sequence[WorkCalendar]

    def reckon(
        self, rule: CountingRule | None = None, calendar: WorkCalendar | None = None, *, backward: bool = False
    ) -> Reckoning:
        rule, calendar = rule or self.rule, calendar or self.calendar
        return deadline.reckon(self.start, self.limit, calendar=calendar, rule=rule, pauses=self.pauses, backward=backward)

    def others(self, found: Reckoning) -> Iterator[tuple[str, Reckoning]]:
        for rule in self.other_rules:
            yield rule.name, self.reckon(rule, backward=found.backward)
        for calendar in self.other_calendars:
            yield calendar.name, self.reckon(found.rule, calendar, backward=found.backward)


def _read(
    start: str,
    limit: str,
    calendar: str,
    rule: str,
    pauses: Sequence[str],
    other_rules: Sequence[str],
    other_calendars: Sequence[str],
) -> _Asked:
    """What is asked for.

    Raises:
        InvalidInput: with every fault of the line, each with its place.
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
    return _Asked(
        faults.sure(began),
        faults.sure(period),
        faults.sure(cal),
        counting,
        spans,
        [one for one in rules if one],
        [one for one in calendars if one],
    )


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
    cal, limit = found.calendar, found.limit
    spans = [(cal.moment(low), cal.moment(high)) for low, high in found.pauses]
    consumed = limit
    if not found.backward and limit.then is None:
        consumed = deadline.elapsed(found.start, found.at, limit.unit, calendar=cal, rule=found.rule, pauses=spans)
    return {
        "due": found.at.isoformat(),
        "last_day": found.last_day.isoformat(),
        "limit": str(limit),
        "rule": found.rule.name,
        "calendar": cal.name,
        "calendar_version": cal.version,
        "consumed": str(consumed),
        "ledger": found.ledger.to_tree(),
    }


def _lines(found: Reckoning, lang: str) -> Iterator[str]:
    cal = found.calendar
    yield f"{_WORDS['before' if found.backward else 'due'][lang]} {instant(found.at, lang)} ({cal.zone})"
    if found.last_day != found.at.date():
        yield f"{_WORDS['last day'][lang]} {day(found.last_day, lang)}"
    yield f"{found.limit.text(lang)} · {found.rule.name} · {cal.name} {cal.version[:12]}"
    for entry in found.ledger.provisional:
        yield f"{_WORDS['rests'][lang]} {entry.text(lang)} [{entry.id}: {entry.standing(lang)}]"


def _apart(found: Reckoning, other: Reckoning) -> tuple[str, int, TimeLimit]:
    """Whether the other end is later, earlier or the same, by how many microseconds, and by how much of the limit's unit."""
    us = to_us(other.at) - to_us(found.at)
    low, high = sorted((to_us(found.at), to_us(other.at)))
    moved = time_left(low, high, found.limit, calendar=found.calendar, rule=found.rule)
    return "same" if us == 0 else "later" if us > 0 else "earlier", abs(us), moved


def _other_facts(name: str, found: Reckoning, other: Reckoning) -> dict[str, Any]:
    direction, us, moved = _apart(found, other)
    return {
        "name": name,
        "due": other.at.isoformat(),
        "last_day": other.last_day.isoformat(),
        "direction": direction,
        "moved": str(moved) if moved.amount else None,
        "seconds": us // 1_000_000,
        "rule": other.rule.name,
        "certainty": other.rule.certainty,
        "calendar": other.calendar.name,
        "calendar_version": other.calendar.version,
    }


def _other_row(name: str, found: Reckoning, other: Reckoning, lang: str) -> tuple[str, str, str]:
    direction, us, moved = _apart(found, other)
    told = _WORDS[direction][lang]
    if direction != "same":
        told = told.format(moved.text(lang) if moved.amount else length(us, lang))
    return name, sheet_of(other.ledger, lang).end, told


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
    "before": {"en": "at the latest", "vi": "chậm nhất"},
    "last day": {"en": "last day", "vi": "ngày cuối cùng"},
    "rests": {"en": "rests on what is provisional:", "vi": "dựa vào ngày tạm tính:"},
    "what if": {"en": "what if", "vi": "nếu áp dụng"},
    "moved": {"en": "moved", "vi": "chênh lệch"},
    "later": {"en": "{} later", "vi": "muộn hơn {}"},
    "earlier": {"en": "{} earlier", "vi": "sớm hơn {}"},
    "same": {"en": "the same", "vi": "như nhau"},
}
