"""egov-workflow-v2: one mutable ``AuditDetails`` is shared by a batch; a self-loop of one dossier rewrites who made the others.

Ours: events and cases cannot change; a batch of acts in one transaction keeps for each case who acted, and when.
"""

from __future__ import annotations

import pytest
from attrs import fields
from attrs.exceptions import FrozenInstanceError

from definitions import small
from office import Now, office
from qms.event import Acted, When
from qms.state import Case, Particulars

TEXT = '[actions.note]\nfrom_any = ["waiting"]\nroles = ["clerk"]'


def test_a_batch_keeps_who_acted_on_each_case():
    """Three cases in one transaction, one of them only noted: each history names its own people and instants."""
    now = Now("02 09:00")
    org = office(small(TEXT), now=now)
    ids = [org.open("small", by=person).id for person in ("lan", "mai", "minh")]
    now.to("03 10:00")
    with org.transaction():
        org.act(ids[0], "note", by="minh")
        org.act(ids[1], "finish", by="lan")
        org.act(ids[2], "note", by="mai")
    people = [[event.by for event in org.history(each)][1:] for each in ids]
    assert [["lan", "minh"], ["mai", "lan"], ["minh", "mai"]] == people
    entered = {org.case(each).entered("waiting") for each in (ids[0], ids[2])}
    assert {now.moment.replace(day=2, hour=9)} == entered


@pytest.mark.parametrize("cls", [Acted, When, Case, Particulars])
def test_nothing_of_an_event_or_a_case_can_be_written(cls):
    """Each field refuses, also for classes that are made quickly."""
    made = cls(*range(len(fields(cls))))
    for attribute in fields(cls):
        with pytest.raises(FrozenInstanceError):
            setattr(made, attribute.name, None)
        with pytest.raises(FrozenInstanceError):
            delattr(made, attribute.name)
    with pytest.raises((FrozenInstanceError, AttributeError)):
        made.other = None
