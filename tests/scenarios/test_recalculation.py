"""Scenarios 3, 18 and 19: a swap announced late, a limit divided among steps, and hours that do not fit in a day."""

from __future__ import annotations

from datetime import date

import pytest

from district import Office, at, procedure
from qms.calendar import WorkCalendar
from qms.errors import InvalidInput
from qms.event import Recalculated
from qms.process import Procedure, Process

EARLIER = WorkCalendar.load("VN", as_of=date(2025, 12, 24))
LETTER = "VPCP letter 12729 of 25/12/2025"


def divided(limit: str, *shares: tuple[str, str]) -> Procedure:
    """A procedure whose limit an office divides among steps."""
    tree = dict(procedure("divided", limit, "run").tree)
    return Procedure.from_tree(tree | {"shares": [{"step": step, "period": period} for step, period in shares]})


def dues(desk: Office, case: str) -> list[str]:
    """When each step is due, in words."""
    return [slot.due.format("DD/MM HH:mm") for slot in desk.org.timetable(case).slots]


def test_3_a_swap_announced_late_moves_what_the_law_says_and_not_what_was_promised():
    """Accepted on New Year's Eve for two working days; then the second of January is exchanged for the tenth."""
    desk = Office([procedure(limit="2 working days")])
    desk.org.definitions.recalculate(EARLIER)
    case = desk.accept("31/12/2025 09:00")
    assert at("05/01/2026 17:00") == desk.org.case(case).due
    desk.now = at("31/12/2025 15:00")
    told = desk.org.definitions.recalculate(WorkCalendar.load("VN"), by="hoa", reason=LETTER)
    after = desk.org.case(case)
    assert [at("06/01/2026 17:00"), at("05/01/2026 17:00"), at("05/01/2026 17:00")] == [
        after.date(name) for name in ("statutory_due", "first_promise", "current_promise")
    ]
    (event,) = (event for event in desk.org.history(case) if isinstance(event, Recalculated))
    assert (EARLIER.version, WorkCalendar.load("VN").version, LETTER) == (event.before, event.calendar, event.when.reason)
    assert [f"{case} legal: 05/01/2026 17:00 → 06/01/2026 17:00 (swap-2026-01-02, 12729/VPCP-KGVX)"] == [
        moved.text() for moved in told.moved if moved.clock == "legal"
    ]


def test_3_the_ledger_names_the_decision_that_moved_it():
    """After the recalculation the second of January is told as exchanged, by the calendar in force."""
    desk = Office([procedure(limit="2 working days")])
    desk.org.definitions.recalculate(EARLIER)
    case = desk.accept("31/12/2025 09:00")
    assert "12729/VPCP-KGVX" not in str(desk.org.ledger(case))
    desk.org.definitions.recalculate(WorkCalendar.load("VN"))
    assert "12729/VPCP-KGVX" in str(desk.org.ledger(case))


FIFTEEN = (
    ("accepted", "1 working day"),
    ("examining", "10 working days"),
    ("awaiting-signature", "3 working days"),
    ("awaiting-issue", "1 working day"),
)


def test_18_each_step_has_its_day():
    """One, ten, three and one of fifteen days."""
    desk = Office([divided("15 working days", *FIFTEEN)])
    case = desk.accept("15/03/2021 09:00", "divided")
    assert ["16/03 17:00", "30/03 17:00", "02/04 17:00", "05/04 17:00"] == dues(desk, case)


def test_18_a_split_that_sums_to_sixteen_is_refused():
    """The office may not give away more than it has."""
    split = divided("15 working days", *FIFTEEN[:-1], ("awaiting-issue", "2 working days"))
    assert False is Process.load("one-stop").check([split]).sound
    with pytest.raises(InvalidInput, match=r"shares: .* is more than limits\.legal, 15 working days"):
        Process.load("one-stop").bind(split)


def test_18_a_step_two_days_late_leaves_the_rest_inside_the_limit():
    """Examined until 1/4, the signature and the seal have what is left until 5/4, and the delay is flagged."""
    desk = Office([divided("15 working days", *FIFTEEN)])
    case = desk.examine("16/03/2021 10:00", "divided", accepted="15/03/2021 09:00")
    desk.do(case, "draft-result", "minh", "01/04/2021 17:00", proposal="granted")
    desk.do(case, "approve", "dung")
    table = desk.org.timetable(case)
    assert (["16/03 17:00", "30/03 17:00", "05/04 11:30", "05/04 17:00"], [False, False, True, True]) == (
        dues(desk, case),
        [slot.replanned for slot in table.slots],
    )
    assert ["examining was due 30/03/2021 17:00 and ran until 01/04/2021 17:00"] == [str(flag) for flag in table.flags]
    assert at("05/04/2021 17:00") == table.due


def test_19_shares_in_hours_do_not_replace_the_same_day():
    """Accepted at two in the afternoon, eight hours of work end the next day; the limit ends today, and it is told at once."""
    desk = Office([Procedure.load("2.000908")])
    case = desk.accept("19/11/2026 14:00", "2.000908")
    table = desk.org.timetable(case)
    assert ["19/11 16:00", "20/11 09:30", "20/11 11:30", "20/11 14:00"] == dues(desk, case)
    assert (at("19/11/2026 17:00"), ["shares-do-not-fit"]) == (table.due, [flag.code for flag in table.flags])


def test_19_accepted_at_the_opening_they_fit():
    """Eight hours are the whole of the office's day."""
    desk = Office([Procedure.load("2.000908")])
    table = desk.org.timetable(desk.accept("19/11/2026 07:30", "2.000908"))
    assert ((), table.due) == (table.flags, table.slots[-1].due)
