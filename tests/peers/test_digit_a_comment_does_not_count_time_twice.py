"""egovernments/Digit-Core, EscalationQueryBuilder: a comment keeps the time of creation and lowers what is left, so time counts twice.

A case of 72 hours that is commented on after 24 escalates at 48 hours: now - created > remaining.
"""

from __future__ import annotations

from helpdesk import OFFICE as RULE
from helpdesk import clock, desk, stated, us
from qms.counting import consumption_us
from qms.deadline import clock_ledger, is_over, reckon_clock

ALWAYS = desk({"mon-sun": "00:00-24:00"})
HOUR = 3600 * 1_000_000


def test_asking_changes_nothing():
    """Read after 24, 48 and 71 hours, what is left is 48, 24 and 1, and the end stays."""
    running = clock(ALWAYS, "2026-03-02 00:00", "72 hours")
    moments = [us(ALWAYS, text) for text in ("2026-03-03 00:00", "2026-03-04 00:00", "2026-03-04 23:00")]
    found = [consumption_us(running.started, running.limit, at, calendar=ALWAYS, rule=RULE) for at in moments]
    assert [48 * HOUR, 24 * HOUR, HOUR] == [one.remaining for one in found]
    assert [72 * HOUR] * 3 == [one.consumed + one.remaining for one in found]
    assert "2026-03-05 00:00" == stated(ALWAYS, running)


def test_half_way_is_not_over():
    """At their moment of escalation a day is left."""
    end = reckon_clock(clock(ALWAYS, "2026-03-02 00:00", "72 hours"), ALWAYS, RULE)
    assert not is_over(end, us(ALWAYS, "2026-03-04 00:00"), RULE)


def test_waiting_for_the_citizen_does_not_run():
    """Sent back to the citizen for a day there, the clock ran on; a pause puts the end off by that day."""
    sent = clock(ALWAYS, "2026-03-02 00:00", "72 hours").pause(us(ALWAYS, "2026-03-03 00:00"))
    back = sent.resume(us(ALWAYS, "2026-03-04 00:00"))
    assert "2026-03-06 00:00" == stated(ALWAYS, back)
    assert 24 * HOUR == sum(row.amount for row in clock_ledger(back, ALWAYS, RULE).rows if row.kind == "paused")
