"""The hook for the PostgreSQL store: a database named in QMS_POSTGRES_URL answers."""

from __future__ import annotations

import pytest

psycopg = pytest.importorskip("psycopg")


@pytest.mark.postgres
def test_the_named_database_answers(postgres_url):
    """A connection to QMS_POSTGRES_URL can be made and asked."""
    with psycopg.connect(postgres_url) as connection:
        assert (1,) == connection.execute("select 1").fetchone()
