"""frappe/erpnext 47029, 47884, 49414: the time on hold is added to a deadline in wall-clock seconds, the deadline is in working time.

A hold over a night or a weekend then extends a ticket by hours in which nobody works, and ends it when the office is closed.
"""

from __future__ import annotations

from helpdesk import after, at, desk, ends, told

OFFICE = desk("09:00-18:00")
HOLD = ("2025-06-06 17:00", "2025-06-09 10:00")


def test_a_hold_over_a_weekend_extends_by_what_was_worked_in_it():
    """Four hours from Friday 16:00, on hold from 17:00 to Monday 10:00: two working hours more, not sixty-five."""
    assert "2025-06-09 11:00" == ends(OFFICE, "2025-06-06 16:00", "4 working hours")
    assert "2025-06-09 13:00" == ends(OFFICE, "2025-06-06 16:00", "4 working hours", HOLD)


def test_their_sum_lies_in_the_night():
    """On the same facts the raw seconds lead to Thursday four in the morning."""
    raw = at("2025-06-09 11:00") + (at(HOLD[1]) - at(HOLD[0])).as_timedelta()
    assert "2025-06-12 04:00" == told(raw)
    assert not OFFICE.is_open(raw)
    assert after(OFFICE, "2025-06-09 11:00", hours=2) == ends(OFFICE, "2025-06-06 16:00", "4 working hours", HOLD)
