"""vacanza/holidays 2196: a working day moved into another year is lost where each year is loaded for itself.

Ukraine: Saturday 28 December 1996 was worked for Thursday 2 January 1997. Vietnam: Monday 31 December 2018 for Saturday
5 January 2019.
"""

from __future__ import annotations

from helpdesk import day, desk
from qms.calendar import WorkCalendar

VN = WorkCalendar.load("VN")
EXCHANGE = {"id": "new-year", "kind": "swap", "off": ["1997-01-02"], "working": ["1996-12-28"]}
UKRAINE = WorkCalendar.from_tree(desk("09:00-18:00", first="1996-01-01", last="1997-12-31").to_tree() | {"entries": [EXCHANGE]})


def test_both_sides_hold_in_both_years():
    """The Saturday of the old year works, the Thursday of the new one does not."""
    assert (True, False) == (UKRAINE.is_working_day(day("1996-12-28")), UKRAINE.is_working_day(day("1997-01-02")))
    assert day("1996-12-28") == UKRAINE.add_working_days(day("1996-12-27"), 1)


def test_the_same_the_other_way_round():
    """Monday 31 December off, Saturday 5 January worked: five days from 28 December end on the 7th."""
    assert day("2019-01-07") == VN.add_working_days(day("2018-12-28"), 5)
    assert day("2019-01-05") == VN.add_working_days(day("2019-01-04"), 1)


def test_over_both_days_nothing_is_gained_or_lost():
    """A window that holds both has as many working days as without the exchange."""
    plain = desk("09:00-18:00", first="1996-01-01", last="1997-12-31")
    window = (day("1996-12-20"), day("1997-01-10"))
    assert plain.count_working_days(*window) == UKRAINE.count_working_days(*window)
