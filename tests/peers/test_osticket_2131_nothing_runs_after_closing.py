"""osTicket 1107, 1168, 2131: a ticket went overdue at night and at weekends, when nobody was there."""

from __future__ import annotations

import pytest

from helpdesk import at, desk, ends

OFFICE = desk("08:00-17:00", off=["2015-12-25"])


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2015-06-02 16:00", "2015-06-03 11:00"),
        ("2015-06-05 16:30", "2015-06-08 11:30"),
        ("2015-12-24 16:00", "2015-12-28 11:00"),
    ],
)
def test_four_hours_that_cross_a_closing(start, expected):
    """Over a night, a weekend, a holiday and a weekend: due while the office is open."""
    assert expected == ends(OFFICE, start, "4 working hours")
    assert OFFICE.is_open(at(expected))
