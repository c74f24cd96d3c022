"""Actions that several people approve, and acts taken back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from definitions import Desk, Party, at, problems, small
from office import Now, denied, office
from qms.authority import Roster
from qms.case import Denial, undo
from qms.errors import InvalidInput
from qms.event import Restated, When, from_record, read, to_bytes
from qms.net import way_to
from qms.state import evolve, fold, state_of

BOARD = Party({"lan": ["clerk"], "mai": ["clerk"], "minh": ["head"], "hoa": ["head"], "an": ["head"]})
DESTROY = """
[steps.listed]
[actions.list]
from = "waiting"
to = "listed"
roles = ["clerk"]
[actions.destroy]
from = "listed"
to = "done"
roles = ["head"]
approvals = 2
separate_from = ["list"]
outcome = "destroyed"
form = "Note"
[actions.strike]
from = "listed"
to = "waiting"
roles = ["clerk"]
"""


def listed() -> Desk:
    """A case that waits for two heads."""
    desk = Desk(DESTROY, staff=BOARD)
    desk.do("02 09:00", "ask")
    desk.do("02 10:00", "list")
    return desk


def test_it_happens_when_enough_have_approved():
    """The first approval moves nothing, the second does it."""
    desk = listed()
    first = desk.do("02 11:00", "destroy", "minh", {"text": "seen"})
    between = desk.case
    desk.do("02 12:00", "destroy", "hoa")
    assert ((), {"destroy": ("minh",)}, None) == (first.put, between.approvals, between.outcome)
    assert ({"done"}, {}, "destroyed") == (desk.case.steps, desk.case.approvals, desk.case.outcome)


def test_one_person_is_one_approval():
    """The same person again is denied, with how many there are."""
    desk = listed()
    desk.do("02 11:00", "destroy", "minh")
    (reason,) = desk.reasons("02 12:00", "destroy", "minh")
    assert ("already-approved", 1, 2) == (reason.code, reason.params["done"], reason.params["needed"])


def test_an_approval_is_void_when_the_case_moves_away():
    """After it came back, all approve anew."""
    desk = listed()
    desk.do("02 11:00", "destroy", "minh")
    desk.do("02 12:00", "strike")
    desk.do("02 13:00", "list")
    assert {} == desk.case.approvals and not desk.reasons("02 14:00", "destroy", "minh")


def test_duties_hold_for_each_who_approves():
    """Who made the list approves nothing."""
    desk = Desk(DESTROY, staff=Party({"lan": ["clerk", "head"]}))
    desk.do("02 09:00", "ask")
    desk.do("02 10:00", "list")
    assert ["separation-of-duties"] == desk.codes("02 11:00", "destroy")


def test_an_approval_is_read_again_from_its_bytes():
    """What is kept says that it was one of several."""
    desk = listed()
    event = desk.do("02 11:00", "destroy", "minh", {"text": "seen"})
    assert event == read(to_bytes("case", event)) and event.effects.approved


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], approvals = 0 }", "0 people cannot approve"),
        ("actions.ask = { from = 'new', to = 'waiting', roles = ['clerk'], approvals = 2 }", "not approved by several"),
        ("actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], approvals = 'two' }", "approvals"),
    ],
)
def test_faults_of_approvals(text, fault):
    """Each with its place."""
    assert any(fault in problem for problem in problems(small, text))


# Taking back

BACK = """
due = "legal"
limits.legal = "5 working days"
limits.window = "1 working day"
axes.fee = ["none", "paid"]
dates.paid_at = "last"
[steps.paid]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks = { legal = "start", window = "start" }
[actions.pay]
from = "waiting"
to = "paid"
roles = ["clerk"]
clocks.legal = "pause"
sets = { fee = "paid", paid_at = "occurred" }
undoable = true
at_most = 1
[actions.lapse]
from = "waiting"
to = "done"
fired_by = "window"
roles = ["system", "head"]
undoable = true
outcome = "lapsed"
[actions.settle]
from = "paid"
to = "done"
roles = ["clerk"]
"""


def taken_back(desk: Desk, instant: str, by: str = "lan", reason: str | None = "a slip") -> Restated | Denial:
    """The decision to undo the last event of a desk; if it is allowed it has happened."""
    before = fold(desk.events[:-1])
    assert before is not None
    told = undo(before, desk.events[-1], desk.case, by, When(at(instant), at(instant), reason), desk.context(by))
    if isinstance(told, Restated):
        desk.events.append(told)
    return told


def paid() -> Desk:
    """A case asked for and paid."""
    desk = Desk(BACK)
    desk.do("02 09:00", "ask")
    desk.do("02 10:00", "pay")
    return desk


def test_an_act_taken_back_leaves_the_case_as_it_was():
    """Steps, clocks, dates, axes, counts; the history has one event more."""
    desk = paid()
    before = fold(desk.events[:-1])
    taken_back(desk, "02 11:00")
    assert before is not None and (state_of(before), 4) == (state_of(desk.case), len(desk.events))
    assert [] == desk.reasons("02 12:00", "pay")


def test_it_is_kept_what_was_taken_back_by_whom_and_why():
    """The event names it, and is read again from its bytes."""
    desk = paid()
    event = taken_back(desk, "02 11:00")
    assert isinstance(event, Restated) and event == read(to_bytes("case", event))
    assert ("undone", "lan", "a slip", {"seq": 3, "action": "pay"}) == (event.cause, event.by, event.when.reason, event.details)


def test_a_lapse_taken_back_does_not_happen_again_at_once():
    """Only this undoes a lapse; its clock stays acted on."""
    desk = Desk(BACK)
    desk.do("02 09:00", "ask")
    assert [("lapse", at("03 17:00"))] == desk.expire("04 09:00")
    taken_back(desk, "04 10:00", by="hoa")
    assert ({"waiting"}, None, []) == (desk.case.steps, desk.case.outcome, desk.expire("05 09:00"))


@pytest.mark.parametrize(
    ("by", "reason", "codes"),
    [("lan", None, ["undo-reason"]), ("hoa", "a slip", ["no-authority"]), ("hoa", " ", ["undo-reason", "no-authority"])],
)
def test_taking_back_needs_a_reason_and_a_role(by, reason, codes):
    """All that speaks against it at once."""
    told = taken_back(paid(), "02 11:00", by, reason)
    assert isinstance(told, Denial) and codes == [reason.code for reason in told.reasons]


def test_what_the_definition_does_not_call_undoable_stands():
    """Deny by default."""
    desk = paid()
    desk.do("02 11:00", "settle")
    told = taken_back(desk, "02 12:00")
    assert isinstance(told, Denial) and ["not-undoable"] == [reason.code for reason in told.reasons]


def test_only_the_last_act_is_taken_back():
    """An opening without an act, or what was taken back already, is nothing to undo."""
    desk = paid()
    taken_back(desk, "02 11:00")
    told = taken_back(desk, "02 12:00")
    assert isinstance(told, Denial) and ["nothing-to-undo"] == [reason.code for reason in told.reasons]


def test_what_opened_other_cases_is_not_taken_back():
    """They would stand without their reason."""
    raising = BACK.replace("at_most = 1", 'raises = [{ process = "small", action = "ask" }]')
    desk = Desk(raising)
    desk.do("02 09:00", "ask")
    desk.do("02 10:00", "pay")
    told = taken_back(desk, "02 11:00")
    assert isinstance(told, Denial) and ["raised-cases"] == [reason.code for reason in told.reasons]


def test_a_record_that_restates_no_case_is_a_fault():
    """A damaged state is told, not folded."""
    desk = paid()
    record = {"stream": "case", "seq": 4, "type": "undone", "at": 1, "by": "lan", "state": {}, "details": {}}
    with pytest.raises(InvalidInput, match="event 4 restates no case: KeyError"):
        evolve(desk.case, from_record(record))


@given(st.lists(st.sampled_from(["pay", "settle"]), max_size=2))
def test_any_state_can_be_told_and_told_again(acts):
    """A case restated as it is, is as it is."""
    desk = Desk(BACK)
    desk.do("02 09:00", "ask")
    for hour, act in enumerate(acts):
        if not desk.reasons(f"02 1{hour}:00", act):
            desk.do(f"02 1{hour}:00", act)
    event = Restated(desk.case.seq + 1, "lan", When(1, 1), "undone", state_of(desk.case))
    assert state_of(desk.case) == state_of(evolve(desk.case, event))


# The way there


def test_the_way_to_an_action_is_the_shortest():
    """Through the actions that lead to it; none when it is enabled, or when nothing leads there."""
    net = small(DESTROY).net
    ways = [way_to(net, net.mask({step}), "destroy") for step in ("waiting", "listed", "done")]
    assert [("list",), (), None] == ways


def test_the_search_for_a_way_has_an_end():
    """Beyond the cap there is none."""
    net = small(DESTROY).net
    assert None is way_to(net, net.mask({"waiting"}), "destroy", cap=0)


# Through an office


def test_an_office_takes_back_the_last_act_once():
    """A retry under the same key is answered as the first time."""
    now = Now()
    org = office(small(BACK), now=now)
    org.open("small", by="lan")
    org.act("a", "pay", by="lan")
    case = org.undo("a", by="lan", reason="a slip", key="k")
    assert case == org.undo("a", by="lan", reason="a slip", key="k")
    assert (4, {"waiting"}, "none") == (case.seq, case.steps, case.axes["fee"])
    with pytest.raises(InvalidInput, match="another request"):
        org.undo("a", by="lan", reason="another slip", key="k")


def test_an_office_takes_back_a_lapse_that_nobody_has_seen_yet():
    """What has expired by now has happened; the undoing and it land together."""
    now = Now("02 09:00")
    org = office(small(BACK), now=now)
    org.open("small", by="lan")
    now.to("04 10:00")
    case = org.undo("a", by="hoa", reason="the applicant was in hospital")
    assert ({"waiting"}, ["Opened", "Acted", "Acted", "Restated"]) == (case.steps, [type(e).__name__ for e in org.history("a")])


def test_an_office_says_why_it_takes_nothing_back():
    """A denial with its reasons, kept as any other."""
    org = office(small(BACK))
    org.open("small", by="lan")
    with denied("not-undoable"):
        org.undo("a", by="lan", reason="a slip")


def test_a_denial_tells_the_way_to_the_step():
    """The shortest sequence of actions that leads there."""
    org = office(small(DESTROY), people=Roster({"lan": ["clerk"], "hoa": ["head"]}))
    org.open("small", by="lan")
    with denied("not-in-step") as reasons:
        org.act("a", "destroy", by="hoa", form={"text": "seen"})
    assert ("list",) == reasons[0].params["way"] and str(reasons[0]).endswith("the way there: list")
