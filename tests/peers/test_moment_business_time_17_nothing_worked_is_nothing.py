"""lennym/moment-business-time 17: the working time between two hours of one closed Sunday was searched for ever.

16 October 2016, from 03:00 to 07:00.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk import at, desk

OFFICE = desk("09:00-17:00", off=["2016-10-10"])


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("2016-10-16 03:00", "2016-10-16 07:00"),
        ("2016-10-14 17:00", "2016-10-17 09:00"),
        ("2016-10-10 00:00", "2016-10-11 00:00"),
        ("2016-10-12 18:00", "2016-10-12 18:00"),
    ],
)
def test_between_closed_hours_lies_no_work(low, high):
    """Within a Sunday, over a weekend, over a holiday, between one instant and itself; turned round too."""
    assert timedelta() == OFFICE.working_time(at(low), at(high)) == OFFICE.working_time(at(high), at(low))
