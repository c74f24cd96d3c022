"""Who looked at what: recorded where an organization asks for it, before anything is shown."""

from __future__ import annotations

from typing import Any

import pytest

from definitions import small
from office import Now, office
from qms.errors import Denied, InvalidInput
from qms.organization import Organization
from qms.ports import Query
from qms.stores.memory import MemoryStore


def desk(**more: Any) -> Organization:
    """An office with one case."""
    org = office(small(), now=Now("02 09:00"), **more)
    org.open("small", by="lan")
    return org


def test_a_look_is_recorded_with_who_and_what_for():
    """The case, its history, a list; each before it is shown."""
    org = desk(log_reads=True)
    with org.reading(by="hoa", purpose="complaint 7"):
        org.case("a")
        org.history("a")
        list(org.cases(Query(process="small")))
    assert [("case", "hoa", "complaint 7"), ("history", "hoa", "complaint 7")] == [
        (look.what, look.by, look.purpose) for look in org.trail.reads("a")
    ]
    (listed,) = org.trail.reads()
    assert ("list", {"process": "small"}) == (listed.what, dict(listed.asked))
    assert org.trail.verify().consistent


def test_nobody_looks_without_a_name():
    """Outside of a span nothing is shown; acting needs none."""
    org = desk(log_reads=True)
    for look in (
        lambda: org.case("a"),
        lambda: org.history("a"),
        lambda: list(org.cases()),
        lambda: org.explain("a", "x", "lan"),
    ):
        with pytest.raises(InvalidInput, match="who looks is recorded here"):
            look()
    assert () == org.trail.reads("a")
    assert org.act("a", "finish", by="lan").closed


@pytest.mark.parametrize(("by", "purpose"), [("", "x"), ("hoa", " "), (None, "x"), ("hoa", 5)])
def test_a_look_names_who_and_what_for(by, purpose):
    """Neither is blank."""
    with pytest.raises(InvalidInput, match="says nothing"), desk(log_reads=True).reading(by=by, purpose=purpose):
        pass


def test_personal_values_and_lists_of_cases_are_looks():
    """Each is recorded before it is shown, and shown to nobody without a name."""
    org = desk(log_reads=True)
    org.act("a", "finish", by="lan")
    shown = (
        lambda: org.trail.personal("a"),
        lambda: org.trail.archive_list("a"),
        org.overdue,
        lambda: org.trail.due_for_archive("20 years"),
    )
    for look in shown:
        with pytest.raises(InvalidInput, match="who looks is recorded here"):
            look()
    with org.reading(by="hoa", purpose="inspection"):
        for look in shown:
            look()
    assert ["personal", "archive-list"] == [look.what for look in org.trail.reads("a")]
    assert [("overdue", None), ("due-for-archive", "20 years")] == [
        (look.what, look.asked.get("within")) for look in org.trail.reads()
    ]


def test_an_export_is_a_look():
    """With its form and where it began."""
    org = desk(log_reads=True)
    with org.reading(by="hoa", purpose="statistics"):
        list(org.trail.cloudevents(2))
    (look,) = org.trail.reads()
    assert ("export", {"form": "cloudevents", "after": 2}) == (look.what, dict(look.asked))


def test_what_cannot_be_recorded_is_not_shown(monkeypatch):
    """The record goes first."""
    org = desk(log_reads=True)
    with org.reading(by="hoa", purpose="x"), monkeypatch.context() as broken:
        broken.setattr(MemoryStore, "append", lambda *_: (_ for _ in ()).throw(OSError("the disk is full")))
        with pytest.raises(OSError, match="full"):
            org.case("a")


def test_looks_are_off_unless_asked_for():
    """Nothing is written by looking."""
    org = desk()
    size = org.trail.size
    org.case("a"), org.history("a"), list(org.cases())
    assert (size, ()) == (org.trail.size, org.trail.reads("a"))


def test_denied_attempts_are_always_kept():
    """With the codes of their reasons."""
    org = desk()
    with pytest.raises(Denied):
        org.act("a", "finish", by="hoa")
    (denied,) = org.trail.denials("a")
    assert ("a", "finish", "hoa", ("no-authority",)) == (denied.case, denied.action, denied.by, denied.codes)
