"""Histories from elsewhere: nothing is dropped, nothing is denied, and what cannot be is left out."""

from __future__ import annotations

import pytest

from definitions import Desk, at, problems
from qms.event import ClockChange, When
from qms.history import import_fact, replay
from qms.state import evolve

TEXT = """
parts = ["owner"]
limits.legal = "2 working days"
steps.late = {}
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.hold]
from = "waiting"
roles = ["clerk"]
clocks.legal = "pause"
[actions.move]
name = "go"
from = "waiting"
to = "late"
roles = ["clerk"]
[actions.end]
name = "go"
from = "late"
to = "done"
roles = ["clerk"]
[actions.judge]
from = "late"
to = "done"
roles = ["clerk"]
form = "Paper"
outcome = "form.result"
names.owner = "form.applicant"
"""


@pytest.fixture
def desk():
    """A case asked for at 09:00 on the 2nd."""
    made = Desk(TEXT)
    made.do("02 09:00", "ask")
    return made


def recorded(desk, when, action, by="lan", form=None):
    """The act as another system recorded it; it happens."""
    event = replay(desk.case, action, by, form, When(at(when), at(when)), desk.context(by))
    desk.events.append(event)
    return event


def codes(event):
    """The codes of its deviation."""
    return [reason.code for reason in event.deviation]


def test_what_was_allowed_is_no_deviation(desk):
    """It is the event that a decision would have made."""
    assert ([], ("late",)) == (codes(event := recorded(desk, "02 10:00", "move")), event.put)


def test_a_shared_name_means_the_action_that_is_possible(desk):
    """Logs say names; which action it was, the case knows."""
    assert ["move", "end"] == [recorded(desk, when, "go").action for when in ("02 10:00", "02 11:00")]


def test_a_shared_name_that_is_nowhere_possible_is_the_action_that_lacks_least(desk):
    """One slip is one deviation; the reasons are those of the action taken."""
    event = recorded(desk, "02 10:00", "go", "hoa")
    assert ("move", ["no-authority"]) == (event.action, codes(event))


def test_the_tokens_that_an_act_lacked_are_taken_as_given(desk):
    """It leaves what stands and goes where it leads."""
    event = recorded(desk, "02 10:00", "end")
    assert (["not-in-step"], (), ("done",), {"done", "waiting"}) == (codes(event), event.left, event.put, desk.case.steps)


def test_an_action_that_the_process_does_not_have_is_kept(desk):
    """With what was said of it; it moves nothing."""
    event = recorded(desk, "02 10:00", "fly", form={"height": 3})
    assert (["unknown-action"], {"height": 3}, (), ()) == (codes(event), event.form, event.left, event.put)


def test_effects_that_need_a_form_that_nobody_filled_are_left_out(desk):
    """The act is kept, the case is closed, and what ran has stopped."""
    recorded(desk, "02 10:00", "move")
    event = recorded(desk, "02 11:00", "judge")
    assert (["form-missing", "form-field"], True, None, (ClockChange("legal", "stop", at("02 11:00")),)) == (
        codes(event),
        event.closed,
        event.effects.outcome,
        event.clocks,
    )


def test_an_end_before_the_last_change_of_a_clock_is_left_out(desk):
    """What still runs stops at the earliest instant at which it can."""
    recorded(desk, "02 10:00", "move")
    recorded(desk, "02 12:00", "hold")
    event = recorded(desk, "02 11:00", "end", "hoa")
    assert (["no-authority"], (ClockChange("legal", "stop", at("02 12:00")),)) == (codes(event), event.clocks)


def test_an_effect_that_cannot_be_true_of_the_case_is_left_out(desk):
    """A pause before the start moves nothing."""
    event = recorded(desk, "02 08:30", "hold", "hoa")
    assert (["no-authority"], (), False) == (codes(event), event.clocks, event.closed)


def fact(desk, when, **more):
    """A fact of another system's record; it happens."""
    event = import_fact(desk.case, "register", at(when), desk.context("register"), **{"dates": {}, "facts": {}, **more})
    desk.events.append(event)
    return event


def test_a_clock_started_elsewhere_runs_here(desk):
    """By the limit and the rule of the definition."""
    fact(desk, "03 09:00", start="legal")
    assert at("05 17:00") == desk.due("legal")


def test_a_limit_that_the_process_does_not_have_cannot_start(desk):
    """The message lists those it has."""
    assert ["start: 'lunch' is no limit; known: legal"] == problems(fact, desk, "03 09:00", start="lunch")


@pytest.mark.parametrize(("when", "stopped"), [("02 12:00", at("02 12:00")), ("02 10:00", None)])
def test_a_clock_stopped_elsewhere_stops_here_where_it_can(desk, when, stopped):
    """Not before its last change; the fact is kept either way."""
    desk.do("02 11:00", "hold")
    event = fact(desk, when, stop="legal", facts={"end": "x"})
    assert (stopped, {"end": "x"}) == (desk.case.clocks["legal"].stopped, event.facts)


def test_a_clock_that_never_ran_is_not_stopped():
    """There is nothing to stop."""
    assert () == fact(Desk(TEXT), "02 12:00", stop="legal").clocks


LAPSING = """
dates = { first_promise = "once", said_last = "later", seen = "last" }
limits.window = "1 working day"
[actions.remind]
from = "waiting"
fired_by = "window"
"""


def test_what_a_clock_fires_may_be_recorded_though_the_clock_never_ran():
    """It was done by somebody, elsewhere; the case can be told."""
    desk = Desk(LAPSING)
    desk.do("02 09:00", "ask")
    event = recorded(desk, "02 12:00", "remind")
    assert (["fired-by-clock", "no-authority"], (), 3) == (codes(event), event.clocks, desk.case.seq)


def test_nobody_is_let_do_anything_by_being_called_the_system(desk):
    """A name in another system's record gives no authority, and no part of the case does."""
    assert [["no-authority"], ["no-authority"]] == [
        codes(recorded(desk, "02 10:00", "move", "system")),
        codes(recorded(desk, "02 11:00", "end", "system")),
    ]


def test_what_was_promised_first_is_not_told_anew():
    """It stands once and for all, one that only goes later is not set back; what else is told is a fact beside them."""
    desk = Desk(LAPSING)
    desk.do("02 09:00", "ask")
    fact(desk, "02 10:00", dates={"first_promise": 5, "said_last": 5, "seen": 5, "other": 5})
    event = fact(desk, "02 11:00", dates={"first_promise": 9, "said_last": 4, "seen": 4, "other": 4}, facts={"room": 1})
    assert ({"first_promise": 5, "said_last": 5, "seen": 4, "other": 4}, {"first_promise": 9, "said_last": 4, "room": 1}) == (
        desk.case.dates,
        event.facts,
    )
    fact(desk, "02 12:00", dates={"said_last": 6})
    assert 6 == desk.case.dates["said_last"]


def test_every_act_of_a_history_follows_on_the_one_before(desk):
    """Whatever is recorded in whatever order, the case can be told."""
    for when, action, by in [("03 09:00", "judge", "lan"), ("02 08:00", "ask", "hoa"), ("02 07:00", "end", "hoa")]:
        recorded(desk, when, action, by)
    assert 5 == evolve(desk.case, import_fact(desk.case, "r", 5, desk.context("r"), dates={}, facts={})).seq - 1
