"""Laws of ledgers in words: whatever the calendar, the rule and the limit, every row is told once and nothing is lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qms.errors import InvalidInput, OutsideCalendar
from qms.instants import DAY
from qms.ledger import Ledger, ledger_us
from qms.ledger_text import _days, _joined, sheet_of
from qms.testing.dates import calendars, limits, pauses, rules


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """A ledger forward or back, mostly with pauses, over a calendar of four months."""
    calendar = draw(calendars())
    begin = calendar.instant(calendar.first.toordinal(), 0)
    start = begin + draw(st.integers(0, 60 * 24 * 4)) * (DAY // 96)
    backward = draw(st.booleans())
    halts = [] if backward else [(begin + low, begin + high) for low, high in draw(pauses(0, 60 * DAY))]
    limit, rule = draw(limits()), draw(rules(rare=draw(st.booleans())))
    try:
        return ledger_us(start, limit, calendar=calendar, rule=rule, pauses=halts, backward=backward)
    except (OutsideCalendar, InvalidInput):
        assume(False)
        raise


@pytest.mark.parametrize("language", ["en", "vi"])
@given(found=ledgers())
def test_every_ledger_has_words(language, found):
    """Day by day and in short, with the same title, sum, end, roll and foot; no line ends in blanks."""
    short, long = sheet_of(found, language), sheet_of(found, language, every_day=True)
    assert (short.title, short.sum, short.end, short.roll, short.foot) == (long.title, long.sum, long.end, long.roll, long.foot)
    assert len(short.lines) <= len(long.lines)
    assert [] == [line for line in found.text(language).splitlines() if line != line.rstrip()]


@given(found=ledgers())
def test_every_row_is_told_once_and_in_order(found):
    """Joining rows in lines leaves none out and tells none twice."""
    assert list(found.rows) == [row for line in _joined(found.rows) for row in line]


@given(found=ledgers())
def test_cutting_rows_at_midnight_loses_nothing(found):
    """The amounts of the days are the amounts of the spans, by kind."""
    kinds = {row.kind for row in found.rows}
    assert {kind: sum(row.amount for row in found.rows if row.kind == kind) for kind in kinds} == {
        kind: sum(row.amount for row in _days(found) if row.kind == kind) for kind in kinds
    }


@given(found=ledgers())
def test_a_ledger_is_plain_data(found):
    """What JSON takes is what it gives back, with each entry that a row names."""
    tree = found.to_tree()
    assert tree == json.loads(json.dumps(tree))
    assert {row["entry"] for row in tree["rows"] if "entry" in row} == set(tree["entries"])
