"""Taskana 2347: a service level of three days was counted in milliseconds of working time; customers meant days.

Planned for Monday 31 July 2023 it was due on Wednesday, and expected on Thursday. Both are right, of different limits.
"""

from __future__ import annotations

from helpdesk import at, desk, ends, told

OFFICE = desk("08:00-16:00", zone="Europe/Berlin", off=["2024-03-29", "2024-04-01"])


def test_three_working_days_end_on_thursday():
    """The day it is planned for does not count."""
    assert "2023-08-03 16:00" == ends(OFFICE, "2023-07-31 08:00", "3 working days")


def test_as_much_working_time_ends_on_wednesday():
    """Twenty-four hours of eight a day, asked for by name."""
    assert "2023-08-02 16:00" == ends(OFFICE, "2023-07-31 08:00", "24 working hours")


def test_two_days_over_easter():
    """Their second case: planned on Good Friday, moved to Tuesday 2 April 2024, due on Thursday."""
    planned = told(OFFICE.next_opening(at("2024-03-29 10:00", OFFICE.zone)))
    assert ("2024-04-02 08:00", "2024-04-04 16:00") == (planned, ends(OFFICE, planned, "2 working days"))
