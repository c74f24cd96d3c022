"""What a ledger says, in English and in Vietnamese, word for word, and as data."""

from __future__ import annotations

import json
from datetime import date
from string import Formatter

import attrs
import pendulum
import pytest
from pendulum import Date

from qms import ledger_text as words
from qms.calendar import Entry, WorkCalendar
from qms.deadline import Clock, CountingRule, TimeLimit, clock_ledger, ledger, to_us
from qms.errors import InvalidInput
from qms.ledger_text import sheet_of

VN = WorkCalendar.load("VN")
OFFICE, CIVIL, PLAIN = (CountingRule.named(name) for name in ("vn-one-stop", "vn-civil-2015", "calendar-plain"))


def at(text):
    """A moment in Vietnam."""
    return pendulum.from_format(text, "YYYY-MM-DD HH:mm", tz="Asia/Ho_Chi_Minh")


def told(start, limit, *pauses, rule=OFFICE, calendar=VN):
    """The ledger of a limit."""
    spans = [(at(low), at(high)) for low, high in pauses]
    return ledger(at(start), TimeLimit.parse(limit), calendar=calendar, rule=rule, pauses=spans)


def body(found, language="en", *, every_day=False):
    """Its lines, without the foot that names rule and calendar, and without trailing blanks."""
    lines = found.text(language, every_day=every_day).splitlines()
    foot = next(number for number, line in enumerate(lines) if line.startswith(("rule:", "quy tắc:")))
    return "\n".join(lines[:foot])


def test_a_ledger_in_english():
    """Working days over Tet: what did not count and why, then what the answer rests on."""
    version = VN.version[:12]
    expected = f"""\
5 working days from Tue 09/02/2021 09:00 (Asia/Ho_Chi_Minh)
  Tue 09/02/2021              not counted                  the first day does not count (Civil Code 2015, art. 147(2))
  Wed 10/02 – Tue 16/02/2021  not counted                  Tet (Lunar New Year), 5 days off
  Wed 17/02 – Tue 23/02/2021  counted      5 working days  2 weekend days left out
sum: 5 working days (40 h)
due Tue 23/02/2021 17:00
rule: vn-one-stop, Limits at a Vietnamese one-stop office (by analogy)
calendar: VN, 01/01/2018 to 31/12/2027, version {version}
unverified: Tet (Lunar New Year) [tet-2021]
Computed from this rule and this calendar; not legal advice: the competent authority decides."""
    assert expected == str(told("2021-02-09 09:00", "5 working days"))


def test_a_ledger_in_vietnamese():
    """The same in the words of an office."""
    version = VN.version[:12]
    expected = f"""\
5 ngày làm việc kể từ T3 09/02/2021 09:00 (Asia/Ho_Chi_Minh)
  T3 09/02/2021             không tính                   ngày đầu tiên của thời hạn (Bộ luật Dân sự 2015, Điều 147(2))
  T4 10/02 – T3 16/02/2021  không tính                   Tết Nguyên đán Tân Sửu, nghỉ 5 ngày
  T4 17/02 – T3 23/02/2021  tính        5 ngày làm việc  không kể 2 ngày nghỉ cuối tuần
tổng cộng: 5 ngày làm việc (40 giờ)
hạn T3 23/02/2021 17:00
quy tắc: vn-one-stop, Cách tính thời hạn giải quyết tại bộ phận một cửa (áp dụng tương tự)
lịch: VN, 01/01/2018 đến 31/12/2027, phiên bản {version}
chưa kiểm chứng: Tết Nguyên đán Tân Sửu [tet-2021]
Tính theo quy tắc và lịch nêu trên; không phải tư vấn pháp lý: cơ quan có thẩm quyền quyết định."""
    assert expected == told("2021-02-09 09:00", "5 working days").text("vi")


def test_pauses_in_a_ledger():
    """Overlapping pauses are one row, and days that are cut say from when to when."""
    expected = """\
10 working days from Mon 01/03/2021 09:00 (Asia/Ho_Chi_Minh)
  Mon 01/03/2021                               not counted                        the first day does not count (Civil Code 2015, art. 147(2))
  Tue 02/03/2021                               counted      1 working day
  Wed 03/03/2021 07:30–10:00                   counted      2 h 30 min
  Wed 03/03/2021 10:00 – Fri 12/03/2021 09:00  paused       55 h of working time
  Fri 12/03/2021 09:00–17:00                   counted      6 h 30 min
  Sat 13/03 – Sun 14/03/2021                   not counted                        weekend
  Mon 15/03 – Tue 23/03/2021                   counted      7 working days        2 weekend days left out
  Wed 24/03/2021 07:30–16:00                   counted      7 h
sum: 10 working days (80 h)
due Wed 24/03/2021 16:00"""
    pauses = [("2021-03-03 10:00", "2021-03-10 10:00"), ("2021-03-08 09:00", "2021-03-12 09:00")]
    assert expected == body(told("2021-03-01 09:00", "10 working days", *pauses))


def test_every_day_of_a_ledger():
    """On request each day has a line of its own, a day off within a pause too."""
    expected = """\
3 ngày làm việc kể từ T5 04/03/2021 09:00 (Asia/Ho_Chi_Minh)
  T5 04/03/2021              không tính                          ngày đầu tiên của thời hạn (Bộ luật Dân sự 2015, Điều 147(2))
  T6 05/03/2021              tính        1 ngày làm việc
  T7 06/03/2021              không tính                          nghỉ cuối tuần
  CN 07/03/2021              không tính                          nghỉ cuối tuần
  T2 08/03/2021              tính        1 ngày làm việc
  T3 09/03/2021 07:30–10:00  tính        2 giờ 30 phút
  T3 09/03/2021 10:00–17:00  tạm dừng    5 giờ 30 phút làm việc
  T4 10/03/2021              tạm dừng    8 giờ làm việc
  T5 11/03/2021              tạm dừng    8 giờ làm việc
  T6 12/03/2021              tạm dừng    8 giờ làm việc
  T7 13/03/2021              tạm dừng                            nghỉ cuối tuần
  CN 14/03/2021              tạm dừng                            nghỉ cuối tuần
  T2 15/03/2021 07:30–10:00  tạm dừng    2 giờ 30 phút làm việc
  T2 15/03/2021 10:00–17:00  tính        5 giờ 30 phút
tổng cộng: 3 ngày làm việc (24 giờ)
hạn T2 15/03/2021 17:00"""
    found = told("2021-03-04 09:00", "3 working days", ("2021-03-09 10:00", "2021-03-15 10:00"))
    assert expected == body(found, "vi", every_day=True)


def test_hours_that_run_through_are_cut_at_midnight_on_request():
    """Every day of 48 hours says how much of it counted."""
    lines = told("2021-09-01 15:30", "48 hours", ("2021-09-02 10:00", "2021-09-02 12:00")).text(every_day=True).splitlines()
    assert ["8 h 30 min", "10 h", "2 h", "12 h", "17 h 30 min"] == [line.split("  ")[-1].strip() for line in lines[1:6]]
    assert "Wed 01/09/2021 15:30–24:00" in lines[1]


def test_a_weekend_stands_apart_where_no_whole_days_are_around_it():
    """Between a part of a day and the next, and before a holiday, the weekend is told."""
    lines = body(told("2021-03-12 16:00", "2 working hours")).splitlines()
    assert "  Sat 13/03 – Sun 14/03/2021  not counted       weekend" in lines
    apart = WorkCalendar.from_dates(
        zone="Asia/Ho_Chi_Minh", week={"mon-sat": "08:00-12:00"}, first=VN.first, last=VN.last, name="x"
    )
    assert "1 weekend day left out" in str(told("2021-03-11 09:00", "4 working days", calendar=apart))


def test_a_day_worked_that_is_no_swap_names_its_reason():
    """A day made up without a day off beside it is told by its entry."""
    extra = WorkCalendar.from_dates(
        zone="Asia/Ho_Chi_Minh",
        week={"mon-fri": "08:00-12:00"},
        first=VN.first,
        last=VN.last,
        working=[date(2021, 3, 13)],
    )
    assert "day made up: working-2021-03-13" in str(told("2021-03-11 09:00", "3 working days", calendar=extra))


def test_a_half_day_and_a_layer_in_a_ledger():
    """An office's own days name the office and its decision; a day of other hours tells them."""
    entries = [
        Entry("storm", off=(Date(2021, 3, 9),), kind="closure", reason={"vi": "Bão số 9"}, decision="77/CĐ"),
        Entry("eve", working=(Date(2021, 3, 10),), hours="07:30-11:30", reason={"vi": "Làm việc nửa ngày"}, decision="80/QĐ"),
    ]
    lines = body(told("2021-03-08 09:00", "2 working days", calendar=VN.with_layer("hall", entries=entries)), "vi").splitlines()
    assert lines[2].endswith("Bão số 9 [hall; 77/CĐ], nghỉ 1 ngày")
    assert lines[3].endswith("2 ngày làm việc  T4 10/03/2021 07:30-11:30: Làm việc nửa ngày [hall; 80/QĐ]")
    assert "tổng cộng: 2 ngày làm việc (12 giờ)" == lines[4]


def test_a_convention_less_sure_than_its_rule_says_so():
    """The rule is law; a first day that is left out by practice is told as practice."""
    sources = tuple(attrs.evolve(s, level="practice") if s.field == "first_day" else s for s in CIVIL.sources)
    rule = attrs.evolve(CIVIL, name="x", sources=sources)
    assert "(Civil Code 2015, art. 147(2), by practice)" in str(told("2021-04-01 09:00", "5 days", rule=rule))


def test_a_code_without_words_is_told_as_it_is():
    """A newer kind of row does not fail in an older table of words."""
    found = told("2021-02-09 09:00", "5 working days")
    rows = (attrs.evolve(found.rows[0], code="first-snow"), *found.rows[1:])
    assert "not counted                  first snow" in str(attrs.evolve(found, rows=rows))


def test_a_ledger_in_another_language_is_refused():
    """The languages there are stand in the message."""
    with pytest.raises(InvalidInput, match="no words in 'fr'; known: en, vi"):
        told("2021-02-09 09:00", "5 working days").text("fr")


def test_a_sheet_has_the_cells_of_the_text():
    """What draws a table takes cells, and each line keeps its kind."""
    sheet = sheet_of(told("2021-04-01 09:00", "45 days"))
    assert ["not counted", "counted", "not counted"] == [line.kind for line in sheet.lines]
    assert (("Fri 02/04 – Sun 16/05/2021", "45 days"), "sum: 45 days") == (
        (sheet.lines[1].days, sheet.lines[1].amount),
        sheet.sum,
    )
    assert ["rule", "calendar", "unverified", "advice"] == [key for key, _ in sheet.foot]


def test_a_swap_in_a_ledger():
    """The Monday off and the Saturday worked for it name each other, and the decision."""
    expected = """\
3 working days from Fri 26/04/2024 15:30 (Asia/Ho_Chi_Minh)
  Fri 26/04/2024              not counted                  the first day does not count (Civil Code 2015, art. 147(2))
  Sat 27/04 – Wed 01/05/2024  not counted                  weekend, day off in exchange for 04/05/2024 [2450/VPCP-KGVX], Reunification Day, International Labour Day, 3 days off
  Thu 02/05 – Sat 04/05/2024  counted      3 working days  Sat 04/05/2024 made up for Mon 29/04/2024 [2450/VPCP-KGVX]
sum: 3 working days (24 h)
due Sat 04/05/2024 17:00"""
    assert expected == body(told("2024-04-26 15:30", "3 working days"))


def test_a_roll_in_a_ledger():
    """The day to which the end went does not count, and the move is told with its article."""
    expected = """\
45 days from Thu 01/04/2021 09:00 (Asia/Ho_Chi_Minh)
  Thu 01/04/2021              not counted           the first day does not count (Civil Code 2015, art. 147(2))
  Fri 02/04 – Sun 16/05/2021  counted      45 days
  Mon 17/05/2021              not counted           the end moves to the next working day (Civil Code 2015, art. 148(5))
sum: 45 days
due Mon 17/05/2021 17:00
moved from Sun 16/05/2021 to Mon 17/05/2021: weekend (Civil Code 2015, art. 148(5))"""
    assert expected == body(told("2021-04-01 09:00", "45 days"))


def test_a_roll_off_a_holiday_in_a_ledger():
    """The entry that was the reason is named; by the Civil Code the last day ends at 24:00."""
    expected = """\
5 ngày kể từ T7 06/02/2021 09:00 (Asia/Ho_Chi_Minh)
  T7 06/02/2021             không tính          ngày đầu tiên của thời hạn (Bộ luật Dân sự 2015, Điều 147(2))
  CN 07/02 – T5 11/02/2021  tính        5 ngày
  T6 12/02 – T4 17/02/2021  không tính          Tết Nguyên đán Tân Sửu, ngày hết hạn dời sang ngày làm việc kế tiếp (Bộ luật Dân sự 2015, Điều 148(5)), nghỉ 3 ngày
tổng cộng: 5 ngày
hạn hết ngày T4 17/02/2021, 24:00
dời từ T5 11/02/2021 sang T4 17/02/2021: Tết Nguyên đán Tân Sửu (Bộ luật Dân sự 2015, Điều 148(5))"""
    assert expected == body(told("2021-02-06 09:00", "5 days", rule=CIVIL), "vi")


def test_an_end_put_off_by_a_pause_of_hours_in_a_ledger():
    """Resumed after the close of the last day: the next working day, and no article is cited for it."""
    found = told("2021-03-01 09:00", "10 days", ("2021-03-11 16:00", "2021-03-11 18:00"))
    assert "Fri 12/03/2021              not counted           no period ends while it is paused" in str(found)
    assert "moved from Thu 11/03/2021 to Fri 12/03/2021: no period ends while it is paused" in str(found).splitlines()


def test_working_hours_in_a_ledger():
    """Shifts are told with their hours; a Sunday without."""
    expected = """\
8 working hours from Fri 05/02/2021 16:30 (Asia/Ho_Chi_Minh)
  Fri 05/02/2021 16:30–17:00  counted      30 min
  Sat 06/02 – Sun 07/02/2021  not counted              weekend
  Mon 08/02/2021 07:30–16:30  counted      7 h 30 min
sum: 8 h
due Mon 08/02/2021 16:30"""
    assert expected == body(told("2021-02-05 16:30", "8 working hours"))


def test_a_same_day_limit_after_three_in_a_ledger():
    """Why it went to the next working day."""
    expected = """\
same day from Wed 01/09/2021 15:30 (Asia/Ho_Chi_Minh)
  Wed 01/09 – Sun 05/09/2021  not counted       received after 15:00 (Decree 23/2015/ND-CP, art. 7), National Day, weekend, 2 days off
  Mon 06/09/2021              counted      8 h
sum: 8 h
due Mon 06/09/2021 17:00"""
    assert expected == body(told("2021-09-01 15:30", "same day"))


def test_hours_in_a_ledger():
    """Hours that run through are one row, cut by pauses; seconds are told where there are any."""
    found = ledger(
        at("2021-09-01 15:30").add(seconds=5),
        TimeLimit.parse("48 hours"),
        calendar=VN,
        pauses=[(at("2021-09-02 10:00"), at("2021-09-02 12:00"))],
    )
    expected = """\
48 hours from Wed 01/09/2021 15:30:05 (Asia/Ho_Chi_Minh)
  Wed 01/09/2021 15:30:05 – Thu 02/09/2021 10:00  counted  18 h 29 min 55 s
  Thu 02/09/2021 10:00–12:00                      paused   2 h
  Thu 02/09/2021 12:00 – Fri 03/09/2021 17:30:05  counted  29 h 30 min 5 s
sum: 48 h
due Fri 03/09/2021 17:30:05"""
    assert expected == body(found)


def test_what_is_shown_adds_up_though_seconds_are_cut():
    """Clocks are shown to the second: 54 and 5 seconds are still the 48 hours, whatever the microseconds."""
    pauses = [(at("2021-09-02 10:00").add(microseconds=300_000), at("2021-09-02 12:00").add(microseconds=300_000))]
    start = at("2021-09-01 15:30").add(seconds=5, microseconds=700_000)
    found = ledger(start, TimeLimit.parse("48 hours"), calendar=VN, pauses=pauses)
    amounts = [line.amount for line in sheet_of(found).lines]
    assert ["18 h 29 min 55 s", "2 h", "29 h 30 min 5 s"] == amounts


def test_a_night_shift_is_one_line():
    """From ten to six is one stretch of work, cut at midnight on request; the day it ends on needs a word."""
    nights = WorkCalendar.from_dates(
        zone="Asia/Ho_Chi_Minh", week={"mon-fri": "22:00-06:00"}, first=VN.first, last=VN.last, name="nights"
    )
    found = told("2021-03-01 23:00", "15 working hours", calendar=nights)
    assert ["Mon 01/03/2021 23:00 – Tue 02/03/2021 06:00", "Tue 02/03/2021 22:00 – Wed 03/03/2021 06:00"] == [
        line.days for line in sheet_of(found).lines
    ]
    assert ["1 h", "6 h", "2 h", "6 h"] == [line.amount for line in sheet_of(found, every_day=True).lines]
    assert "goes on past midnight" in str(told("2021-03-02 09:00", "4 days", calendar=nights))


def test_a_time_that_clocks_show_twice_has_its_offset():
    """Half past two, the first of two."""
    night = WorkCalendar.from_dates(
        zone="Europe/Amsterdam", week={"sat": "22:00-06:00"}, first=VN.first, last=VN.last, name="night"
    )
    start = pendulum.datetime(2021, 10, 30, 22, tz="Europe/Amsterdam")
    assert "due Sun 31/10/2021 02:30+02:00" in str(ledger(start, TimeLimit.parse("270 minutes"), calendar=night, rule=OFFICE))


@pytest.mark.parametrize("table", [words._KINDS, words._CODES, words._LINES, words._CERTAINTY, words._AMOUNTS])
def test_each_word_is_in_both_languages(table):
    """With the same blanks to fill."""
    blanks = {
        language: {
            key: sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None) for key, text in told.items()
        }
        for language, told in table.items()
    }
    assert blanks["en"] == blanks["vi"]


def test_pauses_of_days_in_a_ledger():
    """A pause of days is told in days, working days where the rule measures so."""
    expected = """\
10 days from Mon 01/03/2021 09:00 (Asia/Ho_Chi_Minh)
  Mon 01/03/2021              not counted          the first day does not count (Civil Code 2015, art. 147(2))
  Tue 02/03 – Wed 03/03/2021  counted      2 days
  Thu 04/03 – Wed 10/03/2021  paused       7 days
  Thu 11/03 – Thu 18/03/2021  counted      8 days
sum: 10 days
due Thu 18/03/2021 17:00"""
    pause = ("2021-03-03 10:00", "2021-03-10 10:00")
    assert expected == body(told("2021-03-01 09:00", "10 days", pause))
    by_days = told("2021-03-01 09:00", "10 working days", pause, rule=attrs.evolve(OFFICE, pause="days"))
    assert [("paused", 5), ("counted", 10)] == [
        (kind, sum(row.amount for row in by_days.rows if row.kind == kind)) for kind in ("paused", "counted")
    ]


def test_a_day_off_within_a_pause_is_paused():
    """Tet within a pause is part of it, and takes nothing away."""
    found = told("2021-02-08 09:00", "5 working days", ("2021-02-09 10:00", "2021-02-18 10:00"))
    expected = "Tue 09/02/2021 10:00 – Thu 18/02/2021 10:00  paused       16 h of working time"
    assert expected in str(found)


def test_a_start_after_the_close_in_a_ledger():
    """The first day does not count, open or not."""
    assert "Mon 01/03/2021  not counted" in str(told("2021-03-01 18:00", "1 working day"))
    assert "Mon 01/03/2021" not in body(told("2021-03-01 18:00", "1 working hour")).split("\n", 1)[1]


def test_a_first_day_that_is_paused_is_made_good_later():
    """What is left of the first day does not count after the pause; the ten days do."""
    found = told("2021-03-01 09:00", "10 working days", ("2021-03-01 10:00", "2021-03-02 10:00"))
    rows = [line.split()[-1] for line in body(found).splitlines() if "not counted" in line]
    assert found.counted == found.budget
    assert ["147(2))", "147(2))"] == rows


def test_provisional_days_are_named_in_a_ledger():
    """Culture Day by its entry, and every day of 2027."""
    assert "provisional: Vietnam Culture Day [culture-day]" in str(told("2026-11-23 09:00", "1 working day"))
    late = told("2026-12-31 09:00", "2 working days")
    assert "provisional: every day from 01/01/2027 on" in str(late)
    assert "tạm tính: mọi ngày kể từ 01/01/2027" in late.text("vi")
    assert "provisional" not in str(told("2026-10-01 09:00", "1 working day"))


def test_a_span_over_the_new_year_names_both_years():
    """Two years are told where there are two."""
    assert "Fri 25/12/2026 – Thu 07/01/2027" in str(told("2026-12-24 09:00", "14 days"))


def test_a_ledger_as_data():
    """What json takes, with every row, the rule and the calendar by version."""
    tree = told("2021-04-01 09:00", "45 days").to_tree()
    assert tree == json.loads(json.dumps(tree))
    assert ("2021-05-17T17:00:00+07:00", "2021-05-17", 45, 45) == (
        tree["due"],
        tree["last_day"],
        tree["counted"],
        tree["budget"],
    )
    assert {"name": "vn-one-stop", "version": OFFICE.version, "certainty": "analogy"} == tree["rule"]
    assert {"name": "VN", "version": VN.version} == tree["calendar"]
    assert (["2021-05-16", "2021-05-17"], False, None) == (tree["rolled"], tree["legal_advice"], tree["provisional_from"])
    assert {"level": "analogy", "text": "Civil Code 2015, art. 148(5)"} == tree["sources"]["roll"]
    first = {"day": "2021-04-01", "last": "2021-04-01", "kind": "not counted", "code": "first-day", "axis": "days", "amount": 0}
    assert first == tree["rows"][0]


def test_the_rows_of_a_ledger_as_data():
    """A part of a day has its start and end, a day off its entry."""
    rows = told("2021-02-09 16:00", "8 working hours").to_tree()["rows"]
    assert ("2021-02-09T16:00:00+07:00", "2021-02-09T17:00:00+07:00") == (rows[0]["start"], rows[0]["end"])
    assert ("holiday", "tet-2021") == (rows[1]["code"], rows[1]["entry"])


def test_the_entries_of_a_ledger_as_data():
    """Each entry that a row names is told once, with its decision where it has one."""
    swap = told("2024-04-26 15:30", "3 working days").to_tree()["entries"]["swap-2024-04-29"]
    assert ("swap", "2450/VPCP-KGVX", False) == (swap["kind"], swap["decision"], swap["provisional"])
    assert None is told("2021-02-09 09:00", "3 working days").to_tree()["entries"]["tet-2021"]["decision"]


def test_a_later_provisional_day_is_told_as_data():
    """From which day on every day is provisional."""
    assert "2027-01-01" == told("2026-12-31 09:00", "2 working days").to_tree()["provisional_from"]


# -- clocks --------------------------------------------------------------------------------------------------------

TEN = Clock(TimeLimit.parse("10 working days"), "vn-one-stop", to_us(at("2021-03-01 09:00")))


def test_a_clock_that_was_restarted_and_extended():
    """The void run, the new count, and the days more."""
    clock = TEN.pause(to_us(at("2021-03-03 10:00"))).restart(to_us(at("2021-03-10 10:00")))
    clock = clock.extend(TimeLimit.parse("3 working days"), to_us(at("2021-03-12 10:00")))
    expected = """\
10 working days from Wed 10/03/2021 10:00 (Asia/Ho_Chi_Minh) and 3 working days more
  Mon 01/03/2021 09:00 – Wed 03/03/2021 10:00  void         2 working days   counted again from the start
  Wed 10/03/2021                               not counted                   the first day does not count (Civil Code 2015, art. 147(2))
  Thu 11/03 – Wed 24/03/2021                   counted      10 working days  4 weekend days left out
  Wed 24/03/2021 17:00                         extended     3 working days
  Thu 25/03 – Mon 29/03/2021                   counted      3 working days   2 weekend days left out
sum: 13 working days (104 h)
due Mon 29/03/2021 17:00"""
    assert expected == body(clock_ledger(clock, VN, OFFICE))


def test_an_extension_says_by_whose_authority():
    """How much it gave, what it rests on and who decided stand in its row; one without says nothing."""
    given = TEN.extend(TimeLimit.parse("3 working days"), TEN.started, authority="head", basis="12/QĐ")
    both = given.extend(TimeLimit.parse("1 working day"), TEN.started)
    lines = [
        line.split("extended")[1].split("  ") for line in str(clock_ledger(both, VN, OFFICE)).splitlines() if "extended" in line
    ]
    assert [["3 working days", "(12/QĐ, head)"], ["1 working day"]] == [
        [c.strip() for c in line if c.strip()] for line in lines
    ]


def test_a_clock_that_is_paused():
    """Up to its pause, which is open."""
    found = clock_ledger(TEN.pause(to_us(at("2021-03-03 10:00"))), VN, OFFICE)
    expected = """\
10 ngày làm việc kể từ T2 01/03/2021 09:00 (Asia/Ho_Chi_Minh)
  T2 01/03/2021              không tính                   ngày đầu tiên của thời hạn (Bộ luật Dân sự 2015, Điều 147(2))
  T3 02/03/2021              tính        1 ngày làm việc
  T4 03/03/2021 07:30–10:00  tính        2 giờ 30 phút
  T4 03/03/2021 10:00        tạm dừng                     đang tạm dừng từ thời điểm này
đã tính: 10 giờ 30 phút trên tổng số 80 giờ
hạn sẽ là T2 15/03/2021 17:00; đang tạm dừng"""
    assert expected == body(found, "vi")


def test_a_clock_says_what_its_pauses_rest_on():
    """A basis that is named for the instant a pause began stands beside it, and beside the run that a restart made void."""
    begun, again = to_us(at("2021-03-03 10:00")), to_us(at("2021-03-16 10:00"))
    bases = {begun: "Form 02/2021", again: "Form 03/2021"}
    resumed = TEN.pause(begun).resume(to_us(at("2021-03-10 10:00"))).pause(again).resume(to_us(at("2021-03-16 11:00")))
    found = str(clock_ledger(resumed, VN, OFFICE, bases=bases))
    assert "paused       40 h of working time  (Form 02/2021)" in found
    assert "paused       1 h of working time   (Form 03/2021)" in found
    void = str(clock_ledger(TEN.pause(begun).restart(to_us(at("2021-03-10 10:00"))), VN, OFFICE, bases=bases))
    assert "counted again from the start (Form 02/2021)" in void
    assert "(Form" not in str(clock_ledger(resumed, VN, OFFICE, bases={again + 1: "Form 04/2021"}))


@pytest.mark.parametrize(
    ("limit", "amount", "axis"),
    [
        ("10 days", 2, "days"),
        ("48 hours", 49 * 3600 * 1_000_000, "elapsed time"),
        ("8 working hours", 17 * 3600 * 1_000_000, "working time"),
    ],
)
def test_a_void_run_is_told_on_the_axis_of_its_limit(limit, amount, axis):
    """Days, hours or working hours."""
    clock = Clock(TimeLimit.parse(limit), "vn-one-stop", TEN.started).restart(to_us(at("2021-03-03 10:00")))
    row = clock_ledger(clock, VN, OFFICE).rows[0]
    assert ("void", amount, axis) == (row.kind, row.amount, row.axis)


def test_a_clock_asked_before_its_end():
    """Days that have ended by then, and no more."""
    clock = Clock(TimeLimit.parse("10 days"), "vn-one-stop", TEN.started)
    found = clock_ledger(clock, VN, OFFICE, until=to_us(at("2021-03-04 10:00")))
    assert (2, date(2021, 3, 3)) == (found.counted, found.rows[-1].day)


def test_a_clock_asked_before_its_start():
    """There is nothing to tell yet, and its due date."""
    found = clock_ledger(TEN, VN, OFFICE, until=TEN.started - 1)
    assert ((), 0) == (found.rows, found.counted)
    assert "due Mon 15/03/2021 17:00" in str(found)


def test_an_extension_of_another_kind_has_its_own_rows():
    """Hours after days: the sum is told of the limit's own axis."""
    clock = Clock(TimeLimit.parse("2 days"), "vn-one-stop", TEN.started).extend(TimeLimit.parse("5 hours"), TEN.started)
    found = clock_ledger(clock, VN, OFFICE)
    assert (2, 2, "days") == (found.counted, found.budget, found.axis)
    assert ("22:00", "sum: 2 days + 5 h") == (found.due.format("HH:mm"), str(found).splitlines()[-5])


def test_plain_dates_in_a_ledger():
    """A rule without articles says what it is, and a start that rolls nowhere says nothing of a roll."""
    found = told("2021-03-05 09:00", "2 days", rule=PLAIN)
    assert "rule: calendar-plain, Plain dates, nothing moved (a convention)" in str(found)
    assert found.rolled is None
    assert "the first day does not count\n" in str(found)
