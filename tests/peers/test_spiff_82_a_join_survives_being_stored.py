"""sartography/SpiffWorkflow issue 82: after a workflow was stored in the middle of a join and read again, the join was wrong.

Also xstate-statemachine 102: a snapshot in the midst of a step restores a dead machine. Ours: between two events there is no
state; read again after each event, a case goes on as if it had never been put away.
"""

from __future__ import annotations

from itertools import permutations

import pytest

from definitions import Desk
from qms.event import read, to_bytes
from qms.state import fold

TEXT = """
[steps]
a = {}
b = {}
c = {}
a-done = {}
b-done = {}
c-done = {}
[actions.ask]
from = "new"
to = ["a", "b", "c"]
roles = ["clerk"]
[actions.do-a]
from = "a"
to = "a-done"
roles = ["clerk"]
[actions.do-b]
from = "b"
to = "b-done"
roles = ["clerk"]
[actions.do-c]
from = "c"
to = "c-done"
roles = ["clerk"]
[actions.finish]
join = ["a-done", "b-done", "c-done"]
need = 2
cancels = ["*"]
to = "done"
roles = ["clerk"]
"""


def _put_away(desk):
    """The desk with every event written to bytes and read again."""
    desk.events = [read(to_bytes("case", event)) for event in desk.events]


@pytest.mark.parametrize("order", list(permutations(["do-a", "do-b", "do-c"])))
def test_a_case_stored_after_every_event_joins_as_one_that_never_was(order):
    """The same denials, the same marking, the same end."""
    kept, stored = Desk(TEXT), Desk(TEXT)
    for action in ("ask", order[0], "finish", order[1], "finish"):
        assert kept.codes("02 10:00", action) == stored.codes("02 10:00", action)
        if not kept.codes("02 10:00", action):
            kept.do("02 10:00", action)
            stored.do("02 10:00", action)
        _put_away(stored)
        assert kept.case == stored.case
    assert {"done"} == stored.case.steps


def test_every_beginning_of_a_history_is_a_case_that_can_go_on():
    """Cut after any event, the rest follows on."""
    desk = Desk(TEXT)
    for action in ("ask", "do-a", "do-c", "finish"):
        desk.do("02 10:00", action)
    for cut in range(1, len(desk.events)):
        begun = fold(desk.events[:cut])
        assert begun is not None
        assert cut == begun.seq
        assert desk.case == fold([*desk.events[:cut], *desk.events[cut:]])
