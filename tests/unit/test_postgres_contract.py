"""The store in PostgreSQL passes the contract of stores: as it is, synchronous, and joined to a caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

psycopg = pytest.importorskip("psycopg")

from qms.stores.postgres import PostgresStore  # noqa: E402 - needs psycopg
from qms.testing.contract import LoggedStore, StoreContract  # noqa: E402

pytestmark = pytest.mark.postgres


class TestPostgresStore(StoreContract):
    """The store in a schema of its own."""

    @pytest.fixture
    def store(self, postgres_log: str) -> Iterator[LoggedStore]:
        """An empty store in a new schema."""
        with PostgresStore(postgres_log) as store:
            yield store


class TestSynchronousStore(StoreContract):
    """The store whose receipts always have a position."""

    @pytest.fixture
    def store(self, postgres_log: str) -> Iterator[LoggedStore]:
        """An empty store in a new schema."""
        with PostgresStore(postgres_log, synchronous=True) as store:
            yield store


class TestJoinedStore(StoreContract):
    """The store in a caller's transaction, with positions at once."""

    @pytest.fixture
    def store(self, postgres_log: str) -> Iterator[LoggedStore]:
        """An empty store inside a database that is somebody else's."""
        url, _, schema = postgres_log.partition("#")
        with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
            yield PostgresStore.on(connection, schema=schema, synchronous=True)
            connection.rollback()
