"""Shares of a limit: what is refused, when each step is due, and what an overrun does to the rest."""

from __future__ import annotations

import pytest

from definitions import filled, problems, small, tree, with_
from office import Now, office
from qms.limits import TimeLimit
from qms.process import Procedure, Process
from qms.shares import is_longer

STEPS = """
due = "legal"
limits.legal = { from = "procedure" }
limits.consult = { from = "procedure", default = "2 working days", within = "legal" }
steps.examining = {}
steps.signing = {}
actions.ask = { from = "new", to = "waiting", roles = ["clerk"], clocks = { legal = "start", consult = "start" } }
actions.examine = { from = "waiting", to = "examining", roles = ["clerk"] }
actions.draft = { from = "examining", to = "signing", roles = ["clerk"] }
actions.send-back = { from = "signing", to = "examining", roles = ["clerk"] }
actions.finish = { from = "signing", to = "done", roles = ["clerk"] }
actions.hold = { from_any = ["waiting", "examining", "signing"], roles = ["clerk"], clocks = { legal = "pause" } }
actions.go-on = { from_any = ["waiting", "examining", "signing"], roles = ["clerk"], clocks = { legal = "resume" } }
"""
PLACES = ("waiting", "examining", "signing")


def shared(*periods: str, limit: str = "10 working days", **limits: str) -> Procedure:
    """A procedure whose steps have these shares of its limit."""
    shares = [{"step": step, "period": period} for step, period in zip(PLACES, periods, strict=True)]
    periods_by_name = {name: {"period": period} for name, period in {"legal": limit, **limits}.items()}
    return filled({"limits": periods_by_name, "shares": shares})


@pytest.fixture
def now() -> Now:
    """Tuesday the second, at nine."""
    return Now()


def begun(now: Now, *periods: str, limit: str = "10 working days", **limits: str):
    """An office with one case of a procedure with these shares."""
    org = office(small(STEPS), now=now, procedures=[shared(*periods, limit=limit, **limits)])
    org.open(procedure="1.1", by="lan")
    return org


def dues(org) -> list[str]:
    """When each step is due, in words."""
    return [slot.due.format("DD HH:mm") for slot in org.timetable("a").slots]


def flags(org) -> list[str]:
    """What the timetable warns of."""
    return [flag.code for flag in org.timetable("a").flags]


# What fits


@pytest.mark.parametrize(
    ("limits", "than", "expected"),
    [
        ("1 working day, 10 working days, 4 working days", "15 working days", False),
        ("1 working day, 10 working days, 5 working days", "15 working days", True),
        ("90 working minutes, 1 working hour", "2 working hours", True),
        ("14 days", "2 weeks", False),
        ("2 weeks, 1 day", "14 days", True),
        ("13 months", "1 year", True),
        ("1 month", "1 month and 15 days", False),
        ("1 month and 16 days", "1 month and 15 days", True),
        ("8 working hours", "same day", None),
        ("8 hours", "1 working day", None),
        ("30 days", "1 month", None),
        ("1 month", "40 days", None),
    ],
)
def test_limits_are_compared_where_law_makes_their_units_one(limits, than, expected):
    """Eight working hours are neither more nor less than a day."""
    assert expected is is_longer(map(TimeLimit.parse, limits.split(", ")), TimeLimit.parse(than))


def test_shares_that_are_more_than_the_limit_fail_the_check():
    """The split is named with its sum and the limit."""
    report = small(STEPS).check([shared("1 working day", "10 working days", "5 working days", limit="15 working days")])
    (finding,) = report.errors
    assert (False, "procedure", "shares") == (report.sound, finding.code, finding.where)
    assert "1 working day + 10 working days + 5 working days is more than limits.legal, 15 working days" in finding.message


def test_shares_that_are_the_limit_pass_the_check():
    """Every day is given away, and none twice."""
    assert small(STEPS).check([shared("1 working day", "10 working days", "4 working days", limit="15 working days")]).sound


def test_a_step_has_one_share():
    """A second would be counted from nowhere."""
    twice = with_(
        dict(shared("1 day", "1 day", "1 day", limit="9 days").tree), "shares", [{"step": "waiting", "period": "1 day"}] * 2
    )
    assert ["shares[1].step: 'waiting' has a share already; give it one"] == problems(
        small(STEPS).bind, Procedure.from_tree(twice)
    )


def test_a_limit_that_must_keep_within_another_is_no_longer():
    """A consulted agency's time inside that of the case, a service norm inside the legal limit."""
    longer = shared("1 working day", "1 working day", "1 working day", limit="10 working days", consult="11 working days")
    assert ["limits.consult: 11 working days is longer than limits.legal, 10 working days; shorten it"] == problems(
        small(STEPS).bind, longer
    )


def test_two_fixed_limits_are_compared_when_the_process_is_read():
    """Nobody need bind it to find out."""
    made = tree('limits.legal = "5 days"\nlimits.norm = { period = "1 week", within = "legal" }')
    assert ["limits.norm: 1 week is longer than limits.legal, 5 days; shorten it"] == problems(Process.from_tree, made)


def test_a_limit_keeps_within_one_that_exists():
    """The known ones are listed, the source among them."""
    made = tree('limits.legal = "5 days"\nlimits.norm = { period = "1 day", within = "lawful" }')
    assert ["limits.norm.within: 'lawful' is no limit; known: source, legal, norm"] == problems(Process.from_tree, made)


# The timetable


def test_each_step_is_due_when_its_share_ends(now):
    """One counted from the end of the other."""
    org = begun(now, "1 working day", "6 working days", "3 working days")
    assert ["03 17:00", "11 17:00", "16 17:00"] == dues(org)
    assert (["running", "waiting", "waiting"], []) == ([slot.state for slot in org.timetable("a").slots], flags(org))


def test_a_share_that_is_done_early_moves_nothing(now):
    """The time it saved is the office's."""
    org = begun(now, "1 working day", "6 working days", "3 working days")
    org.act("a", "examine", by="lan")
    assert (["03 17:00", "11 17:00", "16 17:00"], "done") == (dues(org), org.timetable("a").slots[0].state)


def test_an_overrun_divides_what_is_left_in_proportion(now):
    """Examined two days late, the signing has what is left."""
    org = begun(now, "1 working day", "6 working days", "3 working days")
    org.act("a", "examine", by="lan")
    now.to("15 17:00")
    org.act("a", "draft", by="lan")
    slots = org.timetable("a").slots
    assert (["03 17:00", "11 17:00", "16 17:00"], ["share-overrun"]) == (dues(org), flags(org))
    assert [(False, False), (True, False), (False, True)] == [(slot.late, slot.replanned) for slot in slots]


def test_an_overrun_that_runs_on_is_planned_from_now(now):
    """Two shares of six and three days have three working days left from the evening of the eleventh."""
    org = begun(now, "1 working day", "6 working days", "3 working days")
    now.to("11 17:00")
    table = org.timetable("a")
    assert (["03 17:00", "15 17:00", "16 17:00"], "03/01/2024 17:00") == (dues(org), table.flags[0].params["due"])
    assert table.flags[0].text("vi").startswith("khâu waiting phải xong lúc 03/01/2024 17:00")


def test_an_overrun_with_time_to_spare_leaves_full_shares(now):
    """The limit is longer than the shares: each keeps its own."""
    org = begun(now, "1 working day", "2 working days", "2 working days")
    now.to("05 10:00")
    org.act("a", "examine", by="lan")
    assert ["03 17:00", "09 17:00", "11 17:00"] == dues(org)


def test_after_the_limit_everything_is_due_at_once(now):
    """There is nothing left to divide."""
    org = begun(now, "1 working day", "6 working days", "3 working days")
    now.to("20 10:00")
    assert ["03 17:00", "16 17:00", "16 17:00"] == dues(org)


def test_shares_that_had_no_working_time_have_equal_parts(now):
    """Three calendar days over a weekend, of which nobody works: what is left is divided evenly."""
    now.to("05 17:00")
    org = begun(now, "1 day", "1 day", "1 day", limit="5 days", consult="1 day")
    now.to("09 17:00")
    org.act("a", "examine", by="lan")
    assert ["08 17:00", "10 12:00", "10 17:00"] == dues(org)


def test_what_is_sent_back_runs_again(now):
    """The earlier share holds the case, so the later is not done."""
    org = begun(now, "1 working day", "6 working days", "3 working days")
    for action in ("examine", "draft", "send-back"):
        org.act("a", action, by="lan")
    assert ["done", "running", "waiting"] == [slot.state for slot in org.timetable("a").slots]


def test_a_pause_moves_the_shares_with_the_limit(now):
    """They are counted on the same clock."""
    org = begun(now, "1 working day", "6 working days", "3 working days")
    org.act("a", "examine", by="lan")
    now.to("03 17:00")
    org.act("a", "hold", by="lan")
    now.to("05 17:00")
    org.act("a", "go-on", by="lan")
    table = org.timetable("a")
    assert (["03 17:00", "15 17:00", "18 17:00"], table.due) == (dues(org), table.slots[-1].due)


def test_a_finished_case_shows_how_it_went(now):
    """All are done, each with its end."""
    org = begun(now, "1 working day", "6 working days", "3 working days")
    for action in ("examine", "draft", "finish"):
        org.act("a", action, by="lan")
    assert [("done", "02 09:00")] * 3 == [(slot.state, slot.ended.format("DD HH:mm")) for slot in org.timetable("a").slots]


def test_hours_that_do_not_fit_in_the_day_are_told(now):
    """The same-day rule stays; the shares are only a plan."""
    now.to("02 14:00")
    org = begun(now, "3 working hours", "3 working hours", "2 working hours", limit="same day", consult="same day")
    assert (["02 17:00", "03 11:00", "03 14:00"], ["shares-do-not-fit"]) == (dues(org), flags(org))
    assert "the shares end 03/01/2024 14:00, after the limit, 02/01/2024 17:00" == str(org.timetable("a").flags[0])


def test_a_limit_that_ends_after_the_one_it_keeps_within_is_told(now):
    """Their units cannot be compared, their ends can."""
    org = begun(now, "1 day", "1 day", "1 day", limit="5 days", consult="5 working days")
    assert ["beyond-limit"] == flags(org)
    assert "consult ends 09/01/2024 17:00, after legal, 08/01/2024 17:00" == str(org.timetable("a").flags[0])


def test_a_case_without_shares_has_an_empty_timetable(now):
    """Only the limit is told."""
    ask = 'actions.ask = { from = "new", to = "waiting", roles = ["clerk"], clocks = { legal = "start" } }'
    org = office(small('due = "legal"\nlimits.legal = "3 days"\n' + ask), now=now)
    org.open("small", by="lan")
    table = org.timetable("a")
    assert ((), org.case("a").due) == (table.slots, table.due)


def test_a_case_whose_limit_has_not_begun_has_no_due(now):
    """There is nothing to divide yet."""
    org = office(small('due = "legal"\nlimits.legal = "3 days"'), now=now)
    org.open("small", by="lan")
    assert (None, ()) == (org.timetable("a").due, org.timetable("a").slots)


def test_a_timetable_reads_in_two_languages_and_as_data(now):
    """A line for each share and each warning."""
    org = begun(now, "1 working day", "6 working days", "3 working days")
    now.to("04 09:00")
    table = org.timetable("a")
    assert "waiting: 1 working day → 03/01/2024 17:00 (running, late)" == str(table).splitlines()[0]
    assert "waiting: 1 ngày làm việc → 03/01/2024 17:00 (đang làm, trễ)" == table.text("vi").splitlines()[0]
    tree = table.to_tree()
    assert ("2024-01-03T17:00:00+07:00", None, "share-overrun") == (
        tree["slots"][0]["planned"],
        tree["slots"][0]["ended"],
        tree["flags"][0]["code"],
    )
