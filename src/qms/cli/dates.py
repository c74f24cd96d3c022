"""Dates on the command line: ``qms due`` and ``qms calendar``."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import deadline
from ..calendar import WorkCalendar
from ..deadline import TimeLimit
from ..report import day, instant, year_facts, year_page
from .reading import SHOWN, calendar_of, parse_instant, parse_pause, placed, rule_of
from .shell import Answer, CalendarName, Json, Lang, Language, app, command

__all__ = ["calendar_command", "due_command"]


@app.command("due", context_settings={"ignore_unknown_options": True})
@command
def due_command(
    start: Annotated[str, typer.Argument(help=f"When the period starts: {SHOWN}.", metavar="START")],
    limit: Annotated[str, typer.Argument(help='"15 working days", "8 working hours", "1 month", "same day".', metavar="LIMIT")],
    calendar: CalendarName = "VN",
    rule: Annotated[str, typer.Option("--rule", help="How days are counted; else the calendar's customary rule.")] = "",
    pause: Annotated[list[str] | None, typer.Option("--pause", help="A/B: from A up to B does not count.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Tell what counted, day by day, and why.")] = False,
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """When a time limit ends, and on which rule and calendar."""
    cal = calendar_of(calendar)
    began = parse_instant(start, cal, where="START")
    pauses = [parse_pause(text, cal, where=f"--pause[{i}]") for i, text in enumerate(pause or ())]
    period = placed("LIMIT", TimeLimit.parse, limit)
    counting = placed("--rule", rule_of, rule) if rule else None
    found = deadline.reckon(began, period, calendar=cal, rule=counting, pauses=pauses)
    facts = {
        "due": found.at.isoformat(),
        "last_day": found.last_day.isoformat(),
        "limit": str(period),
        "rule": found.rule.name,
        "calendar": cal.name,
        "calendar_version": cal.version,
        "consumed": str(deadline.elapsed(began, found.at, period.unit, calendar=cal, rule=counting, pauses=pauses)),
        "ledger": found.ledger.to_tree(),
    }
    lang = language.value
    if explain:
        return Answer(facts, found.ledger.text(lang))
    lines = [f"{_WORDS['due'][lang]} {instant(found.at, lang)} ({cal.zone})"]
    if found.last_day != found.at.date():
        lines.append(f"{_WORDS['last day'][lang]} {day(found.last_day, lang)}")
    lines.append(f"{period.text(lang)} · {found.rule.name} · {cal.name} {cal.version[:12]}")
    lines += [f"{_WORDS['rests'][lang]} {e.text(lang)} [{e.id}: {e.standing(lang)}]" for e in found.ledger.provisional]
    return Answer(facts, "\n".join(lines))


@app.command("calendar")
@command
def calendar_command(
    calendar: Annotated[str, typer.Argument(help="A shipped calendar, or a .toml or .json file.", metavar="C")],
    year: Annotated[int, typer.Argument(help="Which year.", metavar="YEAR", min=1, max=9999)],
    as_json: Json = False,
    language: Lang = Language.en,
) -> Answer:
    """A year of a calendar: which days are off, worked or provisional, and why."""
    cal = placed("C", WorkCalendar.load, calendar)
    return Answer(year_facts(cal, year), year_page(cal, year, language.value))


_WORDS = {
    "due": {"en": "due", "vi": "hạn"},
    "last day": {"en": "last day", "vi": "ngày cuối cùng"},
    "rests": {"en": "rests on what is provisional:", "vi": "dựa vào ngày tạm tính:"},
}
