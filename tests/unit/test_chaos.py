"""Killed at random moments, many times; many writers at once, and how long each waits: `make chaos` runs it in earnest.

Writers are forked off a server that has the library loaded, so that a round takes a fraction of a second.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import threading
import time
from multiprocessing import get_context
from pathlib import Path
from random import Random

import pytest

from qms.ports import Key
from qms.stores import SQLiteStore
from qms.testing.contract import counted, noted, sealed
from qms.trail import verify_consistency

IN_EARNEST = "QMS_CHAOS_ROUNDS" in os.environ
ROUNDS = int(os.environ.get("QMS_CHAOS_ROUNDS", "40"))
SEED = int(os.environ.get("QMS_CHAOS_SEED", "0")) or int.from_bytes(os.urandom(4))
GOOD = "consistent, completeness unknown"
KILLS = 20
"""How often the writers of one file are killed."""

context = get_context("forkserver")
context.set_forkserver_preload(["qms.stores.sqlite", "qms.testing.contract"])


def _acknowledge(page: mmap.mmap, place: int, value: int) -> None:
    page[8 * place : 8 * place + 8] = struct.pack("<q", value)


def _acknowledged(page: mmap.mmap, place: int) -> int:
    value: int = struct.unpack_from("<q", page, 8 * place)[0]
    return value


def _write(path: Path, told: Path, place: int) -> None:
    """Batches of three streams, each with a key, until it is killed; what was acknowledged stands in *told*."""
    with told.open("r+b") as file:
        page = mmap.mmap(file.fileno(), 64)
    with SQLiteStore(path) as store:
        n = store.length(f"a{place}")
        _acknowledge(page, place, n)
        while True:
            batch = [counted(f"a{place}", n), counted(f"b{place}", n), sealed(f"_{place}/{n}", 2)]
            store.append(batch, Key(f"{place}/{n}", "r"))
            n += 1
            _acknowledge(page, place, n)


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.parametrize("number", range((ROUNDS + KILLS - 1) // KILLS))
def test_writers_killed_at_random_moments(tmp_path: Path, number: int) -> None:
    """Kill -9 on two writers at once, again and again over one file: whole batches, nothing acknowledged lost, nothing rewritten."""
    chance = Random(f"{SEED}/{number}")
    print(f"QMS_CHAOS_SEED={SEED} round {number}")
    path, told = tmp_path / "office.db", tmp_path / "told"
    told.write_bytes(bytes(64))
    held = (0, SQLiteStore(tmp_path / "empty.db").root())
    with told.open("r+b") as file:
        page = mmap.mmap(file.fileno(), 64)
    for _ in range(KILLS):
        writers = [context.Process(target=_write, args=(path, told, place), daemon=True) for place in (0, 1)]
        for writer in writers:
            writer.start()
        time.sleep(chance.choice([chance.uniform(0, 0.03), chance.uniform(0.02, 0.15)]))
        for writer in writers:
            os.kill(writer.pid or 0, signal.SIGKILL)
        for writer in writers:
            writer.join()
        if not path.exists():
            assert (0, 0) == (_acknowledged(page, 0), _acknowledged(page, 1))
            continue
        with SQLiteStore(path) as store:
            found = store.verify(noted, held, since=held)
            assert (True, True, ()) == (found.consistent, found.complete, found.findings)
            for place in (0, 1):
                length = store.length(f"a{place}")
                assert (length, length > 0) == (store.length(f"b{place}"), store.find(f"{place}/{length - 1}") is not None)
                assert length - _acknowledged(page, place) in (0, 1)
                assert store.find(f"{place}/{length}") is None
            assert verify_consistency(held[0], found.size, store.consistency(held[0]), held[1], found.root)
            held = (found.size, found.root)
    with SQLiteStore(path) as store:
        assert GOOD == str(store.verify(noted))


def _hammer(path: Path, name: str, threads: int, each: int, until: float, longest: Path) -> None:
    waits: list[float] = []

    def work(stream: str, store: SQLiteStore) -> None:
        n = 0
        while n < each and time.time() < until:
            begun = time.perf_counter()
            store.append([counted(stream, n)])
            waits.append(time.perf_counter() - begun)
            n += 1

    with SQLiteStore(path) as store:
        workers = [threading.Thread(target=work, args=(f"{name}/{n}", store)) for n in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    longest.write_text(f"{len(waits)} {max(waits)}", "ascii")


def _together(path: Path, processes: int, threads: int, each: int, seconds: float) -> list[tuple[int, float]]:
    """How many batches each process kept, and its longest wait in seconds."""
    SQLiteStore(path).close()
    until = time.time() + seconds
    places = [path.with_name(f"longest{n}") for n in range(processes)]
    workers = [
        context.Process(target=_hammer, args=(path, f"p{n}", threads, each, until, place)) for n, place in enumerate(places)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [0] * processes == [worker.exitcode for worker in workers]
    told = [place.read_text("ascii").split() for place in places]
    return [(int(count), float(wait)) for count, wait in told]


@pytest.mark.slow
def test_eight_processes_of_sixty_four_threads_each(tmp_path: Path) -> None:
    """512 writers at once: positions without a gap, no fork, every stream in its order."""
    path = tmp_path / "office.db"
    kept = _together(path, 8, 64, 4, 600)
    with SQLiteStore(path) as store:
        assert [256] * 8 == [count for count, _ in kept]
        assert list(range(1, 2049)) == [entry.position for entry in store.scan()]
        assert GOOD == str(store.verify(noted))
        assert {4} == {store.length(f"p{n}/{m}") for n in range(8) for m in range(64)}


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.parametrize(("processes", "threads"), [(4, 1), (8, 1), (8, 8)])
def test_no_writer_starves(tmp_path: Path, processes: int, threads: int) -> None:
    """Busy writers for seconds: each gets its turns, none less than a tenth of what the busiest got; `make chaos`: a second at most."""
    path = tmp_path / "office.db"
    kept = _together(path, processes, threads, 2**62, 10 if IN_EARNEST else 2)
    waits, counts = [wait for _, wait in kept], [count for count, _ in kept]
    print(
        f"{processes} processes x {threads} threads: {sum(counts):,} batches, by process {counts}; longest wait {max(waits):.3f} s"
    )
    assert min(counts) * 10 >= max(counts)
    if IN_EARNEST:
        assert max(waits) <= 1.0
    with SQLiteStore(path) as store:
        assert (sum(counts), GOOD) == (store.size, str(store.verify(noted)))
