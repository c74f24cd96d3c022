"""seppemans/businesstimedelta 8, 10, 11: after the last holiday of a list the next one is None, and a sum ends in a TypeError.

9:00-16:00, Monday 15 March 2021 off, eight hours from Saturday 13 March.
"""

from __future__ import annotations

from datetime import timedelta

from helpdesk import after, at, desk

OFFICE = desk("09:00-16:00", off=["2021-03-15"])


def test_eight_hours_over_the_only_holiday():
    """Seven on Tuesday, one on Wednesday."""
    assert "2021-03-17 10:00" == after(OFFICE, "2021-03-13 00:00", hours=8)


def test_a_difference_that_ends_after_the_last_holiday():
    """From Friday to the Friday after: five days without the Monday, four days and the hours of the first."""
    assert timedelta(hours=7 + 4 * 7) == OFFICE.working_time(at("2021-03-12 09:00"), at("2021-03-19 18:00"))


def test_no_holiday_at_all():
    """An office without a single day off has sums too."""
    assert "2021-03-16 10:00" == after(desk("09:00-16:00"), "2021-03-13 00:00", hours=8)
