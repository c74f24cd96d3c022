"""glpi-project/glpi 687: the resolution time of a ticket created outside the hours of the calendar was zero."""

from __future__ import annotations

from datetime import timedelta

from helpdesk import at, desk, ends

OFFICE = desk("08:00-18:30")


def test_the_time_to_solve_counts_from_the_next_opening():
    """Created Tuesday 22:00 and solved Wednesday 10:00: two hours, not none."""
    assert timedelta(hours=2) == OFFICE.working_time(at("2017-01-03 22:00"), at("2017-01-04 10:00"))


def test_so_does_the_time_that_is_left():
    """Created on Saturday, three hours end on Monday at eleven."""
    assert "2017-01-09 11:00" == ends(OFFICE, "2017-01-07 15:00", "3 working hours")
