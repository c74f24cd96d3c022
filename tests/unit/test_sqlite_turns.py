"""Many writers on one SQLite file: threads share commits, processes take turns."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from qms.codec import encode
from qms.errors import Conflict, InvalidInput, StoreError
from qms.ports import Key, Write
from qms.stores.sqlite import SQLiteStore
from qms.stores.turns import Turnstile


def write(stream: str, seq: int, length: int | None = None) -> Write:
    """A write of one record."""
    data = encode({"stream": stream, "seq": seq, "type": "noted", "at": 1, "by": "lan"})
    return Write(stream, seq - 1 if length is None else length, (data,))


def held_back(store: SQLiteStore, *jobs: tuple[list[Write], Key | None]) -> list[object]:
    """What each of *jobs* gets when all are brought while another thread has the store: they share the next commit."""
    answers: list[object] = [None] * len(jobs)

    def bring(place: int) -> None:
        try:
            answers[place] = store.append(*jobs[place])
        except BaseException as error:  # noqa: BLE001 - compared by the caller
            answers[place] = error

    threads = [threading.Thread(target=bring, args=(place,)) for place in range(len(jobs))]
    with store.transaction():
        for thread in threads:
            thread.start()
            while not any(batch.writes is jobs[threads.index(thread)][0] for batch in list(store._brought)):
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    return answers


def test_what_threads_bring_at_once_shares_a_commit(tmp_path):
    """One commit, and each its own answer."""
    commits = []
    with SQLiteStore(tmp_path / "office.db") as store:
        store._db.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
        answers = held_back(store, *(([write(f"s{n}", 1)], None) for n in range(8)))
        assert ([1, 2, 3, 4, 5, 6, 7, 8], 8) == (sorted(answer.position for answer in answers), store.size)  # type: ignore[attr-defined]
        assert 2 == len(commits)  # the span that held them back, and theirs
        assert store.verify().consistent


def test_a_conflict_of_one_takes_nothing_from_the_others(tmp_path):
    """Each batch is kept whole or not at all, by itself."""
    with SQLiteStore(tmp_path / "office.db") as store:
        jobs = ([write("a", 1)], None), ([write("b", 1), write("a", 9)], None), ([write("c", 1)], None)
        first, second, third = held_back(store, *jobs)
        assert (1, True, 2) == (first.position, isinstance(second, Conflict), third.position)  # type: ignore[attr-defined]
        assert ([1, 0, 1], True) == ([store.length(name) for name in "abc"], store.verify().consistent)


def test_two_of_one_key_in_one_commit_are_one(tmp_path):
    """The second is answered as the first, and another request under the key is refused."""
    with SQLiteStore(tmp_path / "office.db") as store:
        jobs = ([write("a", 1)], Key("k", "r")), ([write("a", 1)], Key("k", "r")), ([write("b", 1)], Key("k", "other"))
        first, second, third = held_back(store, *jobs)
        assert (1, False, 1, True) == (first.position, first.repeated, second.position, second.repeated)  # type: ignore[attr-defined]
        assert isinstance(third, InvalidInput) and 0 == store.length("b")


def test_a_commit_that_fails_is_told_to_all_who_share_it(tmp_path, monkeypatch):
    """Nothing of any is kept, and the store goes on."""
    with SQLiteStore(tmp_path / "office.db") as store:
        end, fails = SQLiteStore._end, []

        def broken(self: SQLiteStore) -> None:
            if self.size > 1 and not fails:
                fails.append(True)
                raise sqlite3.OperationalError("disk I/O error")
            end(self)

        monkeypatch.setattr(SQLiteStore, "_end", broken)
        answers = held_back(store, ([write("a", 1)], None), ([write("b", 1)], None))
        assert ([StoreError, StoreError], 0) == ([type(answer) for answer in answers], store.size)
        assert 1 == store.append([write("a", 1)]).position


def test_who_is_stopped_while_writing_for_several_tells_them(tmp_path, monkeypatch):
    """An interrupt is the interrupted thread's; the others learn that nothing was kept."""
    with SQLiteStore(tmp_path / "office.db") as store:
        end, stopped = SQLiteStore._end, []

        def interrupted(self: SQLiteStore) -> None:
            if self.size > 1 and not stopped:
                stopped.append(threading.get_ident())
                raise SystemExit
            end(self)

        monkeypatch.setattr(SQLiteStore, "_end", interrupted)
        answers = held_back(store, ([write("a", 1)], None), ([write("b", 1)], None))
        assert ({"StoreError", "SystemExit"}, 0) == ({type(answer).__name__ for answer in answers}, store.size)
        assert any("nothing was kept" in str(answer) for answer in answers)


def test_many_threads_keep_every_stream_in_order(tmp_path):
    """Sixty-four threads, each a stream: contiguous, nothing lost."""
    with SQLiteStore(tmp_path / "office.db") as store:

        def work(name: str) -> None:
            for seq in range(1, 6):
                store.append([write(name, seq)])

        threads = [threading.Thread(target=work, args=(f"s{n}",)) for n in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (320, list(range(1, 321))) == (store.size, [entry.position for entry in store.scan()])
        assert store.verify().consistent


def _work(path: Path, name: str, count: int) -> None:
    with SQLiteStore(path) as store:
        for seq in range(1, count + 1):
            store.append([write(name, seq)])


@pytest.mark.slow
def test_eight_processes_take_turns(tmp_path):
    """Contiguous, per stream in order; who met another has set up the turnstile."""
    path = tmp_path / "office.db"
    SQLiteStore(path).close()
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(path, f"s{n}", 20)) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with SQLiteStore(path) as store:
        assert ([0] * 8, 160) == ([worker.exitcode for worker in workers], store.size)
        assert store.verify().consistent


def test_the_turnstile_is_set_up_when_two_writers_meet(tmp_path):
    """One writer alone leaves one file; who waits for another makes the gate, and gives up at its time."""
    path = tmp_path / "office.db"
    with SQLiteStore(path, timeout=0.2) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        store.append([write("a", 1)])
        assert not (tmp_path / "office.db-turn").exists()
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"busy|locked|other"):
            store.append([write("a", 2)])
        other.execute("ROLLBACK")
        assert (tmp_path / "office.db-turn").exists() and 2 == store.append([write("a", 2)]).position


def test_who_waits_at_the_turnstile_goes_in_when_it_is_left(tmp_path):
    """And goes on without it when its time is over."""
    one, other = Turnstile(tmp_path / "turn"), Turnstile(tmp_path / "turn")
    one.enter(0.0)
    assert not (tmp_path / "turn").exists()
    one.set_up()
    one.enter(time.monotonic() + 5)
    begun = time.monotonic()
    other.enter(begun + 0.05)
    waited = time.monotonic() - begun
    one.leave()
    other.enter(time.monotonic() + 5)
    other.leave()
    one.close()
    other.close()
    assert waited >= 0.05


def test_a_place_without_such_a_file_does_without(tmp_path):
    """A folder that is none: no gate, no fault."""
    gate = Turnstile(tmp_path / "none" / "turn")
    gate.set_up()
    gate.enter(time.monotonic())
    gate.leave()
    gate.close()
