"""Ladders of a limit: what the system does a time before or after its end, exactly once, in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from definitions import Desk, at, problems, small
from office import Now, office
from qms.case import expire, row
from qms.definition import Trigger
from qms.event import Acted, read, to_bytes
from qms.limits import TimeLimit

LADDER = """
axes.level = ["none", "warned", "urged", "told"]
limits.legal = "5 working days"
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.legal = "start"
[actions.hold]
from = "waiting"
roles = ["clerk"]
clocks.legal = "pause"
[actions.go-on]
from = "waiting"
roles = ["clerk"]
clocks.legal = "resume"
[actions.again]
from = "waiting"
roles = ["clerk"]
clocks.legal = "restart"
[actions.longer]
from = "waiting"
roles = ["clerk"]
form = "Paper"
clocks.legal = { extend = "form.period" }
[actions.warn]
from_any = "*"
fired_by = { limit = "legal", before = "2 working days" }
sets.level = "warned"
[actions.urge]
from_any = "*"
fired_by = "legal"
sets.level = "urged"
[actions.tell-head]
from_any = "*"
fired_by = { limit = "legal", after = "4 working hours" }
sets.level = "told"
"""


def asked(text: str = LADDER) -> Desk:
    """A desk whose case was asked for on Tuesday the 2nd at 09:00: due on the 9th at 17:00."""
    desk = Desk(text)
    desk.do("02 09:00", "ask")
    return desk


def rung(desk: Desk, until: str) -> list[tuple[str, str]]:
    """What the system has done by then, and when, as of the clock on the wall."""
    events = expire(desk.case, at(until), desk.context("system")).events
    return [(event.action, f"{desk.calendar.moment(event.when.occurred):%d %H:%M}") for event in events]


def test_a_ladder_is_climbed_in_order_each_rung_at_its_instant():
    """Whenever somebody looks, the same has happened, dated where it belongs."""
    steps = [("warn", "05 17:00"), ("urge", "09 17:00"), ("tell-head", "10 12:00")]
    assert [[], steps[:1], steps[:2], steps] == [rung(asked(), day) for day in ("05 16:59", "05 17:00", "09 18:00", "31 00:00")]


def test_a_rung_is_climbed_once():
    """What has rung does not ring again, though the end of the limit moves on."""
    desk = asked()
    assert [("warn", at("05 17:00"))] == desk.expire("08 09:00")
    desk.do("08 09:00", "longer", form={"title": "x", "period": "5 working days"})
    assert [("urge", "16 17:00")] == rung(desk, "16 18:00")


def test_a_rung_not_reached_moves_with_the_end():
    """Extended before it rang, the warning comes two working days before the new end."""
    desk = asked()
    desk.do("03 09:00", "longer", form={"title": "x", "period": "5 working days"})
    assert [("warn", "12 17:00")] == rung(desk, "13 00:00")


def test_nothing_rings_while_the_limit_is_paused():
    """A pause moves every rung."""
    desk = asked()
    desk.do("03 09:00", "hold")
    assert [] == rung(desk, "31 00:00")
    desk.do("10 09:00", "go-on")
    assert [("warn", "12 17:00")] == rung(desk, "15 00:00")


def test_a_restart_rings_anew():
    """Another run is another identity."""
    desk = asked()
    desk.do("08 09:00", "again")
    assert [("warn", "11 17:00")] == rung(desk, "12 00:00")


def test_a_stopped_limit_rings_no_more():
    """A case that was closed in time is not told of."""
    desk = asked()
    desk.do("05 10:00", "finish")
    assert [] == rung(desk, "31 00:00")


def test_the_index_wakes_at_the_next_rung():
    """The row says when the case must be looked at."""
    desk = asked()
    woken = [row(desk.case, desk.context("system").process).wake]
    desk.expire("08 09:00")
    woken.append(row(desk.case, desk.context("system").process).wake)
    assert [at("05 17:00"), at("09 17:00")] == woken


def test_rungs_are_kept_in_the_record():
    """The bytes of the start name each alarm and its instant, and are read again."""
    event = asked().events[1]
    assert (
        event == read(to_bytes("a", event)) and ("warn", at("05 17:00"), "tell-head", at("10 12:00")) == event.clocks[0].alarms
    )


PERIODS = {
    "1 day": "08 17:00",
    "3 days": "08 08:00",  # Saturday the 6th: the opening on Monday
    "1 week": "02 17:00",
    "20 hours": "08 21:00",
    "90 minutes": "09 15:30",
    "8 working hours": "09 08:00",
    "7 working days": None,
    "1 month": None,
}


@pytest.mark.parametrize(("before", "rings"), PERIODS.items())
def test_a_time_before_in_any_unit(before, rings):
    """Never on a closed instant; before the start there is none."""
    expected = {"08 21:00": "09 08:00"}.get(rings or "", rings)
    desk = asked(LADDER.replace("2 working days", before))
    alarms = desk.case.clocks["legal"].alarms
    told = dict(zip(alarms[::2], alarms[1::2], strict=True)).get("warn")
    assert (None if expected is None else at(expected)) == told


def test_a_time_on_a_closed_instant_stays_where_told_to():
    """`anytime` rings at night."""
    desk = asked(LADDER.replace('before = "2 working days"', 'before = "20 hours", anytime = true'))
    assert [("warn", "08 21:00")] == rung(desk, "08 22:00")


def test_a_time_beyond_the_calendar_is_no_alarm():
    """The limit can still be started; a calendar that reaches it states the alarm."""
    desk = asked(LADDER.replace('after = "4 working hours"', 'after = "3 years"'))
    assert ("warn",) == desk.case.clocks["legal"].alarms[::2]


def test_an_organization_climbs_it_whenever_it_sweeps():
    """Sweeping every day, once or never: the same events, but for when they were recorded."""
    told = []
    for sweeps in (["05 18:00", "09 18:00", "10 13:00"], ["31 00:00"], []):
        now = Now("02 09:00")
        org = office(small(LADDER), now=now)
        org.open("small", by="lan")
        for instant in sweeps:
            now.to(instant)
            org.sweep()
        now.to("31 08:00")
        org.act("a", "finish", by="lan")
        told.append([(event.action, event.when.occurred) for event in org.history("a") if isinstance(event, Acted)])
    assert told[0] == told[1] == told[2]


@given(
    st.lists(st.sampled_from(["hold", "go-on", "again", "longer", None]), max_size=8), st.lists(st.integers(0, 20), max_size=8)
)
def test_no_rung_is_climbed_twice_in_a_run(acts, sweeps):
    """Whatever is done to the clock, and however often somebody looks."""
    desk = asked()
    for day, act in enumerate(acts):
        instant = f"{3 + day:02} 09:00"
        if day in sweeps:
            desk.expire(instant)
        form: Any = {"title": "x", "period": "2 working days"} if act == "longer" else None
        if act is not None and not desk.reasons(instant, act, form=form):
            desk.do(instant, act, form=form)
    runs: list[list[str]] = [[]]
    for event in [*desk.events, *expire(desk.case, at("02-28 09:00"), desk.context("system")).events]:
        if isinstance(event, Acted):
            if event.action == "again":
                runs.append([])
            elif event.action in ("warn", "tell-head"):
                runs[-1].append(event.action)
    assert all(len(run) == len(set(run)) for run in runs)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("3", "actions.warn.fired_by: a limit is expected, or a table with limit or children, not 3"),
        ("{ limit = 'legal' }", "say one of before and after"),
        ("{ limit = 'legal', before = '1 day', after = '1 day' }", "say one of before and after"),
        ("{ limit = 'lunch', before = '1 day' }", "'lunch' is no limit; known: legal"),
        ("{ limit = 'legal', before = 'soon' }", "'soon' is no limit"),
        ("{ limit = 'legal', before = 'same day' }", "not the same day"),
        ("{ limit = 3, before = '1 day' }", "limit is a name"),
        ("{ limit = 'legal', before = '1 day', when = 1 }", "unknown key"),
        ("{ children = 'x', limit = 'legal' }", "write { limit"),
        ("{ children = 'x', anytime = true }", "write { children"),
        ("{ children = 'x', need = 0 }", "need is"),
        ("{ children = 'x' }", "'x' is no link to children; known: none"),
    ],
)
def test_faults_of_a_trigger(value, fault):
    """Each with its place and a mend."""
    told = problems(small, f"limits.legal = '5 days'\nactions.warn = {{ from_any = '*', fired_by = {value} }}")
    assert any(fault in problem for problem in told)


def test_a_trigger_reads_as_people_say_it():
    """On diagrams and in denials."""
    week = TimeLimit(1, "weeks")
    triggers = [
        Trigger("legal"),
        Trigger("legal", before=week),
        Trigger("legal", after=week),
        Trigger(children="asked", need="any"),
    ]
    assert ["legal", "legal - 1 week", "legal + 1 week", "asked: any"] == [str(trigger) for trigger in triggers]
