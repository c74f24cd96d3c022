"""Laws of dates the world over: zones that change their clocks, shifts past midnight, swaps, layers, and any mixture of rules.

The calendars are those that users' own tests can draw (`qms.testing.dates`); beside the engine stands the clerk who counts by
the minute. An end that four months of calendar do not reach is left out.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import attrs
import pendulum
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pendulum import Date

from clerk import FIRST, Clerk
from qms.calendar import Entry, WorkCalendar
from qms.counting import consumption_us, elapsed_us, last_day
from qms.deadline import Clock, due, elapsed, ledger, reckon_clock
from qms.ends import axis_of, union
from qms.entries import entry_tree
from qms.errors import InvalidInput, OutsideCalendar
from qms.ledger import ledger_us
from qms.limits import ELAPSED, UNITS, WORKED, CountingRule, TimeLimit
from qms.testing.dates import ZONES, calendars, limits, pauses, rules
from world import DAYS, MINUTE, end_of, reached, spans_of, starts, us

SIMPLE = tuple(unit for unit in UNITS if unit != "years")
days = st.integers(0, DAYS - 1).map(lambda n: pendulum.date(2026, 1, 1).add(days=n))
minutes = st.integers(0, (DAYS - 1) * 1440)


def on_time_axis(limit: TimeLimit, rule: CountingRule) -> bool:
    """Whether a limit runs on working or elapsed time, where no roll moves an end."""
    return axis_of(limit, rule) in ("working time", "elapsed time")


# -- days --------------------------------------------------------------------------------------------------------------


@given(calendars(), st.integers(0, DAYS - 1), st.integers(-40, 40))
def test_the_nth_working_day_is_where_a_clerk_walks_to(calendar, day, n):
    """Forward or back, layers and swaps included; outside is outside for both."""
    start = FIRST + timedelta(day)
    try:
        expected = Clerk(calendar).nth(day, n)
    except IndexError:
        with pytest.raises(OutsideCalendar):
            calendar.add_working_days(start, n)
    else:
        assert FIRST + timedelta(expected) == calendar.add_working_days(start, n)


@given(calendars())
def test_every_day_is_of_the_kind_a_clerk_reads(calendar):
    """The kind of each day is that of the last entry that speaks of it, or of its weekday."""
    clerk = Clerk(calendar)
    assert [clerk.kind(n) for n in range(DAYS)] == [calendar.kind(FIRST.toordinal() + n) for n in range(DAYS)]


@given(calendars(), st.integers(45, 75), st.sampled_from([1, -1]), st.integers(1, 8), st.integers(1, 8))
def test_days_add_up(calendar, day, way, m, n):
    """Working days add up: m then n are m + n, forward and back."""
    add, start = calendar.add_working_days, FIRST + timedelta(day)
    assert reached(add, start, way * (m + n)) == add(add(start, way * m), way * n)


@given(calendars(), days, st.integers(-40, 40))
def test_counting_undoes_adding(calendar, day, n):
    """From a day to its n-th working day there are n; back from it, as many, when it is itself a working day."""
    there = reached(calendar.add_working_days, day, n)
    assume(n >= 0 or calendar.is_working_day(day))
    assert n == calendar.count_working_days(day, there)


@given(calendars(), days, days, days)
def test_counts_add_up(calendar, a, b, c):
    """From a to c there are as many as from a to b and from b to c, in any order; turned round, the sign changes."""
    count = calendar.count_working_days
    assert count(a, c) == count(a, b) + count(b, c)
    assert count(a, b) == -count(b, a)


@given(calendars(), days, st.integers(0, 20), st.integers(-12, 12), st.integers(0, 6))
def test_adding_keeps_order(calendar, day, later, n, more):
    """A later day, and a larger number, never end earlier."""
    assume(day + timedelta(later) <= calendar.last)
    add = calendar.add_working_days
    assume(n != 0)  # nothing added answers the day itself, working or not
    assert reached(add, day, n) <= reached(add, day + timedelta(later), n)
    assert reached(add, day, abs(n)) <= reached(add, day, abs(n) + more)


@given(calendars(), st.data())
def test_a_swap_keeps_the_count_of_what_holds_both_days(calendar, data):
    """A working day exchanged for a day off changes no count over a window with both in it."""
    every = [FIRST + timedelta(n) for n in range(1, DAYS)]
    worked = [day for day in every if calendar.is_working_day(day)]
    free = [day for day in every if day not in worked]
    assume(worked and free)
    off, instead = data.draw(st.sampled_from(worked)), data.draw(st.sampled_from(free))
    low = FIRST + timedelta(data.draw(st.integers(0, (min(off, instead) - FIRST).days - 1)))
    high = max(off, instead) + timedelta(data.draw(st.integers(0, (every[-1] - max(off, instead)).days)))
    swap = Entry("exchange", off=(dated(off),), working=(dated(instead),), kind="swap", layer="exchange")
    assert calendar.count_working_days(low, high) == layered(calendar, swap).count_working_days(low, high)


def dated(day: date) -> Date:
    """A day as entries have it."""
    return Date(day.year, day.month, day.day)


def layered(calendar: WorkCalendar, entry: Entry) -> WorkCalendar:
    """The calendar with one more entry on top; where no working day then closes within another, or it is left out."""
    tree = calendar.to_tree()
    try:
        return WorkCalendar.from_tree(tree | {"entries": [*tree["entries"], entry_tree(entry)]})
    except InvalidInput:
        assume(False)
        raise


# -- hours -------------------------------------------------------------------------------------------------------------


@given(calendars(), minutes, minutes)
def test_working_time_is_the_open_minutes(calendar, low, high):
    """Between two instants lie the minutes that a clerk finds open; clocks that change and nights included."""
    clerk = Clerk(calendar)
    assert clerk.us(low) == us(calendar, low)
    found = calendar.work_before(us(calendar, max(low, high))) - calendar.work_before(us(calendar, min(low, high)))
    assert clerk.worked(min(low, high), max(low, high)) * MINUTE == found


@given(calendars(), minutes)
def test_open_is_open_for_the_clerk(calendar, minute):
    """Open, the next opening and the last closing are those of the minutes around."""
    clerk, moment = Clerk(calendar), calendar.moment(us(calendar, minute))
    assert bool(clerk.open[minute]) == calendar.is_open(moment)
    opening = clerk.open.find(1, minute)
    if opening >= 0:
        assert clerk.us(opening) == calendar.us(calendar.next_opening(moment))
        assert clerk.us(clerk.open.find(0, opening)) == calendar.us(calendar.next_closing(moment))
    if 0 <= clerk.open.rfind(1, 0, minute):
        closing = clerk.open.rfind(1, 0, minute) + 1
        if not clerk.open[minute]:
            assert clerk.us(closing) == calendar.us(calendar.previous_closing(moment))


@given(calendars(), minutes, st.integers(0, 10 * 1440))
def test_open_periods_are_the_open_minutes(calendar, low, length):
    """They follow each other, touch nowhere, and hold each open minute once."""
    clerk, high = Clerk(calendar), min(low + length, (DAYS - 1) * 1440)
    periods = list(calendar.open_between(us(calendar, low), us(calendar, max(low, high))))
    assert all(a < b for a, b in periods)
    assert all(before < after for (_, before), (after, _) in pairwise(periods))
    assert clerk.worked(low, high) * MINUTE == sum(b - a for a, b in periods)


@given(calendars(), minutes, minutes, minutes)
def test_working_time_adds_up(calendar, a, b, c):
    """From a to c as much as from a to b and from b to c, in any order."""
    a, b, c = (calendar.moment(us(calendar, minute)) for minute in (a, b, c))
    assert calendar.working_time(a, c) == calendar.working_time(a, b) + calendar.working_time(b, c)


@given(calendars(), minutes, st.integers(1, 3_000), st.integers(1, 3_000))
def test_working_time_added_in_two_steps(calendar, start, m, n):
    """In two steps, m and then n, it is m + n at once; what was added lies between, and the end of it was open."""
    moment, m, n = calendar.moment(us(calendar, start)), timedelta(minutes=m), timedelta(minutes=n)
    add = calendar.add_working_time
    end = reached(add, moment, m + n)
    assert end == add(add(moment, m), n)
    assert m + n == calendar.working_time(moment, end)
    assert calendar.is_open(end - timedelta(microseconds=1))


@given(calendars(), st.integers(50 * 1440, (DAYS - 1) * 1440), st.integers(1, 3_000))
def test_taking_away_leads_back(calendar, start, span):
    """What is taken away can be added again, and lands where the office was last at work."""
    moment, span = calendar.moment(us(calendar, start)), timedelta(minutes=span)
    back = reached(calendar.add_working_time, moment, -span)
    assert calendar.is_open(back)
    assert span == calendar.working_time(back, moment)
    there = calendar.add_working_time(back, span)
    assert calendar.working_time(there, moment) == timedelta()
    assert there <= moment


# -- beside the clerk, by any rule ---------------------------------------------------------------------------------------


@given(calendars(), starts, limits(SIMPLE), rules())
def test_limits_end_where_a_clerk_ends(calendar, start, limit, rule):
    """Any unit by any mixture of conventions, without a pause."""
    clerk = Clerk(calendar)
    try:
        expected = clerk.due(start, limit, rule)
    except IndexError:
        assume(False)
    assert clerk.us(expected) == end_of(calendar, us(calendar, start), limit, rule)


@given(calendars(), starts, limits(("working hours", "working minutes", "hours", "minutes")), rules(), pauses(0, 40 * 1440))
def test_hours_with_pauses_end_where_a_clerk_ends(calendar, start, limit, rule, spans):
    """Hours run on minutes that are not paused, and working hours on those that are open too."""
    clerk, length = Clerk(calendar), limit.amount * ((WORKED | ELAPSED)[limit.unit] // MINUTE)
    walk = clerk.after_work if limit.unit in WORKED else clerk.after_time
    try:
        expected = walk(start, length, spans)
    except IndexError:
        assume(False)
    assert clerk.us(expected) == end_of(calendar, us(calendar, start), limit, rule, spans_of(calendar, spans))


@given(calendars(), starts, st.integers(1, 12), pauses(0, 40 * 1440))
def test_working_days_with_pauses_end_where_a_clerk_ends(calendar, start, n, spans):
    """Working days that end at the close are put off by the working time of their pauses."""
    clerk, rule = Clerk(calendar), CountingRule("office", "excluded", "forward", "close", "convention")
    try:
        expected = clerk.after_days(start, n, spans)
    except IndexError:
        assume(False)
    found = end_of(calendar, us(calendar, start), TimeLimit(n, "working days"), rule, spans_of(calendar, spans))
    assert clerk.us(expected) == found


# -- one engine answers both questions -----------------------------------------------------------------------------------


@given(calendars(), starts, limits(SIMPLE), rules())
def test_what_has_elapsed_by_the_end_is_the_limit(calendar, start, limit, rule):
    """By its end the limit has elapsed, unless a roll moved the end; the instant before, less."""
    begin = us(calendar, start)
    assume(limit.then is None)  # a sum is of no one unit
    end = end_of(calendar, begin, limit, rule)
    told = reached(ledger_us, begin, limit, calendar=calendar, rule=rule)
    assume(told.rolled is None and end > begin)
    assert limit == elapsed_us(begin, end, limit.unit, calendar=calendar, rule=rule)


@given(calendars(), starts, limits(SIMPLE), rules(), pauses(0, 40 * 1440))
def test_what_has_elapsed_net_of_pauses_is_the_limit(calendar, start, limit, rule, spans):
    """The same with pauses, for the kinds of time that no roll moves."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    assume(on_time_axis(limit, rule))
    end = end_of(calendar, begin, limit, rule, spans)
    assume(end > begin)
    assert limit == elapsed_us(begin, end, limit.unit, calendar=calendar, rule=rule, pauses=spans)


@given(calendars(), starts, limits(SIMPLE), rules(), pauses(0, 40 * 1440), st.integers(0, 60 * 1440))
def test_consumed_and_remaining_are_the_budget(calendar, start, limit, rule, spans, later):
    """At any instant what is consumed and what remains are the budget; nothing remains at the end."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end = end_of(calendar, begin, limit, rule, spans)
    at = us(calendar, start + later)
    found = reached(consumption_us, begin, limit, at, calendar=calendar, rule=rule, pauses=spans)
    assert found.budget == found.consumed + found.remaining
    assert found.consumed >= 0
    if on_time_axis(limit, rule):
        last = consumption_us(begin, limit, end, calendar=calendar, rule=rule, pauses=spans)
        assert last.remaining == 0


@given(calendars(), starts, limits(SIMPLE), rules(), pauses(0, 40 * 1440), st.integers(0, 40 * 1440), st.integers(0, 10 * 1440))
def test_consumption_never_runs_back(calendar, start, limit, rule, spans, at, later):
    """What has been consumed grows or stays."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end_of(calendar, begin, limit, rule, spans)
    ask = {"calendar": calendar, "rule": rule, "pauses": spans}
    low = reached(consumption_us, begin, limit, begin + at * MINUTE, **ask)
    assert low.consumed <= reached(consumption_us, begin, limit, begin + (at + later) * MINUTE, **ask).consumed


# -- pauses --------------------------------------------------------------------------------------------------------------


@given(calendars(), starts, limits(SIMPLE), rules(), pauses(0, 40 * 1440), st.integers(0, 40 * 1440))
def test_a_pause_of_no_length_changes_nothing(calendar, start, limit, rule, spans, at):
    """Paused and resumed at once, the end is the same: as an instant of the engine and as facts of a clock."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end = end_of(calendar, begin, limit, rule, spans)
    assert end == end_of(calendar, begin, limit, rule, [*spans, (us(calendar, at), us(calendar, at))])
    clock = Clock(limit, rule.name, begin)
    moment = begin + at * MINUTE
    assert reached(reckon_clock, clock, calendar, rule) == reckon_clock(clock.pause(moment).resume(moment), calendar, rule)


@given(calendars(), starts, limits(("working days", "working hours", "working minutes", "same day")), rules(pause="instants", end_of_day="close"), minutes, st.integers(0, 6000))  # fmt: skip
def test_a_pause_while_the_office_is_closed_changes_nothing(calendar, start, limit, rule, low, length):
    """Nobody worked in it, so nothing is given back."""
    begin, span = us(calendar, start), (us(calendar, low), us(calendar, min(low + length, DAYS * 1440 - 1500)))
    assume(span[0] <= span[1] and calendar.work_before(span[0]) == calendar.work_before(span[1]))
    assert end_of(calendar, begin, limit, rule) == end_of(calendar, begin, limit, rule, [span])


@given(calendars(), starts, limits(SIMPLE), rules(), pauses(0, 40 * 1440), st.randoms())
def test_the_order_of_pauses_does_not_matter(calendar, start, limit, rule, spans, random):
    """Pauses are a set: shuffled, cut in two, told twice, they give one end."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end = end_of(calendar, begin, limit, rule, spans)
    mixed = [part for low, high in spans for part in ((low, (low + high) // 2), ((low + high) // 2, high))] + spans[:1]
    random.shuffle(mixed)
    assert end == end_of(calendar, begin, limit, rule, mixed)


@given(calendars(), starts, limits(("working days", "working hours", "working minutes")), rules(pause="instants"), pauses(0, 40 * 1440))  # fmt: skip
def test_a_pause_moves_the_end_by_its_working_time(calendar, start, limit, rule, spans):
    """A pause of k working seconds moves the end by exactly k working seconds."""
    assume(rule.end_of_day != "wall")
    begin, spans, work = us(calendar, start), spans_of(calendar, spans), calendar.work_before
    end, unpaused = end_of(calendar, begin, limit, rule, spans), end_of(calendar, begin, limit, rule)
    assume(unpaused > begin)
    paused = sum(work(high) - work(low) for low, high in union(spans, begin) if low < end)
    assert paused == work(end) - work(unpaused)


@given(calendars(), starts, limits(("hours", "minutes")), rules(), pauses(0, 40 * 1440))
def test_a_pause_moves_hours_by_its_length(calendar, start, limit, rule, spans):
    """A pause of k seconds moves the end of hours by exactly k seconds, over a change of the clocks too."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end = end_of(calendar, begin, limit, rule, spans)
    paused = sum(high - low for low, high in union(spans, begin) if low < end)
    assert paused == end - end_of(calendar, begin, limit, rule)


@given(calendars(), starts, limits(SIMPLE), rules(), pauses(0, 40 * 1440))
def test_a_pause_never_makes_an_end_earlier(calendar, start, limit, rule, spans):
    """Time that does not count can only put an end off; no period ends while it is paused, but in closed hours all of a pause."""
    begin, spans, work = us(calendar, start), spans_of(calendar, spans), calendar.work_before
    end = end_of(calendar, begin, limit, rule, spans)
    assert end_of(calendar, begin, limit, rule) <= end
    if axis_of(limit, rule) == "working time":
        assert {0} >= {work(high) - work(low) for low, high in union(spans, begin) if low < end < high}
    else:
        assert not [span for span in union(spans, begin) if span[0] < end <= span[1]]


# -- order -----------------------------------------------------------------------------------------------------------------


@given(calendars(), starts, limits(tuple(unit for unit in SIMPLE if unit != "same day")), rules())
def test_more_never_ends_earlier(calendar, start, limit, rule):
    """One more of a unit ends later, or at the same instant where a roll meets it."""
    begin, more = us(calendar, start), attrs.evolve(limit, amount=limit.amount + 1)
    assert end_of(calendar, begin, limit, rule) <= end_of(calendar, begin, more, rule)


@given(calendars(), starts, st.integers(0, 3000), limits(SIMPLE), rules(first_day="excluded"))
def test_a_later_start_never_ends_earlier(calendar, start, later, limit, rule):
    """Ends keep the order of their starts; by date where the wall time of the start is kept."""
    assume(rule.end_of_day != "wall")
    early, late = us(calendar, start), us(calendar, start + later)
    assert end_of(calendar, early, limit, rule) <= end_of(calendar, late, limit, rule)


@given(calendars(), starts, limits(SIMPLE), rules(roll="forward"), days)
def test_a_day_made_off_never_makes_an_end_earlier(calendar, start, limit, rule, off):
    """A working day that becomes a closure puts no forward due date earlier: by date, or by instant for hours."""
    assume(calendar.is_working_day(off))
    rule = attrs.evolve(rule, roll_on=tuple({*rule.roll_on, "closure"}))
    closed = layered(calendar, Entry("storm", off=(off,), kind="closure", layer="storm"))
    before, after = (end_of(one, us(one, start), limit, rule) for one in (calendar, closed))
    if limit.unit in WORKED or limit.unit in ELAPSED:
        assert before <= after
    else:
        assert last_day(before, calendar, rule) <= last_day(after, closed, rule)


# -- the edge --------------------------------------------------------------------------------------------------------------


@given(calendars(), starts, limits(SIMPLE), rules(), pauses(0, 40 * 1440, max_size=2), st.sampled_from(ZONES))
def test_the_zone_of_the_input_does_not_matter(calendar, start, limit, rule, spans, zone):
    """The same instants told in another zone give the same due instant and the same ledger, in the zone of the office."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    here = [calendar.moment(at) for at in (begin, *(at for span in spans for at in span))]
    there = [moment.astimezone(pendulum.timezone(zone)) for moment in here]
    answers = []
    for moments in (here, there):
        paused = list(zip(moments[1::2], moments[2::2], strict=True))
        told = {"calendar": calendar, "rule": rule, "pauses": paused}
        answers.append((reached(due, moments[0], limit, **told).isoformat(), str(reached(ledger, moments[0], limit, **told))))
    assert answers[0] == answers[1]


@given(calendars(), minutes, st.sampled_from(ZONES))
def test_the_calendar_answers_alike_in_any_zone(calendar, minute, zone):
    """Open or not, so many hours on, so many days on: the office's clocks decide."""
    here = calendar.moment(us(calendar, minute))
    there = here.astimezone(pendulum.timezone(zone))
    assert calendar.is_open(here) == calendar.is_open(there)
    hour = timedelta(hours=1)
    assert reached(calendar.add_working_time, here, hour) == calendar.add_working_time(there, hour)
    ours, theirs = (reached(calendar.add_working_days, moment, 2) for moment in (here, there))
    assert calendar.us(ours) == calendar.us(theirs)


# -- ledgers and clocks ----------------------------------------------------------------------------------------------------


@given(calendars(), starts, limits(SIMPLE), rules(), pauses(0, 40 * 1440))
def test_the_ledger_adds_up_to_the_limit(calendar, start, limit, rule, spans):
    """What the rows count is the budget of the limit, whatever was paused, rolled or closed."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end_of(calendar, begin, limit, rule, spans)
    told = reached(ledger_us, begin, limit, calendar=calendar, rule=rule, pauses=spans)
    assert told.budget == told.counted
    if limit.unit in ("days", "weeks") and limit.then is None:
        assert limit.amount * (7 if limit.unit == "weeks" else 1) == told.counted
    if limit.unit in WORKED or limit.unit in ELAPSED:
        assert limit.amount * (WORKED | ELAPSED)[limit.unit] == told.counted


@given(calendars(), starts, limits(SIMPLE), limits(SIMPLE), rules(), pauses(0, 40 * 1440, max_size=2))
def test_an_extension_taken_back_changes_nothing(calendar, start, limit, more, rule, spans):
    """With the extension the end is no earlier; without it, and whatever was paused meanwhile, it is what it was."""
    clock = Clock(limit, rule.name, us(calendar, start))
    for low, high in union(spans_of(calendar, spans), clock.started):
        clock = clock.pause(low).resume(high)
    end = reached(reckon_clock, clock, calendar, rule)
    extended = clock.extend(more, clock.started)
    if rule.roll != "backward" and rule.first_day == "excluded":
        assert end <= reached(reckon_clock, extended, calendar, rule)
    assert end == reckon_clock(attrs.evolve(extended, extensions=clock.extensions), calendar, rule)


@given(calendars(), starts, st.sampled_from(["working days", "working hours", "hours"]), st.integers(1, 8), st.integers(1, 8), rules(first_day="excluded"))  # fmt: skip
def test_a_limit_and_its_extension_are_their_sum(calendar, start, unit, m, n, rule):
    """m, extended by n, is m + n."""
    clock = Clock(TimeLimit(m, unit), rule.name, us(calendar, start)).extend(TimeLimit(n, unit), us(calendar, start))
    assert end_of(calendar, clock.started, TimeLimit(m + n, unit), rule) == reached(reckon_clock, clock, calendar, rule)


@given(
    st.integers(-60 * 366, 60 * 366).map(lambda n: pendulum.date(2026, 1, 1).add(days=n)),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_months_are_counted_from_the_anchor(day, m, n):
    """Months go by number from the day they start on: the same number, or the last of a shorter month, never step by step."""
    rule = CountingRule("plain", "excluded", "none", "wall", "convention", pause="days")
    calendar = ALWAYS
    ends = [
        due(calendar.moment(calendar.instant(day.toordinal(), 0)), TimeLimit(k, "months"), calendar=calendar, rule=rule)
        for k in (m, m + n)
    ]
    for end, months in zip(ends, (m, m + n), strict=True):
        assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
        assert end.day == min(day.day, end.days_in_month)
    assert (
        elapsed(calendar.moment(calendar.instant(day.toordinal(), 0)), ends[1], "months", calendar=calendar, rule=rule).amount
        == m + n
    )


ALWAYS = WorkCalendar.from_dates(
    zone="UTC", week={"mon-sun": "00:00-24:00"}, first=pendulum.date(1960, 1, 1), last=pendulum.date(2095, 12, 31)
)
