"""Published tests of other libraries of business hours, answered by our calendar.

Their conventions that are not ours stand in `OTHERS`, each with what it does; their answers are not ours there.
"""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qms.calendar import WorkCalendar
from qms.deadline import TimeLimit, consumption, due, ledger
from qms.limits import CountingRule

OTHERS = {
    "BH005": "moves a closed start to a working day before it counts",
    "BH007": "moves a closed start to a working day before it counts",
    "BH091": "moves a closed moment to an open one when nothing is added",
    "BH095": "moves the wall time into the hours of the day",
    "BH099": "moves the wall time into the hours of the day",
    "BH103": "counts a reversed interval as nothing",
}
UNITS = {"second": "seconds", "minute": "minutes", "hour": "hours"}
SECOND = 1_000_000


@pytest.fixture(scope="session")
def rows(shared_data: Path) -> list[dict[str, str]]:
    """The vectors, by line."""
    with (shared_data / "vectors" / "business_hours_vectors.shared.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="session")
def calendars(shared_data: Path) -> dict[str, WorkCalendar]:
    """Their calendars as ours."""
    told = json.loads((shared_data / "vectors" / "calendars.json").read_text(encoding="utf-8"))
    return {name: _calendar(name, tree) for name, tree in told.items()}


def _calendar(name: str, tree: dict[str, Any]) -> WorkCalendar:
    special = dict(tree["special_hours"])
    for day, breaks in tree["breaks"].items():
        weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[date.fromisoformat(day).weekday()]
        special[day] = _without(special.get(day, tree["weekly"].get(weekday, [])), breaks)
    return WorkCalendar.from_dates(
        name=name,
        zone=tree["tz"],
        week={day: _hours(shifts) for day, shifts in tree["weekly"].items()},
        first=date(1990, 1, 1),
        last=date(2030, 12, 31),
        off=[date.fromisoformat(day) for day in [*tree["holidays"], *(day for day, hours in special.items() if not hours)]],
        working={date.fromisoformat(day): _hours(hours) for day, hours in special.items() if hours},
    )


def _hours(shifts: list[list[str]]) -> str:
    return " ".join(f"{low}-{high}" for low, high in shifts)


def _without(shifts: list[list[str]], breaks: list[list[str]]) -> list[list[str]]:
    for begin, end in breaks:
        parts = [([low, min(high, begin)], [max(low, end), high]) for low, high in shifts]
        shifts = [part for pair in parts for part in pair if part[0] < part[1]]
    return shifts


def _moment(text: str, calendar: WorkCalendar) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=calendar.tz)


def _answer(row: dict[str, str], calendar: WorkCalendar) -> object:
    kind, amount, unit = row["kind"], row["amount"], row["unit"]
    if kind == "add_working_days" and "T" not in row["start"]:
        return calendar.add_working_days(date.fromisoformat(row["start"]), int(amount))
    if kind == "working_days_between":
        return calendar.count_working_days(date.fromisoformat(row["start"]), date.fromisoformat(amount))
    start = _moment(row["start"], calendar)
    if kind == "add_working_days":
        return calendar.moment(calendar.us(calendar.add_working_days(calendar.moment(calendar.us(start)), int(amount))))
    if kind == "add_working_time":
        return calendar.add_working_time(start, timedelta(**{UNITS[unit]: int(amount)}))
    if kind == "working_seconds_between":
        return calendar.working_time(start, _moment(amount, calendar)) // timedelta(seconds=1)
    if kind == "open_periods_after":
        return list(calendar.open_periods(start, start + timedelta(days=60)))[: int(amount)]
    if kind == "is_open":
        return calendar.is_open(start)
    if kind == "previous_open_instant":
        return start if calendar.is_open(start - timedelta(microseconds=1)) else calendar.previous_closing(start)
    return {"next_open_instant": calendar.next_opening, "next_closing_instant": calendar.next_closing}[kind](start)


def _expected(row: dict[str, str], calendar: WorkCalendar) -> object:
    text = row["expected"]
    if row["kind"] == "is_open":
        return text == "true"
    if row["kind"] in ("working_days_between", "working_seconds_between"):
        return int(text)
    if row["kind"] == "open_periods_after":
        return [tuple(_moment(end, calendar) for end in period.split("/")) for period in text.split("; ")]
    return _moment(text, calendar) if "T" in text else date.fromisoformat(text)


ASKED = {
    "add_working_days",
    "add_working_time",
    "next_open_instant",
    "next_closing_instant",
    "previous_open_instant",
    "is_open",
}
ASKED |= {"working_days_between", "working_seconds_between", "open_periods_after"}


def test_published_answers_are_ours(rows, calendars):
    """Every question of days, hours and openings, but for the named conventions."""
    asked = [row for row in rows if row["kind"] in ASKED and row["id"] not in OTHERS]
    expected = {row["id"]: _expected(row, calendars[row["calendar"]]) for row in asked}
    assert expected == {row["id"]: _answer(row, calendars[row["calendar"]]) for row in asked}
    assert len(asked) == 60


def test_named_conventions_are_not_ours(rows, calendars):
    """Where another library does otherwise, the difference is real."""
    others = [row for row in rows if row["id"] in OTHERS]
    assert not [r["id"] for r in others if _expected(r, calendars[r["calendar"]]) == _answer(r, calendars[r["calendar"]])]


def test_published_pauses_are_ours(rows, calendars):
    """A pause of thirty minutes on a clock that never rests: the end, and what had run."""
    always, plain = calendars["ALWAYS"], CountingRule.named("calendar-plain")
    start, low, high = (_moment(f"2024-03-04T{time}:00+00:00", always) for time in ("09:15", "09:30", "10:00"))
    ends = {row["id"]: row for row in rows if row["kind"] in ("due_with_pause", "working_minutes_with_pause")}
    half = due(start, TimeLimit(30, "minutes"), calendar=always, rule=plain, pauses=[(low, high)])
    hour = due(
        _moment(ends["BH139"]["start"], always), TimeLimit(60, "minutes"), calendar=always, rule=plain, pauses=[(low, high)]
    )
    assert [_moment(ends[name]["expected"], always) for name in ("BH137", "BH139")] == [half, hour]
    begin, until = _moment(ends["BH143"]["start"], always), _moment(ends["BH143"]["amount"], always)
    run = consumption(begin, TimeLimit(1, "hours"), until, calendar=always, rule=plain, pauses=[(low, high)])
    assert int(ends["BH143"]["expected"]) == run.consumed // SECOND // 60


PAUSED = {"BH133", "BH135", "BH137", "BH139", "BH141", "BH143", "BH145", "BH147"}


def test_every_line_is_answered_or_named(rows):
    """No vector is left out: asked, named as another convention, or among the pauses."""
    told = {row["id"] for row in rows if row["kind"] in ASKED} | PAUSED
    assert {row["id"] for row in rows} == told
    assert len(rows) == 74


def test_a_share_of_a_limit_with_a_pause(rows, calendars):
    """Half of two hours has run at 11:30, half an hour of it paused; the end is as much later."""
    told, always, plain = {row["id"]: row for row in rows}, calendars["ALWAYS"], CountingRule.named("calendar-plain")
    start, end = (_moment(told["BH133"][key], always) for key in ("start", "amount"))
    span = (start + timedelta(minutes=30), start + timedelta(minutes=60))
    at, two = start + timedelta(minutes=90), TimeLimit(2, "hours")
    run = consumption(start, two, at, calendar=always, rule=plain, pauses=[span])
    assert int(told["BH133"]["expected"]) == 100 * run.consumed // run.budget
    assert _moment(told["BH135"]["start"], always) == end == due(start, two, calendar=always, rule=plain)
    assert _moment(told["BH135"]["expected"], always) == due(start, two, calendar=always, rule=plain, pauses=[span])


def test_what_had_run_when_a_ticket_was_closed_and_answered(rows, calendars):
    """Ninety minutes of the two hours until it was closed; answered after 75 minutes, 15 past a target of an hour."""
    told, always, plain = {row["id"]: row for row in rows}, calendars["ALWAYS"], CountingRule.named("calendar-plain")
    start = _moment(told["BH141"]["start"], always)
    span = (start + timedelta(minutes=90), start + timedelta(minutes=120))
    ask: dict[str, Any] = {"calendar": always, "rule": plain, "pauses": [span]}
    closed = consumption(start, TimeLimit(4, "hours"), start + timedelta(hours=2), **ask)
    assert int(told["BH141"]["expected"]) == closed.consumed // SECOND // 60
    answered = consumption(start, TimeLimit(1, "hours"), start + timedelta(minutes=75), **ask)
    found = f"first_response_in_min={answered.consumed // SECOND // 60}; diff={answered.remaining // SECOND // 60}"
    assert told["BH145"]["expected"] == found


def test_a_pause_by_the_days_it_covers(rows):
    """From Monday noon to Saturday noon: half a day, four whole ones, half a day."""
    row = next(row for row in rows if row["id"] == "BH147")
    berlin = WorkCalendar.from_dates(
        zone="Europe/Berlin", week={"mon-sun": "00:00-24:00"}, first=date(2024, 1, 1), last=date(2024, 12, 31)
    )
    low, high = (datetime.fromisoformat(row[key].replace("T12:00+", "T12:00:00+")) for key in ("start", "amount"))
    told = ledger(
        low - timedelta(hours=1),
        TimeLimit(2, "working hours"),
        calendar=berlin,
        rule=CountingRule.named("calendar-plain"),
        pauses=[(low, high)],
    )
    assert [12, 24, 24, 24, 24, 12] == [row.amount // SECOND // 3600 for row in told.rows if row.kind == "paused"]
