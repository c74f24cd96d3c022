"""zammad/zammad 390: 48 hours came out as six days, and nobody could see why: a feed had made a Sunday of mourning a holiday.

Created on 9 November 2016 at 23:00; open 9:00 to 21:00 every day.
"""

from __future__ import annotations

from helpdesk import OFFICE as RULE
from helpdesk import at, ends
from qms.calendar import WorkCalendar
from qms.deadline import TimeLimit, ledger

TREE = {
    "name": "support",
    "zone": "Europe/Berlin",
    "first": "2016-01-01",
    "last": "2016-12-31",
    "week": {"mon-sun": "09:00-21:00"},
    "entries": [{"id": "mourning", "off": ["2016-11-13"], "reason": {"en": "Volkstrauertag"}, "source": "a public feed"}],
}
FEED = WorkCalendar.from_tree(TREE)
PLAIN = WorkCalendar.from_tree(TREE | {"entries": []})


def test_the_date_is_told_with_its_reason():
    """The ledger names the day that the feed took away, and that nothing official stands behind it."""
    told = str(ledger(at("2016-11-09 23:00", "Europe/Berlin"), TimeLimit.parse("48 working hours"), calendar=FEED, rule=RULE))
    assert "2016-11-14 21:00" == ends(FEED, "2016-11-09 23:00", "48 working hours")
    assert "Volkstrauertag" in told
    assert "unverified" in told


def test_without_the_entry_it_is_what_the_user_expected():
    """Four days of twelve hours."""
    assert "2016-11-13 21:00" == ends(PLAIN, "2016-11-09 23:00", "48 working hours")
