"""Laws of the conventions that few legal systems have, over random rules and calendars, beside a clerk who goes day by day."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clerk import DAY, FIRST, LAST, MINUTE, calendars, pauses
from qms.calendar import WorkCalendar
from qms.counting import consumption_us, due_us, elapsed_us, last_ordinal, latest_start_us
from qms.ends import union
from qms.errors import OutsideCalendar
from qms.ledger import ledger_us
from qms.limits import CountingRule, Cutoff, Minimum, Recess, Scope, TimeLimit

CALENDAR = ("days", "weeks", "half months", "months")
AMOUNTS = {"days": 20, "weeks": 3, "half months": 3, "months": 1, "working days": 8, "working hours": 30, "hours": 200}
START = st.integers(0, 20 * DAY)


@st.composite
def spans(draw: st.DrawFn) -> str:
    """A recess within the four months of the calendars, each year or in one, or about Easter."""
    kind = draw(st.sampled_from(["each year", "one year", "easter"]))
    if kind == "easter":
        return f"easter-{draw(st.integers(0, 60))}/easter+{draw(st.integers(0, 7))}"
    low = FIRST + timedelta(draw(st.integers(0, 80)))
    high = low + timedelta(draw(st.integers(0, 20)))
    return f"{low:%m-%d}/{high:%m-%d}" if kind == "each year" else f"{low}/{high}"


@st.composite
def rules(draw: st.DrawFn, **fixed: object) -> CountingRule:
    """Rules with any of the conventions that few laws have."""
    recess = st.builds(Recess, st.lists(spans(), min_size=1, max_size=2).map(tuple), st.sampled_from(["counted", "excluded"]))
    drawn = {
        "first_day": draw(st.sampled_from(["excluded", "included"])),
        "roll": draw(st.sampled_from(["forward", "forward", "none"])),
        "end_of_day": draw(st.sampled_from(["24:00", "close"])),
        "pause": draw(st.sampled_from(["instants", "days"])),
        "last_day": draw(st.sampled_from(["included", "excluded"])),
        "minimum": draw(st.sampled_from([None, Minimum(2, 2), Minimum(2, 3), Minimum(1, 1)])),
        "short": draw(st.sampled_from([0, 0, 5])),
        "scope": draw(st.sampled_from([None, None, Scope(10, 2, 1)])),
        "first_hour": draw(st.sampled_from(["included", "excluded"])),
        "roll_hours": draw(st.sampled_from(["none", "same-time"])),
        "recess": draw(st.none() | recess),
        "cutoff": draw(st.sampled_from([None, Cutoff("15:00", inclusive=True), Cutoff("09:30")])),
        "backward_roll": draw(st.sampled_from(["none", "backward", "forward"])),
        "backward_last_day": draw(st.sampled_from(["included", "excluded"])),
    }
    return CountingRule(name="drawn", certainty="law", roll_on=("weekend", "holiday"), **(drawn | fixed))


@st.composite
def limits(draw: st.DrawFn, units: tuple[str, ...] = tuple(AMOUNTS)) -> TimeLimit:
    """Limits of one unit, and sums of calendar units."""
    unit = draw(st.sampled_from(units))
    limit = TimeLimit(draw(st.integers(1, AMOUNTS[unit])), unit)
    if unit in CALENDAR[1:] and draw(st.booleans()):
        return TimeLimit(limit.amount, unit, TimeLimit(draw(st.integers(1, 10)), "days"))
    return limit


def us(calendar: WorkCalendar, minute: int) -> int:
    """The instant of a minute of the calendar."""
    return calendar.instant(FIRST.toordinal(), 0) + minute * MINUTE


def due(calendar, start, limit, rule, spans=(), **more):
    """The due instant, or a case left out because the calendar ends first."""
    try:
        return due_us(start, limit, calendar=calendar, rule=rule, pauses=spans, **more)
    except OutsideCalendar:
        assume(False)
        raise


def day_of(calendar, end, rule) -> date:
    """The last day of a period that ends at an instant."""
    return date.fromordinal(last_ordinal(end, calendar, rule))


# -- a clerk who goes day by day -------------------------------------------------------------------------------------


class Clerk:
    """Days one by one: which are off, which lie in a recess."""

    def __init__(self, calendar: WorkCalendar, rule: CountingRule) -> None:
        self.calendar, self.rule = calendar, rule
        self.resting: set[date] = set()
        recess = rule.recess.spans if rule.recess else ()
        for low, high in (span.split("/") for span in recess):
            day, last = self._end(low), self._end(high)
            while day <= last:
                self.resting.add(day)
                day += timedelta(1)

    @staticmethod
    def _end(text: str) -> date:
        if text.startswith("easter"):
            return date(2026, 4, 5) + timedelta(int(text[6:] or 0))
        return date.fromisoformat(text if len(text) == 10 else f"2026-{text}")

    def off(self, day: date) -> bool:
        return not self.calendar.is_working_day(day)

    def first(self, day: date, minute: int) -> date:
        """The day that counts as that of the start."""
        cut, calendar = self.rule.cutoff, self.calendar
        if self.rule.first_day == "included" and self.rule.end_of_day == "close":  # nothing is received after the close
            ordinal = day.toordinal()
            if calendar.closing(ordinal) <= calendar.instant(ordinal, minute * MINUTE):
                day, minute = day + timedelta(1), 0
        if cut:
            hour = int(cut.at[:2]) * 60 + int(cut.at[3:])
            if self.off(day) or (minute >= hour if cut.inclusive else minute > hour):
                day += timedelta(1)
                while self.off(day):
                    day += timedelta(1)
        while self.rule.recess and self.rule.recess.first_day == "excluded" and day in self.resting:
            day += timedelta(1)
        return day

    def after(self, first: date, n: int, *, working: bool) -> date:
        """The day that is the n-th to count."""
        day = first if self.rule.first_day == "excluded" else first - timedelta(1)
        while n:
            day += timedelta(1)
            n -= day not in self.resting and not (working and self.off(day))
        return day

    def landed(self, day: date, first: date, n: int) -> date:
        """Where the end of a period of n days goes."""
        rule = self.rule
        if rule.last_day == "excluded":
            day += timedelta(1)
        if rule.scope is None or n <= rule.scope.days:
            while rule.roll == "forward" and self.off(day):
                day += timedelta(1)
            if rule.minimum and n >= rule.minimum.within:
                since = first + timedelta(rule.first_day == "excluded")
                held = sum(not self.off(since + timedelta(k)) for k in range((day - since).days + 1))
                while held < rule.minimum.working_days:
                    day += timedelta(1)
                    held += not self.off(day)
        while day in self.resting:
            while day in self.resting:
                day += timedelta(1)
            while rule.roll == "forward" and self.off(day):
                day += timedelta(1)
        return day

    def before(self, day: date, n: int, *, working: bool) -> date:
        """The day that is the n-th to count, going back."""
        if self.rule.first_day == "included":
            day += timedelta(1)
        while n:
            day -= timedelta(1)
            n -= day not in self.resting and not (working and self.off(day))
        return day


@given(calendars(), START, st.integers(1, 20), rules())
def test_days_end_where_a_clerk_ends(calendar, start, n, rule):
    """Recess, cut-off, clear day, roll, least working days, short periods: day by day."""
    end = due(calendar, us(calendar, start), TimeLimit(n, "days"), rule)
    clerk = Clerk(calendar, rule)
    try:
        first = clerk.first(FIRST + timedelta(start // DAY), start % DAY)
        last = clerk.landed(clerk.after(first, n, working=n <= rule.short), first, n)
    except OutsideCalendar:
        assume(False)
        raise
    assert last == day_of(calendar, end, rule)


@given(calendars(), START, st.integers(1, 6), rules(pause="days"))
def test_working_days_end_where_a_clerk_ends(calendar, start, n, rule):
    """Days of a recess are no working days, and what is received late is received on the next one."""
    end = due(calendar, us(calendar, start), TimeLimit(n, "working days"), rule)
    clerk = Clerk(calendar, rule)
    first = clerk.first(FIRST + timedelta(start // DAY), start % DAY)
    assume(rule.first_day == "excluded" or not clerk.off(first))
    assert clerk.after(first, n, working=True) == day_of(calendar, end, rule)


@given(calendars(), st.integers(60 * DAY, 110 * DAY), st.integers(1, 15), rules())
def test_days_counted_back_end_where_a_clerk_ends(calendar, start, n, rule):
    """Back day by day, over recesses, before clear day, roll and minimum."""
    rule = attrs.evolve(rule, backward_roll="none", backward_last_day="included", minimum=None)
    end = due(calendar, us(calendar, start), TimeLimit(n, "days"), rule, backward=True)
    clerk = Clerk(calendar, rule)
    day = FIRST + timedelta(start // DAY)
    assume(rule.first_day == "excluded" or n > rule.short or not clerk.off(day))
    assume(start % DAY or end < us(calendar, start))  # nothing of its own day lies before midnight
    assert clerk.before(day, n, working=n <= rule.short) == day_of(calendar, end, rule)


# -- laws ------------------------------------------------------------------------------------------------------------


@given(calendars(), START, limits(), rules(), pauses(0, 40 * DAY))
def test_the_counted_rows_sum_to_the_limit(calendar, start, limit, rule, gaps):
    """By any rule what a ledger counts is the budget of the limit; rows follow each other, and both languages tell them."""
    begin, gaps = us(calendar, start), [(us(calendar, low), us(calendar, high)) for low, high in gaps]
    end = due(calendar, begin, limit, rule, gaps)
    told = ledger_us(begin, limit, calendar=calendar, rule=rule, pauses=gaps)
    assert told.budget == told.counted
    assert calendar.moment(end) == told.due
    assert sorted(row.day for row in told.rows) == [row.day for row in told.rows]
    assert [move.high for move in told.moves[:-1]] == [move.low for move in told.moves[1:]]
    assert told.moves == () or told.moves[-1].high == told.last_day
    assert "due " in told.text()
    assert "hạn " in told.text("vi")


@given(calendars(), st.integers(60 * DAY, 110 * DAY), limits(), rules())
def test_the_counted_rows_of_a_period_counted_back_sum_to_the_limit(calendar, start, limit, rule):
    """From its end, the earlier, to its start."""
    begin = us(calendar, start)
    end = due(calendar, begin, limit, rule, backward=True)
    told = ledger_us(begin, limit, calendar=calendar, rule=rule, backward=True)
    assert told.budget == told.counted
    assert calendar.moment(end) == told.due
    assert sorted(row.day for row in told.rows) == [row.day for row in told.rows]
    assert "at the latest" in told.text()
    assert "chậm nhất" in told.text("vi")


@given(calendars(), START, limits(), rules())
def test_what_has_elapsed_by_the_end_is_the_limit(calendar, start, limit, rule):
    """Wherever no convention moved the end; a short period is asked for in working days."""
    begin = us(calendar, start)
    assume(limit.then is None and not (limit.unit == "days" and limit.amount <= rule.short))
    end = due(calendar, begin, limit, rule)
    assume(not ledger_us(begin, limit, calendar=calendar, rule=rule).moves and end > begin)
    assert limit == elapsed_us(begin, end, limit.unit, calendar=calendar, rule=rule)


@given(calendars(), START, limits(), rules(), pauses(0, 40 * DAY), st.integers(0, 60 * DAY))
def test_consumed_and_remaining_are_the_budget(calendar, start, limit, rule, gaps, later):
    """At any instant; before the end no more than the budget has run, and it never runs back."""
    begin, gaps = us(calendar, start), [(us(calendar, low), us(calendar, high)) for low, high in gaps]
    end = due(calendar, begin, limit, rule, gaps)
    at = min(us(calendar, start + later), us(calendar, 119 * DAY))
    found = consumption_us(begin, limit, at, calendar=calendar, rule=rule, pauses=gaps)
    sooner = consumption_us(begin, limit, begin + (at - begin) // 2, calendar=calendar, rule=rule, pauses=gaps)
    assert found.budget == found.consumed + found.remaining
    assert 0 <= sooner.consumed <= found.consumed
    assert at > end or found.consumed <= found.budget


@given(calendars(), START, st.integers(0, 3000), limits(), rules(roll_hours="none"))
def test_a_later_start_never_ends_earlier(calendar, start, later, limit, rule):
    """Ends keep the order of their starts, but for hours that roll to the same time."""
    assert due(calendar, us(calendar, start), limit, rule) <= due(calendar, us(calendar, start + later), limit, rule)


@given(calendars(), START, limits(), rules(), pauses(0, 40 * DAY))
def test_no_period_ends_within_a_recess_or_a_pause(calendar, start, limit, rule, gaps):
    """However often the end has to be moved; and a pause never makes it earlier, but that of hours that roll."""
    begin, gaps = us(calendar, start), [(us(calendar, low), us(calendar, high)) for low, high in gaps]
    end = due(calendar, begin, limit, rule, gaps)
    assert not [gap for gap in union(gaps, begin) if gap[0] < end < gap[1]]
    same_time = limit.unit == "hours" and rule.roll_hours != "none"  # rolled to the same time, the earlier may end later
    assert same_time or due(calendar, begin, limit, rule) <= end
    if limit.unit in (*CALENDAR, "working days") and (rule.first_day == "excluded" or limit.unit in CALENDAR):
        assert day_of(calendar, end, rule) not in Clerk(calendar, rule).resting


@given(calendars(), st.integers(40 * DAY, 110 * DAY), limits(), rules(roll_hours="none"))
def test_the_latest_start_is_the_last_that_ends_in_time(calendar, by, limit, rule):
    """It ends by then, and an instant later would not; hours that roll to the same time do not keep the order of starts."""
    last = us(calendar, by)
    try:
        start = latest_start_us(last, limit, calendar=calendar, rule=rule)
        after = due_us(start + 1, limit, calendar=calendar, rule=rule)
    except OutsideCalendar:
        assume(False)
        raise
    assert due_us(start, limit, calendar=calendar, rule=rule) <= last < after


@given(calendars(), st.integers(0, 60 * DAY), limits(CALENDAR), rules())
def test_a_minimum_is_held(calendar, start, limit, rule):
    """So many working days lie within the period, where the law is for it and it is long enough."""
    rule = attrs.evolve(rule, minimum=Minimum(2, 2), cutoff=None, recess=None)
    assume((rule.scope is None or rule.scope.holds(limit)) and (limit.unit != "days" or limit.amount > 1))
    begin = us(calendar, start)
    last = day_of(calendar, due(calendar, begin, limit, rule), rule)
    first = FIRST + timedelta(start // DAY) - timedelta(rule.first_day == "included")
    assume(first >= FIRST)
    assert calendar.count_working_days(first, last) >= 2


@given(calendars(), START, limits(), st.booleans())
def test_a_rule_of_no_rare_convention_is_not_changed_by_the_branch(calendar, start, limit, included):
    """A recess that never comes leaves every end where it is."""
    plain = attrs.evolve(CountingRule.named("vn-civil-2015"), first_day="included" if included else "excluded")
    never = attrs.evolve(plain, recess=Recess(("1999-01-01/1999-01-02",)))
    begin = us(calendar, start)
    assert due(calendar, begin, limit, plain) == due(calendar, begin, limit, never)
    told = ledger_us(begin, limit, calendar=calendar, rule=never)
    assert ledger_us(begin, limit, calendar=calendar, rule=plain).rows == told.rows


@pytest.mark.parametrize(("unit", "amount"), [("same day", 1)])
def test_what_cannot_be_counted_back_is_refused(unit, amount):
    """A same-day limit; and any with pauses."""
    calendar = WorkCalendar.load("VN")
    rule, start = CountingRule.named("vn-one-stop"), calendar.instant(date(2026, 3, 2).toordinal(), 0)
    with pytest.raises(ValueError, match="is not counted back"):
        due_us(start, TimeLimit(amount, unit), calendar=calendar, rule=rule, backward=True)
    with pytest.raises(ValueError, match="is not counted back"):
        due_us(start, TimeLimit(3, "days"), calendar=calendar, rule=rule, pauses=[(start, start + 1)], backward=True)


def test_elapsed_working_days_with_a_shift_past_midnight():
    """By the Civil Code a day is over at 24:00, though its last shift goes on: the limit has elapsed then, not a shift later."""
    calendar = WorkCalendar.from_dates(zone="Asia/Ho_Chi_Minh", week={"mon-fri": "20:00-04:00"}, first=FIRST, last=LAST)
    rule, limit = CountingRule.named("vn-civil-2015"), TimeLimit(3, "working days")
    start = calendar.instant(date(2026, 3, 2).toordinal(), 21 * 60 * MINUTE)
    end = due_us(start, limit, calendar=calendar, rule=rule)
    assert limit == elapsed_us(start, end, limit.unit, calendar=calendar, rule=rule)
    assert TimeLimit(2, limit.unit) == elapsed_us(start, end - 1, limit.unit, calendar=calendar, rule=rule)
    told = ledger_us(start, limit, calendar=calendar, rule=rule)
    assert told.budget == told.counted
