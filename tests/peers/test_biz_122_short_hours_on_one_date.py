"""zendesk/biz 122, bokmann/business_time 183, Intrepidd/working_hours 33 and 37, moment-weekday-calc 11: other hours on one date.

Christmas Eve until noon, a Saturday morning, a late opening: each had to be a holiday or a full day.
"""

from __future__ import annotations

import pytest

from helpdesk import at, day, desk, ends

OFFICE = desk(
    "09:00-17:00",
    off=["2024-12-25"],
    working={"2024-12-24": "09:00-12:00", "2024-12-21": "08:00-11:00", "2024-12-30": "13:00-17:00 18:00-20:00"},
)


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("2024-12-24 10:00", "3 working hours", "2024-12-26 10:00"),
        ("2024-12-23 10:00", "1 working day", "2024-12-24 12:00"),
        ("2024-12-20 16:00", "3 working hours", "2024-12-21 10:00"),
        ("2024-12-27 16:00", "6 working hours", "2024-12-30 19:00"),
        ("2024-12-20 09:00", "2 working days", "2024-12-23 17:00"),
    ],
)
def test_the_hours_of_the_date_hold(start, limit, expected):
    """A short day, its close as an end, a Saturday, an evening, and the Saturday as a working day."""
    assert expected == ends(OFFICE, start, limit)


def test_a_half_day_is_a_day():
    """Days are counted, whatever their hours."""
    assert 4 == OFFICE.count_working_days(day("2024-12-20"), day("2024-12-26"))
    assert not OFFICE.is_open(at("2024-12-24 13:00"))
