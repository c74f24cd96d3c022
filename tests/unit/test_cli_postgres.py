"""Logs in PostgreSQL on the command line: made, filled, sequenced, signed, verified."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

psycopg = pytest.importorskip("psycopg")

from typer.testing import CliRunner  # noqa: E402 - what is below needs psycopg

from qms.cli import app  # noqa: E402
from qms.stores.postgres import PostgresStore  # noqa: E402
from qms.testing.contract import write  # noqa: E402

pytestmark = pytest.mark.postgres

SOURCE = Path(__file__).parent.parent.parent / "src"


def run(*line: str) -> Any:
    """What the command says: (exit code, output)."""
    result = CliRunner().invoke(app, list(line))
    return result.exit_code, result.output


@pytest.fixture
def caller(postgres_log: str) -> Iterator[PostgresStore]:
    """A log that a caller keeps records in without giving them positions."""
    address, _, schema = postgres_log.partition("#")
    assert 0 == run("prepare", postgres_log)[0]
    with closing(psycopg.connect(address)) as connection:
        store = PostgresStore.on(connection, schema=schema)
        store.append([write("denials/a", n=3)])
        connection.commit()
        yield store


def test_a_log_is_made_and_said_to_be_there(postgres_log):
    """Once made, then found as it is; the SQL can be read first, and nothing is changed by reading it."""
    schema = postgres_log.partition("#")[2]
    code, sql = run("prepare", postgres_log, "--sql", "--roles")
    assert (0, True, True) == (code, sql.startswith(f"CREATE SCHEMA {schema};"), f"{schema}_reader" in sql)
    code, facts = run("prepare", postgres_log, "--json")
    assert {"schema": schema, "before": None, "after": 1, "roles": False} == json.loads(facts)
    assert (0, f"{schema}: 1 → 1 · roles\n") == run("prepare", postgres_log, "--roles")


def test_a_year_is_simulated_into_it_and_verified(postgres_log, tmp_path):
    """``qms demo``, ``qms verify`` and ``qms export`` take the address; a log that is there is not written into."""
    code, facts = run("demo", "--dossiers", "12", "--store", postgres_log, "--json")
    assert 0 == code
    assert json.loads(facts[facts.index("{") :])["store"].endswith(postgres_log[postgres_log.index("#") :])
    code, output = run("verify", postgres_log)
    assert (0, True) == (code, output.startswith("consistent, completeness unknown"))
    assert 0 == run("export", postgres_log, "--out", str(tmp_path / "log.csv"))[0]
    for fresh in ((), ("--fresh",)):
        code, output = run("demo", "--dossiers", "1", "--store", postgres_log, *fresh)
        assert (2, True) == (code, "holds a log; name another schema" in output)


def test_what_waits_is_sequenced_and_signed(postgres_log, caller, tmp_path):
    """``--once`` gives positions to what waits, and signs the log; a checkpoint then tells whether all is there."""
    pytest.importorskip("cryptography")
    key, note = str(tmp_path / "key"), tmp_path / "note"
    code, vkey = run("key", "example.org/office", "--out", key)
    assert (0, "3\n") == run("sequence", postgres_log, "--once", "--signer", key, "--anchor", str(note))
    code, output = run("verify", postgres_log, "--checkpoint", str(note), "--key", vkey.strip())
    assert (0, "consistent, complete") == (code, output.splitlines()[0])
    assert (0, "0\n") == run("sequence", postgres_log, "--once")


def test_a_sequencer_runs_until_it_is_stopped(postgres_log, caller):
    """It is told to end by SIGTERM, and says how many records got their positions."""
    env = os.environ | ({"PYTHONPATH": str(SOURCE)} if SOURCE.is_dir() else {})
    process = subprocess.Popen(
        [sys.executable, "-m", "qms", "sequence", postgres_log, "--json"], env=env, stdout=subprocess.PIPE
    )
    try:
        deadline = monotonic() + 60
        while caller.waiting()[0] and monotonic() < deadline:
            caller._span.link.connection.rollback()
            sleep(0.02)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    finally:
        if process.poll() is None:
            process.kill()
    assert (0, {"sequenced": 3}) == (process.returncode, json.loads(output))


def test_a_log_is_signed_by_the_clock(postgres_log, tmp_path):
    """Writers that give positions themselves leave the sequencer nothing to do; it signs what they wrote, the last burst too."""
    pytest.importorskip("cryptography")
    key, note = str(tmp_path / "key"), tmp_path / "note"
    run("key", "example.org/office", "--out", key)
    env = os.environ | ({"PYTHONPATH": str(SOURCE)} if SOURCE.is_dir() else {})
    line = ["sequence", postgres_log, "--signer", key, "--anchor", str(note), "--sign-every", "0.2"]
    with PostgresStore(postgres_log) as store:
        store.append([write("a")])
        with subprocess.Popen([sys.executable, "-m", "qms", *line], env=env, stdout=subprocess.DEVNULL) as process:
            try:
                assert _signed(note, 1)
                store.append([write("a", 1, 4)])
                assert _signed(note, 5)
            finally:
                process.terminate()


def _signed(note: Path, size: int) -> bool:
    deadline = monotonic() + 30
    while monotonic() < deadline:
        if note.exists() and note.read_text().splitlines()[1] == str(size):
            return True
        sleep(0.05)
    return False


def test_who_may_not_prepare_is_told_which_right_is_missing(postgres_log, postgres_url):
    """Without CREATE on the database or CREATEROLE: nothing is made, and the message names the rights."""
    role = f"{postgres_log.partition('#')[2]}_app"
    with closing(psycopg.connect(postgres_url, autocommit=True)) as owner:
        owner.execute(f"CREATE ROLE {role} LOGIN")
    code, output = run("prepare", postgres_log.replace("//qms@", f"//{role}@"), "--roles")
    assert (2, True) == (code, "CREATE on the database, and CREATEROLE for the roles" in " ".join(output.split()))


def test_a_log_that_says_version_zero_is_told(postgres_log, postgres_url):
    """There is no such version: the store is damaged, and is not brought forward."""
    run("prepare", postgres_log)
    with closing(psycopg.connect(postgres_url, autocommit=True)) as owner:
        owner.execute(f"UPDATE {postgres_log.partition('#')[2]}.meta SET value = '0' WHERE name = 'schema'")
    code, output = run("prepare", postgres_log)
    assert (2, True) == (code, "does not say its schema" in output)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("sequence", "office.db"), "is no address of PostgreSQL"),
        (("prepare", "sqlite:///office.db"), "is no address of PostgreSQL"),
        (("sequence", "postgresql:///office?host=/nowhere"), "no connection"),
        (("prepare", "postgresql:///office?host=/nowhere"), "no connection"),
        (("verify", "postgresql:///office?host=/nowhere"), "no connection"),
        (("verify", "postgresql://["), "no address of a PostgreSQL database"),
        (("verify", "postgresql:///office#A"), "is no name for a schema"),
        (("sequence", "postgresql:///office", "--signer", "key"), "write --signer FILE --anchor FILE"),
        (("verify", "mysql://localhost/office"), "postgresql://host/database"),
    ],
)
def test_what_cannot_be_is_told(line, message):
    """Bad input: exit 2, and what to write instead."""
    code, output = run(*line)
    assert (2, True) == (code, message in output)
    assert "Traceback" not in output


def test_a_log_that_is_not_there_is_not_made_by_looking(postgres_log):
    """``qms verify`` and ``qms sequence`` make nothing."""
    for command in ("verify", "sequence"):
        code, output = run(command, postgres_log)
        assert (2, True) == (code, "there is no log" in output)
    assert (2, True) == (run("verify", postgres_log)[0], "no log" in run("verify", postgres_log)[1])
