"""pendulum 3.3: dividing an Interval by a timedelta raises AttributeError, so that libraries of working time fail on pendulum's own values.

workclock.add(pendulum moment, Interval) ends in that error.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
import pytest

from helpdesk import at, desk, told

OFFICE = desk("08:00-11:30 13:30-17:00")
START = at("2026-03-02 08:00")


@pytest.mark.parametrize(
    "span",
    [
        at("2026-01-01 07:00") - at("2026-01-01 00:00"),
        pendulum.duration(hours=7),
        timedelta(hours=7),
    ],
    ids=["interval", "duration", "timedelta"],
)
def test_seven_hours_are_seven_hours(span):
    """Whatever says so."""
    assert "2026-03-02 17:00" == told(OFFICE.add_working_time(START, span))


def test_what_we_answer_is_a_plain_timedelta():
    """Which divides."""
    assert 7.0 == OFFICE.working_time(START, at("2026-03-02 17:00")) / timedelta(hours=1)
