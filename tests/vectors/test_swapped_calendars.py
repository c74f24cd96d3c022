"""China, Russia, Kazakhstan and Vietnam from the rows of their official calendars, beside numpy's busday functions.

numpy knows no worked Saturday, so it is given a week of seven working days and every day off by name: `busday_offset` and
`busday_count` then answer any calendar. Its conventions are turned into ours: it counts ``[begin, end)`` and a start on a
day off rolls back before days are added (and forward before they are taken away), which is "the first day never counts".
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from qms.calendar import WorkCalendar
from qms.exchange.calendars import with_holidays

np = pytest.importorskip("numpy")

QUESTIONS = 100_000
WEEK = {"mon-fri": "09:00-13:00 14:00-18:00"}
FILES = {
    "CN": ("cn_holiday-cn_2007-2027.csv", "Asia/Shanghai", date(2006, 12, 1), date(2027, 12, 31)),
    "RU": ("ru_xmlcalendar.csv", "Europe/Moscow", date(2013, 1, 1), date(2026, 12, 31)),
    "KZ": ("kz_xmlcalendar.csv", "Asia/Almaty", date(2015, 1, 1), date(2026, 12, 31)),
}


def rows(folder: Path, code: str) -> list[dict[str, str]]:
    """The rows of a country within its years, one a day."""
    file, _, first, last = FILES[code]
    with (folder / "calendars" / file).open(encoding="utf-8", newline="") as stream:
        found = {row["date"]: row for row in csv.DictReader(stream) if first <= date.fromisoformat(row["date"]) <= last}
    return [found[day] for day in sorted(found)]


def calendar(folder: Path, code: str) -> WorkCalendar:
    """A country's calendar: one entry for each feast of a source, a swap where it has days worked for days off."""
    _, zone, first, last = FILES[code]
    entries = []
    groups: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows(folder, code):
        groups[row["source"], row["name"] or row["date"]].append(row)
    for (source, name), days in groups.items():
        off = [row["date"] for row in days if row["is_working_day"] == "0"]
        worked = [row["date"] for row in days if row["kind"] == "make_up_work"]
        for number, (short, some) in enumerate(groupby(days, key=lambda row: row["kind"] == "short_working_day")):
            if short:  # an hour less on the eve of a feast (Labour Code of Russia, art. 95)
                eves = [row["date"] for row in some]
                entries.append({"id": f"{source} {name} {number}", "working": eves, "hours": "09:00-13:00 14:00-17:00"})
        kind = "swap" if off and worked else "holiday"
        if off or worked:
            entries.append({"id": f"{source} {name}", "kind": kind, "off": off, "working": worked, "source": source})
    tree = {"name": code, "zone": zone, "first": str(first), "last": str(last), "week": WEEK, "entries": entries}
    return WorkCalendar.from_tree(tree)


def closed_days(folder: Path, code: str) -> list[str]:
    """Every day off, told from the rows alone: weekends without a row, and rows that are not worked."""
    _, _, first, last = FILES[code]
    said = {row["date"]: row["is_working_day"] == "1" for row in rows(folder, code)}
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return [str(day) for day in days if not said.get(str(day), day.weekday() < 5)]


def compare(ours: WorkCalendar, closed: list[str]) -> None:
    """A hundred thousand random questions each: days added, days taken away, days counted."""
    off = np.array(closed, dtype="datetime64[D]")
    rng = np.random.default_rng(4)
    first, span = np.datetime64(ours.first), (ours.last - ours.first).days + 1
    days = first + rng.integers(span // 10, span - span // 10, QUESTIONS)
    ends = first + rng.integers(0, span - 1, QUESTIONS)
    steps = rng.integers(1, span // 20, QUESTIONS)
    options = {"weekmask": "1111111", "holidays": off}
    later = np.busday_offset(days, steps, roll="backward", **options)
    earlier = np.busday_offset(days, -steps, roll="forward", **options)
    day = np.timedelta64(1, "D")
    counted = np.busday_count(days + day, ends + day, **options)
    counted = np.where(days > ends, -np.busday_count(ends + day, days + day, **options), counted)
    asked = list(zip(days.tolist(), ends.tolist(), steps.tolist(), strict=True))
    assert later.tolist() == [ours.add_working_days(day, n) for day, _, n in asked]
    assert earlier.tolist() == [ours.add_working_days(day, -n) for day, _, n in asked]
    assert counted.tolist() == [ours.count_working_days(day, end) for day, end, _ in asked]
    assert np.is_busday(days, **options).tolist() == [ours.is_working_day(day) for day, _, _ in asked]


@pytest.mark.parametrize("code", FILES)
def test_swapped_calendars_are_those_of_numpy(shared_data, code):
    """Days added, taken away and counted, over swaps, feasts and short days of two decades."""
    compare(calendar(shared_data, code), closed_days(shared_data, code))


def test_vietnam_is_that_of_numpy(shared_data):
    """The shipped calendar beside the days that were gathered apart from it."""
    given = json.loads((shared_data / "calendars" / "vn_working_days_2018-2027.json").read_text(encoding="utf-8"))
    vn = WorkCalendar.load("VN")
    off, worked = set(given["days_off_weekday_or_other"]), set(given["makeup_working_days"])
    days = [vn.first + timedelta(n) for n in range((vn.last - vn.first).days + 1)]
    compare(vn, [str(d) for d in days if str(d) in off or (d.weekday() >= 5 and str(d) not in worked)])


def test_weekends_worked_in_china_are_made_up(shared_data):
    """Every one of the 132 has a row, is a working day, and the entry that decided it is a feast of its year."""
    china = calendar(shared_data, "CN")
    worked = [row for row in rows(shared_data, "CN") if row["kind"] == "make_up_work"]
    assert 132 == len([row for row in worked if row["is_weekend"] == "1"])
    for row in worked:
        day = china.explain(date.fromisoformat(row["date"]))
        assert ("make-up", row["source"]) == (day.kind, day.entry.source)


def test_python_holidays_agrees_on_china(shared_data):
    """Two sources that know nothing of each other: every day from 2007 to 2025, the worked weekends among them."""
    pytest.importorskip("holidays")
    china = calendar(shared_data, "CN")
    plain = WorkCalendar.from_dates(zone=china.zone, week=WEEK, first=date(2007, 1, 1), last=date(2025, 12, 31))
    changes = china.diff(with_holidays(plain, "CN")).days
    assert [] == [change.date for change in changes if change.before.working != change.after.working]


def test_the_norm_of_working_hours_in_russia(shared_data):
    """Working days and hours of a 40-hour week, as the production calendars of these years state them.

    Not of 2020 and 2021: the rows hold the non-working days of decrees that came later, which the norm does not.
    """
    russia = calendar(shared_data, "RU")
    norms = {}
    for year in (2019, 2022, 2023, 2024, 2025):
        low, high = (russia.moment(russia.instant(date(y, 1, 1).toordinal(), 0)) for y in (year, year + 1))
        days = len(russia.working_days(date(year, 1, 1), date(year, 12, 31)))
        norms[year] = (days, russia.working_time(low, high).total_seconds() / 3600)
    expected = {2019: (247, 1970), 2022: (247, 1973), 2023: (247, 1973), 2024: (248, 1979), 2025: (247, 1972)}
    assert expected == norms
