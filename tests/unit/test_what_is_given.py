"""What is given wrong to a question about dates: told by its place, its value and the mend, never by a traceback."""

from __future__ import annotations

from datetime import date

import attrs
import pendulum
import pytest

from qms.authority import Roster
from qms.calendar import WorkCalendar, to_us
from qms.cli.reading import parse_pause
from qms.deadline import (
    Clock,
    CountingRule,
    TimeLimit,
    clock_consumption,
    clock_ledger,
    lead_until,
    reckon_clock,
    status,
    what_if,
)
from qms.errors import InvalidInput, NotFound
from qms.organization import Organization
from qms.process import Process
from qms.stores import MemoryStore

VN, RULE = WorkCalendar.load("VN"), CountingRule.named("vn-one-stop")
START = to_us(pendulum.datetime(2021, 3, 1, 9, tz="Asia/Ho_Chi_Minh"))
DAY = TimeLimit(1, "days")
CLOCK = Clock(TimeLimit(10, "working days"), "vn-one-stop", START)
TREE = CLOCK.to_tree()


def told(ask):
    """What a question is refused with."""
    with pytest.raises(InvalidInput) as error:
        ask()
    return str(error.value)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: what_if(CLOCK, VN, RULE, pause=5), "pause: 5 is no pause; give its beginning and its end"),
        (lambda: what_if(CLOCK, VN, RULE, pause=(1, 2, 3)), "pause: (1, 2, 3) is no pause"),
        (lambda: what_if(CLOCK, VN, RULE, pause=("a", "b")), "pause: ('a', 'b') is no pause"),
        (lambda: what_if(CLOCK, VN, RULE, limit="10 days"), "limit: '10 days' is no limit; write TimeLimit.parse"),
        (lambda: what_if(CLOCK, VN, RULE, extend="1 day"), "extend: '1 day' is no limit"),
        (lambda: what_if(CLOCK, VN, RULE, other_calendar="VN"), "other_calendar: 'VN' is no calendar; write WorkCalendar.load"),
        (lambda: what_if(CLOCK, VN, RULE, other_rule="x"), "other_rule: 'x' is no rule; write CountingRule.named"),
        (lambda: CLOCK.extend("10 days", START), "limit: '10 days' is no limit"),
        (lambda: CLOCK.extend(DAY, "x"), "at: 'x' is no instant to extend at; give microseconds"),
        (lambda: lead_until(START, "1 day", calendar=VN, rule=RULE), "lead: '1 day' is no limit"),
        (lambda: lead_until("x", DAY, calendar=VN, rule=RULE), "due: 'x' is no instant; give a moment with its zone"),
        (lambda: status(CLOCK, "x", VN, RULE), "at: 'x' is no instant; give a moment with its zone, or microseconds"),
        (lambda: status("x", START, VN, RULE), "clock: 'x' is no clock"),
        (lambda: status(CLOCK, START, VN, RULE, soon="1 day"), "soon: '1 day' is no limit"),
        (lambda: reckon_clock(CLOCK, VN, "vn-one-stop"), "rule: 'vn-one-stop' is no rule; write CountingRule.named"),
        (lambda: reckon_clock(CLOCK, "VN", "x"), "calendar: 'VN' is no calendar"),
        (lambda: clock_ledger(CLOCK, VN, "x"), "rule: 'x' is no rule"),
        (lambda: clock_consumption(CLOCK, "x", VN, RULE), "at: 'x' is no instant"),
        (lambda: attrs.evolve(RULE, title=None), "title: None is no Mapping"),
    ],
)
def test_what_is_no_clock_limit_calendar_rule_or_instant_is_told(ask, words):
    """A name where the thing itself is asked for, a text where an instant is."""
    assert words in told(ask)


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({}, "limit: is missing\nrule: is missing\nstarted: is missing"),
        (5, "5 is no clock; give what to_tree described"),
        (TREE | {"started": "a"}, "started: 'a' is no instant; give microseconds"),
        (TREE | {"limit": "5 hugs"}, "limit: '5 hugs' is no limit"),
        (TREE | {"extensions": ["a"]}, "extensions[0]: 'a' is no limit"),
        (TREE | {"pauses": 5}, "pauses: 5 are no pairs of instants"),
        (TREE | {"spent": [[1]]}, "spent: [[1]] are no pairs of instants"),
        (TREE | {"grounds": [{"x": 1}]}, "grounds: [{'x': 1}] are no grounds; each has at and effect"),
        (TREE | {"grounds": 5}, "grounds: 5 are no grounds"),
        (TREE | {"extensions": 5}, "no clock; give what to_tree described"),
    ],
)
def test_what_is_no_tree_of_a_clock_is_told(tree, words):
    """Every fact that is missing or none, by its place; a right one is read."""
    assert words in told(lambda: Clock.from_tree(tree))
    assert CLOCK == Clock.from_tree(TREE)


def test_a_clock_names_the_two_instants_that_are_out_of_order():
    """What was asked for, and what it lies before."""
    paused = CLOCK.pause(START)
    assert "2021-03-01T01:59:59.999999Z is before 2021-03-01T02:00:00Z" in told(lambda: paused.resume(START - 1))
    assert "2021-03-01T01:59:59Z is before 2021-03-01T02:00:00Z" in told(lambda: CLOCK.extend(DAY, START - 1_000_000))
    assert "2021-03-01T01:59:59Z is before 2021-03-01T02:00:00Z" in told(lambda: CLOCK.as_of(START - 1_000_000))
    assert f"{-(10**20)} microseconds is before 2021" in told(lambda: CLOCK.stop(-(10**20)))


def test_arrays_of_other_lengths_are_refused():
    """Both lengths are named; one element goes with any number."""
    pytest.importorskip("numpy")
    days, moments = [date(2021, 3, 1)] * 3, [pendulum.datetime(2021, 3, 1, tz="UTC")] * 3
    hours = [pendulum.duration(hours=1)] * 3
    assert "upto: 3 for 2 of after; give as many, or one for all" in told(lambda: VN.count_working_days_many(days[:2], days))
    assert "n: 3 for 2 of days" in told(lambda: VN.add_working_days_many(days[:2], [1, 2, 3]))
    assert "ends: 3 for 2 of starts" in told(lambda: VN.working_time_many(moments[:2], moments))
    assert "durations: 3 for 2 of moments" in told(lambda: VN.add_working_time_many(moments[:2], hours))
    assert [0, 0, 0] == VN.count_working_days_many(days[:1], days).tolist()


def test_what_is_no_file_country_or_category_is_told():
    """Before anything is read."""
    pytest.importorskip("holidays")
    from qms.exchange.calendars import with_holidays, with_ical

    assert "path: None is no path of a file" in told(lambda: with_ical(VN, None))
    assert "country: None is no country; give its code" in told(lambda: with_holidays(VN, None))
    for categories in (5, "public"):
        assert f"categories: {categories!r} is no list" in told(
            lambda given=categories: with_holidays(VN, "DE", categories=given)
        )


def test_what_is_not_shipped_is_called_by_what_it_is():
    """A calendar, a rule, a process; with those that are."""
    for ask, words in (
        (WorkCalendar.load, "no calendar 'x' is shipped; there are: VN"),
        (CountingRule.named, "no rule 'x' is"),
    ):
        with pytest.raises(NotFound, match=words):
            ask("x")


def test_a_pause_of_no_length_is_one():
    """On the command line as in the library; one that ends before it starts is not."""
    assert 1 == len({*parse_pause("2021-03-01T09:00/2021-03-01T09:00", VN)})
    assert "ends before it starts" in told(lambda: parse_pause("2021-03-01T09:00/2021-03-01T08:59", VN))


def test_an_unknown_customary_rule_is_told_when_an_organization_is_made():
    """Not by the first case that would be counted by it."""
    office = attrs.evolve(VN, customary_rule="nope")
    words = told(
        lambda: Organization(
            store=MemoryStore(), processes=[Process.load("errand")], calendars=[office], people=Roster({}), now=pendulum.now
        )
    )
    assert "VN: customary_rule: no rule 'nope' is shipped; there are: calendar-plain" in words
