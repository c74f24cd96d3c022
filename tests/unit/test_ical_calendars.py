"""Calendars from iCalendar files: what an event means for days and hours, and every event that is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import takewhile

import pendulum
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from qms.calendar import WorkCalendar
from qms.errors import InvalidInput
from qms.exchange.calendars import ical_entries, with_ical
from qms.exchange.recurrence import falls_on

pytest.importorskip("icalendar")

WEEK = {"mon-fri": "08:00-12:00 13:00-17:00"}


def office(zone="Europe/Berlin", week=WEEK, first=date(2025, 1, 1), last=date(2028, 12, 31)):
    """A calendar with nothing but its week."""
    return WorkCalendar.from_dates(zone=zone, week=week, first=first, last=last, name="office")


def ics(*events):
    """An iCalendar text of events given as lines."""
    body = "".join("BEGIN:VEVENT\n" + event.strip() + "\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def laid(*events, calendar=None, **options):
    """The calendar with events on top."""
    calendar = calendar or office()
    return calendar.with_layer("office", entries=ical_entries(ics(*events), calendar, **options))


def problems(*events, **options):
    """What a refusal says, by place."""
    with pytest.raises(InvalidInput) as error:
        laid(*events, **options)
    return {problem.where: problem.message for problem in error.value.problems}


NEW_YEAR = "UID:1@x\nSUMMARY:Neujahr\nDTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20260102"


def test_a_day_event_closes_its_day():
    """With its summary as reason, its identity as source, and nothing that verifies it."""
    day = laid(NEW_YEAR).explain(date(2026, 1, 1))
    assert ("holiday", "Neujahr", "ical", "1@x") == (day.kind, day.entry.text(), day.layer, day.entry.source)
    assert not day.entry.verified


def test_the_end_of_a_day_event_is_not_part_of_it():
    """DTEND is exclusive (RFC 5545, 3.6.1); a duration and no end at all are read too."""
    calendar = laid(
        "SUMMARY:A\nDTSTART;VALUE=DATE:20260303\nDTEND;VALUE=DATE:20260306",
        "SUMMARY:B\nDTSTART;VALUE=DATE:20260310\nDURATION:P2D",
        "SUMMARY:C\nDTSTART;VALUE=DATE:20260317",
        "SUMMARY:D\nDTSTART;VALUE=DATE:20260319\nDTEND;VALUE=DATE:20260319",
    )
    off = [day.date.day for day in calendar.year(2026)[59:90] if day.entry]
    assert [3, 4, 5, 10, 11, 17, 19] == off
    assert 4 == len(calendar.entries)


def test_a_yearly_event_is_laid_out_as_far_as_the_calendar_reaches():
    """Without its exceptions, with its additions, and not after its end."""
    again = NEW_YEAR + "\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20270101\nRDATE;VALUE=DATE:20270104"
    assert ["2026-01-01", "2027-01-04", "2028-01-01"] == [str(e.off[0]) for e in laid(again).entries]
    until = NEW_YEAR + "\nRRULE:FREQ=YEARLY;UNTIL=20270101T000000Z"
    assert ["2026-01-01", "2027-01-01"] == [str(e.off[0]) for e in laid(until).entries]
    count = NEW_YEAR + "\nRRULE:FREQ=YEARLY;COUNT=2"
    assert 2 == len(laid(count).entries)


def test_events_before_and_after_the_coverage_are_not_its_own():
    """A rule that began long ago is followed up to the coverage, an event across its edge is cut."""
    old = "SUMMARY:A\nDTSTART;VALUE=DATE:19700501\nRRULE:FREQ=YEARLY"
    edge = "SUMMARY:B\nDTSTART;VALUE=DATE:20241230\nDTEND;VALUE=DATE:20250103"
    assert ["2025-01-01", "2025-01-02", "2025-05-01"] == [
        str(day) for entry in laid(old, edge).entries for day in entry.off if day.year == 2025
    ]


def test_a_moved_occurrence_is_not_where_it_was():
    """RECURRENCE-ID takes one occurrence out of the rule, in whichever zone it is written, and stands for itself."""
    daily = "UID:2\nSUMMARY:A\nDTSTART;TZID=Europe/Berlin:20260302T080000\nDURATION:PT9H\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "UID:2\nSUMMARY:A\nRECURRENCE-ID:20260309T070000Z\nDTSTART;TZID=Europe/Berlin:20260310T080000\nDURATION:PT9H"
    assert ["2026-03-02", "2026-03-10", "2026-03-16"] == [str(e.off[0]) for e in laid(daily, moved).entries]


def test_a_cancelled_event_is_nothing_and_a_tentative_one_is_provisional():
    """As their STATUS says."""
    assert () == laid(NEW_YEAR + "\nSTATUS:CANCELLED").entries
    assert [True] == [entry.provisional for entry in laid(NEW_YEAR + "\nSTATUS:TENTATIVE").entries]


def test_events_that_overlap_close_what_either_closes():
    """Their hours are one closure."""
    day = laid(
        "SUMMARY:A\nDTSTART:20260303T090000\nDURATION:PT2H", "SUMMARY:B\nDTSTART:20260303T100000\nDURATION:PT4H"
    ).explain(date(2026, 3, 3))
    assert ("08:00-09:00 14:00-17:00", "A; B") == (day.hours, day.entry.text())


def test_several_events_on_a_day_are_one_entry():
    """With both reasons, and the days around them apart."""
    calendar = laid(
        "SUMMARY:A\nDTSTART;VALUE=DATE:20260303\nDTEND;VALUE=DATE:20260305", "SUMMARY:B\nDTSTART;VALUE=DATE:20260304"
    )
    assert ["A", "A; B"] == [calendar.explain(date(2026, 3, day)).entry.text() for day in (3, 4)]


@pytest.mark.parametrize(
    ("event", "hours"),
    [
        ("DTSTART;TZID=Europe/Berlin:20260303T130000\nDURATION:PT4H", "08:00-12:00"),
        ("DTSTART:20260303T120000Z\nDTEND:20260303T160000Z", "08:00-12:00"),
        ("DTSTART:20260303T130000\nDTEND:20260303T170000", "08:00-12:00"),
        ("DTSTART:20260303T103030\nDTEND:20260303T110030", "08:00-10:30 11:01-12:00 13:00-17:00"),
        ("DTSTART;TZID=Asia/Tokyo:20260303T170000\nDURATION:PT2H", "08:00-09:00 11:00-12:00 13:00-17:00"),
        ("DTSTART:20260303T120000\nDURATION:PT1H", "08:00-12:00 13:00-17:00"),
        ("DTSTART:20260303T000000\nDTEND:20260304T000000", ""),
        ("DTSTART:20260302T160000\nDTEND:20260303T090000", "09:00-12:00 13:00-17:00"),
    ],
)
def test_an_event_with_a_time_closes_that_part_of_the_hours(event, hours):
    """In the zone of the calendar, widened to whole minutes; a whole day of it is a day off."""
    assert hours == laid("SUMMARY:A\n" + event).explain(date(2026, 3, 3)).hours


def test_a_half_day_is_short():
    """What is left of Christmas Eve is worked, and counts as a working day."""
    day = laid("SUMMARY:Heiligabend\nDTSTART:20261224T120000\nDURATION:PT12H").explain(date(2026, 12, 24))
    assert (True, True, "08:00-12:00") == (day.working, day.short, day.hours)


def test_an_event_at_night_cuts_the_shift_that_began_the_day_before():
    """Closed from 02:00, the night shift of Monday ends at 02:00 on Tuesday."""
    nights = office(week={"mon-fri": "22:00-06:00"})
    cut = laid("SUMMARY:A\nDTSTART:20260303T020000\nDURATION:PT8H", calendar=nights)
    assert ["22:00-02:00", "22:00-06:00"] == [cut.explain(date(2026, 3, day)).hours for day in (2, 3)]


def test_what_is_left_of_a_night_must_begin_on_its_day():
    """Hours of a day cannot say that its shift begins on the next one; that is refused and not rounded."""
    nights = office(week={"mon-fri": "22:00-06:00"})
    found = problems("SUMMARY:A\nDTSTART:20260302T220000\nDURATION:PT4H", calendar=nights)
    assert {"2026-03-02": "what is left of its night shift begins on the next day; say it as an entry"} == found


def test_a_mark_in_the_summary_or_a_category_makes_days_worked():
    """As feeds of China mark 班; with the hours of the event, or those of the week."""
    calendar = laid(
        "SUMMARY:国庆节（班）\nDTSTART;VALUE=DATE:20260919",
        "SUMMARY:国庆节（休）\nDTSTART;VALUE=DATE:20261001\nDTEND;VALUE=DATE:20261008",
        "SUMMARY:补\nCATEGORIES:班,A\nDTSTART;VALUE=DATE:20261010",
        "SUMMARY:半 班\nDTSTART:20261017T090000\nDURATION:PT3H",
        working="班",
    )
    assert [("make-up", "08:00-12:00 13:00-17:00")] * 2 + [("make-up", "09:00-12:00")] == [
        (calendar.explain(day).kind, calendar.explain(day).hours)
        for day in (date(2026, 9, 19), date(2026, 10, 10), date(2026, 10, 17))
    ]
    assert timedelta(0) == calendar.working_time(
        pendulum.datetime(2026, 10, 1, tz="Europe/Berlin"), pendulum.datetime(2026, 10, 8, tz="Europe/Berlin")
    )


def test_the_language_of_a_summary_is_kept():
    """And it stands for the words in English where there are none."""
    entry = laid("SUMMARY;LANGUAGE=vi:Tết\nDTSTART;VALUE=DATE:20260217").entries[0]
    assert ("Tết", "Tết") == (entry.text("vi"), entry.text("en"))


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("SUMMARY:A", "no start that can be read"),
        ("SUMMARY:A\nDTSTART:2026", "cannot be read: Cannot access"),
        ("SUMMARY:A\nDTSTART;VALUE=DATE:20260303\nRECURRENCE-ID:soon", "no RECURRENCE-ID that can be read"),
        ("SUMMARY:A\nDTSTART;VALUE=DATE:20260303\nRRULE:FREQ=YEARLY;UNTIL=090000", "is no date"),
        ("SUMMARY:A\nDTSTART:20260303T090000", "no end; give it DTEND or DURATION"),
        ("SUMMARY:A\nDTSTART;VALUE=DATE:20260303\nDTEND:20260303T120000", "DTSTART and DTEND are not alike"),
        ("SUMMARY:A\nDTSTART:20260303T090000\nDTEND:20260303T120000Z", "DTSTART and DTEND are not alike"),
        ("SUMMARY:A\nDTSTART:20260303T090000\nDTEND:20260303T080000", "it ends before it begins"),
        ("SUMMARY:A\nDTSTART;TZID=Mars/Base:20260303T090000\nDURATION:PT1H", "'Mars/Base' is no zone that is known"),
        ("SUMMARY:A\nDTSTART:20260303T090000\nDURATION:PT1H\nRRULE:FREQ=HOURLY", "a rule repeats by days, weeks"),
        ("SUMMARY:A\nDTSTART;VALUE=DATE:20260303\nRRULE:FREQ=YEARLY;BYDAY=XX", "cannot be read"),
        ("SUMMARY:A\nDTSTART;VALUE=DATE:20260303\nRRULE:FREQ=YEARLY;BYSETPOS=400", "a rule that cannot be read"),
        ("SUMMARY:A\nDTSTART;VALUE=DATE:20260303\nRRULE:FREQ=DAILY;INTERVAL=0", "a rule that never moves on"),
    ],
)
def test_an_event_that_cannot_be_read_as_meant_is_refused(event, message):
    """By its number and summary, with what is wrong."""
    assert message in problems(NEW_YEAR, event)["event 2 (A)"]


def test_all_faults_are_told_at_once():
    """Not the first alone; a day that is closed and worked is one."""
    found = problems(
        "SUMMARY:A",
        "UID:u",
        "SUMMARY:on\nDTSTART;VALUE=DATE:20260303",
        "SUMMARY:off\nDTSTART;VALUE=DATE:20260303",
        "SUMMARY:on\nDTSTART:20260304T090000\nDURATION:PT48H",
        working="on",
    )
    assert {"event 1 (A)", "event 2 (u)", "2026-03-03", "event 5 (on)"} == set(found)


@pytest.mark.parametrize("text", [b"", b"hello", b"BEGIN:VCALENDAR\r\n", b"BEGIN:VEVENT\r\nEND:VCALENDAR\r\n", b"\xff\xfe\x00"])
def test_what_is_no_icalendar_text_is_refused(text):
    """And not read as an empty calendar."""
    with pytest.raises(InvalidInput, match="no iCalendar text"):
        ical_entries(text, office())


def test_a_file_is_read(tmp_path):
    """Faults name it, and a file that is not there is an error of the input."""
    path = tmp_path / "feast.ics"
    path.write_bytes(ics(NEW_YEAR))
    found = with_ical(office(), path)
    assert ("office", f"{path}, 1@x") == (found.name, found.explain(date(2026, 1, 1)).entry.source)
    path.write_bytes(ics("SUMMARY:A"))
    with pytest.raises(InvalidInput, match=r"feast.ics: event 1 \(A\): no start"):
        with_ical(office(), path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        with_ical(office(), tmp_path / "none.ics")


LINES = (
    ics(
        NEW_YEAR + "\nRRULE:FREQ=YEARLY;UNTIL=20270101\nEXDATE;VALUE=DATE:20270101\nRDATE;VALUE=DATE:20260301",
        "UID:2\nSUMMARY;LANGUAGE=de:B\nCATEGORIES:a,b\nDTSTART;TZID=Europe/Berlin:20260302T100000\nDURATION:PT4H\n"
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=5\nSTATUS:TENTATIVE",
        "UID:2\nDTSTART:20260310T100000Z\nDURATION:PT4H\nRECURRENCE-ID:20260309T090000Z",
    )
    .decode()
    .split("\r\n")
)
JUNK = ["", "-1", "99999999", "00010101", "99991231T235959Z", "Z", ";", ":", "PT", "P-1D", "TZID=X", "FREQ=DAILY", "COUNT=-3",
        "INTERVAL=-1", "20260302T100000/PT1H", "090000"]  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.floats(0, 1), st.integers(0, 8), st.sampled_from(JUNK)), max_size=3)
)
def test_a_damaged_file_is_read_or_refused(damages):
    """Whatever is cut out or put in, the answer is entries that a calendar takes, or an error of the input."""
    lines = list(LINES)
    for number, where, cut, junk in damages:
        at = int(where * len(lines[number]))
        lines[number] = lines[number][:at] + junk + lines[number][at + cut :]
    calendar = office(first=date(2026, 1, 1))
    try:
        entries = ical_entries("\r\n".join(lines), calendar, working="B")
    except InvalidInput:
        return
    assert len(entries) == len(calendar.with_layer("office", entries=entries).entries)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYSETPOS=2",
        "FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=DAILY;COUNT=5;BYMONTH=4;BYMONTHDAY=31",
    ],
)
def test_a_rule_that_never_matches_ends_with_the_calendar(rule):
    """Its own start is all there is; nobody waits for the year 9999."""
    events = [f"UID:{n}\nSUMMARY:A\nDTSTART;VALUE=DATE:20260105\nRRULE:{rule}" for n in range(20)]
    assert [date(2026, 1, 5)] == [day for entry in laid(*events).entries for day in entry.off]


def test_a_rule_from_long_ago_is_walked_over_the_calendar_alone():
    """Each day since the year 1 closes each day; a count from then on is refused."""
    small = office(first=date(2026, 1, 1), last=date(2026, 1, 9))
    ancient = "SUMMARY:A\nDTSTART;VALUE=DATE:00010101\nRRULE:FREQ=DAILY"
    assert 9 == sum(len(entry.off) for entry in laid(ancient, calendar=small).entries)
    assert "centuries before" in problems(ancient + ";COUNT=800000", calendar=small)["event 1 (A)"]


def test_an_occurrence_that_began_before_the_calendar_reaches_into_it():
    """Of three days from the last Tuesday of each year only the third is within."""
    small = office(first=date(2026, 1, 1), last=date(2026, 1, 9))
    event = "SUMMARY:A\nDTSTART;VALUE=DATE:20201229\nDURATION:P3D\nRRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=-1TU"
    assert [date(2026, 1, 1)] == [day for entry in laid(event, calendar=small).entries for day in entry.off]


@given(st.data())
def test_recurrences_are_those_of_dateutil(data):
    """Each rule that falls, by days, weeks, months or years, falls where dateutil lets it fall."""
    every = data.draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"INTERVAL": st.lists(st.integers(1, 5), min_size=1, max_size=1), "COUNT": st.lists(st.integers(1, 40), max_size=1)}
    parts |= {"BYMONTH": st.lists(st.integers(1, 12), max_size=3), "WKST": st.lists(st.sampled_from(["MO", "SU"]), max_size=1)}
    parts |= {"BYMONTHDAY": st.lists(st.sampled_from([1, 15, 28, -1, -3]), max_size=2)}
    parts |= {"BYYEARDAY": st.lists(st.sampled_from([1, 60, 200, -1, -60]), max_size=2)}
    ordinals = ["1MO", "2TU", "-1FR"] if every in ("MONTHLY", "YEARLY") else ["MO", "TU"]
    parts |= {
        "BYDAY": st.one_of(st.lists(st.sampled_from(["MO", "WE", "SA"]), max_size=2), st.lists(st.sampled_from(ordinals)))
    }
    parts |= {"BYHOUR": st.lists(st.sampled_from([8, 14]), max_size=2, unique=True)}
    if every == "YEARLY":
        parts["BYWEEKNO"] = st.lists(st.sampled_from([1, 2, 20, 52]), max_size=2)
    if every in ("MONTHLY", "YEARLY"):
        parts["BYSETPOS"] = st.lists(st.sampled_from([1, 2, -1]), max_size=2)
    chosen = data.draw(st.sets(st.sampled_from(sorted(parts)), max_size=3))
    rule = {"FREQ": [every], **{name: value for name in sorted(chosen) if (value := data.draw(parts[name]))}}
    start = datetime(2024, 1, 29, 9, 30) + timedelta(days=data.draw(st.integers(0, 800)))
    text = ";".join(f"{name}={','.join(map(str, value))}" for name, value in rule.items())
    end = datetime(2031, 1, 1)
    if not list(falls_on(rule, start, start.toordinal(), date(2060, 1, 1).toordinal())):
        return  # dateutil would go on to 9999
    expected = list(takewhile(lambda wall: wall < end, rrulestr(text, dtstart=start)))
    assert expected == list(falls_on(rule, start, start.toordinal(), end.toordinal() - 1)), text
    low = date(2028, 5, 17).toordinal()
    assert [wall for wall in expected if wall.toordinal() >= low] == list(falls_on(rule, start, low, end.toordinal() - 1)), text
