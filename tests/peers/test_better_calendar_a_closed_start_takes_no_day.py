"""better-calendar 2.0 and business-python 2.1: a start on a day off first moves to the next working day, and then counts from it.

One working day from Saturday 7 March 2026 is Tuesday there. The day of the event never counts: Monday is the first.
"""

from __future__ import annotations

import pytest

from helpdesk import day, desk, ends

OFFICE = desk("08:00-17:00", off=["2026-04-03", "2026-04-06"])


@pytest.mark.parametrize(
    ("start", "n", "ours", "theirs"),
    [
        ("2026-03-07", 1, "2026-03-09", "2026-03-10"),
        ("2026-03-08", 5, "2026-03-13", "2026-03-16"),
        ("2026-04-03", 1, "2026-04-07", "2026-04-08"),
        ("2026-04-06", 3, "2026-04-09", "2026-04-10"),
    ],
)
def test_the_first_working_day_after_a_closed_start_is_the_first(start, n, ours, theirs):
    """Forward from a Saturday, a Sunday and two holidays."""
    found = OFFICE.add_working_days(day(start), n)
    assert day(ours) == found != day(theirs)
    assert f"{ours} 17:00" == ends(OFFICE, f"{start} 10:00", f"{n} working days")


def test_counting_undoes_it():
    """From Saturday to that Monday there is one working day."""
    assert 1 == OFFICE.count_working_days(day("2026-03-07"), day("2026-03-09"))
