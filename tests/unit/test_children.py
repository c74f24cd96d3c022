"""Cases that open others and wait for them: joins, lateness, silence, several organizations."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from definitions import at, problems, small, tree
from office import Now, denied, office
from qms.authority import Roster
from qms.errors import InvalidInput, NotFound
from qms.event import Acted, Told, read, to_bytes
from qms.messages import Message
from qms.organization import Organization
from qms.ports import Query
from qms.process import Process
from qms.state import state_of
from qms.stores.memory import MemoryStore
from qms.stores.sqlite import SQLiteStore

PARENT = """
name = "permit"
due = "legal"
limits.legal = "10 working days"
[steps.consulting]
[steps.decided]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.consult]
from = "waiting"
to = "consulting"
roles = ["clerk"]
form = "Paper"
raises = [{ process = "asked", action = "send", child = "consultation", each = "form.papers", form = { text = "item" } }]
[actions.all-in]
from = "consulting"
to = "decided"
fired_by = { children = "consultation", need = "all" }
[actions.finish]
from_any = ["consulting", "decided", "waiting"]
to = "done"
roles = ["clerk"]
guards = [{ name = "children-ended", link = "consultation" }]
"""
CHILD = """
name = "asked"
due = "consult"
limits.consult = "2 working days"
steps.silent = { closes = true }
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
[actions.send]
from = "new"
to = "waiting"
roles = ["system"]
form = "Note"
clocks.consult = "start"
[actions.finish]
from = "waiting"
to = "done"
roles = ["head"]
outcome = "agreed"
[actions.lapse]
from = "waiting"
to = "silent"
fired_by = "consult"
outcome = "silent"
[actions.late]
from = "silent"
roles = ["head"]
"""


def family(
    parent: str = PARENT, child: str = CHILD, agencies: tuple[str, ...] = ("tax", "land"), **more: Any
) -> tuple[Organization, Now]:
    """An office with one permit that has asked some agencies, at 09:00 on the 2nd; the permit is `a`."""
    now = Now("02 09:00")
    org = office(small(parent), small(child), now=now, **more)
    org.open("permit", by="lan")
    org.act("a", "consult", by="lan", form={"title": "x", "papers": agencies})
    return org, now


def told(org: Organization) -> list[tuple[str, bool, str | None]]:
    """What the permit was told of its children."""
    return [(e.child, e.open, e.outcome) for e in org.history("a") if isinstance(e, Told)]


def test_a_case_opens_one_child_for_each_item():
    """In one batch, and it knows them from the start, with their dues."""
    org, _ = family()
    children = org.case("a").children
    assert {"a/asked-1": at("04 17:00"), "a/asked-2": at("04 17:00")} == {key: child.due for key, child in children.items()}
    assert [{"text": "tax"}, {"text": "land"}] == [org.history(key)[1].form for key in children]


def test_when_all_have_ended_the_system_goes_on():
    """In the batch of the last answer, dated as that."""
    org, now = family()
    now.to("03 10:00")
    org.act("a/asked-1", "finish", by="hoa")
    assert {"consulting"} == org.case("a").steps
    now.to("03 11:00")
    org.act("a/asked-2", "finish", by="hoa")
    joined = org.history("a")[-1]
    assert isinstance(joined, Acted) and ("all-in", at("03 11:00"), {"decided"}) == (
        joined.action,
        joined.when.occurred,
        org.case("a").steps,
    )


@pytest.mark.parametrize("need", ["any", 1, 2, 3, "all"])
@pytest.mark.parametrize("order", list(permutations(("a/asked-1", "a/asked-2", "a/asked-3"))))
def test_enough_is_enough_in_any_order(need, order):
    """Any, n of m, all: after exactly that many, whichever came first; and once."""
    text = PARENT.replace('need = "all"', f"need = {need!r}".replace("'", '"'))
    org, now = family(text, agencies=("tax", "land", "fire"))
    steps = []
    for hour, child in enumerate(order):
        now.to(f"03 {10 + hour}:00")
        org.act(child, "finish", by="hoa")
        steps.append(set(org.case("a").steps))
    enough = {"any": 1, "all": 3}.get(str(need), need)
    assert [{"consulting"}] * (int(enough) - 1) + [{"decided"}] * (4 - int(enough)) == steps
    assert 1 == sum(isinstance(e, Acted) and e.action == "all-in" for e in org.history("a"))


def test_each_result_is_taken_as_it_comes():
    """`each`: once for every child that ends."""
    text = (
        PARENT.replace("[steps.decided]", "")
        .replace('to = "decided"\n', "")
        .replace('"all" }', '"each" }')
        .replace('"decided", ', "")
    )
    org, now = family(text)
    for hour, child in enumerate(("a/asked-2", "a/asked-1")):
        now.to(f"03 {10 + hour}:00")
        org.act(child, "finish", by="hoa")
    assert [at("03 10:00"), at("03 11:00")] == [
        e.when.occurred for e in org.history("a") if isinstance(e, Acted) and e.action == "all-in"
    ]


def test_what_waits_for_children_is_denied_until_then():
    """The denial names those that are open."""
    org, now = family()
    now.to("03 10:00")
    org.act("a/asked-1", "finish", by="hoa")
    with denied("children-open") as reasons:
        org.act("a", "finish", by="lan")
    assert (("a/asked-2",), 1, 2) == tuple(reasons[0].params[name] for name in ("children", "ended", "needed"))


def test_silence_counts_without_anybody_looking():
    """What has lapsed in a child has happened to its parent too: for a view and for a decision, whenever a sweep ran."""
    for sweeps in ((), ("05 08:00",)):
        org, now = family()
        for instant in sweeps:
            now.to(instant)
            org.sweep()
        now.to("05 09:00")
        seen = org.case("a")
        done = org.act("a", "finish", by="lan")
        assert ({"decided"}, {"silent"}, {"done"}) == (seen.steps, {c.outcome for c in seen.children.values()}, done.steps)
        fired = [e.when.occurred for e in org.history("a") if isinstance(e, Acted) and e.action == "all-in"]
        assert [at("04 17:00")] == fired


def test_a_view_writes_nothing():
    """Looking at a parent does not record what its children did."""
    org, now = family()
    now.to("05 09:00")
    org.case("a")
    assert ([2, 2], 5) == ([org.store.length(f"a/asked-{n}") for n in (1, 2)], org.store.length("a"))


def test_a_late_child_puts_its_parent_at_risk_at_once():
    """Without a sweep; and it stays so when the child ends late."""
    slow = CHILD.replace('fired_by = "consult"', 'roles = ["head"]')
    org, now = family(child=slow)
    before = [case.id for case in org.at_risk()]
    now.to("04 17:01")
    at_risk = [case.id for case in org.at_risk()]
    now.to("05 10:00")
    org.act("a/asked-1", "finish", by="hoa")
    org.act("a/asked-2", "finish", by="hoa")
    case = org.case("a")
    assert ([], ["a"], [True, True], True) == (
        before,
        at_risk,
        [c.late for c in case.children.values()],
        case.at_risk(at("05 10:00")),
    )


def test_a_late_answer_undoes_nothing():
    """It is kept with the child; the parent has gone on."""
    org, now = family()
    now.to("05 09:00")
    org.sweep()
    length = org.store.length("a")
    org.act("a/asked-1", "late", by="hoa")
    assert (length, {"decided"}) == (org.store.length("a"), org.case("a").steps)


def test_grandchildren_are_heard_through_their_parents():
    """A child that itself waits: what happens below is passed up in one batch."""
    middle = tree(PARENT.replace('name = "permit"', 'name = "middle"'))
    middle["actions"]["send"] = {
        "from": "new",
        "to": "consulting",
        "roles": ["system"],
        "form": "Note",
        "clocks": {"legal": "start"},
    }
    middle["actions"]["send"]["raises"] = [
        {"process": "asked", "action": "send", "child": "consultation", "form": {"text": "x"}}
    ]
    middle["actions"]["all-in"] |= {"to": "done"}
    middle["steps"].pop("decided")
    middle["actions"]["finish"] |= {"from_any": ["consulting", "waiting"]}
    top = PARENT.replace('process = "asked"', 'process = "middle"')
    now = Now("02 09:00")
    org = office(small(top), Process.from_tree(middle), small(CHILD), now=now)
    org.open("permit", by="lan")
    org.act("a", "consult", by="lan", form={"title": "x", "papers": ["one"]})
    now.to("03 10:00")
    org.act("a/middle-1/asked-1", "finish", by="hoa")
    assert ({"done"}, {"decided"}) == (org.case("a/middle-1").steps, org.case("a").steps)


def test_grandchildren_that_fell_silent_count_at_the_top():
    """A view looks through all generations."""
    middle = tree(PARENT.replace('name = "permit"', 'name = "middle"'))
    middle["actions"]["send"] = {"from": "new", "to": "consulting", "roles": ["system"], "form": "Note"}
    middle["actions"]["send"]["raises"] = [
        {"process": "asked", "action": "send", "child": "consultation", "form": {"text": "x"}}
    ]
    middle["actions"]["all-in"] |= {"to": "done"}
    middle["steps"].pop("decided")
    middle["actions"]["finish"] |= {"from_any": ["consulting", "waiting"]}
    now = Now("02 09:00")
    org = office(
        small(PARENT.replace('process = "asked"', 'process = "middle"')), Process.from_tree(middle), small(CHILD), now=now
    )
    org.open("permit", by="lan")
    org.act("a", "consult", by="lan", form={"title": "x", "papers": ["one"]})
    now.to("05 10:00")
    assert {"decided"} == org.case("a").steps
    assert {"done"} == org.act("a", "finish", by="lan").steps


def test_cases_that_raise_each_other_for_ever_are_refused():
    """A definition that opens itself is stopped, and nothing is written."""
    loop = 'name = "loop"\n[actions.ask]\nfrom = "new"\nto = "waiting"\nroles = ["clerk", "system"]\nraises = [{ process = "loop", action = "ask", once = false, child = "next" }]'
    org = office(small(loop))
    with pytest.raises(InvalidInput, match="more than 16 deep"):
        org.open("loop", by="lan")
    assert [] == list(org.store.select(Query()))


def test_two_answers_at_once_are_both_told():
    """Two workers on one store: the one that comes second reads again."""
    store = MemoryStore()
    org, now = family(store=store)
    other = office(small(PARENT), small(CHILD), now=now, store=store)
    other.case("a")
    now.to("03 10:00")
    org.act("a/asked-1", "finish", by="hoa")
    other.act("a/asked-2", "finish", by="hoa")
    assert {"decided"} == org.case("a").steps == other.case("a").steps


def test_a_retry_of_what_opened_children_is_answered_as_the_first_time():
    """The form is compared though the batch ends with what was told."""
    org, _ = family()
    org.open("permit", by="lan", id="b")
    form = {"title": "x", "papers": ["tax"]}
    first = org.act("b", "consult", by="lan", form=form, key="k")
    assert first == org.act("b", "consult", by="lan", form=form, key="k")
    with pytest.raises(InvalidInput, match="another request"):
        org.act("b", "consult", by="lan", form={**form, "title": "y"}, key="k")


@pytest.mark.parametrize(
    "make", [lambda _: MemoryStore(), lambda path: SQLiteStore(path / "office.db")], ids=["memory", "sqlite"]
)
def test_the_rows_and_the_fold_agree(make, tmp_path):
    """Over each store: verified, with rows rebuilt; told events are read again from their bytes."""
    org, now = family(store=make(tmp_path))
    now.to("05 09:00")
    org.sweep()
    assert org.trail.verify().consistent
    assert all(event == read(to_bytes("a", event)) for event in org.history("a"))
    org.store.close()


def test_the_state_with_children_can_be_told_and_told_again():
    """As for undoing and migration."""
    org, _ = family()
    tree_ = state_of(org.case("a"))
    assert 2 == len(tree_["particulars"]["children"])


# In another organization


def two_offices(now: Now) -> tuple[Organization, Organization]:
    """A permit office and an agency, each with its store."""
    asks = PARENT.replace('child = "consultation", ', 'child = "consultation", elsewhere = "item", ')
    here = office(small(asks), small(CHILD), now=now, name="district")
    there = office(small(CHILD), now=now, name="tax", people=Roster({"thu": ["head"], "x": ["clerk"]}))
    here.open("permit", by="lan")
    here.act("a", "consult", by="lan", form={"title": "x", "papers": ["tax"]})
    return here, there


def test_a_case_opened_elsewhere_has_a_name_here():
    """Else nobody could tell what became of it."""
    with pytest.raises(InvalidInput, match=r"raises\[0\]\.child: a case that another organization opens is waited for"):
        small(PARENT.replace('child = "consultation", ', 'elsewhere = "item", '))


def test_another_organization_is_asked_and_answers():
    """What is asked for opens there, and what becomes of it is told here; messages may come twice and late."""
    now = Now("02 09:00")
    here, there = two_offices(now)
    asked = [message for message in here.outbox() if message.to == "tax"]
    assert [True, False] == [there.arrive(Message.from_cloudevent(m.to_cloudevent())) for m in asked * 2]
    now.to("03 10:00")
    there.act("a/asked-1", "finish", by="thu")
    news = list(there.outbox())
    assert [True, True, True, False, False, False] == [here.arrive(message) for message in news * 2]
    case = here.case("a")
    assert ({"decided"}, "agreed", "tax") == (
        case.steps,
        case.children["a/asked-1"].outcome,
        case.children["a/asked-1"].elsewhere,
    )


def test_old_news_is_no_news():
    """What was overtaken on the way changes nothing."""
    now = Now("02 09:00")
    here, there = two_offices(now)
    for message in here.outbox():
        there.arrive(message)
    now.to("03 10:00")
    there.act("a/asked-1", "finish", by="thu")
    *_, last = news = list(there.outbox())
    assert here.arrive(last)
    assert not any(here.arrive(message) for message in news)


def test_the_outbox_goes_on_from_a_position():
    """Read again from where the reader was."""
    now = Now("02 09:00")
    here, there = two_offices(now)
    (asked,) = here.outbox()
    there.arrive(asked)
    first = list(there.outbox())
    now.to("03 10:00")
    there.act("a/asked-1", "finish", by="thu")
    rest = list(there.outbox(first[-1].position))
    assert ([], [False]) == (list(here.outbox(asked.position)), [message.open for message in rest])


def test_news_of_what_nobody_asked_for_is_refused():
    """A child that the case does not know."""
    now = Now("02 09:00")
    here, there = two_offices(now)
    (asked,) = here.outbox()
    there.arrive(asked)
    (opened, *_) = there.outbox()
    stray = Message(**{**opened.to_cloudevent()["data"], "child": "other"})
    with pytest.raises(NotFound, match="asked nobody for other"):
        here.arrive(stray)


@pytest.mark.parametrize(
    "event", [{}, {"type": "x"}, {"type": "qms.child.told", "data": {"kind": "told"}}, {"type": "qms.child.told", "data": 3}]
)
def test_what_is_no_message_is_refused(event):
    """An envelope of another kind, or with something missing."""
    with pytest.raises(InvalidInput):
        Message.from_cloudevent(event)


def test_links_and_triggers_must_fit():
    """A trigger on a link that no action opens."""
    told_ = problems(small, "actions.go = { from = 'waiting', to = 'done', fired_by = { children = 'tax' } }")
    assert ["actions.go.fired_by.children: 'tax' is no link to children; known: none"] == told_
