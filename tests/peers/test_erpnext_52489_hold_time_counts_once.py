"""frappe/erpnext 52489: the mended hold time shifts the start and is added to the end as well, so that it counts twice.

Its released code does the opposite: at the second resume only the last hold is added, the earlier ones are lost.
"""

from __future__ import annotations

from helpdesk import clock, desk, ends, stated, us

OFFICE = desk("09:00-18:00")
HOLDS = (("2026-02-02 11:00", "2026-02-02 12:00"), ("2026-02-03 10:00", "2026-02-03 12:00"))


def test_a_hold_moves_the_end_by_its_length():
    """One working hour on hold is one working hour more."""
    assert "2026-02-03 14:00" == ends(OFFICE, "2026-02-02 10:00", "12 working hours", HOLDS[0])


def test_a_second_hold_does_not_forget_the_first():
    """Two holds of one and two hours: three more than the thirteen o'clock without, in any order."""
    assert "2026-02-03 13:00" == ends(OFFICE, "2026-02-02 10:00", "12 working hours")
    assert "2026-02-03 16:00" == ends(OFFICE, "2026-02-02 10:00", "12 working hours", *HOLDS)
    assert "2026-02-03 16:00" == ends(OFFICE, "2026-02-02 10:00", "12 working hours", *reversed(HOLDS))


def test_while_on_hold_there_is_still_something_to_tell():
    """There the date is emptied while a ticket is on hold; ours says when it would end if work went on at once."""
    held = clock(OFFICE, "2026-02-02 10:00", "12 working hours").pause(us(OFFICE, HOLDS[0][0]))
    assert "2026-02-03 13:00" == stated(OFFICE, held)
