"""Laws of counting periods, on small random calendars, beside an oracle that counts minute by minute."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from clerk import DAY, FIRST, LAST, MINUTE, SHIFTS, Clerk, calendars, pauses
from qms.calendar import WorkCalendar
from qms.counting import consumption_us, due_us, elapsed_us
from qms.deadline import Clock, clock_ledger, is_over, last_day, reckon_clock
from qms.ends import axis_of, union
from qms.errors import OutsideCalendar
from qms.ledger import ledger_us
from qms.limits import UNITS, CountingRule, TimeLimit

OFFICE, CIVIL, PLAIN = (CountingRule.named(name) for name in ("vn-one-stop", "vn-civil-2015", "calendar-plain"))
BY_DAYS = attrs.evolve(OFFICE, pause="days")
INCLUDED = attrs.evolve(OFFICE, first_day="included")
VN = WorkCalendar.load("VN")
RULES = st.sampled_from([OFFICE, CIVIL, BY_DAYS])
START = st.integers(0, 20 * DAY)
WORKED = ("working days", "working hours", "working minutes", "same day")
AMOUNTS = {
    "working minutes": 600,
    "minutes": 5000,
    "working hours": 60,
    "hours": 500,
    "weeks": 6,
    "half months": 5,
    "months": 2,
    "years": 0,
    "same day": 1,
}


@st.composite
def limits(draw: st.DrawFn, units: tuple[str, ...] = UNITS) -> TimeLimit:
    """Limits that mostly end within four months."""
    unit = draw(st.sampled_from([unit for unit in units if AMOUNTS.get(unit, 1)]))
    return TimeLimit(draw(st.integers(1, AMOUNTS.get(unit, 12))), unit)


def us(calendar: WorkCalendar, minute: int) -> int:
    """The instant of a clerk's minute."""
    return calendar.instant(FIRST.toordinal(), 0) + minute * MINUTE


def spans_of(calendar: WorkCalendar, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A clerk's pauses as instants."""
    return [(us(calendar, low), us(calendar, high)) for low, high in spans]


def due(calendar, start, limit, rule, spans=()):
    """The due instant, or a case that hypothesis leaves out because four months end first."""
    try:
        return due_us(start, limit, calendar=calendar, rule=rule, pauses=spans)
    except OutsideCalendar:
        assume(False)
        raise


# -- beside the clerk ----------------------------------------------------------------------------------------------


@given(calendars(), START, limits(("working hours", "working minutes")), pauses(0, 40 * DAY))
def test_working_hours_end_where_a_clerk_ends(calendar, start, limit, spans):
    """Working hours run on open minutes that are not paused."""
    end = due(calendar, us(calendar, start), limit, OFFICE, spans_of(calendar, spans))
    minutes = limit.amount * (60 if limit.unit == "working hours" else 1)
    assert us(calendar, Clerk(calendar).after_work(start, minutes, spans)) == end


@given(calendars(), START, st.integers(1, 12), pauses(0, 40 * DAY))
def test_working_days_end_where_a_clerk_ends(calendar, start, n, spans):
    """Working days end at the close of the n-th, later by the working time of the pauses."""
    end = due(calendar, us(calendar, start), TimeLimit(n, "working days"), OFFICE, spans_of(calendar, spans))
    assert us(calendar, Clerk(calendar).after_days(start, n, spans)) == end


@given(calendars(), START, limits(("hours", "minutes")), pauses(0, 40 * DAY))
def test_hours_end_where_a_clerk_ends(calendar, start, limit, spans):
    """Hours run on, day and night, unless paused."""
    end = due(calendar, us(calendar, start), limit, OFFICE, spans_of(calendar, spans))
    assert us(calendar, Clerk(calendar).after_time(start, limit.amount * (60 if limit.unit == "hours" else 1), spans)) == end


@given(calendars(), START, limits(("days", "weeks", "months")))
def test_days_and_months_end_where_a_clerk_ends(calendar, start, limit):
    """Days, weeks and months end at the close of the office on their last day, or on the next working day."""
    end = due(calendar, us(calendar, start), limit, OFFICE)
    assert us(calendar, Clerk(calendar).after_dates(start, limit.amount, limit.unit)) == end


# -- one engine answers both questions -----------------------------------------------------------------------------


@given(calendars(), START, limits(), RULES)
def test_what_has_elapsed_by_the_end_is_the_limit(calendar, start, limit, rule):
    """By its end exactly the limit has elapsed, unless a roll moved the end."""
    begin = us(calendar, start)
    end = due(calendar, begin, limit, rule)
    assume(ledger_us(begin, limit, calendar=calendar, rule=rule).rolled is None)
    assert limit == elapsed_us(begin, end, limit.unit, calendar=calendar, rule=rule)


@given(calendars(), START, limits(), RULES, pauses(0, 40 * DAY))
def test_what_has_elapsed_net_of_pauses_is_the_limit(calendar, start, limit, rule, spans):
    """The same with pauses, for the kinds of time that no roll moves."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    assume(axis_of(limit, rule) in ("working time", "elapsed time"))
    end = due(calendar, begin, limit, rule, spans)
    assert limit == elapsed_us(begin, end, limit.unit, calendar=calendar, rule=rule, pauses=spans)


@given(calendars(), START, limits(tuple(unit for unit in UNITS if unit != "same day")))
def test_plain_dates_elapse_too(calendar, start, limit):
    """Where wall time is kept and nothing rolls, the limit has elapsed at its end, and not before."""
    begin = us(calendar, start)
    end = due(calendar, begin, limit, PLAIN)
    assert limit == elapsed_us(begin, end, limit.unit, calendar=calendar, rule=PLAIN)
    before = elapsed_us(begin, end - MINUTE, limit.unit, calendar=calendar, rule=PLAIN)
    assert before.amount < limit.amount


@given(calendars(), START, limits(("working days", "days", "weeks", "months")))
def test_a_first_day_that_counts_elapses_too(calendar, start, limit):
    """Where the first day counts, the limit has elapsed at its end, unless a roll moved it."""
    begin = us(calendar, start)
    end = due(calendar, begin, limit, INCLUDED)
    assume(ledger_us(begin, limit, calendar=calendar, rule=INCLUDED).rolled is None)
    assume(end > begin)
    assert limit == elapsed_us(begin, end, limit.unit, calendar=calendar, rule=INCLUDED)


TWO_DAYS = WorkCalendar.from_dates(
    zone="Asia/Ho_Chi_Minh", week={"mon": SHIFTS[0], "thu": SHIFTS[0]}, first=FIRST, last=LAST, name="small"
)


@example(TWO_DAYS, 17 * 60, TimeLimit(1, "same day"), CIVIL, [(0, 4 * DAY + 7 * 60 + 31)], 0)  # paused at the close
@given(calendars(), START, limits(), RULES, pauses(0, 40 * DAY), st.integers(0, 60 * DAY))
def test_consumed_and_remaining_are_the_budget(calendar, start, limit, rule, spans, later):
    """At any instant what is consumed and what remains sum to the budget; nothing remains at the end, something where time is still to run."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end = due(calendar, begin, limit, rule, spans)
    at = min(us(calendar, start + later), us(calendar, 119 * DAY))
    found = consumption_us(begin, limit, at, calendar=calendar, rule=rule, pauses=spans)
    assert found.budget == found.consumed + found.remaining
    if axis_of(limit, rule) in ("working time", "elapsed time"):
        run = calendar.work_before if axis_of(limit, rule) == "working time" else int
        halted = ((max(low, at), min(high, end)) for low, high in union(spans, begin) if low < end and at < high)
        to_run = run(end) - run(at) - sum(run(high) - run(low) for low, high in halted)
        assert (found.remaining > 0) == (to_run > 0)
        last = consumption_us(begin, limit, end, calendar=calendar, rule=rule, pauses=spans)
        assert last.remaining == 0


# -- pauses --------------------------------------------------------------------------------------------------------


@given(calendars(), START, limits(), RULES, pauses(0, 40 * DAY), st.randoms())
def test_the_order_of_pauses_does_not_matter(calendar, start, limit, rule, spans, random):
    """Pauses are a set: in any order, and cut in two, they give one end."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end = due(calendar, begin, limit, rule, spans)
    mixed = [part for low, high in spans for part in ((low, (low + high) // 2), ((low + high) // 2, high))]
    random.shuffle(mixed)
    assert end == due(calendar, begin, limit, rule, mixed)


@given(calendars(), START, st.integers(1, 8), pauses(0, 40 * DAY))
def test_a_pause_moves_the_end_by_its_working_time(calendar, start, n, spans):
    """A pause of k working seconds moves the end of working days by exactly k working seconds."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    limit, work = TimeLimit(n, "working days"), calendar.work_before
    end = due(calendar, begin, limit, OFFICE, spans)
    paused = sum(work(high) - work(low) for low, high in union(spans, begin) if low < end)
    assert paused == work(end) - work(due(calendar, begin, limit, OFFICE))


@given(calendars(), START, limits(WORKED), st.integers(0, 40 * DAY), st.integers(0, 4000))
def test_a_pause_while_the_office_is_closed_changes_nothing(calendar, start, limit, low, length):
    """Nobody worked in it, so nothing is given back."""
    begin, span = us(calendar, start), (us(calendar, low), us(calendar, low + length))
    assume(calendar.work_before(span[0]) == calendar.work_before(span[1]))
    assert due(calendar, begin, limit, OFFICE) == due(calendar, begin, limit, OFFICE, [span])


@given(calendars(), START, limits(), RULES, pauses(0, 40 * DAY))
def test_a_pause_never_makes_an_end_earlier(calendar, start, limit, rule, spans):
    """Time that does not count can only put an end off."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    assert due(calendar, begin, limit, rule) <= due(calendar, begin, limit, rule, spans)


@given(calendars(), START, limits(), RULES, pauses(0, 40 * DAY))
def test_no_period_ends_while_it_is_paused(calendar, start, limit, rule, spans):
    """An end lies in no pause that began before it, unless the office was closed all through that pause."""
    begin, spans, work = us(calendar, start), spans_of(calendar, spans), calendar.work_before
    end = due(calendar, begin, limit, rule, spans)
    within = [span for span in union(spans, begin) if span[0] < end <= span[1]]
    if axis_of(limit, rule) == "working time":
        within = [(low, high) for low, high in within if end < high and work(low) < work(high)]
    assert [] == within


@given(calendars(), START, limits(), RULES, pauses(0, 40 * DAY))
def test_a_pause_after_the_end_changes_nothing(calendar, start, limit, rule, spans):
    """What is over cannot be paused."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    end = due(calendar, begin, limit, rule)
    assert end == due(calendar, begin, limit, rule, [span for span in spans if span[0] >= end])


# -- order and sums ------------------------------------------------------------------------------------------------


@given(calendars(), START, limits(tuple(u for u in UNITS if u != "same day")), RULES)
def test_more_never_ends_earlier(calendar, start, limit, rule):
    """One more of a unit ends later, or on the same day where a roll meets it."""
    begin, more = us(calendar, start), TimeLimit(limit.amount + 1, limit.unit)
    assert due(calendar, begin, limit, rule) <= due(calendar, begin, more, rule)


@given(calendars(), START, st.integers(0, 3000), limits(), RULES)
def test_a_later_start_never_ends_earlier(calendar, start, later, limit, rule):
    """Ends keep the order of their starts."""
    assert due(calendar, us(calendar, start), limit, rule) <= due(calendar, us(calendar, start + later), limit, rule)


@given(
    calendars(), START, st.sampled_from(["working days", "working hours", "hours"]), st.integers(1, 8), st.integers(1, 8), RULES
)
def test_a_limit_and_its_extension_are_their_sum(calendar, start, unit, m, n, rule):
    """m, extended by n, is m + n."""
    clock = Clock(TimeLimit(m, unit), rule.name, us(calendar, start)).extend(TimeLimit(n, unit), us(calendar, start))
    end = due(calendar, clock.started, TimeLimit(m + n, unit), rule)
    assert end == reckon_clock(clock, calendar, rule)


@given(calendars(), START, limits(), RULES)
def test_a_day_that_ends_at_midnight_ends_no_earlier(calendar, start, limit, rule):
    """The Civil Code's 24:00 is never before the close of the office, and on the same last day."""
    begin = us(calendar, start)
    assume(limit.unit != "same day" and rule is OFFICE)
    office, civil = due(calendar, begin, limit, OFFICE), due(calendar, begin, limit, CIVIL)
    assert office <= civil
    if limit.unit not in ("hours", "minutes", "working hours", "working minutes"):
        assert last_day(office, calendar, OFFICE) == last_day(civil, calendar, CIVIL)


@given(calendars(), START, limits(), RULES)
def test_a_period_is_over_after_its_end_and_not_before(calendar, start, limit, rule):
    """The instant before the end is within, the one after it is not."""
    end = due(calendar, us(calendar, start), limit, rule)
    assert (False, True) == (is_over(end, end - 1, rule), is_over(end, end + 1, rule))


# -- ledger and clock ----------------------------------------------------------------------------------------------


@given(calendars(), START, limits(), st.sampled_from([OFFICE, CIVIL, BY_DAYS, INCLUDED]), pauses(0, 40 * DAY))
def test_the_counted_rows_sum_to_the_limit(calendar, start, limit, rule, spans):
    """What a ledger counts is the budget of the limit, no more and no less."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    due(calendar, begin, limit, rule, spans)
    found = ledger_us(begin, limit, calendar=calendar, rule=rule, pauses=spans)
    assert found.budget == found.counted
    if found.axis != "working time":
        units = {"hours": 60 * MINUTE, "minutes": MINUTE, "days": 1, "weeks": 7, "half months": 15, "working days": 1}
        assert limit.unit == "months" or limit.amount * units[limit.unit] == found.counted


@given(calendars(), START, limits(), st.sampled_from([OFFICE, CIVIL, BY_DAYS]), pauses(0, 40 * DAY))
def test_the_rows_follow_each_other(calendar, start, limit, rule, spans):
    """Rows are in order and none overlaps the next; both languages have a line for the due date."""
    begin, spans = us(calendar, start), spans_of(calendar, spans)
    due(calendar, begin, limit, rule, spans)
    found = ledger_us(begin, limit, calendar=calendar, rule=rule, pauses=spans)
    assert sorted(row.day for row in found.rows) == [row.day for row in found.rows]
    ends = [(row.end or row.day, after.start or after.day) for row, after in zip(found.rows, found.rows[1:], strict=False)]
    assert all(low <= high for low, high in ends if type(low) is type(high))
    assert "due " in found.text()
    assert "hạn " in found.text("vi")


@given(calendars(), START, limits(), pauses(1, 40 * DAY), st.lists(limits(), max_size=2))
def test_a_clock_states_what_its_facts_give(calendar, start, limit, spans, extensions):
    """The facts of a clock give the due instant of its limit, then of each extension from there; the tree keeps all facts."""
    clock = Clock(limit, OFFICE.name, us(calendar, start))
    for low, high in union(spans_of(calendar, spans), clock.started):
        clock = clock.pause(low).resume(high)
    for more in extensions:
        clock = clock.extend(more, clock.started)
    end = due(calendar, clock.started, limit, OFFICE, clock.closed_pauses())
    for more in extensions:
        days = more.unit not in ("hours", "minutes", "working hours", "working minutes")
        last = end - 1 if days and calendar.local(end)[1] == 0 else end
        end = due(calendar, last, more, OFFICE, clock.closed_pauses())
    assert end == reckon_clock(clock, calendar, OFFICE)
    assert clock == Clock.from_tree(clock.to_tree())
    assert clock_ledger(clock, calendar, OFFICE).due == calendar.moment(end)


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_ends_after_its_start(unit):
    """One of each unit, started in office hours, ends later than it started."""
    start = VN.instant(FIRST.toordinal() + 4, 9 * 3600 * 1_000_000)
    assert start < due_us(start, TimeLimit(1, unit), calendar=VN, rule=OFFICE)
