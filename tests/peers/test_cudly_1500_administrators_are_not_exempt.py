"""CUDly issues 1005 and 1500: two of four entry points let administrators pass four-eyes.

Ours: there is no administrator. Who holds every role is kept from signing what they drafted, at every entry.
"""

from __future__ import annotations

from definitions import small
from office import Now, denied, office
from qms.authority import Roster

TEXT = '[actions.finish]\nfrom = "waiting"\nto = "done"\nroles = ["head"]\nseparate_from = ["ask"]'


def test_who_holds_every_role_cannot_sign_their_own_draft():
    """By act, also late, also with a key, also as one who stands in: denied for the same reason."""
    now = Now()
    org = office(small(TEXT), now=now, people=Roster({"root": ["clerk", "head"], "hoa": ["head"]}))
    case = org.open("small", by="root")
    now.to("02 10:00")
    for more in ({}, {"key": "k"}, {"occurred_at": case.entered("waiting").add(minutes=30), "reason": "power cut"}):
        with denied("separation-of-duties"):
            org.act(case.id, "finish", by="root", **more)
    assert () == org.available(case.id, "root")
    assert ("hoa",) == tuple(org.who_can(case.id, "finish"))
    assert {"done"} == org.act(case.id, "finish", by="hoa").steps
