"""Counting at its bounds: the edge of a calendar, of a pause, of a month and of a recess, one microsecond or day either way."""

from __future__ import annotations

from datetime import date

import attrs
import pendulum
import pytest

from qms.calendar import WorkCalendar, to_us
from qms.clock import Clock, clock_consumption, clock_ledger, reckon_clock
from qms.deadline import consumption, due, elapsed, latest_start, ledger, reckon
from qms.errors import InvalidInput, OutsideCalendar
from qms.limits import CountingRule, Cutoff, Minimum, Recess, Scope, TimeLimit

HOUR = 3_600_000_000
OFFICE = WorkCalendar.from_dates(
    zone="Asia/Ho_Chi_Minh",
    week={"mon-fri": "08:00-12:00 13:00-17:00"},
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
    name="office",
)
COUNTER, BGB, FEDERAL = (CountingRule.named(name) for name in ("vn-one-stop", "de-bgb", "us-frcp-6"))
FIRST_COUNTS = attrs.evolve(BGB, first_day="included", roll="none")


def at(text):
    """A moment of 2026: ``03-02 09:00``."""
    return pendulum.from_format(f"2026-{text}", "YYYY-MM-DD HH:mm", tz="Asia/Ho_Chi_Minh")


def told(moment):
    """A moment in words."""
    return moment.format("MM-DD HH:mm")


def ends(start, limit, *pauses, rule, **more):
    """When a limit ends, in words."""
    spans = [(at(low), at(high)) for low, high in pauses]
    return told(due(at(start), TimeLimit.parse(limit), calendar=OFFICE, rule=rule, pauses=spans, **more))


def last_day(start, limit, rule, **more):
    """The last day of a limit, in words."""
    return reckon(at(start), TimeLimit.parse(limit), calendar=OFFICE, rule=rule, **more).last_day.format("MM-DD")


# -- the last day ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "limit", "last"),
    [
        ("01-31", "1 month", "02-28"),  # clamped: the last of the month is the last day
        ("01-31", "2 months", "03-30"),  # not clamped, though March 31 is the last of its month
        ("03-31", "2 months", "05-30"),
        ("02-28", "1 month", "03-27"),
        ("04-30", "1 month", "05-29"),
    ],
)
def test_months_end_the_day_before_unless_the_month_is_too_short(start, limit, last):
    """Where the first day counts (BGB 188(2), (3))."""
    assert last == last_day(f"{start} 10:00", limit, FIRST_COUNTS)


def test_a_month_is_28_days_at_least():
    """It holds a minimum asked of 28 days, and not one asked of 29."""
    rules = [attrs.evolve(BGB, roll="none", minimum=Minimum(23, within)) for within in (28, 29)]
    assert ["03-05", "03-02"] == [last_day("02-02 10:00", "1 month", rule) for rule in rules]


def test_an_end_is_moved_within_the_scope_alone_going_back_too():
    """Ten days back roll from Sunday to Friday, twelve stay on their Sunday."""
    rule = attrs.evolve(BGB, backward_roll="backward", scope=Scope(days=10))
    days = [
        last_day(start, limit, rule, backward=True) for start, limit in (("03-18 10:00", "10 days"), ("03-20 10:00", "12 days"))
    ]
    assert ["03-06", "03-08"] == days


@pytest.mark.parametrize(("backward", "day"), [(True, "0001-01-01"), (False, "9999-12-31")])
def test_months_past_the_end_of_dates_are_outside_the_calendar(backward, day):
    """The refusal names the first or the last day that there is."""
    with pytest.raises(OutsideCalendar, match=f"^{day} lies outside"):
        ends("03-02 09:00", "120000 months", rule=BGB, backward=backward)


def test_months_of_the_last_year_there_is_are_counted():
    """The refusal names the day on which they end."""
    with pytest.raises(OutsideCalendar, match=r"^9999-06-02 lies outside"):
        ends("03-02 09:00", f"{(9999 - 2026) * 12 + 3} months", rule=BGB)


# -- pauses ------------------------------------------------------------------------------------------------------------


def test_a_pause_that_begins_as_hours_end_does_not_hold_them():
    """It is half-open: 48 hours that end on Sunday are rolled to Monday, to the instant at which a pause begins."""
    assert "03-16 10:00" == ends("03-13 10:00", "48 hours", ("03-16 10:00", "03-17 11:00"), rule=FEDERAL)
    assert "03-17 11:00" == ends("03-13 10:00", "48 hours", ("03-16 09:59", "03-17 11:00"), rule=FEDERAL)


@pytest.mark.parametrize(
    ("first_day", "end", "held"), [("excluded", "03-17 00:00", "03-17 00:00"), ("included", "03-14 00:00", "03-17 00:00")]
)
def test_a_pause_before_the_day_that_counts_as_the_first_takes_nothing(first_day, end, held):
    """Received on a Friday after the cut-off, counted from Monday: a weekend in pause is none, its last midnight one of a first day."""
    rule = attrs.evolve(BGB, cutoff=Cutoff("15:00"), first_day=first_day)
    assert end == ends("03-06 16:00", "5 days", rule=rule)
    assert end == ends("03-06 16:00", "5 days", ("03-07 09:00", "03-08 09:00"), rule=rule)
    assert held == ends("03-06 16:00", "5 days", ("03-08 09:00", "03-09 09:00"), rule=rule)


def test_a_same_day_limit_in_a_recess_runs_after_it():
    """Begun at 09:00 of a recess it has the seven hours of that day on the first day after it."""
    rule = attrs.evolve(COUNTER, recess=Recess(("2026-03-09/2026-03-13",)))
    assert ["03-06 17:00", "03-16 16:00"] == [ends(f"{day} 09:00", "same day", rule=rule) for day in ("03-06", "03-10")]


def test_at_its_end_all_of_a_limit_is_consumed():
    """With its pauses: they are no part of it."""
    spans = [(at("03-03 10:00"), at("03-05 10:00"))]
    answer = reckon(at("03-02 10:00"), TimeLimit.parse("5 working days"), calendar=OFFICE, rule=COUNTER, pauses=spans)
    assert (answer.consumed.budget, 0) == (answer.consumed.consumed, answer.consumed.remaining)


def test_days_run_after_a_pause_and_not_within():
    """Two had ended when it began, and each midnight after the resumption ends one more."""
    run = [
        consumption(
            at("03-02 10:00"),
            TimeLimit.parse("10 days"),
            at(f"{day} 12:00"),
            calendar=OFFICE,
            rule=BGB,
            pauses=[(at("03-05 10:00"), at("03-10 10:00"))],
        ).consumed
        for day in ("03-04", "03-05", "03-07", "03-09", "03-12", "03-13")
    ]
    assert [1, 2, 2, 2, 4, 5] == run


def test_the_first_day_runs_where_it_counts():
    """From its own hour on: four of the hours between 10:00 and 15:00 are worked."""
    rule, three = attrs.evolve(COUNTER, first_day="included"), TimeLimit.parse("3 working days")
    known = {"calendar": OFFICE, "rule": rule}
    hours = [
        consumption(at("03-02 10:00"), three, at(f"{when}"), **known).consumed // 3_600_000_000
        for when in ("03-02 15:00", "03-03 09:00")
    ]
    assert [4, 7] == hours


def test_a_pause_of_the_last_microsecond_of_a_day_is_no_recess():
    """The day on which it begins has not ended then, whatever recess the rule has in another month."""
    rule = attrs.evolve(BGB, recess=Recess(("07-15/08-15",)))
    spans = [(at("03-06 00:00").subtract(microseconds=1), at("03-10 10:00"))]
    known = {"calendar": OFFICE, "rule": rule, "pauses": spans}
    assert 2 == consumption(at("03-02 10:00"), TimeLimit.parse("10 days"), at("03-07 12:00"), **known).consumed


def test_a_pause_puts_off_an_end_that_rolls_back():
    """Paused for two days the 12th becomes Saturday the 14th, which is rolled to Friday."""
    assert "03-14 00:00" == ends(
        "03-02 10:00", "10 days", ("03-03 10:00", "03-05 10:00"), rule=attrs.evolve(BGB, roll="backward")
    )


def test_a_pause_to_come_adds_nothing_to_what_has_elapsed():
    """One working day had elapsed by Tuesday evening, whatever happened on Friday."""
    spans = [(at("03-06 10:00"), at("03-09 10:00"))]
    assert TimeLimit(1, "working days") == elapsed(
        at("03-02 09:00"), at("03-03 18:00"), "working days", calendar=OFFICE, rule=COUNTER, pauses=spans
    )


def test_a_pause_that_begins_as_working_hours_end_does_not_hold_them():
    """Eight hours are worked at 17:00, when the pause begins; the minute before, it holds the last one."""
    held = [ends("03-02 08:00", "8 working hours", (f"03-02 {low}", "03-03 10:00"), rule=COUNTER) for low in ("17:00", "16:59")]
    assert ["03-02 17:00", "03-03 10:01"] == held


def test_a_roll_between_two_pauses_does_not_make_the_second_longer():
    """Due on a Saturday, paused twice on the Sunday that is rolled over: it ends on the day of the resumption."""
    spans = [("03-08 10:00", "03-08 12:00"), ("03-08 20:00", "03-10 10:00")]
    assert ["03-10 00:00", "03-11 00:00"] == [ends("03-02 09:00", "5 days", *pauses, rule=BGB) for pauses in ([], spans)]


def test_an_end_within_a_pause_is_the_same_hour_of_the_day_after():
    """Where the wall time is kept and nothing rolls: of a Saturday too."""
    plain = CountingRule.named("calendar-plain")
    assert "03-07 10:00" == ends("03-02 10:00", "4 days", ("03-06 09:00", "03-06 12:00"), rule=plain)


def test_what_has_elapsed_is_net_of_a_pause_that_is_over():
    """Four working days less one; and at a moment within the pause what had before it."""
    known = {"calendar": OFFICE, "rule": COUNTER, "pauses": [(at("03-04 10:00"), at("03-05 10:00"))]}
    days = [
        elapsed(at("03-02 09:00"), at(when), "working days", **known).amount
        for when in ("03-04 12:00", "03-05 09:00", "03-06 18:00")
    ]
    assert [1, 1, 3] == days


def test_at_the_resumption_as_much_has_run_as_right_after_it():
    """Where days end at the close of the office, and it is past."""
    rule, limit = attrs.evolve(BGB, end_of_day="close"), TimeLimit.parse("10 days")
    known = {"calendar": OFFICE, "rule": rule, "pauses": [(at("03-05 10:00"), at("03-06 18:00"))]}
    run = [consumption(at("03-02 10:00"), limit, at("03-06 18:00").add(microseconds=n), **known).consumed for n in (0, 1)]
    assert [3, 3] == run


def test_a_same_day_limit_of_a_rule_without_a_roll_ends_on_a_day_off_too():
    """On the Saturday on which it began."""
    assert "03-08 00:00" == ends("03-07 09:00", "same day", rule=attrs.evolve(COUNTER, roll="none", end_of_day="24:00"))


def test_working_days_with_nights_where_the_first_counts():
    """By the Civil Code a day is over at 24:00, though its shift goes on: as many have elapsed by the end as the limit has."""
    nights = WorkCalendar.from_dates(zone=OFFICE.zone, week={"mon-fri": "20:00-04:00"}, first=OFFICE.first, last=OFFICE.last)
    for first_day in ("included", "excluded"):
        rule = attrs.evolve(CountingRule.named("vn-civil-2015"), first_day=first_day)
        for start in ("03-02 10:00", "03-02 21:00", "03-06 21:00", "03-07 02:00", "03-07 10:00"):
            for limit in (TimeLimit(1, "working days"), TimeLimit(4, "working days")):
                end = due(at(start), limit, calendar=nights, rule=rule)
                assert limit == elapsed(at(start), end, limit.unit, calendar=nights, rule=rule)
                assert (
                    1
                    == limit.amount
                    - elapsed(at(start), end.subtract(microseconds=1), limit.unit, calendar=nights, rule=rule).amount
                )


def test_a_clock_turned_back_over_midnight_takes_no_time_of_the_start():
    """In St. John's a minute of Sunday came before the last hour of Saturday came again: at its start nothing has run."""
    zone = "America/St_Johns"
    always = WorkCalendar.from_dates(
        zone=zone, week={"mon-sun": "00:00-24:00"}, first=date(2010, 11, 1), last=date(2010, 11, 30)
    )
    start = pendulum.datetime(2010, 11, 7, 2, 45, tz="UTC").in_timezone(zone)
    known = {"calendar": always, "rule": COUNTER}
    limit = TimeLimit.parse("2 working days")
    assert ("11-06 23:15", 0) == (start.format("MM-DD HH:mm"), consumption(start, limit, start, **known).consumed)
    assert 60_000_000 == consumption(start, limit, start.add(minutes=1), **known).consumed


def run(start, limit, when, rule):
    """What is consumed and what remains, in hours."""
    told = consumption(at(start), TimeLimit.parse(limit), at(when), calendar=OFFICE, rule=rule)
    return told.consumed / HOUR, told.remaining / HOUR


def test_a_same_day_limit_runs_from_its_start():
    """Seven of the hours of the day are left at 09:00, five at 11:00."""
    assert [(0, 7), (2, 5)] == [run("03-02 09:00", "same day", f"03-02 {time}", COUNTER) for time in ("09:00", "11:00")]


def test_what_is_received_after_the_cut_off_runs_from_the_next_day():
    """Where that day counts: the last hour of Friday does not run, Monday does."""
    rule = attrs.evolve(COUNTER, first_day="included", cutoff=Cutoff("15:00"))
    assert [(0, 24), (2, 22)] == [run("03-06 16:00", "3 working days", when, rule) for when in ("03-06 17:00", "03-09 10:00")]


def test_hours_that_rolled_are_overrun_from_the_rolled_end():
    """48 hours from Friday 10:00 end on Monday 10:00; an hour later they are overrun by one."""
    assert [(48, 0), (48, 0), (49, -1)] == [
        run("03-13 10:00", "48 hours", f"03-{when}", FEDERAL) for when in ("15 12:00", "16 10:00", "16 11:00")
    ]


# -- back from an end --------------------------------------------------------------------------------------------------


def test_the_latest_start_of_hours_that_roll():
    """48 hours end on a Monday at 10:00 when they begin on Saturday at 10:00, though those begun on Friday end later that day."""
    limit, mondays = TimeLimit.parse("48 hours"), [at("01-12 10:00").add(weeks=week) for week in range(50)]
    starts = [latest_start(monday, limit, calendar=OFFICE, rule=FEDERAL) for monday in mondays]
    assert [monday.subtract(days=2) for monday in mondays] == starts


def test_a_recess_about_the_event_is_counted_over():
    """Where the day of the event counts: five days back from the 13th, of which the 12th and 13th never count."""
    rule = attrs.evolve(FIRST_COUNTS, recess=Recess(("2026-03-12/2026-03-13",)))
    assert ["03-09", "03-07"] == [last_day("03-13 10:00", "5 days", each, backward=True) for each in (FIRST_COUNTS, rule)]


@pytest.mark.parametrize(("recess", "last"), [("2026-03-16/2026-03-17", "03-11"), ("2026-03-14/2026-03-17", "03-11")])
def test_a_recess_takes_its_working_days_of_working_days_counted_back(recess, last):
    """Two of them, with a weekend in the recess or without."""
    assert last == last_day("03-20 10:00", "5 working days", attrs.evolve(BGB, recess=Recess((recess,))), backward=True)


def test_a_period_counted_back_holds_its_minimum():
    """Three days back from a Monday hold one working day; Thursday makes them two (Regulation 1182/71 art. 3(5))."""
    union = CountingRule.named("eu-1182-71")
    assert ["03-12", "03-16"] == [last_day(start, "3 days", union, backward=True) for start in ("03-16 10:00", "03-19 10:00")]


def test_what_is_counted_back_has_its_ledger():
    """It ends where the period does."""
    answer = reckon(at("03-20 10:00"), TimeLimit.parse("10 days"), calendar=OFFICE, rule=BGB, backward=True)
    told_back = ledger(at("03-20 10:00"), TimeLimit.parse("10 days"), calendar=OFFICE, rule=BGB, backward=True)
    assert (answer.at, answer.at, 10) == (answer.ledger.due, told_back.due, answer.ledger.counted)


def test_the_latest_start_of_a_limit_longer_than_half_the_calendar():
    """Most starts that are tried have no end in the calendar; they are too late."""
    limit = TimeLimit.parse("200 days")
    start = latest_start(at("12-20 10:00"), limit, calendar=OFFICE, rule=FEDERAL)
    assert ("2026-06-01 23:59:59.999999", "12-19 00:00") == (
        start.format("YYYY-MM-DD HH:mm:ss.SSSSSS"),
        ends("06-01 23:59", "200 days", rule=FEDERAL),
    )


@pytest.mark.parametrize(
    ("limit", "pauses", "what"),
    [("same day", [], "a same-day limit"), ("3 days", [("03-01 09:00", "03-01 10:00")], "a period with pauses")],
)
def test_it_is_said_what_cannot_be_counted_back(limit, pauses, what):
    """The limit, or its pauses."""
    with pytest.raises(InvalidInput, match=f"{what} is not counted back"):
        ends("03-02 09:00", limit, *pauses, rule=BGB, backward=True)


# -- clocks ------------------------------------------------------------------------------------------------------------


def us(text):
    """An instant of 2026."""
    return to_us(at(text))


def test_a_clock_that_stopped_in_its_pause_has_run_until_the_pause():
    """The days that ended while it was paused are not its own, at the close of one nor at midnight."""
    for end_of_day in ("24:00", "close"):
        rule = attrs.evolve(BGB, end_of_day=end_of_day)
        clock = Clock(TimeLimit.parse("10 days"), rule.name, us("03-02 10:00")).pause(us("03-05 10:00"))
        stopped = [clock.stop(us(end)) for end in ("03-05 18:00", "03-06 18:00", "03-07 00:00", "03-07 12:00")]
        assert [2] * 4 == [clock_consumption(each, us("03-20 10:00"), OFFICE, rule).consumed for each in stopped]


def test_a_clock_is_not_yet_paused_before_its_pause():
    """Also where nobody said what the pause rests on."""
    clock = Clock(TimeLimit.parse("10 days"), "de-bgb", us("03-02 10:00"))
    known = clock.pause(us("03-05 10:00")).as_of(us("03-05 09:59"))
    assert ("running", ()) == (known.state, known.pauses)


def test_an_extension_on_the_first_day_of_the_calendar():
    """The day before, of which a night shift could last, is not asked for."""
    limit = TimeLimit.parse("same day")
    clock = Clock(limit, "vn-one-stop", us("01-01 09:00")).extend(TimeLimit.parse("1 working day"), us("01-01 10:00"))
    assert "01-02 17:00" == told(OFFICE.moment(reckon_clock(clock, OFFICE, COUNTER)))


def test_an_extension_that_rests_on_nothing_says_so():
    """Nobody told a basis or an authority: the row has none."""
    clock = Clock(TimeLimit.parse("2 days"), "de-bgb", us("03-02 10:00")).extend(TimeLimit.parse("1 day"), us("03-03 10:00"))
    assert [None] == [row.basis for row in clock_ledger(clock, OFFICE, BGB).rows if row.kind == "extended"]


def test_a_clock_that_stopped_in_its_second_pause_has_run_until_that():
    """The first pause is over; it does not run on."""
    rule = attrs.evolve(BGB, end_of_day="close")
    clock = Clock(TimeLimit.parse("10 days"), rule.name, us("03-02 10:00")).pause(us("03-03 10:00")).resume(us("03-04 10:00"))
    stopped = clock.pause(us("03-05 10:00")).stop(us("03-06 18:00"))
    assert 1 == clock_consumption(stopped, us("03-20 10:00"), OFFICE, rule).consumed


def test_of_two_pauses_begun_at_one_instant_the_later_is_told():
    """The first of them had no length."""
    clock = Clock(TimeLimit.parse("10 days"), "de-bgb", us("03-02 10:00")).pause(us("03-05 10:00"), reason="supplement")
    again = clock.resume(us("03-05 10:00")).pause(us("03-05 10:00"), reason="court")
    assert "court" == again.ground_of_pause(us("03-05 10:00")).reason


def test_what_a_later_pause_rests_on_was_not_known_before():
    """The clock as it stood has the grounds of its own time."""
    first = Clock(TimeLimit.parse("10 days"), "de-bgb", us("03-02 10:00")).pause(us("03-03 10:00"), reason="supplement")
    later = first.resume(us("03-04 10:00")).pause(us("03-05 10:00"), reason="court")
    assert (first.grounds, first.pauses) == (later.as_of(us("03-03 12:00")).grounds, later.as_of(us("03-03 12:00")).pauses)


def test_a_clock_stands_paused_from_the_instant_of_its_pause():
    """Asked later, when it was resumed; the microsecond before it ran."""
    clock = Clock(TimeLimit.parse("10 days"), "de-bgb", us("03-02 10:00")).pause(us("03-05 10:00")).resume(us("03-06 10:00"))
    assert ["running", "paused"] == [clock.as_of(us("03-05 10:00") - n).state for n in (1, 0)]


def test_an_extension_is_no_pause_of_its_reason():
    """One of each for one reason."""
    clock = Clock(TimeLimit.parse("10 days"), "de-bgb", us("03-02 10:00")).pause(us("03-05 10:00"), reason="court")
    longer = clock.extend(TimeLimit(3, "days"), us("03-05 11:00"), reason="court")
    assert (1, 1) == (longer.times("pause", "court"), longer.times("extend", "court"))


def test_the_ledger_of_a_clock_in_its_second_pause_tells_up_to_that():
    """The days between both pauses are told."""
    clock = (
        Clock(TimeLimit.parse("10 working days"), "vn-one-stop", us("03-02 10:00"))
        .pause(us("03-03 10:00"))
        .resume(us("03-04 10:00"))
    )
    again = clock_ledger(clock.pause(us("03-06 10:00")), OFFICE, COUNTER)
    assert ("03-06", 8 * 2 + 2) == (max(row.last for row in again.rows).format("MM-DD"), again.counted / HOUR)


# -- never before the start --------------------------------------------------------------------------------------------


def test_a_period_counted_back_ends_by_its_event_where_a_night_goes_on():
    """Monday's night goes on until Tuesday at six, after the event at half past five."""
    nights = WorkCalendar.from_dates(
        zone="Asia/Ho_Chi_Minh", week={"mon-fri": "22:00-06:00"}, first=date(2026, 1, 1), last=date(2026, 12, 31)
    )
    rule = attrs.evolve(BGB, end_of_day="close")
    for limit in (TimeLimit(1, "days"), TimeLimit(1, "working days")):
        answer = reckon(at("03-03 05:30"), limit, calendar=nights, rule=rule, backward=True)
        assert (at("03-03 05:30"), at("03-03 05:30")) == (answer.at, answer.ledger.due)
        assert (1, 1, 1) == (answer.consumed.consumed, answer.ledger.counted, answer.ledger.budget)
    assert at("03-03 06:00") == due(at("03-03 07:00"), TimeLimit(1, "days"), calendar=nights, rule=rule, backward=True)


@pytest.mark.parametrize("rule", ["using-created-date-after-3pm", "hsmc-normal"])
@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        ("03-02 18:00", "1 day", "03-03 17:00"),
        ("03-02 18:00", "1 working day", "03-03 17:00"),
        ("03-02 18:00", "3 working days", "03-05 17:00"),
        ("03-06 18:00", "1 working day", "03-09 17:00"),
        ("03-02 10:00", "1 day", "03-02 17:00"),
    ],
)
def test_received_after_the_close_it_counts_from_the_next_day(rule, start, limit, end):
    """Where the first day counts and ends with the office, one that is over is not the first; ledger and elapsed agree."""
    rule, limit = CountingRule.named(rule), TimeLimit.parse(limit)
    answer = reckon(at(start), limit, calendar=OFFICE, rule=rule)
    assert end == told(answer.at)
    assert answer.ledger.budget == answer.ledger.counted == answer.consumed.consumed
    assert limit == elapsed(at(start), answer.at, limit.unit, calendar=OFFICE, rule=rule)


def test_the_ledger_says_that_the_office_had_closed():
    """By a rule without a cut-off there is no hour to name."""
    rule = CountingRule.named("using-created-date-after-3pm")
    for limit in (TimeLimit(1, "days"), TimeLimit(1, "working days")):
        words = ledger(at("03-02 18:00"), limit, calendar=OFFICE, rule=rule).text()
        assert "received when the office had closed" in words
        assert "received after" not in words


def test_received_on_a_saturday_after_its_short_hours():
    """The office closes before the cut-off of its rule: Monday is the first day."""
    office = WorkCalendar.from_dates(
        zone="Asia/Ho_Chi_Minh",
        week={"mon-fri": "08:00-17:00", "sat": "08:00-12:00"},
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
    )
    rule = CountingRule.named("hsmc-normal")
    for limit in (TimeLimit(1, "working days"), TimeLimit(1, "days")):
        assert "03-09 17:00" == told(due(at("03-07 13:00"), limit, calendar=office, rule=rule))


@pytest.mark.parametrize("name", ["calendar-plain", "hsmc-24h"])
def test_the_same_day_in_an_hour_that_comes_twice_is_not_over_before(name):
    """From the second 02:30 of 25 October 2026 the first would lie an hour before."""
    berlin = WorkCalendar.from_dates(
        zone="Europe/Berlin", week={"mon-sun": "00:00-24:00"}, first=date(2026, 1, 1), last=date(2026, 12, 31)
    )
    start = pendulum.datetime(2026, 10, 25, 1, 30, tz="UTC")
    rule = attrs.evolve(CountingRule.named(name), roll="none")
    answer = reckon(start, TimeLimit(1, "same day"), calendar=berlin, rule=rule)
    assert (to_us(start), 0, 0) == (to_us(answer.at), answer.consumed.remaining, answer.ledger.counted)
    included = attrs.evolve(rule, first_day="included")
    answer = reckon(start, TimeLimit(1, "days"), calendar=berlin, rule=included)
    assert (to_us(start), 0, 1) == (to_us(answer.at), answer.consumed.remaining, answer.ledger.counted)


def test_an_end_that_rolls_back_stops_at_its_start():
    """One day from Friday evening ends on Saturday, and rolled back on Friday: when it was received, not at the close before."""
    rule = attrs.evolve(BGB, roll="backward", end_of_day="close", roll_on=("weekend",))
    assert "03-06 18:00" == ends("03-06 18:00", "1 day", rule=rule)
