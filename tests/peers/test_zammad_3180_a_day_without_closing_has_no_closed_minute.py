"""zammad/zammad 3180: open day and night could only be told as 00:00-23:59, and each midnight cost a minute."""

from __future__ import annotations

from datetime import timedelta

from helpdesk import after, at, desk

ALWAYS = desk({"mon-sun": "00:00-24:00"})
THEIRS = desk({"mon-sun": "00:00-23:59"})


def test_an_hour_over_midnight_is_an_hour():
    """From 23:30 an hour ends at 00:30; with their hours it ends a minute later."""
    assert "2020-09-05 00:30" == after(ALWAYS, "2020-09-04 23:30", hours=1)
    assert "2020-09-05 00:31" == after(THEIRS, "2020-09-04 23:30", hours=1)


def test_a_week_has_all_its_minutes():
    """Seven days are 168 hours, and nothing closes between."""
    low, high = at("2020-09-01 00:00"), at("2020-09-08 00:00")
    assert timedelta(days=7) == ALWAYS.working_time(low, high)
    assert ((low, high),) == ALWAYS.open_periods(low, high)
