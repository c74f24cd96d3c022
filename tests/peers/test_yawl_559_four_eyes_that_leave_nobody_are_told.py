"""yawl/yawl issue 559: a constraint of four eyes can offer a task to nobody, and no warning is given when it is designed."""

from __future__ import annotations

from definitions import small
from qms.staffing import check_staffing

TEXT = '[actions.finish]\nfrom = "waiting"\nto = "done"\nroles = ["head"]\nseparate_from = ["ask"]'


def test_one_person_for_both_eyes_is_a_finding():
    """The only head is the only clerk: who asked cannot finish, and there is nobody else."""
    told = check_staffing(small(TEXT).bind(), {"minh": ["clerk", "head"]}).told()
    (found,) = [each for each in told if each.code == "four-eyes"]
    assert ("finish", "error") == (found.witness[-1], found.severity)


def test_two_people_are_enough():
    """With a second head it can be done whoever asks."""
    told = check_staffing(small(TEXT).bind(), {"minh": ["clerk", "head"], "hoa": ["head"]}).told()
    assert not {found.code for found in told} & {"four-eyes", "unstaffed"}


def test_the_case_says_so_too():
    """`check` of the process with its staff gives the same finding."""
    report = small(TEXT).check(staff={"minh": ["clerk", "head"]})
    assert "four-eyes" in {found.code for found in report.findings}
