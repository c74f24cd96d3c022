"""The PostgreSQL store in a caller's database, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

psycopg = pytest.importorskip("psycopg")

from definitions import small  # noqa: E402 - what is below needs psycopg
from office import Now, office  # noqa: E402
from qms.errors import Conflict, InvalidInput, NotFound, StoreError, TryAgain  # noqa: E402
from qms.ports import Entry, Key, Receipt, Write  # noqa: E402
from qms.stores import DatabaseAnchor  # noqa: E402
from qms.stores.postgres import PostgresStore  # noqa: E402
from qms.testing.contract import counted, noted, record, write  # noqa: E402

pytestmark = pytest.mark.postgres


@pytest.fixture
def schema(postgres_log: str) -> str:
    """The name of a schema for the log."""
    return postgres_log.partition("#")[2]


@pytest.fixture
def log(postgres_log: str) -> Iterator[PostgresStore]:
    """The log, over connections of its own."""
    with PostgresStore(postgres_log) as store:
        yield store


@pytest.fixture
def caller(log: PostgresStore, postgres_url: str, schema: str) -> Iterator[Any]:
    """A caller's connection, to a database with a log and a table of the caller's."""
    with closing(psycopg.connect(postgres_url)) as connection:
        connection.execute(f"CREATE TABLE {schema}.dossier (id text PRIMARY KEY); SET search_path TO {schema}")
        connection.commit()
        yield connection


def dossiers(connection: Any) -> int:
    """How many business rows there are, as the connection sees it."""
    return int(connection.execute("SELECT count(*) FROM dossier").fetchone()[0])


def test_a_joined_store_never_commits(caller, log, schema):
    """The caller's row and the log's records stay or go together."""
    store = PostgresStore.on(caller, schema=schema)
    for end, there in ((caller.rollback, 0), (caller.commit, 1)):
        caller.execute("INSERT INTO dossier VALUES ('1')")
        store.append([counted("a")])
        assert (1, 0) == (store.length("a"), log.length("a"))
        end()
        assert (there, there) == (dossiers(caller), log.length("a"))
        caller.commit()
    assert (1, "consistent, completeness unknown") == (log.size, str(log.verify(noted)))


def test_the_tables_come_and_go_with_the_callers_transaction(postgres_log, postgres_url, schema):
    """Made where there were none, and gone when the caller takes them back; the message then says how to go on."""
    with closing(psycopg.connect(postgres_url)) as connection:
        store = PostgresStore.on(connection, schema=schema)
        store.append([write("a")])
        connection.rollback()
        with pytest.raises(StoreError, match="the tables are gone"):
            store.append([write("a")])
        connection.rollback()
        PostgresStore.on(connection, schema=schema).append([write("a")])
        connection.commit()
    with PostgresStore(postgres_log) as log:
        assert (1, True) == (log.size, log.verify().consistent)


def test_a_conflict_leaves_the_callers_transaction(caller, log, schema):
    """What the caller did stays, and it may go on and commit."""
    store = PostgresStore.on(caller, schema=schema)
    caller.execute("INSERT INTO dossier VALUES ('1')")
    with pytest.raises(Conflict):
        store.append([write("b"), write("a", 3)])
    with pytest.raises(Conflict):
        store.append([write("a", 3)], Key("k", "r"))
    with pytest.raises(InvalidInput, match="NUL"):
        store.append([write("\0")])
    store.append([write("a")])
    caller.commit()
    assert (1, 1, 0, None) == (dossiers(caller), log.length("a"), log.length("b"), log.find("k"))


def test_a_conflict_with_another_transaction_leaves_the_callers(caller, log, schema):
    """The other commits while the append waits for it: a conflict, and the caller goes on."""
    store = PostgresStore.on(caller, schema=schema)
    caller.execute("INSERT INTO dossier VALUES ('1')")
    with log.transaction():
        log.append([write("a")])
        told: list[BaseException] = []
        thread = Thread(target=lambda: told.append(_raised(lambda: store.append([write("a")]))))
        thread.start()
        while not _waits_for_a_lock(log):
            pass
    thread.join()
    assert [Conflict] == [type(error) for error in told]
    store.append([write("a", 1)])
    caller.commit()
    assert (1, 2) == (dossiers(caller), log.size)


def _raised(job: Any) -> BaseException | None:
    try:
        job()
    except BaseException as error:  # noqa: BLE001 - it is what is asked for
        return error
    return None


def _waits_for_a_lock(log: PostgresStore) -> bool:
    return bool(log._all("SELECT 1 FROM pg_locks WHERE NOT granted"))


def test_a_joined_transaction_is_a_savepoint(caller, log, schema):
    """Its end commits nothing; an exception takes back what it held, and no more."""
    store = PostgresStore.on(caller, schema=schema)
    caller.execute("INSERT INTO dossier VALUES ('1')")
    with store.transaction():
        store.append([write("a")])
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.append([write("b")])
            raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.append([write("c")])
        raise ZeroDivisionError
    assert (0, 1, 0) == (log.size, store.length("a"), store.length("b"))
    caller.commit()
    assert (1, ["a"]) == (dossiers(caller), [entry.stream for entry in log.scan()])


def test_an_error_of_the_callers_own_is_not_covered_up(caller, schema):
    """After a statement of the caller's failed, the store says that the transaction is to be rolled back."""
    store = PostgresStore.on(caller, schema=schema)
    with pytest.raises(psycopg.Error):
        caller.execute("SELECT * FROM nowhere")
    with pytest.raises(StoreError, match="roll back and begin again"):
        store.append([write("a")])
    caller.rollback()
    store.append([write("a")])


def test_positions_come_after_the_callers_commit(caller, log, schema):
    """Inside, an entry is in its stream and has no position; the first to look at the log afterwards gives it one."""
    store = PostgresStore.on(caller, schema=schema)
    assert Receipt(None) == store.append([write("a")])
    assert ([Entry(None, "a", 1, record("a", 1))], 0) == (list(store.read("a")), store.size)
    log.append([write("b")])
    assert 1 == log.size
    caller.commit()
    assert 1 == log.waiting()[0]
    assert [(1, "b"), (2, "a")] == [(entry.position, entry.stream) for entry in log.scan()]
    assert (0, [2]) == (log.waiting()[0], [entry.position for entry in store.read("a")])


def test_a_callers_long_transaction_holds_up_nobody(caller, log, schema):
    """While it is open, others write and get positions; what it kept comes after them, and its stream is in order."""
    store = PostgresStore.on(caller, schema=schema)
    store.append([write("slow", n=2)])
    followed: list[tuple[int | None, str]] = []
    for n in range(20):
        log.append([write("quick", n)])
        followed += [(entry.position, entry.stream) for entry in log.scan(len(followed))]
    caller.commit()
    followed += [(entry.position, entry.stream) for entry in log.scan(len(followed))]
    assert [(n + 1, "quick") for n in range(20)] + [(21, "slow"), (22, "slow")] == followed


def test_synchronous_gives_the_position_at_once(caller, log, schema, postgres_log):
    """And makes other writers leave theirs waiting until the caller's commit; taken back, the position is another's."""
    store = PostgresStore.on(caller, schema=schema, synchronous=True)
    assert (Receipt(1), 1) == (store.append([write("a")]), store.size)
    assert Receipt(None) == log.append([write("b")])
    caller.rollback()
    assert ["b"] == [entry.stream for entry in log.scan()]
    assert Receipt(2) == store.append([write("a")])
    caller.commit()
    assert ["b", "a"] == [entry.stream for entry in log.scan()]
    with PostgresStore(postgres_log, synchronous=True) as other:
        assert Receipt(3) == other.append([write("c")])


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("synchronous", [False, True])
def test_an_older_view_is_told_to_try_again(caller, log, schema, level, synchronous):
    """Under a stricter isolation, what is newer than the caller's view cannot be written over: all of it is run again."""
    log.append([write("a")])
    store = PostgresStore.on(caller, schema=schema, synchronous=synchronous)
    caller.commit()
    caller.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
    caller.execute("INSERT INTO dossier VALUES ('1')")
    log.append([write("a", 1)])
    with pytest.raises(TryAgain, match="take the whole transaction back and run it again"):
        store.append([write("a", 1)])
    caller.rollback()
    caller.execute("INSERT INTO dossier VALUES ('1')")
    store.append([write("a", 2)])
    caller.commit()
    assert (1, 3, True) == (dossiers(caller), log.size, log.verify().consistent)


def test_an_older_view_does_not_hold_a_stream_that_has_grown(caller, log, schema):
    """A write without entries is refused too where the stream grew after the caller's view was taken."""
    log.append([write("law")])
    store = PostgresStore.on(caller, schema=schema)
    caller.commit()
    caller.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    dossiers(caller)
    log.append([write("law", 1)])
    with pytest.raises(TryAgain):
        store.append([write("a"), Write("law", 1, ())])


def test_callers_that_wait_for_each_other(caller, log, schema, postgres_url):
    """One is told to try again; after its rollback the other goes on."""
    log.append([write("a"), write("b")])
    with closing(psycopg.connect(postgres_url)) as second:
        one, two = PostgresStore.on(caller, schema=schema), PostgresStore.on(second, schema=schema)
        one.append([write("a", 1)])
        two.append([write("b", 1)])
        told: list[tuple[Any, BaseException | None]] = []

        def work(connection: Any, store: PostgresStore, stream: str) -> None:
            error = _raised(lambda: store.append([write(stream, 1)]))
            (connection.rollback if error else connection.commit)()
            told.append((connection, error))

        threads = [Thread(target=work, args=args) for args in ((caller, one, "b"), (second, two, "a"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [TryAgain] == [type(error) for _, error in told if error]
    assert (4, True) == (log.size, log.verify().consistent)


def test_a_key_gives_the_first_answer_inside_too(caller, log, schema):
    """Within one transaction, and after it, the same request is kept once."""
    store = PostgresStore.on(caller, schema=schema)
    assert [Receipt(None), Receipt(None, repeated=True)] == [store.append([write("a")], Key("k", "r")) for _ in range(2)]
    caller.commit()
    assert Receipt(1) == Receipt(log.size)
    assert Receipt(1, repeated=True) == store.append([write("a")], Key("k", "r"))


def test_autocommit_without_a_transaction_is_refused(caller, log, schema):
    """What is appended would be committed at once; inside a transaction it is as anywhere."""
    caller.autocommit = True
    with pytest.raises(StoreError, match="in autocommit and no transaction is open"):
        PostgresStore.on(caller, schema=schema)
    with pytest.raises(ZeroDivisionError), caller.transaction():
        store = PostgresStore.on(caller, schema=schema)
        store.append([write("a")])
        raise ZeroDivisionError
    with pytest.raises(StoreError, match="in autocommit"):
        store.append([write("a")])
    with caller.transaction():
        store.append([write("a")])
    assert 1 == log.size


def test_connections_of_others_are_looked_into(caller, log, schema):
    """SQLAlchemy's and Django's hold one of psycopg; what holds none, and another encoding, are refused."""
    alchemy = SimpleNamespace(connection=SimpleNamespace(driver_connection=caller))
    connected = []
    django = SimpleNamespace(connection=None)

    def ensure_connection() -> None:
        connected.append(1)
        django.connection = caller

    django.ensure_connection = ensure_connection
    for given in (alchemy, alchemy.connection, django):
        PostgresStore.on(given, schema=schema).append([write("a", log.length("a"))])
        caller.commit()
    assert (3, [1]) == (log.size, connected)
    for given in (None, object(), SimpleNamespace(connection=object())):
        with pytest.raises(InvalidInput, match="is no connection of psycopg 3"):
            PostgresStore.on(given, schema=schema)
    caller.execute("SET client_encoding TO latin1")
    with pytest.raises(InvalidInput, match="must be UTF8"):
        PostgresStore.on(caller, schema=schema)


def test_the_callers_ways_of_reading_do_not_matter(caller, log, schema):
    """A row factory, a cursor factory and a prepare threshold of the caller's are left alone."""
    caller.row_factory = psycopg.rows.dict_row
    caller.cursor_factory = psycopg.ClientCursor
    caller.prepare_threshold = None
    store = PostgresStore.on(caller, schema=schema)
    store.append([counted("a")], Key("k", "r"))
    assert ([record("a", 1)], True) == ([entry.data for entry in store.read("a")], store.verify(noted).consistent)
    assert {"id": 1} == caller.execute("SELECT 1 AS id").fetchone()


def test_closing_a_joined_store_leaves_the_connection(caller, schema):
    """The connection is the caller's to close; once it is closed, the store says so."""
    PostgresStore.on(caller, schema=schema).close()
    caller.commit()
    store = PostgresStore.on(caller, schema=schema)
    caller.close()
    with pytest.raises(StoreError, match="the caller's database: the connection is closed"):
        store.append([write("a")])


def test_an_office_joins_the_callers_transaction(caller, log, schema):
    """A case is opened and acted on with the caller's row; taken back, no view shows it."""
    definition = small("")
    org = office(definition, store=PostgresStore.on(caller, schema=schema), now=Now())
    caller.commit()
    org.open("small", by="lan", id="a")
    caller.execute("INSERT INTO dossier VALUES ('a')")
    caller.rollback()
    with pytest.raises(NotFound):
        org.case("a")
    org.open("small", by="lan", id="a")
    caller.execute("INSERT INTO dossier VALUES ('a')")
    caller.commit()
    assert ("a", 1) == (office(definition, store=log, now=Now()).case("a").id, dossiers(caller))
    assert log.verify().consistent


class Alchemy:
    """What SQLAlchemy calls a connection: commits only what it began, and gives the driver's back when it is closed."""

    def __init__(self, driver: Any) -> None:
        self.connection = SimpleNamespace(driver_connection=driver)
        self.closed = self.begun = False

    def in_transaction(self) -> bool:
        """Whether it has begun a transaction."""
        return self.begun


def test_a_connection_of_sqlalchemy_is_used_only_in_its_transaction(caller, log, schema):
    """Nothing begun, committed, closed, or over another connection by now: refused, and nothing lies in the driver's."""
    given = Alchemy(caller)
    with pytest.raises(StoreError, match="has begun no transaction"):
        PostgresStore.on(given, schema=schema)
    given.begun = True
    store = PostgresStore.on(given, schema=schema)
    store.append([write("a")])
    caller.commit()
    given.begun = False
    with pytest.raises(StoreError, match="has begun no transaction"):
        store.append([write("a", 1)])
    given.begun, given.connection = True, SimpleNamespace(driver_connection=None)
    with pytest.raises(StoreError, match="over another connection by now"):
        store.length("a")
    given.closed = True
    with pytest.raises(StoreError, match="the connection is closed"), store.transaction():
        pass
    caller.commit()
    assert 1 == log.length("a")


def test_a_conflict_in_a_pipeline_leaves_the_callers_transaction(caller, log, schema):
    """Psycopg sends one statement at a time there; the savepoint is taken back all the same."""
    log.append([write("a")])
    with caller.pipeline():
        store = PostgresStore.on(caller, schema=schema)
        caller.execute("INSERT INTO dossier VALUES ('1')")
        with pytest.raises(Conflict):
            store.append([write("a")])
        store.append([write("a", 1)])
        caller.commit()
    assert (1, 2) == (dossiers(caller), log.length("a"))


def test_a_question_that_fails_leaves_the_callers_transaction(caller, log, schema):
    """A right that is missing is told, and the caller goes on and commits."""
    store = PostgresStore.on(caller, schema=schema)
    caller.execute(f"CREATE ROLE {schema}_app; GRANT USAGE ON SCHEMA {schema} TO {schema}_app")
    caller.execute(f"GRANT SELECT, INSERT ON {schema}.dossier TO {schema}_app; SET LOCAL ROLE {schema}_app")
    caller.execute("INSERT INTO dossier VALUES ('1')")
    with pytest.raises(StoreError, match="the right is missing"):
        store.private("a", 1)
    caller.commit()
    assert 1 == dossiers(caller)


def test_a_savepoint_that_the_caller_ended_is_told(caller, schema):
    """A caller that rolls back inside of the store's span is told, with what it raised behind it."""
    store = PostgresStore.on(caller, schema=schema)
    caller.commit()
    with pytest.raises(StoreError, match="qms_1"), store.transaction():
        store.append([write("a")])
        caller.rollback()
        raise ZeroDivisionError


def test_callers_that_make_the_log_at_once_are_told_to_try_again(postgres_log, postgres_url, schema):
    """Whose view is older than the tables that another made: all of it is run again."""
    with closing(psycopg.connect(postgres_url)) as first, closing(psycopg.connect(postgres_url)) as second:
        second.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        second.execute("SELECT 1 FROM pg_class LIMIT 1")
        PostgresStore.on(first, schema=schema)
        first.commit()
        with pytest.raises(TryAgain, match="another transaction made the tables"):
            PostgresStore.on(second, schema=schema)
        second.rollback()
        PostgresStore.on(second, schema=schema).append([write("a")])


def test_an_anchor_is_used_by_who_may_only_add_to_it(postgres_log, postgres_url, schema):
    """Made by its owner, it needs no more than SELECT and INSERT."""
    PostgresStore(postgres_log).close()
    with closing(psycopg.connect(postgres_url)) as owner, closing(psycopg.connect(postgres_url)) as app:
        owner.execute(f"SET search_path TO {schema}")
        owner.commit()
        DatabaseAnchor(owner).keep("one", None)
        owner.execute(f"CREATE ROLE {schema}_app; GRANT USAGE ON SCHEMA {schema} TO {schema}_app")
        owner.execute(f"GRANT SELECT, INSERT ON {schema}.qms_anchor TO {schema}_app")
        owner.commit()
        app.execute(f"SET search_path TO {schema}; SET ROLE {schema}_app")
        app.commit()
        anchor = DatabaseAnchor(app)
        anchor.keep("two", "one")
        assert "two" == anchor.last()
