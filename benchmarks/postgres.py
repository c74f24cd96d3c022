"""Durable events in PostgreSQL, one a commit, by 1, 4 and 16 writers at once: ours, LOCK TABLE, eventsourcing, a plain INSERT.

Ours also gives positions without a gap, keeps the Merkle tree and the row of the case: the clock stops when every record has its
position. Each contestant writes from as many processes as the machine has processors, at most four, its writers as threads in
them. The database is named in QMS_POSTGRES_URL; its disk must be waited for (fsync and synchronous_commit on).
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import psycopg

from qms.codec import encode
from qms.ports import Row as StoreRow
from qms.ports import Write
from qms.stores.postgres import PostgresStore

from .harness import Row

SCHEMA = "qms_bench"
EACH = 20
"""Events that each writer keeps in one round."""

Job = Callable[[], None]


def rows() -> Iterator[Row]:
    """In one database, in tables of their own."""
    url = os.environ.get("QMS_POSTGRES_URL")
    if not url:
        print("| append to PostgreSQL: no database is named in QMS_POSTGRES_URL | | | | | |")
        return
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        for setting in ("fsync", "synchronous_commit"):
            if connection.execute(f"SHOW {setting}").fetchone() != ("on",):
                print(f"| append to PostgreSQL: {setting} is off there, which would measure nothing | | | | | |")
                return
        _tables(connection)
        for writers in (1, 4, 16):
            crews = {name: _Crew(make, url, writers) for name, make in CONTESTANTS.items()}
            try:
                yield Row(
                    f"append one event to PostgreSQL, durably, {writers} writer{'s' if writers > 1 else ''}",
                    crews.pop("ours").round,
                    {name: crew.round for name, crew in crews.items()},
                    {"LOCK TABLE": 3, "eventsourcing": 4} if writers == 16 else {},
                    operations=writers * EACH,
                    seconds=0.4,
                    waits=True,
                )
            finally:
                for crew in crews.values():
                    crew.end()
        _drop(connection)


def _tables(connection: Any) -> None:
    _drop(connection)
    connection.execute(f"CREATE SCHEMA {SCHEMA}_peers")
    for table in ("locked", "plain"):
        connection.execute(
            f"CREATE TABLE {SCHEMA}_peers.{table} (position bigserial PRIMARY KEY, stream text, seq bigint, data bytea, UNIQUE (stream, seq))"
        )


def _drop(connection: Any) -> None:
    connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; DROP SCHEMA IF EXISTS {SCHEMA}_peers CASCADE")


def _event(stream: str, seq: int) -> bytes:
    return encode(
        {
            "stream": stream,
            "seq": seq,
            "type": "acted",
            "at": 1_700_000_000_000_000 + seq,
            "by": "lan",
            "form": {"note": "x" * 120},
        }
    )


def _ours(url: str, writers: int) -> tuple[list[Job], Job]:
    store = PostgresStore(f"{url}#{SCHEMA}", connections=writers + 1)

    def writer() -> Job:
        stream, numbers = uuid4().hex, count()

        def work() -> None:
            n = next(numbers)
            row = StoreRow(process="p", steps=("accepted",), open=True, due=n)
            store.append([Write(stream, n, (_event(stream, n + 1),), (), row)])

        return work

    def settled() -> None:
        while store.waiting()[0]:  # another process gives positions; the clock runs
            store.size  # noqa: B018

    return [writer() for _ in range(writers)], settled


def _inserts(url: str, writers: int, table: str, before: str) -> tuple[list[Job], Job]:
    def writer() -> Job:
        connection = psycopg.connect(url, autocommit=True)
        stream, numbers = uuid4().hex, count(1)
        insert = f"INSERT INTO {SCHEMA}_peers.{table} (stream, seq, data) VALUES (%s, %s, %b)"

        def work() -> None:
            n = next(numbers)
            if before:
                with connection.transaction():
                    connection.execute(before)
                    connection.execute(insert, (stream, n, _event(stream, n)))
            else:
                connection.execute(insert, (stream, n, _event(stream, n)))

        return work

    return [writer() for _ in range(writers)], lambda: None


def _locked(url: str, writers: int) -> tuple[list[Job], Job]:
    return _inserts(url, writers, "locked", f"LOCK TABLE {SCHEMA}_peers.locked IN EXCLUSIVE MODE")


def _plain(url: str, writers: int) -> tuple[list[Job], Job]:
    return _inserts(url, writers, "plain", "")


def _eventsourcing(url: str, writers: int) -> tuple[list[Job], Job]:
    from eventsourcing.persistence import StoredEvent
    from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

    parts = psycopg.conninfo.conninfo_to_dict(url)
    datastore = PostgresDatastore(
        dbname=str(parts.get("dbname")),
        host=str(parts.get("host")),
        port=str(parts.get("port", 5432)),
        user=str(parts.get("user")),
        password=str(parts.get("password", "-")),
        pool_size=writers,
        max_overflow=1,
        schema=f"{SCHEMA}_peers",
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="events")
    recorder.create_table()

    def writer() -> Job:
        stream, numbers = uuid4(), count(1)

        def work() -> None:
            n = next(numbers)
            recorder.insert_events([StoredEvent(stream, n, "acted", _event(str(stream), n))])

        return work

    return [writer() for _ in range(writers)], lambda: None


CONTESTANTS = {"ours": _ours, "LOCK TABLE": _locked, "eventsourcing": _eventsourcing, "plain INSERT": _plain}


class _Crew:
    """Writers in processes of their own, which begin a round together and are waited for."""

    def __init__(self, make: Callable[[str, int], tuple[list[Job], Job]], url: str, writers: int) -> None:
        processes = min(writers, os.cpu_count() or 1, 4)
        context = multiprocessing.get_context("spawn")
        self._pipes = []
        for _ in range(processes):
            here, there = context.Pipe()
            context.Process(target=_member, args=(make, url, writers // processes, there), daemon=True).start()
            self._pipes.append(here)
            here.recv()  # one after another: they make their tables

    def round(self) -> None:
        for pipe in self._pipes:
            pipe.send(EACH)
        for pipe in self._pipes:
            pipe.recv()

    def end(self) -> None:
        for pipe in self._pipes:
            pipe.send(None)


def _member(make: Callable[[str, int], tuple[list[Job], Job]], url: str, writers: int, pipe: Any) -> None:
    jobs, settled = make(url, writers)
    pipe.send(None)
    while (each := pipe.recv()) is not None:
        begin = Barrier(writers)
        threads = [Thread(target=_work, args=(job, each, begin)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        settled()
        pipe.send(None)


def _work(job: Job, each: int, begin: Barrier) -> None:
    begin.wait()
    for _ in range(each):
        job()
