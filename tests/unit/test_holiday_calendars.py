"""Calendars from python-holidays: what is taken over, what it is marked with, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from qms.calendar import WorkCalendar
from qms.errors import InvalidInput
from qms.exchange.calendars import KNOWN_ERRORS, holiday_entries, with_holidays

holidays = pytest.importorskip("holidays")

WEEK = {"mon-fri": "09:00-17:00"}


def office(first=date(2024, 1, 1), last=date(2026, 12, 31), zone="Europe/Berlin", week=WEEK):
    """A calendar with nothing but its week."""
    return WorkCalendar.from_dates(zone=zone, week=week, first=first, last=last)


@pytest.mark.parametrize(("country", "subdiv"), [("DE", "BY"), ("NL", None), ("FR", None), ("US", None), ("CN", None)])
def test_working_days_are_those_of_the_package(country, subdiv):
    """Each day of three years, worked weekend days included."""
    calendar = with_holidays(office(), country, subdiv=subdiv)
    theirs = holidays.country_holidays(country, subdiv, years=range(2023, 2028))
    found = [day for year in (2024, 2025, 2026) for day in calendar.year(year)]
    assert [] == [day.date for day in found if day.working != theirs.is_working_day(day.date)]


def test_an_entry_is_unverified_and_says_where_it_is_from():
    """With the name in the language of the country and in English."""
    day = with_holidays(office(), "DE").explain(date(2026, 10, 3))
    assert ("holidays/DE-2026-10-03", f"python-holidays {holidays.__version__}") == (
        f"{day.layer}/{day.entry.id}",
        day.entry.source,
    )
    assert ("Tag der Deutschen Einheit", "German Unity Day") == (day.entry.text("de"), day.entry.text("en"))
    assert not day.entry.verified


def test_a_day_that_is_estimated_is_provisional():
    """The feasts of the lunar calendar, years ahead."""
    calendar = with_holidays(office(last=date(2030, 12, 31), zone="Asia/Kuala_Lumpur"), "MY")
    assert [entry.id for entry in calendar.entries if "estimated" in entry.text("en")]
    assert [] == [entry.id for entry in calendar.entries if ("estimated" in entry.text("en")) != entry.provisional]


@pytest.mark.parametrize("country", ["VN", "VNM", "Vietnam"])
def test_vietnam_is_refused_and_the_reason_told(country):
    """By every name that the package takes, since Friday 2 January 2026 is wrong in it."""
    with pytest.raises(InvalidInput, match=r"wrong for VN: Friday 2026-01-02 was off .*although_wrong=True"):
        holiday_entries(country, office())


def test_vietnam_is_given_when_asked_for_although_wrong():
    """And it is wrong on the two days that the message names."""
    hanoi = office(zone="Asia/Ho_Chi_Minh")
    wrong = with_holidays(hanoi, "VN", although_wrong=True)
    ours = WorkCalendar.load("VN")
    assert [date(2026, 1, 2), date(2026, 1, 10)] == [
        day.date for day in wrong.year(2026) if day.working != ours.is_working_day(day.date)
    ]
    assert "2026-01-02" in KNOWN_ERRORS["VN"]


@pytest.mark.parametrize(
    ("country", "options", "message"),
    [
        ("XX", {}, "Country XX not available"),
        ("DE", {"subdiv": "QQ"}, "QQ"),
        ("DE", {"categories": ["nonsense"]}, "nonsense"),
    ],
)
def test_what_the_package_does_not_know_is_refused(country, options, message):
    """As an error of the input."""
    with pytest.raises(InvalidInput, match=message):
        holiday_entries(country, office(), **options)


def test_years_without_a_table_are_refused():
    """The package would answer that nothing is off after 2100."""
    with pytest.raises(InvalidInput, match="it would answer as if nothing were off"):
        holiday_entries("DE", office(last=date(2150, 12, 31)))


def test_categories_are_passed_on():
    """Days of banks or of one faith are asked for by name."""
    assert len(holiday_entries("DE", office(), subdiv="BY")) < len(
        holiday_entries("DE", office(), subdiv="BY", categories=["public", "catholic"])
    )
