"""Indicators and log statistics: rates, cohorts, Pareto, intervals, directly-follows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qms.errors import InvalidInput
from qms.measure.indicators import Item, Line, Timeliness, pareto, percent, table, wilson
from qms.measure.logstats import log_stats


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (12_741, 12_820, "99.38"),
        (797, 800, "99.63"),
        (3_941, 4_000, "98.53"),
        (187, 200, "93.50"),
        (194, 200, "97.00"),
        (0, 7, "0.00"),
        (7, 7, "100.00"),
        (1, 20_000, "0.01"),
    ],
)
def test_scenario_23_a_rate_is_rounded_half_up_to_two_decimals(part: int, whole: int, expected: str) -> None:
    """A percentage has two decimals, half up, also where floats would round down."""
    assert expected == str(percent(part, whole))


def test_scenario_23_nothing_done_is_no_rate() -> None:
    """0 of 0 is None, not zero and not a hundred."""
    assert (percent(0, 0), wilson(0, 0), Timeliness().rate) == (None, None, None)


@pytest.mark.parametrize(("part", "whole"), [(5, 4), (-1, 4), (0, -1)])
def test_a_share_of_another_cohort_is_refused(part: int, whole: int) -> None:
    """More in the part than in the whole, or a negative count, is no share."""
    with pytest.raises(InvalidInput, match="no share"):
        percent(part, whole)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_rounding_is_that_of_decimal(part: int, whole: int) -> None:
    """Whole-number rounding agrees with Decimal's ROUND_HALF_UP."""
    part = min(part, whole)
    assert (Decimal(100 * part) / whole).quantize(Decimal("0.01"), "ROUND_HALF_UP") == percent(part, whole)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(9, 10, ("59.58", "98.21")), (0, 10, ("0.00", "27.75")), (10, 10, ("72.25", "100.00")), (1, 3, ("6.15", "79.23"))],
)
def test_wilson_intervals_of_small_counts(part: int, whole: int, expected: tuple[str, str]) -> None:
    """Wilson's 95 % interval, as published tables and statsmodels give it."""
    low, high = wilson(part, whole) or (None, None)
    assert expected == (str(low), str(high))


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_holds_the_rate_it_is_about(part: int, whole: int) -> None:
    """The interval holds the observed rate and stays within 0 and 100."""
    part = min(part, whole)
    rate, interval = percent(part, whole), wilson(part, whole)
    assert rate is not None and interval is not None
    assert 0 <= interval[0] <= rate <= interval[1] <= 100


def test_timeliness_counts_words() -> None:
    """Early, on time and late are counted, added, and rated without the late."""
    counts = Timeliness.of(["late", "early", "early", "on-time"])
    assert (Timeliness(2, 1, 1), 4, Decimal("75.00")) == (counts, counts.done, counts.rate)
    assert Timeliness(4, 2, 2) == counts + counts


def test_timeliness_knows_three_words() -> None:
    """An unknown word is refused, not counted as something."""
    with pytest.raises(InvalidInput, match="'soon'"):
        Timeliness.of(["soon", "late"])


def test_table_counts_each_cohort_by_itself() -> None:
    """Carried over, received, done and open of a period, by field, with the paused among the open."""
    items = [
        Item("a", "land", received=5, ended=12, result="early"),
        Item("b", "land", received=10, ended=19, result="late"),
        Item("c", "land", received=11, paused=True),
        Item("d", "land", received=1, ended=9, result="on-time"),
        Item("e", "trade", received=15, ended=15, result="refused"),
        Item("f", "trade", received=16, ended=20, result="withdrawn"),
        Item("g", "trade", received=20),
    ]
    result = table(items, 10, 20)
    land = Line("land", carried_over=1, received=2, early=1, late=1, open=1, paused=1)
    trade = Line("trade", received=2, refused=1, open=1)
    whole = Line("total", carried_over=1, received=4, early=1, late=1, refused=1, open=2, paused=1)
    assert ((land, trade), whole, ()) == (result.lines, result.total, result.check())
    assert (Decimal("50.00"), None, 1, 3) == (land.rate, trade.rate, trade.closed_otherwise, whole.done)


def test_a_case_that_ended_before_it_came_does_not_balance() -> None:
    """A dirty case is shown by the line that does not balance."""
    result = table([Item("x", "land", received=15, ended=5, result="late")], 10, 20)
    assert [problem.where for problem in result.check()] == ["land", "total"]
    assert "received 1 are not done 0 + open 0" in str(result.check()[0])


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 40), st.integers(0, 40), st.sampled_from(["late", "stopped", None])),
        max_size=30,
    ),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_tables_of_orderly_cases_balance(cases: list[tuple[str, int, int, str | None]], start: int, length: int) -> None:
    """Where no case ends before it came, carried over + received = done + open, in any period."""
    items = [
        Item(str(i), name, came, came + worked if result else None, result)
        for i, (name, came, worked, result) in enumerate(cases)
    ]
    assert table(items, start, start + length).check() == ()


@pytest.mark.parametrize(("ended", "result"), [(3, None), (None, "late"), (3, "lost")])
def test_an_item_says_how_it_ended_or_is_open(ended: int | None, result: str | None) -> None:
    """An end without a result, a result without an end, and an unknown result are refused."""
    with pytest.raises(InvalidInput):
        Item("a", "land", 1, ended, result)


def test_pareto_names_the_vital_few() -> None:
    """Most frequent first, ties by key, shares from counts, the vital few until 80 % is reached."""
    causes = pareto({"papers": 40, "wind": 10, "illness": 10, "power": 5, "error": 35, "none": 0})
    assert [cause.key for cause in causes] == ["papers", "error", "illness", "wind", "power"]
    assert [str(cause.cumulative) for cause in causes] == ["40.00", "75.00", "85.00", "95.00", "100.00"]
    assert [cause.vital for cause in causes] == [True, True, True, False, False]


def test_pareto_stops_at_exactly_eighty() -> None:
    """A cause that brings the sum to exactly 80 % is the last of the vital few."""
    assert [cause.vital for cause in pareto(["a"] * 8 + ["b", "c"])] == [True, False, False]


def test_pareto_of_nothing_is_empty_and_of_less_than_nothing_refused() -> None:
    """No causes, no lines; a negative count is an error that names the cause."""
    assert pareto({}) == ()
    with pytest.raises(InvalidInput, match="b: a cause cannot occur -1 times"):
        pareto({"a": 2, "b": -1})


def test_log_stats_of_a_small_log() -> None:
    """Cases, events, variants, pairs, starts, ends, ties, rework and durations of a log one can count by hand."""
    stats = log_stats([[("a", 1), ("b", 3), ("a", 3)], [("a", 5), ("b", 5)], [("a", 0), ("b", 9)], []])
    assert (stats.cases, stats.events, stats.first, stats.last) == (4, 7, 0, 9)
    assert stats.variants == ((("a", "b"), 2), ((), 1), (("a", "b", "a"), 1))
    assert stats.directly_follows == (("a", "b", 3), ("b", "a", 1))
    assert (stats.activities, stats.starts, stats.ends) == ({"a": 4, "b": 3}, {"a": 3}, {"a": 1, "b": 2})
    assert (stats.ties, stats.rework, stats.rework_cases, stats.durations) == (2, {"a": 1}, 1, (0, 2, 9))


def test_log_stats_of_an_empty_log() -> None:
    """No cases: zeros, and no times."""
    stats = log_stats([])
    assert (stats.cases, stats.events, stats.variants, stats.first, stats.last) == (0, 0, (), None, None)
