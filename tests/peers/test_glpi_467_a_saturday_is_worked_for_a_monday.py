"""glpi-project/glpi 467, OpenGamma/Strata 1958, rickar/cal 25: no way to say that a weekend day is worked for a day off.

Russia 2016: Monday 22 February was off before the holiday of Tuesday 23, and Saturday 20 was worked for it.
"""

from __future__ import annotations

from helpdesk import at, day, desk, ends
from qms.calendar import WorkCalendar

RUSSIA = desk("09:00-18:00", zone="Europe/Moscow", off=["2016-02-22", "2016-02-23"], working=["2016-02-20"])


def test_the_saturday_is_a_working_day_and_the_monday_is_none():
    """One working day from Friday is Saturday, two are Wednesday."""
    assert [day("2016-02-20"), day("2016-02-24")] == [RUSSIA.add_working_days(day("2016-02-19"), n) for n in (1, 2)]
    assert "2016-02-24 18:00" == ends(RUSSIA, "2016-02-19 10:00", "2 working days")


def test_the_saturday_has_hours():
    """It is open like any day of the week."""
    assert RUSSIA.is_open(at("2016-02-20 10:00", "Europe/Moscow"))


def test_both_sides_of_a_swap_stand_in_one_entry():
    """Told as one exchange, neither side can be lost, and each day names the decision."""
    tree = {"id": "february", "kind": "swap", "off": ["2016-02-22"], "working": ["2016-02-20"], "decision": "No 1017"}
    swapped = WorkCalendar.from_tree(desk("09:00-18:00").to_tree() | {"entries": [tree]})
    days = [swapped.explain(day(text)) for text in ("2016-02-20", "2016-02-22")]
    assert [("make-up", "No 1017"), ("swapped_off", "No 1017")] == [(one.kind, one.entry.decision) for one in days if one.entry]


def test_two_days_of_one_weekend_can_be_worked():
    """9 and 10 March 2019 both, without making other weekends work."""
    march = desk("09:00-17:00", working=["2019-03-09", "2019-03-10"])
    assert 7 == march.count_working_days(day("2019-03-03"), day("2019-03-10"))
    assert 5 == march.count_working_days(day("2019-03-10"), day("2019-03-17"))
