"""zammad/zammad 4432: reminders of an escalation were sent at midnight and on Saturdays, with service hours Monday to Friday 9-17."""

from __future__ import annotations

from itertools import accumulate

from helpdesk import after, at, desk, ends

OFFICE = desk("09:00-17:00", zone="Europe/Berlin")


def test_what_repeats_each_working_day_is_never_at_night():
    """From an escalation on Friday, every eight working hours: the same time on Monday, Tuesday, ..."""
    escalated = ends(OFFICE, "2022-12-15 11:30", "8 working hours")
    times = list(accumulate(range(4), lambda moment, _: after(OFFICE, moment, hours=8), initial=escalated))
    assert ["2022-12-16 11:30", *(f"2022-12-{day} 11:30" for day in (19, 20, 21, 22))] == times
    assert all(OFFICE.is_open(at(moment, "Europe/Berlin")) for moment in times)
