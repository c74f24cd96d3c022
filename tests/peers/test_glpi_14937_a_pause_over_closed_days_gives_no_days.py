"""glpi-project/glpi 10594 and 14937: for limits in days the time pending counted closed hours and holidays, the deadline did not.

A ticket that was pending over a weekend came back with two days too many.
"""

from __future__ import annotations

import attrs

from helpdesk import OFFICE as RULE
from helpdesk import desk, ends

OFFICE = desk("08:00-20:00", off=["2022-02-14"])
BY_DAYS = attrs.evolve(RULE, pause="days")


def test_pending_over_a_weekend_gives_back_the_working_hours():
    """One day from Thursday noon, pending from Friday 18:00 to Tuesday 10:00, a holiday between: four hours, no days."""
    assert "2022-02-11 20:00" == ends(OFFICE, "2022-02-10 12:00", "1 working day")
    assert "2022-02-15 12:00" == ends(OFFICE, "2022-02-10 12:00", "1 working day", ("2022-02-11 18:00", "2022-02-15 10:00"))


def test_by_whole_days_it_gives_back_the_working_days():
    """A rule that measures pauses in days gives back the one working day that began within it."""
    pause = ("2022-02-11 18:00", "2022-02-15 10:00")
    assert "2022-02-15 20:00" == ends(OFFICE, "2022-02-10 12:00", "1 working day", pause, rule=BY_DAYS)


def test_pending_while_the_office_is_closed_gives_nothing():
    """Put on hold after closing, resumed before opening: nobody lost a minute."""
    assert "2022-02-15 20:00" == ends(OFFICE, "2022-02-11 12:00", "1 working day", ("2022-02-11 20:00", "2022-02-15 08:00"))
