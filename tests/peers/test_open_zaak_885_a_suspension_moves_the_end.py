"""open-zaak 747 and 885, gemma-zaken 1953: suspension and extension are flags; planned and latest end stay where they were.

Eight weeks from 2 March 2026; suspended for the twelve days that the suspension really took.
"""

from __future__ import annotations

import attrs

from helpdesk import OFFICE as RULE
from helpdesk import clock, desk, stated, us
from qms.deadline import clock_ledger
from qms.limits import TimeLimit

OFFICE = desk("09:00-17:00", zone="Europe/Amsterdam", off=["2026-04-27", "2026-05-05"])


def test_resumed_it_ends_later_by_the_days_it_took():
    """27 April is a holiday and rolls; with twelve days more it is Saturday 9 May, and rolls to Monday."""
    running = clock(OFFICE, "2026-03-02 10:00", "8 weeks")
    resumed = running.pause(us(OFFICE, "2026-03-16 10:00")).resume(us(OFFICE, "2026-03-28 15:00"))
    assert ["2026-04-28 17:00", "2026-05-11 17:00"] == [stated(OFFICE, one) for one in (running, resumed)]
    assert 12 == sum(row.amount for row in clock_ledger(resumed, OFFICE, RULE).rows if row.kind == "paused")


def test_extended_it_ends_later_by_the_extension():
    """Six weeks more count from the end, and an extension taken back is gone."""
    running = clock(OFFICE, "2026-03-02 10:00", "8 weeks")
    extended = running.extend(TimeLimit.parse("6 weeks"), us(OFFICE, "2026-04-01 10:00"))
    assert "2026-06-09 17:00" == stated(OFFICE, extended)
    assert stated(OFFICE, running) == stated(OFFICE, attrs.evolve(extended, extensions=()))
