"""Errors and reasons as data, and their words."""

from __future__ import annotations

import string

import pytest

from qms import errors
from qms.errors import Conflict, Denied, InvalidInput, NotFound, OutsideCalendar, Problem, QMSError, Reason, StoreError, said


def test_a_problem_says_where_it_stands():
    """A problem with a place shows it before the message."""
    assert "actions.sign.roles[0]: unknown" == str(Problem("actions.sign.roles[0]", "unknown"))


def test_a_problem_without_a_place_is_its_message():
    """A problem of the whole input is only its message."""
    assert "unknown" == str(Problem("", "unknown"))


def test_an_invalid_input_holds_all_its_problems():
    """Each problem is a line of the error's text."""
    assert "a: x\nb: y" == str(InvalidInput([Problem("a", "x"), Problem("b", "y")]))


def test_an_invalid_input_of_one_text_has_one_problem():
    """A text and a place make one problem."""
    assert (Problem("a", "x"),) == InvalidInput("x", "a").problems


@pytest.mark.parametrize("value", [None, 5, b"hoa", ["hoa"], "", " \n"])
def test_what_is_said_is_a_text_that_is_not_blank(value):
    """Anything else is refused with its place; a text is given back as it is."""
    with pytest.raises(InvalidInput, match="says nothing; write a text") as refused:
        said(value, "by")
    assert ("by", " hoa ") == (refused.value.problems[0].where, said(" hoa ", "by"))


@pytest.mark.parametrize(
    ("kind", "base"),
    [(InvalidInput, ValueError), (OutsideCalendar, ValueError), (NotFound, LookupError), (Conflict, StoreError)],
)
def test_every_error_is_ours_and_what_python_calls_it(kind, base):
    """One except clause for the library, and Python's own words where there are any."""
    assert issubclass(kind, QMSError) and issubclass(kind, base)


def test_a_denial_holds_all_its_reasons():
    """Each reason is a line of the error's text."""
    assert "one, a 1\ntwo" == str(Denied([Reason("one", a=1), Reason("two")]))


def test_reasons_are_equal_by_code_parameters_and_clause():
    """A reason is a value, and can stand in a set."""
    assert 2 == len(
        {Reason("x", a=("b",), clause="5.3"), Reason("x", a=("b",), clause="5.3"), Reason("x", a=("c",), clause="5.3")}
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "lan may not sign: it takes deputy-head, head (5.3)"),
        ("vi", "lan không có thẩm quyền sign: cần vai trò deputy-head, head (5.3)"),
        ("fr", "no-authority, action sign, actor lan, roles deputy-head, head (5.3)"),
    ],
)
def test_a_reason_in_words(language, words):
    """A reason is told in English and Vietnamese, in any other language by its parameters; the clause stands behind."""
    assert words == Reason("no-authority", action="sign", actor="lan", roles=("deputy-head", "head"), clause="5.3").text(
        language
    )


def test_a_reason_without_words_names_its_parameters():
    """A code of an embedding system needs no entry in our table."""
    assert "fee-open, due by friday" == str(Reason("fee-open", due_by="friday"))


def test_a_reason_that_lacks_a_parameter_of_its_words_names_those_it_has():
    """Words never fail: a parameter that is missing makes them plain."""
    assert "at-most, action sign" == str(Reason("at-most", action="sign"))


@pytest.mark.parametrize("code", sorted(errors._WORDS))
def test_every_known_code_has_words_in_both_languages_with_the_same_parameters(code):
    """A translation says neither more nor less than the original."""
    named = [
        {name for _, name, _, _ in string.Formatter().parse(errors._WORDS[code][language]) if name} for language in ("en", "vi")
    ]
    assert named[0] == named[1]
