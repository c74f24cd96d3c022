"""Laws of clocks: facts make the end, what came later does not colour what is asked, and what-if tells the truth."""

from __future__ import annotations

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st

from clerk import DAY, FIRST, MINUTE, calendars, pauses
from qms.calendar import WorkCalendar
from qms.clock import Clock, clock_consumption, clock_ledger, reckon_clock
from qms.counting import due_us, is_over, last_ordinal
from qms.ends import WORKING, union
from qms.errors import OutsideCalendar
from qms.limits import CountingRule, TimeLimit
from qms.standing import lead_until, status, what_if

OFFICE, CIVIL = (CountingRule.named(name) for name in ("vn-one-stop", "vn-civil-2015"))
BY_DAYS = attrs.evolve(OFFICE, pause="days")
RULES = st.sampled_from([OFFICE, CIVIL, BY_DAYS])
START = st.integers(0, 15 * DAY)
UNITS = ("working days", "working hours", "days", "hours", "weeks")
MOST = {"working hours": 40, "hours": 300, "weeks": 3}


@st.composite
def limits(draw: st.DrawFn, units: tuple[str, ...] = UNITS) -> TimeLimit:
    """Limits that end within some weeks."""
    unit = draw(st.sampled_from(units))
    return TimeLimit(draw(st.integers(1, MOST.get(unit, 9))), unit)


def us(calendar: WorkCalendar, minute: int) -> int:
    """The instant of a clerk's minute."""
    return calendar.instant(FIRST.toordinal(), 0) + minute * MINUTE


def ends(clock: Clock, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The end of a clock, or a case that hypothesis leaves out because the calendar ends first."""
    try:
        return reckon_clock(clock, calendar, rule)
    except OutsideCalendar:
        assume(False)
        raise


def paused(clock: Clock, calendar: WorkCalendar, spans: list[tuple[int, int]]) -> Clock:
    """*clock* paused for these spans of a clerk's minutes."""
    for low, high in union([(us(calendar, low), us(calendar, high)) for low, high in spans], clock.started):
        clock = clock.pause(low, reason="supplement").resume(high)
    return clock


STEPS = st.lists(
    st.tuples(st.integers(1, 2 * DAY), st.sampled_from(["pause", "resume", "restart", "extend", "stop"])), max_size=7
)


def walk(clock: Clock, steps: list[tuple[int, str]]) -> list[tuple[int, Clock]]:
    """The clock after each step that fits, with the instant of the step."""
    told, at = [(clock.started, clock)], clock.started
    for later, verb in steps:
        at += later * MINUTE
        fits = {"running": ("pause", "restart", "extend", "stop"), "paused": ("resume", "restart", "extend", "stop")}
        if verb not in fits.get(clock.state, ()):
            continue
        if verb == "extend":
            clock = clock.extend(TimeLimit(1, "days"), at, authority="head")
        elif verb == "pause":
            clock = clock.pause(at, reason="supplement", basis="ND 61", until=at + 3 * DAY * MINUTE)
        else:
            clock = getattr(clock, verb)(at)
        told.append((at, clock))
    return told


# -- how much has run --------------------------------------------------------------------------------------------------


@given(calendars(), START, limits(), st.integers(1, 5), pauses(0, 20 * DAY), RULES)
def test_what_has_run_by_the_end_is_the_budget(calendar, start, limit, more, spans, rule):
    """Limit and extension have run whole at the end, the pauses left out; what is consumed and what remains is the budget."""
    clock = paused(Clock(limit, rule.name, us(calendar, start)), calendar, spans)
    clock = clock.extend(TimeLimit(more, limit.unit), clock.started)
    end = ends(clock, calendar, rule)
    run = clock_consumption(clock, end, calendar, rule)
    assert (run.budget, 0) == (run.consumed, run.remaining)


@given(calendars(), START, limits(), pauses(0, 20 * DAY), RULES, st.integers(0, 20 * DAY), st.integers(0, 5 * DAY))
def test_what_has_run_never_shrinks(calendar, start, limit, spans, rule, asked, later):
    """Consumption grows with time, and adds up to the budget with what remains."""
    clock = paused(Clock(limit, rule.name, us(calendar, start)), calendar, spans)
    ends(clock, calendar, rule)
    first = clock_consumption(clock, clock.started + asked * MINUTE, calendar, rule)
    second = clock_consumption(clock, clock.started + (asked + later) * MINUTE, calendar, rule)
    assert first.consumed <= second.consumed
    assert first.consumed + first.remaining == first.budget == second.budget


# -- what was known ----------------------------------------------------------------------------------------------------


@given(calendars(), START, limits(), STEPS, st.integers(0, 16 * DAY))
def test_what_came_later_does_not_colour_what_is_asked(calendar, start, limit, steps, asked):
    """A clock as of an instant is the clock that had happened by then."""
    told = walk(Clock(limit, OFFICE.name, us(calendar, start)), steps)
    at, last = us(calendar, start + asked), told[-1][1]
    assume(at >= last.started)
    then = [clock for instant, clock in told if instant <= at][-1]
    assert then.as_of(at) == last.as_of(at)
    assert last.as_of(at) == last.as_of(at).as_of(at)


@given(calendars(), START, limits(), STEPS)
def test_a_clock_is_what_its_tree_says(calendar, start, limit, steps):
    """Facts, grounds and what was void are kept."""
    for _, clock in walk(Clock(limit, OFFICE.name, us(calendar, start)), steps):
        assert clock == Clock.from_tree(clock.to_tree())


# -- status ------------------------------------------------------------------------------------------------------------

ORDER = ("in-time", "due-soon", "overdue")


@given(
    calendars(), START, limits(), RULES, limits(("working days", "working hours", "hours")), st.lists(st.integers(0, 25 * DAY))
)
def test_a_running_clock_is_in_time_then_due_soon_then_overdue(calendar, start, limit, rule, soon, asked):
    """Never the other way, and overdue exactly when its period is over."""
    clock = Clock(limit, rule.name, us(calendar, start))
    end = ends(clock, calendar, rule)
    instants = sorted(clock.started + minute * MINUTE for minute in asked)
    found = [status(clock, at, calendar, rule, soon=soon) for at in instants]
    assert sorted((one.word for one in found), key=ORDER.index) == [one.word for one in found]
    assert [is_over(end, at, rule) for at in instants] == [one.word == "overdue" for one in found]
    assert all(not one.left.amount or not one.late.amount for one in found)


@given(calendars(), START, limits(), RULES, st.integers(0, 25 * DAY))
def test_a_clock_that_stopped_stays_as_it_was_judged(calendar, start, limit, rule, ran):
    """Early, on time or late, whenever it is asked; late exactly when it was overdue."""
    clock = Clock(limit, rule.name, us(calendar, start))
    end = ends(clock, calendar, rule)
    at = clock.started + ran * MINUTE
    stopped = clock.stop(at)
    words = {status(stopped, at + later * MINUTE, calendar, rule).word for later in (0, 1, 5 * DAY)}
    assert len(words) == 1
    assert is_over(end, at, rule) == (words == {"late"})


@given(calendars(), START, limits(), RULES, st.integers(0, 10 * DAY))
def test_a_paused_clock_has_what_it_had(calendar, start, limit, rule, ran):
    """While it is paused nothing is consumed and nothing is lost."""
    clock = Clock(limit, rule.name, us(calendar, start))
    ends(clock, calendar, rule)
    at = clock.started + ran * MINUTE
    held = clock.pause(at)
    found = [status(held, at + later * MINUTE, calendar, rule) for later in (0, 60, 3 * DAY)]
    assert 1 == len({(one.word, one.left) for one in found})
    if found[0].parts[0].axis in ("working time", "elapsed time"):
        assert 1 == len({one.parts for one in found})


# -- pauses that end by themselves -------------------------------------------------------------------------------------


@given(calendars(), START, limits(), RULES, st.integers(0, 8 * DAY), st.integers(0, 8 * DAY), st.integers(0, 8 * DAY))
def test_a_pause_counts_up_to_its_latest_end(calendar, start, limit, rule, ran, held, late):
    """Whoever forgets to resume, resumes late, or in time: beyond its latest end the pause does not reach."""
    clock = Clock(limit, rule.name, us(calendar, start))
    low = clock.started + ran * MINUTE
    until, back = low + held * MINUTE, low + late * MINUTE
    one = clock.pause(low, until=until)
    end = ends(clock.pause(low).resume(until), calendar, rule)
    assert end == reckon_clock(one, calendar, rule)
    assert one.resume(max(until, back)).pauses == ((low, until),)
    assert reckon_clock(clock.pause(low).resume(min(until, back)), calendar, rule) == reckon_clock(
        one.resume(back), calendar, rule
    )


# -- what if -----------------------------------------------------------------------------------------------------------


@given(calendars(), START, limits(), RULES, pauses(1, 15 * DAY))
def test_nothing_otherwise_is_the_same(calendar, start, limit, rule, spans):
    """What-if without an if; and a clock that resumed, had it resumed."""
    clock = paused(Clock(limit, rule.name, us(calendar, start)), calendar, spans)
    ends(clock, calendar, rule)
    for mode in (None, "resume"):
        found = what_if(clock, calendar, rule, mode=mode)
        assert ("same", found.due, 0) == (found.direction, found.other_due, found.moved.amount)


@given(calendars(), START, limits(), RULES, st.integers(1, 5 * DAY), st.integers(1, 5 * DAY))
def test_the_other_mode_is_what_it_would_have_been(calendar, start, limit, rule, ran, held):
    """A clock that resumed, had it restarted, is the one that restarted; and the other way; and run is no pause at all."""
    clock = Clock(limit, rule.name, us(calendar, start))
    low = clock.started + ran * MINUTE
    high = low + held * MINUTE
    resumed, restarted = clock.pause(low, reason="supplement").resume(high), clock.pause(low, reason="supplement").restart(high)
    for one in (resumed, restarted):
        ends(one, calendar, rule)
        assert (
            calendar.moment(reckon_clock(restarted, calendar, rule)) == what_if(one, calendar, rule, mode="restart").other_due
        )
        assert calendar.moment(reckon_clock(resumed, calendar, rule)) == what_if(one, calendar, rule, mode="resume").other_due
        run = calendar.moment(reckon_clock(clock, calendar, rule))
        assert [run, run] == [
            what_if(one, calendar, rule, **otherwise).other_due for otherwise in ({"mode": "run"}, {"without": "supplement"})
        ]


@given(calendars(), START, limits(), RULES, st.integers(1, 5 * DAY), st.integers(1, 5 * DAY), limits(("days", "working days")))
def test_another_pause_or_extension_is_as_if_it_were_there(calendar, start, limit, rule, ran, held, more):
    """And the ledger of what would be ends where it would end."""
    clock = Clock(limit, rule.name, us(calendar, start))
    low = clock.started + ran * MINUTE
    there = clock.pause(low).resume(low + held * MINUTE).extend(more, low)
    end = ends(there, calendar, rule)
    found = what_if(clock, calendar, rule, pause=(low, low + held * MINUTE), extend=more)
    assert calendar.moment(end) == found.other_due == found.other_ledger.due
    assert clock_ledger(clock, calendar, rule).due == found.due
    assert found.direction in ("later", "same")


# -- before the end ----------------------------------------------------------------------------------------------------


def latest(due: int, lead: TimeLimit, calendar: WorkCalendar, rule: CountingRule) -> int:
    """The last instant in time for a lead, where the calendar reaches back so far."""
    try:
        return lead_until(due, lead, calendar=calendar, rule=rule)
    except OutsideCalendar:
        assume(False)
        raise


LEADS = st.sampled_from([OFFICE, CIVIL]), st.integers(1, 3)


@given(calendars(), START, limits(), *LEADS, st.sampled_from(["working hours", "hours"]))
def test_a_lead_in_hours_ends_with_the_limit(calendar, start, limit, rule, n, unit):
    """Begun at the latest instant, it ends with the limit, unless that is when nobody works."""
    due = ends(Clock(limit, rule.name, us(calendar, start)), calendar, rule)
    at = latest(due, TimeLimit(n, unit), calendar, rule)
    end = due_us(at, TimeLimit(n, unit), calendar=calendar, rule=rule)
    assert due == end if unit == "hours" else calendar.work_before(due) == calendar.work_before(end)
    assert unit == "hours" or calendar.work_before(at) < calendar.work_before(at + 1) or at == due


@given(calendars(), START, limits(), *LEADS, st.sampled_from(["working days", "days"]))
def test_a_lead_in_days_leaves_so_many_days(calendar, start, limit, rule, n, unit):
    """From the last day on which it can be done to the last day of the limit, the former counted, it is so many days."""
    due = ends(Clock(limit, rule.name, us(calendar, start)), calendar, rule)
    at = latest(due, TimeLimit(n, unit), calendar, rule)
    day, last = calendar.local(at)[0], last_ordinal(due, calendar, rule)
    assert calendar.local(at + 1) == (day + 1, 0)
    assert n == sum(unit == "days" or calendar.kind(one) in WORKING for one in range(day, last))
