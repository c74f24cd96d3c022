"""Cases: what is denied and why, what happens when it is not, and what has expired."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve as changed

from definitions import CALENDAR, STAFF, Desk, Paper, Party, at, moment
from qms.authority import Grant
from qms.case import Allowed, Attempt, Denial, available, decide, expire, guard, row
from qms.errors import InvalidInput, NotFound, Reason
from qms.event import When
from qms.limits import TimeLimit

# Denials, one code each


def opened(text: str = "", **more: Any) -> Desk:
    """A desk whose case was asked for at 09:00 on the 2nd."""
    desk = Desk(text, **more)
    desk.do("02 09:00", "ask")
    return desk


def test_an_action_that_the_process_does_not_have():
    """The denial lists those it has."""
    assert [Reason("unknown-action", action="fly", actions=("ask", "finish"))] == opened().reasons("02 10:00", "fly")


def test_an_action_of_another_step():
    """The denial says where it leaves from and where the case stands."""
    desk = opened("steps.late = {}\nactions.mend = { from = 'late', to = 'done', roles = ['clerk'] }")
    assert [Reason("not-in-step", action="mend", steps=("late",), at=("waiting",))] == desk.reasons("02 10:00", "mend")


def test_a_case_is_opened_once():
    """What opens a case is not in step afterwards, for nobody."""
    reason = Reason("not-in-step", action="ask", steps=("a case not opened yet",), at=("waiting",))
    assert [reason] == opened().reasons("02 10:00", "ask")


def test_a_case_is_opened_before_anything_else():
    """A case that stands nowhere can only be opened."""
    assert [Reason("not-in-step", action="finish", steps=("waiting",), at=())] == Desk().reasons("02 10:00", "finish")


def test_nothing_is_done_to_a_closed_case():
    """The denial says where it was closed."""
    desk = opened()
    desk.do("02 10:00", "finish")
    assert [Reason("closed", action="finish", at=("done",))] == desk.reasons("02 11:00", "finish")


BESIDE = """
steps.asked = {}
actions.request = { from = "waiting", adds = ["asked"], roles = ["clerk"] }
actions.answer = { from = "asked", to = [], roles = ["clerk"] }
actions.finish = { from = "waiting", to = "done", cancels = ["*"], roles = ["clerk"] }
"""


def test_what_is_pending_is_not_asked_again():
    """A token beside stands once."""
    desk = opened(BESIDE)
    desk.do("02 10:00", "request")
    assert [Reason("already-standing", action="request", steps=("asked",))] == desk.reasons("02 11:00", "request")


def test_who_has_no_role_for_it():
    """The denial says what it takes."""
    reason = Reason("no-authority", action="finish", actor="hoa", roles=("clerk",), clause="5.3")
    assert [reason] == opened().reasons("02 10:00", "finish", "hoa")


def test_a_role_of_another_unit_is_no_authority_here():
    """A grant holds in its unit."""
    desk = opened(unit="justice")
    context = changed(desk.context("lan"), grants=(Grant("clerk", unit="health"),))
    decision = decide(desk.case, "finish", "lan", None, When(at("02 10:00"), at("02 10:00")), context)
    assert ["no-authority"] == [reason.code for reason in decision.reasons]


PARTS = """
parts = ["applicant"]
[actions.ask]
from = "new"
to = "waiting"
roles = ["applicant", "clerk"]
form = "Paper"
names.applicant = "form.applicant"
[actions.finish]
from = "waiting"
to = "done"
roles = ["applicant"]
"""


def test_whoever_opens_a_case_for_themselves_is_its_applicant():
    """Anyone of the public may open; who does so by no role is the applicant."""
    desk = Desk(PARTS)
    desk.do("02 09:00", "ask", "an", {"title": "x"})
    assert ({"applicant": "an"}, []) == (desk.case.parts, desk.codes("02 10:00", "finish", "an"))


def test_who_opens_a_case_by_a_role_is_not_its_applicant():
    """An officer who forgets to name the applicant has not become one."""
    desk = Desk(PARTS)
    desk.do("02 09:00", "ask", "lan", {"title": "x"})
    assert ({}, ["no-authority"]) == (desk.case.parts, desk.codes("02 10:00", "finish", "lan"))


def test_a_part_is_held_by_being_named_and_not_by_a_grant():
    """A roster cannot make anybody the applicant of every case."""
    desk = Desk(PARTS, staff=Party({"lan": ["clerk"], "spy": ["applicant"]}))
    desk.do("02 09:00", "ask", "lan", {"title": "x", "applicant": "an"})
    reason = Reason("no-authority", action="finish", actor="spy", roles=("applicant",), clause="5.3")
    assert [reason] == desk.reasons("02 10:00", "finish", "spy")


def test_who_drafted_may_not_sign():
    """Separation of duties looks at everyone who did the other action."""
    text = "actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], separate_from = ['ask'] }"
    reason = Reason("separation-of-duties", action="finish", actor="lan", with_action="ask", clause="5.3")
    assert ([reason], []) == (opened(text).reasons("02 10:00", "finish"), opened(text).reasons("02 10:00", "finish", "mai"))


def test_nobody_decides_their_own_case():
    """An officer who is the applicant is barred, though they never acted on the case."""
    text = PARTS.replace('roles = ["applicant"]', 'roles = ["clerk"]\nseparate_from = ["applicant"]')
    desk = Desk(text)
    desk.do("02 09:00", "ask", "lan", {"title": "x", "applicant": "mai"})
    reason = Reason("own-case", action="finish", actor="mai", part="applicant", clause="5.3")
    assert ([reason], []) == (desk.reasons("02 10:00", "finish", "mai"), desk.reasons("02 10:00", "finish", "lan"))


def test_only_who_began_may_go_on():
    """``same_as`` an action asks for one who did it."""
    text = "actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], same_as = ['ask'] }"
    reason = Reason("same-person", action="finish", actor="mai", with_action="ask", clause="5.3")
    assert ([reason], []) == (opened(text).reasons("02 10:00", "finish", "mai"), opened(text).reasons("02 10:00", "finish"))


def test_only_the_named_part_may_go_on():
    """``same_as`` a part asks for the person who holds it."""
    desk = Desk(PARTS.replace('roles = ["applicant"]', 'roles = ["clerk"]\nsame_as = ["applicant"]'))
    desk.do("02 09:00", "ask", "lan", {"title": "x", "applicant": "mai"})
    reason = Reason("same-person", action="finish", actor="lan", with_action="applicant", clause="5.3")
    assert ([reason], []) == (desk.reasons("02 10:00", "finish", "lan"), desk.reasons("02 10:00", "finish", "mai"))


def test_what_may_be_done_once_is_not_done_twice():
    """``at_most`` counts over the whole case."""
    desk = opened("actions.note = { from = 'waiting', roles = ['clerk'], at_most = 1 }")
    desk.do("02 10:00", "note")
    assert [Reason("at-most", action="note", done=1, limit=1)] == desk.reasons("02 11:00", "note")


PHASED = """
steps.work = {}
steps.rest = {}
phases.working = ["work", "rest"]
actions.begin = { from = "waiting", to = "work", roles = ["clerk"] }
actions.note = { from = "work", roles = ["clerk"], at_most = { n = 1, phase = "working" } }
actions.pause = { from = "work", to = "rest", roles = ["clerk"] }
actions.wake = { from = "rest", to = "work", roles = ["clerk"] }
actions.leave = { from = "work", to = "waiting", roles = ["clerk"] }
actions.stop = { from = "work", to = "waiting", roles = ["clerk"], at_most = { n = 1, phase = "working" } }
"""


def test_a_count_within_a_phase_begins_anew_when_the_case_comes_back():
    """Moving inside the phase keeps the count, leaving it does not."""
    desk = opened(PHASED)
    for action in ("begin", "note", "pause", "wake"):
        desk.do("02 10:00", action)
    inside = desk.codes("02 10:00", "note")
    for action in ("leave", "begin"):
        desk.do("02 10:00", action)
    assert (["at-most"], []) == (inside, desk.codes("02 10:00", "note"))


def test_an_action_that_leaves_its_own_phase_does_not_use_itself_up():
    """The act that ends the phase belongs to the phase it ends."""
    desk = opened(PHASED)
    for action in ("begin", "stop", "begin"):
        desk.do("02 10:00", action)
    assert [] == desk.codes("02 10:00", "stop")


def test_what_a_clock_does_is_not_done_by_hand():
    """The denial names the clock, beside the missing authority."""
    text = "limits.window = '1 day'\nactions.lapse = { from = 'waiting', to = 'done', fired_by = 'window' }"
    assert [
        Reason("fired-by-clock", action="lapse", clock="window"),
        Reason("no-authority", action="lapse", actor="lan", roles=("system",), clause="5.3"),
    ] == opened(text).reasons("02 10:00", "lapse")


FORMED = "actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], form = 'Paper' }"


def test_a_form_that_is_missing():
    """The denial names the form and what it must say."""
    assert [
        Reason("form-missing", action="finish", form="Paper"),
        Reason("form-field", field="title", problem="missing"),
    ] == opened(FORMED).reasons("02 10:00", "finish")


def test_every_field_that_is_wrong():
    """Each fault of the form is a reason of its own."""
    reasons = opened(FORMED).reasons("02 10:00", "finish", form={"title": 5, "urgent": "x"})
    assert [("form-field", "title"), ("form-field", "urgent")] == [(reason.code, reason.params["field"]) for reason in reasons]


def test_a_form_that_is_no_table():
    """The fault is told of the form itself."""
    (reason,) = opened(FORMED).reasons("02 10:00", "finish", form=5)
    assert ("form-field", "Paper") == (reason.code, reason.params["field"])


def test_a_form_that_is_not_asked_for():
    """Nothing is dropped in silence."""
    assert [Reason("form-unexpected", action="finish")] == opened().reasons("02 10:00", "finish", form={"title": "x"})


def test_an_empty_form_where_none_is_asked_for_is_none():
    """Who calls need not know which actions have forms."""
    assert [] == opened().reasons("02 10:00", "finish", form={})


def test_a_form_may_be_left_out_where_it_asks_for_nothing():
    """All its fields have defaults."""
    text = "actions.finish = { from = 'waiting', to = 'done', roles = ['clerk'], form = 'Note' }"
    assert [] == opened(text).reasons("02 10:00", "finish")


def test_a_late_entry_says_why():
    """What is recorded after the fact needs a reason, and a blank is none."""
    desk = opened()
    none, blank, given = (
        desk.reasons("03 09:00", "finish", occurred="02 16:00", reason=why) for why in (None, " ", "power cut")
    )
    asked = [Reason("late-entry-reason", action="finish", clause="7.5.3")]
    assert (asked, asked, []) == (none, blank, given)


def test_a_late_entry_goes_not_before_the_step_it_leaves():
    """The denial says what it would have gone before."""
    (reason,) = opened().reasons("03 09:00", "finish", occurred="02 08:30", reason="power cut")
    assert Reason("late-entry-order", action="finish", occurred=moment("02 08:30"), after=moment("02 09:00")) == reason


def test_a_late_entry_out_of_step_is_told_both():
    """Where it stands nowhere that the action leaves from, its opening is the floor."""
    text = "steps.late = {}\nactions.mend = { from = 'late', to = 'done', roles = ['clerk'] }"
    late = {"occurred": "02 07:00", "reason": "power cut"}
    assert ["not-in-step", "late-entry-order"] == opened(text).codes("03 09:00", "mend", **late)


CLOCKED = """
limits.legal = "2 working days"
limits.other = "2 working days"
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
clocks.other = "start"
[actions.hold]
from = "waiting"
roles = ["clerk"]
clocks.legal = "pause"
[actions.go-on]
from = "waiting"
roles = ["clerk"]
clocks.legal = "resume"
[actions.note]
from = "waiting"
roles = ["clerk"]
"""


def test_a_late_entry_goes_not_before_the_last_turn_of_a_clock_it_turns():
    """What was paused at 11:00 was not resumed at 10:00."""
    desk = opened(CLOCKED)
    desk.do("02 11:00", "hold")
    assert ["late-entry-order"] == desk.codes("03 09:00", "go-on", occurred="02 10:00", reason="power cut")


def test_a_late_entry_that_turns_no_clock_may_go_before_one():
    """Only what moved the same step or clock matters."""
    desk = opened(CLOCKED)
    desk.do("02 11:00", "hold")
    assert [] == desk.codes("03 09:00", "note", occurred="02 10:00", reason="power cut")


def test_a_late_entry_that_closes_goes_not_before_what_it_stops():
    """Closing stops all that runs, and nothing stops before it was turned."""
    desk = opened(CLOCKED)
    desk.do("02 11:00", "hold")
    assert (["late-entry-order"], []) == (
        desk.codes("03 09:00", "finish", occurred="02 10:00", reason="power cut"),
        desk.codes("03 09:00", "finish", occurred="02 12:00", reason="power cut"),
    )


def test_nothing_is_recorded_before_it_occurred():
    """An act of tomorrow is no act."""
    reason = Reason("in-the-future", action="finish", occurred=moment("03 09:00"), recorded=moment("02 10:00"))
    assert [reason] == opened().reasons("02 10:00", "finish", occurred="03 09:00")


# Guards


@guard("unpaid", reads_form=False)
def unpaid(attempt: Attempt, **params: Any) -> Reason | None:
    """Always against it; says what it was told."""
    return Reason("unpaid", at=attempt.when.occurred, **params)


@guard("nameless", reads_form=True)
def nameless(attempt: Attempt) -> Reason | None:
    """Against a form without a result."""
    return None if attempt.form is None or attempt.form.result else Reason("nameless", title=attempt.form.title)


GUARDED = """
[actions.finish]
from = "waiting"
to = "done"
roles = ["clerk"]
form = "Paper"
guards = ["nameless", { name = "unpaid", what = "fee" }]
"""


def test_guards_deny_with_their_own_reasons_and_parameters():
    """Those that read the form come after those that do not."""
    reasons = opened(GUARDED, guards=[unpaid, nameless]).reasons("02 10:00", "finish", form=Paper("x"))
    assert [Reason("unpaid", at=at("02 10:00"), what="fee"), Reason("nameless", title="x")] == reasons


def test_a_guard_is_a_function_too():
    """Who tests a guard calls it."""
    desk = opened(GUARDED)
    attempt = Attempt(desk.case, desk.bound.plans["finish"].action, "lan", Paper("x"), When(5, 5), desk.context("lan"))
    assert Reason("nameless", title="x") == nameless(attempt)


def test_a_guard_that_reads_the_form_is_not_asked_about_a_broken_one():
    """The form comes first."""
    assert ["unpaid", "form-field"] == opened(GUARDED, guards=[unpaid, nameless]).codes("02 10:00", "finish", form={"title": 5})


def test_a_guard_or_a_form_that_nobody_registered_is_an_error_of_the_set_up():
    """It is no reason against the actor."""
    with pytest.raises(NotFound, match="no guard 'nameless' is registered; there are: unpaid"):
        opened(GUARDED, guards=[unpaid]).decide("02 10:00", "finish")
    desk = opened(FORMED)
    with pytest.raises(NotFound, match="no form 'Paper' is registered; there are: none"):
        decide(desk.case, "finish", "lan", None, When(5, 5), changed(desk.context("lan"), forms={}))


def test_all_reasons_come_at_once():
    """Step, authority, time, guard and form are judged together."""
    text = """
    [actions.finish]
    from = "waiting"
    to = "done"
    roles = ["head"]
    form = "Paper"
    guards = [{ name = "unpaid" }]
    separate_from = ["ask"]
    at_most = 1
    reopens = false
    """
    desk = Desk(text, guards=[unpaid])
    desk.do("02 09:00", "ask")
    assert ["no-authority", "separation-of-duties", "late-entry-reason", "unpaid", "form-missing", "form-field"] == desk.codes(
        "03 10:00", "finish", occurred="02 10:00"
    )


def test_a_denial_changes_nothing():
    """The case is the same object before and after."""
    desk = opened()
    before = desk.case
    decision = desk.decide("02 10:00", "finish", "hoa")
    assert (True, before) == (isinstance(decision, Denial), desk.case)


def test_available_is_what_nothing_speaks_against():
    """As far as can be known without forms."""
    desk = opened(BESIDE)
    when = When(at("02 10:00"), at("02 10:00"))
    assert [("finish", "request"), ()] == [
        tuple(sorted(available(desk.case, actor, when, desk.context(actor)))) for actor in ("lan", "hoa")
    ]


# Moves


CHOICE = """
steps.held = {}
[actions.judge]
from = "waiting"
to = { by = "form.result", ok = "done", no = "held" }
roles = ["clerk"]
form = "Paper"
[actions.free]
from = "held"
to = "waiting"
roles = ["clerk"]
"""


@pytest.mark.parametrize(("result", "step"), [("ok", "done"), ("no", "held")])
def test_a_form_chooses_where_the_case_goes(result, step):
    """Each value has its branch."""
    event = opened(CHOICE).do("02 10:00", "judge", form=Paper("x", result=result))
    assert ((step,), step == "done") == (event.put, event.closed)


def test_a_value_without_a_branch_leads_nowhere():
    """The denial lists the values that do."""
    reason = Reason("form-field", field="result", problem="'perhaps' leads nowhere from here; known: ok, no")
    assert [reason] == opened(CHOICE).reasons("02 10:00", "judge", form=Paper("x", result="perhaps"))


def test_a_yes_or_no_of_a_form_chooses_too():
    """True and false are written as in TOML."""
    text = CHOICE.replace('by = "form.result", ok = "done", no = "held"', 'by = "form.urgent", true = "done", false = "held"')
    assert ("held",) == opened(text).do("02 10:00", "judge", form=Paper("x")).put


FORKED = """
steps.a = {}
steps.b = {}
steps.c = {}
actions.split = { from = "waiting", to = ["a", "b", "c"], roles = ["clerk"] }
actions.drop = { from = "c", to = [], roles = ["clerk"] }
actions.meet = { join = ["a", "b", "c"], need = 2, to = "done", cancels = ["*"], roles = ["clerk"] }
actions.finish = { from = "waiting", to = "done", roles = ["clerk"] }
"""


def test_a_fork_puts_a_token_on_each_branch():
    """Each remembers when it was entered."""
    desk = opened(FORKED)
    desk.do("02 10:00", "split")
    assert ({"a", "b", "c"}, moment("02 10:00"), None) == (
        desk.case.steps,
        desk.case.entered("b"),
        desk.case.entered("waiting"),
    )


def test_a_join_of_two_takes_what_stands_there():
    """Tokens of all three branches go, though two would do."""
    desk = opened(FORKED)
    desk.do("02 10:00", "split")
    assert (("a", "b", "c"), ("done",)) == ((event := desk.do("02 11:00", "meet")).left, event.put)


def test_a_token_may_go_without_arriving_anywhere():
    """The other branches go on."""
    desk = opened(FORKED)
    desk.do("02 10:00", "split")
    assert ("c",) == desk.do("02 10:30", "drop").left
    assert (("a", "b"), ("done",)) == ((event := desk.do("02 11:00", "meet")).left, event.put)


def test_a_token_beside_goes_with_what_cancels_it():
    """Closing takes the rest along."""
    desk = opened(BESIDE)
    desk.do("02 10:00", "request")
    assert ("waiting", "asked") == desk.do("02 11:00", "finish").left


# Clocks

TURNING = (
    CLOCKED
    + """
[actions.again]
from = "waiting"
roles = ["clerk"]
clocks.legal = "restart"
[actions.enough]
from = "waiting"
roles = ["clerk"]
clocks.legal = "stop"
[actions.more]
from = "waiting"
roles = ["clerk"]
form = "Paper"
basis = "form.basis"
clocks.legal = { extend = "form.period" }
[actions.hold-since]
from = "waiting"
roles = ["clerk"]
form = "Paper"
basis = "Decree 1"
clocks.legal = { effect = "pause", at = "form.paid_at" }
[actions.begin]
from = "waiting"
roles = ["clerk"]
form = "Paper"
clocks.legal = { start = "form.period" }
[actions.hold-then]
from = "waiting"
roles = ["clerk"]
clocks.legal = { effect = "pause", at = "action:note" }
[actions.turn]
from = "waiting"
roles = ["clerk"]
form = "Paper"
clocks.legal = { by = "form.result", stop = "stop", hold = "pause", nothing = "none" }
"""
)


def test_a_limit_runs_from_the_act_that_starts_it():
    """Two working days after Tuesday the 2nd end with Thursday, and the event says so."""
    (legal, _) = opened(TURNING).events[-1].clocks
    assert ("start", at("04 17:00"), TimeLimit(2, "working days"), "vn-one-stop") == (
        legal.effect,
        legal.due,
        legal.limit,
        legal.rule,
    )


def test_a_paused_limit_states_no_end_and_a_resumed_one_a_later():
    """What stood still for a working day ends a working day later."""
    desk = opened(TURNING)
    paused = desk.do("02 16:00", "hold").clocks[0]
    resumed = desk.do("03 16:00", "go-on").clocks[0]
    assert ("pause", None, "resume", at("05 17:00")) == (paused.effect, paused.due, resumed.effect, resumed.due)


def test_a_restarted_limit_counts_from_zero():
    """The run before is void."""
    desk = opened(TURNING)
    desk.do("03 10:00", "again")
    assert (at("05 17:00"), ((at("02 09:00"), at("03 10:00")),)) == (desk.due("legal"), desk.case.clocks["legal"].voided)


def test_a_paused_limit_may_be_restarted():
    """Supplement mode ``restart``: the count begins anew when the papers come."""
    desk = opened(TURNING)
    desk.do("02 16:00", "hold")
    desk.do("08 10:00", "again")
    assert (at("10 17:00"), "running") == (desk.due("legal"), desk.case.clocks["legal"].state)


def test_a_stopped_limit_keeps_the_end_it_stated():
    """What was due is still known."""
    desk = opened(TURNING)
    desk.do("03 10:00", "enough")
    assert (at("04 17:00"), at("03 10:00")) == (desk.due("legal"), desk.case.clocks["legal"].stopped)


def test_an_extension_comes_from_the_form_with_its_basis():
    """A day more, by which law."""
    change = opened(TURNING).do("02 10:00", "more", form=Paper("x", period="1 working day", basis="Law 5")).clocks[0]
    assert (at("05 17:00"), TimeLimit(1, "working days"), "Law 5") == (change.due, change.limit, change.basis)


def test_a_paused_limit_is_extended_without_an_end():
    """It states one when it is resumed."""
    desk = opened(TURNING)
    desk.do("02 17:00", "hold")
    extended = desk.do("02 18:00", "more", form=Paper("x", period="1 working day")).clocks[0].due
    assert (None, at("05 17:00")) == (extended, desk.do("03 07:30", "go-on").clocks[0].due)


def test_a_period_that_the_form_leaves_out_extends_nothing():
    """Without a period there is nothing to add."""
    assert ["form-field"] == opened(TURNING).codes("02 10:00", "more", form=Paper("x"))


def test_a_period_that_cannot_be_read_is_a_fault_of_the_form():
    """The denial says how to write it."""
    assert ["form-field"] == opened(TURNING).codes("02 10:00", "more", form=Paper("x", period="a while"))


def test_a_clock_may_start_with_the_period_of_the_form():
    """Else with the one of the definition."""
    ends = [
        opened(TURNING).do("02 10:00", "begin", form=Paper("x", period=period)).clocks[0].due
        for period in ("1 working day", None)
    ]
    assert [at("03 17:00"), at("04 17:00")] == ends


def test_an_effect_may_take_place_at_an_instant_of_the_form():
    """The limit pauses when it was paid, not when that is confirmed; a fixed basis is kept."""
    change = opened(TURNING).do("02 16:00", "hold-since", form=Paper("x", paid_at=moment("02 10:00"))).clocks[0]
    assert (at("02 10:00"), "Decree 1") == (change.at, change.basis)


def test_an_instant_that_the_form_leaves_out_is_that_of_the_act():
    """Nothing is guessed further back."""
    assert at("02 16:00") == opened(TURNING).do("02 16:00", "hold-since", form=Paper("x")).clocks[0].at


def test_an_instant_of_the_form_lies_not_after_the_act():
    """Nobody confirms what has not happened."""
    (reason,) = opened(TURNING).reasons("02 16:00", "hold-since", form=Paper("x", paid_at=moment("03 10:00")))
    assert ("form-field", "paid_at") == (reason.code, reason.params["field"])


def test_an_instant_of_the_form_lies_not_before_the_clock():
    """A clock does not pause before it runs."""
    assert ["form-field"] == opened(TURNING).codes("02 16:00", "hold-since", form=Paper("x", paid_at=moment("02 08:59")))


def test_an_effect_may_take_place_at_the_instant_of_another_action():
    """The pause begins when it was asked for, not when it is granted."""
    desk = opened(TURNING)
    desk.do("02 10:00", "note")
    assert at("02 10:00") == desk.do("02 16:00", "hold-then").clocks[0].at


def test_an_action_that_never_happened_has_no_instant():
    """Then it is that of the act itself."""
    assert at("02 16:00") == opened(TURNING).do("02 16:00", "hold-then").clocks[0].at


def test_the_instant_of_an_action_is_no_date_of_the_case():
    """What the kernel remembers for itself is not shown among the dates."""
    desk = opened(TURNING)
    desk.do("02 10:00", "note")
    assert {} == desk.case.dates


@pytest.mark.parametrize(("result", "state"), [("stop", "stopped"), ("hold", "paused"), ("nothing", "running")])
def test_a_form_chooses_what_becomes_of_a_clock(result, state):
    """Each value has its effect."""
    desk = opened(TURNING)
    desk.do("02 10:00", "turn", form=Paper("x", result=result))
    assert state == desk.case.clocks["legal"].state


def test_a_value_without_an_effect_is_a_fault_of_the_form():
    """The denial lists the values that have one."""
    problem = "the value says nothing about the clock legal; known: stop, hold, nothing"
    assert [Reason("form-field", field="result", problem=problem)] == opened(TURNING).reasons(
        "02 10:00", "turn", form=Paper("x", result="x")
    )


@pytest.mark.parametrize("action", ["hold", "go-on", "again", "enough"])
def test_an_effect_that_does_not_concern_a_clock_leaves_it(action):
    """What is stopped is neither paused nor resumed nor restarted nor stopped."""
    desk = opened(TURNING)
    desk.do("02 10:00", "enough")
    assert () == desk.do("02 11:00", action).clocks


def test_an_effect_on_a_clock_that_never_started_is_none():
    """There is nothing to pause."""
    text = "limits.legal = '1 day'\nactions.hold = { from = 'waiting', roles = ['clerk'], clocks = { legal = 'pause' } }"
    assert () == opened(text).do("02 10:00", "hold").clocks


def test_a_limit_that_no_procedure_fills_does_not_run():
    """A blank without a default may be left when it is not the main limit."""
    text = """
    limits.extra = { from = "procedure" }
    actions.note = { from = "waiting", roles = ["clerk"], clocks = { extra = "start" } }
    """
    assert () == opened(text).do("02 10:00", "note").clocks


def test_closing_stops_all_that_runs():
    """No limit outlives its case, paused or not."""
    desk = opened(TURNING)
    desk.do("02 10:00", "hold")
    desk.do("02 11:00", "finish")
    assert {"legal": "stopped", "other": "stopped"} == {name: clock.state for name, clock in desk.case.clocks.items()}


def test_a_procedure_says_the_limit_and_what_becomes_of_it():
    """Blanks of the definition are filled when it is bound."""
    text = """
    limits.legal = { from = "procedure" }
    blanks.mode = ["restart", "run"]
    [actions.ask]
    from = "new"
    to = "waiting"
    roles = ["clerk"]
    clocks.legal = "start"
    [actions.again]
    from = "waiting"
    roles = ["clerk"]
    clocks.legal = { by = "procedure.mode", restart = "restart", run = "none" }
    """
    ends = []
    for mode in ("restart", "run"):
        desk = opened(text, procedure={"blanks": {"mode": mode}, "limits": {"legal": {"period": "1 working day"}}})
        desk.do("03 10:00", "again")
        ends.append(desk.due("legal"))
    assert [at("04 17:00"), at("03 17:00")] == ends


def test_no_rule_named_anywhere_is_an_error_of_the_set_up():
    """There is no default law."""
    desk = Desk(CLOCKED, calendar=changed(CALENDAR, customary_rule=None))
    with pytest.raises(
        InvalidInput, match=r"limits\.legal: no counting rule: neither the limit nor the calendar test names one"
    ):
        desk.context("lan").rule("legal")


def test_a_calendar_that_is_not_the_one_last_named_is_named_again():
    """The event says which calendar states its dues."""
    other = changed(CALENDAR, name="other")
    desk = Desk(TURNING, calendar=other)
    named = [desk.do("02 09:00", "ask").calendar, desk.do("02 10:00", "again").calendar]
    assert ([other.version, None], other.version) == (named, desk.case.calendar)


# Effects

EFFECTS = """
due = "legal"
parts = ["owner"]
limits.legal = "2 working days"
dates = { first = "once", last = "last", promise = "later", copy = "last", from_form = "last" }
axes.fee = ["none", "due", "paid"]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
sets.first = "occurred"
sets.promise = "clock.legal"
[actions.again]
from = "waiting"
roles = ["clerk"]
form = "Paper"
names.owner = "form.applicant"
sets.first = "occurred"
sets.last = "occurred"
sets.promise = "form.paid_at"
sets.copy = "case.first"
sets.from_form = "form.paid_at"
sets.fee = "form.result"
[actions.mark]
from = "waiting"
roles = ["clerk"]
sets.fee = "due"
names.owner = "actor"
sets.promise = "clock.legal"
[actions.finish]
from = "waiting"
to = "done"
roles = ["clerk"]
outcome = "case.fee"
[actions.drop]
from = "waiting"
to = "done"
roles = ["clerk"]
outcome = "dropped"
[actions.judge]
from = "waiting"
to = "done"
roles = ["clerk"]
form = "Paper"
outcome = "form.result"
"""


def test_a_date_set_once_stays():
    """The first promise is the first."""
    desk = opened(EFFECTS)
    desk.do("02 10:00", "again", form=Paper("x"))
    assert (moment("02 09:00"), at("02 10:00")) == (desk.case.date("first"), desk.case.dates["last"])


def test_a_date_set_last_is_overwritten():
    """The latest write stands."""
    desk = opened(EFFECTS)
    desk.do("02 10:00", "again", form=Paper("x"))
    desk.do("02 11:00", "again", form=Paper("x"))
    assert at("02 11:00") == desk.case.dates["last"]


@pytest.mark.parametrize(("told", "promise"), [("03 10:00", "04 17:00"), ("08 10:00", "08 10:00")])
def test_a_date_set_later_only_moves_later(told, promise):
    """A promise once given is not taken back."""
    desk = opened(EFFECTS)
    desk.do("02 10:00", "again", form=Paper("x", paid_at=moment(told)))
    assert at(promise) == desk.case.dates["promise"]


def test_a_date_may_be_copied_or_come_from_the_form():
    """What the form leaves out sets nothing."""
    desk = opened(EFFECTS)
    desk.do("02 10:00", "again", form=Paper("x"))
    before = "from_form" in desk.case.dates
    desk.do("02 11:00", "again", form=Paper("x", paid_at=moment("01 10:00")))
    assert (False, at("02 09:00"), at("01 10:00")) == (before, desk.case.dates["copy"], desk.case.dates["from_form"])


def test_a_date_of_a_clock_is_the_end_it_states_or_stated_last():
    """Whether the act turned the clock or not."""
    desk = opened(EFFECTS)
    assert (at("04 17:00"), None) == (
        desk.do("02 10:00", "mark").effects.dates.get("promise", at("04 17:00")),
        desk.case.date("x"),
    )


def test_a_clock_that_never_started_sets_no_date():
    """There is no end to state."""
    text = """
    limits.legal = "1 day"
    dates.promise = "last"
    actions.note = { from = "waiting", roles = ["clerk"], sets = { promise = "clock.legal" } }
    """
    assert {} == opened(text).do("02 10:00", "note").effects.dates


def test_axes_begin_at_their_first_value_and_take_literals_and_fields():
    """What stands beside the step."""
    desk = opened(EFFECTS)
    first = desk.case.axes
    desk.do("02 10:00", "mark")
    second = desk.case.axes
    desk.do("02 11:00", "again", form=Paper("x", result="paid"))
    assert [{"fee": "none"}, {"fee": "due"}, {"fee": "paid"}] == [first, second, desk.case.axes]


def test_a_field_that_is_no_value_of_the_axis_is_a_fault():
    """The denial lists the values."""
    reason = Reason("form-field", field="fee", problem="'free' is no value of fee; known: none, due, paid")
    assert [reason] == opened(EFFECTS).reasons("02 10:00", "again", form=Paper("x", result="free"))


@pytest.mark.parametrize(
    ("action", "form", "outcome"),
    [("finish", None, "none"), ("drop", None, "dropped"), ("judge", Paper("x", result="granted"), "granted")],
)
def test_an_outcome_is_literal_or_of_the_form_or_of_the_case(action, form, outcome):
    """What came of it is one word."""
    desk = opened(EFFECTS)
    desk.do("02 10:00", action, form=form)
    assert outcome == desk.case.outcome


def test_a_form_names_who_holds_a_part_and_may_leave_it():
    """An empty field names nobody, and changes nothing."""
    desk = opened(EFFECTS)
    desk.do("02 10:00", "again", form=Paper("x", applicant="minh"))
    desk.do("02 11:00", "again", form=Paper("x"))
    assert {"owner": "minh"} == desk.case.parts


def test_the_actor_may_be_named_for_a_part():
    """Who takes the case is its owner."""
    desk = opened(EFFECTS)
    desk.do("02 10:00", "mark", "mai")
    assert {"owner": "mai"} == desk.case.parts


@guard("hasty", reads_form=False)
def hasty(attempt: Attempt) -> Reason | None:
    """Always something to note."""
    return Reason("hasty")


def test_a_mark_is_noted_once_and_denies_nothing():
    """A guard in ``marks`` records its code; those that read the form do so too."""
    text = """
    [actions.note]
    from = "waiting"
    roles = ["clerk"]
    form = "Paper"
    marks = ["hasty", "nameless"]
    """
    desk = opened(text, guards=[hasty, nameless])
    marks = [desk.do("02 10:00", "note", form=Paper("x")).effects.marks for _ in range(2)]
    assert ([("hasty", "nameless"), ()], ("hasty", "nameless")) == (marks, desk.case.marks)


REOPENED = """
[actions.finish]
from = "waiting"
to = "done"
roles = ["clerk"]
separate_from = ["ask"]
at_most = 1
[actions.reopen]
from = "done"
to = "waiting"
roles = ["clerk"]
reopens = true
"""


def test_a_reopened_case_counts_its_doers_and_counts_anew():
    """Separation of duties and at_most look at what was done since."""
    desk = opened(REOPENED)
    desk.do("02 10:00", "finish", "mai")
    closed = desk.case.open
    desk.do("02 11:00", "reopen", "mai")
    assert (False, True, {"reopen": ("mai",)}, []) == (
        closed,
        desk.case.open,
        desk.case.doers,
        desk.codes("02 12:00", "finish", "lan"),
    )


# Cases opened by rule

RAISING = """
due = "legal"
limits.legal = "2 working days"
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.note]
from = "waiting"
roles = ["clerk"]
outcome = "noted"
[[actions.note.raises]]
when = "hasty"
process = "small"
action = "ask"
once = %s
[actions.note.raises.form]
requirement = "no haste"
source = "case.id"
kind = "case.kind"
due = "case.due"
unit = "case.unit"
outcome = "case.outcome"
procedure = "case.procedure"
action = "action"
at = "occurred"
pages = 3
"""


def test_what_a_rule_raises_says_what_it_knows():
    """Literals as they are, the rest from the case as the act leaves it; what is unknown is left out."""
    desk = opened(RAISING.replace("%s", "true"), guards=[hasty], unit="justice")
    decision = desk.decide("02 10:00", "note")
    assert isinstance(decision, Allowed)
    (raising,) = decision.raises
    assert (
        "case/small-1",
        "ask",
        {
            "requirement": "no haste",
            "source": "case",
            "kind": "small",
            "due": moment("04 17:00"),
            "unit": "justice",
            "outcome": "noted",
            "action": "note",
            "at": moment("02 10:00"),
            "pages": 3,
        },
    ) == (raising.id, raising.action, raising.form)


def test_a_rule_raises_once():
    """The second time it has been raised already."""
    desk = opened(RAISING.replace("%s", "true"), guards=[hasty])
    raised = [desk.do("02 10:00", "note").effects.raised for _ in range(2)]
    assert ([(("hasty", "case/small-1"),), ()], {"hasty": "case/small-1"}) == (raised, desk.case.raised)


def test_a_rule_that_raises_each_time_gives_each_case_an_id():
    """The third is not called as the second."""
    desk = opened(RAISING.replace("%s", "false"), guards=[hasty])
    assert ["case/small-1", "case/small-2", "case/small-3"] == [
        desk.do("02 10:00", "note").effects.raised[0][1] for _ in range(3)
    ]


def test_a_rule_whose_guard_has_nothing_to_say_raises_nothing():
    """The act is as it would be without it."""
    desk = opened(RAISING.replace("%s", "true").replace('"hasty"', '"nameless"'), guards=[nameless])
    assert () == desk.do("02 10:00", "note").effects.raised


# Expiry

LAPSING = """
steps.late = {}
limits.window = "1 working day"
limits.longer = "2 working days"
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.window = "start"
clocks.longer = "start"
[actions.remind]
from = "waiting"
fired_by = "window"
[actions.lapse]
from = "waiting"
to = "late"
fired_by = "longer"
[actions.hold]
from = "waiting"
roles = ["clerk"]
clocks.window = "pause"
clocks.longer = "stop"
[actions.end]
from = "late"
to = "done"
roles = ["clerk"]
"""


def test_what_has_expired_happened_when_its_limit_ended():
    """In the order of the ends, whenever anybody asks."""
    assert [("remind", at("03 17:00")), ("lapse", at("04 17:00"))] == opened(LAPSING).expire("31 12:00")


def test_a_limit_has_not_ended_at_its_last_instant():
    """Close of the office is still within the day."""
    desk = opened(LAPSING)
    assert ([], [("remind", at("03 17:00"))]) == (desk.expire("03 17:00"), desk.expire("03 17:01"))


def test_an_expiry_happens_once():
    """Even when what it does leaves the case where it was."""
    desk = opened(LAPSING)
    desk.expire("03 18:00")
    assert ([], True) == (desk.expire("04 09:00"), desk.case.clocks["window"].fired)


def test_a_paused_or_stopped_limit_does_not_expire():
    """What stands still does not end."""
    desk = opened(LAPSING)
    desk.do("02 10:00", "hold")
    assert [] == desk.expire("31 12:00")


def test_an_expiry_that_finds_the_case_elsewhere_does_nothing():
    """The first action of the clock that can be done is done; here there is none."""
    text = LAPSING + '[actions.move]\nfrom = "waiting"\nto = "late"\nroles = ["clerk"]\n'
    desk = opened(text)
    desk.do("02 10:00", "move")
    assert [] == desk.expire("31 12:00")


def test_an_expiry_is_not_made_up_for_when_the_case_comes_back():
    """It ended while the case stood elsewhere, and what was not done then is not done now."""
    text = (
        LAPSING
        + """
    [actions.move]
    from = "waiting"
    to = "late"
    roles = ["clerk"]
    [actions.back]
    from = "late"
    to = "waiting"
    roles = ["clerk"]
    """
    )
    desk = opened(text)
    desk.do("02 10:00", "move")
    desk.do("08 10:00", "back")
    assert [] == desk.expire("31 12:00")


def test_an_extended_limit_may_end_again():
    """More time is another end."""
    text = """
    limits.window = "1 working day"
    [actions.ask]
    from = "new"
    to = "waiting"
    roles = ["clerk"]
    clocks.window = "start"
    [actions.remind]
    from = "waiting"
    fired_by = "window"
    [actions.more]
    from = "waiting"
    roles = ["clerk"]
    form = "Paper"
    clocks.window = { extend = "form.period" }
    """
    desk = opened(text)
    first = desk.expire("04 09:00")
    desk.do("04 10:00", "more", form=Paper("x", period="2 working days"))
    assert ([("remind", at("03 17:00"))], [("remind", at("05 17:00"))]) == (first, desk.expire("31 12:00"))


def test_an_expiry_may_turn_its_own_clock():
    """A reminder that starts its own clock anew comes again and again."""
    text = """
    limits.window = "1 working day"
    [actions.ask]
    from = "new"
    to = "waiting"
    roles = ["clerk"]
    clocks.window = "start"
    [actions.remind]
    from = "waiting"
    fired_by = "window"
    clocks.window = "restart"
    """
    assert [at("03 17:00"), at("04 17:00"), at("05 17:00")] == [when for _, when in opened(text).expire("08 12:00")]


def test_an_act_closes_what_a_clock_would_have_fired():
    """A closed case has no running limits."""
    desk = opened(LAPSING + "[actions.finish]\nfrom = 'waiting'\nto = 'done'\nroles = ['clerk']\n")
    desk.do("02 10:00", "finish")
    assert [] == desk.expire("31 12:00")


def test_the_system_needs_no_role():
    """What a clock fires is allowed by the definition."""
    desk = opened(LAPSING)
    assert [] == desk.codes("04 09:00", "remind", "system")


# Rows


def test_a_row_says_where_a_case_stands_and_when_to_look_again():
    """Steps sorted, the end of the main limit, the first end that fires something."""
    desk = opened('due = "longer"\nsubject = "owner"\nparts = ["owner"]\n' + LAPSING, unit="justice")
    made = row(desk.case, desk.bound)
    assert ("small", None, ("waiting",), None, "justice", True, at("04 17:00"), at("03 17:00")) == (
        made.process,
        made.procedure,
        made.steps,
        made.subject,
        made.unit,
        made.open,
        made.due,
        made.wake,
    )


def test_a_row_of_a_case_whose_limit_stands_still_has_no_end():
    """A paused or stopped limit is neither due nor to be looked at; a fired one not again."""
    desk = opened('due = "window"\n' + LAPSING)
    desk.do("02 10:00", "hold")
    made = row(desk.case, desk.bound)
    assert (None, None) == (made.due, made.wake)


def test_a_row_names_the_subject_of_the_case():
    """By opaque id."""
    desk = Desk('subject = "applicant"\n' + PARTS)
    desk.do("02 09:00", "ask", "lan", {"title": "x", "applicant": "p-17"})
    assert "p-17" == row(desk.case, desk.bound).subject


def test_the_staff_of_these_tests_holds_what_it_says():
    """Minh is clerk and head."""
    assert {"clerk", "head"} == {grant.role for grant in STAFF.grants("minh")}


def test_closing_stops_a_clock_that_its_form_left_running():
    """A value that does nothing to a clock does not let it outlive the case."""
    text = (
        TURNING
        + """
    [actions.finish]
    from = "waiting"
    to = "done"
    roles = ["clerk"]
    form = "Paper"
    clocks.legal = { by = "form.result", hold = "pause", nothing = "none" }
    """
    )
    desk = opened(text)
    desk.do("02 10:00", "finish", form=Paper("x", result="nothing"))
    assert {"legal": "stopped", "other": "stopped"} == {name: clock.state for name, clock in desk.case.clocks.items()}


def test_a_process_without_clocks_that_fire_expires_nothing():
    """There is nothing to look at."""
    assert [] == opened(CLOCKED).expire("31 12:00")


def test_a_late_date_of_a_form_is_one_the_clock_knows():
    """A date set from a clock that this act did not turn is the end it stated last."""
    text = EFFECTS.replace('sets.fee = "due"\nnames.owner', 'sets.last = "clock.legal"\nnames.owner')
    desk = opened(text)
    desk.do("02 10:00", "mark")
    assert at("04 17:00") == desk.case.dates["last"]


def test_what_a_clock_raises_says_why_it_is_recorded_late():
    """A case that an expiry opens is dated at the end of the limit, with the reason."""
    text = LAPSING.replace(
        'fired_by = "window"\n',
        'fired_by = "window"\n[[actions.remind.raises]]\nwhen = "hasty"\nprocess = "small"\naction = "ask"\n',
        1,
    )
    desk = opened(text, guards=[hasty])
    (raising,) = expire(desk.case, at("04 09:00"), desk.context("system")).raises
    assert When(at("03 17:00"), at("04 09:00"), "raised by remind") == raising.when


def test_a_date_of_a_clock_is_that_of_its_own_change():
    """Two clocks turned by one act state two ends."""
    text = """
    limits.short = "1 working day"
    limits.long = "3 working days"
    dates.promise = "last"
    [actions.ask]
    from = "new"
    to = "waiting"
    roles = ["clerk"]
    clocks.short = "start"
    clocks.long = "start"
    sets.promise = "clock.long"
    """
    assert at("05 17:00") == opened(text).case.dates["promise"]


def test_an_act_that_closes_stops_each_clock_once():
    """What it says itself is not said again for it."""
    text = CLOCKED + '[actions.finish]\nfrom = "waiting"\nto = "done"\nroles = ["clerk"]\nclocks.legal = "stop"\n'
    event = opened(text).do("02 10:00", "finish")
    assert [("legal", "stop"), ("other", "stop")] == [(change.clock, change.effect) for change in event.clocks]


@pytest.mark.parametrize(("rule", "fired"), [("vn-civil-2015", [("remind", at("04 00:00"))]), ("vn-one-stop", [])])
def test_a_day_that_ends_at_midnight_is_over_at_midnight(rule, fired):
    """The first instant after the last day; where the office closes, its last instant is still within."""
    text = f"""
    limits.window = {{ period = "1 working day", rule = "{rule}" }}
    actions.ask = {{ from = "new", to = "waiting", roles = ["clerk"], clocks = {{ window = "start" }} }}
    actions.remind = {{ from = "waiting", fired_by = "window" }}
    """
    end = "04 00:00" if fired else "03 17:00"
    assert fired == opened(text).expire(end)


def test_a_late_entry_does_not_start_again_what_has_lapsed():
    """An act before the end, recorded after it: it would run the clock anew from then, and its end would be acted on twice."""
    desk = Desk(
        """
[limits]
window = "2 days"
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.window = "start"
[actions.again]
from_any = ["waiting"]
roles = ["clerk"]
clocks.window = "restart"
[actions.lapse]
from_any = ["waiting"]
fired_by = "window"
"""
    )
    desk.do("02 09:00", "ask")
    assert 1 == len(desk.expire("08 09:00"))
    assert ["late-entry-order"] == desk.codes("08 09:00", "again", occurred="02 10:00", reason="power cut")
    desk.do("08 09:00", "again")
    assert [] == desk.expire("08 10:00")
