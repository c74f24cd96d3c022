"""VietOpenCPS/opencps-v2, BetimeUtils: the hours that are configured never apply; 7:00-11:30 and 13:30-17:00 always win.

What is configured is split at a comma, and each piece is then asked whether it has a comma.
"""

from __future__ import annotations

import pytest

from helpdesk import at, day, desk, ends

ZONE = "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("07:00-11:30 13:30-17:00", "2021-03-01 15:00"),
        ("07:30-11:30 13:00-17:00", "2021-03-01 14:30"),
        ("08:00-12:00", "2021-03-02 09:00"),
        ("08:00-20:00", "2021-03-01 13:00"),
    ],
)
def test_three_hours_from_ten_by_the_hours_of_the_office(hours, expected):
    """Each office has its own answer."""
    assert expected == ends(desk(hours, zone=ZONE), "2021-03-01 10:00", "3 working hours")


def test_the_hours_of_one_day_apply_on_that_day():
    """A short day before a holiday ends at noon, and the day after as ever."""
    office = desk("07:30-11:30 13:00-17:00", zone=ZONE, working={"2021-02-09": "07:30-12:00"})
    assert "2021-02-09 12:00" == ends(office, "2021-02-08 09:00", "1 working day")
    assert not office.is_open(at("2021-02-09 14:00", ZONE))
    assert "07:30-12:00" == office.explain(day("2021-02-09")).hours
