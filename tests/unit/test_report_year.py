"""A year on a page: marks, reasons, and where the calendar ends."""

from __future__ import annotations

from datetime import date

import pytest
from pendulum import Date

from qms.calendar import Entry, WorkCalendar
from qms.errors import OutsideCalendar
from qms.report import year_facts, year_page

VN = WorkCalendar.load("VN")


def test_page_marks_the_days_of_tet():
    """The seven days of Tết 2021 are off, with one reason for all of them."""
    page = year_page(VN, 2021)
    assert " 8  9 10*11*12*13*14*" in page
    assert "*  10/02–16/02   Tet (Lunar New Year) [unverified]" in page


def test_page_marks_a_swap_with_both_its_days():
    """The day off and the Saturday worked for it are one entry with two marks, and it names its decision."""
    page = year_page(VN, 2026, "vi")
    assert " 5  6  7  8  9 10+11." in page
    assert "*+ 02/01, 10/01  nghỉ hoán đổi, làm bù 10/01/2026 [12729/VPCP-KGVX]" in page.splitlines()


def test_page_marks_what_is_provisional():
    """A provisional day has a mark of its own, and its entry says so."""
    assert "23 24?25" in year_page(VN, 2026)
    assert "?  24/11         Vietnam Culture Day [unverified, provisional]" in year_page(VN, 2026).splitlines()


def test_page_marks_a_provisional_working_day():
    """A Saturday that is worked provisionally stands apart from one that is certain."""
    tree = VN.to_tree() | {"entries": [{"id": "x", "working": ["2021-05-08"], "provisional": True}]}
    assert "  8!" in year_page(WorkCalendar.from_tree(tree), 2021)


def test_page_leaves_no_blanks_at_line_ends():
    """No line ends in blanks, so the page can be pasted."""
    assert [] == [line for line in year_page(VN, 2021).splitlines() if line != line.rstrip()]


def test_page_says_where_the_calendar_ends():
    """Months that a calendar does not cover are told, not drawn."""
    short = WorkCalendar.from_dates(
        zone="Asia/Ho_Chi_Minh", week={"mon-fri": "08:00-12:00"}, first=date(2021, 1, 1), last=date(2021, 2, 28)
    )
    assert 10 == year_page(short, 2021).count("not covered")


def test_a_year_outside_the_calendar_is_refused():
    """No page is drawn for a year nothing is known of."""
    with pytest.raises(OutsideCalendar):
        year_page(VN, 2031)


def test_facts_are_those_of_the_page():
    """The JSON counts working days and lists the swap with its day off and its day worked."""
    facts = year_facts(VN, 2026)
    swap = next(entry for entry in facts["entries"] if entry["off"] == ["2026-01-02"])
    assert (249, ["2026-01-10", "2026-08-22"], ["2026-11-24"]) == (
        facts["working_days"],
        facts["made_up"],
        facts["provisional"],
    )
    assert (["2026-01-10"], "12729/VPCP-KGVX", False) == (swap["worked"], swap["decision"], swap["provisional"])


SIX_DAYS = WorkCalendar.from_dates(
    zone="Asia/Ho_Chi_Minh",
    week={"mon-fri": "08:00-12:00 13:00-17:00", "sat": "08:00-12:00"},
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
    working={date(2026, 3, 9): "08:00-10:00"},
)


def test_page_marks_half_days():
    """A Saturday morning, and a Monday of two hours whose entry tells them."""
    page = year_page(SIX_DAYS, 2026, "vi")
    assert "  2  3  4  5  6  7½ 8." in page
    assert "½  09/03         working-2026-03-09, 08:00-10:00 [chưa kiểm chứng]" in page.splitlines()
    assert ("2026-01-03", 53) == (year_facts(SIX_DAYS, 2026)["half_days"][0], len(year_facts(SIX_DAYS, 2026)["half_days"]))


def test_page_counts_the_days_of_each_mark():
    """The legend names only marks in use, with their days; each month has its working days."""
    assert ". weekly rest: 102   * off: 13   + made up: 2   ? off, provisional: 1" in year_page(VN, 2026).splitlines()
    assert "Tháng 2 (15)" in year_page(VN, 2026, "vi")
    assert (15, 249) == (
        year_facts(VN, 2026)["working_days_by_month"][1],
        sum(year_facts(VN, 2026)["working_days_by_month"]),
    )


def test_page_says_from_when_on_all_is_provisional():
    """No letter is known for 2027."""
    assert "tạm tính: mọi ngày kể từ 01/01/2027" == year_page(VN, 2027, "vi").splitlines()[-1]
    assert ("2027-01-01", None) == (year_facts(VN, 2027)["provisional_from"], year_facts(VN, 2026)["provisional_from"])


def test_page_names_the_layer_that_laid_an_entry_down():
    """An office's own day off stands with the office."""
    entry = Entry("birthday", off=(Date(2026, 3, 10),), kind="closure", decision="12/QĐ")
    assert "*  10/03         birthday [hall; 12/QĐ]" in year_page(VN.with_layer("hall", entries=[entry]), 2026).splitlines()


@pytest.mark.parametrize(("width", "across"), [(20, 1), (44, 2), (80, 3), (100, 4), (140, 6)])
def test_page_has_as_many_months_a_row_as_fit(width, across):
    """From one to six."""
    week = next(line for line in year_page(VN, 2026, width=width).splitlines() if line.startswith("Mo "))
    assert across == week.count("Mo")
