"""The SQLite store beyond the contract: places, faults, guards, other writers, a caller's transaction, tampering."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qms.errors import Conflict, InvalidInput, StoreError
from qms.ports import Entry, Key, Private, Row, Verification, Write
from qms.stores import MemoryStore, SQLiteStore
from qms.stores import sqlite as store_module
from qms.stores import sqlite_file as file_module
from qms.testing.contract import counted, noted, record, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A place for a store."""
    return tmp_path / "office.db"


@pytest.fixture
def filled(path: Path) -> Path:
    """A store of 300 records in 31 streams, with rows, a key and a private value, closed again."""
    with SQLiteStore(path) as store, store.transaction():
        for n in range(30):
            store.append([counted(f"case/{n}", n=9)])
        store.append([write("_log", n=30, private=(Private(2, "name", b"s" * 16, b"Lan"),))], Key("k", "r"))
    return path


def _root(path: Path) -> tuple[int, bytes]:
    with SQLiteStore(path, read_only=True) as store:
        return store.size, store.root()


def _checked(path: Path, checkpoint: tuple[int, bytes] | None = None) -> Verification:
    with SQLiteStore(path, read_only=True) as store:
        return store.verify(noted, checkpoint)


def _tamper(path: Path, *statements: str) -> None:
    """Change a store as its file's owner can: without its guards."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)


def _as_nobody(work: Callable[[], None]) -> None:
    """Run *work* as a user without rights; what it raises fails the test."""
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            work()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - told to the parent by the exit code, and on standard error
            os.write(2, repr(error).encode())
            os._exit(1)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


# ---- places


def test_a_store_is_there_when_it_is_opened_again(path: Path) -> None:
    """Everything appended is read again from the file."""
    with SQLiteStore(path) as store:
        store.append([counted("a", n=3)], Key("k", "r"))
        kept = (store.size, store.root(), store.row("a"), store.find("k"), list(store.scan()))
    with SQLiteStore(str(path)) as store:
        assert kept == (store.size, store.root(), store.row("a"), store.find("k"), list(store.scan()))
        store.append([counted("a", 3)])
        assert "consistent, complete" == str(store.verify(noted, kept[:2]))


def test_a_new_store_leaves_one_file(path: Path) -> None:
    """Made, used and closed, a store is one file."""
    with SQLiteStore(path) as store:
        store.append([write("a")])
    assert ["office.db"] == [file.name for file in path.parent.iterdir()]


def test_a_name_may_have_any_letters(tmp_path: Path) -> None:
    """Spaces, signs of addresses and Vietnamese in the path are only letters."""
    path = tmp_path / "hồ sơ 100%?mode=memory#x.db"
    with SQLiteStore(path) as store:
        store.append([write("a")])
    assert 1 == _root(path)[0]


def _file_for_folder(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("x")


PLACES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (lambda path: path.mkdir(), "a folder; name a file in it"),
    "no folder": (lambda path: path.parent.rmdir(), "there is no folder .*; make it first"),
    "an empty file": (lambda path: path.write_bytes(b""), "the file is empty, which a store never is; put back a copy"),
    "text": (lambda path: path.write_text("dossiers\n" * 500), "the file is no SQLite database; name another file"),
    "a short text": (lambda path: path.write_text("dossiers"), "the file is no SQLite database; name another file"),
    "another database": (
        lambda path: sqlite3.connect(path).executescript("CREATE TABLE t (x)").close(),
        "a database of something else; to keep the log inside it, use SQLiteStore.on",
    ),
    "a log alone": (
        lambda path: path.with_name("office.db-wal").write_bytes(b"x"),
        "its office.db-wal is there and the file is not; put the file back",
    ),
    "below a file": (_file_for_folder, "there is no folder|Not a directory"),
}


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("place", PLACES)
def test_where_no_store_can_be(tmp_path: Path, place: str, *, read_only: bool) -> None:
    """The error names the place and the mend, and nothing is written."""
    make, message = PLACES[place]
    (tmp_path / "sub").mkdir()
    path = tmp_path / "sub" / "office.db"
    make(path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    with pytest.raises(StoreError, match=f"{path}: ({message}" + ("|there is no such file to read)" if read_only else ")")):
        SQLiteStore(path, read_only=read_only)
    assert before == {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}


def test_reading_only_makes_nothing(path: Path) -> None:
    """A file that does not exist is not made."""
    with pytest.raises(StoreError, match=f"{path}: there is no such file to read"):
        SQLiteStore(path, read_only=True)
    assert [] == list(path.parent.iterdir())


def test_reading_only_refuses_to_append(filled: Path) -> None:
    """A store opened to be read says so when it is written, and its bytes stay."""
    before = filled.read_bytes()
    with SQLiteStore(filled, read_only=True) as store:
        with pytest.raises(StoreError, match="opened to be read only; open it without read_only to append"):
            store.append([write("a")])
        assert ("consistent, completeness unknown", 300) == (str(store.verify(noted)), len(list(store.scan())))
    assert before == filled.read_bytes()


def test_reading_sees_what_another_writes(path: Path) -> None:
    """A store opened to be read shows what its writer has committed, and no more."""
    with SQLiteStore(path) as writer, SQLiteStore(path, read_only=True) as reader:
        writer.append([write("a")])
        with writer.transaction():
            writer.append([write("a", 1)])
            assert (1, 1) == (reader.size, reader.verify().size)
        assert (2, writer.root()) == (reader.size, reader.root())


def test_a_store_of_a_newer_schema_is_refused(filled: Path) -> None:
    """A newer library wrote it: upgrade, and nothing is touched."""
    _tamper(filled, "UPDATE qms_meta SET value = '2' WHERE name = 'schema'")
    before = filled.read_bytes()
    with pytest.raises(StoreError, match=f"{filled}: written by a newer qms .schema 2, this one knows 1.; upgrade qms"):
        SQLiteStore(filled)
    assert before == filled.read_bytes()


@pytest.mark.parametrize("change", ["DELETE FROM qms_meta", "UPDATE qms_meta SET value = 'x'"])
def test_a_store_without_a_schema_is_refused(filled: Path, change: str) -> None:
    """The number of the schema is missing or no number."""
    _tamper(filled, change)
    with pytest.raises(StoreError, match="the store does not say its schema; put back a copy"):
        SQLiteStore(filled)


def test_a_store_without_its_guards_is_not_written(filled: Path) -> None:
    """Somebody dropped the triggers: it can be read and verified, and is not added to."""
    _tamper(filled)
    with pytest.raises(StoreError, match="guards of the log are missing"):
        SQLiteStore(filled)
    assert "consistent, completeness unknown" == str(_checked(filled))


@pytest.mark.parametrize("left", [1, 100, 5000, 20_000, -4096, -1])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_truncated_file_is_refused(filled: Path, left: int, *, read_only: bool) -> None:
    """A file that was cut short is no store any more, wherever it was cut."""
    data = filled.read_bytes()[:left]
    filled.write_bytes(data)
    with pytest.raises(StoreError, match=f"{filled}: the file is (no SQLite database|damaged or cut short)"):
        SQLiteStore(filled, read_only=read_only)
    assert data == filled.read_bytes()


def test_a_folder_without_rights_is_refused(open_folder: Path) -> None:
    """A folder that cannot be written takes no new store."""
    open_folder.chmod(0o555)

    def work() -> None:
        with pytest.raises(StoreError, match=f"the folder {open_folder} cannot be written; give the right to, or name another"):
            SQLiteStore(open_folder / "office.db")

    _as_nobody(work)
    assert [] == list(open_folder.iterdir())


def test_a_file_without_rights_is_refused(open_folder: Path, filled: Path) -> None:
    """A file that cannot be written can be read, also in a folder that cannot be written, and nothing is left behind."""
    path = open_folder / "office.db"
    shutil.copy(filled, path)
    path.chmod(0o444)
    open_folder.chmod(0o555)

    def work() -> None:
        with pytest.raises(StoreError, match=f"{path}: the file cannot be written; .* open it with read_only=True"):
            SQLiteStore(path)
        assert "consistent, completeness unknown" == str(_checked(path))

    _as_nobody(work)
    assert ["office.db"] == [file.name for file in open_folder.iterdir()]


def test_a_file_that_may_not_be_read_is_refused(open_folder: Path, filled: Path) -> None:
    """Neither reading nor writing: the error names the file."""
    path = open_folder / "office.db"
    shutil.copy(filled, path)
    path.chmod(0)

    def work() -> None:
        with pytest.raises(StoreError, match=f"{path}: Permission denied"):
            SQLiteStore(path, read_only=True)

    _as_nobody(work)


def test_an_old_sqlite_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without STRICT tables there is no store."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(StoreError, match=r"SQLite .* is too old; 3\.37 or later is needed"):
        SQLiteStore(path)


def test_of_two_makers_one_makes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process makes the store first, that one is opened, and nothing of ours is left."""
    create = file_module.create

    def slow(db: sqlite3.Connection) -> None:
        monkeypatch.setattr(file_module, "create", create)
        with SQLiteStore(path) as other:
            other.append([write("a")])
        create(db)

    monkeypatch.setattr(file_module, "create", slow)
    with SQLiteStore(path) as store:
        assert 1 == store.size
    assert ["office.db"] == [file.name for file in path.parent.iterdir()]


def test_a_fork_does_not_share_a_store(path: Path) -> None:
    """In a child process the store says to open it anew; closing it there does no harm."""
    with SQLiteStore(path) as store:

        def work() -> None:
            with pytest.raises(StoreError, match="opened by another process; after a fork, open the store anew"):
                store.append([write("a")])
            store.close()

        _as_nobody(work)
        store.append([write("a")])
        assert 1 == store.size


# ---- durability


def test_commits_are_on_disk(path: Path) -> None:
    """WAL with synchronous=FULL: what was acknowledged survives a power cut."""
    with SQLiteStore(path) as store:
        modes = [store._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert ["wal", 2] == modes


def test_a_full_disk_keeps_nothing_of_the_batch(path: Path) -> None:
    """The error says so, and the store goes on with what it had."""
    with SQLiteStore(path) as store:
        store.append([write("a")])
        store._db.execute(f"PRAGMA max_page_count = {store._db.execute('PRAGMA page_count').fetchone()[0] + 2}")
        with pytest.raises(StoreError, match=f"{path}: the disk is full; nothing of the batch was kept"):
            store.append([write("a", 1), Write("b", 0, (b"x" * 100_000,))])
        assert (1, 0) == (store.size, store.length("b"))
        store.append([write("a", 1)])
        assert "consistent, completeness unknown" == str(store.verify())


def test_an_error_that_ends_the_transaction_ends_it(path: Path) -> None:
    """When SQLite itself takes the transaction back, nothing more is kept in it and its end says so."""
    with SQLiteStore(path) as store:
        with (
            pytest.raises(StoreError, match="the transaction ended before its time; nothing of it was kept"),
            store.transaction(),
        ):
            store.append([write("a")])
            store._db.execute("ROLLBACK")
            with pytest.raises(StoreError, match="an earlier error took the transaction back; leave it and begin again"):
                store.append([write("a", 1)])
        assert 0 == store.size
        store.append([write("a")])


def test_closing_in_a_transaction_takes_it_back(path: Path) -> None:
    """What was not committed is gone."""
    with pytest.raises(StoreError), SQLiteStore(path) as store, store.transaction():
        store.append([write("a")])
        store.close()
    assert 0 == _root(path)[0]


def test_the_head_follows_at_a_distance(path: Path) -> None:
    """The head row is written every 64 records, at the end of a transaction and at closing; it never shrinks."""

    def head() -> int:
        with closing(sqlite3.connect(path)) as db:
            return int(db.execute("SELECT size FROM qms_head").fetchone()[0])

    heads = []
    with SQLiteStore(path) as store:
        for n in (1, 62, 1, 1, 70):
            store.append([write("a", store.length("a"), n)])
            heads.append(head())
        with store.transaction():
            store.append([write("b")])
        heads.append(head())
        store.append([write("b", 1)])
    assert [0, 0, 64, 64, 135, 136, 137] == [*heads, head()]


# ---- other writers


def test_two_writers_take_turns(path: Path) -> None:
    """Each sees what the other added, in its tree, its lengths and its rows."""
    with SQLiteStore(path) as one, SQLiteStore(path) as other:
        for n in range(40):
            (one if n % 3 else other).append([counted("a", n)])
            (other if n % 2 else one).append([write(f"b{n}")])
        with pytest.raises(Conflict, match="a has 40 records, and 39 were expected"):
            one.append([write("a", 39)])
        assert (80, one.root(), one.row("a")) == (other.size, other.root(), other.row("a"))
        assert True is one.verify().consistent


def test_a_writer_waits_for_its_turn(path: Path) -> None:
    """Longer than the timeout it does not wait, and the error says what to do."""
    with SQLiteStore(path) as one, SQLiteStore(path, timeout=0.01) as other, one.transaction():
        one.append([write("a")])
        with pytest.raises(StoreError, match="another writer holds it; wait and try again"):
            other.append([write("b")])
        assert 0 == other.size


def test_processes_take_turns(path: Path) -> None:
    """Three processes append to one file: no gap, no fork, nothing lost."""
    script = (
        "import sys\nfrom qms.stores import SQLiteStore\nfrom qms.testing.contract import write\n"
        "with SQLiteStore(sys.argv[1]) as store:\n    for n in range(15): store.append([write(sys.argv[2], n)])"
    )
    workers = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "abc"]
    assert [0, 0, 0] == [worker.wait() for worker in workers]
    with SQLiteStore(path) as store:
        assert [15, 15, 15] == [store.length(name) for name in "abc"]
        assert list(range(1, 46)) == [entry.position for entry in store.scan()]
        assert True is store.verify().consistent


# ---- guards

FORBIDDEN = [
    "UPDATE qms_entry SET data = x'00' WHERE position = 3",
    "DELETE FROM qms_entry WHERE position = 300",
    "DELETE FROM qms_entry",
    "REPLACE INTO qms_entry SELECT * FROM qms_entry WHERE position = 3",
    "INSERT OR REPLACE INTO qms_entry VALUES (3, 1, 3, x'00', x'00')",
    "INSERT OR REPLACE INTO qms_entry VALUES (301, 1, 3, x'00', x'00')",
    "INSERT OR IGNORE INTO qms_entry VALUES (302, 1, 10, x'00', x'00')",
    "INSERT INTO qms_entry VALUES (301, 1, 11, x'00', x'00')",
    "INSERT INTO qms_entry (stream, seq, hashes, data) VALUES (1, 11, x'00', x'00')",
    "UPDATE OR REPLACE qms_entry SET position = 1 WHERE position = 2",
    "UPDATE qms_head SET size = 1",
    "DELETE FROM qms_head",
    "INSERT OR REPLACE INTO qms_head VALUES (1, 0, x'00')",
    "UPDATE qms_stream SET name = 'x' WHERE id = 1",
    "DELETE FROM qms_stream",
    "INSERT OR REPLACE INTO qms_stream VALUES (1, 'x')",
    "INSERT OR REPLACE INTO qms_stream VALUES (99, 'case/1')",
    "UPDATE qms_key SET seq = 9",
    "DELETE FROM qms_key",
    "INSERT OR REPLACE INTO qms_key VALUES ('k', 'other', 1, 1, 1)",
    "UPDATE qms_private SET value = x'00'",
    "INSERT OR REPLACE INTO qms_private SELECT * FROM qms_private",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_log_is_only_added_to(filled: Path, statement: str) -> None:
    """Every other statement on its tables is refused by the database itself."""
    with closing(sqlite3.connect(filled, isolation_level=None)) as db:
        before = list(db.iterdump())
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
        assert before == list(db.iterdump())


def test_a_private_value_can_be_erased(filled: Path) -> None:
    """Deleting it leaves the log as it is."""
    with closing(sqlite3.connect(filled, isolation_level=None)) as db:
        db.execute("DELETE FROM qms_private")
    assert "consistent, completeness unknown" == str(_checked(filled))


def test_a_dump_is_the_store(filled: Path, tmp_path: Path) -> None:
    """Written out as SQL and read in again, it is the same log, with its guards."""
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(filled)) as db, closing(sqlite3.connect(copy)) as other:
        other.executescript("\n".join(db.iterdump()))
    assert _root(filled) == _root(copy)
    with SQLiteStore(copy) as store:
        store.append([counted("case/1", 9)])
        assert True is store.verify(noted).consistent


# ---- tampering

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
    "a private value": (
        "UPDATE qms_private SET seq = 99",
        "the private value name stands beside record 99 of stream number 31",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_is_found(filled: Path, what: str) -> None:
    """Each change of a stored field is named where it stands."""
    statements, message = TAMPERED[what]
    _tamper(filled, *statements.split(";"))
    found = _checked(filled)
    assert (False, None) == (found.consistent, found.complete)
    assert message in str(found)


def test_a_log_written_anew_needs_a_checkpoint(filled: Path, tmp_path: Path) -> None:
    """Whoever rewrites all of it, honestly hashed, is told by a checkpoint alone."""
    held = _root(filled)
    forged = tmp_path / "forged.db"
    with SQLiteStore(filled, read_only=True) as true, SQLiteStore(forged) as store, store.transaction():
        for entry in true.scan():
            data = entry.data if entry.position != 7 else record("case/0", 7, forged=1)
            store.append([Write(entry.stream, entry.seq - 1, (data,))])
    with SQLiteStore(forged, read_only=True) as store:
        assert "consistent, completeness unknown" == str(store.verify())
        found = store.verify(checkpoint=held)
    assert (True, False, ["checkpoint"]) == (found.consistent, found.complete, [f.code for f in found.findings])


def test_an_older_copy_needs_a_checkpoint(path: Path, tmp_path: Path) -> None:
    """A file put back from an old copy is consistent; the checkpoint says how much is missing."""
    with SQLiteStore(path) as store:
        store.append([write("a", n=5)])
    shutil.copy(path, tmp_path / "old.db")
    with SQLiteStore(path) as store:
        store.append([write("a", 5, 5)])
        held = (store.size, store.root())
    found = _checked(tmp_path / "old.db", held)
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
                _tamper(copy, f"UPDATE qms_entry SET {column} = {other} WHERE position = 4")
            except sqlite3.IntegrityError:
                continue  # the place is taken
            if _checked(copy).consistent:
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
            found = _checked(filled, (300, b"\x00" * 32))
        except StoreError:
            continue
        if any(finding.code == "file" for finding in found.findings):
            break
    assert found is not None
    assert (False, False) == (found.consistent, found.complete)
    assert "cannot be read on from here: " in str(found)


# ---- a caller's transaction


@pytest.fixture
def office(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A caller's database, in Python's usual mode, with a table of its own."""
    with closing(sqlite3.connect(tmp_path / "caller.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE dossier (id TEXT)")
        yield connection


def _count(connection: sqlite3.Connection) -> tuple[int, int]:
    dossiers = connection.execute("SELECT count(*) FROM dossier").fetchone()[0]
    return dossiers, connection.execute("SELECT count(*) FROM qms_entry").fetchone()[0]


def test_a_joined_store_never_commits(office: sqlite3.Connection) -> None:
    """The caller's rows and the log's records stay or go together, and the tables too."""
    store = SQLiteStore.on(office)
    office.execute("INSERT INTO dossier VALUES ('1')")
    store.append([counted("a")])
    office.rollback()
    assert 0 == office.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'qms%'").fetchone()[0]
    store = SQLiteStore.on(office)
    office.execute("INSERT INTO dossier VALUES ('1')")
    store.append([counted("a")])
    office.commit()
    store.append([counted("a", 1)])
    office.execute("INSERT INTO dossier VALUES ('2')")
    office.rollback()
    assert (1, 1) == _count(office)
    assert (1, "consistent, completeness unknown", False) == (
        store.length("a"),
        str(store.verify(noted)),
        office.in_transaction,
    )


def test_a_refused_append_leaves_the_callers_work(office: sqlite3.Connection) -> None:
    """A conflict takes back the batch, and nothing of the caller's."""
    store = SQLiteStore.on(office)
    office.commit()
    office.execute("INSERT INTO dossier VALUES ('1')")
    with pytest.raises(Conflict):
        store.append([write("b"), write("a", 3)])
    store.append([write("a")])
    office.commit()
    assert (1, 1) == _count(office)


def test_a_refused_append_begins_nothing(office: sqlite3.Connection) -> None:
    """Where no transaction was open, a refused append leaves none open."""
    store = SQLiteStore.on(office)
    office.commit()
    with pytest.raises(Conflict):
        store.append([write("a", 3)])
    assert not office.in_transaction


def test_what_the_caller_takes_back_is_forgotten(tmp_path: Path, office: sqlite3.Connection) -> None:
    """As many other records in place of those taken back: the tree is that of the records."""
    store = SQLiteStore.on(office)
    office.commit()
    store.append([write("a", n=3)])
    office.rollback()
    with closing(sqlite3.connect(tmp_path / "caller.db")) as connection:
        SQLiteStore.on(connection).append([write("b", n=3)])
        connection.commit()
    store.append([write("a")])
    office.commit()
    assert (4, 1, True) == (store.size, store.length("a"), store.verify().consistent)


def test_a_joined_transaction_is_a_savepoint(office: sqlite3.Connection) -> None:
    """Its end commits nothing; an exception takes back what it held, and no more."""
    store = SQLiteStore.on(office)
    office.execute("INSERT INTO dossier VALUES ('1')")
    with store.transaction():
        store.append([write("a")])
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.append([write("b")])
            raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.append([write("c")])
        raise ZeroDivisionError
    assert (office.in_transaction, ["a"]) == (True, [entry.stream for entry in store.scan()])
    office.commit()
    assert (1, 1) == _count(office)


def test_a_transaction_that_began_by_reading_is_told_to_begin_immediate(tmp_path: Path, office: sqlite3.Connection) -> None:
    """Another writer came between the caller's first read and its first append: no waiting helps."""
    store = SQLiteStore.on(office)
    store.append([write("a")])
    office.commit()
    office.execute("BEGIN")
    office.execute("SELECT count(*) FROM dossier").fetchone()
    with closing(sqlite3.connect(tmp_path / "caller.db")) as connection:
        connection.execute("INSERT INTO dossier VALUES ('2')")
        connection.commit()
    with pytest.raises(StoreError, match=r"the caller's database: .* begin immediate \(BEGIN IMMEDIATE\)"):
        store.append([write("a", 1)])
    office.rollback()
    store.append([write("a", 1)])
    office.commit()
    assert 2 == store.size


def test_a_deferred_transaction_may_append_first(tmp_path: Path, office: sqlite3.Connection) -> None:
    """Begun deferred, with the append before any read, it waits for its turn and sees what is newest."""
    store = SQLiteStore.on(office)
    store.append([write("a")])
    office.commit()
    office.execute("BEGIN")
    with closing(sqlite3.connect(tmp_path / "caller.db")) as connection:
        SQLiteStore.on(connection).append([write("b")])
        connection.commit()
    store.append([write("a", 1)])
    office.commit()
    assert ["a", "b", "a"] == [entry.stream for entry in store.scan()]


def test_the_callers_ways_of_reading_do_not_matter(office: sqlite3.Connection) -> None:
    """A row factory of the caller's is left alone; texts that are not str are refused."""
    office.row_factory = lambda _cursor, line: dict(enumerate(line))
    store = SQLiteStore.on(office)
    store.append([counted("a")], Key("k", "r"))
    assert [Entry(1, "a", 1, record("a", 1))] == list(store.read("a"))
    assert (Row("counted", steps=("at-1",), due=1), True) == (store.row("a"), store.verify(noted).consistent)
    office.text_factory = bytes
    with pytest.raises(InvalidInput, match="connection: its text_factory must be str"):
        SQLiteStore.on(office)


def test_a_joined_store_of_a_newer_schema_is_refused(office: sqlite3.Connection) -> None:
    """The tables in the caller's database are a newer library's."""
    SQLiteStore.on(office)
    office.execute("UPDATE qms_meta SET value = '7' WHERE name = 'schema'")
    with pytest.raises(StoreError, match="the caller's database: written by a newer qms"):
        SQLiteStore.on(office)


def test_closing_a_joined_store_leaves_the_connection(office: sqlite3.Connection) -> None:
    """The connection is the caller's to close; once it is closed, the store says so."""
    SQLiteStore.on(office).close()
    office.commit()
    store = SQLiteStore.on(office)
    office.close()
    with pytest.raises(StoreError, match="the caller's database: Cannot operate on a closed database"):
        store.append([write("a")])


# ---- the same log everywhere


def test_memory_and_file_make_one_root(path: Path) -> None:
    """The same records in the same order make the same tree, whatever keeps them."""
    with SQLiteStore(path) as file, MemoryStore() as memory:
        for store in (file, memory):
            store.append([write("a", n=5), write("b", n=90)])
            store.append([write("a", 5)])
        assert (file.root(), file.inclusion(17), file.consistency(40)) == (
            memory.root(),
            memory.inclusion(17),
            memory.consistency(40),
        )


def test_hashes_that_are_missing_are_told(filled: Path) -> None:
    """A proof over hashes that were damaged or lost is refused, not made wrong."""
    _tamper(filled, "UPDATE qms_entry SET hashes = x'00' WHERE position = 256")
    with SQLiteStore(filled, read_only=True) as store:
        for ask in (store.root, lambda: store.inclusion(3)):
            with pytest.raises(StoreError, match="the hashes of the record at position 256 are missing or damaged"):
                ask()


def test_what_is_remembered_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lengths of many streams are forgotten again, and read anew when they are needed."""
    monkeypatch.setattr(store_module, "_REMEMBERED", 3)
    with SQLiteStore(path) as store:
        for n in range(2):
            for name in "abcdefg":
                store.append([write(name, n)])
                assert len(store._known) <= 4
        assert 14 == store.size


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
    assert "the streams have 299 records together, and the log has 300" in str(_checked(filled))
