"""Calendars at their bounds: the first opening, the last minute of a shift, files upon files, and what is left out of a tree."""

from __future__ import annotations

from datetime import date

import attrs
import pendulum
import pytest

from qms.calendar import Difference, Entry, WorkCalendar
from qms.entries import Parts, entry_tree, hours_text, is_path, parse_hours, read_layer
from qms.errors import InvalidInput, OutsideCalendar

WEEK = {"mon-fri": "08:00-12:00 13:00-17:00"}
HANOI = "Asia/Ho_Chi_Minh"


def make(**changes):
    """An office of 2026 in Hanoi, unless told otherwise."""
    given = {"zone": HANOI, "week": WEEK, "first": date(2026, 1, 1), "last": date(2026, 12, 31)} | changes
    return WorkCalendar.from_dates(**given)


OFFICE = make()


def at(text, zone=HANOI):
    """A moment in a zone."""
    return pendulum.from_format(text, "YYYY-MM-DD HH:mm", tz=zone)


def told(moment):
    """A moment in words."""
    return moment.format("MM-DD HH:mm")


# -- openings and closings ---------------------------------------------------------------------------------------------


def test_within_the_first_shift_of_all_the_office_is_open():
    """The next opening is now, the closing before it lies outside."""
    now = at("2026-01-01 09:00")
    assert ("01-01 09:00", "01-01 12:00") == (told(OFFICE.next_opening(now)), told(OFFICE.next_closing(now)))
    with pytest.raises(OutsideCalendar):
        OFFICE.previous_closing(now)


def test_after_the_first_shift_of_all_its_closing_is_the_latest():
    """At the closing itself, at lunch and in the second shift."""
    assert ["01-01 12:00"] * 3 == [
        told(OFFICE.previous_closing(at(f"2026-01-01 {time}"))) for time in ("12:00", "12:30", "14:00")
    ]


def test_an_office_that_never_opens_has_no_closing():
    """Neither before nor after a moment."""
    never = make(week={"mon": "08:00-12:00"}, first=date(2026, 1, 6), last=date(2026, 1, 10))
    for question in (never.previous_closing, never.next_closing, never.previous_opening, never.next_opening):
        with pytest.raises(OutsideCalendar):
            question(at("2026-01-07 09:00"))


def test_a_wall_time_that_does_not_exist_is_read_by_the_clocks_before():
    """02:30 of the night in which 02:00 is followed by 03:00 is 03:30: so it is on the next working day."""
    dutch = make(zone="Europe/Amsterdam", week={"mon-sun": "09:00-17:00"})
    missing = pendulum.DateTime(2026, 3, 29, 2, 30, tzinfo=dutch.tz)
    assert "03-30 03:30" == told(dutch.add_working_days(missing, 1))


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_a_day_outside_is_named_alone_and_an_answer_with_its_question():
    """What lies outside is the day asked about, or so many days from one that is covered."""
    with pytest.raises(OutsideCalendar, match=r"^2025-12-31 lies outside"):
        OFFICE.add_working_days(date(2025, 12, 31), 3)
    with pytest.raises(OutsideCalendar, match=r"^2027-01-01 lies outside"):
        OFFICE.add_working_days(date(2027, 1, 1), -3)
    with pytest.raises(OutsideCalendar, match=r"^2027-01-01 lies outside"):
        OFFICE.add_working_days(date(2027, 1, 1), 3)
    for day in (date(2026, 1, 1), date(2026, 12, 31)):
        with pytest.raises(OutsideCalendar, match=f"^500 working days from {day} lies outside"):
            OFFICE.add_working_days(day, 500)


@pytest.mark.parametrize("hours", ["24:00-06:00", "20:00-24:01", "20:00-24:30"])
def test_a_shift_begins_before_24_00_and_none_is_read_past_it(hours):
    """24:00 itself is an end."""
    assert ((20 * 3_600_000_000, 24 * 3_600_000_000),) == parse_hours("20:00-24:00")
    assert "20:00-24:00" == hours_text(parse_hours("20:00-24:00"))
    with pytest.raises(InvalidInput, match="is no shift"):
        parse_hours(hours)


@pytest.mark.parametrize(
    ("name", "path"), [("offices/hanoi", True), ("offices\\hanoi", True), ("hanoi.toml", True), ("VN", False)]
)
def test_a_name_with_a_folder_is_a_path(name, path):
    """With a suffix too; a bare word is shipped."""
    assert path == is_path(name)


def test_eight_layers_may_rest_on_a_calendar_and_no_ninth(tmp_path):
    """The ninth is taken for a circle."""
    (tmp_path / "c0.toml").write_text(
        'name = "c0"\nzone = "UTC"\nfirst = "2026-01-01"\nlast = "2026-12-31"\n[week]\nmon-fri = "08:00-12:00"'
    )
    for n in range(1, 10):
        (tmp_path / f"c{n}.toml").write_text(f'name = "c{n}"\nbase = "c{n - 1}.toml"\n')
    assert "c8" == WorkCalendar.load(tmp_path / "c8.toml").name
    with pytest.raises(InvalidInput, match="more than 8 calendars rest on each other"):
        WorkCalendar.load(tmp_path / "c9.toml")


# -- entries -----------------------------------------------------------------------------------------------------------


def test_a_reason_without_words_in_a_language_is_told_in_english():
    """Where it has English ones."""
    entry = Entry("tet", reason={"en": "New Year"})
    assert ("New Year", "tet") == (entry.text("vi"), Entry("tet", reason={"vi": "Tết"}).text("en"))


def test_what_is_empty_is_left_out_of_a_tree():
    """But the id; days that follow each other are one run, others stand alone."""
    days = tuple(pendulum.Date(2026, 3, day) for day in (2, 3, 4, 9, 11, 12))
    tree = {"id": "closed", "kind": "closure", "off": ["2026-03-02/2026-03-04", "2026-03-09", "2026-03-11/2026-03-12"]}
    assert tree == entry_tree(Entry("closed", off=days, kind="closure"))
    assert {"id": "", "kind": "holiday"} == entry_tree(Entry(""))


def test_an_afternoon_is_shorter_than_a_day():
    """Though it ends later than any day of the week."""
    calendar = make(week={"mon-fri": "08:00-16:00"}, working={date(2026, 3, 7): "13:00-17:00", date(2026, 3, 8): "13:00-21:00"})
    assert [True, False] == [calendar.explain(date(2026, 3, day)).short for day in (7, 8)]


def test_a_swap_cut_at_an_end_is_a_swap_while_it_has_both_sides():
    """Of two days off and two worked the first of each are left; of one side alone nothing is exchanged."""
    off, working = [date(2026, 3, 2), date(2026, 3, 9)], [date(2026, 3, 7), date(2026, 3, 14)]
    entry = {"id": "swap", "kind": "swap", "off": [str(day) for day in off], "working": [str(day) for day in working]}
    tree = {"name": "base", "zone": HANOI, "first": "2026-01-01", "last": "2026-12-31", "week": WEEK, "entries": [entry]}
    base = WorkCalendar.from_tree(tree)
    for last, kind in (("2026-03-08", "swap"), ("2026-03-05", "holiday")):
        assert kind == WorkCalendar.from_tree(_layer(base, last)).entries[0].kind


def _layer(base, last):
    """*base* as a table whose last day is cut."""
    parts = Parts(*(getattr(base, part.name) for part in attrs.fields(Parts)))
    cut = read_layer({"name": "cut", "last": last}, "", parts)
    return WorkCalendar(**attrs.asdict(cut, recurse=False)).to_tree()


def test_the_faults_of_a_layer_are_told_with_that_of_its_zone(tmp_path):
    """All at once, each with its place in the file."""
    path = tmp_path / "office.toml"
    path.write_text('name = "office"\nbase = "VN"\nzone = "Asia/Hanoi"\nwithout = ["none"]\n')
    with pytest.raises(InvalidInput) as error:
        WorkCalendar.load(path)
    assert [f"{path}: zone", f"{path}: without[0]"] == [problem.where for problem in error.value.problems]


def test_a_calendar_without_dated_decisions_was_never_published():
    """None is the latest of none."""
    assert None is OFFICE.published_at


def test_a_calendar_shows_its_name_its_days_and_its_version():
    """Twelve digits of the version."""
    assert f"<WorkCalendar office 2026-01-01..2026-12-31 {OFFICE.version[:12]}>" == repr(OFFICE)


@pytest.mark.parametrize("place", range(4))
def test_any_part_makes_a_difference(place):
    """Days, entries that are new or gone, and other facts."""
    parts: list[tuple[object, ...]] = [(), (), (), ()]
    assert not Difference(*parts)
    parts[place] = (Entry("tet"),) if place in (1, 2) else ("zone",)
    assert Difference(*parts)
