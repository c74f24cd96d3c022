"""The log beside what bounds it: threads that append at once, verification beside raw SHA-256, proofs, sealed values.

Appending is durable: SQLite with WAL and synchronous FULL, one event a commit for whoever appends.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from pymerkle import InmemoryTree

from qms.codec import encode
from qms.ports import Private, Write
from qms.stores import SQLiteStore
from qms.trail import Frontier, commitment, inclusion_proof, kept_nodes, leaf_hash, root_at, verify_inclusion

from .append import _event, _plain, _sync
from .harness import Row

SIZE = 50_000
EACH = 20


def rows() -> Iterator[Row]:
    """Each in a file of its own, in one folder, so on one disk."""
    with TemporaryDirectory(prefix="qms-bench-", dir=os.environ.get("QMS_BENCH_DIR")) as folder:
        place = Path(folder)
        for threads in (16, 64):
            peers = {
                "write and fdatasync, one at a time": _sync(place / f"{threads}.bin"),
                "plain INSERT, one at a time": _plain(place / f"{threads}.db"),
            }
            shared = {name: _repeated(work, threads * EACH) for name, work in peers.items()}
            target = {"write and fdatasync, one at a time": 3.5} if threads == 64 else {}
            name = f"append durably from {threads} threads"
            yield Row(name, _threads(place / f"ours-{threads}.db", threads), shared, target, threads * EACH, 0.3, waits=True)
        sealed, bare = _sealed(place / "sealed.db", 2), _sealed(place / "bare.db", 0)
        yield Row(
            "append, two values sealed",
            sealed,
            {"the same, none sealed": bare},
            {"the same, none sealed": 0.95},
            waits=True,
            seconds=0.3,
        )
        store = _filled(place / "log.db")
        yield from _reading(store, place / "log.db")
        store.close()


def _repeated(work: Callable[[], None], times: int) -> Callable[[], None]:
    def again() -> None:
        for _ in range(times):
            work()

    return again


def _threads(path: Path, threads: int) -> Callable[[], None]:
    store, pool, turns = SQLiteStore(path), ThreadPoolExecutor(threads), count()

    def one(number: int, turn: int) -> None:
        for n in range(EACH):
            seq = turn * EACH + n
            event = {**_event(seq), "stream": f"thread-{number}", "seq": seq + 1}
            store.append([Write(f"thread-{number}", seq, (encode(event),))])

    def work() -> None:
        turn = next(turns)
        for done in [pool.submit(one, number, turn) for number in range(threads)]:
            done.result()

    return work


def _sealed(path: Path, values: int) -> Callable[[], None]:
    store, numbers = SQLiteStore(path), count()

    def work() -> None:
        number = next(numbers)
        stream, seq = f"case-{number % 50}", number // 50 + 1
        event = {**_event(number), "form": {"note": "x" * 120, "name": "Nguyễn Văn An", "phone": "0903 000 111"}}
        private = []
        for name in ("name", "phone")[:values]:
            salt, value = os.urandom(16), encode(event["form"][name])
            event["form"][name] = {"sealed": commitment(salt, f"form.{name}", stream, seq, value)}
            private.append(Private(seq, f"form.{name}", salt, value))
        store.append([Write(stream, seq - 1, (encode(event),), tuple(private))])

    return work


def _filled(path: Path) -> SQLiteStore:
    store = SQLiteStore(path)
    for first in range(0, SIZE, 1000):
        events = [_event(n) for n in range(first, first + 1000)]
        store.append([Write(str(e["stream"]), int(str(e["seq"])) - 1, (encode(e),)) for e in events])
    return store


def _reading(store: SQLiteStore, path: Path) -> Iterator[Row]:
    with sqlite3.connect(path) as db:
        bodies = [data for (data,) in db.execute("SELECT data FROM qms_entry ORDER BY position")]

    def hashed() -> None:
        for data in bodies:
            sha256(data).digest()

    def read() -> None:
        with sqlite3.connect(path) as db:
            for (data,) in db.execute("SELECT data FROM qms_entry ORDER BY position"):
                sha256(data).digest()

    peers = {"SHA-256 of each, in memory": hashed, "read, and SHA-256 of each": read}
    yield Row(
        "verify bytes and tree, a record",
        lambda: store.verify(level="tree"),
        peers,
        {"read, and SHA-256 of each": 0.35},
        SIZE,
        0.3,
    )
    yield Row("verify streams and personal values too, a record", store.verify, peers, {}, SIZE, 0.3)
    leaves, numbers = [leaf_hash(data) for data in bodies], count()
    size, root = store.size, store.root()
    index = SIZE // 3
    proof = store.inclusion(index)
    theirs = InmemoryTree(algorithm="sha256")
    for data in bodies:
        theirs.append_entry(data)
    assert theirs.get_root() == root
    yield Row(
        "make a proof of inclusion",
        lambda: store.inclusion(next(numbers) * 7919 % size),
        {
            "pymerkle, in memory": lambda: theirs.prove_inclusion(next(numbers) * 7919 % size + 1),
            "the root over all leaves": lambda: root_at(size, _over(leaves)),
        },
        {"pymerkle, in memory": 5},
        note=f"{size:,} records, ours from the file",
    )
    yield Row(
        "make a proof of consistency",
        lambda: store.consistency(next(numbers) * 7919 % size + 1),
        {"pymerkle, in memory": lambda: theirs.prove_consistency(next(numbers) * 7919 % size + 1, size)},
        note=f"{size:,} records, ours from the file",
    )
    read = kept_nodes(_kept(leaves).__getitem__)
    yield Row(
        "make a proof of inclusion",
        lambda: inclusion_proof(next(numbers) * 7919 % size, size, read),
        {"pymerkle, in memory": lambda: theirs.prove_inclusion(next(numbers) * 7919 % size + 1)},
        {"pymerkle, in memory": 5},
        note=f"{size:,} records, both in memory",
    )
    yield Row(
        "check a proof of inclusion",
        lambda: verify_inclusion(leaves[index], index, size, proof, root),
        {"SHA-256 of 64 bytes, once": lambda: sha256(bytes(64)).digest()},
    )


def _kept(leaves: list[bytes]) -> list[bytes]:
    kept = [b""]
    Frontier().extended(leaves, kept.append)
    return kept


def _over(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    """A reader that keeps nothing: what proofs cost without the kept nodes."""

    def read(level: int, index: int) -> bytes:
        if not level:
            return leaves[index]
        return sha256(b"\x01" + read(level - 1, 2 * index) + read(level - 1, 2 * index + 1)).digest()

    return read
