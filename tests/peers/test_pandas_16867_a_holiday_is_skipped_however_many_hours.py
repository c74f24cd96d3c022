"""pandas 16867 and 29901: business hours over a holiday go wrong once they are a day's worth or more.

Martin Luther King Day, Monday 20 January 2014: eight hours from Friday 15:00 ended on the holiday; longer ones ran backwards.
"""

from __future__ import annotations

from itertools import pairwise

from helpdesk import after, at, desk

OFFICE = desk("09:00-17:00", off=["2014-01-20", "2014-02-17"])


def test_eight_hours_from_the_friday_before():
    """They end on Tuesday at three, not on the holiday; seven hours were right there too."""
    assert "2014-01-21 14:00" == after(OFFICE, "2014-01-17 15:00", hours=7)
    assert "2014-01-21 15:00" == after(OFFICE, "2014-01-17 15:00", hours=8)


def test_more_hours_never_end_earlier():
    """From Friday 13:00, one hour more at a time for a week and a half: always later, and never on the holiday."""
    found = [after(OFFICE, "2014-01-17 13:00", hours=n) for n in range(1, 81)]
    assert all(before < later for before, later in pairwise(found))
    assert [] == [moment for moment in found if moment.startswith("2014-01-20")]
    assert ["2014-01-17 17:00", "2014-01-21 17:00", "2014-01-22 17:00"] == [found[3], found[11], found[19]]


def test_what_was_added_lies_between():
    """Working time between start and end is what was added."""
    for n in (1, 8, 9, 16, 40):
        end = at(after(OFFICE, "2014-01-17 13:00", hours=n))
        assert n * 3600 == OFFICE.working_time(at("2014-01-17 13:00"), end).total_seconds()
