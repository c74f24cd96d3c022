"""python-holidays 0.109: in Vietnam Friday 2 January 2026 is a working day there, and Saturday 10 January is not.

Letter 12729/VPCP-KGVX of 25 December 2025 exchanged the two: a limit of ten working days over the New Year is a day off.
"""

from __future__ import annotations

from datetime import date

from helpdesk import ends
from qms.calendar import WorkCalendar

VN = WorkCalendar.load("VN")


def test_the_exchange_is_known_with_its_letter():
    """Each of the two days names the other's letter."""
    off, worked = (VN.explain(date(2026, 1, day)) for day in (2, 10))
    assert (("swapped_off", "make-up")) == (off.kind, worked.kind)
    assert off.entry == worked.entry
    assert off.entry is not None
    assert "12729/VPCP-KGVX" in off.entry.decision


def test_limits_over_the_new_year():
    """Ten days from New Year's Eve end on 15 January; two days on the 6th."""
    assert "2026-01-15 17:00" == ends(VN, "2025-12-31 09:00", "10 working days")
    assert "2026-01-06 17:00" == ends(VN, "2025-12-31 09:00", "2 working days")
    assert "2026-01-10 17:00" == ends(VN, "2026-01-09 09:00", "1 working day")


def test_without_the_letter_their_answer_comes_out():
    """As known the day before: 5 January, and a Monday after a Friday."""
    known = VN.load("VN", as_of=date(2025, 12, 24))
    assert ("2026-01-05 17:00", "2026-01-12 17:00") == (
        ends(known, "2025-12-31 09:00", "2 working days"),
        ends(known, "2026-01-09 09:00", "1 working day"),
    )
