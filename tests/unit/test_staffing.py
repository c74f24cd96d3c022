"""Whether the people there are can do a process: who is missing, four eyes that leave nobody, who cannot be spared."""

from __future__ import annotations

import pytest

from definitions import bound, small
from qms.process import Procedure, Process
from qms.staffing import Staffing, check_staffing

SIGNED = """
steps.drafted = {}
actions.draft = { from = "waiting", to = "drafted", roles = ["clerk"] }
actions.finish = { from = "drafted", to = "done", roles = ["head"], separate_from = ["draft"] }
"""


def staffed(text: str, **people: str) -> Staffing:
    """How *people* (roles separated by spaces) bear the process of *text*."""
    return check_staffing(bound(text), {person: roles.split() for person, roles in people.items()})


def test_enough_people_are_enough():
    """One drafts, another signs; nobody can be spared."""
    found = staffed(SIGNED, lan="clerk", hoa="head")
    assert (True, (), 2, {"lan", "hoa"}) == (found.enough, found.findings, found.least, set(found.absent))


def test_four_eyes_may_leave_nobody():
    """One person with both roles holds every role, and is not two."""
    found = staffed(SIGNED, lan="clerk head")
    (finding,) = found.findings
    assert (False, "four-eyes", ("ask", "draft", "finish")) == (found.enough, finding.code, finding.witness)
    assert "under four eyes nobody is left for draft, finish" in finding.message


def test_a_role_that_nobody_holds_is_named_with_what_it_may_do():
    """What depends on it cannot be done, nor what lies behind it."""
    found = staffed(SIGNED, lan="clerk")
    told = [(finding.code, finding.where, finding.severity) for finding in found.findings]
    assert [
        ("role-unheld", "roles.head", "warning"),
        ("unstaffed", "actions.ask", "error"),
        ("unstaffed", "actions.finish", "error"),
        ("unstaffed", "actions.draft", "error"),
    ] == told


def test_a_role_that_another_may_stand_for_is_a_warning():
    """The action can be done all the same."""
    text = 'actions.finish = { from = "waiting", to = "done", roles = ["clerk", "head"] }'
    found = staffed(text, lan="clerk")
    assert (True, [("role-unheld", "warning")]) == (found.enough, [(f.code, f.severity) for f in found.findings])


def test_who_cannot_be_spared_is_named_with_what_breaks():
    """Two clerks stand in for each other; the head is alone."""
    found = staffed(SIGNED, lan="clerk", mai="clerk", hoa="head")
    assert {"hoa": ("ask", "finish", "draft")} == found.absent


def test_one_who_may_stand_in_only_as_long_as_another_is_there_is_found():
    """Lan holds both roles; without Hoa she would sign her own draft."""
    found = staffed(SIGNED, lan="clerk head", hoa="head")
    assert {"lan", "hoa"} == set(found.absent)


def test_a_duty_binds_who_acts_later_alone():
    """Signing first and drafting later by one person is what the duty does not bar."""
    text = """
    steps.signed = {}
    actions.sign = { from = "waiting", to = "signed", roles = ["head"], separate_from = ["draft"] }
    actions.draft = { from = "signed", to = "done", roles = ["clerk"] }
    actions.finish = { from = "signed", to = "done", roles = ["clerk"] }
    """
    assert staffed(text, lan="clerk head").enough


def test_another_way_round_a_duty_is_found():
    """What can be done without the draft can be done by one."""
    text = SIGNED + 'actions.skip = { from = "waiting", to = "drafted", roles = ["clerk"] }\n'
    found = staffed(text, lan="clerk head")
    assert ["actions.draft"] == [finding.where for finding in found.findings]


APPROVED = """
steps.drafted = {}
actions.draft = { from = "waiting", to = "drafted", roles = ["clerk"] }
actions.finish = { from = "drafted", to = "done", roles = ["head"], approvals = 2, separate_from = ["draft"] }
"""


@pytest.mark.parametrize(
    ("people", "enough"),
    [
        ({"lan": "clerk", "hoa": "head", "minh": "head"}, True),
        ({"lan": "clerk", "hoa": "head"}, False),
        ({"lan": "clerk head", "hoa": "head"}, False),
        ({"lan": "clerk head", "hoa": "head clerk", "minh": "head"}, True),
    ],
)
def test_as_many_must_approve_as_the_action_says(people, enough):
    """Two different people, neither of whom drafted."""
    found = staffed(APPROVED, **people)
    assert (enough, 3) == (found.enough, found.least)


def test_who_must_be_the_same_must_be_able_to_be():
    """What one began only they may end: the same person needs both roles."""
    text = SIGNED.replace("separate_from", "same_as")
    assert [False, True] == [staffed(text, lan="clerk", hoa="head").enough, staffed(text, lan="clerk head").enough]


def test_same_and_separate_together_are_nobody():
    """The duties contradict, whoever is there."""
    text = SIGNED.replace('separate_from = ["draft"]', 'separate_from = ["draft"], same_as = ["draft"]')
    found = staffed(text, lan="clerk head", hoa="clerk head", minh="clerk head")
    assert (False, ["four-eyes"]) == (found.enough, [finding.code for finding in found.findings])


PARTS = """
parts = ["applicant", "officer"]
steps.taken = {}
actions.ask = { from = "new", to = "waiting", roles = ["applicant"] }
actions.take = { from = "waiting", to = "taken", roles = ["clerk"], names.officer = "actor" }
actions.finish = { from = "taken", to = "done", roles = ["head"], separate_from = ["officer", "applicant"] }
"""


def test_a_part_that_an_actor_took_is_a_person_like_any_other():
    """Who took the case is the officer, and does not finish it."""
    assert [False, True] == [staffed(PARTS, lan="clerk head").enough, staffed(PARTS, lan="clerk", hoa="head").enough]


def test_the_public_is_no_staff():
    """Nobody must be hired to apply."""
    assert "applicant" not in str(staffed(PARTS, lan="clerk", hoa="head"))


def test_a_part_acts_as_whoever_was_named():
    """The officer goes on with what the officer took."""
    text = PARTS.replace('roles = ["head"], separate_from = ["officer", "applicant"]', 'roles = ["officer"]')
    assert staffed(text, lan="clerk").enough


def test_above_the_cap_it_is_undecided():
    """Never enough unseen."""
    found = check_staffing(bound(SIGNED), {"lan": ["clerk"], "hoa": ["head"]}, cap=1)
    assert (None, "undecided") == (found.enough, [*found.told()][-1].code)


def test_a_staffing_reads_as_text():
    """The verdict, the least number, and who cannot be spared."""
    lines = str(staffed(SIGNED, lan="clerk", hoa="head")).splitlines()
    assert "enough people; it takes at least 2" == lines[0]
    assert "without lan: ask, finish, draft cannot be done" in lines
    assert "not enough people" in str(staffed(SIGNED, lan="clerk"))


def test_check_judges_the_staff_too():
    """What the people cannot do is an error; who cannot be spared is a warning."""
    process = small(SIGNED)
    alone, two = (process.check(staff=people) for people in ({"lan": ["clerk", "head"]}, {"lan": ["clerk"], "hoa": ["head"]}))
    assert (False, ["four-eyes"]) == (alone.sound, [finding.code for finding in alone.errors])
    assert (True, ["no-stand-in"] * 2) == (two.sound, [finding.code for finding in two.warnings])


ROLES = [
    "intake-officer",
    "settling-officer",
    "division-clerk",
    "division-head",
    "case-officer",
    "head",
    "deputy-head",
    "clerk",
    "cashier",
    "treasury",
    "archivist",
    "kiosk",
    "post",
]


def test_two_people_work_one_stop_under_four_eyes():
    """With every role between them two can do all of it, one cannot, and the duties say where."""
    process = Process.load("one-stop").bind(Procedure.load("2.000908"))
    alone, two = (check_staffing(process, dict.fromkeys(names, ROLES)) for names in (["lan"], ["lan", "hoa"]))
    assert (False, True, 2) == (alone.enough, two.enough, two.least)
    assert {"four-eyes"} == {finding.code for finding in alone.findings if finding.severity == "error"} - {"unstaffed"}
