"""seppemans/businesstimedelta 9: taking four hours from the close of the day before a holiday never returned.

Los Angeles, 08:00-17:00, Wednesday 10 November 2021 at 17:00, Veterans Day on the 11th; 24 and 25 December did the same.
"""

from __future__ import annotations

import pytest

from helpdesk import after, desk

ANGELES = desk(
    "08:00-17:00", zone="America/Los_Angeles", off=["2020-11-11", "2021-11-11", "2021-12-24", "2021-12-25", "2021-12-31"]
)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2021-11-10 17:00", "2021-11-10 13:00"),
        ("2020-11-10 17:00", "2020-11-10 13:00"),
        ("2021-11-11 12:00", "2021-11-10 13:00"),
        ("2021-12-24 09:00", "2021-12-23 13:00"),
        ("2021-12-25 17:00", "2021-12-23 13:00"),
        ("2021-11-12 09:00", "2021-11-10 14:00"),
    ],
)
def test_four_hours_back_over_a_holiday(moment, expected):
    """From its eve at closing time, from within it, from the day after."""
    assert expected == after(ANGELES, moment, hours=-4)
