"""Calendars where clocks change, where the night is worked, where the week ends otherwise, and where nothing ever closes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pendulum
import pytest

from qms.calendar import Entry, WorkCalendar
from qms.errors import InvalidInput

NIGHTS = {"mon-sun": "22:00-06:00"}
ROUND = {"mon-sun": "00:00-24:00"}
HOUR = timedelta(hours=1)


def make(zone, week, year=2026, **options):
    """A calendar of one year in a zone."""
    return WorkCalendar.from_dates(zone=zone, week=week, first=date(year, 1, 1), last=date(year, 12, 31), **options)


def at(text, zone):
    """A moment of the wall in a zone; of two the first."""
    return pendulum.instance(datetime.fromisoformat(text), tz=zone).replace(fold=0)


def worked(calendar, low, high):
    """The hours worked between two wall times of the calendar's zone."""
    return calendar.working_time(at(low, calendar.zone), at(high, calendar.zone)) / HOUR


# Each row: a zone, the day after the night in which its clocks change, and the hours of that day and of that night.
CHANGES = [
    ("Europe/Paris", "2026-03-29", 23, 7),
    ("Europe/Paris", "2026-10-25", 25, 9),
    ("America/New_York", "2026-03-08", 23, 7),
    ("America/New_York", "2026-11-01", 25, 9),
    ("Australia/Lord_Howe", "2026-10-04", 23.5, 7.5),
    ("Australia/Lord_Howe", "2026-04-05", 24.5, 8.5),
    ("America/Havana", "2026-03-08", 23, 7),  # midnight itself is skipped
    ("America/Havana", "2026-11-01", 25, 9),
    ("Asia/Beirut", "2026-03-29", 23, 7),
    ("Africa/Cairo", "2026-04-24", 23, 7),
    ("America/Santiago", "2026-09-06", 23, 7),
    ("Asia/Ho_Chi_Minh", "2026-03-29", 24, 8),
]


@pytest.mark.parametrize(("zone", "day", "hours", "night"), CHANGES)
def test_a_day_round_the_clock_has_its_hours(zone, day, hours, night):
    """23, 25, 23.5 and 24.5 hours, also where the change is at midnight."""
    calendar, on = make(zone, ROUND), date.fromisoformat(day)
    start, end = (calendar.moment(calendar.instant(on.toordinal() + n, 0)) for n in (0, 1))
    assert hours == calendar.working_time(start, end) / HOUR
    assert 1 == len(calendar.open_periods(start, end))
    assert end == calendar.add_working_time(start, hours * HOUR)
    assert start == calendar.add_working_time(end, -hours * HOUR)


@pytest.mark.parametrize(("zone", "day", "hours", "night"), CHANGES)
def test_a_night_over_a_change_has_its_hours(zone, day, hours, night):
    """From 22:00 to 06:00 by the clocks on the wall, which is an hour less or more by the sun."""
    calendar, on = make(zone, NIGHTS), date.fromisoformat(day)
    start, end = (calendar.moment(calendar.instant(on.toordinal() - 1 + n, 14 * 3_600_000_000)) for n in (0, 1))
    assert night == calendar.working_time(start, end) / HOUR
    assert ("22:00", "06:00") == (
        calendar.next_opening(start).format("HH:mm"),
        calendar.next_closing(start).format("HH:mm"),
    )
    assert calendar.next_closing(start) == calendar.add_working_time(start, night * HOUR)


def test_a_fold_is_worked_twice():
    """Open from 01:00 to 03:00, the hour from two to three is there twice; a moment in either is told by its fold."""
    calendar = make("Europe/Paris", {"sun": "01:00-03:00"})
    first, second = (pendulum.DateTime(2026, 10, 25, 2, 30, tzinfo=calendar.tz, fold=fold) for fold in (0, 1))
    assert 3 == worked(calendar, "2026-10-25 00:00", "2026-10-25 12:00")
    assert HOUR == calendar.working_time(first, second)
    assert (second.isoformat(), 1) == (
        calendar.add_working_time(first, HOUR).isoformat(),
        calendar.add_working_time(first, HOUR).fold,
    )
    assert "2026-10-25T03:00:00+01:00" == calendar.next_closing(second).isoformat()


def test_a_shift_that_ends_in_a_gap_ends_where_the_clocks_jump():
    """02:30 is not on that morning: the shift to it ends half an hour after the jump, as clocks left alone would show."""
    calendar = make("Europe/Paris", {"sun": "00:00-02:30"})
    assert 2.5 == worked(calendar, "2026-03-29 00:00", "2026-03-29 12:00")
    assert "2026-03-29T03:30:00+02:00" == calendar.next_closing(at("2026-03-29 00:00", "Europe/Paris")).isoformat()


def test_a_day_that_a_zone_skips_is_no_working_day_unless_said():
    """Samoa had no 30 December 2011: a calendar that works it every day is told so, and closes it."""
    with pytest.raises(InvalidInput, match="the shifts of 2011-12-30 end within those that begin on 2011-12-29"):
        make("Pacific/Apia", ROUND, 2011)
    calendar = make("Pacific/Apia", ROUND, 2011, off=[date(2011, 12, 30)])
    assert (
        24
        == calendar.working_time(datetime(2011, 12, 30, 10, tzinfo=UTC) - 24 * HOUR, datetime(2011, 12, 30, 10, tzinfo=UTC))
        / HOUR
    )
    assert date(2011, 12, 31) == calendar.add_working_days(date(2011, 12, 29), 1)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Ho_Chi_Minh", "Europe/Paris", "America/Havana"])
def test_nothing_closes_round_the_clock(zone):
    """Every instant of a year is open, none is a boundary, and working time is elapsed time."""
    calendar = make(zone, ROUND)
    low, high = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 12, 30, tzinfo=UTC)
    assert high - low == calendar.working_time(low, high)
    assert [(low, high)] == [(a, b) for a, b in calendar.open_periods(low, high)]
    assert [True] * 500 == [calendar.is_open(low + n * 17.3 * HOUR) for n in range(500)]
    assert 365 == len(calendar.working_days(date(2026, 1, 1), date(2026, 12, 31)))
    night = calendar.moment(calendar.instant(date(2026, 6, 2).toordinal(), 0))
    assert calendar.is_open(night)
    assert night == calendar.add_working_time(night - timedelta(minutes=1), timedelta(minutes=1))


def test_a_calendar_round_the_clock_closes_at_its_end_alone():
    """Its only closing is the end of what it covers."""
    calendar = make("UTC", ROUND)
    assert "2027-01-01T00:00:00+00:00" == calendar.next_closing(datetime(2026, 6, 1, tzinfo=UTC)).isoformat()
    assert "2026-01-01T00:00:00+00:00" == calendar.previous_opening(datetime(2026, 6, 1, tzinfo=UTC)).isoformat()


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-03-28 02:30", 1, "2026-03-29T03:30:00+02:00"),
        ("2026-03-27 02:30", 2, "2026-03-29T03:30:00+02:00"),
        ("2026-03-30 02:30", -1, "2026-03-29T03:30:00+02:00"),
        ("2026-03-28 02:30", 2, "2026-03-30T02:30:00+02:00"),
        ("2026-10-24 02:30", 1, "2026-10-25T02:30:00+02:00"),
        ("2026-10-26 02:30", -1, "2026-10-25T02:30:00+02:00"),
        ("2026-10-25 02:30", 1, "2026-10-26T02:30:00+01:00"),
        ("2026-10-25 02:30", 0, "2026-10-25T02:30:00+02:00"),
    ],
)
def test_working_days_added_lead_to_a_time_that_exists(start, n, expected):
    """Out of the gap, and to the first of two times, however many days lie between."""
    calendar = make("Europe/Paris", ROUND)
    assert expected == calendar.add_working_days(at(start, "Europe/Paris"), n).isoformat()
    assert expected == calendar.add_working_days(at(start, "Europe/Paris").in_timezone("UTC"), n).isoformat()


WEEKENDS = [
    ("Asia/Riyadh", {"sun-thu": "08:00-16:00"}, "2026-03-05", "2026-03-08"),  # Friday and Saturday
    ("Asia/Tehran", {"sat-wed": "08:00-16:00", "thu": "08:00-12:00"}, "2026-03-05", "2026-03-07"),  # Friday, half Thursday
    ("Asia/Kathmandu", {"sun-fri": "10:00-17:00"}, "2026-03-06", "2026-03-08"),  # Saturday
    ("Asia/Brunei", {"mon-thu,sat": "08:00-16:00"}, "2026-03-05", "2026-03-07"),  # Friday and Sunday, apart
    ("Asia/Dubai", {"mon-thu": "07:30-15:30", "fri": "07:30-12:00"}, "2026-03-06", "2026-03-09"),
    ("Asia/Ho_Chi_Minh", {"mon-fri": "07:30-17:00", "sat": "07:30-11:30"}, "2026-03-07", "2026-03-09"),
]


@pytest.mark.parametrize(("zone", "week", "day", "expected"), WEEKENDS)
def test_weeks_end_on_other_days(zone, week, day, expected):
    """The next working day is the next open weekday, whichever days are closed."""
    calendar, on = make(zone, week), date.fromisoformat(day)
    assert expected == str(calendar.add_working_days(on, 1))
    assert on == calendar.add_working_days(date.fromisoformat(expected), -1)
    closing = calendar.moment(calendar.closing(on.toordinal()))
    assert expected == str(calendar.next_opening(closing).date())
    assert (HOUR, expected) == (
        calendar.working_time(closing, calendar.add_working_time(closing, HOUR)),
        str(calendar.add_working_time(closing, HOUR).date()),
    )


def test_the_days_of_a_night_are_those_on_which_it_begins():
    """A night shift of Friday reaches into Saturday, which is no working day for it; its hours count all the same."""
    calendar = make("Asia/Ho_Chi_Minh", {"mon-fri": "22:00-06:00"})
    saturday = at("2026-03-07 03:00", calendar.zone)
    assert (False, True) == (calendar.is_working_day(saturday), calendar.is_open(saturday))
    assert 6 == worked(calendar, "2026-03-07 00:00", "2026-03-08 00:00")
    assert "2026-03-07T06:00:00+07:00" == calendar.moment(calendar.closing(date(2026, 3, 6).toordinal())).isoformat()


def test_a_night_off_ends_the_night_before_it_as_ever():
    """A feast closes the shift that begins on it, not the one that reaches into it."""
    calendar = make("Europe/Paris", NIGHTS, off=[date(2026, 12, 25)])
    assert 6 == worked(calendar, "2026-12-25 00:00", "2026-12-26 00:00")
    assert 2 == worked(calendar, "2026-12-26 00:00", "2026-12-27 00:00")


def test_hours_of_one_date_may_be_a_night():
    """A night of stock-taking, once, over the change of the clocks."""
    calendar = make("Europe/Paris", {"mon-fri": "09:00-17:00"}, working={date(2026, 3, 28): "20:00-04:00"})
    assert 7 == worked(calendar, "2026-03-28 00:00", "2026-03-30 00:00")


def test_input_in_any_zone_is_the_same_question():
    """One instant, five clocks, one answer, in the zone of the office."""
    calendar = make("Europe/Paris", {"mon-fri": "09:00-12:00 14:00-18:00"})
    start = datetime(2026, 3, 27, 16, 30, tzinfo=UTC)
    zones = ["UTC", "Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Apia", "Europe/Paris"]
    answers = [
        (
            calendar.add_working_time(pendulum.instance(start).in_timezone(zone), 2 * HOUR).isoformat(),
            calendar.add_working_days(pendulum.instance(start).in_timezone(zone), 1).isoformat(),
            calendar.next_closing(pendulum.instance(start).in_timezone(zone)).isoformat(),
        )
        for zone in zones
    ]
    assert [("2026-03-30T10:30:00+02:00", "2026-03-30T17:30:00+02:00", "2026-03-27T18:00:00+01:00")] * 5 == answers


def test_layers_keep_the_zone_and_may_change_it():
    """An office in another zone of the country has the holidays of the country and clocks of its own."""
    country = make("Europe/Moscow", {"mon-fri": "09:00-18:00"}, off=[date(2026, 3, 9)], name="RU")
    east = WorkCalendar.from_tree(country.to_tree() | {"name": "east", "zone": "Asia/Vladivostok"})
    closed = Entry("snow", off=(pendulum.Date(2026, 3, 10),), kind="closure")
    assert "2026-03-11T09:00:00+10:00" == (
        east.with_layer("port", entries=[closed]).next_opening(at("2026-03-07 12:00", "Europe/Moscow")).isoformat()
    )
