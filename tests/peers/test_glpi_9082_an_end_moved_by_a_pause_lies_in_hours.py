"""glpi-project/glpi 9082: a pending state pushes the time to resolve past 18:00, when the planning says the day is over."""

from __future__ import annotations

from helpdesk import at, desk, ends

OFFICE = desk("08:00-18:00")


def test_what_does_not_fit_today_is_for_tomorrow_morning():
    """Due Monday 17:00, pending for two and a half hours: 09:30 of Tuesday, not 19:30."""
    assert "2021-05-17 17:00" == ends(OFFICE, "2021-05-17 08:00", "9 working hours")
    assert "2021-05-18 09:30" == ends(OFFICE, "2021-05-17 08:00", "9 working hours", ("2021-05-17 10:00", "2021-05-17 12:30"))


def test_days_keep_the_hours_too():
    """Five days of which two and a half hours were pending end within the sixth."""
    end = ends(OFFICE, "2021-05-07 10:03", "5 working days", ("2021-05-10 09:00", "2021-05-10 11:31"))
    assert "2021-05-17 10:31" == end
    assert OFFICE.is_open(at(end))
