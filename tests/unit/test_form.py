"""Forms: read strictly, kept as plain values, personal fields known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pendulum
import pytest
from attrs import Factory, frozen
from pendulum import DateTime

from definitions import Note, Paper, problems
from qms.errors import InvalidInput
from qms.form import field_names, keep, personal, personal_fields, read_form
from qms.limits import TimeLimit


@frozen
class Inner:
    """A form within a form."""

    name: str
    share: int | None = None


@frozen
class Everything:
    """A field of each type."""

    text: str
    number: int
    flag: bool
    day: date
    instant: DateTime
    period: TimeLimit
    names: tuple[str, ...]
    more: list[str]
    inner: tuple[Inner, ...] = ()
    table: dict[str, str] = Factory(dict)
    maybe_day: date | None = None
    maybe_instant: DateTime | None = None
    maybe_period: TimeLimit | None = None
    secret: str | None = personal(default=None)


GIVEN = {
    "text": "Đơn",
    "number": 3,
    "flag": True,
    "day": "2024-01-02",
    "instant": "2024-01-02T10:00:00+07:00",
    "period": "5 working days",
    "names": ["a", "b"],
    "more": ["c"],
    "inner": [{"name": "An", "share": 5}],
    "table": {"k": "v"},
    "maybe_day": date(2024, 1, 3),
    "maybe_instant": datetime(2024, 1, 2, 3, 0, tzinfo=UTC),
    "maybe_period": "1 month",
    "secret": "0901",
}
KEPT = {
    **GIVEN,
    "instant": "2024-01-02T03:00:00.000000Z",
    "maybe_day": "2024-01-03",
    "maybe_instant": "2024-01-02T03:00:00.000000Z",
}


def test_a_form_is_kept_as_plain_values():
    """Dates as ISO text, instants in UTC, limits in words, lists and tables as they are."""
    assert KEPT == keep(read_form(Everything, GIVEN))


def test_what_was_kept_can_be_read_again():
    """Keeping and reading are each other's inverse."""
    form = read_form(Everything, GIVEN)
    assert form == read_form(Everything, keep(form))


def test_a_form_that_is_one_already_is_taken_as_it_is():
    """An instance needs no reading."""
    paper = Paper("Đơn")
    assert paper is read_form(Paper, paper)


def test_nothing_given_is_an_empty_form():
    """A form all of whose fields may be left out needs no words."""
    assert Note() == read_form(Note, None)


def test_empty_fields_are_not_kept():
    """What says nothing is left out."""
    assert {"title": "Đơn", "urgent": False} == keep(Paper("Đơn"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (5, ["a table of fields or a Paper is expected, not int"]),
        (Note(), ["a table of fields or a Paper is expected, not Note"]),
        (None, ["title: missing"]),
        ({"title": "x", "colour": 1}, ["colour: unknown key; known here: applicant, basis, day, pages, paid_at, "]),
        ({"title": 5, "pages": "3", "urgent": "no"}, ["title: text is expected, not 5", "pages: ", "urgent: true or false is"]),
        ({"title": "x", "pages": True}, ["pages: "]),
        ({"title": "x", "day": "tomorrow"}, ["day: 'tomorrow' is no date; write 2021-03-01"]),
        ({"title": "x", "day": datetime(2024, 1, 2)}, ["day: a date is expected, not datetime.datetime(2024, 1, 2, 0, 0)"]),
        ({"title": "x", "paid_at": "noon"}, ["paid_at: 'noon' is no instant; write 2021-03-01T10:00:00+07:00"]),
        (
            {"title": "x", "paid_at": "2024-01-02T10:00:00"},
            ["paid_at: 2024-01-02 10:00:00 has no time zone; say which, such as 2024-01-02T10:00:00+07:00"],
        ),
        ({"title": "x", "paid_at": 5}, ["paid_at: an instant is expected, not 5"]),
        ({"title": "x", "papers": "a"}, ["papers: a list of texts is expected, not 'a'"]),
        ({"title": "x", "papers": ["a", 5]}, ["papers: a list of texts is expected, not ['a', 5]"]),
    ],
)
def test_every_fault_of_a_form_has_the_path_of_its_field(given, expected):
    """All faults come at once."""
    assert expected == [text[: len(e)] for text, e in zip(problems(read_form, Paper, given), expected, strict=True)]


def test_faults_of_a_form_within_a_form_have_the_whole_path():
    """The place of the row stands in the path."""
    assert ["inner[1].name: missing"] == problems(read_form, Everything, GIVEN | {"inner": [{"name": "An"}, {}]})


def test_a_limit_that_cannot_be_read_is_a_fault_of_its_field():
    """Periods in forms are read like those of definitions."""
    assert ["period: 'soon' is no limit; "] == [
        text[: len("period: 'soon' is no limit; ")] for text in problems(read_form, Everything, GIVEN | {"period": "soon"})
    ]


def test_an_instant_of_python_becomes_one_of_pendulum():
    """Guards and effects meet one kind of instant."""
    moment = datetime(2024, 1, 2, 10, tzinfo=timezone(timedelta(hours=7)))
    assert pendulum.datetime(2024, 1, 2, 3) == read_form(Paper, {"title": "x", "paid_at": moment}).paid_at


def test_what_has_no_plain_form_cannot_be_kept():
    """A float or a set is refused by its type; the value may be personal."""
    assert ["a form cannot keep a value of type set"] == problems(keep, Paper("x", papers=({1},)))


def test_personal_fields_and_all_fields_are_known_by_name():
    """What is sealed, and what effects may read."""
    assert ({"phone"}, {"text"}) == (personal_fields(Paper), field_names(Note))


@frozen(kw_only=True)
class Told:
    """Fields that are a person's own."""

    name: str = personal()
    born: DateTime | None = personal(default=None)  # noqa: RUF009 - attrs, not dataclass
    aliases: tuple[str, ...] = personal(default=())
    place: str = "here"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": ["Bí Mật"]}, "name: text is expected, not what was given"),
        ({"name": 912345678}, "name: text is expected, not what was given"),
        ({"name": "Bí Mật", "place": 5}, "place: text is expected, not 5"),
        (
            {"name": "Bí Mật", "born": "2001-02-03T04:05:06"},
            "born: what was given does not fit here; it is personal, and is not repeated",
        ),
        ({"name": "Bí Mật", "aliases": ["Bí", 5]}, "aliases: a list of texts is expected, not what was given"),
        ({"name": "Bí Mật", "aliases": {"Bí": "Mật"}}, "aliases: a list of texts is expected, not what was given"),
    ],
)
def test_what_is_personal_is_not_repeated_in_a_message(given, expected):
    """A denial is shown, sent and logged; the error behind it is not told either."""
    with pytest.raises(InvalidInput) as caught:
        read_form(Told, given)
    assert ([expected], None) == ([str(problem) for problem in caught.value.problems], caught.value.__cause__)


def test_what_is_personal_is_not_printed():
    """A form may end in a log of the embedding system."""
    assert "Told(place='here')" == repr(Told(name="Bí Mật"))


def test_an_instant_without_a_zone_cannot_be_kept():
    """A form made in code is held to the same rule as one that was read."""
    assert ["2024-01-02 10:00:00 has no time zone; say which, such as 2024-01-02T10:00:00+07:00"] == problems(
        keep,
        Paper("x", paid_at=datetime(2024, 1, 2, 10)),
    )


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1684-12-31T00:00:00Z"])
def test_an_instant_that_no_record_holds_is_a_fault(instant):
    """Systems write such years for "no date"; leave the field out instead."""
    (fault,) = problems(read_form, Everything, GIVEN | {"instant": instant})
    assert fault.startswith("instant: ")
    assert "the years are 1685 to 2254" in fault
    (fault,) = problems(keep, Paper("x", paid_at=datetime.fromisoformat(instant)))
    assert "the years are 1685 to 2254" in fault


@pytest.mark.parametrize("papers", [{"sealed": "x"}, ({"sealed": 5},)])
def test_a_table_is_not_taken_for_a_sealed_value(papers):
    """Its one key would be: verification would look for the value beside the log."""
    with pytest.raises(InvalidInput, match="would be taken for a sealed personal value"):
        keep(Paper("x", papers=papers))
