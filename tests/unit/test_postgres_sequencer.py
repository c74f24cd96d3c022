"""The sequencer of a log in PostgreSQL: killed anywhere, two at once, beside many writers; a follower misses nothing."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest

psycopg = pytest.importorskip("psycopg")

from qms.errors import InvalidInput, StoreError  # noqa: E402 - what is below needs psycopg
from qms.ports import Write  # noqa: E402
from qms.stores.postgres import PostgresStore  # noqa: E402
from qms.stores.sequencer import Pass, Sequencer  # noqa: E402
from qms.testing.contract import record, write  # noqa: E402
from qms.trail import leaf_hash, root  # noqa: E402

pytestmark = pytest.mark.postgres

SOURCE = Path(__file__).parent.parent.parent / "src"


@pytest.fixture
def log(postgres_log: str) -> Iterator[PostgresStore]:
    """The log, over connections of its own."""
    with PostgresStore(postgres_log) as store:
        yield store


def queued(url: str, streams: int, each: int) -> None:
    """Keep records as a caller does, in transactions of its own, so that each waits for a sequencer."""
    address, _, schema = url.partition("#")
    with closing(psycopg.connect(address)) as connection:
        store = PostgresStore.on(connection, schema=schema)
        for n in range(each):
            for stream in range(streams):
                store.append([write(f"s{stream}", n)])
            connection.commit()


def whole(log: PostgresStore, records: int) -> bool:
    """Whether the log has *records* positions, 1 to the last, under the root of what is read, and verifies."""
    deadline = monotonic() + 30
    while log.size < records and monotonic() < deadline:  # the server may not have noticed yet that a client is dead
        sleep(0.01)
    entries = list(log.scan())
    assert list(range(1, records + 1)) == [entry.position for entry in entries]
    assert root(leaf_hash(entry.data) for entry in entries) == log.root()
    for stream in {entry.stream for entry in entries}:
        assert list(range(1, log.length(stream) + 1)) == [entry.seq for entry in entries if entry.stream == stream]
    return log.verify().consistent and log.waiting()[0] == 0


def test_what_waits_gets_positions_in_the_order_it_came(postgres_log, log):
    """One pass takes all that waits; the next finds nothing."""
    queued(postgres_log, 3, 4)
    assert 12 == log.waiting()[0]
    with closing(Sequencer(postgres_log)) as sequencer:
        assert [Pass(12), Pass(0)] == [sequencer.once(), sequencer.once()]
    assert [f"s{n % 3}" for n in range(12)] == [entry.stream for entry in log.scan()]
    assert whole(log, 12)


def test_a_pass_that_is_taken_back_has_changed_nothing(postgres_log, log):
    """The connection ends between the pass and its commit: all waits as before, and is sequenced once."""
    queued(postgres_log, 2, 3)
    address, _, schema = postgres_log.partition("#")
    with closing(psycopg.connect(address)) as connection:
        assert (6, False) == connection.execute(f"SELECT * FROM {schema}.sequence(100, 0)").fetchone()
        assert (6, 6) == connection.execute(f"SELECT size, (SELECT count(*) FROM {schema}.log) FROM {schema}.head").fetchone()
    assert (6, []) == (log.waiting()[0], log._all(f"SELECT 1 FROM {schema}.log"))
    assert whole(log, 6)


def test_of_two_sequencers_one_works_at_a_time(postgres_log, log):
    """While one has not committed, another goes away empty-handed or waits, and then finds nothing left to do."""
    queued(postgres_log, 1, 5)
    address, _, schema = postgres_log.partition("#")
    with closing(psycopg.connect(address)) as connection, closing(Sequencer(postgres_log)) as sequencer:
        connection.execute(f"SELECT * FROM {schema}.sequence(100, 0)")
        assert [Pass(0, more=True)] * 2 == [sequencer.once(0), sequencer.once(50)]
        told: list[Pass] = []
        thread = Thread(target=lambda: told.append(sequencer.once(60_000)))
        thread.start()
        sleep(0.05)
        connection.commit()
        thread.join()
    assert [Pass(0)] == told
    assert whole(log, 5)


def test_writers_leave_to_a_sequencer_at_work_and_it_looks_again(postgres_log, log):
    """A writer that finds the lock taken goes on; its batch waits until the next look."""
    address, _, schema = postgres_log.partition("#")
    with closing(psycopg.connect(address)) as connection:
        connection.execute(f"SELECT pg_advisory_xact_lock({schema}.lock_of())")
        assert [None, None] == [log.append([write("a", n)]).position for n in range(2)]
        assert (0, 2) == (log.size, log.waiting()[0])
        assert log.waiting()[1] > 0
        connection.rollback()
    assert whole(log, 2)


def test_a_backlog_is_taken_in_parts(postgres_log, log, monkeypatch):
    """More batches than one transaction takes: in order, and whole."""
    queued(postgres_log, 5, 8)
    schema = postgres_log.partition("#")[2]
    assert [[(7, True)]] * 5 == [log._all(f"SELECT * FROM {schema}.sequence(7, 0)") for _ in range(5)]
    assert whole(log, 40)


WRITER = """
import sys
from contextlib import closing
import psycopg
from qms.stores.postgres import PostgresStore
from qms.testing.contract import write
url, name, joined = sys.argv[1:]
address, _, schema = url.partition("#")
if joined == "yes":
    with closing(psycopg.connect(address)) as connection:
        store = PostgresStore.on(connection, schema=schema)
        for n in range(40):
            store.append([write(name, 2 * n), write(f"{name}/more", n)])
            store.append([write(name, 2 * n + 1)])
            (connection.rollback if n % 10 == 9 else connection.commit)()
            if n % 10 == 9:
                store.append([write(name, 2 * n), write(f"{name}/more", n)])
                store.append([write(name, 2 * n + 1)])
                connection.commit()
else:
    with PostgresStore(url) as store:
        for n in range(40):
            store.append([write(name, 2 * n), write(f"{name}/more", n)])
            with store.transaction():
                store.append([write(name, 2 * n + 1)])
"""


def start(code: str, *args: str) -> subprocess.Popen[str]:
    """A process of its own that runs *code*."""
    env = {"PYTHONPATH": str(SOURCE), "PATH": "/usr/bin:/bin"} if SOURCE.is_dir() else None
    return subprocess.Popen([sys.executable, "-c", code, *args], env=env, text=True, stderr=subprocess.PIPE)


@pytest.mark.slow
@pytest.mark.parametrize("writers", [2, 8])
def test_many_processes_write_and_a_follower_misses_nothing(postgres_log, log, writers):
    """Processes that sequence and processes that leave it to others: a reader by position gets each record once, in order."""
    running = [start(WRITER, postgres_log, f"w{n}", "yes" if n % 2 else "no") for n in range(writers)]
    seen: list[Any] = []
    try:
        while any(process.poll() is None for process in running):
            seen += log.scan(len(seen))
    finally:
        for process in running:
            process.kill() if process.poll() is None else None
    assert [("", 0)] * writers == [(process.communicate()[1], process.returncode) for process in running]
    seen += log.scan(len(seen))
    assert list(log.scan()) == seen
    assert whole(log, writers * 120)


SEQUENCER = """
import sys
from threading import Event
from qms.stores.sequencer import Sequencer
Sequencer(sys.argv[1]).run(Event(), every=0.001)
"""


@pytest.mark.slow
def test_a_sequencer_killed_at_any_moment_leaves_the_log_whole(postgres_log, log):
    """Killed twelve times while another writes, two of them at once for a while: nothing is lost, doubled or skipped."""
    draw = random.Random(6)
    writer = Thread(target=queued, args=(postgres_log, 6, 120))
    writer.start()
    followed: list[Any] = []
    with PostgresStore(postgres_log, read_only=True) as reader:
        for _ in range(12):
            running = [start(SEQUENCER, postgres_log) for _ in range(2)]
            sleep(draw.uniform(0.2, 0.6))
            followed += reader.scan(len(followed))
            for process in running:
                process.send_signal(signal.SIGKILL)
                process.communicate()
        writer.join()
        assert whole(log, 720)
        followed += reader.scan(len(followed))
    assert list(log.scan()) == followed


@pytest.mark.slow
def test_a_sequencer_outlives_its_connection(postgres_log, log):
    """The server ends its connection again and again: it says so, connects anew, and goes on."""
    address = postgres_log.partition("#")[0]
    stop, told = Event(), list[Pass]()
    sequencer = Sequencer(postgres_log)
    thread = Thread(target=lambda: sequencer.run(stop, every=0.001, told=told.append))
    thread.start()
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        for n in range(5):
            address_of, schema = address, postgres_log.partition("#")[2]
            with closing(psycopg.connect(address_of)) as caller:
                PostgresStore.on(caller, schema=schema).append([write("a", n)])
                caller.commit()
            deadline = monotonic() + 30
            while log.waiting()[0] and monotonic() < deadline:
                sleep(0.005)
            assert 0 == log.waiting()[0]
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE %s AND pid <> pg_backend_pid()",
                (f"%{schema}.sequence(5000%",),
            )
    stop.set()
    thread.join()
    sequencer.close()
    assert 5 == sum(one.done for one in told)
    assert all("no connection" in one.trouble or "ended the connection" in one.trouble for one in told if one.trouble)
    assert whole(log, 5)


def test_a_sequencer_needs_a_log(postgres_url, postgres_log):
    """An address of none, a database without a log, a server that is not there: each is told."""
    with pytest.raises(StoreError, match="there is no log; run qms prepare first"):
        Sequencer(postgres_log)
    with pytest.raises(InvalidInput, match="no address"):
        Sequencer("postgresql://[")
    with pytest.raises(InvalidInput, match="no name for a schema"):
        Sequencer(f"{postgres_url}#A b")
    with pytest.raises(StoreError, match="no connection"):
        Sequencer("postgresql:///office?host=/nowhere")


@pytest.mark.parametrize("sizes", [(1,), (2, 1), (3, 4, 1, 1), (8, 7, 1), (1,) * 33, (130, 3, 127)])
def test_the_tree_is_that_of_the_records_whatever_the_batches(postgres_log, log, sizes):
    """Batches of any sizes, sequenced together and apart: the hashes kept are those the records make."""
    address, _, schema = postgres_log.partition("#")
    with closing(psycopg.connect(address)) as connection:
        store = PostgresStore.on(connection, schema=schema)
        for n, size in enumerate(sizes):
            store.append([Write(f"s{n}", 0, tuple(record(f"s{n}", i + 1) for i in range(size)))])
            connection.commit()
            if n % 3 == 1:
                with suppress(StoreError):
                    log._settle()
    leaves = [leaf_hash(entry.data) for entry in log.scan()]
    assert [root(leaves[:n]) for n in range(len(leaves) + 1)] == [log.root(n) for n in range(len(leaves) + 1)]
    assert whole(log, sum(sizes))
