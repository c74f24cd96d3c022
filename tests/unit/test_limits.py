"""TimeLimit and CountingRule: what can be read, what is refused and with which words, and the rules that are shipped."""

from __future__ import annotations

import unicodedata

import attrs
import pytest

from qms.codec import digest, shipped_names
from qms.errors import InvalidInput, NotFound
from qms.limits import UNITS, CountingRule, Cutoff, Minimum, Recess, SameDay, Scope, TimeLimit


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("15 working days", 15, "working days"),
        ("1 working day", 1, "working days"),
        ("8 working hours", 8, "working hours"),
        ("1 Working Hour", 1, "working hours"),
        ("90 working minutes", 90, "working minutes"),
        ("same day", 1, "same day"),
        ("45 days", 45, "days"),
        ("2 weeks", 2, "weeks"),
        ("1 month", 1, "months"),
        ("1 year", 1, "years"),
        ("48 hours", 48, "hours"),
        ("30 minutes", 30, "minutes"),
        ("  15   working   days ", 15, "working days"),
        ("15 ngày làm việc", 15, "working days"),
        ("8 giờ làm việc", 8, "working hours"),
        ("45 ngày", 45, "days"),
        ("1 tháng", 1, "months"),
        ("trong ngày", 1, "same day"),
    ],
)
def test_a_limit_is_read(text, amount, unit):
    """In the singular and the plural, in English and in Vietnamese."""
    assert TimeLimit(amount, unit) == TimeLimit.parse(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.5 working days", "only whole amounts are counted"),
        ("1,5 ngày", "only whole amounts are counted"),
        ("half a day", "only whole amounts are counted"),
        ("2½ days", "only whole amounts are counted"),
        ("1½ years", "only whole amounts are counted"),
        ("-3 days", "leave out the sign"),
        ("15 days and 1 month", "larger ones first: years, months, half months, weeks, days"),
        ("1 month and 1 month", "each once and larger ones first"),
        ("5 working days and 3 days", "only calendar units can be summed"),
        ("1 day and 8 hours", "only calendar units can be summed"),
        ("2 days same day", "write it as"),
        ("1 month and", "write it as"),
        ("and 1 month", "write it as"),
        ("1 month 0 days", "the amount is at least 1"),
        ("0 days", "the amount is at least 1"),
        ("", "write it as"),
        ("15", "write it as"),
        ("days", "write it as"),
        ("15 fortnights", "write it as"),
        ("2 same day", "write it as"),
        ("15working days", "write it as"),
        ("٣ days", "write it as"),
        (16, "write it as"),
        (None, "write it as"),
    ],
)
def test_what_cannot_be_read_is_refused(text, why):
    """The message names the value and how to write it."""
    with pytest.raises(InvalidInput) as error:
        TimeLimit.parse(text)
    assert repr(text) in str(error.value)
    assert why in str(error.value)


MONTH_AND_DAYS = TimeLimit(1, "months", TimeLimit(15, "days"))
MONTH_AND_HALF = TimeLimit(1, "months", TimeLimit(1, "half months"))


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("1 month and 15 days", MONTH_AND_DAYS),
        ("1 month + 15 days", MONTH_AND_DAYS),
        ("1 month, 15 days", MONTH_AND_DAYS),
        ("1 month 15 days", MONTH_AND_DAYS),
        ("1 tháng 15 ngày", MONTH_AND_DAYS),
        ("1 tháng và 15 ngày", MONTH_AND_DAYS),
        ("1½ months", MONTH_AND_HALF),
        ("1 ½ months", MONTH_AND_HALF),
        ("1½ tháng", MONTH_AND_HALF),
        ("1 tháng rưỡi", MONTH_AND_HALF),
        ("1 month and half a month", MONTH_AND_HALF),
        ("half a month", TimeLimit(1, "half months")),
        ("half month", TimeLimit(1, "half months")),
        ("½ month", TimeLimit(1, "half months")),
        ("nửa tháng", TimeLimit(1, "half months")),
        ("3 half months", TimeLimit(3, "half months")),
        ("3 nửa tháng", TimeLimit(3, "half months")),
        ("1 year, 2 months and 3 days", TimeLimit(1, "years", TimeLimit(2, "months", TimeLimit(3, "days")))),
    ],
)
def test_sums_and_half_months_are_read(text, limit):
    """A sum as laws write it, larger units first; half a month is a unit of its own, and both are read again."""
    assert limit == TimeLimit.parse(text)
    assert (limit, limit) == (TimeLimit.parse(str(limit)), TimeLimit.parse(limit.text("vi")))


def test_a_sum_says_what_it_sums():
    """In words, as parts, and as it is made again."""
    limit = TimeLimit.parse("1 year, 2 months and 3 days")
    assert ("1 year and 2 months and 3 days", "1 năm và 2 tháng và 3 ngày") == (str(limit), limit.text("vi"))
    assert ((1, "years"), (2, "months"), (3, "days")) == tuple((part.amount, part.unit) for part in limit.parts)
    assert limit == eval(repr(limit))
    assert ("half a month", "nửa tháng") == (str(TimeLimit(1, "half months")), TimeLimit(1, "half months").text("vi"))


@pytest.mark.parametrize(
    ("unit", "then"),
    [("days", "months"), ("months", "months"), ("months", "hours"), ("working days", "days"), ("hours", "minutes")],
)
def test_a_sum_made_in_code_is_checked_too(unit, then):
    """Calendar units alone, larger ones first."""
    with pytest.raises(InvalidInput, match="only calendar units can be summed"):
        TimeLimit(1, unit, TimeLimit(1, then))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("amount", [1, 2, 15])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_what_a_limit_says_is_read_again(amount, unit, language):
    """In each language and unit."""
    limit = TimeLimit(1 if unit == "same day" else amount, unit)
    assert limit == TimeLimit.parse(limit.text(language))


def test_a_limit_is_a_value():
    """Equal ones are one key, and it is short in words."""
    assert 1 == len({TimeLimit(15, "days"), TimeLimit.parse("15 days")})
    assert ("1 working day", "2 working days", "1 tháng") == (
        str(TimeLimit(1, "working days")),
        str(TimeLimit(2, "working days")),
        TimeLimit(1, "months").text("vi"),
    )


@pytest.mark.parametrize(("amount", "unit"), [(1, "fortnights"), (1.5, "days"), (-1, "days"), (True, "days")])
def test_a_limit_has_a_whole_amount_of_a_known_unit(amount, unit):
    """Made in code it is checked too."""
    with pytest.raises(InvalidInput):
        TimeLimit(amount, unit)


def test_limits_know_whether_they_run_on_working_time():
    """A pause of them is measured in it."""
    assert {"working days", "working hours", "working minutes", "same day"} == {
        unit for unit in UNITS if TimeLimit(1, unit).counts_working_time
    }


@pytest.mark.parametrize("name", shipped_names("rules"))
def test_every_shipped_rule_can_be_read_and_written(name):
    """Its name is that of its file, it is equal after a round trip, and every convention it cites is a field."""
    rule = CountingRule.named(name)
    again = CountingRule.from_tree(rule.to_tree())
    assert (name, rule, hash(rule)) == (rule.name, again, hash(again))
    assert digest(rule.to_tree()) == rule.version == again.version
    assert rule.title["vi"] != rule.title["en"]
    assert rule.sources


def test_the_rules_of_vietnam_say_how_certain_they_are():
    """The Code is law for civil relations and an analogy for procedures; swapped days are an interpretation in both."""
    office, civil = CountingRule.named("vn-one-stop"), CountingRule.named("vn-civil-2015")
    assert ("analogy", "law") == (office.certainty, civil.certainty)
    assert ("interpretation", "interpretation") == (office.source("roll_on").level, civil.source("roll_on").level)
    assert ("Civil Code 2015, art. 147(2)", None) == (office.source("first_day").text, office.source("compare"))
    assert ("close", "24:00") == (office.end_of_day, civil.end_of_day)
    assert (SameDay("15:00", inclusive=False), None) == (office.same_day, civil.same_day)


def test_a_rule_that_is_not_shipped_names_those_that_are():
    """The message lists them."""
    with pytest.raises(NotFound, match=r"calendar-plain, .*vn-one-stop"):
        CountingRule.named("moon")


TREE = CountingRule.named("vn-one-stop").to_tree()


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        ({"last_day": "maybe"}, "last_day", "'maybe' is not known; write included, excluded"),
        ({"first_hour": "late"}, "first_hour", "'late' is not known; write included, excluded"),
        ({"roll_hours": "next"}, "roll_hours", "'next' is not known; write none, same-time"),
        ({"backward_roll": "up"}, "backward_roll", "'up' is not known; write none, backward, forward"),
        ({"backward_last_day": "x"}, "backward_last_day", "'x' is not known; write included, excluded"),
        ({"short": -1}, "short", "-1 is no number of days"),
        ({"minimum": {"working_days": 3, "within": 2}}, "minimum", "no more than its days"),
        ({"minimum": {"working_days": 0, "within": 2}}, "minimum", "at least one working day"),
        ({"minimum": {"working_days": 2}}, "minimum.within", "missing"),
        ({"scope": {"days": -1}}, "scope", "whole numbers"),
        ({"scope": {"hours": 1}}, "scope.hours", "unknown key"),
        ({"cutoff": {"at": "3 pm"}}, "cutoff.at", "'3 pm' is no time of the day; write it as 15:00"),
        ({"recess": {"spans": ["07-15"]}}, "recess.spans[0]", "'07-15' is no recess; write it as"),
        ({"recess": {"spans": ["07-15/08-15", "02-30/03-01"]}}, "recess.spans[1]", "'02-30/03-01' is no recess"),
        ({"recess": {"spans": ["2026-08-15/2026-07-15"]}}, "recess.spans[0]", "is no recess"),
        ({"recess": {"spans": ["easter+7/easter-7"]}}, "recess.spans[0]", "is no recess"),
        ({"recess": {"spans": [], "first_day": "lost"}}, "recess.first_day", "'lost' is not known; write counted, excluded"),
    ],
)
def test_a_fault_of_a_rare_convention_is_told_with_its_path(change, where, message):
    """Unknown values are refused, each by the name of its field."""
    with pytest.raises(InvalidInput) as error:
        CountingRule.from_tree(TREE | change)
    assert message in {problem.where: problem.message for problem in error.value.problems}[where]


RARE = [
    ("last_day", "excluded"),
    ("minimum", Minimum(2, 3)),
    ("short", 5),
    ("scope", Scope(days=90)),
    ("first_hour", "excluded"),
    ("roll_hours", "same-time"),
    ("recess", Recess(("07-15/08-15",))),
    ("cutoff", Cutoff()),
]


@pytest.mark.parametrize(("name", "value"), RARE)
def test_a_rare_convention_makes_a_rule_rare_and_another_one(name, value):
    """It stands in the tree where it is named alone, and changes the version; without it nothing is told of it."""
    plain = CountingRule.named("vn-one-stop")
    rule = attrs.evolve(plain, **{name: value})
    assert (True, False) == (rule.rare, plain.rare)
    assert (True, False) == (name in rule.to_tree(), name in plain.to_tree())
    assert (rule, rule.version) == (CountingRule.from_tree(rule.to_tree()), CountingRule.from_tree(rule.to_tree()).version)
    assert rule.version != plain.version


@pytest.mark.parametrize(("name", "value"), [("backward_roll", "backward"), ("backward_last_day", "excluded")])
def test_conventions_of_periods_counted_back_leave_the_others_alone(name, value):
    """They are told, and make no rule rare."""
    rule = attrs.evolve(CountingRule.named("vn-one-stop"), **{name: value})
    assert (False, value, rule) == (rule.rare, rule.to_tree()[name], CountingRule.from_tree(rule.to_tree()))


@pytest.mark.parametrize("name", shipped_names("rules"))
def test_every_convention_of_a_shipped_rule_has_its_source(name):
    """Where a rule names what few laws have, or how a day ends, it cites what that rests on, and how certain that is."""
    rule = CountingRule.named(name)
    named = {"first_day", "end_of_day"} & set(rule.to_tree()) if name not in ("calendar-plain", "vn-hand-over") else set()
    named |= {field for field, _ in [*RARE, ("backward_roll", ""), ("backward_last_day", "")] if field in rule.to_tree()}
    assert set() == named - {source.field for source in rule.sources}


@pytest.mark.parametrize(
    ("limit", "within"),
    [
        ("90 days", True),
        ("91 days", False),
        ("12 weeks", True),
        ("13 weeks", False),
        ("3 months", True),
        ("3 months and 1 day", False),
        ("2 months and 30 days", True),
        ("6 half months", True),
        ("7 half months", False),
        ("1 year", False),
        ("48 hours", False),
    ],
)
def test_the_scope_of_a_rule_ends_with_its_longest_limits(limit, within):
    """Algemene termijnenwet art. 4."""
    assert within == CountingRule.named("nl-atw").scope.holds(TimeLimit.parse(limit))


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        ({"first_day": "maybe"}, "first_day", "'maybe' is not known; write excluded, included"),
        ({"roll_on": ["weekend", "rain"]}, "roll_on", "'rain' is not known"),
        ({"end_of_day": "wall"}, "pause", 'pauses are measured in "days"'),
        ({"same_day": {"cutoff": "25:00"}}, "same_day.cutoff", "'25:00' is no time of the day; write it as 15:00"),
        ({"same_day": {"until": "noon"}}, "same_day.until", "'noon' is not known; write close, opening"),
        ({"sources": [{"field": "roll", "level": "hearsay", "text": "x"}]}, "sources[0].level", "'hearsay' is not known"),
        ({"sources": [{"field": "rolls", "level": "law", "text": "x"}]}, "sources[0].field", "'rolls' is no field of a rule"),
        ({"sources": [{"field": "roll", "level": "law"}]}, "sources[0].text", "missing"),
        ({"colour": "red"}, "colour", "unknown key"),
        ({"name": 5}, "name", "text is expected"),
    ],
)
def test_a_fault_of_a_rule_is_told_with_its_path(change, where, message):
    """Each fault names the field and what it may be."""
    with pytest.raises(InvalidInput) as error:
        CountingRule.from_tree(TREE | change)
    assert message in {problem.where: problem.message for problem in error.value.problems}[where]


def test_all_faults_of_a_rule_are_told_at_once():
    """Two wrong fields are two problems."""
    with pytest.raises(InvalidInput) as error:
        attrs.evolve(CountingRule.named("vn-one-stop"), roll="sideways", compare="mood")
    assert ["roll", "compare"] == [problem.where for problem in error.value.problems]


def test_decomposed_letters_are_the_same_letters():
    """A limit written on a system that keeps accents apart from their letters (NFD) is read as any other."""
    words = unicodedata.normalize("NFD", "15 ngày làm việc")
    assert words != "15 ngày làm việc"
    assert TimeLimit(15, "working days") == TimeLimit.parse(words)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"same_day": "15:00"}, "same_day: '15:00' is no SameDay"),
        ({"same_day": SameDay(None)}, "same_day"),
        ({"cutoff": "15:00"}, "cutoff: '15:00' is no Cutoff"),
        ({"minimum": 3}, "minimum: 3 is no Minimum"),
        ({"minimum": Minimum("2", 3)}, "minimum"),
        ({"scope": 3}, "scope: 3 is no Scope"),
        ({"scope": Scope(days="90")}, "scope"),
        ({"recess": ("07-15/08-15",)}, "is no Recess"),
        ({"recess": Recess((5,))}, "recess.spans[0]: 5 is no recess"),
        ({"title": None, "sources": (5,)}, "sources: (5,) are no sources"),
    ],
)
def test_a_part_of_a_rule_that_is_of_another_kind_is_refused(part, words):
    """A time for a cut-off, a number for a minimum: told with the value, and not by a traceback."""
    with pytest.raises(InvalidInput) as error:
        attrs.evolve(CountingRule.named("vn-civil-2015"), **part)
    assert words in str(error.value)
