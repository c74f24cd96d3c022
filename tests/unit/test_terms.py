"""Terms of a limit: how often and how long it may be paused or extended, for which reason, by whose authority."""

from __future__ import annotations

from typing import Any

from definitions import CALENDAR, Desk, at, filled, moment, problems, small, tree
from qms.case import row
from qms.clock import Ground
from qms.event import ClockChange, When, from_record, to_record
from qms.history import replay
from qms.limits import TimeLimit
from qms.process import Process
from qms.state import fold

WORK = """
due = "legal"
[limits.legal]
period = "5 working days"
[limits.legal.extensions]
at_most = 1
longest = "3 working days"
authority = ["head"]
source = { level = "law", text = "Law art. 7" }
[[limits.legal.pauses]]
reason = "supplement"
at_most = 1
longest = "2 working days"
source = { level = "law", text = "Law art. 5" }
[[limits.legal.pauses]]
reason = "court"
total = "4 hours"

[steps.held]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.hold]
from = "waiting"
to = "held"
roles = ["clerk"]
form = "Paper"
basis = "form.basis"
clocks.legal = { effect = "pause", reason = "form.result" }
[actions.go-on]
from = "held"
to = "waiting"
roles = ["clerk"]
clocks.legal = "resume"
[actions.again]
from = "held"
to = "waiting"
roles = ["clerk"]
clocks.legal = "restart"
[actions.more]
from = "waiting"
roles = ["clerk"]
form = "Paper"
basis = "form.basis"
clocks.legal = { extend = "form.period" }
[actions.finish]
from_any = ["waiting", "held"]
to = "done"
roles = ["clerk"]
clocks.legal = "stop"
"""
COURT = '[[limits.legal.pauses]]\nreason = "court"\ntotal = "4 hours"\n'
ONE = WORK.replace('reason = "form.result"', 'reason = "supplement"').replace(COURT, "")
"""The same, where a pause is always for a supplement."""
# asked for on Tuesday the 2nd at 09:00: due on Tuesday the 9th at 17:00


def opened(text: str = WORK, **more: Any) -> Desk:
    """A desk whose case was asked for at 09:00 on the 2nd."""
    desk = Desk(text, **more)
    desk.do("02 09:00", "ask")
    return desk


def held(reason: str, when: str = "03 10:00") -> Desk:
    """A desk whose case was paused for *reason*."""
    desk = opened()
    desk.do(when, "hold", form=paper(reason))
    return desk


def paper(reason: str, **more: Any) -> dict[str, Any]:
    """The form of a pause."""
    return {"title": "held", "result": reason, "basis": "ND 61", **more}


def longer(period: str) -> dict[str, Any]:
    """The form of an extension."""
    return {"title": "more", "period": period, "basis": "Law art. 7"}


# -- pauses ------------------------------------------------------------------------------------------------------------


def test_a_pause_has_its_reason_and_its_basis():
    """As the form says; a pause of which the definition says nothing is for the action that made it."""
    assert (Ground(at("03 10:00"), "pause", "supplement", "ND 61", None, at("05 17:00")),) == held("supplement").case.clocks[
        "legal"
    ].grounds
    plain = opened(ONE.replace(', reason = "supplement"', "").replace('reason = "supplement"', 'reason = "hold"'))
    plain.do("03 10:00", "hold", form=paper("x"))
    assert "hold" == plain.case.clocks["legal"].grounds[0].reason
    assert None is plain.events[-1].clocks[0].reason


def test_the_list_of_reasons_is_closed():
    """Where every one of its terms names a reason."""
    (reason,) = opened().reasons("03 10:00", "hold", form=paper("holiday"))
    assert ("pause-reason", "legal", ("supplement", "court")) == (reason.code, reason.params["clock"], reason.params["reasons"])
    assert "hold would pause legal for holiday; the limit may be paused for supplement, court alone" == str(reason)


def test_a_pause_too_many_is_refused():
    """By the clause that says so; another reason is counted apart."""
    desk = held("supplement")
    desk.do("03 15:00", "go-on")
    (reason,) = desk.reasons("04 10:00", "hold", form=paper("supplement"))
    assert "legal was paused 1 times, and 1 is the most (supplement) (Law art. 5)" == str(reason)
    assert [] == desk.codes("04 10:00", "hold", form=paper("court"))


def test_a_restart_does_not_give_a_pause_back():
    """Pauses of the run that was void are counted."""
    desk = held("supplement")
    desk.do("03 15:00", "again")
    assert ["pauses-at-most"] == desk.codes("04 10:00", "hold", form=paper("supplement"))


def test_a_pause_ends_at_the_longest_by_itself():
    """Two working days: what comes after counts, so that the due date is known while it is paused."""
    desk = held("supplement")
    found = desk.case.clocks["legal"]
    assert (at("05 17:00"), at("12 15:00")) == (found.until, found.due)
    assert found.due == row(desk.case, desk.bound).due
    desk.do("10 10:00", "go-on")
    after = desk.case.clocks["legal"]
    assert (((at("03 10:00"), at("05 17:00")),), at("12 15:00")) == (after.pauses, after.due)


def test_pauses_have_a_total():
    """Four hours in all: two are used, two are left; then no more."""
    desk = held("court", "03 08:00")
    desk.do("03 10:00", "go-on")
    desk.do("04 08:00", "hold", form=paper("court"))
    assert at("04 10:00") == desk.case.clocks["legal"].until
    desk.do("04 11:00", "go-on")
    (reason,) = desk.reasons("05 08:00", "hold", form=paper("court"))
    assert "legal may be paused for 4 hours in all, which ended at 2024-01-04 10:00:00+07:00 (court)" == str(reason)


def test_a_pause_that_ended_by_itself_is_followed_by_another():
    """Nobody resumed; the next pause begins."""
    text = WORK.replace('from = "waiting"\nto = "held"', 'from_any = ["waiting", "held"]\nto = "held"')
    desk = opened(text)
    desk.do("03 10:00", "hold", form=paper("supplement"))
    desk.do("04 10:00", "hold", form=paper("court"))
    assert 1 == len(desk.case.clocks["legal"].pauses)  # it is paused: the act pauses nothing
    desk.do("08 10:00", "hold", form=paper("court"))
    assert ((at("03 10:00"), at("05 17:00")), (at("08 10:00"), None)) == desk.case.clocks["legal"].pauses


def test_what_is_known_without_the_form_is_told_without_it():
    """`may` knows how often it was done where the reason is a word; where the form gives it, the form is needed."""
    desk = opened(ONE)
    desk.do("03 10:00", "hold", form=paper("x"))
    desk.do("03 15:00", "go-on")
    assert ["pauses-at-most", "form-missing", "form-field"] == desk.codes("04 10:00", "hold")
    assert ["form-missing", "form-field"] == held_and_resumed().codes("04 10:00", "hold")


def held_and_resumed() -> Desk:
    """A desk whose one supplement was asked for and came."""
    desk = held("supplement")
    desk.do("03 15:00", "go-on")
    return desk


def test_the_limit_fires_while_a_pause_has_ended_by_itself():
    """Nobody resumed: what the end of the limit does is done at that end."""
    text = WORK + '[actions.escalate]\nfrom = "held"\nto = "done"\nfired_by = "legal"\nclocks.legal = "stop"\n'
    desk = opened(text)
    desk.do("03 10:00", "hold", form=paper("supplement"))
    assert at("12 15:00") == row(desk.case, desk.bound).wake
    assert [("escalate", at("12 15:00"))] == desk.expire("20 09:00")
    assert ((at("03 10:00"), at("05 17:00")),) == desk.case.clocks["legal"].pauses


# -- extensions --------------------------------------------------------------------------------------------------------


def test_an_extension_names_who_had_the_authority():
    """Who acted, unless the form says who decided."""
    desk = opened()
    desk.do("03 10:00", "more", by="minh", form=longer("2 working days"))
    assert (Ground(at("03 10:00"), "extend", "more", "Law art. 7", "minh"),) == desk.case.clocks["legal"].grounds
    other = opened(WORK.replace('{ extend = "form.period" }', '{ extend = "form.period", authority = "form.applicant" }'))
    other.do("03 10:00", "more", by="minh", form=longer("2 working days") | {"applicant": "the minister"})
    assert "the minister" == other.case.clocks["legal"].grounds[0].authority


def test_an_extension_takes_the_authority_that_the_limit_asks_for():
    """Beside the roles of the action, and told before any form."""
    (reason,) = opened().reasons("03 10:00", "more", form=longer("1 working day"))
    assert ("no-authority", ("head",)) == (reason.code, reason.params["roles"])


def test_an_extension_too_many_or_too_long_is_refused():
    """Each with its code; a period in another unit is judged by where it ends."""
    desk = opened()
    assert ["extension-too-long"] == desk.codes("03 10:00", "more", by="minh", form=longer("4 working days"))
    assert ["extension-too-long"] == desk.codes("03 10:00", "more", by="minh", form=longer("4 days"))
    assert [] == desk.codes("03 10:00", "more", by="minh", form=longer("3 days"))
    desk.do("03 10:00", "more", by="minh", form=longer("3 working days"))
    (reason,) = desk.reasons("04 10:00", "more", by="minh", form=longer("1 working day"))
    assert "legal was extended 1 times, and 1 is the most (Law art. 7)" == str(reason)


def test_extensions_have_a_total():
    """Three and then three more are six: more than five."""
    text = WORK.replace('at_most = 1\nlongest = "3 working days"', 'total = "5 working days"')
    desk = opened(text)
    desk.do("03 10:00", "more", by="minh", form=longer("3 working days"))
    assert ["extension-too-long"] == desk.codes("04 10:00", "more", by="minh", form=longer("3 working days"))
    assert [] == desk.codes("04 10:00", "more", by="minh", form=longer("2 working days"))


def test_a_period_from_a_form_has_a_longest():
    """A window that the form sets longer than the law allows is refused."""
    text = """
    limits.window = { period = "5 days", longest = "10 days" }
    actions.ask = { from = "new", to = "waiting", roles = ["clerk"], form = "Paper", clocks = { window = { start = "form.period" } } }
    """
    desk = Desk(text)
    assert ["period-too-long"] == desk.codes("02 09:00", "ask", form=longer("11 days"))
    assert [] == desk.codes("02 09:00", "ask", form=longer("10 days"))
    assert [] == desk.codes("02 09:00", "ask", form={"title": "default"})
    assert ["form-field"] == desk.codes("02 09:00", "ask", form=longer("some days"))


# -- where they stand --------------------------------------------------------------------------------------------------


def test_a_procedure_says_its_own_terms():
    """What it says of pauses or extensions goes before what the process says; of the rest the process speaks."""
    text = WORK.replace('period = "5 working days"', 'from = "procedure"', 1)
    own = {"legal": {"period": "5 working days", "pauses": [{"reason": "supplement", "at_most": 2}]}}
    desk = opened(text, procedure={"limits": own})
    terms = desk.bound.terms["legal"]
    assert ([("supplement", 2)], 1) == ([(one.reason, one.at_most) for one in terms.pauses], terms.extensions.at_most)


def test_terms_that_mean_nothing_are_refused():
    """Each with its path: no bound at all, a reason that no action gives, a role there is not, one reason twice."""
    fixed = WORK.replace('reason = "form.result"', 'reason = "supplement"')
    told = problems(Process.from_tree, tree(fixed.replace('authority = ["head"]', 'authority = ["minister"]')))
    assert [
        "limits.legal.pauses[1].reason: 'court' is no reason for a pause of legal; known: supplement",
        "limits.legal.extensions.authority[0]: 'minister' is no role; known: clerk, head",
    ] == told
    twice = problems(Process.from_tree, tree(WORK.replace('reason = "court"', 'reason = "supplement"')))
    assert ["limits.legal.pauses[1]: supplement has terms twice; write them in one table"] == twice
    empty = problems(Process.from_tree, tree(WORK.replace('total = "4 hours"', "")))
    assert ["limits.legal.pauses[1]: the terms say nothing; write at_most, longest or total"] == empty
    never = problems(Process.from_tree, tree(WORK.replace('total = "4 hours"', "at_most = -1")))
    assert ["limits.legal.pauses[1].at_most: -1 is no count; write 0 for never"] == never
    longest = problems(Process.from_tree, tree(WORK.replace('total = "4 hours"', 'total = "4 hours"\nlongest = "5 hours"')))
    assert ["limits.legal.pauses[1].longest: 5 hours is longer than all may be together, 4 hours"] == longest
    window = problems(Process.from_tree, tree('limits.window = { period = "9 days", longest = "8 days" }'))
    assert ["limits.window.longest: 9 days is longer than the longest it may be, 8 days"] == window
    silent = problems(Process.from_tree, tree(WORK.replace('reason = "form.result"', "reason = ''")))
    assert "actions.hold.clocks.legal.reason: a word" in silent[0]


def test_a_procedure_cannot_speak_of_reasons_there_are_not():
    """Its terms are judged when it is bound."""
    process = small(ONE.replace('period = "5 working days"', 'from = "procedure"', 1))
    legal = {"period": "5 days", "pauses": [{"reason": "war", "at_most": 1}]}
    told = problems(process.bind, filled({"limits": {"legal": legal}}))
    assert ["limits.legal.pauses[0].reason: 'war' is no reason for a pause of legal; known: supplement"] == told


def test_a_history_from_elsewhere_keeps_the_pause_and_the_reason_against_it():
    """Nothing is dropped: the second supplement is there, with why it would not have been allowed."""
    desk = opened(ONE.replace('form = "Paper"\nbasis = "form.basis"\nclocks.legal = { effect', "clocks.legal = { effect"))
    desk.do("03 10:00", "hold")
    desk.do("03 15:00", "go-on")
    event = replay(desk.case, "hold", "lan", None, When(at("04 10:00"), at("04 10:00")), desk.context("lan"))
    assert ["pauses-at-most"] == [reason.code for reason in event.deviation]
    desk.events.append(event)
    assert 2 == desk.case.clocks["legal"].times("pause", "supplement")


# -- records -----------------------------------------------------------------------------------------------------------


def test_a_record_says_only_what_the_action_does_not():
    """Reason, authority and latest end stand at the end of the row, where there are any."""
    event = held("supplement").events[-1]
    assert [
        ["legal", "pause", at("03 10:00"), at("12 15:00"), None, None, "ND 61", "supplement", None, at("05 17:00")]
    ] == to_record("case", event)["clocks"]
    assert event == from_record(to_record("case", event))


def test_a_record_of_before_is_read():
    """Rows without reason, authority and latest end mean the action and who did it."""
    old = {
        "stream": "case",
        "seq": 3,
        "at": at("03 10:00"),
        "by": "lan",
        "type": "acted",
        "action": "hold",
        "left": ["waiting"],
        "put": ["held"],
    }
    desk = opened()
    event = from_record(old | {"clocks": [["legal", "pause", at("03 10:00"), None, None, None, "ND 61"]]})
    assert ClockChange("legal", "pause", at("03 10:00"), basis="ND 61") == event.clocks[0]
    case = fold([*desk.events, event])
    assert (Ground(at("03 10:00"), "pause", "hold", "ND 61"),) == case.clocks["legal"].grounds
    bare = from_record(old | {"clocks": [["legal", "extend", at("03 10:00"), None, "2 working days"]]})
    assert "lan" == fold([*desk.events, bare]).clocks["legal"].grounds[0].authority


def test_the_due_date_is_that_of_the_facts():
    """Clock and calendar agree on the due date that the test rests on."""
    assert moment("09 17:00") == CALENDAR.moment(opened().due("legal") or 0)
    assert TimeLimit(5, "working days") == opened().case.clocks["legal"].limit
