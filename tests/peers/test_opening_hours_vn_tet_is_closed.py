"""opening_hours_py 2.1 (country VN): "Mo-Fr 08:00-17:00; PH off" was open on Tuesday 17 February 2026, the first day of Tet.

It holds no holidays of Vietnam, and does not say so. better-calendar's list of them misses 2 May 2025 and has no day made up.
"""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk import at
from qms.calendar import WorkCalendar

VN = WorkCalendar.load("VN")


@pytest.mark.parametrize("text", ["2026-02-17", "2025-05-02", "2026-08-31", "2026-01-02", "2024-04-29"])
def test_closed_on_days_off(text):
    """Tet, and four exchanged days."""
    assert not VN.is_open(at(f"{text} 09:00", "Asia/Ho_Chi_Minh"))
    assert VN.explain(date.fromisoformat(text)).entry is not None


@pytest.mark.parametrize("text", ["2019-01-05", "2019-05-04", "2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22"])
def test_open_on_the_saturdays_made_up(text):
    """All six of 2018 to 2026."""
    assert VN.is_open(at(f"{text} 09:00", "Asia/Ho_Chi_Minh"))
    assert "make-up" == VN.explain(date.fromisoformat(text)).kind
