"""One durable event a commit, SQLite with WAL and synchronous FULL: ours, a plain INSERT, and eventsourcing.

Ours also keeps the Merkle root, the idempotency key and the row of the case; the plain INSERT keeps the bytes alone.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from qms.codec import encode
from qms.ports import Row as StoreRow
from qms.ports import Write
from qms.stores import SQLiteStore

from .harness import Row

STREAMS = 50


def rows() -> Iterator[Row]:
    """Each in a file of its own, in one folder, so on one disk."""
    with TemporaryDirectory(prefix="qms-bench-", dir=os.environ.get("QMS_BENCH_DIR")) as folder:
        place = Path(folder)
        yield Row(
            "append one event, durably",
            _ours(place / "ours.db"),
            {
                "plain INSERT": _plain(place / "plain.db"),
                "eventsourcing": _eventsourcing(place / "eventsourcing.db"),
                "write and fdatasync": _sync(place / "plain.bin"),
            },
            {"plain INSERT": 0.75, "eventsourcing": 1.2},
            seconds=0.3,
            waits=True,
        )


def _event(number: int) -> dict[str, object]:
    return {"stream": f"case-{number % STREAMS}", "seq": number // STREAMS + 1, "type": "acted", "at": 1_700_000_000_000_000 + number,
            "by": "lan", "move": "accept", "form": {"note": "x" * 120}}  # fmt: skip


def _ours(path: Path):
    store, numbers = SQLiteStore(path), count()

    def work() -> None:
        number = next(numbers)
        event = _event(number)
        row = StoreRow(process="p", steps=("accepted",), open=True, due=number)
        store.append([Write(event["stream"], number // STREAMS, (encode(event),), (), row)])

    return work


def _plain(path: Path):
    connection, numbers = sqlite3.connect(path, isolation_level=None), count()
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT, seq INTEGER, data BLOB, UNIQUE (stream, seq))"
    )

    def work() -> None:
        event = _event(next(numbers))
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "INSERT INTO events (stream, seq, data) VALUES (?, ?, ?)", (event["stream"], event["seq"], encode(event))
        )
        connection.execute("COMMIT")

    return work


def _eventsourcing(path: Path):
    datastore = SQLiteDatastore(str(path))
    recorder, numbers = SQLiteApplicationRecorder(datastore), count()
    recorder.create_table()
    with datastore.transaction(commit=True) as cursor:
        cursor.execute("PRAGMA synchronous")
        assert tuple(cursor.fetchone()) == (2,)  # FULL, as the others
    names = [UUID(int=number) for number in range(STREAMS)]

    def work() -> None:
        number = next(numbers)
        recorder.insert_events([StoredEvent(names[number % STREAMS], number // STREAMS + 1, "acted", encode(_event(number)))])

    return work


def _sync(path: Path):
    file, numbers = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY), count()

    def work() -> None:
        os.write(file, encode(_event(next(numbers))))
        os.fdatasync(file)

    return work
