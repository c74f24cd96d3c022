"""kiegroup/jbpm 233, 1342, 1830, apache/incubator-kie-issues 1648: timers set before the first or after the last hour, or near holidays.

Each was mended in its own year; the kinds of start are the same four.
"""

from __future__ import annotations

import pytest

from helpdesk import desk, ends

OFFICE = desk("09:00-17:00", off=["2021-01-01"])
AFTERNOON = desk("14:00-22:00")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2021-01-07 06:30", "2021-01-07 11:00"),
        ("2021-01-07 18:30", "2021-01-08 11:00"),
        ("2021-01-08 16:30", "2021-01-11 10:30"),
        ("2020-12-31 16:00", "2021-01-04 10:00"),
        ("2021-01-01 12:00", "2021-01-04 11:00"),
    ],
)
def test_two_hours_from_any_start(start, expected):
    """Before opening, after closing, over a weekend, over a holiday, on one."""
    assert expected == ends(OFFICE, start, "2 working hours")


def test_before_an_opening_in_the_afternoon():
    """Where the day begins at two, a morning waits for it."""
    assert "2024-11-28 15:00" == ends(AFTERNOON, "2024-11-28 10:15", "1 working hour")
