"""Dates on the command line: the table that explains, other rules and calendars beside, the year, and all faults at once."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from qms.calendar import WorkCalendar
from qms.cli import app, shell
from qms.cli.drawing import ledger_table, year_text
from qms.deadline import TimeLimit, ledger
from qms.ledger_text import sheet_of
from qms.report import year_page

VN = WorkCalendar.load("VN")
SWAP = ["due", "26/04/2024 15:30", "10 working days"]


def run(*arguments: str) -> Result:
    """What the command answers."""
    return CliRunner().invoke(app, list(arguments))


def told(*arguments: str) -> dict[str, Any]:
    """What the command answers in JSON."""
    answer: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return answer


def on_a_terminal(monkeypatch, page, columns: int, **colours) -> str:
    """What a terminal of so many columns shows."""
    monkeypatch.setattr(shell, "Console", partial(Console, force_terminal=True, width=columns, **colours))
    return shell.drawn(page)


def sheet(language: str = "en"):
    """Ten working days over an exchange of a Monday for a Saturday."""
    return sheet_of(ledger(VN.moment(1714120200_000_000), TimeLimit.parse("10 working days"), calendar=VN), language)


# ── due ──


def test_due_explains_in_a_table():
    """Each span of days with what counted, how much and why; then the sum, the end, and what both rest on."""
    lines = run(*SWAP, "--explain").stdout.splitlines()
    assert ["days", "counting", "amount", "why"] == lines[2].split()
    assert "Thu 02/05 – Tue 14/05/2024  counted      10 working days  Sat 04/05/2024 made up for Mon 29/04/2024" in lines[7]
    assert ["sum: 10 working days (80 h)", "due Tue 14/05/2024 17:00"] == lines[10:12]
    assert "not legal advice" in lines[-1]
    assert [] == [line for line in lines if line != line.rstrip()]


def test_due_explains_every_day_on_request():
    """--every-day explains by itself, a line a day."""
    lines = run(*SWAP, "--every-day", "--lang", "vi").stdout.splitlines()
    days = [line for line in lines if line[:2] in ("T2", "T3", "T4", "T5", "T6", "T7", "CN")]
    assert (19, "CN 28/04/2024") == (len(days), days[2][:13])


def test_a_terminal_of_80_columns_shows_days_and_all_that_is_said_of_them(monkeypatch):
    """Four columns would leave no room for reasons: two are shown, and no line is longer than the terminal."""
    page = on_a_terminal(monkeypatch, ledger_table(sheet("vi")), 80, color_system=None)
    lines = page.splitlines()
    assert ["ngày", "cách", "tính"] == lines[2].split()
    assert "T7 27/04 – T4 01/05/2024  không tính: nghỉ cuối tuần, nghỉ hoán đổi, làm bù" == lines[6].rstrip()
    assert 80 >= max(map(len, lines))


def test_a_terminal_of_120_columns_shows_four(monkeypatch):
    """There is room for a column of reasons."""
    lines = on_a_terminal(monkeypatch, ledger_table(sheet()), 120, color_system=None).splitlines()
    assert ["days", "counting", "amount", "why"] == lines[2].split()
    assert 120 >= max(map(len, lines))


def test_colours_only_where_they_are_wanted(monkeypatch):
    """A terminal shows what counted in green; without colours every word is still there."""
    coloured = on_a_terminal(monkeypatch, ledger_table(sheet()), 120, color_system="standard")
    plain = on_a_terminal(monkeypatch, ledger_table(sheet()), 120, no_color=True)
    assert (True, False) == ("\x1b[32m" in coloured, "\x1b[32m" in plain)
    assert "10 working days" in plain


def test_due_by_other_rules_beside():
    """The end by each, and by how much it lies apart."""
    lines = run(
        "due", "06/02/2021 09:00", "5 days", "--what-if-rule", "vn-civil-2015", "--what-if-rule", "calendar-plain"
    ).stdout
    assert ["vn-civil-2015", "due at the end of Wed 17/02/2021, 24:00", "7 h later"] == _cells(lines.splitlines()[-2])
    assert ["calendar-plain", "due Thu 11/02/2021 09:00", "6 days earlier"] == _cells(lines.splitlines()[-1])
    line = run("due", "06/02/2021 09:00", "5 days", "--what-if-rule", "calendar-plain", "--lang", "vi").stdout.splitlines()[-1]
    assert ["calendar-plain", "hạn T5 11/02/2021 09:00", "sớm hơn 6 ngày"] == _cells(line)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_what_stands_in_brackets_is_text():
    """No part of an answer is taken for a style."""
    lines = run("due", "23/11/2026 09:00", "1 working day", "--what-if-rule", "calendar-plain").stdout.splitlines()
    assert "rests on what is provisional: Vietnam Culture Day [culture-day: unverified, provisional]" in lines


def test_due_by_another_calendar_as_data(tmp_path):
    """An office without holidays answers earlier; its facts name rule, certainty and calendar."""
    plain = WorkCalendar.from_dates(
        zone=VN.zone, week={"mon-fri": "07:30-11:30 13:00-17:00"}, first=VN.first, last=VN.last, name="plain"
    )
    file = tmp_path / "plain.json"
    file.write_text(json.dumps(plain.to_tree()), encoding="utf-8")
    other = told("due", "09/02/2021 09:00", "5 working days", "--what-if-calendar", str(file))["what_if"][0]
    assert ("plain", "2021-02-16T17:00:00+07:00", "earlier", "5 working days") == (
        other["name"],
        other["due"],
        other["direction"],
        other["moved"],
    )
    assert ("vn-one-stop", "analogy", plain.version) == (other["rule"], other["certainty"], other["calendar_version"])


def test_the_same_end_by_another_rule_is_told_as_the_same():
    """Nothing moved."""
    answer = told("due", "01/03/2021 09:00", "8 working hours", "--what-if-rule", "vn-civil-2015")["what_if"][0]
    assert ("same", None, 0) == (answer["direction"], answer["moved"], answer["seconds"])
    page = run("due", "01/03/2021 09:00", "8 working hours", "--what-if-rule", "vn-civil-2015", "--lang", "vi").stdout
    assert page.splitlines()[-1].endswith("như nhau")


def test_all_faults_of_a_line_are_told_at_once():
    """Each argument that cannot be read, with its place and what could stand there."""
    line = ["due", "2021-02-30T09:00", "45 dayz", "--calendar", "XX", "--rule", "none", "--pause", "x/y"]
    answer = told(*line, "--what-if-rule", "nor", "--what-if-calendar", "YY")
    places = ["--calendar", "START", "LIMIT", "--rule", "--pause[0]", "--what-if-rule", "--what-if-calendar"]
    assert places == [problem["where"] for problem in answer["problems"]]
    assert 2 == run(*line).exit_code
    assert "vn-one-stop" in answer["problems"][3]["message"]


def test_a_calendar_without_a_customary_rule_asks_for_one(tmp_path):
    """There is no default law: the rules that are shipped are named."""
    bare = WorkCalendar.from_dates(zone=VN.zone, week={"mon-fri": "08:00-12:00"}, first=VN.first, last=VN.last, name="bare")
    file = tmp_path / "bare.json"
    file.write_text(json.dumps(bare.to_tree()), encoding="utf-8")
    problem = told("due", "01/03/2021 09:00", "1 day", "--calendar", str(file))["problems"][0]
    assert ("--rule", True) == (problem["where"], "vn-civil-2015" in problem["message"])


def test_an_end_outside_the_calendar_is_bad_input():
    """Exit 2, and the coverage is named."""
    result = run("due", "01/12/2027 09:00", "90 days")
    assert (2, True) == (result.exit_code, "2027-12-31" in result.stderr)


# ── calendar ──


def test_a_year_on_a_wide_terminal_has_four_months_a_row(monkeypatch):
    """As many as fit; the marks are in colour where there are colours."""
    wide = year_page(VN, 2026, width=120)
    assert "January (21)           February (15)           March (22)             April (20)" in wide
    shown = on_a_terminal(monkeypatch, year_text(wide), 120, color_system="standard")
    assert (True, True) == ("\x1b[31m16*\x1b[0m" in shown, "\x1b[32m10+\x1b[0m" in shown)


def test_a_year_in_a_pipe_is_the_page():
    """No colour, 80 columns, and nothing at line ends."""
    assert year_page(VN, 2026, "vi") == run("calendar", "VN", "2026", "--lang", "vi").stdout.rstrip("\n")


@pytest.mark.parametrize("calendar", ["XX", "no-such.toml"])
def test_a_calendar_that_is_not_there_is_told(calendar):
    """By the place on the line."""
    result = run("calendar", calendar, "2026")
    assert (2, True) == (result.exit_code, result.stderr.startswith("error: "))


# ── counted back ──


def test_a_period_is_counted_back():
    """At least 15 days before: the last moment, and why."""
    assert ["at the latest Thu 04/02/2021 17:00 (Asia/Ho_Chi_Minh)", "15 days"] == [
        run("due", "19/02/2021 09:00", "15 days", "--backward").stdout.splitlines()[0],
        told("due", "19/02/2021 09:00", "15 days", "--backward")["consumed"],
    ]
    page = run("due", "19/02/2021 09:00", "5 working days", "--backward", "--explain", "--lang", "vi").stdout
    lines = page.splitlines()
    assert "5 ngày làm việc trước T6 19/02/2021 09:00 (Asia/Ho_Chi_Minh)" == lines[0]
    assert ("chậm nhất T6 05/02/2021 17:00", True) == (lines[10], "ngày diễn ra sự kiện" in page)


def test_a_period_counted_back_rests_on_the_days_between():
    """Culture Day lies between the event and its answer: provisional."""
    ledger = told("due", "26/11/2026 09:00", "3 working days", "--backward")["ledger"]
    assert ["culture-day"] == ledger["provisional"]


def test_a_period_counted_back_has_no_pauses():
    """What is wrong is told, with exit 2."""
    result = run("due", "19/02/2021 09:00", "15 days", "--backward", "--pause", "01/02/2021 10:00/02/02/2021 10:00")
    assert (2, True) == (result.exit_code, "pause" in result.stderr)


def test_a_sum_is_a_limit():
    """A month and fifteen days, whose consumption is itself."""
    answer = told("due", "19/02/2021 09:00", "1 tháng 15 ngày")
    assert ("2021-04-05", "1 month and 15 days") == (answer["last_day"], answer["consumed"])
