"""osTicket 6739: a weekly schedule went wrong unless it had a Monday and a Thursday: overdue at once, or at the end of the week."""

from __future__ import annotations

from itertools import combinations

import pytest

from helpdesk import day, desk, ends
from qms.entries import WEEKDAYS

TUESDAYS = desk({"tue": "08:00-17:00"})


def test_tuesdays_alone():
    """Ten hours from Wednesday 7 August 2024 need two Tuesdays; three days end on the third."""
    assert "2024-08-20 09:00" == ends(TUESDAYS, "2024-08-07 10:00", "10 working hours")
    assert "2024-08-27 17:00" == ends(TUESDAYS, "2024-08-07 10:00", "3 working days")


@pytest.mark.parametrize("worked", [pair for n in (1, 2) for pair in combinations(WEEKDAYS, n)], ids="-".join)
def test_any_days_of_the_week(worked):
    """Each week has as many working days as are named, on those days."""
    office = desk({",".join(worked): "08:00-17:00"})
    assert 52 * len(worked) == office.count_working_days(day("2023-12-31"), day("2024-12-29"))
    assert {WEEKDAYS.index(name) for name in worked} == {
        office.add_working_days(day("2024-08-07"), n).weekday() for n in (1, 2)
    }
