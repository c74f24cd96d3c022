"""pandas CustomBusinessHour: seven hours from 08:00, in an office of seven hours, end on the next day at 08:00.

The last instant of work and the next opening are one sum of working time: an end is the earlier, a beginning the later.
"""

from __future__ import annotations

import pytest

from helpdesk import after, at, desk, ends, told

OFFICE = desk("08:00-11:30 13:30-17:00")


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("2026-03-02 08:00", "7 working hours", "2026-03-02 17:00"),
        ("2026-03-02 08:00", "210 working minutes", "2026-03-02 11:30"),
        ("2026-03-06 16:00", "1 working hour", "2026-03-06 17:00"),
        ("2026-03-06 16:59", "1 working minute", "2026-03-06 17:00"),
    ],
)
def test_what_fits_into_the_day_ends_in_it(start, limit, expected):
    """The close of the day, of the morning, of the week."""
    assert expected == ends(OFFICE, start, limit)


def test_one_minute_more_is_the_next_opening_and_a_minute():
    """Past the close it goes on after the break, or on Monday."""
    assert ["2026-03-02 13:31", "2026-03-09 08:01"] == [
        after(OFFICE, "2026-03-02 08:00", minutes=211),
        after(OFFICE, "2026-03-06 16:59", minutes=2),
    ]


def test_parts_of_an_hour_are_hours_too():
    """There a duration of three and a half hours is refused."""
    assert "2026-03-02 11:30" == after(OFFICE, "2026-03-02 08:00", hours=3.5)


def test_the_latest_start_is_an_opening():
    """Taken back from the close, seven hours begin when the office opens; from the opening of Tuesday too."""
    assert "2026-03-02 08:00" == after(OFFICE, "2026-03-02 17:00", hours=-7)
    assert "2026-03-02 08:00" == after(OFFICE, told(OFFICE.next_opening(at("2026-03-02 17:00"))), hours=-7)
