"""Standing in makes nobody two people, and taking back is an act like any other."""

from __future__ import annotations

from definitions import at, small
from office import Now, denied, office
from qms.authority import Delegation, Roster

PROCESS = small("""
parts = ["applicant"]
roles = { clerk = {}, head = {} }
[steps.drafted]
[actions.ask]
from = "new"
to = "waiting"
roles = ["applicant", "clerk"]
names = { applicant = "actor" }
undoable = true
[actions.draft]
from = "waiting"
to = "drafted"
roles = ["clerk"]
undoable = true
[actions.sign]
from = "drafted"
to = "done"
roles = ["head"]
approvals = 2
""")


def asked():
    """An office whose head Hoa lends her role to Mai and Binh; Tam has an interest in An, who has asked."""
    duty = {"role": "head", "since": at("05 00:00"), "until": at("10 00:00"), "basis": "12/QD"}
    table = {"lan": ["clerk"], "tam": ["clerk"], "hoa": ["head"], "minh": ["head"]}
    people = Roster(table, [Delegation("hoa", to, **duty) for to in ("mai", "binh")], conflicts={"tam": ["an"]})
    org = office(PROCESS, people=people, now=Now("05 09:00"))
    return org, org.open("small", by="an").id


def test_who_stands_in_and_for_whom_are_one_approval():
    """Neither Hoa nor another stand-in of hers is the second person after Mai, nor Mai after Hoa; Minh is."""
    for first, others in (("mai", ("hoa", "binh", "mai")), ("hoa", ("mai", "binh"))):
        org, case = asked()
        org.act(case, "draft", by="lan")
        org.act(case, "sign", by=first)
        for other in others:
            with denied("already-approved"):
                org.act(case, "sign", by=other)
        assert org.act(case, "sign", by="minh").closed


def test_who_has_an_interest_takes_nothing_back():
    """Tam may neither draft in the case of An nor undo a draft in it."""
    org, case = asked()
    org.act(case, "draft", by="lan")
    with denied("conflict"):
        org.undo(case, by="tam", reason="a mistake")
    assert org.undo(case, by="lan", reason="a mistake").steps == {"waiting"}


def test_a_stranger_takes_no_opening_back():
    """Anybody may open a case for themselves; what An has opened only An or a clerk takes back."""
    org, case = asked()
    with denied("no-authority"):
        org.undo(case, by="a stranger", reason="a mistake")
    org.undo(case, by="an", reason="a mistake")
