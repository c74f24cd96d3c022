"""commanded/eventstore 3, eugene-khyst/postgresql-event-sourcing 2: a transaction that was taken back leaves a gap in the numbers.

Readers then cannot tell a gap that will be filled from one that never will. A sequence of the database counts on for
what is taken back; a position is given to what is kept, and to nothing else.
"""

from __future__ import annotations

import pytest

from qms.errors import Conflict
from qms.stores import SQLiteStore
from qms.testing.contract import LoggedStore, write


def _with_failures(store: LoggedStore) -> None:
    for n in range(5):
        store.append([write("a", n)])
        with pytest.raises(Conflict):
            store.append([write("b", n), write("a", 99)])
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.append([write("lost")])
            raise ZeroDivisionError
        store.append([write("b", n)])
    assert list(range(1, 11)) == [entry.position for entry in store.scan()]
    assert "consistent, completeness unknown" == str(store.verify())


def test_what_is_taken_back_leaves_no_gap_in_a_file(tmp_path):
    """Conflicts and exceptions between: positions count what was kept."""
    with SQLiteStore(tmp_path / "office.db") as store:
        _with_failures(store)


@pytest.mark.postgres
def test_what_is_taken_back_leaves_no_gap_in_a_database(postgres_log):
    """The same in PostgreSQL, whose sequences do leave gaps."""
    postgres = pytest.importorskip("qms.stores.postgres")
    with postgres.PostgresStore(postgres_log) as store:
        _with_failures(store)
