"""pandas 27761 and python-holidays after its last year: past the end of its holidays a calendar answers as if there were none.

From Saturday 4 September 2032 it rolled to Labor Day itself; python-holidays has no holiday in 2150, and says nothing.
"""

from __future__ import annotations

import pytest

from helpdesk import at, day, desk, ends
from qms.errors import OutsideCalendar

OFFICE = desk("09:00-17:00", off=["2021-09-06"], first="2021-01-01", last="2021-12-31")


def test_within_its_days_the_holiday_is_skipped():
    """The working day after Saturday 4 September 2021 is Tuesday."""
    assert day("2021-09-07") == OFFICE.add_working_days(day("2021-09-04"), 1)


@pytest.mark.parametrize("text", ["2032-09-04", "2150-01-01", "2020-12-31"])
def test_outside_them_there_is_no_answer(text):
    """Every question about a day that the calendar does not know raises, and names what it covers."""
    for ask in (OFFICE.is_working_day, OFFICE.explain, lambda one: OFFICE.add_working_days(one, 1)):
        with pytest.raises(OutsideCalendar, match="2021-01-01 to 2021-12-31"):
            ask(day(text))
    with pytest.raises(OutsideCalendar):
        OFFICE.is_open(at(f"{text} 10:00"))


def test_an_end_beyond_the_last_day_is_none():
    """A limit that starts inside and would end outside is not guessed."""
    with pytest.raises(OutsideCalendar):
        ends(OFFICE, "2021-12-28 10:00", "10 working days")
