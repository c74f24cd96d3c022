"""dayjs-business-time 6, ts-business-time 5, py-business-calendar 1 and 2, glpi 7474, working_hours 46: searches that never end.

No weekday is a working day, the amount is negative, the last day is a Saturday: each looped for ever.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk import after, at, day, desk, ends
from qms.errors import OutsideCalendar

NEVER = desk({}, first="2015-01-01", last="2022-12-31")
OFFICE = desk("09:00-17:00", first="2014-01-01", last="2022-12-31")


def test_where_nothing_opens_there_is_no_answer():
    """Hours, days and openings raise, and what has been worked is nothing."""
    for ask in (
        lambda: NEVER.add_working_time(at("2020-06-01 10:00"), timedelta(hours=1)),
        lambda: NEVER.add_working_days(day("2020-06-01"), 1),
        lambda: NEVER.add_working_days(day("2020-06-01"), -1),
        lambda: NEVER.next_opening(at("2020-06-01 10:00")),
        lambda: ends(NEVER, "2020-06-01 10:00", "1 working hour"),
    ):
        with pytest.raises(OutsideCalendar):
            ask()
    assert timedelta() == NEVER.working_time(at("2015-06-01 10:00"), at("2022-06-01 10:00"))


def test_what_is_negative_goes_back():
    """Two hours back from Monday 10:00 is Friday 16:00."""
    assert "2022-05-27 16:00" == after(OFFICE, "2022-05-30 10:00", hours=-2)


def test_counting_to_a_saturday_ends():
    """From Wednesday to Saturday there are two; in January 2015, to Saturday the 31st, twenty-one after the first."""
    assert 2 == OFFICE.count_working_days(day("2014-10-08"), day("2014-10-11"))
    assert 21 == OFFICE.count_working_days(day("2015-01-01"), day("2015-01-31"))
