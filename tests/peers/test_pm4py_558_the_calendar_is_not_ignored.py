"""pm4py 558 and 559: a calendar is taken as a parameter and never looked at; days of work are shown as 24 hours.

From Thursday 24 December 2026 08:00 to Monday 28 December 17:00, with Christmas on Friday.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from helpdesk import OFFICE as RULE
from helpdesk import at, desk
from qms.deadline import TimeLimit, elapsed

AUSTRIA = desk("08:00-17:00", zone="Europe/Vienna", off=["2026-12-25", "2026-12-26"])
PLAIN = desk("08:00-17:00", zone="Europe/Vienna")


def test_the_holiday_takes_its_hours():
    """Two days of nine hours; with weekends alone it would be three."""
    low, high = at("2026-12-24 08:00", "Europe/Vienna"), at("2026-12-28 17:00", "Europe/Vienna")
    assert timedelta(hours=18) == AUSTRIA.working_time(low, high)
    assert timedelta(hours=27) == PLAIN.working_time(low, high)


def test_days_are_those_of_the_office():
    """Thirty-two hours in an office of eight are four working days, not 1.33 of twenty-four hours."""
    office = desk("08:00-16:00")
    low, high = at("2026-01-05 08:00"), at("2026-01-08 16:00")
    counted = attrs.evolve(RULE, first_day="included")
    assert timedelta(hours=32) == office.working_time(low, high)
    assert TimeLimit(4, "working days") == elapsed(low, high, "working days", calendar=office, rule=counted)
