"""What verification finds in a SQLite store that somebody changed, and what only a checkpoint tells."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from qms.errors import StoreError
from qms.ports import Write
from qms.stores import SQLiteStore
from qms.testing.contract import counted, noted, record, write
from sqlite_files import checked, fill, root_of, tamper


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A place for a store."""
    return tmp_path / "office.db"


@pytest.fixture
def filled(path: Path) -> Path:
    """A store of 300 records in 31 streams, with rows, a key and a private value, closed again."""
    return fill(path)


TAMPERED: dict[str, tuple[str, str]] = {
    "a byte of a record": (
        "UPDATE qms_entry SET data = CAST(replace(data, 'noted', 'nOted') AS BLOB) WHERE position = 7",
        "position 7, case/0 #7: the record's bytes are not those whose hash was kept",
    ),
    "a record that says it is another": (
        "UPDATE qms_entry SET data = (SELECT data FROM qms_entry WHERE position = 8) WHERE position = 7",
        "position 7, case/0 #7: the record says inside that it is case/0 #8",
    ),
    "a number": ("UPDATE qms_entry SET seq = 70 WHERE position = 7", "position 8, case/0 #8: #7 is expected here"),
    "a stream": (
        "UPDATE qms_entry SET stream = 5, seq = 10 WHERE position = 9",
        "position 9, case/4 #10: the record says inside",
    ),
    "a stream's name": (
        "UPDATE qms_stream SET name = 'x' WHERE id = 1",
        "position 1, x #1: the record says inside that it is case/0",
    ),
    "a lost name": ("DELETE FROM qms_stream WHERE id = 1", "the record belongs to a stream that has no name"),
    "two records swapped": (
        "UPDATE qms_entry SET position = position - 7 WHERE position IN (3, 4);UPDATE qms_entry SET position = -position WHERE position < 0",
        "position 3: the hashes of the tree kept with this record are not those the records make",
    ),
    "a record in the middle": ("DELETE FROM qms_entry WHERE position = 100", "position 100: no record stands here"),
    "records in the middle": (
        "DELETE FROM qms_entry WHERE position BETWEEN 100 AND 105",
        "position 100: no record stands here to 105",
    ),
    "the first record": ("DELETE FROM qms_entry WHERE position = 1", "position 1: no record stands here"),
    "the last record": (
        "DELETE FROM qms_entry WHERE position = 300",
        "position 300: the head says 300 records, and 299 are there",
    ),
    "all records": ("DELETE FROM qms_entry", "position 1: the head says 300 records, and 0 are there"),
    "a kept hash": (
        "UPDATE qms_entry SET hashes = CAST(substr(hashes, 1, 32) || zeroblob(32) AS BLOB) WHERE position = 6",
        "position 6: the hashes of the tree kept with this record are not those the records make",
    ),
    "no bytes": ("UPDATE qms_entry SET data = x'' WHERE position = 7", "position 7, case/0 #7: the record cannot be read"),
    "the head's root": ("UPDATE qms_head SET root = zeroblob(32)", "the first 300 records make the root"),
    "the head's size": ("UPDATE qms_head SET size = 299", "the first 299 records make the root"),
    "no head": ("DELETE FROM qms_head", "the head of the log is missing or damaged"),
    "a row": (
        "UPDATE qms_row SET due = 3 WHERE stream = 2",
        "case/1: the stored row differs from what the records make, in due",
    ),
    "no row": ("DELETE FROM qms_row WHERE stream = 2", "case/1: the records make a row, and none is stored"),
    "a row of nothing": (
        "UPDATE qms_row SET stream = 99 WHERE stream = 2",
        "a row stands there for stream number 99, which does not exist",
    ),
    "a key of the future": (
        "UPDATE qms_key SET position = 999",
        "the key 'k' points to position 999 and a record that is not there",
    ),
    "another number for open": (
        "UPDATE qms_row SET open = 3 WHERE stream = 2",
        "case/1: the stored row differs from what the records make, in open",
    ),
    "a private salt": ("UPDATE qms_private SET salt = zeroblob(16)", "_log #2: the private value name does not open"),
    "a private salt cut short": ("UPDATE qms_private SET salt = x''", "_log #2: the private value name does not open"),
    "a private value": ("UPDATE qms_private SET value = x'00'", "_log #2: the private value name does not open the commitment"),
    "a private path": (
        "UPDATE qms_private SET path = 'phone'",
        "_log #2: a private value stands at phone, where the record holds no commitment",
    ),
    "a private value of another record": (
        "UPDATE qms_private SET seq = 3",
        "_log #3: a private value stands at name, where the record holds no commitment",
    ),
    "a private value astray": (
        "UPDATE qms_private SET seq = 99",
        "the private value name stands beside record 99 of stream number 31",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_is_found(filled: Path, what: str) -> None:
    """Each change of a stored field is named where it stands."""
    statements, message = TAMPERED[what]
    tamper(filled, *statements.split(";"))
    found = checked(filled)
    assert (False, None) == (found.consistent, found.complete)
    assert message in str(found)


def test_a_log_written_anew_needs_a_checkpoint(filled: Path, tmp_path: Path) -> None:
    """Whoever rewrites all of it, honestly hashed, is told by a checkpoint alone."""
    held = root_of(filled)
    forged = tmp_path / "forged.db"
    with SQLiteStore(filled, read_only=True) as true, SQLiteStore(forged) as store, store.transaction():
        for entry in true.scan():
            data = entry.data if entry.position != 7 else record("case/0", 7, forged=1)
            beside = tuple(true.private(entry.stream, entry.seq).values())
            store.append([Write(entry.stream, entry.seq - 1, (data,), beside)])
    with SQLiteStore(forged, read_only=True) as store:
        assert "consistent, completeness unknown" == str(store.verify())
        found = store.verify(checkpoint=held)
    assert (True, False, ["forked"]) == (found.consistent, found.complete, [f.code for f in found.findings])


def test_an_older_copy_needs_a_checkpoint(path: Path, tmp_path: Path) -> None:
    """A file put back from an old copy is consistent; the checkpoint says how much is missing."""
    with SQLiteStore(path) as store:
        store.append([write("a", n=5)])
    shutil.copy(path, tmp_path / "old.db")
    with SQLiteStore(path) as store:
        store.append([write("a", 5, 5)])
        held = (store.size, store.root())
    found = checked(tmp_path / "old.db", held)
    assert "cut short: the checkpoint covers 10 records, and 5 are left" in str(found)
    assert False is found.complete


def test_a_lost_wal_needs_a_checkpoint(path: Path, tmp_path: Path) -> None:
    """Without its -wal a file holds what was last folded in: consistent, and short of the checkpoint."""
    with SQLiteStore(path) as store:
        for n in range(50):
            store.append([write("a", n)])
        held = (store.size, store.root())
        shutil.copy(path, tmp_path / "copy.db")
    with SQLiteStore(tmp_path / "copy.db") as store:
        found = store.verify(checkpoint=held)
    assert (True, False) == (found.consistent, found.complete)


def test_every_bit_of_a_record_counts(path: Path) -> None:
    """One bit turned in any stored column of one record is found."""
    with SQLiteStore(path) as store:
        store.append([counted("a", n=6)])
    with closing(sqlite3.connect(path)) as db:
        line = db.execute("SELECT position, stream, seq, hashes, data FROM qms_entry WHERE position = 4").fetchone()
    missed = []
    for column, value in zip(("position", "stream", "seq", "hashes", "data"), line, strict=True):
        bits = range(8 * len(value)) if isinstance(value, bytes) else range(16)
        for bit in bits[:: 1 if len(bits) < 100 else 17]:
            copy = path.with_name("copy.db")
            shutil.copy(path, copy)
            if isinstance(value, bytes):
                turned = bytearray(value)
                turned[bit // 8] ^= 1 << bit % 8
                other = f"x'{turned.hex()}'"
            else:
                other = str(value ^ 1 << bit)
            try:
                tamper(copy, f"UPDATE qms_entry SET {column} = {other} WHERE position = 4")
            except sqlite3.IntegrityError:
                continue  # the place is taken
            if checked(copy).consistent:
                missed.append((column, bit))
    assert [] == missed


@pytest.mark.slow
def test_a_damaged_file_is_never_called_good_and_wrong(filled: Path) -> None:
    """Bytes turned anywhere in the file: refused, found, or of no effect on any record."""
    data = filled.read_bytes()
    with SQLiteStore(filled, read_only=True) as store:
        held, entries = (store.size, store.root()), list(store.scan())
    copy = filled.with_name("copy.db")
    wrong = []
    for place in range(100, len(data), 997):
        copy.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        try:
            with SQLiteStore(copy, read_only=True) as store:
                found = store.verify(noted, held)
                if found.consistent and found.complete and list(store.scan()) != entries:
                    wrong.append(place)
        except StoreError:
            continue
    assert [] == wrong


def test_a_damaged_page_is_a_finding(filled: Path) -> None:
    """A file that breaks off in the middle of being read is told with the place reached."""
    data = bytearray(filled.read_bytes())
    with closing(sqlite3.connect(filled)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
    found = None
    for page in range(len(data) // size - 1, 5, -1):
        broken = data[: page * size] + b"\xff" * size + data[(page + 1) * size :]
        filled.write_bytes(broken)
        try:
            found = checked(filled, (300, b"\x00" * 32))
        except StoreError:
            continue
        if any(finding.level == "file" for finding in found.findings):
            break
    assert found is not None
    assert (False, False) == (found.consistent, found.complete)
    assert "cannot be read on from here: " in str(found)


def test_hashes_that_are_missing_are_told(filled: Path) -> None:
    """A proof over hashes that were damaged or lost is refused, not made wrong."""
    tamper(filled, "UPDATE qms_entry SET hashes = x'00' WHERE position = 256")
    with SQLiteStore(filled, read_only=True) as store:
        for ask in (store.root, lambda: store.inclusion(3)):
            with pytest.raises(StoreError, match="the hashes of the record at position 256 are missing or damaged"):
                ask()


def test_an_index_that_disagrees_is_told(filled: Path) -> None:
    """Records that the index of streams does not show are missed in the count."""
    with closing(sqlite3.connect(filled, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_qms_entry_1'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    data = bytearray(filled.read_bytes())
    start = (page - 1) * size
    data[start + 3 : start + 5] = (int.from_bytes(data[start + 3 : start + 5], "big") - 1).to_bytes(2, "big")
    filled.write_bytes(data)
    assert "the streams have 299 records together, and the log has 300" in str(checked(filled))
