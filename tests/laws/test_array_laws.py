"""Laws of whole arrays: each element is what the scalar method answers, and what one refuses the other refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qms.arrays import Ladder
from qms.calendar import WorkCalendar
from qms.errors import OutsideCalendar

FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
WEEKS = (
    {"mon-fri": "07:30-11:30 13:00-17:00"},
    {"mon-sat": "22:00-06:00"},
    {"mon-sun": "00:00-24:00"},
    {"sun-thu": "08:00-12:00", "sat": "01:30-02:30 02:45-05:00"},
    {"wed": "02:00-03:00"},
)
ZONES = ("Asia/Ho_Chi_Minh", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
US = timedelta(microseconds=1)
days = st.dates(FIRST, LAST)
edges = st.sampled_from([datetime(2024, 3, 31), datetime(2025, 3, 30), datetime(2025, 10, 26), datetime(2024, 11, 3)])
walls = st.one_of(
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)),
    st.tuples(edges, st.integers(0, 4 * 3600)).map(lambda pair: pair[0] + timedelta(seconds=pair[1])),
)
spans = st.one_of(st.integers(-400, 400).map(lambda n: timedelta(minutes=15 * n)), st.timedeltas(-timedelta(90), timedelta(90)))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """Three years with some days off and some worked."""
    off = draw(st.sets(days, max_size=8))
    working = draw(st.sets(days, max_size=4)) - off
    week, zone = draw(st.sampled_from(WEEKS)), draw(st.sampled_from(ZONES))
    return WorkCalendar.from_dates(zone=zone, week=week, first=FIRST, last=LAST, off=off, working=working)


def answer(ask, *args):
    """The answer, or the words of the refusal after the element they name."""
    try:
        return ask(*args)
    except OutsideCalendar as error:
        return str(error)


def all_or_first(ask, elements):
    """What one by one gives: all answers, or the first refusal."""
    answers = [answer(ask, *each) for each in elements]
    return next((each for each in answers if isinstance(each, str)), answers)


def told(ask, *args, **options):
    """What the array gives: all answers, or its refusal without the place."""
    found = answer(lambda: ask(*args, **options).tolist())
    return found.partition("]: ")[2] if isinstance(found, str) else found


def plain(day: date) -> date:
    """A date that equals what numpy gives."""
    return date(day.year, day.month, day.day)


def utc(moment: datetime) -> datetime:
    """An instant as numpy tells it."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + (moment - datetime(1970, 1, 1, tzinfo=UTC))).replace(tzinfo=None)


@given(calendars(), st.lists(st.tuples(days, st.integers(-800, 800)), max_size=12))
def test_days_added_to_an_array_are_days_added_to_each(calendar, pairs):
    """With a number for each day, and with one for all."""
    each = [day for day, _ in pairs]
    numbers = np.array([n for _, n in pairs], dtype=np.int64)
    expected = all_or_first(lambda day, n: plain(calendar.add_working_days(day, n)), pairs)
    assert expected == told(calendar.add_working_days_many, np.array(each, dtype="datetime64[D]"), numbers)
    n = pairs[0][1] if pairs else 1
    expected = all_or_first(lambda day: plain(calendar.add_working_days(day, n)), [(day,) for day in each])
    assert expected == told(calendar.add_working_days_many, each, n)


@given(calendars(), st.lists(st.tuples(days, st.dates(FIRST - timedelta(1), LAST + timedelta(1))), max_size=12))
def test_days_counted_in_an_array_are_days_counted_in_each(calendar, pairs):
    """The working days of pairs, and of each whether it is one."""
    after, upto = (np.array(column, dtype="datetime64[D]") for column in zip(*pairs, strict=True)) if pairs else ([], [])
    assert all_or_first(calendar.count_working_days, pairs) == told(calendar.count_working_days_many, after, upto)
    assert all_or_first(calendar.is_working_day, [(b,) for _, b in pairs]) == told(calendar.is_working_day_many, upto)


@given(calendars(), st.lists(st.tuples(walls, spans), max_size=12))
def test_hours_added_to_an_array_are_hours_added_to_each(calendar, pairs):
    """In UTC and in wall time, around changes of the clocks too."""
    walls, many = [wall for wall, _ in pairs], np.array([span // US for _, span in pairs], dtype="timedelta64[us]")
    starts = [calendar.moment(calendar.instant(w.toordinal(), (w - datetime(w.year, w.month, w.day)) // US)) for w in walls]
    ends = all_or_first(calendar.add_working_time, [(start, span) for start, (_, span) in zip(starts, pairs, strict=True)])
    instants = np.array([utc(start) for start in starts], dtype="datetime64[us]")
    expected = ends if isinstance(ends, str) else [utc(end) for end in ends]
    assert expected == told(calendar.add_working_time_many, instants, many)
    assert expected == told(calendar.add_working_time_many, starts, many)
    shown = ends if isinstance(ends, str) else [end.naive() for end in ends]
    if not isinstance(shown, str):  # no time answers the wall time of the instant: one that never occurs is moved
        assert shown == told(calendar.add_working_time_many, np.array(walls, dtype="datetime64[us]"), many, local=True)


@given(calendars(), st.lists(st.tuples(walls, walls), max_size=12))
def test_working_time_in_an_array_is_that_between_each(calendar, pairs):
    """In wall time, the first of two and what clocks before a gap would have shown."""
    moments = [
        tuple(calendar.moment(calendar.instant(w.toordinal(), (w - datetime(w.year, w.month, w.day)) // US)) for w in pair)
        for pair in pairs
    ]
    low, high = (np.array(column, dtype="datetime64[us]") for column in zip(*pairs, strict=True)) if pairs else ([], [])
    expected = all_or_first(calendar.working_time, moments)
    assert expected == told(calendar.working_time_many, low, high, local=True)


@given(st.lists(st.integers(-50, 50), max_size=60).map(sorted), st.lists(st.integers(-50, 50), min_size=1), st.booleans())
def test_a_ladder_answers_what_searchsorted_answers(rungs, values, even):
    """Rungs far apart and close together, evenly and in one heap."""
    rungs = np.array(sorted(set(rungs)) if even else rungs, dtype=np.int64)
    ladder, values = Ladder(rungs, -50, 50), np.array(values, dtype=np.int64)
    assert np.searchsorted(rungs, values, side="right").tolist() == ladder.upto(values).tolist()
    assert np.searchsorted(rungs, values, side="left").tolist() == Ladder(rungs, -51, 50).below(values).tolist()
