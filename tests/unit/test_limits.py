"""TimeLimit and CountingRule: what can be read, what is refused and with which words, and the rules that are shipped."""

from __future__ import annotations

import unicodedata

import attrs
import pytest

from qms.codec import digest, shipped_names
from qms.errors import InvalidInput, NotFound
from qms.limits import UNITS, CountingRule, SameDay, TimeLimit


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
        ("½ month", "only whole amounts are counted"),
        ("half a month", "only whole amounts are counted"),
        ("-3 days", "leave out the sign"),
        ("1 month and 15 days", "a sum of limits is not read"),
        ("1 month + 15 days", "a sum of limits is not read"),
        ("1 tháng và 15 ngày", "a sum of limits is not read"),
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
