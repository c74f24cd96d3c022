"""egov-workflow-v2: a comment keeps the old creation time while the remaining time is made less: time is counted twice.

Ours: what moves nothing says nothing of when a step was entered, and consumption is never stored.
"""

from __future__ import annotations

from definitions import Desk, at

TEXT = """
due = "legal"
[limits]
legal = "5 working days"
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.comment]
from_any = ["waiting"]
roles = ["clerk"]
"""


def test_comments_move_neither_the_step_nor_the_end():
    """One comment a day for three days: the step was entered when it was, and the limit ends where it ended."""
    desk = Desk(TEXT)
    desk.do("02 09:00", "ask")
    due = desk.due("legal")
    for day in ("03", "04", "05"):
        event = desk.do(f"{day} 09:00", "comment")
        assert ((), (), ()) == (event.left, event.put, event.clocks)
    assert due == desk.due("legal")
    assert ("waiting", at("02 09:00")) == desk.case.flat_entered
