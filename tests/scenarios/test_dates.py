"""The dates of the acceptance scenarios, each by its number: what a head of an office would ask the calendar and the clock.

Hours are 07:30-11:30 and 13:00-17:00, the first day does not count, and a last day ends at 17:00.
"""

from __future__ import annotations

from datetime import date

import attrs
import pendulum
import pytest

from qms.calendar import WorkCalendar
from qms.deadline import (
    Clock,
    CountingRule,
    TimeLimit,
    clock_ledger,
    due,
    last_day,
    lateness,
    lead_until,
    ledger,
    reckon,
    reckon_clock,
    status,
    timeliness,
    to_us,
)
from qms.limits import SameDay

VN = WorkCalendar.load("VN")
OFFICE = CountingRule.named("vn-one-stop")


def at(text: str) -> pendulum.DateTime:
    """A moment in Vietnam."""
    form = "DD/MM/YYYY HH:mm:ss" if text.count(":") == 2 else "DD/MM/YYYY HH:mm"
    return pendulum.from_format(text, form, tz="Asia/Ho_Chi_Minh")


def ends(start: str, limit: str, *pauses: tuple[str, str], calendar: WorkCalendar = VN, rule: CountingRule = OFFICE) -> str:
    """When a limit ends, in words."""
    spans = [(at(low), at(high)) for low, high in pauses]
    return due(at(start), TimeLimit.parse(limit), calendar=calendar, rule=rule, pauses=spans).format("DD/MM/YYYY HH:mm")


def test_1_five_days_over_tet():
    """Accepted the day before Tet, five working days end a fortnight later."""
    assert ends("09/02/2021 09:00", "5 working days") == "23/02/2021 17:00"


def test_2_a_saturday_made_up_is_the_last_day():
    """Monday 29/4 is exchanged for Saturday 4/5, which counts."""
    assert ends("26/04/2024 09:00", "3 working days") == "04/05/2024 17:00"


def test_3_a_swap_announced_late_moves_the_statutory_date():
    """Known on 20/12 the answer is 5/1; the letter of 25/12 makes it 6/1, and the two calendars are two versions."""
    known = WorkCalendar.load("VN", as_of=date(2025, 12, 20))
    assert ends("31/12/2025 09:00", "2 working days", calendar=known) == "05/01/2026 17:00"
    assert ends("31/12/2025 09:00", "2 working days") == "06/01/2026 17:00"
    assert known.version != VN.version


def test_3_a_swap_is_known_from_the_day_of_its_letter():
    """On 24/12 the second of January is a working day, on 25/12 it is not, and nor is its Saturday before."""
    before, after = (WorkCalendar.load("VN", as_of=date(2025, 12, day)) for day in (24, 25))
    assert (True, False) == (before.is_working_day(date(2026, 1, 2)), before.is_working_day(date(2026, 1, 10)))
    assert (False, True) == (after.is_working_day(date(2026, 1, 2)), after.is_working_day(date(2026, 1, 10)))


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [("08/01/2026 09:00", "3 working days", "12/01/2026 17:00"), ("09/01/2026 09:00", "1 working day", "10/01/2026 17:00")],
)
def test_4_a_saturday_made_up_in_january(start, limit, expected):
    """Saturday 10/1/2026 counts, and can be the last day."""
    assert ends(start, limit) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("27/08/2021 14:59:59", "27/08/2021 17:00"),
        ("27/08/2021 15:00:00", "27/08/2021 17:00"),
        ("27/08/2021 15:00:01", "30/08/2021 17:00"),
    ],
)
def test_5_fifteen_hundred_itself_is_not_after(received, expected):
    """A same-day limit is for the next working day only when received after 15:00."""
    assert ends(received, "same day") == expected


def test_5_an_inclusive_cut_off_takes_fifteen_hundred_too():
    """Where a rule says so, 15:00:00 is late already."""
    rule = attrs.evolve(OFFICE, same_day=SameDay("15:00", inclusive=True))
    assert ends("27/08/2021 15:00:00", "same day", rule=rule) == "30/08/2021 17:00"


def test_6_after_three_before_a_holiday():
    """The next working day after National Day and a weekend is Monday."""
    assert ends("01/09/2021 15:30", "same day") == "06/09/2021 17:00"


@pytest.mark.parametrize(
    ("start", "expected"), [("20/02/2021 22:10", "22/02/2021 17:00"), ("05/02/2021 16:30", "08/02/2021 16:30")]
)
def test_7_eight_working_hours(start, expected):
    """Eight hours from a Saturday night end with Monday; from Friday 16:30 at Monday 16:30."""
    assert ends(start, "8 working hours") == expected


def test_8_a_supplement_that_resumes():
    """Paused for five working days, the end is five working days later; the ledger has one pause of 40 hours."""
    pause = ("03/03/2021 10:00", "10/03/2021 10:00")
    found = ledger(
        at("01/03/2021 09:00"), TimeLimit.parse("10 working days"), calendar=VN, pauses=[(at(pause[0]), at(pause[1]))]
    )
    assert ends("01/03/2021 09:00", "10 working days") == "15/03/2021 17:00"
    assert ends("01/03/2021 09:00", "10 working days", pause) == "22/03/2021 17:00"
    assert sum(row.amount for row in found.rows if row.kind == "paused") == 40 * 3600 * 1_000_000
    assert str(found).count("paused") == 1


def clock(start: str, limit: str = "10 working days") -> Clock:
    """A clock that was started."""
    return Clock(TimeLimit.parse(limit), "vn-one-stop", to_us(at(start)))


def stated(one: Clock) -> str:
    """When a clock ends, in words."""
    return VN.moment(reckon_clock(one, VN, OFFICE)).format("DD/MM/YYYY HH:mm")


def test_9_a_supplement_that_restarts():
    """Counted again from 10/3."""
    again = clock("01/03/2021 09:00").pause(to_us(at("03/03/2021 10:00"))).restart(to_us(at("10/03/2021 10:00")))
    assert stated(again) == "24/03/2021 17:00"


def test_10_overlapping_pauses_count_once():
    """A supplement and a financial obligation overlap: the union is 55 hours, and the end is never 26/3."""
    pauses = [("08/03/2021 09:00", "12/03/2021 09:00"), ("03/03/2021 10:00", "10/03/2021 10:00")]
    assert ends("01/03/2021 09:00", "10 working days", *pauses) == "24/03/2021 16:00"
    assert ends("01/03/2021 09:00", "10 working days", *reversed(pauses)) == "24/03/2021 16:00"


def test_10_by_whole_days_it_is_the_same_date():
    """A rule that measures pauses in days gives the close of that day."""
    pauses = [("08/03/2021 09:00", "12/03/2021 09:00"), ("03/03/2021 10:00", "10/03/2021 10:00")]
    rule = attrs.evolve(OFFICE, pause="days")
    assert ends("01/03/2021 09:00", "10 working days", *pauses, rule=rule) == "24/03/2021 17:00"


def test_11_a_pause_over_tet_changes_nothing():
    """The office was closed from the close of 9/2 to the opening of 17/2."""
    pause = ("09/02/2021 17:00", "17/02/2021 07:30")
    assert ends("08/02/2021 09:00", "5 working days", pause) == "22/02/2021 17:00"


@pytest.mark.parametrize(
    ("lead", "last"),
    [("1 day", "14/03/2021 23:59"), ("1 working day", "12/03/2021 23:59"), ("8 working hours", "15/03/2021 07:30")],
)
def test_13_and_32_the_last_moment_of_an_apology(lead, last):
    """Due Monday 15/3 at 17:00: a calendar day before is Sunday, a working day before is Friday; hours are counted back."""
    end = lead_until(to_us(at("15/03/2021 17:00")), TimeLimit.parse(lead), calendar=VN, rule=OFFICE)
    assert last == VN.moment(end).format("DD/MM/YYYY HH:mm")


def test_14_three_working_days_late():
    """Due Monday 15/3, finished Thursday 18/3."""
    late = lateness(
        to_us(at("18/03/2021 10:00")),
        to_us(at("15/03/2021 17:00")),
        TimeLimit.parse("10 working days"),
        calendar=VN,
        rule=OFFICE,
    )
    assert str(late) == "3 working days"


@pytest.mark.parametrize(
    ("finished", "by_instant", "by_date"),
    [
        ("12/03/2021 16:00", "early", "early"),
        ("15/03/2021 17:00:00", "on-time", "on-time"),
        ("15/03/2021 17:20", "late", "on-time"),
        ("16/03/2021 07:30", "late", "late"),
    ],
)
def test_15_early_on_time_late(finished, by_instant, by_date):
    """Early is an earlier date; 17:20 of the last day is late by instant alone."""
    end = to_us(at("15/03/2021 17:00"))
    found = [timeliness(to_us(at(finished)), end, VN, compare, rule=OFFICE) for compare in ("instant", "date")]
    assert [by_instant, by_date] == found


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("01/04/2021 09:00", "45 days", "17/05/2021 17:00"),
        ("29/03/2024 09:00", "30 days", "02/05/2024 17:00"),
        ("23/07/2026 09:00", "30 days", "22/08/2026 17:00"),
    ],
)
def test_17_calendar_days_roll(start, limit, expected):
    """Off a Sunday, over a swapped Monday; a Saturday made up stays."""
    assert ends(start, limit) == expected


@pytest.mark.parametrize(("days", "expected"), [(1, "16/03"), (11, "30/03"), (14, "02/04"), (15, "05/04")])
def test_18_shares_of_fifteen_days(days, expected):
    """1 + 10 + 3 + 1 working days end on 16/3, 30/3, 2/4 and 5/4."""
    assert ends("15/03/2021 09:00", f"{days} working days") == f"{expected}/2021 17:00"


def test_19_hours_in_a_row():
    """2, 3, 2 and 1 working hours from Thursday 14:00."""
    hours = (2, 5, 7, 8)
    expected = ["19/11/2026 16:00", "20/11/2026 09:30", "20/11/2026 11:30", "20/11/2026 14:00"]
    assert expected == [ends("19/11/2026 14:00", f"{n} working hours") for n in hours]


def test_20_culture_day_can_be_taken_out():
    """24/11/2026 is a day off, provisionally; without its entry it is worked, and the ledger says which it was."""
    without = WorkCalendar.load("VN", without=["culture-day"])
    found = ledger(at("23/11/2026 09:00"), TimeLimit.parse("1 working day"), calendar=VN)
    assert ends("23/11/2026 09:00", "1 working day") == "25/11/2026 17:00"
    assert ends("23/11/2026 09:00", "1 working day", calendar=without) == "24/11/2026 17:00"
    assert "provisional: Vietnam Culture Day [culture-day]" in str(found)


def test_17_the_law_is_named_for_calendar_days():
    """The last day of each is told beside the instant, by the Civil Code's midnight as by the office's close."""
    civil = CountingRule.named("vn-civil-2015")
    for start, text, expected in (("01/04/2021 09:00", "45 days", "2021-05-17"), ("23/07/2026 09:00", "30 days", "2026-08-22")):
        for rule in (civil, OFFICE):
            end = due(at(start), TimeLimit.parse(text), calendar=VN, rule=rule)
            assert expected == str(last_day(to_us(end), VN, rule))


def test_19_eight_hours_do_not_fit_into_what_is_left_of_the_day():
    """From Thursday 14:00 the same day ends at 17:00 and eight working hours on Friday at 14:00: three hours against eight."""
    same = due(at("19/11/2026 14:00"), TimeLimit.parse("same day"), calendar=VN, rule=OFFICE)
    hours = due(at("19/11/2026 14:00"), TimeLimit.parse("8 working hours"), calendar=VN, rule=OFFICE)
    assert (at("19/11/2026 17:00"), at("20/11/2026 14:00")) == (same, hours)
    assert 3 == VN.working_time(at("19/11/2026 14:00"), same).total_seconds() / 3600


def test_21_a_date_over_a_reorganisation():
    """Seven working days over 1/7/2025."""
    assert ends("27/06/2025 09:00", "7 working days") == "08/07/2025 17:00"


def test_26_the_general_rule_of_2021_restarts():
    """The ledger tells the two days that are void, and the new count."""
    again = clock("01/03/2021 09:00").pause(to_us(at("03/03/2021 10:00"))).restart(to_us(at("10/03/2021 10:00")))
    found = clock_ledger(again, VN, OFFICE)
    assert stated(again) == "24/03/2021 17:00"
    assert ("void", 2, "working days") == (found.rows[0].kind, found.rows[0].amount, found.rows[0].axis)
    assert "2 working days   counted again from the start" in str(found)


@pytest.mark.parametrize(
    ("window", "asked", "in_time"),
    [
        ("3 working days", "04/03/2021 17:00", True),
        ("3 working days", "05/03/2021 07:30", False),
        ("5 working days", "05/03/2021 16:00", True),
    ],
)
def test_27_a_supplement_is_asked_for_within_its_window(window, asked, in_time):
    """Received on Monday 1/3: three working days end on Thursday, five on the Monday after."""
    end = due(at("01/03/2021 09:00"), TimeLimit.parse(window), calendar=VN, rule=OFFICE)
    assert in_time == (at(asked) <= end)


def test_28_counted_from_the_completion_at_intake():
    """Accepted Friday 5/3 at 14:00, five working days."""
    assert ends("05/03/2021 14:00", "5 working days") == "12/03/2021 17:00"


def test_29_accepted_after_three_is_no_later():
    """15:20 does not move the start of a limit in working days."""
    assert ends("01/03/2021 15:20", "10 working days") == "15/03/2021 17:00"


@pytest.mark.parametrize(
    ("accepted", "expected"), [("20/02/2021 22:10", "22/02/2021 17:00"), ("22/02/2021 08:00", "23/02/2021 17:00")]
)
def test_30_accepted_on_a_closed_day(accepted, expected):
    """A Saturday night's acceptance ends on Monday; Monday's on Tuesday."""
    assert ends(accepted, "1 working day") == expected


@pytest.mark.parametrize(("signed", "days"), [("12/03/2021 10:00", 0), ("16/03/2021 08:00", 1), ("18/03/2021 08:00", 3)])
def test_31_and_37_what_is_signed_or_issued_after_its_day_is_late_by_working_days(signed, days):
    """Due 15/3 at 17:00: the day after is one working day late, whatever the outcome."""
    end = to_us(at("15/03/2021 17:00"))
    assert TimeLimit(days, "working days") == lateness(
        to_us(at(signed)), end, TimeLimit.parse("10 working days"), calendar=VN, rule=OFFICE
    )


@pytest.mark.parametrize(
    ("resumed", "expected"), [("11/03/2021 10:00", "22/03/2021 17:00"), ("12/03/2021 09:00", "23/03/2021 16:00")]
)
def test_33_an_obligation_paid_and_confirmed(resumed, expected):
    """Resumed when it was paid, or when the payment was confirmed."""
    assert ends("01/03/2021 09:00", "10 working days", ("04/03/2021 10:00", resumed)) == expected


def test_34_a_house_permit_of_2026():
    """Seven working days from a Monday in July."""
    assert ends("06/07/2026 09:00", "7 working days") == "15/07/2026 17:00"


def test_35_silence_after_two_working_days():
    """Delivered on Wednesday 10/6/2026, silence is consent from Friday at 17:00 on."""
    assert ends("10/06/2026 10:00", "2 working days") == "12/06/2026 17:00"


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("06/07/2026 09:00", "10 days", "16/07/2026 17:00"),
        ("06/07/2026 09:00", "7 working days", "15/07/2026 17:00"),
        ("15/07/2026 09:00", "30 days", "14/08/2026 17:00"),
        ("15/07/2026 09:00", "45 days", "03/09/2026 17:00"),
    ],
)
def test_40_limits_of_a_complaint(start, limit, expected):
    """45 days end on a Saturday before National Day and its exchanged Monday."""
    assert ends(start, limit) == expected


def test_40_a_complaint_is_accepted_by_the_earlier_of_two_dates():
    """Ten days or seven working days, whichever ends first."""
    both = [
        due(at("06/07/2026 09:00"), TimeLimit.parse(text), calendar=VN, rule=OFFICE) for text in ("10 days", "7 working days")
    ]
    assert min(both) == at("15/07/2026 17:00")


def test_41_a_saturday_made_up_in_the_literal_reading():
    """Two working days end on Saturday 22/8; a rule that still calls it a weekend rolls 30 days to Monday."""
    literal = attrs.evolve(OFFICE, roll_on=("weekend", "holiday", "make-up"))
    assert ends("20/08/2026 09:00", "2 working days") == "22/08/2026 17:00"
    assert ends("23/07/2026 09:00", "30 days", rule=literal) == "24/08/2026 17:00"


@pytest.mark.parametrize(
    ("finished", "word"), [("22/03/2021 10:00", "early"), ("05/04/2021 17:00", "on-time"), ("06/04/2021 08:00", "late")]
)
def test_42_a_group_and_its_children(finished, word):
    """Fifteen working days from 15/3 end on 5/4: a child of 22/3 is early, one of 6/4 makes the whole late."""
    end = due(at("15/03/2021 09:00"), TimeLimit.parse("15 working days"), calendar=VN, rule=OFFICE)
    assert end == at("05/04/2021 17:00")
    assert word == timeliness(to_us(at(finished)), to_us(end), VN, rule=OFFICE)


def test_47_the_day_before_a_year_ends_it_is_due_soon():
    """Two days before in time, on the day before due soon, after it overdue."""
    archive = Clock(TimeLimit.parse("1 year"), OFFICE.name, to_us(at("15/03/2021 17:00")))
    moments = ("11/03/2022 09:00", "14/03/2022 09:00", "15/03/2022 17:00", "16/03/2022 07:30")
    soon = TimeLimit.parse("1 working day")
    found = [status(archive, at(text), VN, OFFICE, soon=soon).word for text in moments]
    assert ["in-time", "due-soon", "due-soon", "overdue"] == found


def test_47_a_year_ends_on_its_date():
    """Hand over to the archive within a year of 15/3/2021."""
    assert str(reckon(at("15/03/2021 17:00"), TimeLimit.parse("1 year"), calendar=VN).last_day) == "2022-03-15"
