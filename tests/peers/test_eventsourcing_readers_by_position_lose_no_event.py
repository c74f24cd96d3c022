"""eventsourcing 9.5.6 with ``enable_db_functions``: of six writers, 81 of 1,890 events were committed below the bookmark of a reader.

Its function omits the lock of the table, numbers are taken before they are committed, and who follows
``notification_id > last`` never sees what came late. Here positions are given in the order in which they become visible.
"""

from __future__ import annotations

import threading
import time

import pytest

from qms.testing.contract import write

WRITERS, EACH = 6, 40


@pytest.mark.postgres
def test_a_reader_that_follows_positions_sees_every_event(postgres_log):
    """Six writers, some in transactions that stay open for a while; the reader remembers the last position and nothing else."""
    postgres = pytest.importorskip("qms.stores.postgres")
    with postgres.PostgresStore(postgres_log) as store:

        def work(name: str) -> None:
            for n in range(EACH):
                if n % 5:
                    store.append([write(name, n)])
                else:
                    with store.transaction():
                        store.append([write(name, n)])
                        time.sleep(0.004)

        writers = [threading.Thread(target=work, args=(f"s{n}",)) for n in range(WRITERS)]
        for writer in writers:
            writer.start()
        seen: list[tuple[str, int]] = []
        last = 0
        while last < WRITERS * EACH:
            alive = any(writer.is_alive() for writer in writers)
            before = last
            for entry in store.scan(last):
                assert last + 1 == entry.position
                last = entry.position or 0
                seen.append((entry.stream, entry.seq))
            assert alive or last > before
        for writer in writers:
            writer.join()
    assert {(f"s{n}", seq) for n in range(WRITERS) for seq in range(1, EACH + 1)} == set(seen)
    assert WRITERS * EACH == len(seen)
