"""island.is 23287: a deadline given as a date expired when that date began, a day early."""

from __future__ import annotations

import attrs
import pytest

from helpdesk import OFFICE as RULE
from helpdesk import at, desk
from qms.deadline import TimeLimit, due, is_over, last_day, timeliness, to_us

OFFICE = desk("09:00-16:00", zone="Atlantic/Reykjavik")
MIDNIGHT = attrs.evolve(RULE, end_of_day="24:00")


@pytest.mark.parametrize("rule", [RULE, MIDNIGHT], ids=["close", "24:00"])
@pytest.mark.parametrize("limit", ["14 days", "10 working days", "1 month"])
def test_what_comes_on_the_last_day_is_in_time(rule, limit):
    """At its first minute and a minute before its end; by date, the whole of it."""
    end = to_us(due(at("2026-01-07 11:00", OFFICE.zone), TimeLimit.parse(limit), calendar=OFFICE, rule=rule))
    day = last_day(end, OFFICE, rule)
    early = OFFICE.instant(day.toordinal(), 60_000_000)
    assert (False, False) == (is_over(end, early, rule), is_over(end, end - 60_000_000, rule))
    assert {"on-time"} == {timeliness(moment, end, OFFICE, "date", rule=rule) for moment in (early, end - 1)}


def test_what_comes_after_it_is_late():
    """One instant after the end, and the first of the next day."""
    end = to_us(due(at("2026-01-07 11:00", OFFICE.zone), TimeLimit.parse("14 days"), calendar=OFFICE, rule=MIDNIGHT))
    assert str(last_day(end, OFFICE, MIDNIGHT)) == "2026-01-21"
    assert ("on-time", "late") == tuple(timeliness(moment, end, OFFICE, rule=MIDNIGHT) for moment in (end - 1, end))
