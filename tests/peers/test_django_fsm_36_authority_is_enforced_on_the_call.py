"""viewflow/django-fsm issues 36 and 263: the permission of a transition is only shown, a call goes through without it.

Ours: there is one way to act, and it asks for authority; whoever calls, by whatever verb.
"""

from __future__ import annotations

import pytest

from definitions import DROP, problems, small, tree, with_
from office import Now, denied, office
from qms.process import Process

ONLY_HEAD = '[actions.finish]\nfrom = "waiting"\nto = "done"\nroles = ["head"]'


@pytest.mark.parametrize("actor", ["lan", "nobody"])
def test_an_act_without_authority_is_denied_and_leaves_no_event(actor):
    """Called as a program calls it: denied, the case is as it was, the attempt is remembered apart."""
    org = office(small(ONLY_HEAD), now=Now())
    case = org.open("small", by="lan")
    with denied("no-authority"):
        org.act(case.id, "finish", by=actor)
    assert case.seq == org.case(case.id).seq


def test_opening_a_case_takes_authority_too():
    """The opening action is an action."""
    with denied("no-authority"):
        office(small(), now=Now()).open("small", by="hoa")


def test_an_action_without_a_role_is_open_to_nobody():
    """Left out is not "everybody": a definition that names neither a role nor a clock is refused."""
    (told,) = problems(Process.from_tree, with_(tree(), "actions.finish.roles", DROP))
    assert told.startswith("actions.finish.roles: nobody may do this")
