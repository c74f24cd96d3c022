"""What is kept is handed over, destroyed by two, or pruned; every proof holds (scenarios 47 and 50)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from definitions import small
from office import Now, denied, office
from qms import erasure
from qms.authority import Roster
from qms.checkpoint import Signer
from qms.errors import InvalidInput, NotFound, StoreError
from qms.organization import Organization
from qms.process import Process
from qms.stores.anchors import FileAnchor
from qms.stores.sqlite import SQLiteStore

PROCESS = """
subject = "applicant"
parts = ["applicant"]
due = "legal"
limits.legal = "3 working days"
retention = "1 year"
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
form = "Paper"
names.applicant = "form.applicant"
clocks.legal = "start"
"""
PHONE = "0903 000 111"
KEY = Signer.from_seed("office.example/log", bytes(range(32)))
STAFF = Roster(
    {
        "lan": ["clerk", "records-officer", "destruction-board"],
        "hoa": ["destruction-board"],
        "minh": ["destruction-board"],
    }
)


def desk(tmp_path: Path | None = None, **more: Any) -> tuple[Organization, Now]:
    """An office with two cases that ended on 3 January 2024, each with a phone number; kept a year."""
    now = Now("02 09:00")
    store = None if tmp_path is None else SQLiteStore(tmp_path / "office.db")
    org = office(
        small(PROCESS), Process.load("destruction"), now=now, store=store, people=STAFF, keys=KEY.vkey, name="office", **more
    )
    for _ in range(2):
        org.open("small", by="lan", form={"title": "x", "applicant": "an", "phone": PHONE})
    now.to("03 10:00")
    for case in ("a", "b"):
        org.act(case, "finish", by="lan")
    return org, now


def later(now: Now) -> None:
    """A year and more on, within the calendar."""
    now.moment = now.moment.replace(year=2025, month=6, day=2)


# Scenario 47: hand-over to the archive


def test_a_hand_over_is_due_a_year_after_the_end():
    """Waiting, soon on the day before and on the day, overdue from the day after; in words and as data."""
    org, now = desk()
    states = []
    for day in ("2024-06-01", "2025-01-02", "2025-01-03", "2025-01-04"):
        now.moment = now.moment.fromisoformat(f"{day}T09:00:00+07:00")
        states.append(org.trail.due_for_archive()[0].state)
    first, second = org.trail.due_for_archive("1 year")
    assert ["waiting", "soon", "soon", "overdue"] == states
    assert {"case": "a", "ended": "2024-01-03", "due": "2025-01-03", "state": "overdue"} == first.to_tree()
    assert "b: kết thúc 2024-01-03, hạn nộp lưu 2025-01-03: quá hạn" == second.text("vi")


def test_what_is_due_later_is_left_out_when_a_time_is_given():
    """Two months before the due day, one month finds nothing."""
    org, now = desk()
    now.moment = now.moment.replace(month=11)
    assert (0, 2) == (len(org.trail.due_for_archive("1 month")), len(org.trail.due_for_archive("3 months")))
    with pytest.raises(InvalidInput, match="days, weeks, months or years"):
        org.trail.due_for_archive("3 working days")


def test_without_lists_nothing_is_handed_over():
    """Two lists and two minutes; each that is missing is told."""
    org, _ = desk()
    with denied("no-lists", "no-lists") as reasons:
        org.trail.hand_over("a", by="lan", to="archive", lists=[], minutes=[b"m"])
    assert "it takes 2 signed copies of the minutes, and there are 1" in str(reasons[1])
    assert () == org.trail.hand_overs()


def test_what_was_handed_over_is_due_no_more():
    """The log has the digests of the copies; a second time is denied."""
    org, _ = desk()
    made = org.trail.archive_list("a")
    copies = [made.text("vi").encode()] * 2
    minutes = [made.minutes("Lan", "Kho lưu trữ", "2024-02-01", "vi").encode()] * 2
    done = org.trail.hand_over("a", by="lan", to="archive", lists=copies, minutes=minutes)
    assert (("a",), (done,)) == (done.cases, org.trail.hand_overs())
    assert ["b"] == [due.case for due in org.trail.due_for_archive()]
    with denied("handed-over"):
        org.trail.archive_list("a")


def test_the_list_says_what_the_archive_gets():
    """How many records, and their root, by which it checks them."""
    org, _ = desk()
    made = org.trail.archive_list("a", "b")
    assert "1. a · small · 2024-01-02 to 2024-01-03 · 3 records · kept 1 year" in made.text()
    assert [made.lines[0].root.hex(), 3] == [made.to_tree()["cases"][0][key] for key in ("root", "records")]


def test_an_open_case_is_not_handed_over():
    """Nor one that is not there."""
    org, _ = desk()
    org.open("small", by="lan", form={"title": "x", "applicant": "an", "phone": PHONE})
    with denied("still-open"):
        org.trail.archive_list("c")
    with pytest.raises(NotFound):
        org.trail.archive_list("z")


# Scenario 50: destruction


def listed(org: Organization, *cases: str) -> str:
    """A list for destruction of *cases*."""
    form = {"cases": list(cases), "basis": "schedule 7, decision 12"}
    return org.open("destruction", by="lan", id="d-1", form=form).id


def test_two_approve_and_the_values_are_gone():
    """The second approval closes the list, erases, and leaves the certificate; proofs hold."""
    org, now = desk()
    later(now)
    store: Any = org.store
    size, root = store.size, store.root()
    listed(org, "a", "b")
    org.act("d-1", "destroy", by="hoa")
    before = dict(store.private("a", 2))
    org.act("d-1", "destroy", by="minh")
    (made,) = org.trail.certificates()
    assert (1, {}, {}) == (len(before), store.private("a", 2), store.private("b", 2))
    assert (("a", "b"), 2, ("hoa", "minh")) == (made.cases, made.values, made.by)
    assert (root, True, ()) == (store.root(size), org.trail.verify().consistent, org.trail.lost())
    assert made == org.trail.certify("d-1")


def test_a_certificate_says_it_in_words():
    """In English and Vietnamese."""
    org, now = desk()
    later(now)
    listed(org, "a")
    for who in ("hoa", "minh"):
        org.act("d-1", "destroy", by=who)
    (made,) = org.trail.certificates()
    assert "List d-1: 1 cases, 1 personal values. Destroyed 02/06/2025 10:00." in made.text()
    assert "Người phê duyệt: hoa, minh" in made.text("vi")


def test_who_made_the_list_does_not_approve_it():
    """Nor does one person approve twice."""
    org, now = desk()
    later(now)
    listed(org, "a")
    with denied("separation-of-duties"):
        org.act("d-1", "destroy", by="lan")
    org.act("d-1", "destroy", by="hoa")
    with denied("already-approved"):
        org.act("d-1", "destroy", by="hoa")


def test_retention_and_holds_refuse_approval():
    """Every reason for every case, unknown ones too; the denial is remembered."""
    org, _ = desk()
    org.trail.hold("b", by="hoa", basis="complaint 7")
    listed(org, "a", "b", "z")
    with denied("no-such-case", "on-hold", "retained", "retained"):
        org.act("d-1", "destroy", by="hoa")
    assert ("destroy", "hoa") == (org.trail.denials("d-1")[0].action, org.trail.denials("d-1")[0].by)


def test_a_hold_between_the_approvals_refuses_the_second():
    """The list waits until it is released."""
    org, now = desk()
    later(now)
    listed(org, "a")
    org.act("d-1", "destroy", by="hoa")
    org.trail.hold("a", by="hoa", basis="inspection")
    with denied("on-hold"):
        org.act("d-1", "destroy", by="minh")
    org.trail.release("a", by="hoa", basis="inspection over")
    assert org.act("d-1", "destroy", by="minh").closed


def test_what_a_transaction_closed_is_carried_out_after_it():
    """Inside, nothing is erased, since it may be taken back."""
    org, now = desk()
    later(now)
    listed(org, "a")
    org.act("d-1", "destroy", by="hoa")
    with org.transaction():
        org.act("d-1", "destroy", by="minh")
        with pytest.raises(InvalidInput, match="after the commit"):
            org.trail.certify("d-1")
    assert {} != org.store.private("a", 2)
    org.trail.certify("d-1")
    assert {} == org.store.private("a", 2)


def test_what_was_not_approved_is_not_certified():
    """Nor is what is no list."""
    org, now = desk()
    later(now)
    listed(org, "a")
    with denied("not-approved"):
        org.trail.certify("d-1")
    with pytest.raises(InvalidInput, match="not a list"):
        org.trail.certify("a")


# Pruning, and copies


def pruned(tmp_path: Path) -> tuple[Organization, Now, bytes, int]:
    """The office after everything was destroyed and pruned under a signed checkpoint; its root and size then."""
    org, now = desk(tmp_path, anchor=FileAnchor(tmp_path / "last.txt"))
    later(now)
    org.trail.erase(subject="an", basis="schedule 7", by="hoa")
    org.open("small", by="lan", id="open", form={"title": "x", "applicant": "binh", "phone": PHONE})
    note = org.trail.checkpoint(KEY)
    org.trail.prune(by="hoa", basis="decision 12")
    return org, now, note.root, note.size


def test_bodies_are_dropped_and_the_log_still_verifies(tmp_path):
    """Complete by the checkpoint; the note says by whose decision."""
    org, _, root, size = pruned(tmp_path)
    store: Any = org.store
    found = org.trail.verify()
    (decision,) = org.trail.prunings()
    assert (True, True, root) == (found.consistent, found.complete, store.root(size))
    assert ["6 records up to position"] == [n.message[:24] for n in found.notes if n.code == "pruned"]
    assert (2, 6, "hoa", "decision 12") == (decision.cases, decision.records, decision.by, decision.basis)


def test_the_file_holds_nothing_of_what_was_pruned(tmp_path):
    """Neither the file nor the log beside it: but for the record that ends each case."""
    org, *_ = pruned(tmp_path)
    files = b"".join(path.read_bytes() for path in tmp_path.glob("office.db*"))
    org.store.close()
    assert (1, 1) == (files.count(b'"stream":"a"'), files.count(b'"stream":"b"'))
    assert files.count(b'"stream":"open"')


def test_a_pruned_case_is_archived_and_the_rest_goes_on(tmp_path):
    """Asked for, it says so; its id is not used again; open cases are acted on."""
    org, *_ = pruned(tmp_path)
    with pytest.raises(NotFound, match="a was archived"):
        org.history("a")
    assert ["open"] == [case.id for case in org.cases()]
    assert org.act("open", "finish", by="lan").closed
    told = [event["type"] for event in org.trail.cloudevents() if event["subject"] in ("a", "b")]
    assert ["qms.pruned"] * 6 + ["qms.record.pruned"] * 2 == told


def test_a_fresh_reader_opens_a_pruned_store(tmp_path):
    """What is in force is still read from the log."""
    org, now, *_ = pruned(tmp_path)
    org.store.close()
    again = office(
        small(PROCESS), Process.load("destruction"), now=now, store=SQLiteStore(tmp_path / "office.db"), people=STAFF
    )
    assert again.case("open").open and again.trail.verify().consistent


def test_more_bodies_gone_than_decided_is_found(tmp_path):
    """A body dropped by hand is no pruning."""
    org, *_ = pruned(tmp_path)
    store: Any = org.store
    first = next(entry.stream for entry in store.scan() if entry.data)
    store._begin()
    from qms.stores.sqlite_care import drop_bodies

    drop_bodies(store._db, [first], 1)
    store._commit(1)
    found = org.trail.verify()
    assert not found.consistent and "altered" == found.findings[0].code


def test_a_body_taken_from_another_case_is_found(tmp_path):
    """Even as many as were pruned, where those were put back: each case says itself whether it was."""
    org, *_ = pruned(tmp_path)
    org.store.close()
    with closing(sqlite3.connect(tmp_path / "office.db")) as db, db:
        for (guard,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {guard}")
        (stream,) = db.execute("SELECT id FROM qms_stream WHERE name = 'open'").fetchone()
        db.execute("UPDATE qms_entry SET data = x'' WHERE stream = ?", (stream,))
        db.execute("DELETE FROM qms_row WHERE stream = ?", (stream,))
        db.execute("DELETE FROM qms_private WHERE stream = ?", (stream,))
    with SQLiteStore(tmp_path / "office.db", read_only=True) as store:
        found = store.verify()
    assert {("altered", "open")} <= {(each.code, each.stream) for each in found.findings}


def test_pruned_cases_cannot_change_names(tmp_path):
    """The record that ends each says which it is."""
    org, *_ = pruned(tmp_path)
    org.store.close()
    with closing(sqlite3.connect(tmp_path / "office.db")) as db, db:
        for (guard,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {guard}")
        for old, new in (("a", "z"), ("b", "a"), ("z", "b")):
            db.execute("UPDATE qms_stream SET name = ? WHERE name = ?", (new, old))
    with SQLiteStore(tmp_path / "office.db", read_only=True) as store:
        assert {"moved"} == {each.code for each in store.verify().findings}


def test_a_case_in_the_memory_of_another_is_not_acted_on(tmp_path):
    """Pruned meanwhile, it is archived for it too, and nothing is written after its end."""
    org, now = desk(tmp_path)
    other = office(
        small(PROCESS), Process.load("destruction"), now=now, store=SQLiteStore(tmp_path / "office.db"), people=STAFF
    )
    later(now)
    assert not other.case("a").open
    org.trail.erase(subject="an", basis="schedule 7", by="hoa")
    org.trail.prune(org.trail.checkpoint(KEY), by="hoa", basis="decision 12")
    for act in (
        lambda: other.act("a", "finish", by="lan"),
        lambda: other.case("a"),
        lambda: other.act("a", "finish", by="lan"),
    ):
        with pytest.raises(NotFound, match="a was archived"):
            act()
    assert org.trail.verify().consistent and [] == list(org.outbox())


def test_what_comes_between_is_judged_again(tmp_path, monkeypatch):
    """A hold, or a record of a case, while it is decided what to prune: the one kept is left, the other pruned."""
    org, now = desk(tmp_path)
    later(now)
    org.trail.erase(subject="an", basis="schedule 7", by="hoa")
    note = org.trail.checkpoint(KEY)

    def between(*given):
        monkeypatch.setattr("qms.pruning.reasons", erasure.reasons)
        org.trail.hold("a", by="judge", basis="court")
        return erasure.reasons(*given)

    monkeypatch.setattr("qms.pruning.reasons", between)
    done = org.trail.prune(note, by="hoa", basis="decision 12")
    assert (1, "a", []) == (done.cases, org.case("a").id, [f.code for f in org.trail.verify().findings])
    org.trail.release("a", by="judge", basis="court")
    assert 1 == org.trail.prune(note, by="hoa", basis="decision 12").cases


def test_what_is_on_hold_is_not_pruned(tmp_path):
    """Its values were erased before, and nothing else keeps it."""
    org, now = desk(tmp_path)
    later(now)
    org.trail.erase(subject="an", basis="schedule 7", by="hoa")
    org.trail.hold("a", "b", by="judge", basis="court")
    note = org.trail.checkpoint(KEY)
    assert (0, 0) == (org.trail.prune(note, by="hoa", basis="x").cases, len(org.trail.prunings()))


def test_what_is_kept_is_not_pruned(tmp_path):
    """Within retention, or while personal values are there, nothing is."""
    org, now = desk(tmp_path)
    note = org.trail.checkpoint(KEY)
    within = org.trail.prune(note, by="hoa", basis="x")
    later(now)
    unerased = org.trail.prune(note, by="hoa", basis="x")
    assert (0, 0) == (within.cases, unerased.cases)


def test_pruning_needs_a_signed_checkpoint_a_basis_and_a_file(tmp_path):
    """Each is said."""
    org, _ = desk(tmp_path)
    with pytest.raises(InvalidInput, match="signed checkpoint"):
        org.trail.prune(by="hoa", basis="x")
    note = org.trail.checkpoint(KEY)
    with pytest.raises(InvalidInput, match="basis"):
        org.trail.prune(note, by="hoa", basis=" ")
    memory, _ = desk()
    with pytest.raises(InvalidInput, match="cannot be pruned"):
        memory.trail.prune(memory.trail.checkpoint(KEY), by="hoa", basis="x")


def test_a_copy_is_whole_and_an_old_one_is_told(tmp_path):
    """It says what it holds; restored later, the checkpoint finds what is missing."""
    org, now = desk(tmp_path)
    store: Any = org.store
    size, root = store.backup(tmp_path / "copy.db")
    assert (store.size, store.root()) == (size, root)
    org.act("a", "finish", by="lan") if not org.case("a").closed else org.open(
        "small", by="lan", form={"title": "x", "applicant": "an", "phone": PHONE}
    )
    note = org.trail.checkpoint(KEY)
    restored = office(
        small(PROCESS),
        Process.load("destruction"),
        now=now,
        store=SQLiteStore(tmp_path / "copy.db"),
        people=STAFF,
        keys=KEY.vkey,
    )
    found = restored.trail.verify(note)
    assert (True, False) == (found.consistent, found.complete)
    assert f"{note.size} records, and {size} are left" in str(found)


def test_a_copy_writes_over_nothing(tmp_path):
    """A file that is there stays."""
    org, _ = desk(tmp_path)
    store: Any = org.store
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(StoreError, match="exists; name another"):
        store.backup(tmp_path / "copy.db")
    assert "mine" == (tmp_path / "copy.db").read_text()
    assert json.dumps(sorted(p.name for p in tmp_path.glob(".copy*"))) == "[]"
