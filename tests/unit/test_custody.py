"""The trail in custody: signed only where it continues, anchored, witnessed, its keys replaced by the record, and verified."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from pathlib import Path

import pytest

from definitions import small
from office import office
from qms import rotation
from qms.checkpoint import COSIGNATURE, CheckpointNote, Note, Signer, VerifierKey, cosignatures, open_note
from qms.codec import decode, encode
from qms.custody import Trail
from qms.errors import Conflict, Inconsistent, InvalidInput, StoreError, Untrusted
from qms.ports import Write
from qms.rotation import STREAM, Rotation, in_force, rotation_record, rotations
from qms.stores import DatabaseAnchor, FileAnchor, MemoryAnchor, MemoryStore, SQLiteStore
from qms.witness import Answer, Witness, ask, read_request, request

LOG = Signer.from_seed("office.example/log", bytes(32))
NEXT = Signer.from_seed("office.example/log", b"n" * 32)
OTHER = Signer.from_seed("other.example/log", b"o" * 32)
WITNESS = Signer.from_seed("witness.example/w", b"w" * 32, COSIGNATURE)
NOW = 1_700_000_000


def worked(*ids, **more):
    """An office in which the cases *ids* were opened."""
    org = office(small(), **more)
    for name in ids:
        org.open("small", by="lan", id=name)
    return org


@pytest.fixture(params=["memory", "file", "database"])
def anchor(request, tmp_path):
    """An anchor of each kind that keeps."""
    if request.param == "file":
        return FileAnchor(tmp_path / "last.txt")
    return MemoryAnchor() if request.param == "memory" else DatabaseAnchor(sqlite3.connect(":memory:"))


# Signing


def test_what_is_signed_is_the_log_as_it_is(anchor):
    """Origin is the name of the key; size and root are those of the log; and it is kept before it is given back."""
    org = worked("a")
    note = org.trail.checkpoint(LOG, anchor=anchor)
    assert (LOG.name, org.trail.size, org.trail.root) == (note.origin, note.size, note.root)
    assert str(note) == anchor.last()


def test_a_log_that_grew_is_signed_again(anchor):
    """Each checkpoint continues the one before."""
    org = worked("a")
    first = org.trail.checkpoint(LOG, anchor=anchor)
    org.open("small", by="lan", id="b")
    second = org.trail.checkpoint(LOG, anchor=anchor)
    assert (str(second), True) == (anchor.last(), second.size > first.size)


def test_the_same_log_is_signed_alike(anchor):
    """Nothing changed: the same bytes, and nothing new to keep."""
    org = worked("a")
    assert org.trail.checkpoint(LOG, anchor=anchor) == org.trail.checkpoint(LOG, anchor=anchor)


def test_a_log_cut_short_is_not_signed(anchor):
    """An old copy was put back: the records that are missing are named, and the anchor keeps what it had."""
    last = worked("a", "b").trail.checkpoint(LOG, anchor=anchor)
    with pytest.raises(Inconsistent, match=f"records 6 to {last.size} are missing"):
        worked("a").trail.checkpoint(LOG, anchor=anchor)
    assert str(last) == anchor.last()


@pytest.mark.parametrize("ids", [("b", "a"), ("b", "a", "c")])
def test_a_log_written_anew_is_not_signed(anchor, ids):
    """Of the same size and of a larger one: two histories are never signed."""
    last = worked("a", "b").trail.checkpoint(LOG, anchor=anchor)
    with pytest.raises(Inconsistent, match="written anew"):
        worked(*ids).trail.checkpoint(LOG, anchor=anchor)
    assert str(last) == anchor.last()


def test_an_anchor_that_somebody_wrote_to_is_not_believed(anchor):
    """What is in it must be signed by the keys of this log."""
    org = worked("a")
    anchor.keep(str(CheckpointNote(OTHER.name, 1, bytes(32)).sign(OTHER)), None)
    with pytest.raises(Untrusted):
        org.trail.checkpoint(LOG, anchor=anchor)


@pytest.mark.parametrize("signers", [[], [LOG, OTHER], WITNESS])
def test_a_checkpoint_is_signed_by_keys_of_the_log(signers):
    """None, keys of two logs, or a witness's: refused."""
    with pytest.raises(InvalidInput):
        worked("a").trail.checkpoint(signers)


@pytest.mark.parametrize("signers", [None, 5, LOG.secret, [LOG.vkey], [LOG, None]])
def test_what_is_no_key_signs_nothing_and_is_not_repeated(signers):
    """It may be a secret."""
    with pytest.raises(InvalidInput, match="no key that signs") as refused:
        worked("a").trail.checkpoint(signers)
    assert "PRIVATE" not in str(refused.value)


def test_what_may_be_taken_back_is_not_signed(tmp_path):
    """Inside a transaction, and over a store in a caller's: refused."""
    org = worked("a")
    with org.transaction(), pytest.raises(InvalidInput, match="not committed"):
        org.trail.checkpoint(LOG)
    db = sqlite3.connect(tmp_path / "own.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    with pytest.raises(InvalidInput, match="not committed"):
        worked("a", store=SQLiteStore.on(db)).trail.checkpoint(LOG)
    db.close()


def test_an_anchor_may_be_a_callable_or_several():
    """Each is told; one that remembers nothing is held to what it was sent."""
    sent, kept = [], MemoryAnchor()
    org = worked("a", anchor=[kept, sent.append])
    first = org.trail.checkpoint(LOG)
    org.open("small", by="lan", id="b")
    second = org.trail.checkpoint(LOG)
    assert ([str(first), str(second)], str(second)) == (sent, kept.last())


@pytest.mark.parametrize("anchor", ["last.txt", Path("last.txt"), 5, [MemoryAnchor(), "last.txt"]])
def test_a_path_is_no_anchor(anchor):
    """It is refused when the office is made, and the error says what to write for a file."""
    with pytest.raises(InvalidInput, match=r"write FileAnchor\(path\)"):
        worked(anchor=anchor)


def test_the_largest_of_several_anchors_counts():
    """One that was put back does not let the log be cut."""
    org = worked("a")
    whole, old = MemoryAnchor(), MemoryAnchor(str(org.trail.checkpoint(LOG)))
    org.open("small", by="lan", id="b")
    org.trail.checkpoint(LOG, anchor=whole)
    with pytest.raises(Inconsistent, match="missing"):
        worked("a").trail.checkpoint(LOG, anchor=[old, whole])


@pytest.mark.parametrize("is_file", [False, True])
def test_of_two_signers_at_once_both_sign_what_continues(is_file, tmp_path):
    """The second reads what the first kept, and signs anew."""
    anchor = FileAnchor(tmp_path / "last.txt") if is_file else MemoryAnchor()
    org = worked("a")
    notes = []
    threads = [threading.Thread(target=lambda: notes.append(org.trail.checkpoint(LOG, anchor=anchor))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(org.trail.checkpoint(LOG, anchor=anchor))] * 4 == [str(note) for note in notes]


# Anchors


def test_an_anchor_keeps_only_after_the_note_it_was_judged_by(anchor):
    """Compare and set: the second of two that read the same is refused."""
    anchor.keep("one\n", None)
    for after in (None, "other\n"):
        with pytest.raises(Conflict):
            anchor.keep("two\n", after)
    anchor.keep("two\n", "one\n")
    assert "two\n" == anchor.last()


def test_a_file_that_cannot_be_written_keeps_the_note_before(tmp_path):
    """The error names the file, and nothing half-written is left."""
    anchor = FileAnchor(tmp_path / "none" / "last.txt")
    with pytest.raises(StoreError, match=r"last\.txt"):
        anchor.keep("one\n", None)
    anchor = FileAnchor(tmp_path / "last.txt")
    anchor.keep("one\n", None)
    assert ["last.txt"] == [path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")]


def test_a_folder_or_bytes_are_no_anchor(tmp_path):
    """What is there but cannot be read is not taken for nothing."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for name in (".", "bytes"):
        with pytest.raises(StoreError):
            FileAnchor(tmp_path / name).last()


def test_a_database_keeps_every_note_of_every_log():
    """As rows that are only added."""
    db = sqlite3.connect(":memory:")
    one, two = DatabaseAnchor(db, "one"), DatabaseAnchor(db, "two")
    one.keep("a\n", None)
    one.keep("b\n", "a\n")
    two.keep("c\n", None)
    assert ("b\n", "c\n", 3) == (one.last(), two.last(), db.execute("SELECT count(*) FROM qms_anchor").fetchone()[0])
    db.close()
    with pytest.raises(StoreError, match="cannot be kept or read"):
        one.last()


@pytest.mark.postgres
def test_a_postgresql_database_is_an_anchor(postgres_url):
    """As any other: what is kept is kept, and of two writers the second is told."""
    import psycopg

    with psycopg.connect(postgres_url) as one, psycopg.connect(postgres_url) as two:
        log = secrets.token_hex(8)
        first, second = DatabaseAnchor(one, log), DatabaseAnchor(two, log)
        note = worked("a").trail.checkpoint(LOG, anchor=first)
        assert str(note) == second.last()
        with pytest.raises(Conflict):
            second.keep("other\n", None)


def test_a_note_that_was_not_kept_is_not_given_back(tmp_path):
    """The anchor fails: so does signing."""
    with pytest.raises(StoreError):
        worked("a").trail.checkpoint(LOG, anchor=FileAnchor(tmp_path / "none" / "last.txt"))


# Verifying


def test_with_a_checkpoint_the_log_is_complete_or_says_what_is_missing(tmp_path):
    """As a note, its text, its file, or size and root; from the anchor when none is given."""
    org = worked("a", "b", anchor=FileAnchor(tmp_path / "last.txt"), keys=LOG.vkey)
    assert org.trail.verify().complete is None
    note = org.trail.checkpoint(LOG)
    org.open("small", by="lan", id="c")
    for given in (None, note, str(note), note.data, tmp_path / "last.txt", str(tmp_path / "last.txt"), note.head):
        assert (True, True) == (org.trail.verify(given).consistent, org.trail.verify(given).complete)
    found = worked("a").trail.verify(note, keys=[LOG.vkey])
    assert (False, True) == (found.complete, f"covers {note.size}" in str(found))
    assert worked("b", "a").trail.verify(note, keys=LOG.vkey).complete is False


def test_a_checkpoint_by_nobody_known_proves_nothing():
    """No keys, other keys, or a note with another size: refused, before anything is read."""
    org = worked("a")
    note = org.trail.checkpoint(LOG)
    with pytest.raises(InvalidInput, match="no key is given"):
        org.trail.verify(note)
    for keys, given in ((OTHER.vkey, note), (LOG.vkey, str(note).replace(f"\n{note.size}\n", "\n1\n"))):
        with pytest.raises(Untrusted):
            org.trail.verify(given, keys=keys)
    with pytest.raises(InvalidInput, match="cannot be read"):
        org.trail.verify("nowhere.txt", keys=LOG.vkey)


@pytest.mark.parametrize(
    "given", [5, 1.5, ["x"], (None, bytes(32)), (5, None), (float("nan"), bytes(32)), (True, bytes(32)), (-1, bytes(32)), (1,)]
)
def test_what_is_no_checkpoint_is_refused(given):
    """As a checkpoint, and as the one to go on from."""
    org = worked("a", keys=LOG.vkey)
    for name in ("checkpoint", "since"):
        with pytest.raises(InvalidInput, match="checkpoint"):
            org.trail.verify(**{name: given})


def test_a_checkpoint_of_another_tenant_is_refused():
    """The key of one log does not open the notes of another, although both are honest."""
    theirs = worked("a").trail.checkpoint(OTHER)
    with pytest.raises(Untrusted):
        worked("a").trail.verify(theirs, keys=LOG.vkey)


# Keys that follow each other


def test_a_key_is_replaced_by_a_record_that_both_sign():
    """Whoever knows either of them knows both, each for its sizes."""
    org = worked("a")
    before = org.trail.checkpoint(LOG)
    org.trail.rotate(LOG, NEXT, by="hoa", reason="yearly")
    with pytest.raises(Untrusted, match="retired"):
        org.trail.checkpoint([LOG, NEXT])
    after = org.trail.checkpoint(NEXT)
    for keys in (LOG.vkey, NEXT.vkey):
        assert f"{LOG.vkey} until={before.size}\n{NEXT.vkey} since={before.size}" == "\n".join(
            sorted(str(org.trail.keyring(keys)).split("\n"), key=lambda line: "since" in line)
        )
        assert (True, True) == (org.trail.verify(before, keys=keys).complete, org.trail.verify(after, keys=keys).complete)


def test_a_retired_key_signs_nothing_and_forges_nothing():
    """Not by this library, and not by hand: what it signs after is refused by whoever knows of the rotation."""
    org = worked("a")
    org.trail.rotate(LOG, NEXT, by="hoa", reason="lost a copy")
    org.open("small", by="lan", id="b")
    with pytest.raises(Untrusted, match="retired"):
        org.trail.checkpoint(LOG)
    forged = CheckpointNote(LOG.name, org.trail.size, org.trail.root).sign(LOG)
    with pytest.raises(Untrusted, match="retired"):
        org.trail.verify(forged, keys=[NEXT.vkey])
    with pytest.raises(Untrusted, match="retired already"):
        org.trail.rotate(LOG, Signer.from_seed(LOG.name, b"z" * 32), by="hoa", reason="again")
    with pytest.raises(Untrusted, match="never comes back"):
        org.trail.rotate(NEXT, LOG, by="hoa", reason="back")


def test_after_a_rotation_the_old_checkpoint_is_still_continued(anchor):
    """The new key vouches for the one before it."""
    org = worked("a")
    org.trail.checkpoint(LOG, anchor=anchor)
    org.trail.rotate(LOG, NEXT, by="hoa", reason="yearly")
    assert org.trail.checkpoint(NEXT, anchor=anchor).size == org.trail.size
    with pytest.raises(Inconsistent):
        worked("b").trail.checkpoint(LOG, anchor=MemoryAnchor(str(worked("a", "c").trail.checkpoint(LOG))))


ROOT = bytes(range(32))


def test_a_rotation_is_pinned():
    """What is recorded today must be read tomorrow: the signed text, and the record around it."""
    record = decode(rotation_record(1, (20, ROOT), LOG, NEXT, 1_700_000_000_000_000, "hoa", "yearly"))
    assert {
        "stream": STREAM,
        "seq": 1,
        "type": "key.rotated",
        "at": 1_700_000_000_000_000,
        "by": "hoa",
        "reason": "yearly",
    } == {key: value for key, value in record.items() if key != "note"}
    text = f"qms key rotation\noffice.example/log\n20\n{ROOT.hex()}\n{LOG.vkey}\n{NEXT.vkey}\n"
    assert (text, Rotation(LOG.name, 20, ROOT, LOG.key, NEXT.key)) == (
        Note.parse(record["note"]).text,
        Rotation.parse(record["note"]),
    )


@pytest.mark.parametrize("signers", [[LOG], [NEXT], [OTHER, NEXT]])
def test_a_rotation_that_one_of_the_keys_did_not_sign_is_none(signers):
    """Neither may be put in place of the other alone."""
    text = Rotation(LOG.name, 20, ROOT, LOG.key, NEXT.key).text
    note = Note(text, tuple(signer.sign(text) for signer in signers)).data
    with pytest.raises(Untrusted, match="both keys"):
        Rotation.parse(note)
    store = MemoryStore()
    store.append([Write(STREAM, 0, (encode({"stream": STREAM, "seq": 1, "type": "key.rotated", "note": note.decode()}),))])
    with pytest.raises(Untrusted):
        rotations(store.read(STREAM), lambda head: True)


def test_a_rotation_is_no_checkpoint_and_the_other_way_round():
    """The texts cannot be taken for each other."""
    text = Rotation(LOG.name, 20, ROOT, LOG.key, NEXT.key).text
    with pytest.raises(InvalidInput):
        open_note(Note(text, (LOG.sign(text),)).data, LOG.vkey)
    with pytest.raises(InvalidInput):
        Rotation.parse(CheckpointNote(LOG.name, 7, bytes(32)).sign(LOG).data)


@pytest.mark.parametrize(("old", "new"), [(LOG, OTHER), (LOG, LOG), (WITNESS, WITNESS)])
def test_a_key_is_replaced_by_another_of_its_name(old, new):
    """Not of another log, and not by itself."""
    with pytest.raises(InvalidInput):
        worked("a").trail.rotate(old, new, by="hoa", reason="yearly")


THIRD = Signer.from_seed(LOG.name, b"3" * 32)
FIRST_ROTATION = Rotation(LOG.name, 20, ROOT, LOG.key, NEXT.key)


def test_rotations_chain():
    """Three keys: whoever trusts one trusts the three, each for its sizes."""
    known = [FIRST_ROTATION, Rotation(LOG.name, 50, ROOT, NEXT.key, THIRD.key)]
    spans = {LOG.key: (0, 20), NEXT.key: (20, 50), THIRD.key: (50, None)}
    for keys in (LOG.vkey, NEXT.vkey, THIRD.vkey):
        assert spans == {each.key: (each.since, each.until) for each in in_force(keys, known).keys}
    assert 1 == len(in_force(OTHER.vkey, known).keys)


def test_a_key_that_is_given_as_retired_names_none_after_it():
    """Whoever knows that it was retired knows who came after it, and is shown nobody else by a thief of it."""
    known = [Rotation(LOG.name, 20, ROOT, LOG.key, THIRD.key)]
    assert [LOG.key, NEXT.key] == [each.key for each in in_force(f"{LOG.vkey} until=20\n{NEXT.vkey} since=20", known).keys]


@pytest.mark.parametrize(
    "known",
    [
        [FIRST_ROTATION, Rotation(LOG.name, 1, ROOT, LOG.key, THIRD.key)],
        [FIRST_ROTATION, Rotation(LOG.name, 20, ROOT, LOG.key, THIRD.key)],
        [Rotation(LOG.name, 0, ROOT, LOG.key, THIRD.key), FIRST_ROTATION],
        [FIRST_ROTATION, Rotation(LOG.name, 10**9, ROOT, THIRD.key, LOG.key)],
        [Rotation(LOG.name, 10**9, ROOT, THIRD.key, LOG.key), FIRST_ROTATION],
        [FIRST_ROTATION, Rotation(LOG.name, 30, ROOT, NEXT.key, LOG.key)],
        [FIRST_ROTATION, Rotation(LOG.name, 30, ROOT, THIRD.key, NEXT.key)],
        [FIRST_ROTATION, FIRST_ROTATION],
    ],
)
def test_keys_that_fork_are_not_trusted(known):
    """A key is replaced once, by one that is new, and sizes do not fall; the error names the key."""
    for keys in (LOG.vkey, NEXT.vkey):
        with pytest.raises(Untrusted, match=r"keys fork: .*office\.example/log\+.* find out who has it"):
            in_force(keys, known)


def test_a_thief_of_a_retired_key_signs_no_other_log(tmp_path):
    """The log of keys as it was, and after it a rotation that the thief made: nothing it signed is opened by the new key."""
    org = worked("a")
    org.trail.rotate(LOG, NEXT, by="hoa", reason="lost a copy")
    forged = worked("b", store=SQLiteStore(tmp_path / "forged.db"))
    (genuine,) = org.store.read(STREAM)
    forged.store.append(
        [Write(STREAM, 0, (genuine.data, rotation_record(2, (1, forged.store.root(1)), LOG, THIRD, 1, "x", "y")))]
    )
    for signer in (THIRD, LOG):
        given = CheckpointNote(LOG.name, forged.trail.size, forged.trail.root).sign(signer)
        with pytest.raises(Untrusted, match="no trusted key"):
            forged.trail.verify(given, keys=NEXT.vkey)
    assert "forked" in {f.code for f in forged.trail.verify(org.trail.checkpoint(NEXT), keys=NEXT.vkey).findings}
    with pytest.raises(Untrusted, match="made in a log whose first"):
        forged.trail.checkpoint(NEXT)


def test_a_thief_that_writes_the_log_on_is_told_by_the_fork():
    """A rotation of the retired key, after the one that retired it, in the true log."""
    org = worked("a")
    org.trail.rotate(LOG, NEXT, by="hoa", reason="lost a copy")
    org.store.append([Write(STREAM, 1, (rotation_record(2, (1, org.store.root(1)), LOG, THIRD, 1, "x", "y"),))])
    for signer in (THIRD, NEXT):
        with pytest.raises(Untrusted, match="keys fork"):
            org.trail.verify(CheckpointNote(LOG.name, org.trail.size, org.trail.root).sign(signer), keys=NEXT.vkey)
    with pytest.raises(Untrusted, match="keys fork"):
        org.trail.checkpoint(NEXT)


def test_a_damaged_record_widens_no_trust():
    """What can be read beside it still holds: the retired key opens nothing after, and a fork stays one."""
    org = worked("a")
    org.trail.rotate(LOG, NEXT, by="hoa", reason="yearly")
    org.store.append([Write(STREAM, 1, (encode({"stream": STREAM, "seq": 2, "type": "nonsense"}),))])
    forged = CheckpointNote(LOG.name, org.trail.size, org.trail.root).sign(LOG)
    for keys in (LOG.vkey, NEXT.vkey):
        with pytest.raises(Untrusted, match="retired"):
            org.trail.verify(forged, keys=keys)
    org.store.append([Write(STREAM, 2, (rotation_record(3, (1, org.store.root(1)), LOG, THIRD, 1, "x", "y"),))])
    with pytest.raises(Untrusted, match="keys fork"):
        org.trail.verify(forged, keys=NEXT.vkey)


def test_nobody_writes_between_the_size_and_the_record_of_a_rotation(tmp_path, monkeypatch):
    """Else the old key could sign in between, above the size up to which it is trusted, and no key could go on."""
    org = worked("a", store=SQLiteStore(tmp_path / "office.db"))
    other = worked(store=SQLiteStore(tmp_path / "office.db", timeout=0.1))

    def meanwhile(*given):
        with pytest.raises(StoreError):
            other.open("small", by="lan", id="b")
        return rotation_record(*given)

    monkeypatch.setattr(rotation, "rotation_record", meanwhile)
    size = org.trail.size
    assert (size, size + 1) == (org.trail.rotate(LOG, NEXT, by="hoa", reason="yearly").size, org.trail.size)


def test_a_rotation_that_others_came_before_is_made_anew(monkeypatch):
    """In a store that lets others write meanwhile, it is taken back and tried again, with the size there is then."""
    org = worked("a")

    def meanwhile(*given):
        monkeypatch.undo()
        org.store.append([Write("theirs", 0, (b"{}",))])
        return rotation_record(*given)

    monkeypatch.setattr(rotation, "rotation_record", meanwhile)
    assert org.trail.rotate(LOG, NEXT, by="hoa", reason="yearly").size == org.trail.size - 1
    assert 1 == len(org.trail.rotations())


def test_a_key_that_is_replaced_while_it_signs_signs_no_larger_log(monkeypatch):
    """The size is read before the rotations: the new key goes on from what the old one signed."""
    org = worked("a", anchor=MemoryAnchor())
    read = Trail.rotations

    def meanwhile(trail):
        found = read(trail)
        monkeypatch.undo()
        org.trail.rotate(LOG, NEXT, by="hoa", reason="yearly")
        return found

    monkeypatch.setattr(Trail, "rotations", meanwhile)
    last = org.trail.checkpoint(LOG)
    assert org.trail.rotations()[0].size == last.size < org.trail.checkpoint(NEXT).size


def test_no_key_is_replaced_below_what_it_signed():
    """A log that was cut short is refused before anything is written: the note in the anchor would be above the span."""
    last = worked("a", "b").trail.checkpoint(LOG)
    org = worked("a", anchor=MemoryAnchor(str(last)))
    size = org.trail.size
    with pytest.raises(Inconsistent, match=f"to {last.size} are missing"):
        org.trail.rotate(LOG, NEXT, by="hoa", reason="yearly")
    assert size == org.trail.size


@pytest.mark.parametrize("bad", [None, 5, ["hoa"], "", " "])
def test_a_rotation_says_who_and_why(bad):
    """In words; else nothing is written."""
    org = worked("a")
    size = org.trail.size
    for given in ({"by": bad, "reason": "yearly"}, {"by": "hoa", "reason": bad}):
        with pytest.raises(InvalidInput, match="says nothing"):
            org.trail.rotate(LOG, NEXT, **given)
    with pytest.raises(InvalidInput, match="no key that signs"):
        org.trail.rotate(LOG, bad, by="hoa", reason="yearly")
    assert size == org.trail.size


def test_the_log_of_keys_is_no_case():
    """It can be neither opened nor listed as one, and the office works on."""
    org = worked("a")
    org.trail.rotate(LOG, NEXT, by="hoa", reason="yearly")
    with pytest.raises(InvalidInput):
        org.open("small", by="lan", id=STREAM)
    assert org.trail.verify().consistent
    assert ["a"] == [case.id for case in org.cases()]


def test_a_damaged_log_of_keys_does_not_stop_a_check():
    """What cannot be read there is a finding; the note is opened by the keys that were given."""
    org = worked("a")
    note = org.trail.checkpoint(LOG)
    org.store.append([Write(STREAM, 0, (encode({"stream": STREAM, "seq": 1, "type": "nonsense"}),))])
    assert org.trail.verify(note, keys=LOG.vkey).complete
    with pytest.raises(InvalidInput, match="no rotation"):
        org.trail.checkpoint(LOG)


# Witnesses


def witness(*logs, seen=None):
    """A witness of these logs."""
    return Witness(WITNESS, {log.name: log.vkey for log in logs}, seen or {log.name: MemoryAnchor() for log in logs})


def test_a_witness_signs_what_continues_what_it_saw():
    """Time after time, beside the signature of the log; and it remembers."""
    anchor = MemoryAnchor()
    watching = witness(LOG, seen={LOG.name: anchor})
    org = worked("a")
    for name in ("b", "c"):
        org.open("small", by="lan", id=name)
        note = org.trail.checkpoint(LOG, witnesses={WITNESS.vkey: lambda body: watching.add_checkpoint(body, NOW)})
        assert {WITNESS.key: NOW} == cosignatures(note, WITNESS.vkey)
        assert note == open_note(anchor.last(), [LOG.vkey, WITNESS.vkey], quorum=1)


def test_a_witness_does_not_sign_two_histories():
    """A second log of the same name, honest in itself, of the same size or longer: 422, and no checkpoint."""
    watching = witness(LOG)
    asked = {WITNESS.vkey: lambda body: watching.add_checkpoint(body, NOW)}
    worked("a", "b").trail.checkpoint(LOG, witnesses=asked)
    for ids in (("b", "a"), ("b", "a", "c")):
        with pytest.raises(Untrusted, match="422"):
            worked(*ids).trail.checkpoint(LOG, witnesses=asked)
    with pytest.raises(Untrusted, match="has seen"):
        worked("a").trail.checkpoint(LOG, witnesses=asked)


def answers(org, body_of, *, at=NOW, log=LOG):
    """What a witness that saw the log at size 4 answers."""
    watching = witness(log)
    early = CheckpointNote(LOG.name, 4, org.store.root(4)).sign(LOG)
    assert 200 == watching.add_checkpoint(request(0, (), early), at).status
    return watching.add_checkpoint(body_of(early), at)


REQUESTS = {
    "same size": (200, lambda org, now, early: request(4, (), early)),
    "grown": (200, lambda org, now, early: request(4, org.store.consistency(4, now.size), now)),
    "another old size": (409, lambda org, now, early: request(3, org.store.consistency(3, now.size), now)),
    "old size of nothing": (409, lambda org, now, early: request(0, (), now)),
    "old above new": (400, lambda org, now, early: request(now.size + 1, (), now)),
    "no proof": (422, lambda org, now, early: request(4, (), now)),
    "proof of another size": (422, lambda org, now, early: request(4, org.store.consistency(3, now.size), now)),
    "unknown log": (404, lambda org, now, early: request(4, (), CheckpointNote(OTHER.name, 4, now.root).sign(OTHER))),
    "unknown key": (403, lambda org, now, early: request(4, (), CheckpointNote(LOG.name, 4, now.root).sign(NEXT))),
    "forged": (403, lambda org, now, early: str(request(4, (), early), "utf-8").replace("\n4\n", "\n5\n").encode()),
    "64 hashes": (400, lambda org, now, early: request(4, (bytes(32),) * 64, now)),
    "a hash of 31 bytes": (400, lambda org, now, early: request(4, (bytes(31),), now)),
    "old size with a zero": (400, lambda org, now, early: request(4, (), early).replace(b"old 4", b"old 04")),
    "no old size": (400, lambda org, now, early: early.data),
    "no checkpoint": (400, lambda org, now, early: b"old 4\n\n"),
    "bytes": (400, lambda org, now, early: b"\xff\n\n"),
}


@pytest.mark.parametrize("what", REQUESTS)
def test_a_witness_answers_as_the_protocol_says(what):
    """The status of each request, in the words of tlog-witness."""
    org = worked("a", "b")
    now = CheckpointNote(LOG.name, org.trail.size, org.trail.root).sign(LOG)
    status, make = REQUESTS[what]
    answer = answers(org, lambda early: make(org, now, early))
    assert status == answer.status
    if status == 409:
        assert b"4\n" == answer.body


def test_a_witness_that_was_overtaken_says_so():
    """Two requests at once: the one that comes second is told the size to begin from."""

    class Overtaken(MemoryAnchor):
        def keep(self, note, after):
            super().keep(str(CheckpointNote(LOG.name, 9, bytes(32)).sign(LOG)), after)
            raise Conflict("another was first")

    watching = witness(LOG, seen={LOG.name: Overtaken()})
    note = CheckpointNote(LOG.name, 4, bytes(32)).sign(LOG)
    assert Answer(409, b"9\n") == watching.add_checkpoint(request(0, (), note), NOW)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"broken"),
        Answer(200, b""),
        Answer(200, b"\xff"),
        Answer(200, b"no line\n"),
        Answer(200, str(OTHER.sign("x\n")).encode()),
        Answer(200, str(WITNESS.sign("x\n", NOW)).encode()),
        Answer(409, b"many\n"),
        Answer(409, b"2\n"),
    ],
)
def test_an_answer_that_is_no_cosignature_is_not_taken(answer):
    """The note would be refused by everybody who trusts that witness."""
    note = CheckpointNote(LOG.name, 4, bytes(32)).sign(LOG)
    with pytest.raises(Untrusted):
        ask(lambda _: answer, WITNESS.key, note, lambda old, new: ())


@pytest.mark.parametrize("answer", [None, b"", Answer(200, "text"), (200, b"")])
def test_what_is_no_answer_is_not_taken(answer):
    """Who sends says what came back, as an answer."""
    note = CheckpointNote(LOG.name, 4, bytes(32)).sign(LOG)
    with pytest.raises(Untrusted, match="send gives an Answer"):
        ask(lambda _: answer, WITNESS.key, note, lambda old, new: ())


@pytest.mark.parametrize("body", [None, 5, "old 0\n\n"])
def test_a_witness_refuses_what_is_no_bytes(body):
    """As any malformed request."""
    answer = witness(LOG).add_checkpoint(body, NOW)
    assert (400, True) == (answer.status, b"a request is bytes" in answer.body)


def test_a_request_is_pinned():
    """The body of add-checkpoint, byte for byte."""
    note = CheckpointNote(LOG.name, 4, bytes(32)).sign(LOG)
    body = b"old 2\n" + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" + b"\n" + note.data
    assert body == request(2, (bytes(32),), note)
    assert (2, (bytes(32),), note.data) == read_request(body)


def test_a_witness_needs_its_own_kind_of_key_and_a_place_to_remember():
    """A log's key says no time; without a memory it would sign two histories."""
    with pytest.raises(InvalidInput, match="kind 4"):
        Witness(LOG, {}, {})
    with pytest.raises(InvalidInput, match="is kept"):
        Witness(WITNESS, {LOG.name: LOG.vkey}, {})
    with pytest.raises(InvalidInput, match="no key of a witness"):
        worked("a").trail.checkpoint(LOG, witnesses={OTHER.vkey: lambda _: Answer(200, b"")})


def test_a_key_file_is_text(tmp_path):
    """The secret and the public key go through files as they are."""
    file = Path(tmp_path / "log.key")
    file.write_text(f"{LOG.secret}\n")
    assert (LOG, LOG.key) == (Signer.parse(file.read_text()), VerifierKey.parse(LOG.vkey))
