"""VietOpenCPS/opencps-v2, and Bkav eGovCloud WorktimeUtil: one function for the due date, another for the days that have run.

OpenCPS's calculateDuration knows no holiday; Bkav's GetWorkdays knows no day made up. The report then differs from the slip.
"""

from __future__ import annotations

import pytest

from helpdesk import OFFICE as RULE
from helpdesk import at
from qms.calendar import WorkCalendar
from qms.deadline import TimeLimit, due, elapsed

VN = WorkCalendar.load("VN")


@pytest.mark.parametrize(
    "start",
    ["2021-02-08 09:00", "2024-04-25 09:00", "2025-04-24 09:00", "2025-12-31 09:00", "2026-08-20 15:30", "2018-12-28 08:00"],
)
@pytest.mark.parametrize("days", [1, 3, 10])
def test_what_has_run_by_the_due_date_is_the_limit(start, days):
    """Over Tet, over days made up, over the end of a year: one engine, so one answer."""
    begin = at(start, "Asia/Ho_Chi_Minh")
    end = due(begin, TimeLimit(days, "working days"), calendar=VN, rule=RULE)
    assert TimeLimit(days, "working days") == elapsed(begin, end, "working days", calendar=VN, rule=RULE)
