"""Definitions in the log: published once, in full, and read from there."""

from __future__ import annotations

import pytest

from definitions import CALENDAR, filled, small, tree, with_
from qms.codec import decode
from qms.errors import Conflict, InvalidInput, NotFound
from qms.limits import CountingRule
from qms.ports import Write
from qms.process import Process
from qms.publication import STREAM, Definitions, hash_of
from qms.stores.memory import MemoryStore

RULE = CountingRule.named("vn-one-stop")
BLANK = 'blanks.mode = ["restart", "run"]'


def test_each_kind_of_definition_is_read_from_the_log_as_it_was():
    """Process, procedure, calendar and rule, by their content hash."""
    store = MemoryStore()
    definitions = [small(BLANK), filled({"blanks": {"mode": "run"}}), CALENDAR, RULE]
    hashes = Definitions(store).publish(definitions, 5)
    assert (tuple(map(hash_of, definitions)), definitions) == (hashes, [Definitions(store).load(key) for key in hashes])


def test_a_definition_is_published_once():
    """Nothing is added for a hash that is there."""
    store = MemoryStore()
    first = Definitions(store).publish([small()], 5)
    assert ((small().content_hash,), (), 1) == (first, Definitions(store).publish([small()], 6), store.length(STREAM))


def test_a_changed_definition_is_published_beside_the_old():
    """What was published stays."""
    store = MemoryStore()
    other = Process.from_tree(with_(tree(), "title", {"en": "Other"}))
    Definitions(store).publish([small()], 5)
    definitions = Definitions(store)
    definitions.publish([other, CALENDAR], 6)
    assert (
        (
            ("process", "small", small().content_hash),
            ("process", "small", other.content_hash),
            ("calendar", "test", CALENDAR.version),
        ),
        (("calendar", "test", CALENDAR.version),),
    ) == (definitions.published(), definitions.published("calendar"))


def test_a_long_definition_is_published_in_parts():
    """Each record keeps to the size of a record; together they are the definition."""
    store = MemoryStore()
    long = Process.from_tree(with_(tree(), "note", "Điều " * 6_000))
    Definitions(store).publish([long], 5)
    records = [decode(entry.data) for entry in store.read(STREAM)]
    assert ([(1, 3), (2, 3), (3, 3)], long) == (
        [(record["part"], record["parts"]) for record in records],
        Definitions(store).load(long.content_hash),
    )


def test_a_published_record_says_what_it_is():
    """Kind, name, hash, who and when."""
    store = MemoryStore()
    Definitions(store).publish([small()], 5, by="lan")
    (entry,) = store.read(STREAM)
    assert {
        "stream": STREAM,
        "seq": 1,
        "type": "published",
        "at": 5,
        "by": "lan",
        "kind": "process",
        "name": "small",
        "hash": small().content_hash,
        "part": 1,
        "parts": 1,
    } == {key: value for key, value in decode(entry.data).items() if key != "text"}


def test_another_kind_of_record_in_the_stream_is_passed_over():
    """What a later library writes there does not hinder this one."""
    store = MemoryStore()
    store.append([Write(STREAM, 0, (b'{"seq":1,"stream":"definitions","type":"another"}',))])
    definitions = Definitions(store)
    definitions.publish([small()], 5)
    assert (("process", "small", small().content_hash),) == definitions.published()


def test_what_another_published_since_is_found():
    """A worker that began earlier reads on."""
    store = MemoryStore()
    early = Definitions(store)
    Definitions(store).publish([small()], 5)
    assert small() == early.load(small().content_hash)


def test_two_that_publish_at_once_do_not_publish_twice():
    """The second finds the stream longer, reads on, and adds only what is missing."""
    store = MemoryStore()
    early = Definitions(store)
    Definitions(store).publish([small()], 5)
    assert ((CALENDAR.version,), 2) == (
        early.publish([small(), CALENDAR], 6),
        len({decode(entry.data)["hash"] for entry in store.read(STREAM)}),
    )


def test_a_store_where_others_always_come_first_is_a_conflict():
    """Nobody waits for ever."""

    class Busy(MemoryStore):
        def append(self, writes, key=None):
            raise Conflict("longer than expected")

    with pytest.raises(Conflict, match="others keep publishing definitions; try again"):
        Definitions(Busy()).publish([small()], 5)


def test_a_hash_that_nobody_published_is_not_found():
    """The message says which."""
    with pytest.raises(NotFound, match="no definition 0000 is published in this store"):
        Definitions(MemoryStore()).load("0000")


def test_a_process_is_bound_to_its_procedure_once():
    """Cases of one pair share what they run by."""
    definitions = Definitions(MemoryStore())
    procedure = filled({"blanks": {"mode": "run"}})
    definitions.publish([small(BLANK), small(), procedure], 5)
    once, again = (definitions.bound(small(BLANK).content_hash, procedure.content_hash) for _ in range(2))
    assert (True, procedure, None) == (
        once is again,
        once.procedure,
        definitions.bound(small().content_hash, None).procedure,
    )


def test_what_is_no_definition_is_not_published():
    """Only four kinds are."""
    with pytest.raises(InvalidInput, match="is no definition"):
        Definitions(MemoryStore()).publish([_Version()], 5)  # type: ignore[list-item]


class _Version:
    version = "1"
