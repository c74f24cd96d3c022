"""Clocks: what pauses and extensions rest on, how a clock stands, what if, and how long before the end."""

from __future__ import annotations

import attrs
import pendulum
import pytest

from district import at
from qms.calendar import WorkCalendar, to_us
from qms.clock import Clock, Ground, clock_consumption, clock_ledger, reckon_clock
from qms.errors import InvalidInput
from qms.limits import CountingRule, TimeLimit
from qms.standing import lead_until, status, time_left, what_if

VN = WorkCalendar.load("VN")
OFFICE, CIVIL = CountingRule.named("vn-one-stop"), CountingRule.named("vn-civil-2015")
HOUR = 3600 * 1_000_000


def us(text: str) -> int:
    """An instant of March 2021: ``03 10:00``."""
    day, time = text.split()
    return to_us(at(f"{day}/03/2021 {time}"))


TEN = Clock(TimeLimit.parse("10 working days"), "vn-one-stop", us("01 09:00"))  # due Mon 15 17:00
ASKED, SUPPLIED = us("03 10:00"), us("10 10:00")
HELD = TEN.pause(ASKED, reason="supplement", basis="ND 61 art. 19(4)")


def stated(clock: Clock, rule: CountingRule = OFFICE) -> str:
    """When a clock ends, in words."""
    return VN.moment(reckon_clock(clock, VN, rule)).format("DD HH:mm")


# -- grounds -----------------------------------------------------------------------------------------------------------


def test_a_pause_says_what_it_rests_on():
    """Its reason and its basis, also when it is over and when a restart made it void."""
    ground = Ground(ASKED, "pause", "supplement", "ND 61 art. 19(4)")
    for clock in (HELD, HELD.resume(SUPPLIED), HELD.restart(SUPPLIED), HELD.stop(SUPPLIED)):
        assert (ground, (ground,)) == (clock.ground_of_pause(ASKED), clock.grounds)
    assert () == HELD.stop(SUPPLIED).start(SUPPLIED).grounds
    assert None is TEN.pause(ASKED).ground_of_pause(ASKED)


def test_an_extension_says_who_had_the_authority():
    """With the instant, the reason and the basis."""
    longer = TEN.extend(TimeLimit(3, "working days"), us("12 09:00"), authority="head", reason="complex", basis="Law art. 7")
    assert (Ground(us("12 09:00"), "extend", "complex", "Law art. 7", "head"),) == longer.grounds
    assert ((TimeLimit(3, "working days"), us("12 09:00")),) == longer.granted()
    assert ((TimeLimit(3, "working days"), None),) == attrs.evolve(longer, grounds=()).granted()


def test_pauses_and_extensions_are_counted_by_reason():
    """Those of void runs too, and those for which nobody gave a reason."""
    clock = HELD.restart(SUPPLIED).pause(us("11 10:00"), reason="obligation").resume(us("12 10:00"))
    assert [1, 1, 0, 2] == [clock.times("pause", reason) for reason in ("supplement", "obligation", "court", None)]
    bare = TEN.pause(ASKED).resume(SUPPLIED).restart(us("11 10:00")).pause(us("12 10:00"))
    assert ([(ASKED, SUPPLIED)], 2, 0) == ([*bare.spent], bare.times("pause"), bare.times("extend"))
    assert 1 == TEN.extend(TimeLimit(1, "days"), ASKED).times("extend")


def test_the_ledger_tells_the_basis_from_the_ground():
    """Of a pause, and of the pause before a restart; a basis that is given goes before."""
    rows = [row for row in clock_ledger(HELD.resume(SUPPLIED), VN, OFFICE).rows if row.kind == "paused"]
    assert {"ND 61 art. 19(4)"} == {row.basis for row in rows}
    assert "ND 61 art. 19(4)" == clock_ledger(HELD.restart(SUPPLIED), VN, OFFICE).rows[0].basis
    assert "Form 02" == clock_ledger(HELD.restart(SUPPLIED), VN, OFFICE, bases={ASKED: "Form 02"}).rows[0].basis


def test_a_tree_of_a_version_without_grounds_is_read():
    """What it does not say is not there."""
    tree = {"limit": "10 working days", "rule": "vn-one-stop", "started": TEN.started, "pauses": [[ASKED, None]]}
    assert TEN.pause(ASKED) == Clock.from_tree(tree)
    assert tree == Clock.from_tree(tree).to_tree()


# -- pauses with a latest end ------------------------------------------------------------------------------------------

SHORT = TEN.pause(ASKED, reason="suspension", until=us("05 10:00"))


def test_a_pause_with_a_latest_end_states_the_due_date():
    """It goes on by itself: two working days later than without it."""
    assert ["15 17:00", "17 17:00", "17 17:00"] == [stated(TEN), stated(SHORT), stated(SHORT.resume(us("20 10:00")))]
    assert (us("05 10:00"), None, None) == (SHORT.until, SHORT.resume(us("04 10:00")).until, TEN.pause(ASKED).until)
    assert [True, True, False, False] == [clock.goes_on for clock in (TEN, SHORT, HELD, SHORT.stop(us("04 10:00")))]


def test_what_comes_after_the_latest_end_counts():
    """As a status, for a second pause, for a stop, and in the ledger."""
    assert ["paused", "in-time"] == [status(SHORT, us(text), VN, OFFICE).word for text in ("05 09:59", "05 10:00")]
    again = SHORT.pause(us("08 10:00"), reason="supplement")
    assert ((ASKED, us("05 10:00")), (us("08 10:00"), None)) == again.pauses
    assert ((ASKED, us("05 10:00")),) == SHORT.stop(us("20 10:00")).pauses
    assert "late" == status(SHORT.stop(us("20 10:00")), us("22 10:00"), VN, OFFICE).word
    assert 80 * HOUR == clock_ledger(SHORT, VN, OFFICE, until=us("20 10:00")).counted
    with pytest.raises(InvalidInput, match="a pause ends before it begins"):
        TEN.pause(ASKED, until=ASKED - 1)


# -- how it stands -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "when", "word", "state", "text", "vi"),
    [
        (TEN, "10 10:00", "in-time", "running", "in time, 3 working days left", "trong hạn, còn 3 ngày làm việc"),
        (TEN, "12 08:00", "due-soon", "running", "due soon, 1 working day left", "sắp đến hạn, còn 1 ngày làm việc"),
        (TEN, "15 17:00", "due-soon", "running", "due soon", "sắp đến hạn"),
        (TEN, "15 17:01", "overdue", "running", "overdue", "đang quá hạn"),
        (TEN, "18 09:00", "overdue", "running", "overdue, by 3 working days", "đang quá hạn, quá 3 ngày làm việc"),
        (HELD, "03 10:00", "paused", "paused", "paused", "tạm dừng"),
        (TEN.pause(us("16 10:00")), "18 10:00", "overdue", "paused", "overdue, by 1 working day", "đang quá hạn, quá 1 ngày làm việc"),
        (TEN.stop(us("12 16:00")), "30 10:00", "early", "stopped", "early", "trước hạn"),
        (TEN.stop(us("15 17:00")), "30 10:00", "on-time", "stopped", "on time", "đúng hạn"),
        (TEN.stop(us("18 10:00")), "30 10:00", "late", "stopped", "late, by 3 working days", "quá hạn, quá 3 ngày làm việc"),
        (HELD.stop(us("12 10:00")), "30 10:00", "stopped", "stopped", "stopped", "dừng tính"),
        (TEN.pause(us("16 10:00")).stop(us("18 10:00")), "30 10:00", "late", "stopped", "late, by 1 working day", "quá hạn, quá 1 ngày làm việc"),
    ],
)  # fmt: skip
def test_a_clock_stands_somewhere(clock, when, word, state, text, vi):
    """In one word, with what is left or late in the limit's own kind of time, in both languages."""
    found = status(clock, us(when), VN, OFFICE, soon=TimeLimit.parse("1 working day"))
    assert (word, state, text, vi) == (found.word, found.state, str(found), found.text("vi"))


def test_nothing_is_due_soon_without_a_threshold():
    """And a threshold in hours of work counts hours of work: 4 before Monday 17:00 is Monday 13:00."""
    assert "in-time" == status(TEN, us("15 16:59"), VN, OFFICE).word
    soon = TimeLimit.parse("4 working hours")
    words = [status(TEN, us(text), VN, OFFICE, soon=soon).word for text in ("15 11:29", "15 11:30", "15 13:00")]
    assert ["in-time", "due-soon", "due-soon"] == words


def test_what_ends_after_the_calendar_is_due_soon():
    """A threshold that reaches beyond the calendar ends after everything in it."""
    last = VN.last.toordinal()
    clock = Clock(TimeLimit.parse("1 hour"), "vn-one-stop", VN.instant(last - 3, 0))
    assert "due-soon" == status(clock, clock.started, VN, OFFICE, soon=TimeLimit.parse("60 days")).word


def test_a_status_is_what_was_known_then():
    """On the 2nd nobody knew of the pause, the extension or the end; on the 4th it was paused."""
    clock = HELD.resume(SUPPLIED).extend(TimeLimit(2, "working days"), us("11 09:00")).stop(us("24 10:00"))
    words = [(one.word, one.due.day) for one in (status(clock, us(text), VN, OFFICE) for text in ("02 10:00", "04 10:00", "10 10:00", "11 09:00", "24 10:00"))]  # fmt: skip
    assert [("in-time", 15), ("paused", 15), ("in-time", 22), ("in-time", 24), ("on-time", 24)] == words
    with pytest.raises(InvalidInput, match="had not started"):
        status(clock, us("01 08:59"), VN, OFFICE)


def test_a_status_takes_a_moment_too():
    """With its zone."""
    assert status(TEN, at("12/03/2021 09:00"), VN, OFFICE) == status(TEN, us("12 09:00"), VN, OFFICE)


def test_a_status_says_how_much_has_run():
    """Of ten days of eight hours, from the second on; what is overrun remains as less than nothing."""
    found = [status(TEN, us(text), VN, OFFICE) for text in ("01 17:00", "02 17:00", "15 17:00", "16 09:30")]
    assert [0, 8, 80, 82] == [one.consumed // HOUR for one in found]
    assert [80, 72, 0, -2] == [one.remaining // HOUR for one in found]


def test_parts_of_two_kinds_stay_apart():
    """Ten working days and 48 hours have no sum."""
    clock = TEN.extend(TimeLimit.parse("48 hours"), us("12 09:00"))
    found = status(clock, us("16 17:00"), VN, OFFICE)
    assert [("working time", 80), ("elapsed time", 24)] == [(part.axis, part.consumed // HOUR) for part in found.parts]
    with pytest.raises(InvalidInput, match="working time and elapsed time, which never convert"):
        _ = found.consumed
    with pytest.raises(InvalidInput, match="ask for the parts"):
        clock_consumption(clock, us("16 17:00"), VN, OFFICE)


def test_an_extension_begins_when_the_limit_has_run():
    """Until it was granted nobody knew of it; a limit and its extension of one kind are one budget."""
    clock = TEN.extend(TimeLimit(2, "working days"), us("12 09:00"))
    assert [(0, 80), (65, 96), (80, 96), (96, 96)] == [
        (run.consumed // HOUR, run.budget // HOUR)
        for run in (clock_consumption(clock, us(text), VN, OFFICE) for text in ("01 12:00", "12 09:00", "15 17:00", "17 17:00"))
    ]


def test_a_date_is_compared_as_the_rule_says():
    """Finished at 17:20 on the last day: late by the instant, on time by the date."""
    clock = TEN.stop(us("15 17:20"))
    by_date = attrs.evolve(OFFICE, compare="date")
    assert ["late", "on-time"] == [status(clock, us("16 09:00"), VN, rule).word for rule in (OFFICE, by_date)]


def test_what_a_calendar_stated_is_not_reckoned_again():
    """While the facts, the calendar and the rule are those of the statement."""
    told = TEN.with_due(us("19 17:00"), VN.version)
    assert [19, 15, 15] == [
        status(clock, us("04 10:00"), VN, rule).due.day
        for clock, rule in (
            (told, OFFICE),
            (told.with_due(us("19 17:00"), "older"), OFFICE),
            (told, attrs.evolve(OFFICE, name="x")),
        )
    ]


@pytest.mark.parametrize(
    ("limit", "left", "late"),
    [
        ("10 working days", "3 working days", "2 working days"),
        ("same day", "3 working days", "2 working days"),
        ("30 days", "5 days", "2 days"),
        ("2 weeks", "5 days", "2 days"),
        ("1 month", "5 days", "2 days"),
        ("48 hours", "7140 minutes", "2880 minutes"),
        ("30 working hours", "1440 working minutes", "960 working minutes"),
    ],
)
def test_time_left_is_told_in_the_limits_own_kind(limit, left, late):
    """Days by date, hours by the minute; after the end nothing is left."""
    one, due = TimeLimit.parse(limit), us("15 17:00")
    assert left == str(time_left(us("10 18:00"), due, one, calendar=VN, rule=OFFICE))
    assert 0 == time_left(us("17 17:00"), due, one, calendar=VN, rule=OFFICE).amount
    found = status(Clock(one, OFFICE.name, us("01 09:00"), due=due, calendar=VN.version), us("17 17:00"), VN, OFFICE)
    assert late == str(found.late)


# -- before the end ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lead", "until"),
    [
        ("1 day", "14 23:59:59.999999"),
        ("1 working day", "12 23:59:59.999999"),
        ("3 days", "12 23:59:59.999999"),
        ("1 week", "08 23:59:59.999999"),
        ("24 hours", "14 17:00"),
        ("4 working hours", "15 13:00"),
        ("10 working minutes", "15 16:50"),
    ],
)
def test_a_lead_ends_so_long_before_the_limit(lead, until):
    """For a limit that ends on Monday 15th at 17:00: the last instant in time (ND 61 art. 19(9) for one day)."""
    found = VN.moment(lead_until(us("15 17:00"), TimeLimit.parse(lead), calendar=VN, rule=OFFICE))
    assert until == found.format("DD HH:mm:ss.SSSSSS").removesuffix(":00.000000")


def test_a_lead_before_an_end_at_midnight():
    """The day that ends at 24:00 is the last, not the one that begins then."""
    assert us("15 00:00") - 1 == lead_until(us("16 00:00"), TimeLimit.parse("1 day"), calendar=VN, rule=CIVIL)


@pytest.mark.parametrize("lead", ["1 month", "same day"])
def test_a_lead_in_another_unit_is_refused(lead):
    """Months do not run back from an end."""
    with pytest.raises(InvalidInput, match="a lead is counted in days"):
        lead_until(us("15 17:00"), TimeLimit.parse(lead), calendar=VN, rule=OFFICE)


# -- what if -----------------------------------------------------------------------------------------------------------

RESUMED = HELD.resume(SUPPLIED)


@pytest.mark.parametrize(
    ("clock", "otherwise", "due", "direction", "moved"),
    [
        (RESUMED, {"mode": "restart"}, "24 17:00", "later", "2 working days"),
        (RESUMED, {"mode": "run"}, "15 17:00", "earlier", "5 working days"),
        (RESUMED, {"without": "supplement"}, "15 17:00", "earlier", "5 working days"),
        (HELD.restart(SUPPLIED), {"mode": "resume"}, "22 17:00", "earlier", "2 working days"),
        (HELD.restart(SUPPLIED), {"without": "supplement"}, "15 17:00", "earlier", "7 working days"),
        (RESUMED, {"pause": (us("08 09:00"), us("12 09:00"))}, "24 16:00", "later", "2 working days"),
        (TEN, {"limit": TimeLimit(12, "working days")}, "17 17:00", "later", "2 working days"),
        (TEN, {"extend": TimeLimit(3, "working days")}, "18 17:00", "later", "3 working days"),
        (TEN, {"other_rule": CIVIL}, "16 00:00", "later", "0 working days"),
        (TEN, {}, "15 17:00", "same", "0 working days"),
        (HELD, {"pause": (us("02 09:00"), us("02 17:00"))}, "16 15:30", "later", "1 working day"),
        (HELD, {"mode": "restart"}, "15 17:00", "same", "0 working days"),
    ],
)
def test_what_if_it_were_otherwise(clock, otherwise, due, direction, moved):
    """Scenarios 8 to 10 turned over: mode, pause, limit, extension, rule. The clock itself is as it was."""
    found = what_if(clock, VN, OFFICE, **otherwise)
    told = (found.other_due.format("DD HH:mm"), found.direction, str(found.moved))
    assert (due, direction, moved) == told
    assert found.due == VN.moment(reckon_clock(clock, VN, OFFICE))


def test_what_if_the_calendar_were_another():
    """Without swap and holidays 3 working days from Friday 26/04/2024 end on Wednesday, not on the Saturday after."""
    clock = Clock(TimeLimit.parse("3 working days"), OFFICE.name, to_us(at("26/04/2024 09:00")))
    plain = WorkCalendar.from_dates(zone=VN.zone, week={"mon-fri": "07:30-11:30 13:00-17:00"}, first=VN.first, last=VN.last)
    found = what_if(clock, VN, OFFICE, other_calendar=plain)
    assert ("2024-05-04", "2024-05-01", "earlier") == (
        found.due.to_date_string(),
        found.other_due.to_date_string(),
        found.direction,
    )
    assert (VN, plain) == (found.ledger.calendar, found.other_ledger.calendar)


def test_what_if_voids_an_extension_that_a_restart_would():
    """One granted before the count begins again; one granted after it stays."""
    early = TEN.extend(TimeLimit(1, "working days"), us("02 09:00")).pause(ASKED, reason="supplement").resume(SUPPLIED)
    both = early.extend(TimeLimit(2, "working days"), us("11 09:00"))
    assert (TimeLimit(2, "working days"),) == what_if(both, VN, OFFICE, mode="restart").clock.extensions


@pytest.mark.parametrize(
    ("otherwise", "message"),
    [
        ({"mode": "forget"}, "'forget' is no mode; write restart, resume, run"),
        ({"pause": (SUPPLIED, ASKED)}, "a pause ends before it begins"),
        ({"without": "court"}, "no pause was for 'court'; there are: supplement"),
    ],
)
def test_what_if_refuses_what_cannot_be(otherwise, message):
    """An unknown mode, a pause the wrong way round, a reason that no pause had."""
    with pytest.raises(InvalidInput, match=message):
        what_if(RESUMED, VN, OFFICE, **otherwise)


@pytest.mark.parametrize("day", ["02 17:00", "03 18:00", "04 09:00", "04 10:00"])
def test_days_that_have_run_do_not_run_back(day):
    """Paused after the close of the 2nd, resumed on the 4th: one day has run, in the pause and on the day of the resumption."""
    clock = Clock(TimeLimit(5, "days"), OFFICE.name, us("01 09:00")).pause(us("02 18:00")).resume(us("04 09:00"))
    assert 1 == clock_consumption(clock, us(day), VN, OFFICE).consumed


@pytest.mark.parametrize("at", [pendulum.datetime(2026, 3, 3, tz="UTC"), "2026-03-03", None])
def test_what_is_no_instant_is_refused_with_how_to_write_it(at):
    """A clock keeps integers; a moment goes through `to_us`."""
    with pytest.raises(InvalidInput, match="is no instant to pause at; give microseconds, as to_us"):
        Clock(TimeLimit(10, "days"), "vn-one-stop", 0).pause(at)
