"""glpi-project/glpi 22678: an escalation an hour before the deadline ran at 00:00 where a calendar stood behind it.

Monday to Friday 08:00-18:00, four hours, escalated one hour before; opened Monday 17:00 it is due Tuesday 11:00.
"""

from __future__ import annotations

from helpdesk import after, desk, ends

OFFICE = desk("08:00-18:00")


def test_the_hour_before_the_end_of_a_limit_that_crossed_the_night():
    """Due Tuesday 11:00, the hour before begins at 10:00, not at midnight."""
    due = ends(OFFICE, "2026-01-12 17:00", "4 working hours")
    assert ("2026-01-13 11:00", "2026-01-13 10:00") == (due, after(OFFICE, due, hours=-1))


def test_the_hour_before_the_end_of_a_limit_within_a_day():
    """The case that went right there: 14:00 and 13:00."""
    due = ends(OFFICE, "2026-01-12 10:00", "4 working hours")
    assert ("2026-01-12 14:00", "2026-01-12 13:00") == (due, after(OFFICE, due, hours=-1))


def test_an_hour_before_the_morning_is_in_the_evening():
    """An end at 08:30 is preceded by half an hour of Monday."""
    assert "2026-01-12 17:30" == after(OFFICE, "2026-01-13 08:30", hours=-1)
