"""One story end to end, over each kind of store: people, duties, time, a retry, a second worker, and the trail of it all."""

from __future__ import annotations

import pytest

from definitions import Paper, at, moment, small
from office import Now, denied, office
from qms.authority import Grant, Roster
from qms.ports import Query
from qms.stores.memory import MemoryStore
from qms.stores.sqlite import SQLiteStore

STORY = small("""
due = "legal"
subject = "applicant"
parts = ["applicant", "owner"]
[dates]
asked_at = "once"
promise = "later"
[axes]
fee = ["none", "due", "paid"]
[limits]
legal = "3 working days"
window = "5 days"
[roles]
clerk = {}
head = {}
[steps.drafted]
[steps.awaiting]
[steps.gone]
closes = true
[actions.ask]
from = "new"
to = "waiting"
roles = ["applicant", "clerk"]
form = "Paper"
names.applicant = "form.applicant"
clocks.legal = "start"
sets.asked_at = "occurred"
sets.promise = "clock.legal"
[actions.draft]
from = "waiting"
to = "drafted"
roles = ["clerk"]
names.owner = "actor"
separate_from = ["applicant"]
[actions.ask-back]
from = "waiting"
to = "awaiting"
roles = ["clerk"]
form = "Paper"
basis = "form.basis"
at_most = 1
clocks.legal = "pause"
clocks.window = "start"
[actions.supply]
from = "awaiting"
to = "waiting"
roles = ["applicant"]
clocks.legal = "resume"
clocks.window = "stop"
sets.promise = "clock.legal"
[actions.give-up]
from = "awaiting"
to = "gone"
fired_by = "window"
outcome = "lapsed"
[actions.finish]
from = "drafted"
to = "done"
roles = ["head"]
separate_from = ["draft", "applicant"]
clocks.legal = "stop"
outcome = "granted"
""")
PEOPLE = Roster(
    {"lan": ["clerk"], "mai": ["clerk", "head"], "hoa": [Grant("head", unit="justice")], "tam": [Grant("head", unit="health")]}
)


@pytest.fixture(params=["memory", "sqlite"])
def workers(request, tmp_path):
    """Two workers of one office, and its clock; both look at one store."""
    now = Now()
    memory = MemoryStore()
    stores = [memory if request.param == "memory" else SQLiteStore(tmp_path / "office.db") for _ in range(2)]
    yield *(office(STORY, store=store, now=now, people=PEOPLE) for store in stores), now
    for store in stores:
        store.close()


def test_a_case_from_its_opening_to_its_end(workers):
    """An applicant, two officers, a head of the right unit; a supplement over the weekend; and what each of them sees."""
    counter, desk, now = workers
    form = {"title": "Đơn", "phone": "0901"}
    opened = counter.open("small", by="an", form=form, unit="justice", key="counter-1")
    assert opened == counter.open("small", by="an", form=form, unit="justice", key="counter-1")
    assert (moment("05 17:00"), {"applicant": "an"}) == (opened.due, opened.parts)
    assert [opened] == list(desk.cases(Query(subject="an", open=True)))

    now.to("03 10:00")
    with denied("no-authority", "own-case"):
        desk.act("a", "draft", by="an")
    desk.act("a", "ask-back", by="lan", form=Paper("CCCD", basis="ND 61"))
    assert (None, "paused", ("supply",)) == (
        desk.store.row("a").due,
        counter.case("a").clocks["legal"].state,
        counter.available("a", "an"),
    )

    now.to("08 10:00")
    supplied = counter.act("a", "supply", by="an")
    assert (moment("10 17:00"), at("10 17:00")) == (supplied.due, supplied.dates["promise"])
    with denied("at-most"):
        counter.act("a", "ask-back", by="lan", form=Paper("more"))

    now.to("08 15:00")
    desk.act("a", "draft", by="mai", expected=supplied.seq)
    assert (("hoa",), "separation-of-duties") == (desk.who_can("a", "finish"), desk.explain("a", "finish", "mai")[0].code)
    with denied("no-authority"):
        desk.act("a", "finish", by="tam")

    now.to("11 09:00")
    assert ["a"] == [case.id for case in desk.overdue()]
    done = counter.act("a", "finish", by="hoa")
    assert ("granted", False, {"done"}, []) == (done.outcome, done.open, done.steps, desk.overdue())
    with denied("closed"):
        desk.act("a", "draft", by="lan")

    assert ["ask", "ask-back", "supply", "draft", "finish"] == [event.action for event in desk.history("a")[1:]]
    assert "10/01/2024 17:00" in str(desk.ledger("a"))
    assert "consistent, completeness unknown" == str(desk.trail.verify())


def test_a_case_whose_window_ends_unused(workers):
    """Nobody comes, nobody sweeps: the case is closed for whoever looks, dated at the Monday's close, and the act that comes too late is told so."""
    counter, desk, now = workers
    counter.open("small", by="lan", form={"title": "Đơn", "applicant": "an"}, unit="justice")
    counter.act("a", "ask-back", by="lan", form={"title": "CCCD"})
    now.to("09 10:00")
    assert ({"gone"}, "lapsed", ["a"]) == (
        desk.case("a").steps,
        desk.case("a").outcome,
        [case.id for case in desk.cases(Query(open=False))],
    )
    with denied("after-expiry"):
        counter.act("a", "supply", by="an")
    assert (1, 0, at("09 10:00")) == (desk.sweep(), counter.sweep(), desk.history("a")[-1].when.recorded)
    assert at("08 17:00") == desk.history("a")[-1].when.occurred
    assert "consistent, completeness unknown" == str(counter.trail.verify())


def test_a_day_of_work_in_one_transaction(workers):
    """All of it lands, or none."""
    counter, desk, _now = workers
    with counter.transaction():
        for name in ("x", "y"):
            counter.open("small", by="lan", form={"title": name, "applicant": "an"}, id=name, unit="justice")
            counter.act(name, "draft", by="mai")
    with pytest.raises(ZeroDivisionError), counter.transaction():
        counter.act("x", "finish", by="hoa")
        raise ZeroDivisionError
    assert [{"drafted"}, {"drafted"}] == [case.steps for case in desk.cases()]
    assert {"done"} == desk.act("x", "finish", by="hoa").steps
    assert {"done"} == counter.case("x").steps
