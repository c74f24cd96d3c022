"""Deadlines with moments, their ends and lateness, and every change of a clock."""

from __future__ import annotations

from datetime import date, datetime

import attrs
import pendulum
import pytest

from qms.calendar import WorkCalendar
from qms.deadline import (
    Clock,
    CountingRule,
    TimeLimit,
    clock_ledger,
    consumption,
    due,
    elapsed,
    is_over,
    last_day,
    lateness,
    latest_start,
    ledger,
    reckon,
    reckon_clock,
    timeliness,
    to_us,
)
from qms.errors import InvalidInput, OutsideCalendar
from qms.limits import SameDay

VN = WorkCalendar.load("VN")
OFFICE, CIVIL, PLAIN = (CountingRule.named(name) for name in ("vn-one-stop", "vn-civil-2015", "calendar-plain"))
DUTCH = WorkCalendar.from_dates(
    zone="Europe/Amsterdam", week={"mon-fri": "09:00-17:00"}, first=date(2010, 1, 1), last=date(2013, 12, 31), name="town hall"
)
HOUR = 3600 * 1_000_000


def at(text, zone="Asia/Ho_Chi_Minh"):
    """A moment in a zone."""
    return pendulum.from_format(text, "YYYY-MM-DD HH:mm", tz=zone)


def ends(start, limit, *pauses, rule=OFFICE):
    """When a limit ends, in words."""
    spans = [(at(low), at(high)) for low, high in pauses]
    return due(at(start), TimeLimit.parse(limit), calendar=VN, rule=rule, pauses=spans).format("YYYY-MM-DD HH:mm")


# -- moments in and out --------------------------------------------------------------------------------------------


def test_the_customary_rule_of_the_calendar_is_used():
    """Where none is named; a calendar without one refuses."""
    limit = TimeLimit.parse("10 working days")
    assert due(at("2021-03-01 09:00"), limit, calendar=VN) == due(at("2021-03-01 09:00"), limit, calendar=VN, rule=OFFICE)
    with pytest.raises(InvalidInput, match="the calendar town hall names no customary rule"):
        due(at("2011-03-01 09:00"), limit, calendar=DUTCH)


def test_a_due_moment_stands_in_the_zone_of_the_office():
    """Whatever zone the start is told in."""
    start = at("2021-03-01 09:00")
    found = [due(moment, TimeLimit.parse("1 working day"), calendar=VN) for moment in (start, start.in_timezone("UTC"))]
    assert ["2021-03-02T17:00:00+07:00"] * 2 == [moment.isoformat() for moment in found]


def test_moments_without_a_zone_are_refused():
    """A start and a pause alike."""
    limit, naive = TimeLimit.parse("1 working day"), datetime(2021, 3, 1, 9)
    with pytest.raises(InvalidInput, match="has no zone"):
        due(naive, limit, calendar=VN)
    with pytest.raises(InvalidInput, match="has no zone"):
        due(at("2021-03-01 09:00"), limit, calendar=VN, pauses=[(naive, naive)])


def test_a_pause_that_ends_before_it_begins_is_refused():
    """In one pause, and among several."""
    wrong = ("2021-03-03 10:00", "2021-03-02 10:00")
    for pauses in ([wrong], [("2021-03-02 10:00", "2021-03-02 11:00"), wrong]):
        with pytest.raises(InvalidInput, match="a pause ends before it begins"):
            ends("2021-03-01 09:00", "10 working days", *pauses)


@pytest.mark.parametrize(
    "limit", ["300 working days", "1000 days", "1000 months", "9999 years", "30000 hours", "same day", "8 working hours"]
)
def test_an_end_outside_the_calendar_is_refused(limit):
    """No answer is better than a guess."""
    with pytest.raises(OutsideCalendar):
        ends("2027-12-31 16:00", limit)


def test_a_reckoning_says_how_it_came_about():
    """The instant, the last day, what was consumed, and the ledger."""
    found = reckon(at("2021-03-01 09:00"), TimeLimit.parse("10 working days"), calendar=VN, rule=CIVIL)
    assert ("2021-03-16 00:00", date(2021, 3, 15)) == (found.at.format("YYYY-MM-DD HH:mm"), found.last_day)
    assert (80 * HOUR, 0) == (found.consumed.budget, found.consumed.remaining)
    assert found.at == found.ledger.due


def test_how_much_has_run():
    """After two days and a half: 20 of 80 working hours."""
    ask = (at("2021-03-01 09:00"), TimeLimit.parse("10 working days"), at("2021-03-04 11:30"))
    found = consumption(*ask, calendar=VN)
    assert ("working time", 20 * HOUR, 60 * HOUR) == (found.axis, found.consumed, found.remaining)
    assert TimeLimit(2, "working days") == elapsed(ask[0], ask[2], "working days", calendar=VN)


def test_past_the_end_what_remains_is_negative():
    """By how much it is overrun, for time and for days."""
    start = at("2021-04-01 09:00")
    late = consumption(start, TimeLimit.parse("45 days"), at("2021-05-20 17:00"), calendar=VN)
    assert ("days", -3) == (late.axis, late.remaining)
    assert -24 * HOUR == consumption(start, TimeLimit.parse("24 hours"), at("2021-04-03 09:00"), calendar=VN).remaining


def test_before_its_start_nothing_has_run():
    """The clock does not run backwards."""
    start = at("2021-04-01 09:00")
    for unit in ("days", "working days", "working hours", "hours", "months", "same day"):
        assert TimeLimit(0, unit) == elapsed(start, at("2021-03-01 09:00"), unit, calendar=VN)


# -- conventions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "office", "civil", "plain"),
    [
        ("10 working days", "2021-03-15 17:00", "2021-03-16 00:00", "2021-03-15 09:00"),
        ("12 days", "2021-03-15 17:00", "2021-03-16 00:00", "2021-03-13 09:00"),
        ("1 month", "2021-04-01 17:00", "2021-04-02 00:00", "2021-04-01 09:00"),
        ("same day", "2021-03-01 17:00", "2021-03-02 00:00", "2021-03-01 09:00"),
        ("48 hours", "2021-03-03 09:00", "2021-03-03 09:00", "2021-03-03 09:00"),
        ("8 working hours", "2021-03-02 09:00", "2021-03-02 09:00", "2021-03-02 09:00"),
    ],
)
def test_three_rules_end_at_three_moments(limit, office, civil, plain):
    """At the close of the office, at 24:00, and at the wall time of the start."""
    assert [office, civil, plain] == [ends("2021-03-01 09:00", limit, rule=rule) for rule in (OFFICE, CIVIL, PLAIN)]


def test_eight_weeks_keep_their_wall_time_when_the_clocks_change():
    """As planned ends of a Dutch town hall do: from winter into summer."""
    start = at("2011-02-14 11:23", "Europe/Amsterdam")
    found = due(start, TimeLimit.parse("8 weeks"), calendar=DUTCH, rule=PLAIN)
    assert "2011-04-11T11:23:00+02:00" == found.isoformat()


def test_the_first_day_can_count():
    """Ten days from Monday are then the Wednesday of the next week; a closed first day counts none of its working days."""
    rule = attrs.evolve(OFFICE, first_day="included")
    assert ["2021-03-10 17:00", "2021-03-01 17:00", "2021-03-01 17:00"] == [
        ends("2021-03-01 09:00", "10 days", rule=rule),
        ends("2021-03-01 09:00", "1 working day", rule=rule),
        ends("2021-02-28 09:00", "1 working day", rule=rule),
    ]


def test_a_roll_can_go_backwards():
    """The end on a Sunday goes to the Friday before, and its ledger tells the move."""
    rule = attrs.evolve(OFFICE, roll="backward")
    assert "2021-05-14 17:00" == ends("2021-04-01 09:00", "45 days", rule=rule)
    found = ledger(at("2021-04-01 09:00"), TimeLimit.parse("45 days"), calendar=VN, rule=rule)
    assert (date(2021, 5, 16), date(2021, 5, 14)) == found.rolled


def test_a_kind_of_day_off_can_be_left_out_of_the_roll():
    """A swapped Monday is no weekend and no holiday in the letter of the law: the period ends on it."""
    literal = attrs.evolve(OFFICE, roll_on=("weekend", "holiday"))
    assert "2018-12-31 17:00" == ends("2018-10-31 09:00", "2 months", rule=literal)


def test_a_same_day_limit_can_end_at_the_next_opening():
    """A file received after 15:00 is handed over when the next working day begins."""
    rule = attrs.evolve(OFFICE, same_day=SameDay(until="opening"))
    assert ["2021-03-01 17:00", "2021-03-02 07:30", "2021-03-08 07:30"] == [
        ends(start, "same day", rule=rule) for start in ("2021-03-01 09:00", "2021-03-01 15:20", "2021-03-05 16:00")
    ]


# -- pauses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "pause", "expected"),
    [
        ("10 days", ("2021-03-03 10:00", "2021-03-10 10:00"), "2021-03-18 17:00"),  # 7 midnights: the 11th and 7
        ("10 days", ("2021-03-03 10:00", "2021-03-03 15:00"), "2021-03-11 17:00"),  # no midnight
        ("48 hours", ("2021-03-02 10:00", "2021-03-02 15:00"), "2021-03-03 14:00"),
        ("8 working hours", ("2021-03-01 11:00", "2021-03-01 13:30"), "2021-03-02 10:00"),
        ("same day", ("2021-03-01 10:00", "2021-03-02 10:00"), "2021-03-02 17:00"),
        ("1 month", ("2021-03-31 23:00", "2021-04-01 01:00"), "2021-04-02 17:00"),
        ("1 month", ("2021-04-01 17:00", "2021-04-05 17:00"), "2021-04-01 17:00"),  # over when it began
    ],
)
def test_a_pause_is_measured_on_the_axis_of_its_limit(limit, pause, expected):
    """Midnights for days, elapsed time for hours, working time for working hours."""
    assert expected == ends("2021-03-01 09:00", limit, pause)


def test_a_period_that_rolled_does_not_end_while_it_is_paused():
    """Its last day is a Sunday, and it is paused on the Monday to which it went: it ends on the day it resumes."""
    pause = ("2021-05-17 09:00", "2021-05-18 09:00")
    assert "2021-05-18 17:00" == ends("2021-04-01 09:00", "45 days", pause)


def test_a_period_resumed_after_the_close_ends_the_next_day():
    """The close of the day of the resumption is over."""
    assert "2021-03-12 17:00" == ends("2021-03-01 09:00", "10 days", ("2021-03-11 16:00", "2021-03-11 18:00"))
    rule = attrs.evolve(OFFICE, pause="days")
    assert "2021-03-08 17:00" == ends("2021-03-01 09:00", "4 working days", ("2021-03-05 10:00", "2021-03-07 10:00"), rule=rule)


def test_a_period_that_rolls_back_does_not_end_while_it_is_paused():
    """Rolled to a Friday, and resumed on it after the close: the next working day."""
    rule = attrs.evolve(OFFICE, roll="backward")
    assert "2021-05-17 17:00" == ends("2021-04-01 09:00", "45 days", ("2021-05-14 16:00", "2021-05-14 18:00"), rule=rule)


def test_the_civil_code_ends_a_put_off_day_at_midnight():
    """Whole days of pause leave the end at 24:00; hours of pause leave it within a day."""
    assert "2021-03-23 00:00" == ends(
        "2021-03-01 09:00", "10 working days", ("2021-03-03 10:00", "2021-03-10 10:00"), rule=CIVIL
    )
    assert "2021-03-16 08:30" == ends(
        "2021-03-01 09:00", "10 working days", ("2021-03-03 10:00", "2021-03-03 11:00"), rule=CIVIL
    )


# -- questions about an end ----------------------------------------------------------------------------------------


def test_when_a_period_is_over():
    """17:00 is within for an office, midnight is not for the Civil Code."""
    end = to_us(at("2021-03-15 17:00"))
    assert [False, True, True] == [is_over(end, end, OFFICE), is_over(end, end + 1, OFFICE), is_over(end, end, CIVIL)]


def test_the_last_day_of_a_midnight_is_the_day_before():
    """Unless the rule keeps wall time."""
    midnight = to_us(at("2021-03-16 00:00"))
    assert [date(2021, 3, 15), date(2021, 3, 16)] == [last_day(midnight, VN, CIVIL), last_day(midnight, VN, PLAIN)]


@pytest.mark.parametrize(
    ("finished", "compare", "expected"),
    [
        ("2021-03-14 23:59", "instant", "early"),
        ("2021-03-15 23:59", "instant", "on-time"),
        ("2021-03-15 23:59", "date", "on-time"),
        ("2021-03-16 00:00", "instant", "late"),
        ("2021-03-16 00:00", "date", "late"),
    ],
)
def test_timeliness_by_the_civil_code(finished, compare, expected):
    """The end at 24:00 of the 15th is told as the first instant of the 16th, which is late."""
    assert expected == timeliness(to_us(at(finished)), to_us(at("2021-03-16 00:00")), VN, compare, CIVIL)


def test_timeliness_without_a_rule_takes_wall_time():
    """A planned end at midnight belongs to the day it begins."""
    midnight = to_us(at("2021-03-16 00:00"))
    assert ["early", "on-time", "late"] == [timeliness(midnight + delta, midnight, VN) for delta in (-1, 0, 1)]


def test_timeliness_is_by_instant_or_by_date():
    """Nothing else."""
    with pytest.raises(InvalidInput, match="'week' is no way to compare; write instant or date"):
        timeliness(0, 0, VN, "week")


@pytest.mark.parametrize(
    ("limit", "end", "finished", "late"),
    [
        ("10 working days", "2021-03-15 17:00", "2021-03-18 10:00", "3 working days"),
        ("10 working days", "2021-03-15 17:00", "2021-03-15 17:20", "0 working days"),
        ("10 working days", "2021-03-15 17:00", "2021-03-15 17:00", "0 working days"),
        ("same day", "2021-03-12 17:00", "2021-03-16 08:00", "2 working days"),
        ("45 days", "2021-05-17 17:00", "2021-05-20 08:00", "3 days"),
        ("1 month", "2021-05-17 17:00", "2021-06-20 08:00", "34 days"),
        ("8 working hours", "2021-03-15 16:00", "2021-03-16 08:00", "90 working minutes"),
        ("48 hours", "2021-03-15 16:00", "2021-03-15 16:20", "20 minutes"),
    ],
)
def test_lateness_is_in_the_kind_of_time_of_the_limit(limit, end, finished, late):
    """Working days for working days, minutes for hours, and nothing for what is in time."""
    found = lateness(to_us(at(finished)), to_us(at(end)), TimeLimit.parse(limit), calendar=VN, rule=OFFICE)
    assert late == str(found)


# -- clocks --------------------------------------------------------------------------------------------------------

T0 = to_us(at("2021-03-01 09:00"))
TEN = Clock(TimeLimit.parse("10 working days"), "vn-one-stop", T0)


def later(text):
    """An instant of March 2021."""
    return to_us(at(f"2021-03-{text}"))


def stated(clock, rule=OFFICE):
    """When a clock ends, in words."""
    return VN.moment(reckon_clock(clock, VN, rule)).format("DD HH:mm")


def test_a_clock_runs_is_paused_and_is_stopped():
    """And says which."""
    paused = TEN.pause(later("03 10:00"))
    assert ["running", "paused", "running", "stopped"] == [
        TEN.state,
        paused.state,
        paused.resume(later("10 10:00")).state,
        paused.stop(later("10 10:00")).state,
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda clock: clock.pause(later("03 10:00")).pause(later("04 10:00")), "a paused clock cannot pause"),
        (lambda clock: clock.resume(later("03 10:00")), "a running clock cannot resume"),
        (lambda clock: clock.start(later("03 10:00")), "a running clock cannot start"),
        (lambda clock: clock.stop(later("03 10:00")).stop(later("04 10:00")), "a stopped clock cannot stop"),
        (lambda clock: clock.stop(later("03 10:00")).pause(later("04 10:00")), "a stopped clock cannot pause"),
        (lambda clock: clock.stop(later("03 10:00")).extend(TimeLimit(1, "days"), later("04 10:00")), "cannot extend"),
        (lambda clock: clock.extend(TimeLimit(1, "days"), T0 - 1), "extend lies before the start"),
        (lambda clock: clock.pause(T0 - 1), "pause lies before the last change"),
        (lambda clock: clock.pause(later("03 10:00")).resume(later("02 10:00")), "resume lies before the last change"),
        (lambda clock: clock.pause(later("03 10:00")).restart(later("02 10:00")), "restart lies before the last change"),
        (lambda clock: clock.stop(later("03 10:00")).start(later("02 10:00")), "start lies before the last change"),
    ],
    ids=[
        "pause-paused",
        "resume-running",
        "start-running",
        "stop-stopped",
        "pause-stopped",
        "extend-stopped",
        "extend-early",
        "pause-early",
        "resume-early",
        "restart-early",
        "start-early",
    ],
)
def test_a_change_that_does_not_fit_is_refused(change, message):
    """What it takes is said."""
    with pytest.raises(InvalidInput, match=message):
        change(TEN)


def test_a_pause_puts_the_end_off_when_it_is_closed():
    """While it is open the end is told as if it went on at once."""
    paused = TEN.pause(later("03 10:00"))
    assert ["15 17:00", "15 17:00", "22 17:00"] == [stated(TEN), stated(paused), stated(paused.resume(later("10 10:00")))]


def test_open_pauses_close_when_asked():
    """Up to an instant, or not at all."""
    paused = TEN.pause(later("03 10:00"))
    assert ((), ((later("03 10:00"), later("04 10:00")),)) == (paused.closed_pauses(), paused.closed_pauses(later("04 10:00")))


def test_stopping_closes_the_pause():
    """And a fresh start forgets the run before."""
    stopped = TEN.pause(later("03 10:00")).stop(later("04 10:00"))
    assert ((later("03 10:00"), later("04 10:00")),) == stopped.pauses
    assert Clock(TEN.limit, TEN.rule, later("05 10:00")) == stopped.start(later("05 10:00"))


def test_a_restart_voids_what_ran():
    """Until its pause, its stop, or the restart."""
    restarted = [
        clock.restart(later("10 10:00"))
        for clock in (TEN, TEN.pause(later("03 10:00")), TEN.stop(later("04 10:00")), TEN.extend(TimeLimit(1, "days"), T0))
    ]
    assert [later("10 10:00"), later("03 10:00"), later("04 10:00"), later("10 10:00")] == [c.voided[0][1] for c in restarted]
    assert {"24 17:00"} == {stated(clock) for clock in restarted}


def test_an_extension_counts_from_the_end():
    """Three working days more, in the office and by the Civil Code, and a pause within the extension."""
    longer = TEN.extend(TimeLimit.parse("3 working days"), later("12 10:00"))
    assert ["18 17:00", "19 00:00"] == [stated(longer), stated(longer, CIVIL)]
    assert "19 17:00" == stated(longer.pause(later("16 10:00")).resume(later("17 10:00")))
    assert "16 17:00" == stated(TEN.extend(TimeLimit.parse("8 working hours"), later("12 10:00")))


def test_a_clock_holds_what_was_stated():
    """With the version of the calendar that stated it, until it is stated again."""
    told = TEN.with_due(later("15 17:00"), VN.version)
    assert (later("15 17:00"), VN.version) == (told.due, told.calendar)
    assert (later("15 17:00"), None) == (told.pause(later("03 10:00")).due, told.restart(later("10 10:00")).due)


@pytest.mark.parametrize(
    "clock",
    [
        TEN,
        Clock(TEN.limit, TEN.rule, 0, stopped=0, due=0),
        TEN.pause(later("03 10:00")),
        TEN.pause(later("03 10:00")).restart(later("10 10:00")).extend(TimeLimit(3, "days"), later("12 10:00")),
        attrs.evolve(TEN, fired=True).with_due(later("15 17:00"), "version"),
    ],
    ids=["running", "zeros", "paused", "restarted", "fired"],
)
def test_a_clock_is_what_its_tree_says(clock):
    """Read again it is equal, zeros and all."""
    assert clock == Clock.from_tree(clock.to_tree())


def test_the_ledger_of_a_clock_stops_where_it_stands():
    """At its open pause, at its stop, or where it is asked; and the due date is told with its state."""
    paused, stopped = TEN.pause(later("03 10:00")), TEN.stop(later("04 11:30"))
    asked = clock_ledger(TEN, VN, OFFICE, until=later("04 11:30"))
    assert [(8 + 2.5) * HOUR, 20 * HOUR, 20 * HOUR] == [
        clock_ledger(paused, VN, OFFICE).counted,
        clock_ledger(stopped, VN, OFFICE).counted,
        asked.counted,
    ]
    assert "would be due Mon 15/03/2021 17:00; paused" in str(clock_ledger(paused, VN, OFFICE))
    assert "due Mon 15/03/2021 17:00; stopped" in str(clock_ledger(stopped, VN, OFFICE))


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2021-03-05 10:59", "2021-03-05T11:30"),
        ("2021-03-05 11:30", "2021-03-08T17:00"),
        ("2021-03-05 13:00", "2021-03-08T17:00"),
    ],
)
def test_a_same_day_limit_never_ends_before_it_begins(received, expected):
    """Where an office closes before the cut-off, what comes after closing is for the next working day."""
    half = WorkCalendar.from_dates(
        zone="Asia/Ho_Chi_Minh",
        week={"mon-thu": "07:30-11:30 13:00-17:00", "fri": "07:30-11:30"},
        first=date(2021, 1, 1),
        last=date(2021, 12, 31),
    )
    found = reckon(at(received), TimeLimit.parse("same day"), calendar=half, rule=OFFICE)
    assert expected == found.at.isoformat()[:16]
    assert found.consumed.consumed == found.consumed.budget
    assert ("when the office had closed" in str(found.ledger)) == (expected == "2021-03-08T17:00")
    assert ("sau giờ làm việc" in found.ledger.text("vi")) == (expected == "2021-03-08T17:00")


NIGHTS = WorkCalendar.from_dates(
    zone="Europe/Paris", week={"mon-sun": "22:00-06:00"}, first=date(2026, 11, 1), last=date(2026, 11, 30)
)


@pytest.mark.parametrize("limit", ["2 working minutes", "1 working day", "same day"])
def test_the_last_night_of_a_calendar_is_told(limit):
    """A limit that ends in the night after the coverage has the ledger of any other."""
    start = pendulum.datetime(2026, 11, 29 if "day" in limit else 30, 23, 59, tz="Europe/Paris")
    told = ledger(start, TimeLimit.parse(limit), calendar=NIGHTS, rule=CountingRule.named("vn-one-stop"))
    assert told.budget == told.counted


@pytest.mark.parametrize("rule", ["using-created-date-after-3pm", "hsmc-normal", "vn-one-stop"])
def test_an_end_at_the_end_of_the_coverage_is_reckoned_as_it_is_told(rule):
    """An office that is open until midnight closes at the first instant after its calendar."""
    late = WorkCalendar.from_dates(zone="UTC", week={"mon-sun": "20:00-24:00"}, first=date(2026, 1, 1), last=date(2026, 1, 31))
    start = pendulum.datetime(2026, 1, 26, 9, tz="UTC")
    days = 6 if CountingRule.named(rule).first_day == "included" else 5
    found = reckon(start, TimeLimit(days, "days"), calendar=late, rule=CountingRule.named(rule))
    assert (pendulum.datetime(2026, 2, 1, tz="UTC"), 0, days) == (found.at, found.consumed.remaining, found.ledger.counted)


@pytest.mark.parametrize("name", ["calendar-plain", "hsmc-24h"])
def test_the_latest_start_of_a_wall_time_is_the_latest(name):
    """Friday at 23:00 ends after Sunday at 09:00 where both keep their hour, though it is the earlier start."""
    office = WorkCalendar.from_dates(
        zone="UTC", week={"mon-fri": "08:00-16:00"}, first=date(2026, 3, 1), last=date(2026, 3, 31)
    )
    start, limit, rule = pendulum.datetime(2026, 3, 8, 9, tz="UTC"), TimeLimit.parse("3 working days"), CountingRule.named(name)
    assert start == latest_start(due(start, limit, calendar=office, rule=rule), limit, calendar=office, rule=rule)


@pytest.mark.parametrize("year", [1, 9999])
def test_months_from_the_first_and_last_day_of_time_are_outside(year):
    """The zone of the office takes the moment into a year that no date has."""
    moment = pendulum.datetime(1, 1, 1, tz="Asia/Tokyo") if year == 1 else pendulum.datetime(9999, 12, 31, 23, tz="UTC")
    for backward in (False, True):
        with pytest.raises(OutsideCalendar):
            due(moment, TimeLimit(1, "months"), calendar=WorkCalendar.load("VN"), backward=backward)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"limit": "10 days"}, "limit: '10 days' is no limit; write TimeLimit.parse"),
        ({"calendar": "VN"}, "calendar: 'VN' is no calendar; write WorkCalendar.load"),
        ({"rule": "vn-one-stop"}, "rule: 'vn-one-stop' is no rule; write CountingRule.named"),
        ({"pauses": 5}, "pauses: 5 is no list of pauses"),
        ({"pauses": [5]}, "pauses: 5 is no pause; give its beginning and its end"),
    ],
)
@pytest.mark.parametrize("ask", [due, ledger, reckon, consumption])
def test_a_name_in_the_place_of_a_thing_is_refused_with_how_to_write_it(ask, given, words):
    """A limit, a calendar or a rule by its name, and a pause that is no pair."""
    start = pendulum.datetime(2026, 3, 2, 9, tz=VN.tz)
    asked = {"limit": TimeLimit(10, "days"), "calendar": VN, "rule": OFFICE, "pauses": ()} | given
    limit = asked.pop("limit")
    places = (start, limit, start) if ask is consumption else (start, limit)
    with pytest.raises(InvalidInput) as error:
        ask(*places, **asked)
    assert words in str(error.value)


def test_a_name_is_refused_where_no_limit_or_no_pause_is_asked_for_too():
    """What has run has no limit, and the latest start no pauses."""
    start = pendulum.datetime(2026, 3, 2, 9, tz=VN.tz)
    with pytest.raises(InvalidInput, match="rule: 'vn-one-stop' is no rule"):
        elapsed(start, start, "days", calendar=VN, rule="vn-one-stop")
    with pytest.raises(InvalidInput, match="limit: '10 days' is no limit"):
        latest_start(start, "10 days", calendar=VN)
