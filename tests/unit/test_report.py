"""Pages for people: columns that line up, dates with weekdays, figures that do not exist."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from decimal import Decimal

import pytest

from qms.report import bar, columns, day, instant, number, percent, span, table


def test_columns_counts_what_a_terminal_shows():
    """A combining mark takes no column, so both forms of a Vietnamese word are as wide."""
    assert [8, 8] == [columns(unicodedata.normalize(form, "Đất đai!")) for form in ("NFC", "NFD")]


def test_table_lines_up_its_columns():
    """Numbers stand at the right edge, words at the left, and no line ends in blanks."""
    text = table(("lĩnh vực", "n"), [("Đất đai", 1), ("Hộ tịch", 1234)], right={1})
    assert ["lĩnh vực     n", "────────  ────", "Đất đai      1", "Hộ tịch   1234"] == text.splitlines()


def test_a_head_may_have_several_lines():
    """The lines of a head stand at its bottom, so that narrow columns stay narrow."""
    assert ["         on", "field  time", "─────  ────", "land      7"] == table(
        ("field", "on\ntime"), [("land", 7)], right={1}
    ).splitlines()


def test_table_without_rows_has_its_head():
    """A table of nothing is a head and a rule."""
    assert "a  b\n─  ─" == table(("a", "b"), [])


@pytest.mark.parametrize(("value", "shown"), [(None, "–"), (0, "0"), (("a", "b"), "a, b"), ("x", "x")])
def test_number_shows_what_is_and_what_is_not(value, shown):
    """None is a dash and never 0."""
    assert shown == number(value)


@pytest.mark.parametrize(
    ("rate", "language", "shown"),
    [
        (Decimal("99.63"), "en", "99.63 %"),
        (Decimal("99.63"), "vi", "99,63 %"),
        (None, "en", "–"),
        (Decimal("0.00"), "vi", "0,00 %"),
    ],
)
def test_percent_is_written_as_people_write_it(rate, language, shown):
    """A decimal point in English, a comma in Vietnamese, a dash where there is no rate."""
    assert shown == percent(rate, language)


@pytest.mark.parametrize(("share", "length"), [(0, 0), (0.001, 1), (0.5, 12), (1, 24)])
def test_bar_shows_anything_above_nothing(share, length):
    """The smallest share still shows one block."""
    assert length == len(bar(share))


def test_day_and_instant_name_the_weekday():
    """Dates are written day first, with the weekday in the reader's language."""
    assert "CN 28/02/2021" == day(date(2021, 2, 28), "vi")
    assert "T4 24/03/2021 16:00" == instant(datetime(2021, 3, 24, 16), "vi")
    assert "Fri 27/08/2021 15:00:01" == instant(datetime(2021, 8, 27, 15, 0, 1))


def test_span_is_short_for_one_day():
    """One day is told once."""
    assert ("01/01", "10/02–16/02") == (span(date(2021, 1, 1), date(2021, 1, 1)), span(date(2021, 2, 10), date(2021, 2, 16)))
