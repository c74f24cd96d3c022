"""One organization among others: in a caller's transaction, in many threads, beside other processes; what it remembers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event, Thread, current_thread
from time import sleep
from typing import Any

import attrs
import pytest

from definitions import small
from office import Now, denied, office
from qms.errors import InvalidInput, NotFound, StoreError
from qms.form import personal
from qms.organization import Organization, Past
from qms.ports import Entry, Found
from qms.publication import STREAM, Definitions
from qms.stores.memory import MemoryStore
from qms.stores.sqlite import SQLiteStore

FORKED = small("""
[steps.taken]
[steps.left]
closes = true
[actions.take]
from = "waiting"
to = "taken"
roles = ["clerk"]
[actions.leave]
from = "waiting"
to = "left"
roles = ["clerk"]
outcome = "left"
[actions.finish]
from = "taken"
to = "done"
roles = ["clerk"]
""")


def clerks(store: Any, **more: Any) -> Organization:
    """An office over *store* whose one process can go two ways."""
    return office(FORKED, store=store, now=Now(), **more)


# In a caller's transaction


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A caller's database."""
    with closing(sqlite3.connect(tmp_path / "caller.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        yield connection


def test_what_a_caller_takes_back_is_not_remembered(caller: sqlite3.Connection) -> None:
    """No view shows a case whose records were rolled back."""
    org = clerks(SQLiteStore.on(caller))
    caller.commit()
    org.open("small", by="lan", id="a")
    caller.rollback()
    for look in (org.case, org.history, lambda id_: org.available(id_, "lan"), lambda id_: org.explain(id_, "take", "lan")):
        with pytest.raises(NotFound):
            look("a")


def test_an_act_follows_on_what_is_stored_and_not_on_what_was_taken_back(tmp_path: Path, caller: sqlite3.Connection) -> None:
    """As many other records in place of those taken back: the decision is made on these."""
    org = clerks(SQLiteStore.on(caller))
    org.open("small", by="lan", id="a")
    caller.commit()
    org.act("a", "take", by="lan")
    caller.rollback()
    with closing(sqlite3.connect(tmp_path / "caller.db")) as connection:
        clerks(SQLiteStore.on(connection)).act("a", "leave", by="lan")
        connection.commit()
    with denied("closed"):
        org.act("a", "finish", by="lan")
    caller.commit()
    assert org.trail.verify().consistent


def test_definitions_that_a_caller_took_back_are_published_again(tmp_path: Path, caller: sqlite3.Connection) -> None:
    """A case never stands in a log that does not hold what it runs by."""
    store = SQLiteStore.on(caller)
    caller.commit()
    org = clerks(store)
    caller.rollback()
    org.open("small", by="lan", id="a")
    caller.commit()
    org.act("a", "take", by="lan")
    caller.commit()
    with closing(SQLiteStore(tmp_path / "caller.db")) as other:
        assert (org.definitions.published(), True) == (Definitions(other).published(), org.trail.verify().consistent)


def test_tables_that_a_caller_took_back_are_told(caller: sqlite3.Connection) -> None:
    """The message says how to go on."""
    org = clerks(SQLiteStore.on(caller))
    caller.rollback()
    with pytest.raises(StoreError, match=r"the tables are gone .* call SQLiteStore\.on again, and commit"):
        org.open("small", by="lan")


# In many threads


def test_a_thread_does_not_decide_on_what_another_has_not_committed(tmp_path: Path) -> None:
    """A transaction is taken back and another process writes as much: the thread that waited decides on that."""
    path = tmp_path / "office.db"
    org, other = (clerks(SQLiteStore(path)) for _ in range(2))
    org.open("small", by="lan", id="a")
    inside, read, left, seen = Event(), Event(), Event(), []
    bound_of = org._bound

    def waiting(case: Any) -> Any:
        if current_thread() is late:
            read.set()
            left.wait(10)  # a scheduler may hold a thread here as long as it likes
        return bound_of(case)

    org._bound = waiting  # type: ignore[method-assign]

    def finish() -> None:
        inside.wait(10)
        try:
            seen.append(org.act("a", "finish", by="lan").steps)
        except Exception as error:  # noqa: BLE001 - told below
            seen.append(type(error).__name__)

    late = Thread(target=finish)
    late.start()
    with pytest.raises(ZeroDivisionError), org.transaction():
        org.act("a", "take", by="lan")
        inside.set()
        read.wait(10)
        raise ZeroDivisionError
    other.act("a", "leave", by="lan")
    left.set()
    late.join()
    assert (["Denied"], {"left"}, True) == (seen, org.case("a").steps, org.trail.verify().consistent)
    org.store.close()
    other.store.close()


def test_a_transaction_is_seen_by_its_own_thread_and_kept_when_it_lands() -> None:
    """Inside it follows on itself; what an inner one took back is as before; afterwards everybody sees it."""
    org = clerks(MemoryStore())
    org.open("small", by="lan", id="a")
    with org.transaction():
        with pytest.raises(ZeroDivisionError), org.transaction():
            org.act("a", "leave", by="lan")
            raise ZeroDivisionError
        with org.transaction():
            org.act("a", "take", by="lan")
        org.act("a", "finish", by="lan")
    assert ({"done"}, {"done"}, {}) == (org.case("a").steps, org._book._cases["a"].steps, org._book._spans)


def test_threads_that_meet_a_new_definition_read_it_once(tmp_path: Path) -> None:
    """What another process published is read whole, however many threads ask at once."""
    names = [f"p{n}" for n in range(4)]
    org = clerks(SQLiteStore(tmp_path / "office.db"))
    other = office(*(small(f'name = "{name}"') for name in names), store=SQLiteStore(tmp_path / "office.db"), now=Now())
    for name in names:
        other.open(name, by="lan", id=name)
    ready, found = Barrier(len(names)), []

    def look(name: str) -> None:
        ready.wait(10)
        found.append(org.case(name).kind)

    every = org.store.read

    def slowly(stream: str, after: int = 0) -> Iterator[Entry]:
        for entry in every(stream, after):
            yield entry
            sleep(0.01 if stream == STREAM else 0)

    org.store.read = slowly  # type: ignore[method-assign]
    threads = [Thread(target=look, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == sorted(found)
    org.store.close()
    other.store.close()


# Keys


def test_the_same_request_at_once_is_answered_and_not_denied_for_itself() -> None:
    """The key was not there when asked before deciding, and its act was when the case was read."""
    org = clerks(MemoryStore())
    org.open("small", by="lan", id="a")
    first = org.act("a", "leave", by="lan", key="k", expected=2)
    find = org.store.find
    for _ in range(2):
        answers: Iterator[Found | None] = iter([None])
        org.store.find = lambda name, answers=answers: next(answers, find(name))  # type: ignore[misc, method-assign]
        assert first == org.act("a", "leave", by="lan", key="k", expected=2)
    org.act("a", "leave", by="lan", key="k", expected=2)
    assert 3 == org.store.length("a")


@attrs.frozen(kw_only=True)
class Answer:
    """A form with one field that is a person's own."""

    mood: str = personal(default="fair")
    place: str = "here"


@pytest.fixture
def asked() -> Organization:
    """A case that was opened with an answer under a key."""
    said = small('actions.ask = { from = "new", to = "waiting", roles = ["clerk"], form = "Answer" }')
    org = office(said, now=Now(), forms={"Answer": Answer})
    org.open("small", by="lan", id="a", form={"mood": "bad"}, key="k")
    return org


@pytest.mark.parametrize("form", [{"mood": "bad"}, {"mood": "bad", "place": "here"}, Answer(mood="bad")])
def test_a_request_is_the_same_when_its_form_says_the_same(asked: Organization, form: Any) -> None:
    """Written as a table, with its defaults, or as an instance."""
    assert 2 == asked.open("small", by="lan", id="a", form=form, key="k").seq


@pytest.mark.parametrize("form", [{"mood": "fair"}, {"mood": "bad", "place": "there"}, {"mood": 5}, None])
def test_a_request_with_another_form_is_another(asked: Organization, form: Any) -> None:
    """Personal or not."""
    with pytest.raises(InvalidInput, match="the key 'k' was used for another request"):
        asked.open("small", by="lan", id="a", form=form, key="k")


def test_the_digest_of_a_request_says_nothing_of_its_form(asked: Organization) -> None:
    """Few words can be tried one by one: what is beside the log and can be erased is nowhere else."""
    other = office(*asked._book.force.processes.values(), now=Now(), forms={"Answer": Answer})
    other.open("small", by="lan", id="a", form={"mood": "good"}, key="k")
    one, two = asked.store.find("k"), other.store.find("k")
    assert one == two is not None


def test_an_erased_value_is_taken_to_be_the_same(asked: Organization) -> None:
    """Nobody can say any more that it was another."""
    store: Any = asked.store
    store._private.clear()
    assert 2 == asked.open("small", by="lan", id="a", form={"mood": "good"}, key="k").seq
    with pytest.raises(InvalidInput, match="the key 'k' was used for another request"):
        asked.open("small", by="lan", id="a", form={"mood": "good", "place": "there"}, key="k")


def test_a_form_where_none_is_taken_is_another_request() -> None:
    """The act was told nothing."""
    org = clerks(MemoryStore())
    org.open("small", by="lan", id="a", key="k")
    assert 2 == org.open("small", by="lan", id="a", form={}, key="k").seq
    with pytest.raises(InvalidInput, match="the key 'k' was used for another request"):
        org.open("small", by="lan", id="a", form={"x": "y"}, key="k")


def test_a_case_is_not_continued_as_one_of_another_process() -> None:
    """A history of the wrong process is refused before anything of it is kept."""
    org = clerks(MemoryStore())
    org.open("small", by="lan", id="a")
    with pytest.raises(InvalidInput, match="process: a is a case of small, not of errand"):
        org.record("a", [Past("take", "lan", 1, 1)], process="errand")
    assert 2 == org.store.length("a")


def test_who_acts_is_a_text() -> None:
    """Nobody and a number do nothing."""
    org = clerks(MemoryStore())
    someone: Any
    for someone in (None, 5):
        with pytest.raises(InvalidInput, match="does nothing by hand"):
            org.open("small", by=someone)
