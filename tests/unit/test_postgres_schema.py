"""The schema of a log in PostgreSQL: made once, brought forward, guarded; who may do what; what tampering leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from threading import Thread
from typing import Any

import pytest

psycopg = pytest.importorskip("psycopg")

from qms.errors import StoreError, TryAgain, Unavailable  # noqa: E402 - what is below needs psycopg
from qms.ports import Key, Row  # noqa: E402
from qms.stores import postgres, postgres_schema  # noqa: E402
from qms.stores.postgres import PostgresStore  # noqa: E402
from qms.stores.postgres_link import Link  # noqa: E402
from qms.stores.postgres_schema import roles_sql, schema_sql, shape_of  # noqa: E402
from qms.stores.sequencer import Pass, Sequencer, prepare_at  # noqa: E402
from qms.testing.contract import counted, noted, sealed, write  # noqa: E402

pytestmark = pytest.mark.postgres


@pytest.fixture
def schema(postgres_log: str) -> str:
    """The name of a schema for the log."""
    return postgres_log.partition("#")[2]


@pytest.fixture
def owner(postgres_url: str, schema: str) -> Iterator[Any]:
    """A connection of the owner of the tables, whose search path is the log's schema."""
    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        connection.execute(f"SET search_path TO {schema}")
        yield connection


def fill(url: str) -> None:
    """Forty records in five streams, with rows, a key and a personal value."""
    with PostgresStore(url) as store:
        for n in range(4):
            store.append([counted(f"case/{n}", n=9)])
        store.append([sealed("_log", 4)], Key("k", "r"))


def unguarded(owner: Any, *statements: str) -> None:
    """Change a log as its owner can: without its guards."""
    owner.execute("SET session_replication_role = replica")
    for statement in statements:
        owner.execute(statement)
    owner.execute("SET session_replication_role = origin")


# Made and brought forward


def test_it_is_made_once(postgres_log, postgres_url, schema):
    """Made by SQL that can be read first, or by the first store; made again it stays as it is."""
    assert [(None, 1), (1, 1)] == [prepare_at(postgres_log), prepare_at(postgres_log, roles=True)]
    fill(postgres_log)
    assert (1, 1) == prepare_at(postgres_log, roles=True)
    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE")
        connection.execute(schema_sql(schema))
        connection.execute(roles_sql(schema))
    fill(postgres_log)
    with PostgresStore(postgres_log) as store:
        assert (40, "consistent, completeness unknown") == (store.size, str(store.verify(noted)))


def test_a_newer_schema_is_refused(postgres_log, owner):
    """Nothing of it is changed, neither by opening nor by preparing."""
    fill(postgres_log)
    owner.execute("UPDATE meta SET value = '7' WHERE name = 'schema'")
    for use in (PostgresStore, Sequencer, prepare_at, lambda url: PostgresStore(url, read_only=True)):
        with pytest.raises(StoreError, match="written by a newer qms"):
            use(postgres_log)
    assert ("7",) == owner.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()


@pytest.mark.parametrize(
    "statement", ["DELETE FROM meta WHERE name = 'schema'", "UPDATE meta SET value = 'x' WHERE name = 'schema'"]
)
def test_a_schema_that_does_not_say_its_version_is_refused(postgres_log, owner, statement):
    """It is not guessed."""
    fill(postgres_log)
    owner.execute(statement)
    with pytest.raises(StoreError, match="does not say its schema"):
        PostgresStore(postgres_log)


@pytest.fixture
def second_version(monkeypatch: pytest.MonkeyPatch, postgres_url: str, schema: str) -> str:
    """A version 2 of the schema, which is version 1 with another column."""
    step = "ALTER TABLE {schema}.entry ADD COLUMN kept_by text"
    monkeypatch.setattr(postgres_schema, "_STEPS", {2: step})
    monkeypatch.setattr(postgres_schema, "SCHEMA_VERSION", 2)
    monkeypatch.setattr(postgres, "SCHEMA_VERSION", 2)
    with closing(psycopg.connect(postgres_url)) as connection:  # what it comes to, taken back
        connection.execute(schema_sql(f"{schema}_2"))
        connection.execute(step.replace("{schema}", f"{schema}_2"))
        monkeypatch.setattr(postgres_schema, "_SHAPE", shape_of(Link(connection), f"{schema}_2"))
    return step


def test_an_older_schema_is_brought_forward_when_asked(postgres_log, owner, request):
    """Opening it says how; preparing it does, once, and what was kept is as it was."""
    fill(postgres_log)
    with PostgresStore(postgres_log) as store:
        before = store.root()
    request.getfixturevalue("second_version")
    with pytest.raises(
        StoreError, match=r"made by an older qms \(schema 1, this one writes 2\); bring it forward with qms prepare"
    ):
        PostgresStore(postgres_log)
    results: list[Any] = []
    threads = [Thread(target=lambda: results.append(prepare_at(postgres_log))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(1, 2), (2, 2), (2, 2)] == sorted(results)
    with PostgresStore(postgres_log) as store:
        store.append([counted("new")])
        assert (before, 41, True) == (store.root(40), store.size, store.verify(noted).consistent)


@pytest.mark.parametrize(
    "step", ["ALTER TABLE {schema}.nowhere ADD COLUMN x text", "ALTER TABLE {schema}.entry ADD COLUMN y int"]
)
def test_a_step_that_fails_or_comes_out_wrong_changes_nothing(postgres_log, owner, monkeypatch, request, step):
    """An error in a step, or a result that is not what the version expects: all is as before."""
    fill(postgres_log)
    request.getfixturevalue("second_version")
    monkeypatch.setitem(postgres_schema._STEPS, 2, step)
    with pytest.raises(StoreError):
        prepare_at(postgres_log)
    assert ("1",) == owner.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
    monkeypatch.undo()
    with PostgresStore(postgres_log) as store:
        assert (40, True) == (store.size, store.verify(noted).consistent)


# Guards

NEVER = [
    "UPDATE entry SET data = ''",
    "DELETE FROM entry",
    "TRUNCATE entry",
    "UPDATE log SET position = position + 1",
    "DELETE FROM log WHERE position = 40",
    "TRUNCATE log",
    "INSERT INTO log VALUES (40, 1, 1, '') ON CONFLICT (position) DO UPDATE SET hashes = ''",
    "INSERT INTO entry VALUES (1, 1, '') ON CONFLICT (stream, seq) DO UPDATE SET data = ''",
    "UPDATE key SET request = ''",
    "DELETE FROM key",
    "TRUNCATE key",
    "UPDATE stream SET length = length - 1",
    "UPDATE stream SET name = name || 'x'",
    "DELETE FROM stream",
    "TRUNCATE stream",
    "UPDATE head SET size = 3",
    "DELETE FROM head",
    "TRUNCATE head",
    "UPDATE private SET value = ''",
    "TRUNCATE private",
    "UPDATE pending SET leaf = '{}'",
    "TRUNCATE pending",
]


@pytest.mark.parametrize("statement", NEVER)
def test_the_guards_stop_the_owner_too(postgres_log, owner, statement):
    """What is recorded is only added to, whoever asks, until the guards are taken away."""
    fill(postgres_log)
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="the log is only added to"):
        owner.execute(statement)
    with PostgresStore(postgres_log) as store:
        assert store.verify(noted).consistent


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP TRIGGER qms_entry ON entry", "the guard qms_entry is missing"),
        ("ALTER TABLE log DISABLE TRIGGER qms_log", "the guard qms_log is missing or switched off"),
        ("ALTER TABLE entry ADD COLUMN x int", "the columns are not those of schema 1"),
        (
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "the function refuse is not the one of this version",
        ),
        ("ALTER FUNCTION append SECURITY INVOKER", "the function append is not the one of this version"),
        ("ALTER FUNCTION append RESET search_path", "the function append is not the one of this version"),
        (
            "CREATE OR REPLACE TRIGGER qms_entry BEFORE DELETE OR TRUNCATE ON entry EXECUTE FUNCTION refuse()",
            "the guard qms_entry is not the one of this version",
        ),
        (
            "CREATE OR REPLACE TRIGGER qms_head_grows BEFORE UPDATE ON head FOR EACH ROW WHEN (false) EXECUTE FUNCTION refuse()",
            "the guard qms_head_grows is not the one of this version",
        ),
        (
            "CREATE OR REPLACE TRIGGER qms_log BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "the guard qms_log is missing or switched off",
        ),
    ],
)
def test_a_log_without_its_guards_is_not_written(postgres_log, owner, statement, told):
    """What is missing, switched off or changed is named; it can be read and verified, which notes it."""
    fill(postgres_log)
    owner.execute(statement)
    for use in (PostgresStore, Sequencer):
        with pytest.raises(StoreError, match=told):
            use(postgres_log)
    with PostgresStore(postgres_log, read_only=True) as store:
        found = store.verify(noted)
    notes = [note.message for note in found.notes if note.code == "guards"]
    assert (40, True, 1) == (found.size, found.consistent, len(notes))
    assert told in notes[0]


# What a writer may send

NO_BATCH = [
    ("'{x}'", "'{0}'", "'{0}'", "'{}'", "NULL"),
    ("'{x}'", "'{0}'", "'{0}'", "'{a}'", "NULL"),
    ("'{x}'", "'{0}'", "'{2}'", "'{a}'", "NULL"),
    ("'{x}'", "'{0}'", "'{1}'", "'{a,b}'", "NULL"),
    ("'{x}'", "'{-1}'", "'{1}'", "'{a}'", "NULL"),
    ("'{x,x}'", "'{0,3}'", "'{3,-1}'", "'{a,b}'", "NULL"),
    ("'{x,y}'", "'{0,0}'", "'{1,0}'", "'{a}'", "NULL"),
    ("'{x,y}'", "'{0,0}'", "'{1,1}'", "'{a}'", "NULL"),
    ("'{x,y}'", "'{0}'", "'{1}'", "'{a}'", "NULL"),
    ("'{\"\"}'", "'{0}'", "'{1}'", "'{a}'", "NULL"),
    ("'{NULL}'", "'{0}'", "'{1}'", "'{a}'", "NULL"),
    ("'{x}'", "'{0}'", "'{1}'", "'{NULL}'", "NULL"),
    ("'[0:0]={x}'", "'{0}'", "'{1}'", "'{a}'", "NULL"),
    ("NULL", "'{0}'", "'{1}'", "'{a}'", "NULL"),
    ("'{case/1}'", "'{9}'", "'{1}'", "'{a}'", """'[{"write": 1, "seq": 2, "path": "p", "salt": "", "value": ""}]'"""),
    ("'{x}'", "'{0}'", "'{1}'", "'{a}'", """'[{"write": 2, "seq": 1, "path": "p", "salt": "", "value": ""}]'"""),
]


@pytest.mark.parametrize("mode", [0, 2])
@pytest.mark.parametrize("sent", NO_BATCH)
def test_what_no_store_sends_is_refused(postgres_log, owner, sent, mode):
    """A writer who calls the function with what is no batch changes nothing, and others go on."""
    fill(postgres_log)
    streams, expected, count, data, private = sent
    with pytest.raises((psycopg.errors.InvalidParameterValue, psycopg.errors.IntegrityError)):
        owner.execute(f"SELECT append({mode}, {streams}, {expected}, {count}, {data}, NULL, {private}, NULL, NULL)")
    with PostgresStore(postgres_log) as store:
        store.append([counted("x", n=2)])
        assert (42, "consistent, completeness unknown") == (store.size, str(store.verify(noted)))


def test_a_stream_without_records_ends_no_writer(postgres_log, owner):
    """Whoever made one by force is told by verification, and an append to it is refused instead of tried for ever."""
    fill(postgres_log)
    owner.execute(
        "ALTER TABLE stream DROP CONSTRAINT stream_length_check; INSERT INTO stream (name, length) VALUES ('ghost', 0)"
    )
    with PostgresStore(postgres_log) as store:
        with pytest.raises(StoreError, match="another writer came between each time"):
            store.append([write("ghost")])
        assert "ghost is said to have 0 records, and its last is 0" in str(store.verify(noted))


@pytest.mark.parametrize("synchronous", [False, True])
def test_backslashes_in_texts_may_mean_what_they_like(postgres_log, owner, synchronous):
    """A database whose texts take backslashes as escapes (standard_conforming_strings) keeps the same bytes."""
    fill(postgres_log)
    owner.autocommit = False
    owner.execute("SET standard_conforming_strings TO off")
    store = PostgresStore.on(owner, schema=postgres_log.partition("#")[2], synchronous=synchronous)
    store.append([counted("x", n=3)])
    assert store.verify(noted).consistent


# What tampering leaves behind

TAMPERED = [
    ("UPDATE entry SET data = data || ' ' WHERE stream = 2 AND seq = 3", "bytes", 12),
    ("UPDATE entry SET data = '' WHERE stream = 2 AND seq = 3", "bytes", 12),
    ("DELETE FROM entry WHERE stream = 2 AND seq = 3", "bytes", 12),
    ("DELETE FROM log WHERE position = 12", "tree", 12),
    ("DELETE FROM log WHERE position = 40", "tree", 40),
    ("DELETE FROM log", "tree", 1),
    ("UPDATE log SET hashes = hashes || '\\x00' WHERE position = 12", "tree", 12),
    ("UPDATE log SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE position = 12", "bytes", 12),
    ("UPDATE log SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) WHERE position = 12", "tree", 12),
    ("UPDATE log SET stream = 3, seq = 99 WHERE position = 12", "bytes", 12),
    ("UPDATE log SET seq = 20 WHERE position = 12", "bytes", 12),
    ("UPDATE log SET stream = 99 WHERE position = 12", "bytes", 12),
    ("UPDATE log SET position = 41 WHERE position = 12", "tree", 12),
    ("UPDATE stream SET name = 'case/x' WHERE id = 2", "streams", 10),
    ("DELETE FROM stream WHERE id = 2", "streams", 10),
    ("UPDATE stream SET length = length + 1 WHERE id = 2", "streams", None),
    ("UPDATE head SET size = 39, frontier = frontier[1:2] || frontier", "tree", None),
    ("UPDATE head SET size = 72", "tree", 41),
    ("UPDATE head SET frontier = ARRAY[frontier[2], frontier[1]]", "tree", None),
    ("UPDATE head SET frontier = '{}'", "file", 1),
    ("DELETE FROM head", "file", 1),
    ("UPDATE case_row SET due = due + 1 WHERE stream = 2", "semantics", None),
    ("DELETE FROM case_row WHERE stream = 2", "semantics", None),
    ("INSERT INTO case_row (stream, process, steps, open) VALUES (99, 'p', '{}', true)", "streams", None),
    ("INSERT INTO entry VALUES (2, 10, '{}')", "streams", None),
    ("INSERT INTO pending VALUES (99, '{2}', '{3}', '{x}')", "streams", None),
    ("UPDATE head SET size = -1, frontier = frontier[1:1]", "file", 1),
    ("UPDATE head SET frontier[1] = NULL", "file", 1),
    ("UPDATE head SET frontier[1] = ''", "file", 1),
    ("UPDATE key SET seq = 99", "streams", None),
    ("UPDATE private SET value = 'Mai'", "semantics", 38),
    ("UPDATE private SET seq = 99", "streams", 38),
    (
        "UPDATE log SET position = -position WHERE position > 38; UPDATE log SET position = 79 + position WHERE position < 0",
        "tree",
        39,
    ),
]


@pytest.mark.parametrize(("statements", "level", "position"), TAMPERED, ids=[statements for statements, *_ in TAMPERED])
def test_what_the_owner_changes_is_found(postgres_log, owner, statements, level, position):
    """With the guards out of the way: the level that finds it first, and the first bad record."""
    fill(postgres_log)
    owner.execute("ALTER TABLE log DROP CONSTRAINT log_position_check; ALTER TABLE head DROP CONSTRAINT head_size_check")
    unguarded(owner, *statements.split("; "))
    with PostgresStore(postgres_log, read_only=True) as store:
        found = store.verify(noted)
    assert (False, level) == (found.consistent, found.findings[0].level)
    assert position == (None if found.first is None else found.first.position)


@pytest.mark.parametrize("change", ["size = -1, frontier = frontier[1:1]", "frontier[1] = NULL", "frontier = '{}'"])
def test_a_damaged_head_stops_who_would_go_on_from_it(postgres_log, owner, change):
    """Asking for the size and appending are refused; nobody waits for ever."""
    fill(postgres_log)
    owner.execute("ALTER TABLE head DROP CONSTRAINT head_size_check")
    unguarded(owner, f"UPDATE head SET {change}")
    owner.execute("SET statement_timeout TO '10s'")
    with PostgresStore(postgres_log) as store:
        with pytest.raises(StoreError, match="the head of the log is missing or damaged"):
            store.size  # noqa: B018 - asking is the test
        with pytest.raises(StoreError, match="the store is damaged; verify says where"):
            store.append([write("x")])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE pending SET leaf = leaf[1:1]",
        "UPDATE pending SET leaf[1] = NULL",
        "UPDATE pending SET seq = seq[1:1]",
        "UPDATE pending SET stream = stream[1:1]",
        "INSERT INTO pending SELECT 9 + batch, stream, seq, leaf FROM pending",
        "UPDATE pending SET batch = 1000 - batch",
        "UPDATE pending SET seq = ARRAY[seq[2], seq[1]], leaf = ARRAY[leaf[2], leaf[1]]",
        "DELETE FROM pending WHERE seq[1] = 3",
    ],
)
def test_what_is_changed_while_it_waits_is_found(postgres_log, postgres_url, schema, owner, change):
    """Leaves, numbers and the order of the batches that have no position yet are judged too."""
    fill(postgres_log)
    with closing(psycopg.connect(postgres_url)) as connection:
        store = PostgresStore.on(connection, schema=schema)
        for n in range(0, 6, 2):
            store.append([counted("x", n, 2)])
        connection.commit()
        assert store.verify(noted).consistent
        connection.commit()
        unguarded(owner, change)
        found = store.verify(noted)
    assert (False, "streams") == (found.consistent, found.findings[0].level)


LINES = {
    "log": ("position = 4", "position = 8"),
    "entry": ("stream = 1 AND seq = 4",),
    "stream": ("id = 1",),
    "head": ("id = 1",),
    "private": ("seq = 2",),
    "case_row": ("stream = 1",),
    "pending": ("true",),
    "key": ("true",),
}
UNTOLD = {("key", "name"), ("key", "request"), ("key", "first"), ("pending", "batch")}
"""What nothing in the log says: the word for a request, the request, where in its stream it began; a number that leaves the order."""


def _turned(value: Any) -> Iterator[Any]:
    """*value* with one bit turned, for each of its bits; of a number above the eighth for each fifth, of a long text for each seventh."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value ^ 1 << bit for bit in (*range(8), *range(8, 63, 5)))
    elif isinstance(value, list):
        yield from ([*value[:n], other, *value[n + 1 :]] for n, one in enumerate(value) for other in _turned(one))
    elif isinstance(value, str):
        for other in _turned(value.encode()):
            with suppress(UnicodeDecodeError):
                yield other.decode()
    elif isinstance(value, bytes):
        for bit in range(0, 8 * len(value), 1 if len(value) < 16 else 7):
            yield bytes(byte ^ (1 << bit % 8 if bit // 8 == n else 0) for n, byte in enumerate(value))


@pytest.mark.parametrize("table", LINES)
def test_a_bit_of_every_stored_column_counts(postgres_log, owner, schema, table):
    """A single bit of what is stored of a record, turned, is found, but for what no record says."""
    row = Row("p", "q", ("r", "s"), "t", "u", True, 100, 50)
    with PostgresStore(postgres_log, synchronous=True) as store:
        store.append([write("a", n=4, row=row), sealed("_b", 4)], Key("k", "r"))
    owner.autocommit = False
    store = PostgresStore.on(owner, schema=schema)
    store.append([write("c", n=3)])
    owner.execute("SET session_replication_role = replica")

    def found() -> bool:
        return not store.verify(lambda stream, _: row if stream == "a" else None).consistent

    assert not found()
    missed, tried = set(), 0
    for where in LINES[table]:
        cursor = owner.execute(f"SELECT * FROM {table} WHERE {where}")
        line, names = cursor.fetchone(), [column.name for column in cursor.description]
        for column, value in zip(names, line, strict=True):
            for other in _turned(value):
                with suppress(psycopg.IntegrityError, psycopg.DataError), owner.transaction(force_rollback=True):
                    owner.execute(f"UPDATE {table} SET {column} = %s WHERE {where}", (other,))
                    tried += 1
                    if not found():
                        missed.add((table, column))
    assert ({each for each in UNTOLD if each[0] == table}, True) == (missed, tried > 30)


def test_a_log_cut_short_is_told_by_a_checkpoint_alone(postgres_log, owner):
    """The owner takes away the last records, their entries and the head's memory of them: consistent, and not complete."""
    with PostgresStore(postgres_log) as store:
        store.append([write("a", n=3)])
        frontier = owner.execute("SELECT frontier FROM head").fetchone()[0]
        store.append([write("b", n=2)])
        checkpoint = (store.size, store.root())
    unguarded(
        owner, "DELETE FROM log WHERE position > 3", "DELETE FROM entry WHERE stream = 2", "DELETE FROM stream WHERE id = 2"
    )
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE head SET size = 3, frontier = %s", (frontier,))
    owner.execute("SET session_replication_role = origin")
    with PostgresStore(postgres_log) as store:
        assert "consistent, completeness unknown" == str(store.verify())
        found = store.verify(checkpoint=checkpoint)
    assert (True, False, ["truncated"]) == (found.consistent, found.complete, [finding.code for finding in found.findings])


# Roles


@pytest.fixture
def roles(postgres_log: str, owner: Any) -> str:
    """A log with its roles."""
    prepare_at(postgres_log, roles=True)
    fill(postgres_log)
    return postgres_log


def as_role(url: str, *names: str) -> str:
    """The address at which one has the rights of these roles of the log alone."""
    address, _, schema = url.partition("#")
    login = f"{schema}_login_{'_'.join(names)}"
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        connection.execute(f"CREATE ROLE {login} LOGIN")
        for name in names:
            connection.execute(f"GRANT {schema}_{name} TO {login}")
    return f"{address.replace('//qms@', f'//{login}@')}#{schema}"


def test_a_reader_reads_and_verifies_and_no_more(roles, postgres_log):
    """No record, no personal value, no position comes from a reader."""
    with PostgresStore(as_role(roles, "reader")) as store:
        assert (40, "consistent, completeness unknown") == (store.size, str(store.verify(noted, level="streams")))
        for refused in (
            lambda: store.append([write("x")]),
            lambda: store.private("_log", 2),
            lambda: store.erase([("_log", 2, "name")]),
        ):
            with pytest.raises(StoreError, match="the right is missing"):
                refused()


def test_a_right_or_a_connection_that_is_missing_is_no_finding(roles, owner):
    """What says nothing about the log is raised, and no verdict of tampering."""
    with PostgresStore(as_role(roles, "reader")) as store, pytest.raises(Unavailable, match="the right is missing"):
        store.verify(noted)

    def ended(*_: int) -> None:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE %s AND pid <> pg_backend_pid()",
            (f"%{store.place.partition('#')[2]}.%",),
        )

    with PostgresStore(roles) as store:
        with pytest.raises(Unavailable):
            store.verify(noted, progress=ended)
        assert store.verify(noted).consistent
    with PostgresStore(roles, timeout=0.1) as store, closing(psycopg.connect(owner.info.dsn)) as other:
        store.size  # noqa: B018 - asked so that nothing waits
        other.execute(f"LOCK TABLE {store.place.partition('#')[2]}.private")
        with pytest.raises(TryAgain):
            store.verify(noted)


def test_a_writer_that_reads_is_what_an_application_needs(roles):
    """It keeps batches, gets positions, joins; it sees personal values where it is a confidant, and changes no record."""
    url = as_role(roles, "reader", "writer", "confidant")
    with PostgresStore(url) as store:
        assert 41 == store.append([counted("x")]).position
        assert (1, 41) == (len(store.private("_log", 2)), store.size)
        with pytest.raises(StoreError, match="the right is missing"):
            store.erase([("_log", 2, "name")])
        assert store.verify(noted).consistent
    address, _, schema = url.partition("#")
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        connection.execute(f"SET search_path TO {schema}")
        tables = ["entry", "log", "key", "stream", "head", "private", "pending", "case_row", "meta"]
        tries = [f"{verb} {table}" for table in tables for verb in ("TRUNCATE", "DELETE FROM", "DROP TABLE")]
        tries += [f"INSERT INTO {table} DEFAULT VALUES" for table in tables]
        tries += [f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in tables]
        tries += ["SELECT nextval('batch')", "SELECT drain(1, NULL, NULL, NULL)", "DROP TRIGGER qms_log ON log"]
        tries += ["SET session_replication_role = replica", "UPDATE entry SET data = ''", "CREATE TABLE x (y int)"]
        for statement in tries:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_a_sequencer_gives_positions_and_keeps_nothing(roles, postgres_url, schema):
    """Neither batches nor erasures are a sequencer's."""
    with closing(psycopg.connect(postgres_url)) as connection:
        PostgresStore.on(connection, schema=schema).append([write("x")])
        connection.commit()
    url = as_role(roles, "reader", "sequencer")
    with closing(Sequencer(url)) as sequencer:
        assert Pass(1) == sequencer.once()
    with PostgresStore(url) as store, pytest.raises(StoreError, match="the right is missing"):
        store.append([write("x", 1)])


def test_an_eraser_erases(roles):
    """Personal values, and nothing else."""
    with PostgresStore(as_role(roles, "reader", "eraser")) as store:
        assert 1 == store.erase([("_log", 2, "name")])
        with pytest.raises(StoreError, match="the right is missing"):
            store.append([write("x")])


def test_names_in_a_search_path_do_not_fool_the_functions(roles, postgres_url):
    """Operators and functions of a writer's own, in front of PostgreSQL's, are not used with the owner's rights."""
    url = as_role(roles, "reader", "writer")
    address, _, schema = url.partition("#")
    with closing(psycopg.connect(address)) as connection:
        connection.execute("CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT 'fooled'::bytea $$")
        connection.execute("CREATE TEMP TABLE entry (stream bigint, seq bigint, data bytea)")
        connection.execute("SET search_path TO pg_temp, pg_catalog")
        PostgresStore.on(connection, schema=schema, synchronous=True).append([counted("x")])
        connection.commit()
    with PostgresStore(roles) as store:
        assert (41, "consistent, completeness unknown") == (store.size, str(store.verify(noted)))


def test_a_session_that_would_not_wait_for_the_disk_does(postgres_log, owner):
    """Where a batch is kept or positions are given, the commit is synchronous, whatever the session says."""
    fill(postgres_log)
    owner.autocommit = False
    owner.execute("SET synchronous_commit TO off")
    schema = postgres_log.partition("#")[2]
    owner.commit()
    store = PostgresStore.on(owner, schema=schema)
    for keep in (lambda: store.append([write("x")]), lambda: owner.execute("SELECT * FROM sequence(10, 0)")):
        assert ("off",) == owner.execute("SHOW synchronous_commit").fetchone()
        keep()
        assert ("on",) == owner.execute("SHOW synchronous_commit").fetchone()
        owner.commit()
