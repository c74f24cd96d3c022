"""mysociety/alaveteli 7292, whatdotheyknow-theme 1392, 1393: a bank holiday declared on 10 September 2022 moved no open request.

Twenty working days; the funeral was on Monday 19 September.
"""

from __future__ import annotations

from datetime import date

from helpdesk import clock, desk, ends, stated
from qms.calendar import WorkCalendar

FUNERAL = {
    "id": "state-funeral",
    "off": ["2022-09-19"],
    "reason": {"en": "State funeral"},
    "decision": "Proclamation of 10 September 2022",
    "decided_on": "2022-09-10",
}
TREE = desk("09:00-17:00", zone="Europe/London", off=["2022-08-29"]).to_tree()
UK = WorkCalendar.from_tree(TREE | {"entries": [*TREE["entries"], FUNERAL]})
KNOWN = UK.as_of(date(2022, 9, 9))


def test_what_was_known_and_what_holds():
    """A request of 1 September was due on the 29th, and is on the 30th; one of 20 September is not moved."""
    assert ("2022-09-29 17:00", "2022-09-30 17:00") == tuple(
        ends(calendar, "2022-09-01 10:00", "20 working days") for calendar in (KNOWN, UK)
    )
    assert ends(KNOWN, "2022-09-20 10:00", "20 working days") == ends(UK, "2022-09-20 10:00", "20 working days")


def test_a_running_clock_is_moved_by_the_new_calendar():
    """The facts of the clock are as they were; asked with the new calendar it ends a day later."""
    running = clock(UK, "2022-09-01 10:00", "20 working days")
    assert ("2022-09-29 17:00", "2022-09-30 17:00") == (stated(KNOWN, running), stated(UK, running))


def test_the_day_names_what_moved_it():
    """The two calendars are two versions, and the day says by which decision it is off."""
    entry = UK.explain(date(2022, 9, 19)).entry
    assert entry is not None
    assert "Proclamation of 10 September 2022" == entry.decision
    assert KNOWN.version != UK.version
