"""WorkCalendar at its edges: files, layers, what was known when, openings and closings, zones, and every refusal."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pendulum
import pytest

from qms import codec
from qms.calendar import Day, Entry, WorkCalendar, to_us
from qms.errors import InvalidInput, NotFound, OutsideCalendar

VN = WorkCalendar.load("VN")
WEEK = {"mon-fri": "08:00-12:00 13:00-17:00"}


def make(**changes):
    """A small calendar of 2026, in Amsterdam unless told otherwise."""
    given = {"zone": "Europe/Amsterdam", "week": WEEK, "first": date(2026, 1, 1), "last": date(2026, 12, 31)} | changes
    return WorkCalendar.from_dates(**given)


def at(text, zone="Asia/Ho_Chi_Minh"):
    """A moment in a zone."""
    return pendulum.from_format(text, "YYYY-MM-DD HH:mm", tz=zone)


def problems(error):
    """What a refusal says, by place."""
    return {problem.where: problem.message for problem in error.value.problems}


# -- the calendar of Vietnam ---------------------------------------------------------------------------------------


def test_the_shipped_calendar_says_what_it_is():
    """Its zone, its customary rule and what it covers."""
    assert ("VN", "Asia/Ho_Chi_Minh", "vn-one-stop") == (VN.name, VN.zone, VN.customary_rule)
    assert (date(2018, 1, 1), date(2027, 12, 31)) == (VN.first, VN.last)
    assert "VN 2018-01-01..2027-12-31" in repr(VN)
    assert date(2026, 1, 7) == VN.published_at


def test_every_entry_has_a_reason_in_two_languages_and_says_what_it_rests_on():
    """No entry without words, and none without a decision that is not called unverified."""
    assert not [entry.id for entry in VN.entries if not (entry.reason["vi"] and entry.reason["en"])]
    assert {"2450/VPCP-KGVX", "12729/VPCP-KGVX"} == {entry.decision for entry in VN.entries if entry.verified}
    assert not [entry.id for entry in VN.entries if not entry.verified and "unverified" not in entry.standing()]


def test_2027_and_culture_day_are_provisional():
    """A date that rests on them can say so."""
    ids = {entry.id for entry in VN.provisional(VN.first, VN.last)}
    assert {entry.id for entry in VN.entries if entry.id.endswith("2027")} | {"culture-day"} == ids
    assert date(2027, 1, 1) == VN.provisional_from


def test_entries_without_a_decision_are_unverified():
    """The swap of 2024 has its letter, the holidays beside it have none."""
    assert ["reunification-2024", "labour-2024"] == [e.id for e in VN.unverified(date(2024, 4, 29), date(2024, 5, 4))]
    assert () == VN.unverified(date(2024, 4, 19), date(2024, 4, 29))


@pytest.mark.parametrize(
    ("day", "kind", "entry", "hours"),
    [
        (date(2024, 4, 26), "working", None, "07:30-11:30 13:00-17:00"),
        (date(2024, 4, 27), "weekend", None, ""),
        (date(2024, 4, 29), "swapped_off", "swap-2024-04-29", ""),
        (date(2024, 4, 30), "holiday", "reunification-2024", ""),
        (date(2024, 5, 4), "make-up", "swap-2024-04-29", "07:30-11:30 13:00-17:00"),
    ],
)
def test_a_day_is_explained_by_the_entry_that_decided_it(day, kind, entry, hours):
    """Its kind, its hours, and the entry."""
    found = VN.explain(day)
    assert (day, kind, entry, hours) == (found.date, found.kind, found.entry.id if found.entry else None, found.hours)
    assert kind == VN.kind(day.toordinal())
    assert found.working == VN.is_working_day(day)


def test_a_day_is_explained_in_words():
    """In English and in Vietnamese, with the decision."""
    swapped = VN.explain(date(2024, 4, 29))
    assert (
        str(swapped) == "Mon 29/04/2024: day off, swapped, day off in exchange for 04/05/2024 [swap-2024-04-29: 2450/VPCP-KGVX]"
    )
    assert "T2 29/04/2024: nghỉ hoán đổi" in swapped.text("vi")
    assert VN.explain(date(2024, 4, 26)).text("vi") == "T6 26/04/2024: ngày làm việc, 07:30-11:30 13:00-17:00"


def test_a_year_is_all_its_days():
    """366 days in a leap year; the part that is covered at an end."""
    assert (366, Day) == (len(VN.year(2024)), type(VN.year(2024)[0]))
    assert 31 == len(make(first=date(2026, 12, 1)).year(2026))
    with pytest.raises(OutsideCalendar, match="2017-01-01"):
        VN.year(2017)


def test_what_was_known_then():
    """Before the letter of 12/4/2024 the swap of 29/4 is not known; nor is Culture Day before January 2026."""
    then = WorkCalendar.load("VN", as_of=date(2024, 4, 11))
    assert then.is_working_day(date(2024, 4, 29))
    assert {"swap-2024-04-29", "swap-2026-01-02", "culture-day"} == {e.id for e in VN.entries} - {e.id for e in then.entries}


def test_an_entry_can_be_left_out_by_its_id():
    """An id that does not exist is refused."""
    assert WorkCalendar.load("VN", without=["culture-day"]).is_working_day(date(2026, 11, 24))
    with pytest.raises(InvalidInput, match="no entry culture"):
        WorkCalendar.load("VN", without=["culture"])


def test_a_calendar_that_is_not_shipped_names_those_that_are():
    """The message lists them."""
    with pytest.raises(NotFound, match="VN"):
        WorkCalendar.load("XX")


# -- making one ----------------------------------------------------------------------------------------------------


def test_a_calendar_is_loaded_from_a_file(tmp_path):
    """By its path, as text or as a Path."""
    path = tmp_path / "office.json"
    path.write_text(json.dumps(VN.to_tree()), encoding="utf-8")
    assert VN == WorkCalendar.load(path) == WorkCalendar.load(str(path))


def test_equal_calendars_have_one_version_and_one_hash():
    """And a calendar is no other thing."""
    again = WorkCalendar.from_tree(VN.to_tree())
    assert (VN, VN.version, hash(VN)) == (again, codec.digest(VN.to_tree()), hash(again))
    assert VN != make()
    assert VN != "VN"


def test_old_names_of_zones_are_made_canonical():
    """Asia/Saigon is stored as Asia/Ho_Chi_Minh."""
    assert make(zone="Asia/Saigon").zone == "Asia/Ho_Chi_Minh"
    assert make(zone="Asia/Saigon").version == make(zone="Asia/Ho_Chi_Minh").version


def test_plain_dates_make_a_calendar():
    """Days off, days worked with hours of their own, weekdays by range, by list and around the week's end."""
    calendar = make(
        week={"mon,wed": "08:00-12:00", "sat-sun": "09:00-10:00"},
        off=[date(2026, 3, 4)],
        working={date(2026, 3, 5): "10:00-11:00", date(2026, 3, 6): ""},
        customary_rule="calendar-plain",
    )
    hours = [calendar.explain(date(2026, 3, day)).hours for day in range(2, 9)]
    assert ["08:00-12:00", "", "", "10:00-11:00", "08:00-12:00", "09:00-10:00", "09:00-10:00"] == hours
    assert calendar.customary_rule == "calendar-plain"


def test_a_worked_day_can_be_a_list_of_dates():
    """With the hours of its weekday, or of the first open one."""
    calendar = make(working=[date(2026, 3, 7)])
    assert ("make-up", "08:00-12:00 13:00-17:00") == (
        calendar.explain(date(2026, 3, 7)).kind,
        calendar.explain(date(2026, 3, 7)).hours,
    )


def test_a_calendar_without_a_week_works_round_the_clock_on_its_days():
    """Where no weekday is open, a worked day is open for 24 hours."""
    calendar = make(week={}, working=[date(2026, 3, 7)])
    assert timedelta(hours=24) == calendar.working_time(
        at("2026-01-01 00:00", "Europe/Amsterdam"), at("2026-12-31 00:00", "Europe/Amsterdam")
    )


def test_a_layer_on_top_decides():
    """A storm closes the office on a working day, and a later layer opens it again."""
    day = pendulum.Date(2026, 3, 4)
    storm = VN.with_layer("office", entries=[Entry("storm", off=(day,), kind="closure", reason={"en": "storm"})])
    again = storm.with_layer("counter", entries=[Entry("counter", working=(day,), hours="08:00-10:00")])
    assert ("closure", "storm", "office") == (
        storm.explain(day).kind,
        storm.explain(day).entry.id,
        storm.explain(day).entry.layer,
    )
    assert ("working", "08:00-10:00") == (again.explain(day).kind, again.explain(day).hours)
    assert storm.explain(day).entry.text("vi") == "storm"


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        ({"zone": "Asia/Nowhere"}, "zone", "'Asia/Nowhere' is no zone"),
        ({"first": "2026-13-01"}, "first", "is no date"),
        ({"first": "1 January"}, "first", "is no date"),
        ({"last": "2025-01-01"}, "last", "is before 2026-01-01"),
        ({"week": {"mon-xyz": "08:00-12:00"}}, "week.mon-xyz", "is no weekday or range"),
        ({"week": {"mon": "8-12"}}, "week.mon", "'8-12' is no shift; write it as 07:30-11:30"),
        ({"week": {"mon": "24:30-12:00"}}, "week.mon", "is no shift"),
        ({"week": {"mon": "08:00-12:00 11:00-13:00"}}, "week.mon", "begins before the shift before it ends"),
        ({"week": {"mon": "08:00-12:00", "mon-tue": "08:00-12:00"}}, "week.mon-tue", "mon stands in two rows"),
        ({"entries": [{"id": "a", "off": ["2026-03-04/2026-03-02"]}]}, "entries[0].off[0]", "ends before it begins"),
        ({"entries": [{"id": "a", "off": ["soon"]}]}, "entries[0].off[0]", "'soon' is no date"),
        ({"entries": [{"id": "a", "kind": "party"}]}, "entries[0].kind", "'party' is no kind of entry"),
        ({"entries": [{"id": "a", "kind": "swap", "off": ["2026-03-04"]}]}, "entries[0]", "a swap names the day off and"),
        ({"entries": [{"id": "a", "hours": "all day"}]}, "entries[0].hours", "'all' is no shift"),
        ({"entries": [{"id": "a", "decided_on": "soon"}]}, "entries[0].decided_on", "'soon' is no date"),
        ({"entries": [{"id": "a"}, {"id": "a"}]}, "entries[1].id", "is the id of another entry"),
        ({"entries": [{"id": "a", "off": ["2027-03-04"]}]}, "entries[0].off[0]", "2027-03-04 lies outside"),
        (
            {"entries": [{"id": "a", "off": ["2026-03-04"], "working": ["2026-03-04"]}]},
            "entries[0]",
            "2026-03-04 stands in a too",
        ),
        (
            {"entries": [{"id": "a", "off": ["2026-03-04"]}, {"id": "b", "working": ["2026-03-04"]}]},
            "entries[1]",
            "2026-03-04 stands in a too; keep one, or put this entry in a layer of its own",
        ),
        ({"provisional_from": "later"}, "provisional_from", "'later' is no date"),
        ({"week_layers": {"someday": "office"}}, "week_layers.someday", "'someday' is no weekday"),
        ({"week": {"mon": 8}}, "week.mon", "text is expected"),
        ({"colour": "red"}, "colour", "unknown key"),
    ],
)
def test_a_fault_of_a_file_is_told_with_its_path(change, where, message):
    """Each fault names where it stands and how to mend it."""
    tree = {"name": "x", "zone": "UTC", "first": "2026-01-01", "last": "2026-12-31", "week": WEEK} | change
    with pytest.raises(InvalidInput) as error:
        WorkCalendar.from_tree(tree)
    assert message in problems(error)[where]


def test_all_faults_of_a_file_are_told_at_once():
    """Not the first alone; and the name of the file stands before each."""
    tree = {"name": "x", "zone": "Nowhere", "first": "?", "last": "2026-12-31", "week": {"mon": "x", "xyz": "08:00-09:00"}}
    with pytest.raises(InvalidInput) as error:
        WorkCalendar.from_tree(tree, where="x.toml")
    assert {"x.toml: first", "x.toml: week.mon", "x.toml: week.xyz", "x.toml: zone"} == set(problems(error))


def test_a_date_cannot_be_off_and_working():
    """Plain dates are checked too."""
    with pytest.raises(InvalidInput, match="2026-03-04 is given as off and as working"):
        make(off=[date(2026, 3, 4)], working=[date(2026, 3, 4)])


# -- days ----------------------------------------------------------------------------------------------------------


def test_no_days_added_is_the_day_itself():
    """A day off too."""
    assert date(2024, 4, 27) == VN.add_working_days(date(2024, 4, 27), 0)


def test_working_days_are_counted_from_the_first_of_all():
    """None the day before it, one on it when it is worked, and not asked of any day earlier."""
    calendar, eve = make(), date(2025, 12, 31).toordinal()
    assert [0, 1, 2, 2] == [calendar.working_days_upto(eve + n) for n in range(4)]
    with pytest.raises(OutsideCalendar):
        calendar.working_days_upto(eve - 1)


def test_days_are_added_back_too():
    """The working day before Thursday 2/5/2024 is Friday 26/4."""
    assert date(2024, 4, 26) == VN.add_working_days(date(2024, 5, 2), -1)


OUTSIDE = [
    lambda: VN.add_working_days(date(2017, 12, 31), 1),
    lambda: VN.add_working_days(date(2028, 1, 1), 1),
    lambda: VN.add_working_days(date(2027, 12, 31), 1),
    lambda: VN.add_working_days(date(2018, 1, 2), -1),
    lambda: VN.add_working_days(date(2018, 1, 2), -400),
    lambda: VN.add_working_days(at("2027-12-31 09:00"), 1),
    lambda: VN.is_working_day(date(2028, 1, 1)),
    lambda: VN.explain(date(2028, 1, 1)),
    lambda: VN.kind(1),
    lambda: VN.kind(10_000_000),
    lambda: VN.kind(date(2028, 1, 1).toordinal()),
    lambda: VN.kind(date(2017, 12, 31).toordinal()),
    lambda: VN.closing(date(2028, 1, 1).toordinal()),
    lambda: VN.closing(date(2017, 12, 31).toordinal()),
    lambda: VN.work_through(date(2028, 1, 1).toordinal()),
    lambda: VN.working_days_upto(date(2017, 12, 30).toordinal()),
    lambda: VN.working_days(date(2017, 12, 31), date(2018, 1, 2)),
    lambda: VN.working_days(date(2027, 12, 31), date(2028, 1, 1)),
    lambda: VN.check(10_000_000),
    lambda: VN.closing(10_000_000),
    lambda: VN.count_working_days(date(2017, 1, 1), date(2018, 2, 1)),
    lambda: VN.count_working_days(date(2018, 1, 1), date(2028, 2, 1)),
    lambda: VN.working_days_upto(date(2028, 2, 1).toordinal()),
    lambda: VN.add_working_time(at("2028-01-03 08:00"), timedelta(hours=1)),
    lambda: VN.add_working_time(at("2027-12-31 16:00"), timedelta(hours=2)),
    lambda: VN.add_working_time(at("2018-01-02 08:00"), timedelta(hours=-2)),
    lambda: VN.working_time(at("2017-01-03 08:00"), at("2018-01-03 08:00")),
    lambda: VN.is_open(at("2028-01-03 08:00")),
    lambda: VN.next_opening(at("2027-12-31 18:00")),
    lambda: VN.next_closing(at("2027-12-31 18:00")),
    lambda: VN.previous_opening(at("2018-01-01 18:00")),
    lambda: VN.previous_closing(at("2018-01-01 18:00")),
    lambda: VN.open_periods(at("2018-01-01 18:00"), at("2028-01-01 18:00")),
]


@pytest.mark.parametrize("case", range(len(OUTSIDE)))
def test_outside_its_days_a_calendar_does_not_answer(case):
    """Every question about a day that is not covered is refused, with what is covered."""
    with pytest.raises(OutsideCalendar, match="lies outside the calendar VN, which covers 2018-01-01 to 2027-12-31"):
        OUTSIDE[case]()


@pytest.mark.parametrize(("day", "n"), [("2026-01-01", 1), (date(2026, 1, 1), 1.5), (date(2026, 1, 1), "1"), (None, 1)])
def test_days_are_added_to_dates_in_whole_numbers(day, n):
    """Anything else is refused."""
    with pytest.raises(InvalidInput, match="give a date and a whole number"):
        VN.add_working_days(day, n)


def test_a_moment_keeps_its_wall_time():
    """A moment in and a moment out, in the zone of the calendar, forwards and back."""
    start = at("2026-02-13 09:15")
    assert at("2026-02-23 09:15") == VN.add_working_days(start, 1)
    assert at("2026-02-12 09:15") == VN.add_working_days(start, -1)
    assert at("2026-02-23 09:15") == VN.add_working_days(start.in_timezone("UTC"), 1)
    assert "Asia/Ho_Chi_Minh" == VN.add_working_days(start.in_timezone("UTC"), 1).timezone_name


def test_wall_time_is_kept_when_the_clocks_change():
    """Friday 09:15 in winter is Monday 09:15 in summer."""
    start = at("2026-03-27 09:15", "Europe/Amsterdam")
    assert "2026-03-30T09:15:00+02:00" == make().add_working_days(start, 1).isoformat()


# -- hours ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "is_open", "next_opening", "next_closing", "previous_opening", "previous_closing"),
    [
        ("2026-03-04 07:00", False, "04 07:30", "04 11:30", "03 13:00", "03 17:00"),
        ("2026-03-04 07:30", True, "04 07:30", "04 11:30", "04 07:30", "03 17:00"),
        ("2026-03-04 09:00", True, "04 09:00", "04 11:30", "04 07:30", "03 17:00"),
        ("2026-03-04 11:30", False, "04 13:00", "04 17:00", "04 07:30", "04 11:30"),
        ("2026-03-04 12:00", False, "04 13:00", "04 17:00", "04 07:30", "04 11:30"),
        ("2026-03-04 17:00", False, "05 07:30", "05 11:30", "04 13:00", "04 17:00"),
        ("2026-03-08 12:00", False, "09 07:30", "09 11:30", "06 13:00", "06 17:00"),
    ],
)
def test_openings_and_closings(moment, is_open, next_opening, next_closing, previous_opening, previous_closing):
    """An opening is within, a closing is not."""
    now = at(moment)
    found = [
        ask(now).format("DD HH:mm") for ask in (VN.next_opening, VN.next_closing, VN.previous_opening, VN.previous_closing)
    ]
    assert [next_opening, next_closing, previous_opening, previous_closing] == found
    assert is_open == VN.is_open(now)


def test_before_the_first_opening_the_office_is_closed():
    """The first instant of a calendar is no opening."""
    assert not VN.is_open(at("2018-01-01 00:00"))
    assert at("2018-01-02 07:30") == VN.next_opening(at("2018-01-01 00:00"))
    assert at("2018-01-02 11:30") == VN.next_closing(at("2018-01-01 00:00"))


def test_open_periods_are_cut_at_both_ends():
    """From Friday morning to Monday noon."""
    found = VN.open_periods(at("2026-03-06 09:00"), at("2026-03-09 12:00"))
    expected = ["06 09:00 11:30", "06 13:00 17:00", "09 07:30 11:30"]
    assert expected == [f"{low.format('DD HH:mm')} {high.format('HH:mm')}" for low, high in found]


def test_no_period_is_open_within_a_weekend():
    """Nothing is answered, not an empty period."""
    assert () == VN.open_periods(at("2026-03-06 17:00"), at("2026-03-09 07:30"))


def test_the_last_night_of_a_calendar_is_covered():
    """A shift that begins on the last day ends the day after, and is counted."""
    nights = make(zone="UTC", week={"mon-sun": "22:00-06:00"}, last=date(2026, 1, 2))
    assert timedelta(hours=16) == nights.working_time(at("2026-01-01 00:00", "UTC"), at("2026-01-03 06:00", "UTC"))
    assert "22:00-06:00" == nights.explain(date(2026, 1, 1)).hours


def test_shifts_that_overlap_over_midnight_count_once():
    """A night shift and an early one."""
    both = make(zone="UTC", week={"mon": "22:00-06:00", "tue": "04:00-08:00"})
    assert timedelta(hours=10) == both.working_time(at("2026-03-02 00:00", "UTC"), at("2026-03-04 00:00", "UTC"))


def test_the_closing_of_a_day():
    """The end of its last shift; of a weekday off its usual closing; of another day off midnight."""
    close = [VN.moment(VN.closing(date(2026, 2, day).toordinal())) for day in (13, 14, 16)]
    assert [at("2026-02-13 17:00"), at("2026-02-15 00:00"), at("2026-02-16 17:00")] == close


def test_the_latest_of_two_instants_is_the_opening():
    """Taking away leads to an opening, adding to a closing."""
    assert at("2026-03-02 07:30") == VN.add_working_time(at("2026-03-02 08:30"), timedelta(hours=-1))
    assert at("2026-03-02 11:30") == VN.add_working_time(at("2026-03-02 10:30"), timedelta(hours=1))


def test_taking_away_reaches_the_first_opening_of_all():
    """And nothing before it."""
    assert at("2018-01-02 07:30") == VN.add_working_time(at("2018-01-02 08:30"), timedelta(hours=-1))
    with pytest.raises(OutsideCalendar):
        VN.add_working_time(at("2018-01-02 08:30"), timedelta(hours=-1, microseconds=-1))


def test_durations_of_pendulum_are_durations():
    """And texts are not."""
    assert at("2026-03-02 14:00") == VN.add_working_time(at("2026-03-02 10:30"), pendulum.duration(hours=2))
    with pytest.raises(InvalidInput, match="'2 hours' is no duration"):
        VN.add_working_time(at("2026-03-02 10:30"), "2 hours")


# -- zones ---------------------------------------------------------------------------------------------------------


def test_a_moment_without_a_zone_is_refused():
    """So is what is no moment."""
    with pytest.raises(InvalidInput, match="2026-03-02T09:00:00 has no zone"):
        VN.is_open(datetime(2026, 3, 2, 9))
    for odd in (date(2026, 3, 2), "2026-03-02", None):
        with pytest.raises(InvalidInput, match="is no moment"):
            to_us(odd)
        with pytest.raises(InvalidInput, match="is no moment"):
            VN.us(odd)


def test_instants_are_microseconds_since_1970():
    """With the offset taken off, and the microseconds kept."""
    assert 0 == to_us(datetime(1970, 1, 1, tzinfo=UTC))
    assert -1 == to_us(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
    assert to_us(at("2026-03-02 09:00")) == VN.us(at("2026-03-02 09:00")) == to_us(at("2026-03-02 02:00", "UTC"))


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        ((2026, 3, 29), 2.5, "2026-03-29T03:30:00+02:00"),
        ((2026, 10, 25), 2.5, "2026-10-25T02:30:00+02:00"),
        ((2026, 10, 25), 3.0, "2026-10-25T03:00:00+01:00"),
        ((2026, 3, 29), 3.0, "2026-03-29T03:00:00+02:00"),
    ],
)
def test_gaps_and_folds(day, time, expected):
    """A wall time that does not exist is as much later; one that occurs twice means the first."""
    calendar = make()
    us = calendar.instant(date(*day).toordinal(), int(time * 3600 * 1_000_000))
    assert expected == calendar.moment(us).isoformat()


def test_the_second_time_of_a_fold_says_so():
    """An hour later the same wall time is shown, with fold 1."""
    calendar = make()
    first = calendar.instant(date(2026, 10, 25).toordinal(), 9_000_000_000)
    second = calendar.moment(first + 3_600_000_000)
    assert ("2026-10-25T02:30:00+01:00", 1) == (second.isoformat(), second.fold)


def test_instants_far_away_have_their_offset_too():
    """Before 1976 and after 2100 the zone itself is asked."""
    calendar = make()
    assert "1950-07-01T01:00:00+01:00" == calendar.moment(to_us(datetime(1950, 7, 1, tzinfo=UTC))).isoformat()
    assert "2150-01-01T01:00:00+01:00" == calendar.moment(to_us(datetime(2150, 1, 1, tzinfo=UTC))).isoformat()


def test_an_entry_without_words_is_called_by_its_id():
    """And a provisional one says so beside its decision."""
    entry = Entry("e1", decision="Decision 1", provisional=True)
    assert ("e1", "Decision 1, provisional") == (entry.text(), entry.standing())
    assert "chưa kiểm chứng, tạm tính" == attrs.evolve(entry, decision="").standing("vi")


@pytest.mark.parametrize("hours", ["02:30-03:00", "02:30-03:15", "02:00-03:00"])
def test_a_shift_in_the_hour_that_clocks_skip_has_no_time(hours):
    """It is not less than nothing, and the days around it have theirs."""
    calendar = make(week={"mon-sun": hours})
    before, after = at("2026-03-29 00:00", "Europe/Amsterdam"), at("2026-03-30 00:00", "Europe/Amsterdam")
    assert timedelta(0) == calendar.working_time(before, after)
    assert () == calendar.open_periods(before, after)
    day = calendar.working_time(after, after.add(days=1))
    assert after.add(hours=2, minutes=45 if hours[3] == "3" else 15).isoformat() == (
        calendar.add_working_time(before, timedelta(minutes=15)).isoformat()
    )
    assert 3 * day == calendar.working_time(before.subtract(days=1), after.add(days=2))


def test_a_first_day_may_lie_in_the_hour_that_clocks_skip():
    """A calendar may begin with a day that has no time."""
    calendar = make(week={"mon-sun": "02:30-03:00"}, first=date(2026, 3, 29))
    assert timedelta(minutes=30) == calendar.working_time(
        at("2026-03-29 00:00", "Europe/Amsterdam"), at("2026-03-31 00:00", "Europe/Amsterdam")
    )


@pytest.mark.parametrize("week", [{"thu": "20:00-20:00", "fri": "09:00-17:00"}, {"mon": "22:00-06:00", "tue": "01:00-06:00"}])
def test_a_day_within_the_shift_of_the_day_before_is_refused(week):
    """How many days were worked could not be told from the time worked."""
    with pytest.raises(InvalidInput) as refused:
        make(week=week)
    assert "end within those that begin on" in problems(refused)["week"]


def test_shifts_of_two_days_may_overlap():
    """As long as each day closes later than the one before it; the time is counted once."""
    calendar = make(week={"thu": "20:00-10:00", "fri": "08:00-12:00"})
    start = at("2026-01-01 00:00", "Europe/Amsterdam")
    assert timedelta(hours=16) == calendar.working_time(start, start.add(days=3))


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("America/New_York", date(1, 1, 1), date(1, 1, 5)),
        ("Europe/Berlin", date(1, 1, 1), date(1, 1, 5)),
        ("America/New_York", date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_calendar_beyond_what_dates_can_say_is_refused(zone, first, last):
    """The last day of all ends in a year that has no name, and so does the first begin in some zones."""
    with pytest.raises(InvalidInput, match="outside the years 1 to 9999"):
        make(zone=zone, first=first, last=last)


PERIOD = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
WORDS: Any = ["2026-01-01"]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: VN.is_working_day("2026-03-04"), "'2026-03-04' is no day; give a date"),
        (lambda: VN.explain(None), "None is no day"),
        (lambda: VN.count_working_days(date(2026, 3, 4), 5), "5 is no day"),
        (lambda: VN.provisional(date(2026, 3, 4), "later"), "'later' is no day"),
        (lambda: VN.as_of("2026-03-04"), "'2026-03-04' is no day"),
        (lambda: VN.year(0), "year: 0 is no year"),
        (lambda: VN.year("2026"), "year: '2026' is no year"),
        (lambda: VN.without(["culture-day"]), "has no entry ['culture-day']"),
        (lambda: WorkCalendar.load("VN", without="culture-day"), "without: a list of ids is expected, not 'culture-day'"),
        (lambda: WorkCalendar.load(5), "name: 5 is no name of a calendar"),
        (lambda: WorkCalendar.from_tree(None), "a table is expected, not None"),
        (
            lambda: WorkCalendar.from_dates(zone="UTC", week={}, **PERIOD | {"first": "2026-01-01"}),
            "first: '2026-01-01' is no date",
        ),
        (lambda: WorkCalendar.from_dates(zone="UTC", week={}, off=WORDS, **PERIOD), "off: '2026-01-01' is no date"),
        (
            lambda: WorkCalendar.from_dates(zone="UTC", week={}, off=date(2026, 1, 1), **PERIOD),
            "off: a list of dates is expected",
        ),
        (lambda: WorkCalendar.from_dates(zone="UTC", week=None, **PERIOD), "week: a table is expected"),
        (lambda: WorkCalendar.from_dates(zone="Asia", week={}, **PERIOD), "zone: 'Asia' is no zone"),
    ],
)
def test_what_is_no_day_no_year_and_no_name_is_refused_with_the_value(ask, words):
    """A text for a date, a folder of zones, one id for a list of them: told what it is, and not by a traceback from within."""
    with pytest.raises(InvalidInput) as error:
        ask()
    assert words in str(error.value)


def test_a_long_run_outside_the_coverage_is_one_fault():
    """A run over all years of the era is not walked through day by day."""
    tree = {"name": "x", "base": "VN", "entries": [{"id": "a", "off": ["0001-01-01/9999-12-31"]}]}
    with pytest.raises(InvalidInput) as error:
        WorkCalendar.from_tree(tree)
    assert ["entries[0].off[0]"] == [*problems(error)]


def test_hours_on_a_day_off_are_refused():
    """Who wrote ``off`` with hours meant a half day, and would have got a day off."""
    tree = {"name": "x", "base": "VN", "entries": [{"id": "eve", "off": ["2026-12-24"], "hours": "07:30-11:30"}]}
    with pytest.raises(InvalidInput, match="'07:30-11:30' on days off; a day that is open for some hours stands in working"):
        WorkCalendar.from_tree(tree)


def test_a_day_off_given_twice_and_a_moment_as_of_are_taken_as_days():
    """Neither is a contradiction."""
    twice = WorkCalendar.from_dates(zone="UTC", week={}, off=[date(2026, 1, 1), datetime(2026, 1, 1, 9)], **PERIOD)
    assert 1 == len(twice.entries)
    assert VN.as_of(date(2024, 4, 11)) == VN.as_of(pendulum.datetime(2024, 4, 11, 16, tz="UTC"))
