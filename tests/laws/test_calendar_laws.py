"""Laws of working days and working time, on small random calendars, beside an oracle that counts minute by minute."""

from __future__ import annotations

from datetime import date, timedelta

import pendulum
from hypothesis import assume, given
from hypothesis import strategies as st

from clerk import DAY, FIRST, LAST, MINUTE, Clerk, calendars
from qms.calendar import Entry, WorkCalendar
from qms.errors import OutsideCalendar

MINUTES = ((LAST - FIRST).days + 1) * DAY
days = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + timedelta(n))
minutes = st.integers(0, MINUTES)
VN = WorkCalendar.load("VN")
vn_days = st.integers(0, 3651).map(lambda n: date(2018, 1, 1) + timedelta(n))


def us(calendar: WorkCalendar, minute: int) -> int:
    """The instant of a clerk's minute."""
    return calendar.instant(FIRST.toordinal(), 0) + minute * MINUTE


@given(calendars(), days, st.integers(-30, 30))
def test_working_days_are_those_a_clerk_counts(calendar, day, n):
    """The n-th working day is the one found by walking there, or lies outside for both."""
    clerk, start = Clerk(calendar), (day - FIRST).days
    try:
        expected = clerk.nth(start, n)
        assume(0 <= expected < clerk.days)
    except (IndexError, KeyError):
        assume(False)
    try:
        assert FIRST + timedelta(expected) == calendar.add_working_days(day, n)
    except OutsideCalendar:
        assert not 0 <= expected < clerk.days


@given(calendars(), minutes, minutes)
def test_working_time_is_what_a_clerk_counts(calendar, low, high):
    """The working time between two instants is the open minutes between them."""
    low, high = min(low, high), max(low, high)
    assert Clerk(calendar).worked(low, high) * MINUTE == calendar.work_before(us(calendar, high)) - calendar.work_before(
        us(calendar, low)
    )


@given(calendars(), minutes, minutes, minutes)
def test_working_time_adds_up(calendar, a, b, c):
    """Between a and c lies what lies between a and b and between b and c, in any order."""
    a, b, c = (calendar.moment(us(calendar, minute)) for minute in (a, b, c))
    assert calendar.working_time(a, c) == calendar.working_time(a, b) + calendar.working_time(b, c)


@given(calendars(), minutes, st.integers(1, 3_000))
def test_what_was_added_lies_between(calendar, start, work):
    """After adding working time, so much has been worked, and the instant is never one at which the office is closed before."""
    moment, span = calendar.moment(us(calendar, start)), timedelta(minutes=work)
    try:
        end = calendar.add_working_time(moment, span)
    except OutsideCalendar:
        assume(False)
    assert span == calendar.working_time(moment, end)
    assert calendar.is_open(end - timedelta(microseconds=1))


@given(calendars(), minutes, st.integers(1, 3_000), st.integers(1, 3_000))
def test_taking_away_undoes_adding(calendar, start, work, less):
    """Taking away leads to an open instant, and adding the same leads back to where the office was at work."""
    moment, span = calendar.moment(us(calendar, start)), timedelta(minutes=min(work, less))
    try:
        end = calendar.add_working_time(moment, timedelta(minutes=work))
    except OutsideCalendar:
        assume(False)
    back = calendar.add_working_time(end, -span)
    assert calendar.is_open(back)
    assert end == calendar.add_working_time(back, span)


@given(vn_days, st.integers(1, 200), st.integers(1, 200))
def test_adding_in_two_steps_is_adding_at_once(day, m, n):
    """Working days add up: m then n is m + n."""
    assume(day < date(2026, 1, 1))
    assert VN.add_working_days(day, m + n) == VN.add_working_days(VN.add_working_days(day, m), n)


@given(vn_days, st.integers(1, 300))
def test_counting_undoes_adding(day, n):
    """Between a day and its n-th working day lie n working days."""
    assume(day < date(2026, 1, 1))
    assert n == VN.count_working_days(day, VN.add_working_days(day, n))


@given(vn_days, vn_days)
def test_counting_backwards_is_negative(low, high):
    """Turned round, the count changes its sign."""
    assert VN.count_working_days(low, high) == -VN.count_working_days(high, low)


@given(vn_days, st.integers(0, 60), st.integers(0, 200))
def test_a_later_day_never_ends_earlier(day, later, n):
    """Adding keeps the order of days."""
    assume(day < date(2026, 1, 1))
    assert VN.add_working_days(day, n) <= VN.add_working_days(day + timedelta(later), n)


@given(calendars(), days, days, st.integers(1, 20))
def test_a_day_off_more_never_makes_an_end_earlier(calendar, off, day, n):
    """Closing one more day moves an end later or leaves it."""
    closed = calendar.with_layer("storm", entries=[Entry("storm", off=(calendar.explain(off).date,), kind="closure")])
    try:
        assert calendar.add_working_days(day, n) <= closed.add_working_days(day, n)
    except OutsideCalendar:
        assume(False)


@given(calendars())
def test_a_calendar_is_what_its_tree_says(calendar):
    """Written and read again it is equal, with the same version and the same answers."""
    again = WorkCalendar.from_tree(calendar.to_tree())
    assert calendar == again
    assert [str(calendar.explain(FIRST + timedelta(n))) for n in range(120)] == [
        str(again.explain(FIRST + timedelta(n))) for n in range(120)
    ]


@given(
    st.integers(0, 10**16),
    st.sampled_from(["Europe/Amsterdam", "America/Havana", "Africa/Casablanca", "Asia/Ho_Chi_Minh", "UTC"]),
)
def test_wall_time_leads_back_to_the_instant(instant, zone):
    """An instant is the one its wall time means, or the second time that wall time is shown."""
    calendar = WorkCalendar.from_dates(zone=zone, week={"mon": "08:00-12:00"}, first=FIRST, last=LAST)
    back = calendar.instant(*calendar.local(instant))
    assert back <= instant
    assert calendar.local(back) == calendar.local(instant)
    assert instant == calendar.us(calendar.moment(instant))


@given(
    st.integers(10**15, 4 * 10**15),
    st.sampled_from(["Europe/Amsterdam", "America/New_York", "Africa/Casablanca", "Asia/Ho_Chi_Minh"]),
)
def test_wall_time_is_what_pendulum_shows(instant, zone):
    """The moment of an instant reads as pendulum reads it, fold and all."""
    calendar = WorkCalendar.from_dates(zone=zone, week={"mon": "08:00-12:00"}, first=FIRST, last=LAST)
    whole = instant // 1_000_000
    expected, actual = pendulum.from_timestamp(whole, tz=zone), calendar.moment(whole * 1_000_000)
    assert (expected.isoformat(), expected.fold) == (actual.isoformat(), actual.fold)
