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
from qms.deadline import elapsed, reckon
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


# The worked examples that the reference page on the domain prints (section 2): a start, so many working days, the last of them.
PRINTED = """
2021-02-09 5 2021-02-23
2021-02-08 3 2021-02-18
2024-04-26 3 2024-05-04
2024-04-25 15 2024-05-20
2025-04-25 3 2025-04-29
2025-04-24 3 2025-04-28
2025-12-31 2 2026-01-06
2026-01-08 3 2026-01-12
2026-01-09 1 2026-01-10
2026-02-13 3 2026-02-25
2026-02-13 15 2026-03-13
2026-08-21 1 2026-08-22
2026-08-21 5 2026-08-27
2026-08-28 3 2026-09-07
2026-11-20 3 2026-11-26
2026-12-30 7 2027-01-11
2018-12-28 5 2019-01-07
2020-01-22 3 2020-02-03
2023-01-19 5 2023-02-02
2021-08-31 3 2021-09-07
2021-04-28 7 2021-05-11
2021-04-20 3 2021-04-26
2024-12-31 15 2025-01-22
"""


@pytest.mark.parametrize("example", PRINTED.strip().splitlines(), ids=lambda example: "+".join(example.split()[:2]))
def test_printed_examples(example):
    """Each is a date by the calendar, a limit by the engine, and has elapsed by then."""
    start, n, last = example.split()
    assert last == str(VN.add_working_days(date.fromisoformat(start), int(n)))
    found = reckon(nine(start), TimeLimit(int(n), "working days"), calendar=VN)
    assert last == str(found.last_day)
    assert TimeLimit(int(n), "working days") == elapsed(nine(start), found.at, "working days", calendar=VN)
    assert int(n) == VN.count_working_days(date.fromisoformat(start), found.last_day)


# Weekdays off and Saturdays worked, year by year, as the same page prints them; 2027 is provisional.
DAYS_OFF = """
2018 01-01 02-14/02-20 04-25 04-30 05-01 09-03 12-31
2019 01-01 02-04/02-08 04-15 04-29 04-30 05-01 09-02
2020 01-01 01-23/01-29 04-02 04-30 05-01 09-02
2021 01-01 02-10/02-16 04-21 04-30 05-03 09-02/09-03
2022 01-03 01-31/02-04 04-11 05-02/05-03 09-01/09-02
2023 01-02 01-20/01-26 05-01/05-03 09-01 09-04
2024 01-01 02-08/02-14 04-18 04-29/05-01 09-02/09-03
2025 01-01 01-27/01-31 04-07 04-30/05-02 09-01/09-02
2026 01-01/01-02 02-16/02-20 04-27 04-30 05-01 08-31/09-02 11-24
2027 01-01 02-04/02-10 04-16 04-30 05-03 09-02/09-03 11-24
"""
WORKED = ("2019-01-05", "2019-05-04", "2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22")


def _printed_off() -> Iterator[date]:
    for line in DAYS_OFF.strip().splitlines():
        year, *runs = line.split()
        for run in runs:
            low, _, high = run.partition("/")
            day, last = (date.fromisoformat(f"{year}-{end}") for end in (low, high or low))
            while day <= last:
                yield day
                day += timedelta(1)


def test_the_printed_table_is_the_calendar():
    """Ten years: a working day is a weekday that is not off, or a Saturday that is worked."""
    off, worked = set(_printed_off()), {date.fromisoformat(text) for text in WORKED}
    expected = [day for day in _days() if day in worked or (day.weekday() < 5 and day not in off)]
    assert expected == [day for day in _days() if VN.is_working_day(day)]
