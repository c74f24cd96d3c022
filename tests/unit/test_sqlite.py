"""The SQLite store beyond the contract: places, faults, durability, other writers, guards."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qms.errors import Conflict, InvalidInput, StoreError
from qms.ports import Key, Write
from qms.stores import MemoryStore, SQLiteStore
from qms.stores import sqlite as store_module
from qms.stores import sqlite_file as file_module
from qms.testing.contract import counted, noted, write
from sqlite_faults import child
from sqlite_files import checked, fill, root_of, tamper


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A place for a store."""
    return tmp_path / "office.db"


@pytest.fixture
def filled(path: Path) -> Path:
    """A store of 300 records in 31 streams, with rows, a key and a private value, closed again."""
    return fill(path)


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
    assert 1 == root_of(path)[0]


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
    tamper(filled, "UPDATE qms_meta SET value = '2' WHERE name = 'schema'")
    before = filled.read_bytes()
    with pytest.raises(StoreError, match=f"{filled}: written by a newer qms .schema 2, this one knows 1.; upgrade qms"):
        SQLiteStore(filled)
    assert before == filled.read_bytes()


@pytest.mark.parametrize("change", ["DELETE FROM qms_meta", "UPDATE qms_meta SET value = 'x'"])
def test_a_store_without_a_schema_is_refused(filled: Path, change: str) -> None:
    """The number of the schema is missing or no number."""
    tamper(filled, change)
    with pytest.raises(StoreError, match="the store does not say its schema; put back a copy"):
        SQLiteStore(filled)


def test_a_store_without_its_guards_is_not_written(filled: Path) -> None:
    """Somebody dropped the triggers: it can be read and verified, which says so, and is not added to."""
    tamper(filled)
    with pytest.raises(StoreError, match=r"the trigger qms_entry_insert is missing; .*; verify it, and put back a copy"):
        SQLiteStore(filled)
    found = checked(filled)
    assert (True, "guards") == (found.consistent, found.notes[0].code)
    assert "the trigger qms_entry_insert is missing" in str(found)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP TRIGGER qms_head_update", "the trigger qms_head_update is missing"),
        (
            "DROP TRIGGER qms_entry_update; CREATE TRIGGER qms_entry_update BEFORE UPDATE ON qms_entry WHEN 0 BEGIN SELECT 1; END",
            "the trigger qms_entry_update is not the one of this version",
        ),
        ("ALTER TABLE qms_entry ADD COLUMN x TEXT", "the table qms_entry is not the one of this version"),
    ],
)
def test_a_guard_that_was_changed_is_told(filled: Path, change: str, told: str) -> None:
    """A guard dropped, one made hollow under its name, a table altered: not written, and noted by verification."""
    with closing(sqlite3.connect(filled)) as db:
        for statement in change.split("; ", 1):
            db.execute(statement)
        db.commit()
    with pytest.raises(StoreError, match=told):
        SQLiteStore(filled)
    found = checked(filled)
    assert (True, [told]) == (found.consistent, [note.message for note in found.notes if note.code == "guards"])


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
        assert "consistent, completeness unknown" == str(checked(path))

    _as_nobody(work)
    assert ["office.db"] == [file.name for file in open_folder.iterdir()]


def test_a_file_that_may_not_be_read_is_refused(open_folder: Path, filled: Path) -> None:
    """Neither reading nor writing: the error names the file."""
    path = open_folder / "office.db"
    shutil.copy(filled, path)
    path.chmod(0)

    def work() -> None:
        with pytest.raises(StoreError, match=f"{path}: it cannot be opened; the file must be readable"):
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


# ---- forks


def test_a_fork_does_not_share_a_store(path: Path) -> None:
    """In a child process the store says how to mend it; closing it there does no harm."""
    with SQLiteStore(path) as store:

        def work() -> None:
            with pytest.raises(StoreError, match="opened by another process; close it before the fork, or start"):
                store.append([write("a")])
            store.close()

        assert 0 == child(work)
        store.append([write("a")])
        assert 1 == store.size


@pytest.mark.parametrize("read_only", [False, True])
def test_what_was_open_at_a_fork_cannot_be_opened_after_it(path: Path, *, read_only: bool) -> None:
    """Under any name, to write or to read: SQLite would take itself for safe there, and lose what it writes."""
    other = path.with_name("other.db")
    with SQLiteStore(path, read_only=False) as store:
        other.symlink_to(path)

        def work() -> None:
            for name in (path, other):
                with pytest.raises(StoreError, match=rf"{name}: was open when this process was forked.* \(spawn, forkserver\)"):
                    SQLiteStore(name, read_only=read_only)
            SQLiteStore(path.with_name("new.db")).close()

        assert 0 == child(work)
        store.append([write("a")])


def test_what_was_closed_before_a_fork_can_be_opened_after_it(path: Path) -> None:
    """What the child writes is there."""
    SQLiteStore(path).close()

    def work() -> None:
        with SQLiteStore(path) as store:
            store.append([write("a")])

    assert 0 == child(work)
    assert 1 == root_of(path)[0]


def test_a_fork_while_another_thread_writes_leaves_no_lock(path: Path) -> None:
    """The thread that holds the store is not in the child: what is asked of the store there is refused, and never waits."""
    with SQLiteStore(path) as store:
        begun, ended = threading.Event(), threading.Event()

        def hold() -> None:
            with store.transaction():
                begun.set()
                ended.wait()

        def work() -> None:
            signal.alarm(10)
            writing = (lambda: store.append([write("a")]), lambda: store.erase([]), lambda: store.prune([write("a")], [], 0))
            for ask in (
                *writing,
                store.root,
                store.verify,
                lambda: store.find("k"),
                lambda: store.row("a"),
                lambda: store.backup("b"),
            ):
                with pytest.raises(StoreError, match="opened by another process"):
                    ask()
            store.close()

        thread = threading.Thread(target=hold)
        thread.start()
        begun.wait()
        try:
            assert 0 == child(work)
        finally:
            ended.set()
            thread.join()


def test_a_child_does_not_end_its_parents_transaction(path: Path) -> None:
    """A span that a process was forked in is committed by the parent alone."""
    with SQLiteStore(path) as store:
        span = store.transaction()
        span.__enter__()
        store.append([write("a")])

        def work() -> None:
            with pytest.raises(StoreError, match="opened by another process"):
                span.__exit__(None, None, None)

        assert 0 == child(work)
        span.__exit__(None, None, None)
    assert 1 == root_of(path)[0]


@pytest.mark.parametrize("name", ["x" * 300, "a\x00b"])
def test_a_name_no_system_takes_is_refused(tmp_path: Path, name: str) -> None:
    """Too long, or with a NUL in it: an error of the store, not of Python."""
    with pytest.raises(StoreError):
        SQLiteStore(tmp_path / name)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("path", [None, 5])
def test_what_is_no_path_is_refused(path: Any) -> None:
    """The error says what was given."""
    with pytest.raises(InvalidInput, match=f"path: {path} is no path; name the file that holds the store"):
        SQLiteStore(path)


@pytest.mark.parametrize("left", ["copy.db-wal", "copy.db-journal"])
def test_a_copy_is_not_put_where_a_log_lies(filled: Path, left: str) -> None:
    """SQLite would write what is in it into the copy."""
    filled.with_name(left).write_bytes(b"x")
    with SQLiteStore(filled) as store, pytest.raises(StoreError, match=f"copy.db: its {left} is there and the file is not"):
        store.backup(filled.with_name("copy.db"))
    assert not filled.with_name("copy.db").exists()


def test_a_position_beyond_all_numbers_has_nothing_after_it(filled: Path) -> None:
    """Reading from there on gives nothing."""
    with SQLiteStore(filled) as store:
        assert ([], []) == (list(store.scan(10**30)), list(store.read("case/1", 10**30)))


def test_what_sqlite_cannot_take_is_named(filled: Path) -> None:
    """Text that is none, and a number that no record can have."""
    with SQLiteStore(filled) as store:
        for ask in (store.find, store.row, store.length, lambda text: list(store.read(text))):
            with pytest.raises(InvalidInput, match=r"'\\ud800' is no text that can be encoded as UTF-8"):
                ask("\ud800")
        with pytest.raises(InvalidInput, match="lies beyond 64 bits"):
            store.private("case/1", 10**30)


def test_rights_are_looked_at_first(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system says that a place cannot be written, nothing is tried."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StoreError, match="the file cannot be written; give the right to, or open it with read_only=True"):
        SQLiteStore(filled)
    with pytest.raises(StoreError, match=r"the folder .* cannot be written; give the right to, or name another place"):
        SQLiteStore(filled.with_name("new.db"))


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


def test_an_interrupted_beginning_is_taken_back(path: Path) -> None:
    """A transaction that was begun and never entered does not lock the store out."""
    with SQLiteStore(path) as store:
        store._db.execute("BEGIN IMMEDIATE")
        store._db.execute("INSERT INTO qms_stream (name) VALUES ('lost')")
        store.append([write("a")])
        assert ["a"] == [name for (name,) in store._db.execute("SELECT name FROM qms_stream")]


def test_a_store_stays_where_it_was_opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path means the folder of the moment it was opened."""
    monkeypatch.chdir(path.parent)
    with SQLiteStore(path.name) as store:
        store.append([write("a")])
        monkeypatch.chdir("/")
        assert ("consistent, completeness unknown", 1) == (str(store.verify()), store.verify().size)


def test_closing_in_a_transaction_takes_it_back(path: Path) -> None:
    """What was not committed is gone."""
    with pytest.raises(StoreError), SQLiteStore(path) as store, store.transaction():
        store.append([write("a")])
        store.close()
    assert 0 == root_of(path)[0]


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


def _elsewhere(path: Path, ask: str) -> str:
    """What another process that opens the store at *path* answers to *ask*."""
    script = f"import sys\nfrom qms.stores import SQLiteStore\nwith SQLiteStore(sys.argv[1]) as store: print({ask})"
    return subprocess.run([sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True).stdout.strip()


def test_a_second_store_on_the_file_leaves_the_locks_of_the_first(path: Path) -> None:
    """Closing any handle to the file drops SQLite's locks: another process would take the log beside the file away."""
    with SQLiteStore(path) as store:
        SQLiteStore(path).close()
        _elsewhere(path, "store.size")
        store.append([write("a")])
        assert "1" == _elsewhere(path, "store.size")


def test_a_store_leaves_the_locks_of_the_callers_connection(path: Path) -> None:
    """The same, where a connection of the caller's own was there first."""
    SQLiteStore(path).close()
    with closing(sqlite3.connect(path)) as db:
        store = SQLiteStore.on(db)
        store.append([write("a")])
        db.commit()
        SQLiteStore(path).close()
        _elsewhere(path, "store.size")
        store.append([write("a", 1)])
        db.commit()
        assert "2" == _elsewhere(path, "store.size")


def test_what_is_remembered_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lengths of many streams are forgotten again, and read anew when they are needed."""
    monkeypatch.setattr(store_module, "_REMEMBERED", 3)
    with SQLiteStore(path) as store:
        for n in range(2):
            for name in "abcdefg":
                store.append([write(name, n)])
                assert len(store._known) <= 4
        assert 14 == store.size


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


def test_a_private_value_that_was_taken_away_is_missing(filled: Path) -> None:
    """Nothing in the log says that it was erased; the tree is as it was."""
    before = root_of(filled)
    with closing(sqlite3.connect(filled, isolation_level=None)) as db:
        db.execute("DELETE FROM qms_private")
    assert ["missing"] == [finding.code for finding in checked(filled).findings]
    assert before == root_of(filled)


def test_a_dump_is_the_store(filled: Path, tmp_path: Path) -> None:
    """Written out as SQL and read in again, it is the same log, with its guards."""
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(filled)) as db, closing(sqlite3.connect(copy)) as other:
        other.executescript("\n".join(db.iterdump()))
    assert root_of(filled) == root_of(copy)
    with SQLiteStore(copy) as store:
        store.append([counted("case/1", 9)])
        assert True is store.verify(noted).consistent


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
