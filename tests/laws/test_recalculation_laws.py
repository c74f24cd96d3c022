"""Laws of a new calendar: what it does to a case does not depend on when it came, who looked, or how often."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from definitions import CALENDAR, WEEK, at, small
from office import Now, office
from qms.calendar import WorkCalendar
from qms.event import Recalculated
from qms.limits import TimeLimit
from qms.shares import is_longer

PROCESS = small("""
due = "legal"
dates.by_law = "last"
dates.told = "once"
limits.legal = "6 working days"
limits.hours = "20 working hours"
actions.ask = { from = "new", to = "waiting", roles = ["clerk"], clocks = { legal = "start", hours = "start" }, \
  sets = { by_law = "clock.legal", told = "clock.legal" } }
actions.hold = { from = "waiting", to = "held", roles = ["clerk"], clocks = { legal = "pause" } }
actions.go-on = { from = "held", to = "waiting", roles = ["clerk"], clocks = { legal = "resume" } }
steps.held = {}
""")

STARTS = st.sampled_from(["02 09:00", "03 16:59", "05 08:00", "06 10:00", "09 13:00"])
DAYS = st.sets(st.integers(2, 31), max_size=8)


def version(off: set[int]) -> WorkCalendar:
    """The calendar of tests with these days of January 2024 off."""
    return WorkCalendar.from_dates(
        zone=CALENDAR.zone,
        week=WEEK,
        first=CALENDAR.first,
        last=CALENDAR.last,
        off=[date(2024, 1, day) for day in {1, *off}],
        name="test",
        customary_rule="vn-one-stop",
    )


def dues(org, case: str) -> dict[str, int | None]:
    """What each clock of *case* states."""
    return {name: clock.due for name, clock in org.case(case).clocks.items()}


@given(before=DAYS, after=DAYS, start=STARTS)
def test_a_restated_case_stands_as_if_it_had_been_known(before, after, start):
    """Dues, and the date that follows them, are those of a case begun under the new calendar; the promise is the old one."""
    late, known = (
        office(PROCESS, now=Now(start), calendars=[version(before)]),
        office(PROCESS, now=Now(start), calendars=[version(after)]),
    )
    told = late.open("small", by="lan").date("told")
    known.open("small", by="lan")
    late.definitions.recalculate(version(after))
    assert (dues(known, "a"), known.case("a").date("by_law")) == (dues(late, "a"), late.case("a").date("by_law"))
    assert told == late.case("a").date("told")


@given(versions=st.lists(DAYS, min_size=1, max_size=4), start=STARTS)
def test_only_the_last_calendar_counts(versions, start):
    """Whatever was in force between."""
    many, once = office(PROCESS, now=Now(start)), office(PROCESS, now=Now(start))
    for org in (many, once):
        org.open("small", by="lan")
    for off in versions:
        many.definitions.recalculate(version(off))
    once.definitions.recalculate(version(versions[-1]))
    assert dues(once, "a") == dues(many, "a")


@given(before=DAYS, after=DAYS)
def test_back_again_is_as_before(before, after):
    """A calendar put in force and taken back leaves every date where it was."""
    org = office(PROCESS, calendars=[version(before)])
    org.open("small", by="lan")
    was, dates = dues(org, "a"), org.case("a").dates
    for off in (after, before):
        org.definitions.recalculate(version(off))
    assert (was, dates) == (dues(org, "a"), org.case("a").dates)


@given(after=DAYS, start=STARTS)
def test_what_is_told_is_what_stands(after, start):
    """Each date that moved is in the report once, from where it stood to where it stands; the others are not in it."""
    org = office(PROCESS, now=Now(start))
    org.open("small", by="lan")
    was = dues(org, "a")
    told = {one.clock: (one.was, one.due) for one in org.definitions.recalculate(version(after)).moved}
    now = dues(org, "a")
    moment = CALENDAR.moment
    assert {name: (moment(was[name]), moment(now[name])) for name in now if was[name] != now[name]} == told
    events = [event for event in org.history("a") if isinstance(event, Recalculated)]
    assert (len(events), True) == (1 if told else 0, org.trail.verify().consistent)


@given(after=DAYS, start=STARTS)
def test_a_dry_run_foretells(after, start):
    """And changes nothing."""
    org = office(PROCESS, now=Now(start))
    org.open("small", by="lan")
    size = org.trail.size
    dry = org.definitions.recalculate(version(after), dry_run=True)
    assert size == org.trail.size
    assert dry.moved == org.definitions.recalculate(version(after)).moved


@given(after=DAYS, paused=st.sampled_from(["02 10:00", "03 09:00"]), resumed=st.sampled_from(["04 09:00", "08 10:00"]))
def test_a_pause_over_the_change_ends_where_it_would_have(after, paused, resumed):
    """A clock that stood still when the calendar came goes on by it, as if it had always been so."""
    ends = []
    for calendar in (version(set()), version(after)):
        now = Now("02 09:00")
        org = office(PROCESS, now=now, calendars=[calendar])
        org.open("small", by="lan")
        now.to(paused)
        org.act("a", "hold", by="lan")
        if calendar != version(after):
            org.definitions.recalculate(version(after))
        now.to(resumed)
        org.act("a", "go-on", by="lan")
        ends.append(dues(org, "a")["legal"])
    assert ends[0] == ends[1] != at("01 00:00")


UNITS = st.sampled_from(["working days", "working hours", "days", "weeks", "months", "years", "hours", "same day"])
LIMITS = st.builds(TimeLimit, st.integers(1, 60), UNITS)


@given(a=LIMITS, b=LIMITS, c=LIMITS)
def test_longer_is_an_order_where_it_says_anything(a, b, c):
    """Never both ways, and more shares are never less."""
    assert not (is_longer([a], b) and is_longer([b], a))
    if is_longer([a], b):
        assert is_longer([a, c], b)
