"""Dynamics 365: a case put on hold on a holiday is not paused, and runs on the next morning ("by design")."""

from __future__ import annotations

from helpdesk import clock, desk, ends, stated, us

OFFICE = desk("09:00-17:00", off=["2026-05-01"])


def test_held_on_a_holiday_and_through_the_monday():
    """Held on 1 May, resumed on Tuesday at nine: Monday does not count."""
    hold = ("2026-05-01 12:00", "2026-05-05 09:00")
    assert "2026-05-04 12:00" == ends(OFFICE, "2026-04-30 16:00", "4 working hours")
    assert "2026-05-05 12:00" == ends(OFFICE, "2026-04-30 16:00", "4 working hours", hold)


def test_held_on_a_holiday_and_resumed_on_it():
    """Nobody worked: nothing moves, and the clock runs again on Monday."""
    running = clock(OFFICE, "2026-04-30 16:00", "4 working hours").pause(us(OFFICE, "2026-05-01 12:00"))
    assert "paused" == running.state
    assert "2026-05-04 12:00" == stated(OFFICE, running.resume(us(OFFICE, "2026-05-01 18:00")))
