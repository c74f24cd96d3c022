"""Definitions change while cases run: versions, withdrawal, migration."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from definitions import moment, problems, small
from office import Now, denied, office
from qms.errors import InvalidInput, NotFound, UnsoundProcess
from qms.event import Acted, Restated, read, to_bytes
from qms.migration import Moving, prove
from qms.organization import Organization
from qms.process import Process
from qms.stores.memory import MemoryStore

OLD = """
due = "legal"
valid_until = "2024-01-09"
limits.legal = "5 working days"
axes.fee = ["none", "due"]
[steps.drafted]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.draft]
from = "waiting"
to = "drafted"
roles = ["clerk"]
at_most = 2
[actions.back]
from = "drafted"
to = "waiting"
roles = ["head"]
[actions.finish]
from = "drafted"
to = "done"
roles = ["clerk", "head"]
separate_from = ["draft"]
"""
NEW = """
due = "legal"
valid_from = "2024-01-10"
limits.legal = "3 working days"
axes.fee = ["none", "due"]
axes.level = ["normal", "urged"]
[steps.written]
[steps.checked]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.write]
from = "waiting"
to = "written"
roles = ["clerk"]
at_most = 2
[actions.back]
from_any = ["written", "checked"]
to = "waiting"
roles = ["head"]
[actions.check]
from = "written"
to = "checked"
roles = ["clerk"]
separate_from = ["write"]
[actions.finish]
from_any = ["written", "checked"]
to = "done"
roles = ["clerk", "head"]
separate_from = ["write"]
[actions.urge]
from_any = "*"
fired_by = "legal"
sets.level = "urged"
"""
STEPS, ACTIONS = {"drafted": "written"}, {"draft": "write"}


def running(**more: Any) -> tuple[Organization, Now]:
    """Two cases under the old version, at 10:00 on the 2nd: `a` waits, `b` was drafted by lan."""
    now = Now("02 09:00")
    org = office(small(OLD), small(NEW), now=now, **more)
    org.open("small", by="lan")
    org.open("small", by="lan")
    now.to("02 10:00")
    org.act("b", "draft", by="lan")
    return org, now


def migrate(org: Organization, **more: Any) -> Any:
    """The migration from the old version to the new."""
    return org.definitions.migrate(small(OLD), small(NEW), **{"steps": STEPS, "actions": ACTIONS, "by": "hoa", **more})


# Versions


def test_a_case_opens_under_the_version_of_its_day():
    """The next version waits while this one runs; both run side by side afterwards."""
    org, now = running()
    now.to("10 09:00")
    org.open("small", by="lan")
    assert [small(OLD).content_hash] * 2 + [small(NEW).content_hash] == [org.case(key).process for key in "abc"]
    assert {small(OLD).content_hash: 2, small(NEW).content_hash: 1} == org.definitions.pinned()


def test_back_dated_it_opens_under_the_version_of_that_day():
    """What occurred before the change is governed by what was valid then."""
    org, now = running()
    now.to("10 09:00")
    org.open("small", by="lan", occurred_at=moment("09 16:00"), reason="handed in yesterday")
    assert small(OLD).content_hash == org.case("c").process


def test_a_day_without_a_version_opens_nothing():
    """A gap between versions is denied, with the day."""
    late = NEW.replace("2024-01-10", "2024-01-20")
    now = Now("15 09:00")
    org = office(small(OLD), small(late), now=now)
    with denied("no-version"):
        org.open("small", by="lan")


def test_versions_must_not_overlap():
    """Two of one day would be two laws."""
    told = problems(office, small(OLD), small(NEW.replace("2024-01-10", "2024-01-09")))
    assert [
        "processes: two versions of 'small' are valid at once, from 2024-01-09; give them dates that follow each other"
    ] == told


def test_nothing_is_opened_under_what_was_withdrawn():
    """What runs goes on; the denial says since when and why; to say it twice changes nothing."""
    org, _now = running()
    first = org.definitions.withdraw(small(OLD), by="hoa", reason="the decree was repealed")
    size = org.trail.size
    assert first == org.definitions.withdraw(small(OLD), by="hoa", reason="again") and size == org.trail.size
    with denied("withdrawn-version") as reasons:
        org.open("small", by="lan")
    assert "the decree was repealed" in str(reasons[0]) and "the decree was repealed" in reasons[0].text("vi")
    assert "drafted" in org.act("a", "draft", by="mai").steps


def test_a_withdrawal_is_known_to_every_worker():
    """It stands in the log."""
    store = MemoryStore()
    org, now = running(store=store)
    other = office(small(OLD), small(NEW), now=now, store=store)
    org.definitions.withdraw(small(OLD), by="hoa", reason="repealed")
    other.definitions.current()
    with denied("withdrawn-version"):
        other.open("small", by="lan")


def test_what_was_never_published_is_not_withdrawn():
    """And a reason is needed."""
    org, _ = running()
    with pytest.raises(NotFound):
        org.definitions.withdraw(small("note = 'x'"), by="hoa", reason="x")
    with pytest.raises(InvalidInput, match="needs a reason"):
        org.definitions.withdraw(small(OLD), by="hoa", reason=" ")


# Migration


def test_a_dry_run_counts_and_writes_nothing():
    """From which steps to which, how many."""
    org, _ = running()
    size = org.trail.size
    told = migrate(org, dry_run=True)
    assert {(("waiting",), ("waiting",)): 1, (("drafted",), ("written",)): 1} == told.counts and size == org.trail.size
    assert "2 cases would go over" in str(told) and "2 hồ sơ sẽ chuyển" in told.text("vi")


def test_cases_go_over_with_an_event_that_holds_both_hashes():
    """Steps, who did what and counts are carried; the limit they began with stays."""
    org, now = running()
    now.to("02 11:00")
    migrate(org, reason="the new decree")
    event = org.history("b")[-1]
    case = org.case("b")
    assert isinstance(event, Restated) and event == read(to_bytes("b", event))
    assert (small(OLD).content_hash, small(NEW).content_hash) == (event.details["from"], event.details["to"])
    assert ({"written"}, {"write": ("lan",)}, "5 working days") == (
        case.steps,
        {k: v for k, v in case.doers.items() if k == "write"},
        str(case.clocks["legal"].limit),
    )
    with denied("separation-of-duties"):
        org.act("b", "finish", by="lan")
    assert {"done"} == org.act("b", "finish", by="mai").steps


def test_new_axes_begin_at_their_first_value():
    """And the others stay as they are."""
    org, _ = running()
    migrate(org)
    assert {"fee": "none", "level": "normal"} == org.case("a").axes


def test_a_count_goes_with_its_action():
    """Two drafts and two writings are two in all."""
    org, _now = running()
    org.act("b", "back", by="hoa")
    org.act("b", "draft", by="lan")
    migrate(org)
    org.act("b", "back", by="hoa")
    with denied("at-most"):
        org.act("b", "write", by="lan")


def test_again_it_moves_nothing():
    """It may be run again, by anybody."""
    org, _ = running()
    migrate(org)
    size = org.trail.size
    assert (0, size) == (len(migrate(org).cases), org.trail.size)


def test_what_has_ended_fires_nothing_anew():
    """A limit that was over before is not urged by the new version; one that runs is."""
    org, now = running()
    now.to("10 09:00")
    migrate(org)
    now.to("31 09:00")
    assert "normal" == org.case("a").axes["level"]
    org.open("small", by="lan", id="later")
    now.to("31 10:00")
    assert ["ask"] == [e.action for e in org.history("later") if isinstance(e, Acted)]


def test_a_limit_that_runs_is_governed_by_the_new_version():
    """Its end fires what the new version says."""
    org, now = running()
    now.to("03 09:00")
    migrate(org)
    now.to("31 09:00")
    assert "urged" == org.case("a").axes["level"]


def test_all_is_refused_when_a_place_has_no_counterpart():
    """The names that lead nowhere, all of them, and nothing is written."""
    org, _ = running()
    size = org.trail.size
    told = problems(migrate, org, steps={}, actions={"draft": "fly", "swim": "write"})
    places = [problem.partition(":")[0] for problem in told]
    assert (["steps.drafted", "actions.draft", "actions.swim"], size) == (places, org.trail.size)


def test_a_marking_that_the_new_version_never_has_is_refused():
    """Two branches cannot both go to one step, and a step that only stands beside another is not one alone."""
    fork = """
    [steps.tax]
    [steps.land]
    [actions.go]
    from = "waiting"
    to = ["tax", "land"]
    roles = ["clerk"]
    [actions.finish]
    join = ["tax", "land"]
    to = "done"
    roles = ["clerk"]
    """
    plain = "[steps.tax]\n[actions.go]\nfrom = 'waiting'\nto = 'tax'\nroles = ['clerk']\n[actions.finish]\nfrom = 'tax'\nto = 'done'\nroles = ['clerk']"
    merged = problems(prove, Moving(small(fork).bind(), small(plain).bind(), {"land": "tax"}))
    split = problems(prove, Moving(small(plain).bind(), small(fork).bind()))
    assert ["steps: a case that stands at land, tax would have two tokens at one step (tax, tax)"] == merged
    assert ["steps: a case that stands at tax would stand at tax, where no case of the new definition comes"] == split


def test_a_case_with_something_the_new_version_does_not_know_is_named():
    """A limit that runs, a value on an axis; all cases at once, and nothing is written."""
    org, _ = running()
    bare = NEW.replace('limits.legal = "3 working days"', "").replace('clocks.legal = "start"', "").replace('due = "legal"', "")
    bare = bare[: bare.index("[actions.urge]")].replace('axes.fee = ["none", "due"]', 'axes.fee = ["paid"]')
    size = org.trail.size
    told = problems(org.definitions.migrate, small(OLD), small(bare), steps=STEPS, actions=ACTIONS)
    places = [problem.partition(": ")[0] + ": " + problem.split(": ")[1] for problem in told]
    assert (["a: clocks.legal", "a: axes.fee", "b: clocks.legal", "b: axes.fee"], size) == (places, org.trail.size)


def test_an_unsound_version_takes_no_cases():
    """Proved before anything moves."""
    org, _ = running()
    trap = NEW.replace("[steps.checked]", "[steps.checked]\n[steps.trap]").replace('to = "checked"', 'to = "trap"')
    with pytest.raises(UnsoundProcess):
        org.definitions.migrate(small(OLD), small(trap), steps=STEPS, actions=ACTIONS)


def test_another_process_is_no_version():
    """A migration is between versions of one process."""
    org, _ = running()
    with pytest.raises(InvalidInput, match="another process"):
        org.definitions.migrate(small(OLD), Process.load("errand"))


def test_two_migrations_at_once_move_each_case_once():
    """The second finds them moved."""
    store = MemoryStore()
    org, now = running(store=store)
    other = office(small(OLD), small(NEW), now=now, store=store)
    other.case("a")
    migrate(org)
    migrate(other)
    assert [1, 1] == [sum(isinstance(e, Restated) for e in org.history(key)) for key in "ab"]


def test_what_is_done_meanwhile_is_read_again():
    """Another writer is first: the case goes over as it then stands."""
    store = MemoryStore()
    org, now = running(store=store)
    other = office(small(OLD), small(NEW), now=now, store=store)
    seen: list[int] = []

    def meddle(done: int, of: int) -> None:
        if not seen:
            other.act("b", "back", by="hoa")
        seen.append(done)

    migrate(org, progress=meddle)
    assert ([1, 2], {"waiting"}) == (seen, org.case("b").steps)


def test_the_trail_verifies_after_it():
    """Rows are rebuilt by the version each case runs under."""
    org, _now = running()
    migrate(org)
    org.act("b", "check", by="mai")
    assert org.trail.verify().consistent


@given(st.lists(st.sampled_from(["draft", "back", "finish"]), max_size=6))
def test_wherever_a_case_stands_it_goes_over_and_can_still_finish(acts):
    """Every reachable marking, by playing: nothing is lost, and an end can be reached."""
    org = office(small(OLD), small(NEW), now=Now("02 09:00"))
    org.open("small", by="lan")
    for act in acts:
        by = {"draft": "lan", "back": "hoa", "finish": "mai"}[act]
        if not org.explain("a", act, by):
            org.act("a", act, by=by)
    closed = org.case("a").closed
    migrate(org)
    case = org.case("a")
    assert closed or case.process == small(NEW).content_hash
    for act, by in (("write", "lan"), ("finish", "mai")):
        if not closed and not org.explain("a", act, by):
            org.act("a", act, by=by)
    assert closed or org.case("a").closed or case.particulars.counts[1:2] == (2,)
