"""Whole arrays: what may be given, what is refused and where it stands; that each element is the scalar answer is a law."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, timedelta

import numpy as np
import pendulum
import pytest

from qms.calendar import WorkCalendar
from qms.errors import InvalidInput, OutsideCalendar

VN = WorkCalendar.load("VN")
PARIS = WorkCalendar.from_dates(
    zone="Europe/Paris", week={"mon-sun": "22:00-06:00"}, first=date(2025, 1, 1), last=date(2027, 12, 31)
)
NEVER = WorkCalendar.from_dates(zone="UTC", week={}, first=date(2026, 1, 1), last=date(2026, 12, 31))
DAYS = np.array(["2026-02-13", "2026-02-14", "2024-04-26", "2026-11-23"], dtype="datetime64[D]")
HOUR = timedelta(hours=1)


def test_days_are_added_to_each_day():
    """Tet, the Saturday of Tet, a swap, and a day of an office: one number for all."""
    expected = np.array(["2026-02-23", "2026-02-23", "2024-05-02", "2026-11-25"], dtype="datetime64[D]")
    assert expected.tolist() == VN.add_working_days_many(DAYS, 1).tolist()


def test_each_day_may_have_its_number():
    """Back, none, and on: a number for each day; none answers the day itself, worked or not."""
    expected = [date(2026, 2, 12), date(2026, 2, 14), date(2024, 5, 4), date(2026, 11, 25)]
    assert expected == VN.add_working_days_many(DAYS, [-1, 0, 3, 1]).tolist()


def test_days_and_numbers_are_broadcast():
    """Two days and three numbers make six answers."""
    found = VN.add_working_days_many(DAYS[:2, None], np.array([1, 2, 3]))
    assert [[date(2026, 2, 23), date(2026, 2, 24), date(2026, 2, 25)]] * 2 == found.tolist()


def test_days_are_counted_pair_by_pair():
    """``(after, upto]``, negative when *upto* is the earlier, and one day against many."""
    upto = np.array(["2026-02-23", "2026-02-22", "2026-02-12"], dtype="datetime64[D]")
    assert [1, 0, -1] == VN.count_working_days_many(np.datetime64("2026-02-13"), upto).tolist()


def test_worked_and_not():
    """A Saturday that is made up is worked."""
    assert [True, False, True] == VN.is_working_day_many([date(2024, 5, 4), date(2024, 5, 5), date(2024, 5, 6)]).tolist()


def test_one_day_has_no_dimension():
    """A single day gives a single answer."""
    assert () == VN.add_working_days_many(np.datetime64("2026-02-13"), 1).shape
    assert date(2026, 2, 23) == VN.add_working_days_many(date(2026, 2, 13), 1).item()


def test_no_days_give_no_answers():
    """An empty column is no mistake, whatever its type."""
    assert [] == VN.add_working_days_many([], 15).tolist()
    assert [] == VN.count_working_days_many(DAYS[:0], DAYS[:0]).tolist()
    assert [] == VN.add_working_time_many(np.array([], dtype="datetime64[us]"), HOUR).tolist()


def test_a_midnight_is_a_day():
    """Columns that hold days as nanoseconds are read, whichever end comes first."""
    assert VN.is_working_day_many(DAYS).tolist() == VN.is_working_day_many(DAYS.astype("datetime64[ns]")).tolist()
    assert VN.is_working_day_many(DAYS).tolist() == VN.is_working_day_many(DAYS.astype(">M8[D]")).tolist()
    assert VN.is_working_day_many(DAYS)[::2].tolist() == VN.is_working_day_many(DAYS[::2]).tolist()


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (["2026-02-13"], "days: <U10 is no kind of day; give datetime64[D], or dates"),
        (np.array([20000]), "days: int64 is no kind of day; give datetime64[D], or dates"),
        (np.array(["2026-02"], dtype="datetime64[M]"), "days: datetime64[M] is no kind of day"),
        (np.array(["2026-02-13", "NaT"], dtype="datetime64[D]"), "days[1]: it is NaT"),
        (np.array(["2026-02-13", "2026-02-13T09"], dtype="datetime64[h]"), "days[1]: 2026-02-13T09 is a moment; give its day"),
        ([date(2026, 1, 5), datetime(2026, 1, 5, tzinfo=VN.tz)], "days[1]: datetime.datetime(2026, 1, 5"),
        ([date(2026, 1, 5), None], "days[1]: None is no day; give a date"),
    ],
)
def test_what_is_no_day_is_refused(days, said):
    """With the place of the first, and what to give."""
    with pytest.raises(InvalidInput) as caught:
        VN.is_working_day_many(days)
    assert said == str(caught.value)[: len(said)]


@pytest.mark.parametrize("year", [1960, 1970, 2020])
def test_no_date_is_refused_whatever_the_calendar_covers(year):
    """NaT is the least of all integers, which wraps around when a calendar begins after 1970."""
    calendar = WorkCalendar.from_dates(
        zone="UTC", week={"mon-sun": "00:00-24:00"}, first=date(year, 1, 1), last=date(year, 12, 31)
    )
    days = np.array([f"{year}-02-03", "NaT", "9999-12-31"], dtype="datetime64[D]")
    with pytest.raises(InvalidInput, match=r"^days\[1\]: it is NaT"):
        calendar.add_working_days_many(days, 1)


def test_a_day_outside_is_named_with_its_place():
    """The first of those outside, in any shape, in the words of the scalar question."""
    days = np.array([["2026-02-13", "2028-02-13"], ["2031-01-01", "2026-01-01"]], dtype="datetime64[D]")
    with pytest.raises(
        OutsideCalendar, match=r"^days\[0, 1\]: 2028-02-13 lies outside the calendar VN, which covers 2018-01-01"
    ):
        VN.is_working_day_many(days)
    with pytest.raises(OutsideCalendar, match=r"^upto\[1\]: 1999-01-01 lies outside"):
        VN.count_working_days_many(DAYS[:1], [date(2026, 1, 5), date(1999, 1, 1)])
    with pytest.raises(OutsideCalendar, match=r"^days\[0\]: day 1099512346939 lies outside"):
        VN.is_working_day_many(np.array([2**40], dtype="datetime64[D]"))


@pytest.mark.parametrize("n", [400, np.array([1, 400, 1, 2**62]), np.array([1, 400, 1, 2**63], dtype=np.uint64)])
def test_an_answer_outside_is_named_with_its_place(n):
    """The day lies within, its answer does not."""
    days = DAYS[[0, 3, 0, 0]]
    with pytest.raises(OutsideCalendar, match=r"^answer\[1\]: 400 working days from 2026-11-23 lies outside the calendar VN"):
        VN.add_working_days_many(days, n)
    with pytest.raises(OutsideCalendar, match=r"^answer\[2\]: -9999 working days from 2024-04-26 lies outside"):
        VN.add_working_days_many(DAYS, [1, -1, -9999, 1])


@pytest.mark.parametrize("n", [1.0, True, "1", [None]])
def test_only_whole_numbers_of_days(n):
    """What is no whole number is refused."""
    with pytest.raises(InvalidInput, match=r"^n: .* is no kind of whole number; give integers"):
        VN.add_working_days_many(DAYS, n)


def test_hours_are_added_in_utc():
    """Friday 16:30 and an hour, in UTC: numpy's moments have no zone."""
    moments = np.array(["2026-03-06T09:30", "2026-03-06T17:30"], dtype="datetime64[m]")
    assert [datetime(2026, 3, 9, 1), datetime(2026, 3, 9, 1, 30)] == VN.add_working_time_many(moments, HOUR).tolist()


def test_hours_are_added_on_the_clocks_of_the_office():
    """The same where the column holds what clocks showed."""
    moments = np.array(["2026-03-06T16:30", "2026-03-07T00:30"], dtype="datetime64[s]")
    found = VN.add_working_time_many(moments, HOUR, local=True)
    assert [datetime(2026, 3, 9, 8), datetime(2026, 3, 9, 8, 30)] == found.tolist()


def test_moments_with_a_zone_are_read_one_by_one():
    """They know their zone; the answer is UTC as ever."""
    moments = [pendulum.datetime(2026, 3, 6, 16, 30, tz="Asia/Ho_Chi_Minh"), pendulum.datetime(2026, 3, 6, 17, 30, tz="UTC")]
    spans = [HOUR, pendulum.duration(hours=1)]
    assert [datetime(2026, 3, 9, 1), datetime(2026, 3, 9, 1, 30)] == VN.add_working_time_many(moments, spans).tolist()
    assert datetime(2026, 3, 9, 1) == VN.add_working_time_many(moments[0], pendulum.duration(hours=1)).item()


def test_working_time_pair_by_pair():
    """Across Tet, and backwards."""
    starts = np.array(["2026-02-13T16:00", "2026-02-23T09:00"], dtype="datetime64[ns]")
    found = VN.working_time_many(starts, starts[::-1], local=True)
    assert np.dtype("timedelta64[us]") == found.dtype
    assert [timedelta(hours=2, minutes=30), timedelta(hours=-2, minutes=-30)] == found.tolist()


def test_none_forward_and_back_in_one_call():
    """No time answers the moment itself; back to a closing answers the later of the two instants, as one by one."""
    moments = np.array(["2026-03-07T12:00", "2026-03-09T08:00", "2026-03-09T08:00"], dtype="datetime64[us]")
    found = VN.add_working_time_many(moments, np.array([0, 30, -30], dtype="timedelta64[m]"), local=True)
    assert [datetime(2026, 3, 7, 12), datetime(2026, 3, 9, 8, 30), datetime(2026, 3, 9, 7, 30)] == found.tolist()


def test_a_night_of_seven_hours_and_one_of_nine():
    """Night shifts in Paris on the days on which clocks change, in wall time: 22:00 to 06:00 is 7 hours, then 9."""
    starts = np.array(["2026-03-28T22:00", "2026-10-24T22:00"], dtype="datetime64[us]")
    ends = np.array(["2026-03-29T06:00", "2026-10-25T06:00"], dtype="datetime64[us]")
    assert [timedelta(hours=7), timedelta(hours=9)] == PARIS.working_time_many(starts, ends, local=True).tolist()
    found = PARIS.add_working_time_many(starts, timedelta(hours=4, minutes=30), local=True)
    assert [datetime(2026, 3, 29, 3, 30), datetime(2026, 10, 25, 2, 30)] == found.tolist()


def test_wall_times_that_occur_twice_or_never():
    """The first of two; and what clocks before the gap would have shown."""
    twice, never = np.datetime64("2026-10-25T02:30", "us"), np.datetime64("2026-03-29T02:30", "us")
    assert timedelta(hours=2) == PARIS.working_time_many(twice, np.datetime64("2026-10-25T03:30"), local=True).item()
    assert timedelta(0) == PARIS.working_time_many(never, np.datetime64("2026-03-29T03:30"), local=True).item()


@pytest.mark.parametrize(
    ("moments", "spans", "said"),
    [
        (DAYS, HOUR, "moments: datetime64[D] is no kind of moment; give datetime64[us], or moments with a zone"),
        (np.array(["2026-01-05T09", "NaT"], dtype="datetime64[s]"), HOUR, "moments[1]: it is NaT"),
        (np.array([datetime(2026, 1, 5)], dtype=object), HOUR, "moments[0]: 2026-01-05T00:00:00 has no zone"),
        (
            np.array([1_767_600_000_000_000_001], dtype="datetime64[ns]"),
            HOUR,
            "moments[0]: 2026-01-05T08:00:00.000000001 is no",
        ),
        (DAYS.astype("datetime64[s]"), np.timedelta64("NaT", "s"), "durations[0]: it is NaT"),
        (DAYS.astype("datetime64[s]"), 3600, "durations: int64 is no kind of duration; give timedelta64[us], or timedeltas"),
        (DAYS.astype("datetime64[s]"), np.timedelta64(1, "M"), "durations: timedelta64[M] is no kind of duration"),
        (DAYS.astype("datetime64[s]"), ["1h"], "durations: <U2 is no kind of duration"),
        (DAYS.astype("datetime64[s]"), [HOUR, 1, HOUR, HOUR], "durations[1]: 1 is no duration; give a timedelta"),
    ],
)
def test_what_is_no_moment_or_duration_is_refused(moments, spans, said):
    """With the place of the first, and what to give."""
    with pytest.raises(InvalidInput) as caught:
        VN.add_working_time_many(moments, spans)
    assert said == str(caught.value)[: len(said)]


def test_a_moment_outside_is_named_with_its_place():
    """Among elements that need no hours too, and however far it lies."""
    moments = np.array(["2026-01-05T09", "2026-01-05T09", "2031-01-05T09"], dtype="datetime64[s]")
    with pytest.raises(OutsideCalendar, match=r"^moments\[2\]: 2031-01-05 lies outside the calendar VN"):
        VN.add_working_time_many(moments, [timedelta(0), HOUR, HOUR])
    with pytest.raises(OutsideCalendar, match=r"^ends\[0\]: "):
        VN.working_time_many(moments[0], np.datetime64(2**61, "s"))
    with pytest.raises(OutsideCalendar, match=r"^answer\[1\]: 2028-01-01 lies outside the calendar VN"):
        VN.add_working_time_many(moments[:2], np.array([1, 2**50], dtype="timedelta64[h]"))


def test_a_calendar_that_never_opens():
    """Nothing is worked, nothing can be added, and no time is the moment itself."""
    moment = np.datetime64("2026-06-01T09:00", "us")
    assert timedelta(0) == NEVER.working_time_many(moment, moment + np.timedelta64(1, "us")).item()
    assert moment == NEVER.add_working_time_many(moment, timedelta(0))
    assert date(2026, 6, 1) == NEVER.add_working_days_many(date(2026, 6, 1), 0).item()
    assert [date(2026, 6, 1)] == NEVER.add_working_days_many([date(2026, 6, 1)], [0]).tolist()
    with pytest.raises(OutsideCalendar):
        NEVER.add_working_time_many(moment, HOUR)
    with pytest.raises(OutsideCalendar):
        NEVER.add_working_days_many(date(2026, 6, 1), 1)


def test_without_numpy_it_is_said_what_to_install():
    """A calendar needs no numpy; its arrays do, and say so."""
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "from qms.calendar import WorkCalendar\n"
        "try: WorkCalendar.load('VN').is_working_day_many([])\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "whole arrays need numpy: pip install 'qms[fast]'\n" == said
