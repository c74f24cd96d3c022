"""Limits in offices whose shifts go on past midnight, and days that end at midnight after the office has closed."""

from __future__ import annotations

import attrs

from helpdesk import OFFICE as RULE
from helpdesk import at, clock, day, desk, ends, stated, us
from qms.deadline import TimeLimit, clock_ledger, elapsed, ledger

NIGHTS = desk({"mon-thu": "22:00-06:00"})
OFFICE = desk("08:00-17:00")
MIDNIGHT = attrs.evolve(RULE, end_of_day="24:00")
HOUR = 3600 * 1_000_000


def test_a_night_counts_for_the_day_on_which_it_begins():
    """Two working days from Monday morning end with Wednesday's night, on Thursday at six."""
    assert "2026-03-05 06:00" == ends(NIGHTS, "2026-03-02 10:00", "2 working days")
    assert 4 == NIGHTS.count_working_days(day("2026-03-01"), day("2026-03-08"))


def test_an_extension_begins_after_the_night_that_it_extends():
    """One day and one more are two: Tuesday's night ends on Wednesday, and Wednesday still counts."""
    running = clock(NIGHTS, "2026-03-02 10:00", "1 working day")
    extended = running.extend(TimeLimit(1, "working days"), us(NIGHTS, "2026-03-02 11:00"))
    assert ("2026-03-04 06:00", "2026-03-05 06:00") == (stated(NIGHTS, running), stated(NIGHTS, extended))
    assert clock_ledger(extended, NIGHTS, RULE).due == at("2026-03-05 06:00")


def test_the_ledger_tells_the_hours_of_a_night_that_ends_on_a_day_off():
    """Thursday's night is worked until Friday at six, though Friday is none of the week: eight hours, all told."""
    told = ledger(at("2026-03-04 10:00"), TimeLimit(1, "working days"), calendar=NIGHTS, rule=RULE)
    assert (8 * HOUR, 8 * HOUR) == (told.budget, told.counted)
    assert at("2026-03-06 06:00") == told.due


def test_by_midnight_a_night_has_run_in_part_and_the_day_is_over():
    """Where days end at 24:00 the limit has elapsed then, also when it began on the calendar's first day."""
    nights = desk({"mon-thu": "22:00-06:00"}, first="2026-03-01")
    included = attrs.evolve(MIDNIGHT, first_day="included")
    for rule in (MIDNIGHT, included):
        assert TimeLimit(1, "working days") == elapsed(
            at("2026-03-01 00:00"), at("2026-03-03 00:00"), "working days", calendar=nights, rule=rule
        )


def test_a_pause_after_closing_time_puts_off_a_day_that_ends_at_midnight():
    """Due Tuesday 24:00, paused Tuesday 18:00 until Wednesday noon: the four hours of Wednesday do not count."""
    pause = ("2026-03-03 18:00", "2026-03-04 12:00")
    assert "2026-03-04 00:00" == ends(OFFICE, "2026-03-02 10:00", "1 working day", rule=MIDNIGHT)
    assert "2026-03-04 12:00" == ends(OFFICE, "2026-03-02 10:00", "1 working day", pause, rule=MIDNIGHT)
    assert "2026-03-05 00:00" == ends(
        OFFICE, "2026-03-02 10:00", "1 working day", ("2026-03-03 18:00", "2026-03-04 17:00"), rule=MIDNIGHT
    )


def test_a_pause_within_the_night_changes_nothing():
    """Nobody worked between Tuesday 18:00 and Wednesday 7:00; by the close of the office the day was over before."""
    pause = ("2026-03-03 18:00", "2026-03-04 07:00")
    assert "2026-03-04 00:00" == ends(OFFICE, "2026-03-02 10:00", "1 working day", pause, rule=MIDNIGHT)
    assert "2026-03-03 17:00" == ends(OFFICE, "2026-03-02 10:00", "1 working day", ("2026-03-03 18:00", "2026-03-04 12:00"))
