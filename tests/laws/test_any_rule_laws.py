"""Laws that hold by every rule, the conventions included that few laws have, on calendars the world over."""

from __future__ import annotations

import pendulum
from hypothesis import assume, given
from hypothesis import strategies as st

from qms.counting import consumption_us, due_us, latest_start_us
from qms.deadline import Clock, due, reckon_clock
from qms.ends import axis_of
from qms.errors import OutsideCalendar
from qms.ledger import ledger_us
from qms.limits import UNITS
from qms.testing.dates import ZONES, calendars, limits, pauses, rules
from world import end_of, reached, spans_of, starts, us

SHORT = tuple(unit for unit in UNITS if unit != "years")
BACK = tuple(unit for unit in SHORT if unit != "same day")


@given(calendars(), starts, limits(SHORT), rules(rare=True), pauses(0, 40 * 1440), st.randoms())
def test_the_order_of_pauses_does_not_matter(calendar, start, limit, rule, spans, random):
    """Shuffled, cut in two, told twice, they give one end."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end = end_of(calendar, begin, limit, rule, spans)
    mixed = [part for low, high in spans for part in ((low, (low + high) // 2), ((low + high) // 2, high))] + spans[:1]
    random.shuffle(mixed)
    assert end == end_of(calendar, begin, limit, rule, mixed)


@given(calendars(), starts, limits(SHORT), rules(rare=True), st.integers(0, 40 * 1440))
def test_a_pause_of_no_length_changes_nothing(calendar, start, limit, rule, at):
    """Paused and resumed at once, a clock ends when it would have."""
    clock = Clock(limit, rule.name, us(calendar, start))
    moment = clock.started + at * 60_000_000
    assert reached(reckon_clock, clock, calendar, rule) == reckon_clock(clock.pause(moment).resume(moment), calendar, rule)


@given(calendars(), starts, limits(SHORT), rules(rare=True), pauses(0, 40 * 1440, max_size=2), st.integers(0, 60 * 1440))
def test_consumed_and_remaining_are_the_budget(calendar, start, limit, rule, spans, later):
    """At any instant, on any axis."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end_of(calendar, begin, limit, rule, spans)
    found = reached(consumption_us, begin, limit, us(calendar, start + later), calendar=calendar, rule=rule, pauses=spans)
    assert found.budget == found.consumed + found.remaining
    assert found.consumed >= 0


@given(calendars(), starts, limits(SHORT), rules(rare=True), pauses(0, 40 * 1440, max_size=2))
def test_the_ledger_adds_up_to_the_limit(calendar, start, limit, rule, spans):
    """What its rows count is the budget: recesses, clear days, minimums and rolls count nothing."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end_of(calendar, begin, limit, rule, spans)
    told = reached(ledger_us, begin, limit, calendar=calendar, rule=rule, pauses=spans)
    assert told.budget == told.counted
    if limit.unit == "working days" and axis_of(limit, rule) == "working days":
        assert limit.amount == told.counted


@given(calendars(), starts, limits(SHORT), rules(rare=True), st.sampled_from(ZONES))
def test_the_zone_of_the_input_does_not_matter(calendar, start, limit, rule, zone):
    """An instant told in another zone is the same instant."""
    here = calendar.moment(us(calendar, start))
    there = here.astimezone(pendulum.timezone(zone))
    assert reached(due, here, limit, calendar=calendar, rule=rule) == due(there, limit, calendar=calendar, rule=rule)


@given(calendars(), starts, limits(SHORT), rules(rare=True), pauses(0, 40 * 1440, max_size=2))
def test_no_period_ends_before_it_starts(calendar, start, limit, rule, spans):
    """Received after the close, in an hour that comes twice, rolled back: never before it was received."""
    begin = us(calendar, start)
    assert begin <= end_of(calendar, begin, limit, rule, spans_of(calendar, spans))


@given(calendars(), st.integers(60 * 1440, 100 * 1440), limits(BACK), rules(rare=True))
def test_a_period_counted_back_ends_before_its_event(calendar, start, limit, rule):
    """It ends no later than the event, one more of it no later still, and its ledger adds up too."""
    begin = us(calendar, start)
    end = reached(due_us, begin, limit, calendar=calendar, rule=rule, backward=True)
    assert end <= begin
    assume(rule.backward_roll != "forward" and rule.first_day == "excluded")
    told = reached(ledger_us, begin, limit, calendar=calendar, rule=rule, backward=True)
    assert told.budget == told.counted


@given(calendars(), st.integers(40 * 1440, 100 * 1440), limits(BACK), rules(rare=True, first_day="excluded"))
def test_the_latest_start_is_in_time_and_no_later_one_is(calendar, by, limit, rule):
    """From the latest start the limit ends by the instant; a moment later it does not."""
    assume(rule.end_of_day != "wall" and (rule.roll != "backward" or rule.recess is None))
    moment = us(calendar, by)
    latest = reached(latest_start_us, moment, limit, calendar=calendar, rule=rule)
    assert end_of(calendar, latest, limit, rule) <= moment
    try:
        after = due_us(latest + 1, limit, calendar=calendar, rule=rule)
    except OutsideCalendar:
        return
    assert after > moment
