"""Periods of several legal systems: published tests of other libraries, and worked examples of statutes and courts.

Rules that are not shipped, the Swiss and the Canadian, are built here from the conventions of `CountingRule`. Where a
published answer is not ours, `TRAPS` says why.
"""

from __future__ import annotations

import csv
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from attrs import evolve
from pendulum import DateTime

from qms.calendar import WorkCalendar
from qms.counting import due_us, last_ordinal
from qms.ledger import Ledger, ledger_us
from qms.limits import CountingRule, Recess, TimeLimit

UNITS = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}


def office(zone: str, *off: str, first: int = 1999, last: int = 2030) -> WorkCalendar:
    """A calendar of Mondays to Fridays, 10:00 to 16:30, with holidays."""
    days = [date.fromisoformat(day) for day in off]
    span = {"first": date(first, 1, 1), "last": date(last, 12, 31)}
    return WorkCalendar.from_dates(zone=zone, week={"mon-fri": "10:00-16:30"}, off=days, **span)


# Holidays of the years that the examples touch, as far as they matter.
GERMANY = office("Europe/Berlin", "2001-05-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25")
UNION = office("Europe/Brussels", "2026-04-02", "2026-04-03", "2026-04-06", "2027-03-26", "2027-03-29")
LAW_OF_THE_UNION = office("Europe/Brussels", "2026-04-03", "2026-04-06")
NETHERLANDS = office("Europe/Amsterdam", "2026-04-27", "2026-05-05", "2026-05-14", "2026-12-25", "2026-12-26")
FRANCE = office("Europe/Paris", "2017-04-17", "2026-05-01", "2026-05-08", "2026-05-14")
ENGLAND = office("Europe/London", "2025-08-25", "2025-12-25", "2025-12-26")
AMERICA = office("America/New_York", "2023-10-09", "2026-06-19", "2026-07-03", "2026-12-25")
SWITZERLAND = office("Europe/Zurich", "2025-01-01", "2025-01-02", "2025-04-18", "2025-04-21", "2025-08-01")
CANADA = office("America/Toronto", "2012-05-21", "2012-07-02", "2012-09-03", "2012-12-25", "2012-12-26", "2013-01-01")
VIETNAM = WorkCalendar.load("VN")

CIVIL, BGB, BGB_2, EU, NL, FR, FRANC, CPR, CLEAR, FRCP = (
    CountingRule.named(name)
    for name in (
        "vn-civil-2015",
        "de-bgb",
        "de-bgb-187-2",
        "eu-1182-71",
        "nl-atw",
        "fr-cpc",
        "fr-delai-franc",
        "uk-cpr",
        "uk-cpr-clear-days",
        "us-frcp-6",
    )
)
STILL = evolve(BGB, roll="none")
ZPO = CountingRule(
    name="ch-zpo",
    first_day="excluded",
    roll="forward",
    roll_on=("weekend", "holiday"),
    end_of_day="24:00",
    pause="days",
    certainty="law",
)
COURT_HOLIDAYS = Recess(("07-15/08-15", "12-18/01-02", "easter-7/easter+7"))
ZPO_145 = evolve(ZPO, recess=COURT_HOLIDAYS)
ZPO_146 = evolve(ZPO, recess=evolve(COURT_HOLIDAYS, first_day="excluded"))
FEDERAL_COURTS = evolve(ZPO, name="ca-federal-courts", recess=Recess(("07-01/08-31", "12-21/01-07")))

# The rule of a vector by its column "rule": the rule, the calendar, whether it is counted back.
RULES = {
    "BGB187(1) event day not counted, no 193 shift": (STILL, GERMANY, False),
    "BGB187(2) first day counted, no 193 shift": (evolve(BGB_2, roll="none"), GERMANY, False),
    "BGB187(1) + BGB193 shift off Sat/Sun/holiday": (BGB, GERMANY, False),
    "BGB187(1) backward: latest service date": (BGB, GERMANY, True),
    "BGB187(2) backward: latest service date": (BGB_2, GERMANY, True),
    "reminder N days before, moved to PREVIOUS business day": (evolve(BGB, backward_roll="backward"), GERMANY, True),
    "Federal Courts Rules (guideline examples)": (FEDERAL_COURTS, CANADA, False),
    "Swiss ZPO 142": (ZPO, SWITZERLAND, False),
    "Swiss ZPO 142/145/146 with court recess": (ZPO_145, SWITZERLAND, False),
    "FRCP 6(a): 21 days, roll off weekend": (FRCP, AMERICA, False),
}
TRAPS = {
    "LG067": ("2025-08-21", "its due date lies within the recess: the days it adds were not looked at again"),
    "LG069": (
        "2025-08-25",
        "takes the first day after the recess for the day of an event; ZPO 146(1) begins the count with it",
    ),
}


def at(calendar: WorkCalendar, text: str) -> int:
    """The instant of a date, at 10:20, or of a wall time in the zone of *calendar*."""
    day, _, time = text.partition(" ")
    wall = datetime.fromisoformat(f"{day}T{time or '10:20'}")
    return calendar.us(DateTime.instance(wall, calendar.tz))


def ends(rule: CountingRule, calendar: WorkCalendar, start: str, limit: TimeLimit, *, backward: bool = False) -> str:
    """The last day of a period; that its ledger sums to the limit and can be told is seen beside."""
    begin = at(calendar, start)
    told = ledger_us(begin, limit, calendar=calendar, rule=rule, backward=backward)
    assert told.budget == told.counted
    assert "due " in told.text() or "at the latest" in told.text()
    assert "hạn " in told.text("vi") or "chậm nhất" in told.text("vi")
    end = due_us(begin, limit, calendar=calendar, rule=rule, backward=backward)
    return date.fromordinal(last_ordinal(end, calendar, rule)).isoformat()


@pytest.fixture(scope="session")
def rows(shared_data: Path) -> list[dict[str, str]]:
    """The vectors, by line."""
    with (shared_data / "vectors" / "legal_period_vectors.shared.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def limit_of(period: str) -> TimeLimit:
    """An ISO period of one unit."""
    found = re.fullmatch(r"P([0-9]+)([DWMY])", period)
    assert found
    return TimeLimit(int(found[1]), UNITS[found[2]])


def test_every_published_vector_is_answered(rows):
    """Each by the rule that it names, but for the traps."""
    answers = {}
    for row in rows:
        rule, calendar, backward = RULES[row["rule"]]
        answers[row["id"]] = ends(rule, calendar, row["event_date"], limit_of(row["period"]), backward=backward)
    published = {row["id"]: row["expected"] for row in rows}
    ours = published | {name: day for name, (day, _) in TRAPS.items()}
    assert 36 == len(answers)
    assert ours == answers


def test_the_traps_are_marked_where_they_were_published(rows):
    """Both published Swiss tests of recesses are marked, and no other vector is ours otherwise."""
    assert sorted(TRAPS) == [row["id"] for row in rows if "published test" != row["confidence"] and "CH" == row["region"]]


def test_the_other_reading_of_the_swiss_recess_can_be_asked_for():
    """The first day after a recess left out like the day of an event: what the published test expects."""
    assert "2025-08-26" == ends(ZPO_146, SWITZERLAND, "2025-07-20", TimeLimit(10, "days"))


@pytest.mark.parametrize(
    ("start", "limit", "last"),
    [
        ("2025-07-04", "10 days", "2025-07-14"),  # the day before the recess
        ("2025-07-05", "10 days", "2025-08-18"),  # Sat 16 August is the tenth, rolled
        ("2025-12-17", "10 days", "2026-01-12"),
        ("2025-07-10", "50 days", "2025-09-30"),
        ("2025-06-10", "250 days", "2026-04-20"),  # the tail that two recesses add reaches a third, then a Sunday
        ("2025-04-10", "5 days", "2025-04-30"),  # the days around Easter
        ("2025-01-15", "3 months", "2025-04-30"),
        ("2024-07-04", "10 days", "2024-08-16"),  # 14 July is a Sunday; the Monday after it lies within the recess
    ],
)
def test_a_swiss_recess_is_looked_at_again_until_the_end_holds(start, limit, last):
    """No end lies within a recess, nor is a recess that the extended tail meets left out."""
    assert last == ends(ZPO_145, SWITZERLAND, start, TimeLimit.parse(limit))


# -- worked examples -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "limit", "last"),
    [
        ("2025-01-31", "1 month", "2025-02-28"),
        ("2020-12-31", "2 months", "2021-03-01"),
        ("2021-02-06", "5 days", "2021-02-17"),
        ("2021-04-01", "45 days", "2021-05-17"),
        ("2024-03-29", "30 days", "2024-05-02"),
        ("2026-07-23", "30 days", "2026-08-22"),
        ("2025-03-27", "30 days", "2025-04-26"),
        ("2018-10-31", "2 months", "2019-01-02"),
        ("2026-10-24", "1 month", "2026-11-25"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2021-03-01", "nửa tháng", "2021-03-16"),
        ("2021-03-01", "1 tháng rưỡi", "2021-04-16"),
    ],
)
def test_the_vietnamese_civil_code(start, limit, last):
    """Arts 144 to 148; a swapped weekday is a day off, a Saturday made up is none."""
    assert last == ends(CIVIL, VIETNAM, start, TimeLimit.parse(limit))


def test_culture_day_is_a_day_off_that_can_be_left_out():
    """Without it a month from 24 October 2026 ends on 24 November."""
    without = WorkCalendar.load("VN", without=["culture-day"])
    assert "2026-11-24" == ends(CIVIL, without, "2026-10-24", TimeLimit(1, "months"))


@pytest.mark.parametrize(
    ("start", "limit", "last"),
    [
        ("2025-01-31", "1 month", "2025-02-28"),
        ("2026-08-31", "6 months", "2027-03-01"),
        ("2026-04-02", "2 days", "2026-04-08"),  # Good Friday and Easter Monday between: only Tuesday is worked
        ("2026-04-02", "3 days", "2026-04-08"),
        ("2026-03-02", "2 days", "2026-03-04"),
        ("2026-03-06", "1 day", "2026-03-09"),
    ],
)
def test_the_regulation_of_the_union(start, limit, last):
    """Regulation 1182/71, art. 3: ends roll, and two days or more hold two working days."""
    assert last == ends(EU, LAW_OF_THE_UNION, start, TimeLimit.parse(limit))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02 10:20", "2026-03-04T11:00:00+01:00"),
        ("2026-03-02 10:00", "2026-03-04T11:00:00+01:00"),
        ("2026-03-05 23:59", "2026-03-08T00:00:00+01:00"),  # no roll: art. 3(4) is not for hours
    ],
)
def test_hours_of_the_union_begin_with_the_next_full_hour(start, end):
    """The hour of the event is not counted (art. 3(1))."""
    limit = TimeLimit(48, "hours")
    told = ledger_us(at(UNION, start), limit, calendar=UNION, rule=EU)
    assert (end, "first-hour") == (told.due.isoformat(), told.rows[0].code)


@pytest.mark.parametrize(
    ("rule", "start", "limit", "last"),
    [
        (BGB, "2001-01-31", "1 month", "2001-02-28"),
        (BGB, "2001-02-28", "1 month", "2001-03-28"),
        (BGB, "2001-04-05", "1 month", "2001-05-07"),
        (BGB, "2005-01-17", "1½ months", "2005-03-04"),
        (BGB_2, "2000-07-07", "18 years", "2018-07-06"),  # of age at 00:00 of the 7th
        (BGB_2, "2025-01-01", "1 month", "2025-01-31"),
        (BGB_2, "2025-01-31", "1 month", "2025-02-28"),  # no 30 February: the last of the month (s. 188(3))
        (BGB_2, "2024-02-29", "1 year", "2025-02-28"),
    ],
)
def test_the_german_civil_code(rule, start, limit, last):
    """BGB ss. 187 to 189 and 193."""
    assert last == ends(rule, GERMANY, start, TimeLimit.parse(limit))


def test_a_german_comes_of_age_at_the_first_instant_of_the_day():
    """Born on 7 July 2000: eighteen from 7 July 2018, 00:00 (BGB s. 187(2), second sentence)."""
    end = due_us(at(GERMANY, "2000-07-07 23:50"), TimeLimit(18, "years"), calendar=GERMANY, rule=BGB_2)
    assert at(GERMANY, "2018-07-07 00:00") == end


@pytest.mark.parametrize(
    ("start", "limit", "last"),
    [
        ("2026-12-23", "3 days", "2026-12-28"),
        ("2026-12-24", "3 days", "2026-12-29"),
        ("2026-04-21", "14 days", "2026-05-06"),
        ("2026-01-31", "4 months", "2026-05-31"),  # a Sunday: art. 4
        ("2026-02-14", "3 months", "2026-05-15"),  # Ascension, rolled: three months are within
        ("2026-02-08", "12 weeks", "2026-05-04"),
        ("2026-02-08", "13 weeks", "2026-05-10"),  # Sunday
        ("2026-02-01", "91 days", "2026-05-03"),  # Sunday
        ("2025-05-31", "1 year", "2026-05-31"),  # Sunday
    ],
)
def test_the_dutch_act_on_terms(start, limit, last):
    """Algemene termijnenwet arts 1 to 4: rolled, made longer, and left alone where the act is not for a term."""
    assert last == ends(NL, NETHERLANDS, start, TimeLimit.parse(limit))


def test_dutch_hours_and_terms_counted_back_end_on_a_day_off_too():
    """Arts 4 and 1(2)."""
    hours = due_us(at(NETHERLANDS, "2026-12-24 10:20"), TimeLimit(48, "hours"), calendar=NETHERLANDS, rule=NL)
    assert at(NETHERLANDS, "2026-12-26 10:20") == hours
    assert "2026-12-26" == ends(NL, NETHERLANDS, "2027-01-09", TimeLimit(14, "days"), backward=True)


@pytest.mark.parametrize(
    ("rule", "start", "limit", "last"),
    [
        (FR, "2017-02-12", "1 month and 15 days", "2017-03-27"),
        (FR, "2025-01-31", "1 month", "2025-02-28"),
        (FR, "2021-01-31", "1 month", "2021-03-01"),
        (FR, "2026-04-29", "15 days", "2026-05-15"),
        (FRANC, "2026-01-15", "2 months", "2026-03-16"),
        (FRANC, "2026-02-03", "10 days", "2026-02-16"),  # 13 February, then the 14th, a Saturday: Monday
    ],
)
def test_the_french_code_of_civil_procedure(rule, start, limit, last):
    """CPC arts 640 to 642, and the délai franc."""
    assert last == ends(rule, FRANCE, start, TimeLimit.parse(limit))


@pytest.mark.parametrize(
    ("rule", "start", "limit", "last", "backward"),
    [
        (CPR, "2023-10-20", "3 days", "2023-10-16", True),  # a hearing on a Friday: clear days before it
        (CPR, "2025-10-20", "3 days", "2025-10-14", True),  # on a Monday: the weekend does not count
        (CLEAR, "2025-10-01", "28 days", "2025-10-30", False),  # the earliest day of a hearing
        (CPR, "2025-10-02", "14 days", "2025-10-16", False),
        (CPR, "2025-10-02", "5 days", "2025-10-09", False),  # five days or less are working days
        (CPR, "2025-10-02", "9 days", "2025-10-13", False),  # the court office is closed on Saturdays
        (evolve(CPR, roll="none"), "2017-07-31", "2 months", "2017-09-30", False),  # insolvency: the corresponding date
    ],
)
def test_the_civil_procedure_rules_of_england(rule, start, limit, last, backward):
    """CPR 2.8: the examples of the rule itself, and the corresponding date."""
    assert last == ends(rule, ENGLAND, start, TimeLimit.parse(limit), backward=backward)


@pytest.mark.parametrize(
    ("rule", "start", "limit", "last", "backward"),
    [
        (FRCP, "2026-06-19", "14 days", "2026-07-06", False),
        (FRCP, "2026-06-20", "14 days", "2026-07-06", False),
        (FRCP, "2026-07-17", "14 days", "2026-07-02", True),
        (FRCP, "2026-06-26", "10 days", "2026-07-06", False),
        (evolve(FRCP, short=10), "2026-06-26", "10 days", "2026-07-13", False),  # as before December 2009
    ],
)
def test_the_federal_rules_of_civil_procedure(rule, start, limit, last, backward):
    """FRCP 6(a)(1) and (5); what a rule of before 2009 gives is another date."""
    assert last == ends(rule, AMERICA, start, TimeLimit.parse(limit), backward=backward)


def test_federal_hours_end_at_the_same_time_of_the_next_day():
    """FRCP 6(a)(2)(C): 48 hours from Thursday 24 December 2026, 09:15, over Christmas and a weekend; back, the same."""
    told = ledger_us(at(AMERICA, "2026-12-24 09:15"), TimeLimit(48, "hours"), calendar=AMERICA, rule=FRCP)
    assert ("2026-12-28T09:15:00-05:00", "rolled-hours") == (told.due.isoformat(), told.rows[-1].code)
    back = due_us(at(AMERICA, "2026-12-28 09:15"), TimeLimit(48, "hours"), calendar=AMERICA, rule=FRCP, backward=True)
    assert at(AMERICA, "2026-12-24 09:15") == back


@pytest.mark.parametrize(
    ("name", "ten", "ten_3", "late", "late_3"),
    [
        ("hsmc-normal", "03-01", "03-03", "03-02", "03-04"),
        ("using-created-date-after-3pm", "03-01", "03-03", "03-01", "03-03"),
        ("ignore-created-date", "03-02", "03-04", "03-03", "03-05"),
        ("hsmc-24h", "03-02", "03-04", "03-02", "03-04"),
        ("vn-civil-2015", "03-02", "03-04", "03-02", "03-04"),
    ],
)
def test_conventions_of_vendors_give_their_old_dates(name, ten, ten_3, late, late_3):
    """Received on Monday 1 March 2021 at 10:00 and 15:30, for 1 and 3 working days: the table of dates that was seen."""
    rule = CountingRule.named(name)
    found = tuple(
        ends(rule, VIETNAM, f"2021-03-01 {time}", TimeLimit(n, "working days"))[5:]
        for time in ("10:00", "15:30")
        for n in (1, 3)
    )
    assert (ten, ten_3, late, late_3) == found


def test_the_vendors_hour_is_inclusive_and_one_keeps_the_time():
    """Received at 15:00:00 is late for them; `hsmc-24h` ends at the hour of the receipt."""
    normal, same_hour = CountingRule.named("hsmc-normal"), CountingRule.named("hsmc-24h")
    day = TimeLimit(1, "working days")
    assert "2021-03-02" == ends(normal, VIETNAM, "2021-03-01 15:00", day)
    assert "2021-03-01" == ends(normal, VIETNAM, "2021-03-01 14:59", day)
    assert at(VIETNAM, "2021-03-02 15:30") == due_us(at(VIETNAM, "2021-03-01 15:30"), day, calendar=VIETNAM, rule=same_hour)


# -- how they are told ---------------------------------------------------------------------------------------------


def told(rule: CountingRule, calendar: WorkCalendar, start: str, limit: str, *, backward: bool = False) -> Ledger:
    """The ledger of a limit in words."""
    return ledger_us(at(calendar, start), TimeLimit.parse(limit), calendar=calendar, rule=rule, backward=backward)


def codes(ledger: Ledger) -> list[str]:
    """The codes of the rows, each once in a row."""
    found = [row.code for row in ledger.rows]
    return [code for place, code in enumerate(found) if place == 0 or found[place - 1] != code]


@pytest.mark.parametrize(
    ("ledger", "expected", "moves"),
    [
        (
            told(EU, LAW_OF_THE_UNION, "2026-04-02", "2 days"),
            ["first-day", "holiday", "weekend", "holiday", "rolled", "minimum"],
            [("rolled", "04-04", "04-07"), ("minimum", "04-07", "04-08")],
        ),
        (told(FRANC, FRANCE, "2026-01-15", "2 months"), None, [("clear-day", "03-15", "03-16")]),
        (
            told(ZPO_145, SWITZERLAND, "2025-07-10", "10 days"),
            ["first-day", "working", "weekend", "working", "recess", "weekend", "working"],
            [],
        ),
        (
            told(ZPO_145, SWITZERLAND, "2024-07-04", "10 days"),
            None,
            [("rolled", "07-14", "07-15"), ("recess", "07-15", "08-16")],
        ),
        (
            told(CPR, ENGLAND, "2025-10-20", "3 days", backward=True),
            ["clear-day", "working", "weekend", "first-day"],
            [("clear-day", "10-15", "10-14")],
        ),
        (
            told(FRCP, AMERICA, "2026-07-17", "14 days", backward=True),
            None,
            [("rolled", "07-03", "07-02")],
        ),
        (
            told(CountingRule.named("ignore-created-date"), VIETNAM, "2021-03-01 15:30", "1 working day"),
            ["after-hour", "first-day", "working"],
            [],
        ),
    ],
)
def test_the_ledger_names_each_convention(ledger, expected, moves):
    """Rows by their codes, and where the end went from where to where."""
    assert moves == [(move.code, move.low.isoformat()[5:], move.high.isoformat()[5:]) for move in ledger.moves]
    assert expected is None or expected == codes(ledger)
    assert ledger.budget == ledger.counted


def test_the_ledger_cites_the_article_that_moved_the_end():
    """In words, both moves with their sources."""
    words = told(EU, LAW_OF_THE_UNION, "2026-04-02", "2 days").text()
    assert "moved from Sat 04/04/2026 to Tue 07/04/2026: weekend (Regulation 1182/71, art. 3(4)" in words
    assert "a period of 2 days or more holds 2 working days (Regulation 1182/71, art. 3(5)" in words
    back = told(FRCP, AMERICA, "2026-07-17", "14 days", backward=True).text()
    assert "14 days before Fri 17/07/2026 10:20" in back
    assert "at the latest at the end of Thu 02/07/2026, 24:00" in back
    assert "FRCP 6(a)(5)" in back


def test_easter_hangs_on_the_moon_of_each_year():
    """The recess around Easter Sunday in years of early and late Easters."""
    spans = Recess(("easter/easter",))
    years = {2000: "04-23", 2008: "03-23", 2019: "04-21", 2025: "04-20", 2026: "04-05", 2038: "04-25"}
    found = {
        year: date.fromordinal(spans.days(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal())[0][0]) for year in years
    }
    assert {year: date.fromisoformat(f"{year}-{day}") for year, day in years.items()} == found
    assert all(day.weekday() == 6 for day in found.values())


def test_a_recess_across_the_year_is_one():
    """It begins in one year and ends in the next, from either of them."""
    days = COURT_HOLIDAYS.days(date(2026, 1, 1).toordinal(), date(2026, 1, 1).toordinal())
    assert ((date(2025, 12, 18).toordinal(), date(2026, 1, 2).toordinal()),) == days
    assert date(2026, 1, 2).toordinal() == COURT_HOLIDAYS.until(date(2025, 12, 31).toordinal())
    assert date(2026, 1, 2).toordinal() == COURT_HOLIDAYS.until(date(2026, 1, 3).toordinal())  # in none: the day before
