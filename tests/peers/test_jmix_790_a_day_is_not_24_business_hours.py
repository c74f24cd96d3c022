"""jmix-framework/jmix 790: ``P1D`` on a business calendar added 24 business hours, about three days; now it is refused there."""

from __future__ import annotations

import pytest

from helpdesk import desk, ends
from qms.errors import InvalidInput
from qms.limits import TimeLimit

OFFICE = desk("09:00-17:00")


def test_a_working_day_is_one():
    """Thursday's day ends on Friday, and not on Tuesday."""
    assert "2022-06-24 17:00" == ends(OFFICE, "2022-06-23 10:00", "1 working day")
    assert "2022-06-28 10:00" == ends(OFFICE, "2022-06-23 10:00", "24 working hours")


def test_a_duration_that_does_not_say_what_it_counts_is_refused():
    """``P1D`` is no limit: the message says how to write one."""
    with pytest.raises(InvalidInput, match="15 working days"):
        TimeLimit.parse("P1D")
