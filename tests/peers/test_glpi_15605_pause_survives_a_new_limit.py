"""glpi-project/glpi 15605, 6902, 16383: when the agreement of a ticket changes, the time it was pending is forgotten.

The new date is reckoned from the opening as if the ticket had never waited.
"""

from __future__ import annotations

import attrs

from helpdesk import clock, desk, stated, us
from qms.limits import TimeLimit

OFFICE = desk("08:00-18:00")


def test_a_new_limit_keeps_the_pauses():
    """Opened Monday 9:00 with ten hours, pending from 11:00 until Wednesday 11:00; then four hours instead."""
    waited = clock(OFFICE, "2023-09-18 09:00", "10 working hours").pause(us(OFFICE, "2023-09-18 11:00"))
    waited = waited.resume(us(OFFICE, "2023-09-20 11:00"))
    assert "2023-09-21 09:00" == stated(OFFICE, waited)
    assert "2023-09-20 13:00" == stated(OFFICE, attrs.evolve(waited, limit=TimeLimit(4, "working hours")))


def test_a_ticket_that_still_waits_is_not_over():
    """With the limit changed while it is pending, its end is after the resumption, whenever that is."""
    waiting = clock(OFFICE, "2023-09-18 09:00", "10 working hours").pause(us(OFFICE, "2023-09-18 11:00"))
    urgent = attrs.evolve(waiting, limit=TimeLimit(3, "working hours")).resume(us(OFFICE, "2023-09-25 11:00"))
    assert "2023-09-25 12:00" == stated(OFFICE, urgent)
