"""fgmacedo/python-statemachine issue 628: the loader dropped ``validators`` of a definition without a word."""

from __future__ import annotations

import pytest

from definitions import problems, tree, with_
from qms.process import Procedure, Process


@pytest.mark.parametrize(
    ("place", "near"),
    [
        ("validators", "unknown key"),
        ("actions.finish.validators", "unknown key"),
        ("actions.finish.seperate_from", "separate_from"),
        ("actions.finish.gaurds", "guards"),
        ("steps.waiting.final", "unknown key"),
        ("roles.clerk.permissions", "unknown key"),
    ],
)
def test_a_key_that_is_not_known_is_an_error_with_its_place(place, near):
    """A rule that is misspelled is not a rule left out: the file is refused, and what may stand there is told."""
    told = problems(Process.from_tree, with_(tree(), place, ["x"]))
    assert any(each.startswith(place) and near in each for each in told), told


def test_a_procedure_is_read_as_strictly():
    """The blanks of a procedure too."""
    given = {"code": "1.1", "process": "small", "title": {"en": "x"}, "limit": {"legal": "3 days"}}
    assert any(each.startswith("limit") and "unknown key" in each for each in problems(Procedure.from_tree, given))
