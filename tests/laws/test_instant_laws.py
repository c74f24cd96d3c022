"""Laws of instants and wall times, in any zone, beside the standard library's zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from qms.instants import DAY, EPOCH, Zone

ZONES = (
    "Asia/Ho_Chi_Minh",
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Africa/Casablanca",  # changes for Ramadan
    "Pacific/Apia",  # had no 30 December 2011
    "America/Caracas",  # changed by half an hour, at 03:00
    "Asia/Pyongyang",
)
US = timedelta(microseconds=1)
zones = st.sampled_from(ZONES)
START = datetime(1970, 1, 1, tzinfo=UTC)


@st.composite
def walls(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and a wall time from 1960 to 2120 (1976, where no clock has changed since), often close to a change."""
    name = draw(zones)
    changes = Zone.named(name).changes
    near = st.sampled_from(changes).flatmap(lambda us: st.integers(us - DAY, us + DAY))
    since = -10 * 366 * DAY if len(changes) > 1 else changes[0] + DAY  # rule 3 of `qms.instants`
    us = draw(st.one_of(near, st.integers(since, 150 * 365 * DAY)).filter(lambda us: us >= since))
    return name, datetime(1970, 1, 1) + us * US


@given(walls())
def test_a_wall_time_is_the_first_instant_that_shows_it(drawn):
    """The first of two; in a gap, what the clocks before it would have shown: as the standard library reads fold 0."""
    name, wall = drawn
    expected = (wall.replace(tzinfo=ZoneInfo(name)).astimezone(UTC) - START) // US
    midnight = datetime(wall.year, wall.month, wall.day)
    assert expected == Zone.named(name).instant(wall.toordinal(), (wall - midnight) // US)


@given(walls())
def test_an_instant_shows_the_same_in_every_library(drawn):
    """The moment, its wall time, and which of two it is."""
    name, wall = drawn
    us = (wall - datetime(1970, 1, 1)) // US
    zone, expected = Zone.named(name), (START + us * US).astimezone(ZoneInfo(name))
    moment = zone.moment(us)
    assert (expected.replace(tzinfo=None), expected.fold) == (moment.naive(), moment.fold)
    midnight = datetime(expected.year, expected.month, expected.day)
    assert (expected.toordinal(), (expected.replace(tzinfo=None) - midnight) // US) == zone.local(us)


@given(zones, st.dates(date(1960, 1, 1), date(2115, 1, 1)), st.integers(0, 800))
def test_midnights_laid_out_together_are_those_of_each_day(name, first, more):
    """Across changes of the clocks, and where the tables of the zone end."""
    zone, low = Zone.named(name), first.toordinal()
    assert [zone.instant(day, 0) for day in range(low, low + more + 1)] == zone.midnights(low, low + more)


@given(zones, st.dates(date(1960, 1, 1), date(2115, 1, 1)), st.integers(0, DAY - 1))
def test_days_not_to_be_looked_at_closely_are_plain(name, day, time):
    """On them a time of the day lies as far from midnight as it says, and clocks show it once."""
    zone, ordinal = Zone.named(name), day.toordinal()
    if not zone.closely(ordinal, ordinal + 1):
        us = zone.instant(ordinal, time)
        assert time == us - zone.instant(ordinal, 0)
        assert (ordinal, time) == zone.local(us)
        assert 0 == zone.moment(us).fold
    assert ordinal - EPOCH == (day - date(1970, 1, 1)).days
