"""frappe/helpdesk 2212, osTicket 6847: hours run on over lunch, or go wrong when lunch is told as a holiday of an hour."""

from __future__ import annotations

from datetime import timedelta

from helpdesk import at, desk, ends

OFFICE = desk("09:00-13:00 14:00-18:00")


def test_a_ticket_of_the_lunch_hour_starts_after_it():
    """Created at 13:15, an hour ends at 15:00, as if created at 13:00."""
    assert "2025-03-07 15:00" == ends(OFFICE, "2025-03-07 13:15", "1 working hour")
    assert "2025-03-07 15:00" == ends(OFFICE, "2025-03-07 13:00", "1 working hour")


def test_nothing_is_consumed_at_lunch():
    """Between twelve and three lie two hours of work."""
    assert timedelta(hours=2) == OFFICE.working_time(at("2025-03-07 12:00"), at("2025-03-07 15:00"))


def test_lunch_is_no_hold():
    """A hold from half past twelve to half past two gives back one hour."""
    assert "2025-03-07 16:00" == ends(OFFICE, "2025-03-07 12:00", "2 working hours", ("2025-03-07 12:30", "2025-03-07 14:30"))
