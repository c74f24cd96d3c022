"""Laws of layers and of what differs between calendars, over random calendars in random zones."""

from __future__ import annotations

from datetime import date, timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from pendulum import Date

from qms.calendar import Entry, WorkCalendar
from qms.testing.dates import calendars

FIRST, DAYS = date(2026, 1, 1), 120
days = st.integers(0, DAYS - 1).map(lambda n: Date.fromordinal(FIRST.toordinal() + n))
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
rows = st.dictionaries(st.sampled_from(WEEKDAYS), st.sampled_from(["", "08:00-12:00", "07:30-11:30 13:00-17:00"]))


def all_days(calendar: WorkCalendar) -> list[date]:
    """Every day of the coverage."""
    return [calendar.first + timedelta(n) for n in range((calendar.last - calendar.first).days + 1)]


@st.composite
def layers(draw: st.DrawFn) -> list[Entry]:
    """Entries of a layer: each of some days off, or worked with hours of its own."""
    chosen = draw(st.lists(days, unique=True, max_size=8))
    cut = draw(st.integers(0, len(chosen)))
    off = [Entry(f"top-{day}", off=(day,), kind="closure") for day in chosen[:cut]]
    return off + [Entry(f"top-{day}", working=(day,), hours="08:00-12:00") for day in chosen[cut:]]


@given(calendars(), layers())
def test_on_its_days_a_layer_decides_and_nowhere_else(calendar, entries):
    """There `explain` names it; all other days are explained as before."""
    on_top = calendar.with_layer("top", entries=entries)
    own = {day: entry.id for entry in entries for day in (*entry.off, *entry.working)}
    for day in all_days(calendar):
        found = on_top.explain(day)
        if day in own:
            assert (own[day], "top") == (found.entry.id, found.layer)
        else:
            assert calendar.explain(day) == found


@given(calendars(), layers())
def test_a_layer_taken_off_leaves_what_was_below(calendar, entries):
    """Without its entries the calendar is the one before, version and all."""
    on_top = calendar.with_layer(calendar.name, entries=[evolve(entry, layer="top") for entry in entries])
    assert calendar == on_top.without(*(entry.id for entry in entries))


@given(calendars(zones=("Asia/Ho_Chi_Minh", "Europe/Amsterdam")), rows)
def test_a_row_of_a_layer_decides_its_weekday(calendar, week):
    """A weekday without an entry has the hours of the row, and the layer is named; other weekdays are as they were."""
    on_top = calendar.with_layer("top", week=week)
    usual = {name: {on_top.explain(day).hours for day in plain(on_top, name)} for name in week}
    assert {name: {hours} for name, hours in week.items() if plain(on_top, name)} == {
        name: found for name, found in usual.items() if found
    }
    for day in all_days(calendar):
        if WEEKDAYS[day.weekday()] in week and on_top.explain(day).entry is None:
            assert "top" == on_top.explain(day).layer
        elif on_top.explain(day).entry is None:
            assert (calendar.explain(day).hours, "") == (on_top.explain(day).hours, on_top.explain(day).layer)


def plain(calendar: WorkCalendar, weekday: str) -> list[date]:
    """The days of a weekday of which no entry speaks."""
    return [day for day in all_days(calendar) if WEEKDAYS[day.weekday()] == weekday and calendar.explain(day).entry is None]


@given(calendars(), layers())
def test_a_difference_is_the_days_that_are_told_otherwise(calendar, entries):
    """Each of them, no other, and the same days the other way round."""
    other = calendar.with_layer("top", entries=entries)
    found = calendar.diff(other)
    otherwise = [
        day
        for day in all_days(calendar)
        if (calendar.explain(day).kind, calendar.explain(day).hours) != (other.explain(day).kind, other.explain(day).hours)
    ]
    assert otherwise == [change.date for change in found.days] == [change.date for change in other.diff(calendar).days]
    assert {entry.id for entry in entries} == {entry.id for entry in found.added}
    assert all(change.entry is not None and change.entry.id.startswith("top-") for change in found.days)


@given(calendars(), calendars())
def test_where_nothing_differs_the_answers_are_the_same(one, two):
    """Two calendars without a difference have one version, and those of one version no difference."""
    two = evolve(two, name=one.name)
    assert (one == two) == (not one.diff(two))


@given(calendars(), days, days)
def test_working_days_listed_are_those_that_are_asked_for_one_by_one(calendar, low, high):
    """Both ends included, in order."""
    listed = [day for day in all_days(calendar) if low <= day <= high and calendar.is_working_day(day)]
    assert listed == list(calendar.working_days(low, high))


@given(calendars(), st.lists(days, unique=True, max_size=4))
def test_a_layered_calendar_is_what_its_tree_says(calendar, off):
    """Written out and read again it is equal, days and layers too."""
    on_top = calendar.with_layer("top", entries=[Entry("x", off=tuple(off))], week={"sat": "07:30-11:30"})
    again = WorkCalendar.from_tree(on_top.to_tree())
    assert on_top == again
    assert [on_top.explain(day) for day in all_days(on_top)] == [again.explain(day) for day in all_days(again)]
