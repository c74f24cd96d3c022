"""frappe/helpdesk 2449: the hold time was added to the moment of creation, wrong for tickets created on a day off.

A hold of two working hours moves a creation on Saturday to later on Saturday, and is lost.
"""

from __future__ import annotations

from helpdesk import desk, ends

OFFICE = desk("10:00-18:00", off=["2025-08-15"])
HOLD = ("2025-08-11 10:00", "2025-08-11 12:00")


def test_a_ticket_of_a_saturday_keeps_its_hold():
    """Eight hours from Saturday are Monday; with two hours on hold they end on Tuesday at noon."""
    assert "2025-08-11 18:00" == ends(OFFICE, "2025-08-09 10:00", "8 working hours")
    assert "2025-08-12 12:00" == ends(OFFICE, "2025-08-09 10:00", "8 working hours", HOLD)


def test_what_they_reckon_is_the_end_without_a_hold():
    """Two hours later on a Saturday is the same start."""
    assert "2025-08-11 18:00" == ends(OFFICE, "2025-08-09 12:00", "8 working hours")


def test_a_ticket_of_a_holiday_keeps_its_hold():
    """Created on Independence Day, held on the Monday after."""
    assert "2025-08-18 16:00" == ends(OFFICE, "2025-08-15 11:00", "4 working hours", ("2025-08-18 10:00", "2025-08-18 12:00"))
