"""hmcts/cmc-claim-store 39: a postponed deadline was counted from the deadline that a roll had moved, not from the day of issue.

Issue, five days of service and fourteen to respond; postponed, fourteen more: 19 and 33 days, each rolled once.
"""

from __future__ import annotations

from helpdesk import desk, ends

COURT = desk("09:00-16:00", zone="Europe/London", off=["2018-03-30", "2018-04-02"])


def test_each_end_is_counted_from_the_issue_and_rolled_once():
    """Issued on 12 March 2018: Saturday of Easter rolls to Tuesday 3 April; postponed, Saturday 14 April to Monday 16."""
    assert "2018-04-03 16:00" == ends(COURT, "2018-03-12 10:00", "19 days")
    assert "2018-04-16 16:00" == ends(COURT, "2018-03-12 10:00", "33 days")


def test_from_the_rolled_day_it_would_be_later():
    """Fourteen days from Tuesday 3 April are Tuesday 17."""
    assert "2018-04-17 16:00" == ends(COURT, "2018-04-03 10:00", "14 days")
