"""business-python 2.1, working_hours (Ruby): a start on a day off moves forward even when days are counted back.

The working day before a Sunday is then Friday only by luck, and two before it is Thursday or Friday by the library.
"""

from __future__ import annotations

import pytest

from helpdesk import day, desk

OFFICE = desk("08:00-17:00", off=["2026-02-16", "2026-02-17"])


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-03-08", -1, "2026-03-06"),
        ("2026-03-08", -2, "2026-03-05"),
        ("2026-02-17", -1, "2026-02-13"),
        ("2026-02-18", -1, "2026-02-13"),
    ],
)
def test_days_before_a_closed_start(start, n, expected):
    """Back from a Sunday, from a holiday, and from the day after one."""
    assert day(expected) == OFFICE.add_working_days(day(start), n)


@pytest.mark.parametrize("start", ["2026-03-07", "2026-03-08", "2026-03-09"])
def test_there_and_back(start):
    """Three on and three back lead to the last working day at or before the start, by way of working days alone."""
    there = OFFICE.add_working_days(day(start), 3)
    back = OFFICE.add_working_days(there, -3)
    assert OFFICE.count_working_days(back, there) == 3
    assert back <= day(start)
