"""numpy 23197: busday_count with its dates turned round counted the other end: not the negative of the count.

It excluded the later date in both directions; ours excludes the first argument going on, and so counts alike going back.
"""

from __future__ import annotations

import pytest

from helpdesk import day, desk

OFFICE = desk("09:00-17:00", off=["2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20"])


@pytest.mark.parametrize(
    ("low", "high", "count"),
    [
        ("2026-02-13", "2026-03-02", 6),
        ("2026-02-13", "2026-02-23", 1),
        ("2026-02-14", "2026-02-22", 0),
        ("2026-03-06", "2026-03-09", 1),
        ("2026-03-07", "2026-03-08", 0),
    ],
)
def test_turned_round_the_sign_changes_and_nothing_else(low, high, count):
    """From a Friday, a Saturday, over a holiday week."""
    count_days = OFFICE.count_working_days
    assert (count, -count) == (count_days(day(low), day(high)), count_days(day(high), day(low)))


def test_what_was_added_is_counted_going_back_too():
    """Six back from Monday 2 March is Friday the 13th, and from there to Monday it is six."""
    assert day("2026-02-13") == OFFICE.add_working_days(day("2026-03-02"), -6)
