"""The store in PostgreSQL: opening and closing, many writers at once, keys, what it says when the server does not answer."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Barrier, Thread
from typing import Any

import pytest

psycopg = pytest.importorskip("psycopg")

from definitions import small  # noqa: E402 - what is below needs psycopg
from office import Now, office  # noqa: E402
from qms.codec import encode  # noqa: E402
from qms.errors import Conflict, InvalidInput, StoreError, TryAgain  # noqa: E402
from qms.ports import Found, Key, Private, Query, Receipt, Row, Write  # noqa: E402
from qms.stores import MemoryStore  # noqa: E402
from qms.stores.postgres import PostgresStore  # noqa: E402
from qms.testing.contract import counted, noted, record, sealed, write  # noqa: E402
from qms.trail import KEEPING  # noqa: E402

pytestmark = pytest.mark.postgres


@pytest.fixture
def store(postgres_log: str) -> Iterator[PostgresStore]:
    """An empty store."""
    with PostgresStore(postgres_log) as store:
        yield store


@pytest.fixture
def owner(postgres_log: str) -> Iterator[Any]:
    """A connection of the owner of the tables, whose search path is the log's schema."""
    url, _, schema = postgres_log.partition("#")
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(f"SET search_path TO {schema}")
        yield connection


def at_once(*jobs: Callable[[], object]) -> list[BaseException]:
    """Run *jobs* in threads that begin together; what they raised."""
    barrier, raised = Barrier(len(jobs)), []

    def run(job: Callable[[], object]) -> None:
        barrier.wait()
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - told to the test
            raised.append(error)

    threads = [Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


# Opening and closing


def test_what_was_kept_is_there_when_it_is_opened_again(postgres_log):
    """A store closed and opened, and opened twice at once, is the same log."""
    with PostgresStore(postgres_log) as store, PostgresStore(postgres_log) as other:
        store.append([counted("a", n=3)], Key("k", "r"))
        root = store.root()
        assert (3, root, 3) == (other.size, other.root(), other.length("a"))
    with PostgresStore(postgres_log, read_only=True) as again:
        assert (3, root, Found("k", "r", "a", 3, 1)) == (again.size, again.root(), again.find("k"))
        assert "consistent, completeness unknown" == str(again.verify(noted))


def test_one_schema_is_one_log(postgres_log):
    """Logs of two tenants in one database know nothing of each other."""
    with PostgresStore(postgres_log) as one, PostgresStore(f"{postgres_log}_b") as two:
        one.append([write("a", n=2)])
        two.append([write("a")])
        assert (2, 1) == (one.size, two.size)
        assert one.root() != two.root()
    with PostgresStore(f"{postgres_log}_b") as two, closing(psycopg.connect(postgres_log.partition("#")[0])) as connection:
        connection.execute(f"DROP SCHEMA {two.place.partition('#')[2]} CASCADE")
        connection.commit()


def test_a_word_of_sql_is_no_schema(postgres_url):
    """It would have to be quoted everywhere."""
    with pytest.raises(InvalidInput, match="'user' is a word of SQL, and no name for a schema"):
        PostgresStore(postgres_url, schema="user")


@pytest.mark.parametrize("schema", ["", "Qms", "a b", "x" * 41, "pg_qms", 'q"', 5])
def test_a_schema_has_a_plain_name(postgres_url, schema):
    """Small letters, digits and underscores; it stands in statements as it is."""
    with pytest.raises(InvalidInput, match="no name for a schema") as refused:
        PostgresStore(postgres_url, schema=schema or " ")
    assert "schema" in str(refused.value)


def test_nothing_is_made_to_be_read(postgres_log):
    """Opened to be read only where no log is: refused, and nothing is made."""
    with pytest.raises(StoreError, match="there is no log to read"):
        PostgresStore(postgres_log, read_only=True)
    with pytest.raises(StoreError, match="there is no log to read"):
        PostgresStore(postgres_log, read_only=True)


def test_what_is_opened_to_be_read_writes_nothing(store, postgres_log):
    """An append to a store that was opened to be read only is refused by the server."""
    store.append([write("a")])
    with PostgresStore(postgres_log, read_only=True) as reader:
        with pytest.raises(StoreError, match="opened to be read only"):
            reader.append([write("a", 1)])
        with pytest.raises(StoreError, match="opened to be read only"), reader.transaction():
            pass
        assert 1 == reader.size


def test_a_schema_of_something_else_is_refused(postgres_url, owner, postgres_log):
    """A schema that holds tables of others is left as it is."""
    name = postgres_log.partition("#")[2]
    owner.execute(f"CREATE SCHEMA {name}; CREATE TABLE {name}.dossier (id int)")
    with pytest.raises(StoreError, match="is there and holds no log"):
        PostgresStore(postgres_log)
    assert [("dossier",)] == owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (name,)).fetchall()


def test_an_address_is_told_without_its_password(postgres_url):
    """No message and no repr shows it; what cannot be reached and what is no address are told."""
    with pytest.raises(StoreError, match="no connection") as refused:
        PostgresStore("postgresql://lan:secret-word@/office?host=/nowhere&connect_timeout=1")
    assert "secret-word" not in str(refused.value)
    with pytest.raises(InvalidInput, match="no address of a PostgreSQL database"):
        PostgresStore("postgresql://[")
    with pytest.raises(InvalidInput, match="a # in a password is written %23") as echoed:
        PostgresStore("postgresql://lan:secret#word@/office")
    assert "word@" not in str(echoed.value)


@pytest.mark.parametrize("url", [None, 5, b"postgresql:///office"])
def test_an_address_is_text(url):
    """Anything else is refused, and the message says what to write."""
    with pytest.raises(InvalidInput, match="is no address; write postgresql://host/database#schema"):
        PostgresStore(url)


def test_where_nothing_was_sent_nothing_is_to_be_looked_for():
    """A connection that was never had: the message does not ask for the key of a batch."""
    with pytest.raises(StoreError, match="no connection; nothing was sent") as refused:
        PostgresStore("postgresql:///office?host=/nowhere")
    assert "its key" not in str(refused.value)


def test_a_server_that_is_full_is_told(postgres_log, owner):
    """Its farewell comes without a code; the message says what to do."""
    role = f"{postgres_log.partition('#')[2]}_one"
    owner.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 0")
    with pytest.raises(StoreError, match="takes no more connections"):
        PostgresStore(postgres_log.replace("//qms@", f"//{role}@"))


def test_many_may_make_the_log_at_once(postgres_log):
    """Of six that open a log that is not there yet, one makes it, and all may write."""
    raised = at_once(*[lambda n=n: _append_one(postgres_log, f"s{n}") for n in range(6)])
    with PostgresStore(postgres_log) as store:
        assert ([], 6, True) == (raised, store.size, store.verify().consistent)


def _append_one(url: str, stream: str) -> None:
    with PostgresStore(url) as store:
        store.append([write(stream)])


def test_after_a_fork_a_store_is_refused(store):
    """The connections belong to the process that made them."""
    child = os.fork()
    if not child:
        try:
            store.append([write("a")])
        except StoreError as error:
            os._exit(0 if "after a fork" in str(error) else 1)
        os._exit(2)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    store.append([write("a")])


def test_a_broken_connection_is_replaced(store, owner):
    """The server ends every connection between two uses: the next use makes another."""
    store.append([write("a")])
    _end_all(owner)
    assert [1] == [entry.seq for entry in store.read("a")]
    _end_all(owner)
    assert Receipt(2) == store.append([write("a", 1)])


def test_a_connection_that_breaks_in_a_transaction_is_told(store, owner):
    """What was on its way is not kept, and the message says how to find out."""
    with pytest.raises(StoreError, match="ask with its key whether it was kept"), store.transaction():
        store.append([write("a")])
        _end_all(owner)
        store.append([write("a", 1)])
    store.append([write("a")])
    assert 1 == store.size


def _end_all(owner: Any) -> None:
    owner.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = current_schema()"
        " AND pid <> pg_backend_pid()"
    )


def test_more_threads_than_connections_take_turns(postgres_log):
    """Twelve threads over two connections: all are served."""
    with PostgresStore(postgres_log, connections=2) as store:
        raised = at_once(*[lambda n=n: [store.append([write(f"s{n}", i)]) for i in range(5)] for n in range(12)])
        assert ([], 60, True) == (raised, store.size, store.verify().consistent)


@pytest.mark.parametrize("connections", [0, -1, "x", True, 1.5])
def test_no_connections_are_refused(postgres_log, connections):
    """A store without any would wait for ever."""
    with pytest.raises(InvalidInput, match=r"connections: .* is no number of connections; write 1 or more"):
        PostgresStore(postgres_log, connections=connections)


@pytest.mark.parametrize("timeout", [float("inf"), float("nan"), -1, "x", None])
def test_a_time_to_wait_is_a_number_of_seconds(postgres_log, timeout):
    """What the server cannot wait is refused by name."""
    with pytest.raises(InvalidInput, match=r"timeout: .* is no time to wait"):
        PostgresStore(postgres_log, timeout=timeout)


def test_what_is_asked_while_verifying_takes_no_other_connection(postgres_log):
    """With one connection a fold may ask the store, and sees the moment that is verified."""
    with PostgresStore(postgres_log, connections=1) as store:
        store.append([counted("a", n=2)])
        told: list[Any] = []

        def fold(stream: str, entries: Any) -> Row | None:
            told.append((store.length("a"), store.size))
            return noted(stream, entries)

        assert ("consistent, completeness unknown", [(2, 2)]) == (str(store.verify(fold)), told)
        assert Receipt(3) == store.append([counted("a", 2)])


def test_a_reader_hands_no_setting_on_to_a_writer(postgres_log):
    """Behind a pooler one connection serves many: a reader does not make it read only, and writes nothing itself."""
    PostgresStore(postgres_log).close()
    with PostgresStore(postgres_log, read_only=True) as reader:
        assert [("off",)] == reader._all("SHOW default_transaction_read_only")
        for job in (lambda: reader.append([write("a")]), lambda: reader.erase([]), lambda: reader.prune([write("a")], [], 1)):
            with pytest.raises(StoreError, match="open it without read_only to write"):
                job()


# What PostgreSQL keeps


def test_text_with_nul_is_refused(store):
    """PostgreSQL keeps no NUL in text: a stream, a row, a key or a question with one is bad input, bytes may hold it."""
    for batch, key, where in (
        ([write("a\0")], None, "writes[0].stream"),
        ([write("a", row=Row("p", subject="a\0"))], None, "writes[0].row.subject"),
        ([write("a", row=Row("p", steps=("a\0",)))], None, "writes[0].row.steps"),
        ([write("a", private=(Private(1, "x\0", b"s" * 16, b""),))], None, "writes[0].private[0].path"),
        ([write("a")], Key("\0", "r"), "key"),
        ([write("a")], Key("k", "\0"), "key"),
    ):
        with pytest.raises(InvalidInput, match=f"^{re.escape(where)}: .*NUL"):
            store.append(batch, key)
    for question, where in (
        (lambda: store.read("\0"), "stream"),
        (lambda: store.row("\0"), "stream"),
        (lambda: store.find("\0"), "key"),
        (lambda: store.select(Query(unit="\0")), "query"),
        (lambda: store.erase([("a", 1, "\0")]), "path"),
    ):
        with pytest.raises(InvalidInput, match=f"^{where}: .*NUL"):
            question()
    store.append([Write("a", 0, (b"\0",), (Private(1, "x", b"\0" * 16, b"\0"),))])
    assert (1, b"\0") == (store.size, store.private("a", 1)["x"].value)


@pytest.mark.parametrize("kind", ["memory", "postgres"])
def test_a_question_that_has_no_answer_is_refused(kind, request):
    """What no name, number or field can be is bad input, and the message names it."""
    store = MemoryStore() if kind == "memory" else request.getfixturevalue("store")
    store.append([write("a")])
    for question, where in (
        (lambda: store.read("\ud800"), "stream"),
        (lambda: store.read(b"a"), "stream"),
        (lambda: store.row(5), "stream"),
        (lambda: store.length(None), "stream"),
        (lambda: store.find("\ud800"), "key"),
        (lambda: store.read("a", 2**63), "after"),
        (lambda: store.scan(2**63), "after"),
        (lambda: store.private("a", 2**70), "seq"),
        (lambda: store.select(Query(unit="\ud800")), "unit"),
        (lambda: store.select(Query(open="maybe")), "open"),
        (lambda: store.select(Query(due_before=2**70)), "due_before"),
    ):
        with pytest.raises(InvalidInput, match=f"^{where}: "):
            question()
    with pytest.raises(InvalidInput, match="-1 cannot be asked"):
        store.leaf(-1)


def test_names_are_kept_as_given(store):
    """Names in any script, with signs that SQL and JSON use, in the order of their code points."""
    names = sorted(["Đà Nẵng", "a'b", 'a"b', "a\\b", "a\nb", "{a}", "%s", "𝒳", "é", "e\u0301", "Z", "a"])
    for name in reversed(names):
        store.append([write(name, row=Row("p'\"\\", steps=("x'", 'y"', "{z}", "NULL", "a,b", "\\"), subject=name))])
    assert names == [stream for stream, _ in store.select(Query())]
    assert names == [row.subject for _, row in store.select(Query())]
    assert names == [stream for stream, row in store.select(Query(step='y"')) if row.steps[3] == "NULL"]
    assert names[4:] == [stream for stream, _ in store.select(Query(after=names[3]))]


def test_large_instants_and_positions_are_whole(store):
    """Instants up to 2^62 are kept to the microsecond."""
    row = Row("p", due=2**62, wake=-(2**62))
    store.append([write("a", row=row)])
    assert (row, []) == (store.row("a"), list(store.select(Query(due_before=2**62))))


# Many at once


def test_writers_of_different_streams_do_not_wait_for_each_other(store):
    """While a transaction that wrote one stream stays open, others write theirs, and have positions."""
    with store.transaction():
        store.append([write("a")])
        thread_receipts: list[Receipt] = []
        assert [] == at_once(lambda: thread_receipts.append(store.append([write("b")])))
        assert [Receipt(1)] == thread_receipts
    assert ["b", "a"] == [entry.stream for entry in store.scan()]


def test_a_follower_misses_nothing_behind_a_long_transaction(store):
    """What commits late gets a late position: who read up to 3 finds it at 4."""
    with store.transaction():
        store.append([write("late")])
        at_once(lambda: store.append([write("early", n=3)]))
        seen: list[Any] = []
        at_once(lambda: seen.extend(store.scan()))
        assert ["early"] * 3 == [entry.stream for entry in seen]
    assert [(4, "late")] == [(entry.position, entry.stream) for entry in store.scan(3)]


def test_what_a_caller_takes_back_burns_no_position(store):
    """Positions go on without a gap after a transaction that was taken back."""
    store.append([write("a")])
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.append([write("a", 1, n=5), write("b")])
        assert 7 == store.size
        raise ZeroDivisionError
    store.append([write("b")])
    assert ([1, 2], True) == ([entry.position for entry in store.scan()], store.verify().consistent)


def test_the_same_key_at_once_writes_once(store):
    """Eight threads with one key and one request: one record, one position, and the others repeat it."""
    receipts: list[Receipt] = []
    assert [] == at_once(*[lambda: receipts.append(store.append([write("a")], Key("k", "r")))] * 8)
    assert (1, 1, 7) == (store.size, sum(not r.repeated for r in receipts), sum(r.repeated for r in receipts))


def test_the_same_key_at_once_for_other_streams_writes_once(store):
    """One key and two requests: one lands, the other is refused, whatever it writes."""
    for turn in range(20):
        jobs = [lambda n=n, turn=turn: store.append([write(f"{turn}/{n}")], Key(f"k{turn}", str(n))) for n in range(2)]
        (refused,) = at_once(*jobs)
        assert "used for another request" in str(refused)
    assert 20 == store.size


def test_batches_over_the_same_streams_do_not_lock_each_other(store):
    """Batches that name the same streams in any order: one of each turn lands, the others are told of the conflict."""
    names = ["a", "b", "c"]
    for turn in range(10):
        orders = [names, names[::-1], ["b", "c", "a"], ["c", "a", "b"]]
        raised = at_once(
            *[lambda order=order, turn=turn: store.append([write(name, turn) for name in order]) for order in orders]
        )
        assert [Conflict] * 3 == [type(error) for error in raised]
    assert (30, True) == (store.size, store.verify().consistent)


def test_a_held_stream_does_not_grow_meanwhile(store):
    """Batches that hold a stream to its length go on beside each other, and none lands after it has grown."""
    store.append([write("law")])
    raised = at_once(
        *[lambda n=n: [store.append([write(f"case/{n}", i), Write("law", 1, ())]) for i in range(30)] for n in range(4)],
        lambda: store.append([write("law", 1)]),
    )
    assert {Conflict} == {type(error) for error in raised} or not raised
    order = [entry.stream for entry in store.scan()]
    grown = len(order) - order[::-1].index("law") - 1
    assert [] == [stream for stream in order[grown + 1 :] if stream.startswith("case/")]


def test_two_transactions_that_wait_for_each_other_end_with_try_again(store):
    """One of them is told to run again, and does; the other lands as it is."""
    barrier, told = Barrier(2), []

    def work(first: str, second: str) -> None:
        for attempt in range(9):
            try:
                with store.transaction():
                    store.append([write(first, store.length(first))])
                    if not attempt:
                        barrier.wait()
                    store.append([write(second, store.length(second))])
            except (TryAgain, Conflict) as error:
                told.append(error)
            else:
                return

    store.append([write("a"), write("b")])
    assert [] == at_once(lambda: work("a", "b"), lambda: work("b", "a"))
    tried_again = [error for error in told if isinstance(error, TryAgain)]
    assert (1, 6, True) == (len(tried_again), store.size, store.verify().consistent)
    assert "take the whole transaction back and run it again" in str(tried_again[0])


def test_threads_and_transactions_keep_every_stream_in_order(store):
    """Eight threads, single batches and transactions, streams of their own and one they share: contiguous, in order."""

    def work(n: int) -> None:
        for i in range(12):
            if i % 3:
                store.append([write(f"own/{n}", store.length(f"own/{n}"))])
            else:
                with store.transaction():
                    store.append([write(f"own/{n}", store.length(f"own/{n}"), 2)])
                    store.append([write(f"more/{n}", store.length(f"more/{n}"))])
            while True:
                try:
                    store.append([write("shared", store.length("shared"))])
                except Conflict:
                    continue
                break

    assert [] == at_once(*[lambda n=n: work(n) for n in range(8)])
    entries = list(store.scan())
    assert list(range(1, 8 * (16 + 4 + 12) + 1)) == [entry.position for entry in entries]
    assert (96, "consistent, completeness unknown", (0, 0.0)) == (store.length("shared"), str(store.verify()), store.waiting())


def test_the_last_writer_leaves_nothing_waiting(store):
    """Whatever way writers of a process come and go, when all are back every record has its position."""
    for turn in range(15):
        at_once(*[lambda n=n, turn=turn: store.append([write(f"{turn}/{n}")]) for n in range(6)])
        assert 0 == store.waiting()[0]


# Personal values


def test_personal_values_are_erased(store, owner):
    """They are gone; the record, its proof and the verification stay."""
    store.append([sealed("a", 3)])
    told = {"stream": KEEPING, "seq": 1, "type": "erased", "values": [["a", 2, "name"]]}
    store.append([Write(KEEPING, 0, (encode(told),))])
    root, proof = store.root(), store.inclusion(1)
    asked = [("a", 2, "name"), ("a", 2, "phone"), ("b", 1, "name")]
    assert (1, 0, {}) == (store.erase(asked), store.erase(asked), store.private("a", 2))
    assert (root, proof, True) == (store.root(), store.inclusion(1), store.verify().consistent)
    assert 0 == owner.execute("SELECT count(*) FROM private").fetchone()[0]


def test_what_is_removed_and_not_vacuumed_is_told(postgres_log, owner):
    """The values are gone for good: not to be tried again, but vacuumed; done again, it is."""
    with PostgresStore(postgres_log, timeout=0.1) as store:
        store.append([sealed("a", 3)])
        with owner.transaction():
            owner.execute("LOCK TABLE private IN SHARE UPDATE EXCLUSIVE MODE")
            with pytest.raises(StoreError, match="removed for good, and not vacuumed yet; run VACUUM") as told:
                store.erase([("a", 2, "name")])
        assert (False, {}) == (isinstance(told.value, TryAgain), store.private("a", 2))
        assert 0 == store.erase([("a", 2, "name")])


def test_bodies_are_pruned_and_every_proof_holds(store, owner):
    """With the decision and the end of the case, or not at all: bodies and rows are gone, root and proofs stay."""
    store.append([counted("a", n=2)])
    store.append([counted("b", n=2)])
    root, proof, row = store.root(), store.inclusion(1), store.row("b")
    facts = {"type": "pruned", "by": "hoa", "basis": "12", "size": 3, "records": 2}
    writes = [
        Write(KEEPING, 0, (encode({"stream": KEEPING, "seq": 1, **facts}),)),
        Write("a", 2, (encode({"stream": "a", "seq": 3, **facts}),)),
    ]
    with store.transaction(), pytest.raises(InvalidInput, match="outside of a transaction"):
        store.prune(writes, ["a"], 3)
    assert 2 == store.prune(writes, ["a"], 3)
    with pytest.raises(Conflict):
        store.prune(writes, ["b"], 4)
    assert ([b"", b""], None, row) == ([entry.data for entry in store.read("a")][:2], store.row("a"), store.row("b"))
    assert (root, proof) == (store.root(4), store.inclusion(1, 4))
    found = store.verify(lambda stream, entries: None if stream == KEEPING else noted(stream, entries))
    assert (True, ["pruned"]) == (found.consistent, [note.code for note in found.notes])
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        owner.execute("UPDATE entry SET data = ''")


# An organization

TAKEN = """
[steps.taken]
[actions.take]
from = "waiting"
to = "taken"
roles = ["clerk"]
[actions.finish]
from = "taken"
to = "done"
roles = ["clerk"]
"""


def test_an_organization_runs_on_it(postgres_log):
    """Opened, acted on, listed, verified; another process sees the same case; a key gives the first answer."""
    definition = small(TAKEN)
    with PostgresStore(postgres_log) as store, PostgresStore(postgres_log) as second:
        org, other = office(definition, store=store, now=Now()), office(definition, store=second, now=Now())
        org.open("small", by="lan", id="a")
        assert org.act("a", "take", by="lan", key="1").seq == org.act("a", "take", by="lan", key="1").seq
        other.act("a", "finish", by="lan")
        assert org.case("a").closed
        assert "consistent, completeness unknown" == str(org.trail.verify())


def test_threads_of_one_office_take_cases_on(postgres_log):
    """Six threads open and move cases of one organization: each case whole, the trail consistent."""
    definition = small(TAKEN)
    with PostgresStore(postgres_log) as store:
        org = office(definition, store=store, now=Now())

        def work() -> None:
            for n in range(5):
                name = f"{threading.get_ident()}-{n}"
                org.open("small", by="lan", id=name)
                org.act(name, "take", by="lan")
                org.act(name, "finish", by="lan")

        assert [] == at_once(*[work] * 6)
        assert 30 == sum(1 for case in org.cases() if case.closed)
        assert "consistent, completeness unknown" == str(org.trail.verify())


def test_records_say_where_they_stand(store):
    """What a store gives back is what it was given, with its place."""
    store.append([write("a", n=2)])
    assert [record("a", 1), record("a", 2)] == [entry.data for entry in store.read("a")]
