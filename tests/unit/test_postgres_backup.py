"""A log in PostgreSQL dumped and restored: the same log, which goes on; an older dump is told by a checkpoint."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

psycopg = pytest.importorskip("psycopg")

from qms.stores.postgres import PostgresStore  # noqa: E402 - what is below needs psycopg
from qms.testing.contract import counted, noted, write  # noqa: E402

pytestmark = pytest.mark.postgres


def program(name: str) -> str:
    """A program of PostgreSQL; a test is skipped, visibly, where it is not."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4].split(".")[0]))
    found = str(places[-1]) if places else shutil.which(name)
    if not found:
        pytest.skip(f"no {name} here")
    return found


@pytest.fixture
def elsewhere(postgres_log: str, postgres_url: str) -> Iterator[str]:
    """The address of another, empty database on the same server, and the same schema in it."""
    name = f"{postgres_log.partition('#')[2]}_copy"
    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        parts = psycopg.conninfo.conninfo_to_dict(postgres_url)
        rest = "&".join(f"{key}={value}" for key, value in parts.items() if key in ("host", "port"))
        yield f"postgresql://{parts['user']}@/{name}?{rest}#{postgres_log.partition('#')[2]}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def dump(url: str) -> str:
    """The schema as SQL, as of one moment."""
    address, _, schema = url.partition("#")
    command = [program("pg_dump"), "--no-owner", "--schema", schema, address]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"PGCLIENTENCODING": "UTF8"}
    ).stdout


def restore(sql: str, url: str) -> None:
    """Run a dump."""
    command = [program("psql"), "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", url.partition("#")[0]]
    subprocess.run(command, check=True, capture_output=True, text=True, input=sql)


def test_a_dump_restored_goes_on_where_it_ended(postgres_log, elsewhere):
    """Dumped beside open transactions and waiting batches: same root, positions go on, what waited gets its own."""
    address, _, schema = postgres_log.partition("#")
    with PostgresStore(postgres_log) as store, closing(psycopg.connect(address)) as connection:
        store.append([counted("a", n=5)])
        root = store.root()
        joined = PostgresStore.on(connection, schema=schema)
        joined.append([counted("waits", n=2)])
        connection.commit()
        joined.append([counted("open")])
        sql = dump(postgres_log)
        connection.rollback()
    restore(sql, elsewhere)
    with PostgresStore(elsewhere) as copy:
        assert (1, 0) == (copy.waiting()[0], copy.length("open"))
        assert 7 == copy.size
        copy.append([counted("a", 5)])
        assert (root, [6, 7, 8]) == (copy.root(5), [entry.position for entry in copy.scan(5)])
        assert "consistent, completeness unknown" == str(copy.verify(noted))


def test_an_older_dump_is_told_by_a_checkpoint(postgres_log, elsewhere):
    """Consistent in itself, and not complete; written on, it is another log from there."""
    with PostgresStore(postgres_log) as store:
        store.append([write("a", n=3)])
        sql = dump(postgres_log)
        store.append([write("a", 3, 2)])
        checkpoint = (store.size, store.root())
    restore(sql, elsewhere)
    with PostgresStore(elsewhere) as copy:
        assert "consistent, completeness unknown" == str(copy.verify())
        assert ["truncated"] == [finding.code for finding in copy.verify(checkpoint=checkpoint).findings]
        copy.append([write("b", n=4)])
        assert ["forked"] == [finding.code for finding in copy.verify(checkpoint=checkpoint).findings]
