"""Layers of calendars: who decides a day, files that rest on others, what differs between two versions, what was known when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pendulum
import pytest

from qms.calendar import Entry, WorkCalendar
from qms.entries import Parts, read_layer
from qms.errors import InvalidInput, NotFound, OutsideCalendar

VN = WorkCalendar.load("VN")
DAY = pendulum.Date(2026, 3, 4)
WARD = """
name = "ward"
base = "VN"
without = ["culture-day"]
title = { vi = "Phường", en = "Ward" }

[week]
sat = "07:30-11:30"

[[entries]]
id = "storm"
kind = "closure"
off = ["2026-03-04"]
reason = { vi = "bão", en = "storm" }
decision = "12/TB-UBND"
decided_on = "2026-03-03"
"""


def problems(error):
    """What a refusal says, by place."""
    return {problem.where: problem.message for problem in error.value.problems}


def write(folder, name, text):
    """A file of a calendar."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


# -- files that rest on others -------------------------------------------------------------------------------------


def test_a_file_rests_on_a_shipped_calendar(tmp_path):
    """What it does not say, the base says: zone, coverage, rule, weekdays and entries."""
    ward = WorkCalendar.load(write(tmp_path, "ward.toml", WARD))
    assert ("ward", VN.zone, VN.first, VN.last, "vn-one-stop") == (
        ward.name,
        ward.zone,
        ward.first,
        ward.last,
        ward.customary_rule,
    )
    assert [False, False, True, True] == [
        ward.is_working_day(day) for day in (DAY, date(2026, 2, 16), date(2026, 3, 7), date(2026, 11, 24))
    ]
    assert ("ward", 3) == (ward.explain(DAY).layer, ward.published_at.month)


def test_a_file_rests_on_a_file_beside_it(tmp_path):
    """By its path from where it stands, through several layers; and the whole can be left out as ever."""
    write(tmp_path, "province.toml", WARD.replace("ward", "province"))
    text = 'name = "desk"\nbase = "province.toml"\n[[entries]]\nid = "open"\nworking = ["2026-03-04"]\nhours = "08:00-10:00"\n'
    desk = WorkCalendar.load(write(tmp_path, "desk.toml", text))
    assert ("desk", "open", "08:00-10:00") == (desk.explain(DAY).layer, desk.explain(DAY).entry.id, desk.explain(DAY).hours)
    assert ("province", "") == (desk.explain(date(2026, 3, 7)).layer, desk.explain(date(2026, 3, 6)).layer)
    assert "storm" == WorkCalendar.load(tmp_path / "desk.toml", without=["open"]).explain(DAY).entry.id
    assert WorkCalendar.load(tmp_path / "desk.toml", without=["open", "storm"]).is_working_day(DAY)


def test_what_is_written_out_needs_no_base(tmp_path):
    """The tree of a layered calendar holds all of it, and makes an equal one."""
    ward = WorkCalendar.load(write(tmp_path, "ward.toml", WARD))
    assert "base" not in ward.to_tree()
    again = WorkCalendar.from_tree(ward.to_tree())
    assert (ward, "ward", "ward") == (again, again.explain(date(2026, 3, 7)).layer, again.explain(DAY).layer)
    assert ward.version != VN.version


def test_a_layer_may_cover_less_than_its_base():
    """Entries of the days outside go; a swap cut in two is a day off, or a day worked."""
    tree = {"name": "half", "base": "VN", "first": "2019-01-01", "last": "2024-04-30"}
    part = WorkCalendar.from_tree(tree)
    assert ("make-up", "swapped_off") == (VN.explain(date(2019, 1, 5)).kind, VN.explain(date(2018, 12, 31)).kind)
    assert ("make-up", "holiday") == (part.explain(date(2019, 1, 5)).kind, part.explain(date(2024, 4, 29)).kind)
    assert part == WorkCalendar.from_tree(part.to_tree())
    with pytest.raises(OutsideCalendar):
        part.is_working_day(date(2024, 5, 4))


def test_an_entry_cut_at_an_end_keeps_its_kind(tmp_path):
    """A closure over the edge of the coverage is a closure within it."""
    write(tmp_path, "ward.toml", WARD.replace('"2026-03-04"]', '"2026-03-04/2026-03-05"]'))
    part = WorkCalendar.load(write(tmp_path, "part.toml", 'name = "part"\nbase = "ward.toml"\nlast = "2026-03-04"\n'))
    assert ("closure", "storm") == (part.explain(DAY).kind, part.explain(DAY).entry.id)


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        ({"base": "XX"}, "base", "no calendar 'XX' is shipped; there are: VN"),
        ({"base": 5}, "base", "text is expected, not 5"),
        ({"first": "2017-01-01"}, "first", "2017-01-01 to 2027-12-31 lies outside 2018-01-01 to 2027-12-31, its base"),
        ({"last": "2017-01-01"}, "last", "lies outside 2018-01-01 to 2027-12-31, its base"),
        ({"zone": "Nowhere"}, "zone", "'Nowhere' is no zone"),
        ({"without": ["tet-2026", "party"]}, "without[1]", "VN has no entry party"),
        ({"week": {"sat": "7"}}, "week.sat", "'7' is no shift"),
        ({"entries": [{"id": "tet-2026", "off": ["2026-03-04"]}]}, "entries[0].id", "'tet-2026' is the id of another entry"),
        ({"entries": [{"id": "a", "off": ["2028-03-04"]}]}, "entries[0].off[0]", "2028-03-04 lies outside"),
        ({"colour": "red"}, "colour", "unknown key"),
    ],
)
def test_a_fault_of_a_layer_is_told_by_its_place_in_the_layer(change, where, message):
    """And not by its place among all entries of the base."""
    with pytest.raises(InvalidInput) as error:
        WorkCalendar.from_tree({"name": "ward", "base": "VN"} | change)
    assert message in problems(error)[where]


def test_a_calendar_cannot_rest_on_itself(tmp_path):
    """Nor on one that rests on it; the search ends."""
    write(tmp_path, "a.toml", 'name = "a"\nbase = "b.toml"\n')
    with pytest.raises(InvalidInput, match="does one rest on itself"):
        WorkCalendar.load(write(tmp_path, "b.toml", 'name = "b"\nbase = "a.toml"\n'))


def test_a_base_that_is_not_there_is_told(tmp_path):
    """By the path that was looked for; a name is looked for among those shipped."""
    with pytest.raises(InvalidInput, match=r"gone\.toml"):
        WorkCalendar.load(write(tmp_path, "a.toml", 'name = "a"\nbase = "gone.toml"\n'))
    with pytest.raises(NotFound):
        WorkCalendar.load("gone")


# -- who decides ---------------------------------------------------------------------------------------------------


def test_a_row_of_the_week_is_explained_by_its_layer():
    """A Saturday is worked because the ward says so, a Friday afternoon is not because the desk says so."""
    ward = VN.with_layer("ward", week={"sat": "07:30-11:30"})
    desk = ward.with_layer("desk", week={"fri": "07:30-11:30", "mon": ""})
    saturday, friday, monday = (desk.explain(date(2026, 3, day)) for day in (7, 6, 9))
    assert [("ward", "working", True), ("desk", "working", True), ("desk", "weekend", False)] == [
        (day.layer, day.kind, day.short) for day in (saturday, friday, monday)
    ]
    assert "Sat 07/03/2026: working day [ward], 07:30-11:30" == str(saturday)


def test_a_dated_entry_goes_before_a_row_of_any_layer():
    """Tet is Tet on a Saturday that the ward would work."""
    ward = VN.with_layer("ward", week={"sat": "07:30-11:30"})
    assert [("holiday", ""), ("working", "ward")] == [
        (ward.explain(date(2024, 2, day)).kind, ward.explain(date(2024, 2, day)).layer) for day in (10, 24)
    ]


def test_of_two_layers_the_later_wins_and_says_so():
    """The closure of the province, opened again by the office, closed again by the desk."""
    province = VN.with_layer("province", entries=[Entry("storm", off=(DAY,), kind="closure")])
    office = province.with_layer("office", entries=[Entry("open", working=(DAY,), hours="08:00-10:00")])
    desk = office.with_layer("desk", entries=[Entry("leak", off=(DAY,), kind="closure", decision="5/TB")])
    assert ["storm", "open", "leak"] == [each.explain(DAY).entry.id for each in (province, office, desk)]
    assert "Wed 04/03/2026: closed, leak [desk/leak: 5/TB]" == str(desk.explain(DAY))


def test_an_entry_may_name_its_layer():
    """So that one call can lay on several."""
    entries = [Entry("a", off=(DAY,), layer="province"), Entry("b", working=(DAY,), layer="office")]
    found = VN.with_layer("VN", entries=entries)
    assert ("VN", "office") == (found.name, found.explain(DAY).layer)


def test_a_layer_is_refused_with_all_its_faults():
    """A day twice, an id that is taken, hours that cannot be read."""
    entries = [Entry("a", off=(DAY,)), Entry("b", off=(DAY,)), Entry("tet-2026"), Entry("c", hours="x")]
    with pytest.raises(InvalidInput) as error:
        VN.with_layer("office", entries=entries, week={"sat": "y", "xyz": ""})
    assert {"entries[1]", "entries[2].id", "entries[3].hours", "week.sat", "week.xyz"} == set(problems(error))


def test_a_layer_of_one_name_twice_does_not_speak_of_a_day_twice():
    """The second would have to say which wins; it is called otherwise, or the first is changed."""
    once = VN.with_layer("office", entries=[Entry("storm", off=(DAY,))])
    with pytest.raises(InvalidInput, match="2026-03-04 stands in storm too"):
        once.with_layer("office", entries=[Entry("open", working=(DAY,))])


def test_a_saturday_worked_for_a_monday_has_the_hours_of_the_monday():
    """Also where the office has Saturday hours of its own; other days worked have those of their weekday."""
    ward = VN.with_layer("ward", week={"sat": "07:30-11:30", "mon": "08:00-12:00 14:00-18:00"})
    assert ("make-up", "08:00-12:00 14:00-18:00") == (
        ward.explain(date(2024, 5, 4)).kind,
        ward.explain(date(2024, 5, 4)).hours,
    )
    open_day = ward.with_layer("fair", entries=[Entry("fair", working=(pendulum.Date(2026, 2, 14),))])
    assert "07:30-11:30" == open_day.explain(date(2026, 2, 14)).hours


def test_several_days_are_exchanged_in_their_order():
    """The first worked day stands for the first day off; those beyond for the last."""
    tree = {
        "name": "x",
        "zone": "UTC",
        "first": "2026-01-01",
        "last": "2026-12-31",
        "week": {"mon": "08:00-09:00", "tue": "08:00-10:00", "wed": "08:00-11:00"},
        "entries": [
            {
                "id": "s",
                "kind": "swap",
                "off": ["2026-03-02", "2026-03-03"],
                "working": ["2026-03-06", "2026-03-07", "2026-03-08"],
            }
        ],
    }
    calendar = WorkCalendar.from_tree(tree)
    assert ["08:00-09:00", "08:00-10:00", "08:00-10:00"] == [calendar.explain(date(2026, 3, day)).hours for day in (6, 7, 8)]
    calendar = WorkCalendar.from_tree(tree | {"week": {"fri": "08:00-11:00", "wed": "08:00-09:00"}})
    assert ["08:00-11:00", "08:00-09:00"] == [calendar.explain(date(2026, 3, day)).hours for day in (6, 7)]


def test_a_day_made_up_keeps_its_hours_where_its_day_off_is_cut():
    """A layer that covers less than its base takes no day off a swap and leaves another's hours for it."""
    swap = {"id": "s", "kind": "swap", "off": ["2026-03-02", "2026-03-03"], "working": ["2026-03-07", "2026-03-08"]}
    week = {"mon": "08:00-09:00", "tue": "08:00-10:00", "wed": "08:00-11:00", "sat": "08:00-12:00"}
    base = WorkCalendar.from_tree(
        {"name": "x", "zone": "UTC", "first": "2026-01-01", "last": "2026-12-31", "week": week, "entries": [swap]}
    )
    days = [date(2026, 3, 7), date(2026, 3, 8)]
    assert ["08:00-09:00", "08:00-10:00"] == [base.explain(day).hours for day in days]
    parts = Parts(*(getattr(base, part.name) for part in attrs.fields(Parts)))
    for first in ("2026-03-02", "2026-03-03", "2026-03-04", "2026-03-08"):
        tree = {"name": "cut", "first": first, "week": {"wed": "08:00-15:00"}}
        cut = WorkCalendar(**attrs.asdict(read_layer(tree, "", parts), recurse=False))
        left = [day for day in days if str(day) >= first]
        assert [base.explain(day).hours for day in left] == [cut.explain(day).hours for day in left]
        assert cut == WorkCalendar.from_tree(cut.to_tree())


# -- two versions --------------------------------------------------------------------------------------------------


def test_a_calendar_does_not_differ_from_itself():
    """And the difference is false."""
    assert not VN.diff(WorkCalendar.from_tree(VN.to_tree()))
    assert "" == str(VN.diff(VN))


def test_what_a_new_version_changes_is_told_by_day_and_entry():
    """The swap of April 2024 as its letter made it: two days, one entry, both ways."""
    before, day, made_up = WorkCalendar.load("VN", as_of=date(2024, 4, 11)), "2024-04-29", "2024-05-04"
    found = before.diff(VN)
    assert {"swap-2024-04-29", "swap-2026-01-02", "culture-day"} == {entry.id for entry in found.added}
    assert ((), ()) == (found.removed, found.facts)
    changes = {str(change.date): change for change in found.days}
    assert {"swap-2024-04-29"} == {changes[day].entry.id, changes[made_up].entry.id}
    assert ("working", "swapped_off", "weekend", "make-up") == (
        changes[day].before.kind,
        changes[day].after.kind,
        changes[made_up].before.kind,
        changes[made_up].after.kind,
    )
    back = {str(change.date): change for change in VN.diff(before).days}
    assert str(changes[day]) in str(found).splitlines()
    assert (changes.keys(), "swap-2024-04-29") == (back.keys(), back[day].entry.id)
    assert (
        "Mon 29/04/2024: working day, 07:30-11:30 13:00-17:00 -> day off, swapped, day off in exchange for 04/05/2024 "
        "[swap-2024-04-29: 2450/VPCP-KGVX]" in str(found).splitlines()
    )
    assert "T2 29/04/2024: ngày làm việc" in found.text("vi")


def test_other_facts_that_differ_are_named():
    """Zone, coverage, week and rule; hours that change are changes of their days."""
    tree = VN.to_tree() | {"last": "2028-12-31", "zone": "Asia/Bangkok", "week": {"mon-fri": "08:00-12:00 13:00-17:00"}}
    found = VN.diff(WorkCalendar.from_tree(tree))
    assert ("last", "week", "zone") == found.facts
    assert len(found.days) == len(VN.working_days(VN.first, VN.last))
    assert found.days[0].entry is None


def test_an_entry_that_was_verified_is_a_difference_without_days():
    """Its decision is known now; no date moves."""
    tree = VN.to_tree()
    entries = [e | {"decision": "1/QD"} if e["id"] == "tet-2024" else e for e in tree["entries"]]
    found = VN.diff(WorkCalendar.from_tree(tree | {"entries": entries}))
    assert ((), ["tet-2024"], ["tet-2024"]) == (found.days, [e.id for e in found.added], [e.id for e in found.removed])
    assert found


def test_calendars_that_share_no_day_differ_in_coverage_alone():
    """No day is told that only one of them covers."""
    early, late = (
        WorkCalendar.from_dates(zone="UTC", week={"mon": "08:00-09:00"}, first=date(y, 1, 1), last=date(y, 12, 31))
        for y in (2024, 2026)
    )
    assert ((), ("first", "last")) == (early.diff(late).days, early.diff(late).facts)


def test_as_of_and_without_are_questions_to_any_calendar():
    """The layers of an office too: before its notice of closure nobody knew of it."""
    closed = [Entry("storm", off=(DAY,), kind="closure", decision="12/TB", decided_on=pendulum.Date(2026, 3, 3))]
    ward = VN.with_layer("ward", entries=closed)
    assert [True, False] == [ward.as_of(date(2026, 3, day)).is_working_day(DAY) for day in (2, 3)]
    assert ward.without("storm").is_working_day(DAY)
    assert ward.without() is ward
    with pytest.raises(InvalidInput, match="ward has no entry a, b"):
        ward.without("b", "a", "storm")


# -- days in lists, and days of moments ----------------------------------------------------------------------------


def test_working_days_are_listed():
    """Both ends included; none within Tet; and their number is that of the count."""
    listed = VN.working_days(date(2026, 2, 13), date(2026, 2, 24))
    assert ["2026-02-13", "2026-02-23", "2026-02-24"] == [str(day) for day in listed]
    assert () == VN.working_days(date(2026, 2, 14), date(2026, 2, 22))
    assert () == VN.working_days(date(2026, 2, 24), date(2026, 2, 23))
    assert VN.count_working_days(date(2025, 12, 31), date(2026, 12, 31)) == len(
        VN.working_days(date(2026, 1, 1), date(2026, 12, 31))
    )
    with pytest.raises(OutsideCalendar):
        VN.working_days(date(2017, 12, 31), date(2018, 1, 31))


def test_the_day_of_a_moment_is_its_day_at_the_office():
    """Friday 17:30 UTC is Saturday in Hanoi, whichever question is asked."""
    friday, monday = datetime(2026, 3, 6, 17, 30, tzinfo=UTC), datetime(2026, 3, 8, 17, 30, tzinfo=UTC)
    assert [False, True] == [VN.is_working_day(friday), VN.is_working_day(monday)]
    assert [date(2026, 3, 7), date(2026, 3, 9)] == [VN.explain(friday).date, VN.explain(monday).date]
    assert (1, 1, -1) == (
        VN.count_working_days(friday, monday),
        VN.count_working_days(date(2026, 3, 7), monday),
        VN.count_working_days(monday, friday),
    )
    assert (date(2026, 3, 9),) == VN.working_days(friday, monday)
    tet = datetime(2026, 2, 15, 17, tzinfo=UTC)
    assert "tet-2026" in {entry.id for entry in VN.unverified(tet, tet)}
    assert () == VN.unverified(date(2026, 2, 13), date(2026, 2, 13))


def test_a_moment_without_a_zone_has_no_day():
    """It is refused where its day would be guessed."""
    naive = datetime(2026, 3, 6, 9)
    for ask in (VN.is_working_day, VN.explain, lambda m: VN.count_working_days(m, m), lambda m: VN.working_days(m, m)):
        with pytest.raises(InvalidInput, match="has no zone"):
            ask(naive)


def test_a_half_day_counts_as_a_day_and_is_short():
    """Its hours are fewer, its day is one."""
    eve = VN.with_layer("office", entries=[Entry("eve", working=(DAY,), hours="07:30-11:30")])
    day = eve.explain(DAY)
    assert ("working", True, True) == (day.kind, day.working, day.short)
    assert not VN.explain(DAY).short
    assert 1 == eve.count_working_days(date(2026, 3, 3), DAY)
    midnight = pendulum.datetime(2026, 3, 4, tz="Asia/Ho_Chi_Minh")
    assert timedelta(hours=4) == eve.working_time(midnight, midnight.add(days=1))
