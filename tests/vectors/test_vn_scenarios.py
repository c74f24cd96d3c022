"""Vietnamese due dates from outside, checked by two oracles of their own: days off, make-up Saturdays and rolls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pendulum
import pytest

from qms.calendar import WorkCalendar
from qms.deadline import reckon
from qms.limits import TimeLimit

VN = WorkCalendar.load("VN")


@pytest.fixture(scope="session")
def scenarios(shared_data: Path) -> dict[str, list[dict[str, Any]]]:
    """The vectors, by kind."""
    return json.loads((shared_data / "vectors" / "vn_scenarios.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def nine(day: str) -> pendulum.DateTime:
    """Nine in the morning of a day."""
    return pendulum.from_format(f"{day} 09:00", "YYYY-MM-DD HH:mm", tz="Asia/Ho_Chi_Minh")


def test_working_days_are_those_of_the_vectors(scenarios):
    """So many working days after a day, as dates."""
    rows = scenarios["vn_working_days"]
    assert [row["due"] for row in rows] == [str(VN.add_working_days(date.fromisoformat(row["from"]), row["n"])) for row in rows]


def test_limits_in_working_days_end_at_the_close_of_those_days(scenarios):
    """The same as limits: at 17:00 of the last day."""
    rows = scenarios["vn_working_days"]
    ends = [reckon(nine(row["from"]), TimeLimit(row["n"], "working days"), calendar=VN) for row in rows]
    assert [row["due"] for row in rows] == [str(end.last_day) for end in ends]
    assert {"17:00"} == {end.at.format("HH:mm") for end in ends}


def test_days_months_and_years_end_where_the_vectors_do(scenarios):
    """Calendar days, months and years, and the day to which a roll moves them."""
    rows = scenarios["vn_calendar"]
    found = [reckon(nine(row["from"]), TimeLimit(row["n"], row["unit"]), calendar=VN) for row in rows]
    rolled = [one.ledger.rolled for one in found]
    assert [row["due"] for row in rows] == [str(one.last_day) for one in found]
    assert [row["raw"] for row in rows] == [
        str(move[0] if move else one.last_day) for one, move in zip(found, rolled, strict=True)
    ]


def _days() -> Iterator[date]:
    day = date(2018, 1, 1)
    while day <= date(2027, 12, 31):
        yield day
        day += timedelta(1)


def test_every_day_is_what_the_public_record_says(shared_data):
    """Ten years, day by day: a make-up Saturday works, a day off does not, else the weekday decides."""
    record = json.loads((shared_data / "calendars" / "vn_working_days_2018-2027.json").read_text(encoding="utf-8"))
    off, made_up = set(record["days_off_weekday_or_other"]), set(record["makeup_working_days"])
    expected = [day for day in _days() if str(day) in made_up or (str(day) not in off and day.weekday() < 5)]
    assert expected == [day for day in _days() if VN.is_working_day(day)]


def test_no_day_of_the_record_is_missing_or_made_up(shared_data):
    """The entries hold exactly the days of the record."""
    record = json.loads((shared_data / "calendars" / "vn_working_days_2018-2027.json").read_text(encoding="utf-8"))
    assert set(record["days_off_weekday_or_other"]) == {str(day) for entry in VN.entries for day in entry.off}
    assert set(record["makeup_working_days"]) == {str(day) for entry in VN.entries for day in entry.working}
