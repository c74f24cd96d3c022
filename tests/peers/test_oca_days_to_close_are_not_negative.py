"""OCA/management-system, mgmtsystem_action: days to close are reckoned as created minus closed, and come out negative.

Its days since the last update are those between creation and update, and its reminder fires only on the very tenth day before.
"""

from __future__ import annotations

from datetime import timedelta

from district import Office, at, procedure
from helpdesk import OFFICE as RULE
from helpdesk import at as moment
from helpdesk import desk
from qms.deadline import TimeLimit, elapsed
from qms.event import Acted

DESK = desk("09:00-17:00")


def test_what_lies_between_has_its_sign():
    """From opening to close it is positive; asked the other way round it is negative, and elapsed is never below nothing."""
    opened, closed = moment("2024-10-01 10:00"), moment("2024-10-11 17:00")
    assert TimeLimit(10, "days") == elapsed(opened, closed, "days", calendar=DESK, rule=RULE)
    assert DESK.working_time(opened, closed) == -DESK.working_time(closed, opened) == timedelta(hours=71)
    assert TimeLimit(0, "days") == elapsed(closed, opened, "days", calendar=DESK, rule=RULE)


def test_a_reminder_that_no_run_met_is_not_lost():
    """Nobody looked for half a year: each reminder stands in the history, dated at its own day."""
    office = Office([procedure()])
    case = office.examine("01/03/2021 09:00")
    office.finish(case, "02/03/2021 09:00", "02/03/2021 10:00")
    office.now = at("01/09/2021 09:00")
    office.org.sweep()
    told = [event for event in office.org.history(case) if isinstance(event, Acted) and event.action.startswith("remind")]
    assert ["remind", "remind-again", "remind-last"] == [event.action for event in told]
    assert all(event.when.occurred < event.when.recorded for event in told)
