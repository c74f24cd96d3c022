"""A SQLite store under faults: killed anywhere, a disk that is full or fails, a log beside the file that is torn or gone."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from qms.errors import StoreError
from qms.ports import Key, Private, Write
from qms.stores import SQLiteStore
from qms.testing.contract import counted, noted, record, sealed, write
from qms.trail import verify_consistency
from sqlite_faults import FSYNC, FULL, WRITE, Disk, child, killed_at_statement
from sqlite_files import checked

GOOD = "consistent, completeness unknown"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of three records, closed again."""
    with SQLiteStore(tmp_path / "office.db") as store:
        store.append([counted("a", n=3)])
    return tmp_path / "office.db"


def batch(store: SQLiteStore) -> None:
    """A batch that touches every table: two streams, one of them new, a row, a private value, a key."""
    store.append([counted("a", 3), sealed("_b", 2)], Key("k", "r"))


def whole(path: Path, sizes: tuple[int, ...]) -> int:
    """The size of the store, which is good, holds the batch whole or not at all, and takes it now, once."""
    with SQLiteStore(path) as store:
        assert GOOD == str(store.verify(noted))
        size = store.size
        there = (store.length("a"), store.length("_b"), len(store.private("_b", 2)), store.find("k") is not None)
        assert (size, there) in [(3, (3, 0, 0, False)), (6, (4, 2, 1, True))]
        assert size in sizes
        receipt = store.append([counted("a", 3), sealed("_b", 2)], Key("k", "r"))
        assert (6, size == 6, 4) == (store.size, receipt.repeated, receipt.position)
    return size


# ---- killed


def test_killed_at_any_statement_a_batch_is_whole_or_not_there(path: Path) -> None:
    """Kill -9 where each statement begins, from opening to closing: the batch is never halved, and its key makes it happen once."""
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    found, number, ended = set(), 0, False
    while not ended:
        for file in path.parent.iterdir():
            file.unlink()
        for file, data in before.items():
            file.write_bytes(data)

        def work(number: int = number) -> None:
            store = SQLiteStore(path)
            killed_at_statement(store._db, number)
            batch(store)
            store.close()

        code = child(work)
        ended = code == 0
        assert code in (0, -signal.SIGKILL)
        found.add(whole(path, (3, 6)))
        number += 1
    assert number > 8 and {3, 6} == found


def test_killed_at_any_operation_on_its_files_a_batch_is_whole_or_not_there(path: Path) -> None:
    """Kill -9 at each write, truncation and sync, of the commit and of what writes the log back into the file."""
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    found, number, ended = set(), 0, False
    while not ended:
        for file in path.parent.iterdir():
            file.unlink()
        for file, data in before.items():
            file.write_bytes(data)

        def work(number: int = number) -> None:
            store = SQLiteStore(path)
            store.size  # noqa: B018 - opens the log beside the file
            Disk(store._db, lambda _, n: os.kill(os.getpid(), signal.SIGKILL) if n == number else None)
            batch(store)
            store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            os._exit(0)

        code = child(work)
        ended = code == 0
        assert code in (0, -signal.SIGKILL)
        found.add(whole(path, (3, 6)))
        number += 1
    assert number > 10 and {3, 6} == found


@pytest.mark.parametrize("left", ["cut", "zeroed", "turned"])
def test_a_torn_log_beside_the_file_keeps_whole_commits(tmp_path: Path, left: str) -> None:
    """The log beside the file cut, zeroed or turned from any place on, as a power cut leaves it: whole commits up to there."""
    path, copy = tmp_path / "office.db", tmp_path / "copy" / "office.db"
    with SQLiteStore(path) as store:
        sizes = {0}
        for n in range(6):
            store.append([counted("a", 3 * n, 3), counted(f"b/{n}")])
            sizes.add(store.size)
        file, log = path.read_bytes(), path.with_name("office.db-wal").read_bytes()
    frame = 24 + int.from_bytes(log[8:12], "big")
    seen = []
    for place in [*range(0, len(log), frame // 3), len(log)]:
        rest = {"cut": b"", "zeroed": bytes(len(log) - place), "turned": bytes(byte ^ 0x55 for byte in log[place:])}[left]
        shutil.rmtree(copy.parent, ignore_errors=True)
        copy.parent.mkdir()
        copy.write_bytes(file)
        copy.with_name("office.db-wal").write_bytes(log[:place] + rest)
        with SQLiteStore(copy) as store:
            assert GOOD == str(store.verify(noted))
            seen.append(store.size)
    assert (sorted(seen), sizes) == (seen, set(seen))


# ---- the disk


@pytest.mark.parametrize("code", [FULL, WRITE, FSYNC])
def test_a_disk_that_fails_anywhere_acknowledges_nothing(path: Path, code: int) -> None:
    """Each write, truncation and sync fails once: the batch is told as not kept, and is not there; the store goes on."""
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    refused, number, failing = 0, 0, True
    while failing:
        for file in path.parent.iterdir():
            file.unlink()
        for file, data in before.items():
            file.write_bytes(data)
        store = SQLiteStore(path)
        store.size  # noqa: B018 - opens the log beside the file
        disk = Disk(store._db, lambda name, n, at=number: code if n == at and _may(code, name) else None)  # type: ignore[misc]
        try:
            batch(store)
            kept = True
        except StoreError as error:
            assert "nothing of the batch was kept" in str(error)
            kept = False
            refused += 1
        failing = disk.count > number
        assert (6 if kept else 3, GOOD) == (store.size, str(store.verify(noted)))
        with suppress(sqlite3.Error):
            store.close()
        whole(path, (6,) if kept else (3,))
        number += 1
    assert refused > 0


def _may(code: int, name: str) -> bool:
    return (name == "sync") == (code == FSYNC)


def test_killed_after_a_failed_sync_nothing_acknowledged_is_lost(path: Path) -> None:
    """What a disk did with a commit that it failed to sync nobody knows; the key of the batch finds out."""

    def work() -> None:
        store = SQLiteStore(path)
        store.append([counted("c")])
        Disk(store._db, lambda name, _: FSYNC if name == "sync" else None)
        try:
            batch(store)
        except StoreError:
            os.kill(os.getpid(), signal.SIGKILL)

    assert -signal.SIGKILL == child(work)
    with SQLiteStore(path) as store:
        assert (GOOD, 1) == (str(store.verify(noted)), store.length("c"))
        store.append([counted("a", 3), sealed("_b", 2)], Key("k", "r"))
        assert (7, 4, 2) == (store.size, store.length("a"), store.length("_b"))


def test_no_room_for_the_file_to_grow(path: Path) -> None:
    """At the most that the system lets a file hold, the batch is refused; with room again the same process goes on."""

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        store = SQLiteStore(path)
        limit = path.with_name("office.db-wal").stat().st_size + 200_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        kept = 3
        with pytest.raises(StoreError, match="nothing of the batch was kept"):
            for n in range(100):
                store.append([Write(f"big/{n}", 0, (b"x" * 20_000,))])
                kept += 1
        assert 4 <= kept == store.size
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        store.append([counted("a", 3)])
        assert kept + 1 == store.size

    assert 0 == child(work)


# ---- files removed, copied, only to be read


@pytest.mark.parametrize("gone", ["-wal", "-shm"])
def test_a_file_beside_it_may_be_lost(path: Path, tmp_path: Path, gone: str) -> None:
    """Without -shm nothing is lost; without -wal the commits in it are, and only a checkpoint says so."""
    with SQLiteStore(path) as store:
        store.append([counted("a", 3, 20)])
        held = (store.size, store.root())
        copy = tmp_path / "copy"
        copy.mkdir()
        for file in path.parent.glob("office.db*"):
            if not file.name.endswith(gone):
                shutil.copy(file, copy)
    with SQLiteStore(copy / "office.db") as store:
        assert GOOD == str(store.verify(noted))
        assert (gone == "-shm") is store.verify(noted, held).complete


def test_a_copy_made_while_writing_is_refused_or_found_or_good(path: Path, tmp_path: Path) -> None:
    """Copied file by file under a writer, a store is never called good with other records in it; a backup is always good."""
    stop = threading.Event()

    def work() -> None:
        with SQLiteStore(path) as store:
            n = 0
            while not stop.is_set():
                store.append([counted("b", n)])
                n += 1

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for n in range(10):
            copy = tmp_path / f"copy{n}"
            copy.mkdir()
            for name in ("office.db-wal", "office.db"):
                with suppress(FileNotFoundError):
                    shutil.copy(path.with_name(name), copy)
            try:
                found = checked(copy / "office.db")
                with SQLiteStore(copy / "office.db", read_only=True) as store:
                    entries = list(store.scan())
            except StoreError:
                continue
            assert not found.consistent or all(e.data == record(e.stream, e.seq) for e in entries)
        with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(tmp_path / "backup.db")) as backup:
            db.backup(backup)
    finally:
        stop.set()
        writer.join()
    held = checked(tmp_path / "backup.db")
    with SQLiteStore(path) as store:
        proof = store.consistency(held.size)
        assert verify_consistency(held.size, store.size, proof, held.root, store.root())
    assert GOOD == str(held)


def test_reading_only_goes_on_beside_a_killed_writer(path: Path) -> None:
    """What a killed writer left is read, and verified, without being written."""

    def work() -> None:
        store = SQLiteStore(path)
        for n in range(10):
            store.append([counted("b", n)])
        os.kill(os.getpid(), signal.SIGKILL)

    assert -signal.SIGKILL == child(work)
    before = path.read_bytes()
    with SQLiteStore(path, read_only=True) as store:
        assert (13, GOOD) == (store.size, str(store.verify(noted)))
        with pytest.raises(StoreError, match="opened to be read only"):
            store.append([write("b", 10)])
    assert before == path.read_bytes()


# ---- forks


def test_a_fork_amid_a_transaction_harms_nothing(path: Path) -> None:
    """A child of a process that is writing can neither write nor close what is its parent's."""
    with SQLiteStore(path) as store:
        with store.transaction():
            store.append([counted("a", 3)])

            def work() -> None:
                with pytest.raises(StoreError, match="opened by another process; close it before the fork"):
                    store.append([counted("a", 4)])
                store.close()

            assert 0 == child(work)
            store.append([counted("a", 4)])

        store.append([counted("a", 5)])
        assert (6, GOOD) == (store.size, str(store.verify(noted)))


def test_what_one_process_has_begun_another_does_not_see(path: Path) -> None:
    """A reader sees whole batches only, however long a transaction stays open; taken back, it leaves no trace."""
    with SQLiteStore(path) as store, SQLiteStore(path, read_only=True) as reader:
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.append([counted("a", 3), write("b", private=(Private(1, "x", b"s" * 16, b"v"),))], Key("k", "r"))
            assert (3, 0, None) == (reader.size, reader.length("b"), reader.find("k"))
            raise ZeroDivisionError
        store.append([counted("a", 3)])
        assert [1, 2, 3, 4] == [entry.position for entry in reader.scan()]
