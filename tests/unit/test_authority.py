"""Who may act: grants, the roster, roles and duties."""

from __future__ import annotations

import pytest

from definitions import problems
from qms.authority import SYSTEM, Actor, Grant, Roster, held, judge_duties, judge_role
from qms.errors import Reason


@pytest.mark.parametrize(
    ("grant", "unit", "at", "holds"),
    [
        (Grant("head"), None, 5, True),
        (Grant("head"), "justice", 5, True),
        (Grant("head", unit="justice"), "justice", 5, True),
        (Grant("head", unit="justice"), "health", 5, False),
        (Grant("head", unit="justice"), None, 5, False),
        (Grant("head", since=5), None, 5, True),
        (Grant("head", since=6), None, 5, False),
        (Grant("head", until=6), None, 5, True),
        (Grant("head", until=5), None, 5, False),
    ],
)
def test_a_grant_holds_in_its_unit_and_between_its_dates(grant, unit, at, holds):
    """A grant without a unit holds everywhere; its dates are half-open."""
    assert holds == grant.holds(unit, at)


def test_roles_held_are_those_of_grants_that_hold():
    """A grant of another unit gives no role here."""
    assert {"head"} == held([Grant("head"), Grant("clerk", unit="health")], "justice", 0)


def test_a_role_that_is_held_is_no_reason():
    """One of the roles is enough."""
    assert None is judge_role("sign", "hoa", ["head", "deputy-head"], [Grant("clerk"), Grant("head")], None, 0)


def test_a_role_that_is_not_held_is_a_reason_with_the_roles_that_would_do():
    """The denial says what it takes."""
    reason = Reason("no-authority", action="sign", actor="lan", roles=("deputy-head", "head"), clause="5.3")
    assert reason == judge_role("sign", "lan", ["head", "deputy-head"], [Grant("clerk")], None, 0)


def test_nobody_may_do_what_no_role_may():
    """Deny by default: an empty list of roles allows nobody."""
    assert ("nobody",) == judge_role("sign", "lan", [], [Grant("clerk")], None, 0).params["roles"]


DUTIES = {"separate_from": (), "same_as": (), "parts": (), "same_parts": (), "done": {}, "named": {}}


@pytest.mark.parametrize(
    ("duties", "expected"),
    [
        (
            {"separate_from": ["draft"], "done": {"draft": {"minh", "lan"}}},
            [("separation-of-duties", {"with_action": "draft"})],
        ),
        ({"separate_from": ["draft"], "done": {"draft": {"minh"}}}, []),
        ({"separate_from": ["draft"]}, []),
        ({"parts": ["applicant"], "named": {"applicant": "lan"}}, [("own-case", {"part": "applicant"})]),
        ({"parts": ["applicant"], "named": {"applicant": "minh"}}, []),
        ({"same_as": ["draft"], "done": {"draft": {"minh"}}}, [("same-person", {"with_action": "draft"})]),
        ({"same_as": ["draft"], "done": {"draft": {"minh", "lan"}}}, []),
        ({"same_as": ["draft"]}, []),
        ({"same_parts": ["assignee"], "named": {"assignee": "minh"}}, [("same-person", {"with_action": "assignee"})]),
        ({"same_parts": ["assignee"], "named": {"assignee": "lan"}}, []),
        ({"same_parts": ["assignee"]}, []),
    ],
)
def test_duties_that_bar_lan_from_signing(duties, expected):
    """Anyone who did the other action counts; a duty that nobody has taken up yet bars nobody."""
    found = [
        (reason.code, {key: value for key, value in reason.params.items() if key not in ("action", "actor")})
        for reason in judge_duties("sign", "lan", **{**DUTIES, **duties})
    ]
    assert expected == found


def test_the_roster_finds_holders_of_a_role_in_a_unit():
    """Holders are sorted, and those of another unit are none."""
    roster = Roster({"lan": ["head"], "hoa": [Grant("head", unit="justice")], "mai": [Grant("head", unit="health")]})
    assert ("hoa", "lan") == roster.holders("head", "justice", 0)


def test_a_stranger_has_no_grants():
    """Who is not in the roster holds nothing."""
    assert () == Roster({"lan": ["head"]}).grants("nobody", 0)


def test_the_roster_reports_all_its_faults():
    """A single text is no list of roles, a number no role, and the system can be granted nothing."""
    assert [
        "lan: 'he' is no role and no Grant",
        "hoa: 5 is no role and no Grant",
        "system: the system acts by its definitions and can be granted no role",
    ] == problems(Roster, {"lan": "he", "hoa": [5], SYSTEM: []})


def test_an_actor_is_only_an_identity():
    """Two actors of one id are one."""
    assert Actor("lan") == Actor("lan")
