"""The unit that owes the result: named by an act, followed by authority, rows and the cases that are opened."""

from __future__ import annotations

import pytest

from definitions import Desk, at, problems, small
from office import Now, denied, office
from qms.authority import Grant, Roster
from qms.event import read, to_bytes
from qms.ports import Query
from qms.records.stays import stays

MOVING = """
due = "legal"
limits.legal = "10 working days"
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.hand]
from = "waiting"
roles = ["clerk"]
form = "Note"
unit = "form.text"
undoable = true
[actions.again]
from = "waiting"
roles = ["clerk"]
clocks.legal = "restart"
"""
PEOPLE = Roster({"lan": [Grant("clerk", unit="a")], "mai": [Grant("clerk", unit="b")]})


def test_an_act_hands_the_case_to_another_unit():
    """Authority, the row and the views follow; a clock does not."""
    now = Now()
    org = office(small(MOVING), people=PEOPLE, now=now)
    before = org.open("small", by="lan", unit="a")
    after = org.act("a", "hand", by="lan", form={"text": "b"})
    assert ("a", "b", before.clocks) == (before.unit, after.unit, after.clocks)
    assert [["a"], []] == [[stream for stream, _ in org.store.select(Query(unit=unit))] for unit in ("b", "a")]
    with denied("no-authority"):
        org.act("a", "finish", by="lan")
    assert ("mai",) == org.who_can("a", "finish")


def test_it_is_read_again_from_its_bytes():
    """And a record without it has no such key."""
    desk = Desk(MOVING)
    desk.do("02 09:00", "ask")
    event = desk.do("02 10:00", "hand", form={"text": "b"})
    assert event == read(to_bytes("case", event)) and "b" == event.effects.unit
    assert b"unit" not in to_bytes("case", desk.do("02 11:00", "again"))


def test_it_is_taken_back_with_the_act():
    """Undone, the case is with the unit that it was with."""
    now = Now()
    org = office(small(MOVING), now=now)
    org.open("small", by="lan", unit="a")
    org.act("a", "hand", by="lan", form={"text": "b"})
    assert "a" == org.undo("a", by="lan", reason="a slip").unit


def test_a_unit_without_a_name_is_refused():
    """A blank is a fault of its field."""
    desk = Desk(MOVING)
    desk.do("02 09:00", "ask")
    assert ["form-field"] == desk.codes("02 10:00", "hand", form={"text": " "})


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("unit = 'b', form = 'Note'", "actions.finish.unit: 'b' names no unit; write \"form.<field>\""),
        ("unit = 'form.text'", "actions.finish.form: form.text is read, but the action names no form"),
    ],
)
def test_faults_of_a_unit(key, fault):
    """It is a field of the form."""
    assert [fault] == problems(small, f"actions.finish = {{ from = 'waiting', to = 'done', roles = ['clerk'], {key} }}")


def test_a_case_is_opened_for_the_unit_that_its_rule_names():
    """Else for that of the case that opens it."""
    parent = """
    name = "permit"
    [actions.ask]
    from = "new"
    to = "waiting"
    roles = ["clerk"]
    form = "Paper"
    [[actions.ask.raises]]
    process = "asked"
    action = "ask"
    child = "asked"
    each = "form.papers"
    unit = "item"
    [[actions.ask.raises]]
    process = "asked"
    action = "ask"
    """
    child = 'name = "asked"\nactions.ask = { from = "new", to = "waiting", roles = ["clerk"] }'
    org = office(small(parent), small(child))
    org.open("permit", by="lan", unit="here", form={"title": "x", "papers": ["tax", "land"]})
    assert ["tax", "land", "here"] == [org.case(f"a/asked-{n}").unit for n in (1, 2, 3)]


def test_each_unit_has_the_time_for_which_it_held_the_file():
    """Working time of the limit, in order, also what a restart voided; together as much as has run."""
    hour = 3_600_000_000
    desk = Desk(MOVING, unit="a")
    desk.do("02 09:00", "ask")
    desk.do("04 10:00", "hand", form={"text": "b"})
    desk.do("05 10:00", "again")
    desk.do("08 10:00", "hand", form={"text": "c"})
    held = list(stays(desk.events, desk.calendar, at("09 17:00")))
    assert [("a", at("04 10:00")), ("b", at("08 10:00")), ("c", None)] == [(stay.unit, stay.until) for stay in held]
    assert ([10, 10, 14], {"working time"}) == ([stay.used // hour for stay in held], {stay.axis for stay in held})
    alone = Desk(MOVING)
    alone.do("02 09:00", "ask")
    alone.do("05 10:00", "again")
    (whole,) = stays(alone.events, alone.calendar, at("09 17:00"))
    assert whole.used == sum(stay.used for stay in held)


def test_a_file_without_a_limit_used_none():
    """Who held it is told all the same."""
    desk = Desk('actions.hand = { from = "waiting", roles = ["clerk"], form = "Note", unit = "form.text" }')
    desk.do("02 09:00", "ask")
    desk.do("02 10:00", "hand", form={"text": "b"})
    assert [(0, None), (0, None)] == [(stay.used, stay.axis) for stay in stays(desk.events, desk.calendar, at("09 17:00"))]
