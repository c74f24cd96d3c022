"""laravel-help-desk 52: from pending to on hold the clock is paused already, and the second pause counted the first again."""

from __future__ import annotations

import pytest

from helpdesk import desk, ends

OFFICE = desk("09:00-17:00")
A, B, C, D = ("2026-03-02 11:00", "2026-03-02 13:00", "2026-03-02 15:00", "2026-03-03 10:00")


@pytest.mark.parametrize(
    "pauses",
    [
        [(A, D)],
        [(A, B), (B, D)],
        [(A, C), (B, D)],
        [(A, D), (B, C)],
        [(B, C), (A, B), (C, D), (A, D)],
    ],
    ids=["one", "touching", "overlapping", "within", "all of them"],
)
def test_the_union_counts(pauses):
    """From eleven to ten of the next day are seven hours, however they are told."""
    assert "2026-03-03 10:00" == ends(OFFICE, "2026-03-02 10:00", "8 working hours")
    assert "2026-03-03 17:00" == ends(OFFICE, "2026-03-02 10:00", "8 working hours", *pauses)
