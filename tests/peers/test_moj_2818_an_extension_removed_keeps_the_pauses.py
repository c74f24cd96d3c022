"""ministryofjustice/correspondence_tool_staff 2818, 1144: an extension taken back from a case with pauses left a wrong final date."""

from __future__ import annotations

import attrs

from helpdesk import clock, desk, stated, us
from qms.limits import TimeLimit

OFFICE = desk("09:00-17:00", zone="Europe/London")


def test_without_the_extension_the_pauses_still_count():
    """A month, a pause of nine days, a month more and back: the end is that of the month and its pause."""
    running = clock(OFFICE, "2026-01-12 10:00", "1 month")
    paused = running.pause(us(OFFICE, "2026-01-20 10:00")).resume(us(OFFICE, "2026-01-29 10:00"))
    extended = paused.extend(TimeLimit.parse("1 month"), us(OFFICE, "2026-02-02 10:00"))
    told = [stated(OFFICE, one) for one in (running, paused, extended)]
    assert ["2026-02-12 17:00", "2026-02-23 17:00", "2026-03-23 17:00"] == told
    assert told[1] == stated(OFFICE, attrs.evolve(extended, extensions=()))


def test_a_pause_after_the_extension_stays_too():
    """Paused, extended, paused again and the extension taken back: both pauses count."""
    running = clock(OFFICE, "2026-01-12 10:00", "20 days").pause(us(OFFICE, "2026-01-20 10:00"))
    running = running.resume(us(OFFICE, "2026-01-23 10:00")).extend(TimeLimit.parse("10 days"), us(OFFICE, "2026-01-26 10:00"))
    running = running.pause(us(OFFICE, "2026-01-27 10:00")).resume(us(OFFICE, "2026-01-29 10:00"))
    assert "2026-02-06 17:00" == stated(OFFICE, attrs.evolve(running, extensions=()))
