"""Edge cases answered by other programs: numpy's busday functions, a minute bitmap, and a Rust library of working time.

Numbers are those of the list they come from. Cases 32 to 34 are numpy's conventions for starts on a closed day and for
reversed arguments: ours are told beside them.
"""

from __future__ import annotations

from datetime import date, timedelta

import pendulum
import pytest

from qms.calendar import WorkCalendar
from qms.deadline import due
from qms.errors import OutsideCalendar
from qms.limits import TimeLimit

VN = WorkCalendar.load("VN")
TREE = VN.to_tree()
# Cases 42 to 68 are on other hours than those of a Vietnamese office.
HOURS = WorkCalendar.from_tree(
    TREE | {"week": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-11:30 13:30-17:00"), "name": "edges"}
)


def at(text: str, zone: str = "Asia/Ho_Chi_Minh") -> pendulum.DateTime:
    """A moment in a zone."""
    return pendulum.from_format(text, "YYYY-MM-DD HH:mm", tz=zone)


ADDED = """
1 2026-02-13 1 2026-02-23
2 2026-02-14 1 2026-02-23
3 2026-02-17 3 2026-02-25
4 2026-02-13 15 2026-03-13
5 2024-04-26 1 2024-05-02
6 2024-05-03 1 2024-05-04
7 2024-05-02 3 2024-05-06
8 2024-05-04 1 2024-05-06
9 2026-01-01 1 2026-01-05
10 2026-01-09 1 2026-01-10
11 2025-12-31 10 2026-01-15
12 2018-12-28 5 2019-01-07
13 2019-01-04 1 2019-01-05
14 2026-08-21 1 2026-08-22
15 2026-08-28 1 2026-09-03
16 2023-04-28 1 2023-05-04
17 2022-04-29 1 2022-05-04
18 2023-09-01 1 2023-09-05
19 2026-11-23 1 2026-11-25
20 2026-04-24 1 2026-04-28
21 2025-04-25 1 2025-04-26
22 2024-02-29 250 2025-02-28
23 2023-12-29 1 2024-01-02
24 2021-09-01 1 2021-09-06
25 2027-02-03 1 2027-02-11
34 2026-03-07 1 2026-03-09
35 2026-02-23 -1 2026-02-13
"""


@pytest.mark.parametrize("case", ADDED.strip().splitlines(), ids=lambda case: case.split()[0])
def test_working_days_added(case):
    """So many working days after a day, which itself never counts."""
    _, day, n, expected = case.split()
    assert expected == str(VN.add_working_days(date.fromisoformat(day), int(n)))


COUNTED = """
26 2026-02-13 2026-02-23 1
27 2026-02-14 2026-02-22 0
28 2024-04-26 2024-05-06 4
29 2025-12-31 2026-12-31 249
30 2024-05-04 2024-05-04 0
31 2026-11-23 2026-11-24 0
32 2026-03-02 2026-02-13 -6
"""


@pytest.mark.parametrize("case", COUNTED.strip().splitlines(), ids=lambda case: case.split()[0])
def test_working_days_counted(case):
    """The working days in (after, upto]; reversed they are negative."""
    _, after, upto, expected = case.split()
    assert int(expected) == VN.count_working_days(date.fromisoformat(after), date.fromisoformat(upto))


def test_33_no_working_days_answer_the_day_itself():
    """Where numpy rolls a closed day by an option, we add nothing: the day stays."""
    assert date(2026, 2, 14) == VN.add_working_days(date(2026, 2, 14), 0)


ROLLED = """
36 2026-01-15 30 days 2026-02-23
37 2026-01-18 30 days 2026-02-23
38 2026-07-24 30 days 2026-08-24
39 2025-12-03 30 days 2026-01-05
40 2024-04-04 30 days 2024-05-04
41 2026-01-31 1 months 2026-03-02
"""


@pytest.mark.parametrize("case", ROLLED.strip().splitlines(), ids=lambda case: case.split()[0])
def test_calendar_days_rolled(case):
    """Days and months that end on a day off go to the next working day, made-up Saturdays included."""
    _, day, amount, unit, expected = case.split()
    assert expected == due(at(f"{day} 09:00"), TimeLimit(int(amount), unit), calendar=VN).to_date_string()


WORKED = """
42 2026-03-02 08:00 210 2026-03-02 11:30
43 2026-03-02 08:00 420 2026-03-02 17:00
44 2026-03-02 11:30 60 2026-03-02 14:30
45 2026-03-02 12:15 60 2026-03-02 14:30
46 2026-03-02 17:00 60 2026-03-03 09:00
47 2026-03-02 16:59 1 2026-03-02 17:00
48 2026-03-02 16:59 2 2026-03-03 08:01
49 2026-03-06 16:30 60 2026-03-09 08:30
50 2026-02-13 16:00 1200 2026-02-25 15:00
51 2024-05-03 16:00 240 2024-05-04 11:00
52 2024-05-04 09:00 480 2024-05-06 10:00
53 2026-01-01 10:00 420 2026-01-05 17:00
54 2026-11-23 15:00 1200 2026-11-27 14:00
55 2026-03-02 00:00 420 2026-03-02 17:00
56 2026-03-01 23:59 420 2026-03-02 17:00
57 2026-08-21 16:00 600 2026-08-24 10:00
70 2026-03-02 08:30 -60 2026-02-27 16:30
"""


@pytest.mark.parametrize("case", WORKED.strip().splitlines(), ids=lambda case: case.split()[0])
def test_working_time_added(case):
    """Minutes of working time over two shifts a day; at the end of a shift the earliest instant."""
    _, day, time, minutes, *expected = case.split()
    assert at(" ".join(expected)) == HOURS.add_working_time(at(f"{day} {time}"), timedelta(minutes=int(minutes)))


@pytest.mark.parametrize(
    "case", [case for case in WORKED.strip().splitlines() if case.split()[0] != "70"], ids=lambda case: case.split()[0]
)
def test_working_time_as_a_limit(case):
    """The same by the engine of limits."""
    _, day, time, minutes, *expected = case.split()
    assert at(" ".join(expected)) == due(at(f"{day} {time}"), TimeLimit(int(minutes), "working minutes"), calendar=HOURS)


BETWEEN = """
58 2026-02-13 16:00 2026-02-23 09:00 120
59 2026-03-02 11:30 2026-03-02 13:30 0
60 2024-05-04 00:00 2024-05-05 00:00 420
61 2024-04-27 00:00 2024-05-05 00:00 1260
62 2026-03-07 00:00 2026-03-09 08:00 0
71 2026-03-03 08:00 2026-03-02 08:00 -420
"""


@pytest.mark.parametrize("case", BETWEEN.strip().splitlines(), ids=lambda case: case.split()[0])
def test_working_time_between(case):
    """Minutes worked between two moments; reversed they are negative."""
    _, day, time, until, clock, minutes = case.split()
    assert timedelta(minutes=int(minutes)) == HOURS.working_time(at(f"{day} {time}"), at(f"{until} {clock}"))


ROUND_THE_CLOCK = WorkCalendar.from_dates(
    zone="Europe/Paris", week={"mon-sun": "00:00-24:00"}, first=date(2026, 1, 1), last=date(2026, 12, 31)
)
NIGHTS = WorkCalendar.from_dates(
    zone="Europe/Paris", week={"mon-sun": "22:00-06:00"}, first=date(2026, 1, 1), last=date(2026, 12, 31)
)


def paris(text: str) -> pendulum.DateTime:
    """A moment in Paris."""
    return at(text, "Europe/Paris")


@pytest.mark.parametrize(
    ("calendar", "low", "high", "hours"),
    [
        pytest.param(ROUND_THE_CLOCK, "2026-03-29 00:00", "2026-03-30 00:00", 23, id="63"),
        pytest.param(ROUND_THE_CLOCK, "2026-10-25 00:00", "2026-10-26 00:00", 25, id="64"),
        pytest.param(NIGHTS, "2026-03-28 20:00", "2026-03-29 20:00", 7, id="65"),
        pytest.param(NIGHTS, "2026-10-24 20:00", "2026-10-25 20:00", 9, id="66"),
    ],
)
def test_working_time_when_the_clocks_change(calendar, low, high, hours):
    """Working time is elapsed time: a night is an hour shorter in spring and longer in autumn."""
    assert timedelta(hours=hours) == calendar.working_time(paris(low), paris(high))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param("2026-03-06T09:30:00+00:00", "2026-03-09T08:30:00+07:00", id="67"),
        pytest.param("2026-03-06T17:30:00+00:00", "2026-03-09T09:00:00+07:00", id="68"),
    ],
)
def test_the_office_decides_which_day_it_is(moment, expected):
    """A moment in another zone is first taken to the office's."""
    start = pendulum.instance(pendulum.DateTime.fromisoformat(moment))
    assert expected == HOURS.add_working_time(start, timedelta(hours=1)).isoformat()


def test_69_no_working_time_changes_nothing():
    """Zero answers the moment itself, at lunch and on a Sunday too."""
    assert at("2026-03-01 10:00") == HOURS.add_working_time(at("2026-03-01 10:00"), timedelta())


def test_72_ten_years_of_closed_days_end():
    """A calendar that never opens raises instead of searching."""
    closed = WorkCalendar.from_dates(zone="UTC", week={}, first=date(2020, 1, 1), last=date(2029, 12, 31))
    with pytest.raises(OutsideCalendar):
        closed.add_working_time(at("2020-06-01 00:00", "UTC"), timedelta(hours=1))
    with pytest.raises(OutsideCalendar):
        closed.add_working_days(date(2020, 6, 1), 1)


def test_working_days_of_each_year():
    """The checksum of the list: working days a year, swaps and Culture Day included."""
    expected = [250, 252, 252, 250, 249, 249, 251, 250, 249]
    assert expected == [sum(day.working for day in VN.year(year)) for year in range(2018, 2027)]
