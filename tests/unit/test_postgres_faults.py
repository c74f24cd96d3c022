"""A log in PostgreSQL under faults: writers and connections killed at any moment, an old backup put back."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import get_context
from typing import Any

import pytest

psycopg = pytest.importorskip("psycopg")

from qms.errors import StoreError  # noqa: E402 - what is below needs psycopg
from qms.ports import Key  # noqa: E402
from qms.stores.postgres import PostgresStore  # noqa: E402
from qms.testing.contract import counted, noted, sealed  # noqa: E402
from qms.trail import EMPTY_ROOT  # noqa: E402

pytestmark = pytest.mark.postgres
TABLES = ("stream", "entry", "log", "pending", "head", "case_row", "key", "private")


@pytest.fixture
def owner(postgres_log: str) -> Iterator[Any]:
    """A connection of the owner of the tables, whose search path is the log's schema."""
    url, _, schema = postgres_log.partition("#")
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(f"SET search_path TO {schema}")
        yield connection


def _put_back(owner: Any) -> None:
    """What was kept in old_*, in the place of what is there, without the guards."""
    owner.execute("SET session_replication_role = replica")
    for table in TABLES:
        owner.execute(f"TRUNCATE {table}; INSERT INTO {table} SELECT * FROM old_{table}")
    owner.execute("SET session_replication_role = DEFAULT")


def test_an_old_backup_put_back_is_told_by_a_checkpoint(postgres_log, owner):
    """It is consistent in itself; short of the checkpoint at first, and forked when others have written since."""
    with PostgresStore(postgres_log, synchronous=True) as store:
        store.append([counted("a", n=5), sealed("_b", 3)], Key("k", "r"))
        for table in TABLES:
            owner.execute(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")
        old = (store.size, store.root())
        store.append([counted("a", 5, 4)])
        held = (store.size, store.root())
        assert "consistent, complete" == str(store.verify(noted, held))
        _put_back(owner)
        found = store.verify(noted, held)
        assert (True, False, ["truncated"], 9) == (
            found.consistent,
            found.complete,
            [f.code for f in found.findings],
            found.findings[0].position,
        )
        store.append([counted("z", n=6)])
        found = store.verify(noted, held, since=old)
        assert (True, False, ["forked"]) == (found.consistent, found.complete, [f.code for f in found.findings])
        assert 14 == found.size


@pytest.mark.parametrize("size", [0, 1, 33, 59])
def test_a_verification_goes_on_where_one_ended(postgres_log, size):
    """With the size and root of an earlier one only what came after is read, and the answer is the same."""
    with PostgresStore(postgres_log, synchronous=True) as store:
        for n in range(20):
            store.append([counted("a", n), counted(f"b/{n}"), counted(f"c/{n % 7}", n // 7)])
        whole, told = store.verify(noted), []
        found = store.verify(noted, (5, store.root(5)), lambda *n: told.append(n), since=(size, store.root(size)))
        assert (whole.size, whole.root, "consistent, complete") == (found.size, found.root, str(found))
        assert told[-1] == ((60 - size,) * 2 if size else (120, 120))
        wrong = store.verify(None, (5, EMPTY_ROOT), since=(size, store.root(size)))
        assert ["forked"] == [finding.code for finding in wrong.findings]


def _write(url: str, name: str, told: Any) -> None:
    with PostgresStore(url) as store:
        told.value = n = store.length(name)  # one may have been kept and not told when the last writer was killed
        while True:
            store.append([counted(name, n), sealed(f"_{name}/{n}", 2)], Key(f"{name}/{n}", "r"))
            n += 1
            told.value = n


@pytest.mark.slow
def test_writers_killed_at_any_moment_leave_whole_batches(postgres_log):
    """Kill -9, two writers at a time: what was acknowledged is there, no batch is halved, positions have no gap."""
    context = get_context("forkserver")
    PostgresStore(postgres_log).close()
    chance = random.Random()
    told = {name: context.Value("q", 0) for name in ("a", "b")}
    for _ in range(6):
        writers = [context.Process(target=_write, args=(postgres_log, name, told[name]), daemon=True) for name in told]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.05, 0.8))
        for writer in writers:
            os.kill(writer.pid or 0, signal.SIGKILL)
            writer.join()
    with PostgresStore(postgres_log) as store:
        assert "consistent, completeness unknown" == str(store.verify(noted))
        for name, value in told.items():
            length = store.length(name)
            assert length - value.value in (0, 1)
            assert [2] * length == [store.length(f"_{name}/{n}") for n in range(length)]
        assert list(range(1, store.size + 1)) == [entry.position for entry in store.scan()]
        assert 0 == store.waiting()[0]


def test_connections_ended_at_any_moment_lose_and_double_nothing(postgres_log, owner):
    """The server ends whatever connection is there, again and again: each batch is tried again by its key, and is there once."""
    _, _, schema = postgres_log.partition("#")
    stop = threading.Event()

    def ending() -> None:
        sql = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = %s AND pid <> pg_backend_pid() AND query LIKE %s"
        )
        while not stop.wait(0.04):
            owner.execute(sql, (schema, f"%{schema}.%"))

    with PostgresStore(postgres_log) as store:
        thread = threading.Thread(target=ending)
        thread.start()
        try:
            for n in range(100):
                while True:
                    try:
                        store.append([counted("a", n)], Key(f"k/{n}", "r"))
                    except StoreError:
                        continue
                    break
        finally:
            stop.set()
            thread.join()
        assert (100, 100, "consistent, completeness unknown") == (store.size, store.length("a"), str(store.verify(noted)))
