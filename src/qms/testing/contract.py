"""The contract of a store, as tests: a class to inherit, with one fixture to give.

    class TestOurStore(StoreContract):
        @pytest.fixture
        def store(self, tmp_path):
            with OurStore(tmp_path / "x") as store:
                yield store

Rule 1: whatever the library relies on stands here; a store that passes can be given to an `Organization`.
Rule 2: nothing here looks inside a store.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Barrier, Thread
from typing import Any, Protocol

import pytest

from ..codec import encode
from ..errors import Conflict, InvalidInput, StoreError
from ..ports import Entry, Found, Key, Log, Private, Query, Receipt, Row, Store, Write
from ..trail import EMPTY_ROOT, KEEPING, commitment, leaf_hash, root, verify_consistency, verify_inclusion

__all__ = ["LoggedStore", "StoreContract", "record", "sealed", "write"]


class LoggedStore(Store, Log, Protocol):
    """A store that is also a log: what the contract is about."""


def record(stream: str, seq: int, **fields: Any) -> bytes:
    """The bytes of a record that says where it stands, as every record must."""
    return encode({"stream": stream, "seq": seq, "type": "noted", **fields})


def write(stream: str, expected: int = 0, n: int = 1, **rest: Any) -> Write:
    """A write of *n* records that follow the *expected* ones of *stream*."""
    return Write(stream, expected, tuple(record(stream, expected + i) for i in range(1, n + 1)), **rest)


def sealed(stream: str, n: int) -> Write:
    """A write of *n* records to a new stream; the second holds the commitment to a private value ``name``."""
    value = Private(2, "name", b"s" * 16, b"Lan")
    held = record(stream, 2, name={"sealed": commitment(value.salt, value.path, stream, 2, value.value)})
    entries = write(stream, 0, n).entries
    return Write(stream, 0, (entries[0], held, *entries[2:]), (value,))


def noted(stream: str, entries: Iterable[Entry]) -> Row | None:
    """A fold: the row of a stream counts its records; streams named with an underscore have none."""
    last = list(entries)[-1].seq
    return None if stream.startswith("_") else Row("counted", steps=(f"at-{last}",), due=last)


def counted(stream: str, expected: int = 0, n: int = 1) -> Write:
    """A write whose row is what `noted` makes of it."""
    return write(stream, expected, n, row=Row("counted", steps=(f"at-{expected + n}",), due=expected + n))


ROWS = {
    "a": Row("one-stop", "2.000908", ("examining", "verifying"), "an", "da-nang", True, 100, 50),
    "b": Row("one-stop", "1.004873", ("examining",), "binh", "hue", True, 200, None),
    "c": Row("one-stop", "2.000908", ("done",), "an", "hue", False, 100, None),
    "d": Row("nonconformity", None, (), "", "Đà Nẵng", True, None, 70),
}

QUERIES = [
    (Query(), "abcd"),
    (Query(process="one-stop"), "abc"),
    (Query(procedure="2.000908"), "ac"),
    (Query(unit="hue"), "bc"),
    (Query(subject="an"), "ac"),
    (Query(step="verifying"), "a"),
    (Query(step="examin"), ""),
    (Query(open=True), "abd"),
    (Query(open=False), "c"),
    (Query(due_before=100), ""),
    (Query(due_before=101), "ac"),
    (Query(due_before=101, open=True), "a"),
    (Query(wake_before=71), "ad"),
    (Query(after="b"), "cd"),
    (Query(limit=2), "ab"),
    (Query(limit=0), ""),
    (Query(process="one-stop", after="a", limit=1), "b"),
]

REFUSED = [
    ([], "writes: a batch has at least one write"),
    ([Write("", 0, (b"{}",))], "writes[0].stream: '' is no name"),
    ([Write("a\ud800", 0, (b"{}",))], "writes[0].stream: 'a\\ud800' is no name"),
    ([Write("a", -1, (b"{}",))], "writes[0].expected: -1 is no length"),
    ([Write("a", 0, ())], "writes[0].entries: a write has at least one entry"),
    ([write("b"), Write("a", 0, ())], "writes[1].entries: a write has at least one entry"),
    ([write("b"), write("c"), Write("a", 1, (), row=Row("p"))], "writes[2].entries: a write has at least one entry"),
    ([Write("a", 0, (b"{}", "{}"))], "writes[0].entries[1]: an entry is bytes, not str"),  # type: ignore[arg-type]
    ([write("a", private=(Private(2, "x", b"s", b"v"),))], "writes[0].private[0]: the value belongs to record 2"),
    ([write("a", private=(Private(1, "", b"s", b"v"),))], "writes[0].private[0].path: '' is no path"),
    ([write("a", private=(Private(1, "x", b"s", "v"),))], "writes[0].private[0]: salt and value are bytes"),  # type: ignore[arg-type]
    ([write("a", private=(Private(1, "x", b"s", b"v"),) * 2)], "writes[0].private[1]: x stands twice"),
    ([write("a", row=Row("p", steps=("a\nb",)))], "writes[0].row.steps: 'a\\nb' is no name of a step"),
    ([write("a", row=Row("p", steps=(None,)))], "writes[0].row.steps: None is no name of a step"),  # type: ignore[arg-type]
    ([write("a", row=Row(None))], "writes[0].row.process: None is not text"),  # type: ignore[arg-type]
    ([write("a", row=Row("p", unit="\ud800"))], "writes[0].row.unit: '\\ud800' is not text"),
    ([write("a", row=Row("\ud800"))], "writes[0].row.process: '\\ud800' is not text"),
    ([write("a", row=Row("p", due=2**63))], f"writes[0].row.due: {2**63} is no instant"),
    ([write("a", row=Row("p", open="maybe"))], "writes[0].row.open: 'maybe' is neither True nor False"),  # type: ignore[arg-type]
    ([Write("a", 2**63, (b"{}",))], f"writes[0].expected: {2**63} is no length"),
    ([Write("đ" * 501, 0, (b"{}",))], "(501 characters) is no name: text that can be encoded as UTF-8, not empty, 1,000 bytes"),
    ([write("a", private=(Private(1, "x" * 1001, b"s", b"v"),))], "(1001 characters) is no path"),
]


class StoreContract:
    """Inherit, and give a fixture `store` with an empty store."""

    @pytest.fixture
    def store(self) -> Any:
        """An empty store; closed again by who gives it."""
        raise NotImplementedError

    # ---- keeping and reading

    def test_an_empty_store_is_empty(self, store: LoggedStore) -> None:
        """Nothing was written: no entries, no rows, length 0, and the root of nothing."""
        assert (0, EMPTY_ROOT, []) == (store.size, store.root(), list(store.scan()))
        assert (0, [], None, {}) == (store.length("a"), list(store.read("a")), store.row("a"), store.private("a", 1))

    def test_what_was_appended_is_read_again(self, store: LoggedStore) -> None:
        """Entries come back byte for byte, numbered from 1 in their stream and in the log."""
        store.append([write("hồ sơ/1")])
        store.append([write("b", n=2), write("hồ sơ/1", 1)])
        kept = [("hồ sơ/1", 1), ("b", 1), ("b", 2), ("hồ sơ/1", 2)]
        entries = [Entry(position, stream, seq, record(stream, seq)) for position, (stream, seq) in enumerate(kept, 1)]
        assert entries == list(store.scan())
        assert [entries[0], entries[3]] == list(store.read("hồ sơ/1"))

    def test_reading_can_begin_after_a_place(self, store: LoggedStore) -> None:
        """`after` leaves out what was seen: by number in a stream, by position in the log."""
        store.append([write("a", n=3), write("b")])
        assert ([2, 3], [3, 4]) == ([e.seq for e in store.read("a", 1)], [e.position for e in store.scan(2)])
        assert ([], []) == (list(store.read("a", 3)), list(store.scan(4)))

    def test_long_streams_are_read_whole(self, store: LoggedStore) -> None:
        """A thousand entries come in order, also while others are added."""
        store.append([write("a", n=1000)])
        seen = []
        for entry in store.read("a"):
            seen.append(entry.seq)
            if entry.seq == 1:
                store.append([write("b")])
        assert list(range(1, 1001)) == seen
        assert list(range(1, 1002)) == [entry.position for entry in store.scan()]

    def test_bytes_are_kept_as_given(self, store: LoggedStore) -> None:
        """A store does not read records: any bytes come back as they were."""
        odd = (b"", b"\x00", bytes(range(256)), b"x" * 100_000)
        store.append([Write("a", 0, odd)])
        assert odd == tuple(entry.data for entry in store.read("a"))

    def test_a_receipt_names_the_first_position(self, store: LoggedStore) -> None:
        """The receipt of a batch is the position of its first record."""
        assert [Receipt(1), Receipt(4)] == [store.append([write("a", n=2), write("b")]), store.append([write("b", 1)])]

    # ---- whole or not at all

    @pytest.mark.parametrize("expected", [0, 1, 3, 7])
    def test_a_wrong_length_is_a_conflict(self, store: LoggedStore, expected: int) -> None:
        """Too short or too long: both are refused, with the length expected and the length there is."""
        store.append([write("a", n=2)])
        with pytest.raises(Conflict, match=f"a has 2 records, and {expected} were expected"):
            store.append([write("a", expected)])
        assert (2, 2) == (store.length("a"), store.size)

    def test_a_batch_lands_whole_or_not_at_all(self, store: LoggedStore) -> None:
        """One conflict in a batch keeps all of it out: entries, rows, private values, the key and the tree."""
        store.append([write("a")])
        before = store.root()
        good = write("b", private=(Private(1, "x", b"s" * 16, b"v"),), row=ROWS["b"])
        with pytest.raises(Conflict):
            store.append([good, write("a", 4)], Key("k", "r"))
        assert (1, before, 0, None) == (store.size, store.root(), store.length("b"), store.row("b"))
        assert ({}, None) == (store.private("b", 1), store.find("k"))
        store.append([good])
        assert (1, 2) == (store.length("b"), store.size)

    def test_a_write_without_entries_holds_a_stream_to_its_length(self, store: LoggedStore) -> None:
        """The batch lands while the other stream is as long as it was when it was decided, and not after."""
        store.append([write("a")])
        store.append([write("b"), Write("a", 1, ())])
        store.append([write("a", 1)])
        with pytest.raises(Conflict, match="a has 2 records, and 1 were expected"):
            store.append([write("b", 1), Write("a", 1, ())])
        assert (["a", "b", "a"], 2, 1) == ([entry.stream for entry in store.scan()], store.length("a"), store.length("b"))

    def test_a_stream_may_be_written_twice_in_a_batch(self, store: LoggedStore) -> None:
        """The second write of a stream follows the first, and is refused where it does not."""
        store.append([write("a"), write("b"), write("a", 1)])
        with pytest.raises(Conflict):
            store.append([write("a", 2), write("a", 2)])
        assert ["a", "b", "a"] == [entry.stream for entry in store.scan()]

    @pytest.mark.parametrize(("writes", "message"), REFUSED, ids=[message for _, message in REFUSED])
    def test_what_cannot_be_kept_is_refused(self, store: LoggedStore, writes: list[Write], message: str) -> None:
        """Every fault of a batch is named with its place, and nothing of it is kept."""
        with pytest.raises(InvalidInput) as refused:
            store.append(writes)
        assert message in str(refused.value)
        assert 0 == store.size

    def test_a_key_needs_a_name(self, store: LoggedStore) -> None:
        """An empty key would be the same for everybody."""
        with pytest.raises(InvalidInput, match="key: '' is no name"):
            store.append([write("a")], Key("", "r"))

    def test_the_longest_names_are_kept(self, store: LoggedStore) -> None:
        """A stream, a key and a path of a thousand bytes; one more is refused, by name."""
        name = "đ" * 500
        store.append([write(name, private=(Private(1, name, b"s" * 16, b"v"),))], Key(name, "r"))
        found = store.find(name)
        assert (1, name, [name]) == (store.length(name), found and found.stream, [*store.private(name, 1)])
        for key, message in (
            (Key("k" * 1001, "r"), "(1001 characters) is no name"),
            (Key("k", "\ud800"), "its request '\\ud800'"),
        ):
            with pytest.raises(InvalidInput) as refused:
                store.append([write("a")], key)
            assert message in str(refused.value)

    # ---- keys

    def test_a_repeated_key_gives_the_first_answer(self, store: LoggedStore) -> None:
        """The same key with the same request writes once, whatever the batch expects by now."""
        first = store.append([write("a", n=2), write("b")], Key("k", "r"))
        again = store.append([write("a", n=2), write("b")], Key("k", "r"))
        assert (Receipt(1), Receipt(1, repeated=True), 3) == (first, again, store.size)

    def test_a_key_serves_one_request(self, store: LoggedStore) -> None:
        """The same key with another request is an error, and writes nothing."""
        store.append([write("a")], Key("k", "r"))
        with pytest.raises(InvalidInput, match="key 'k': this key was used for another request"):
            store.append([write("a", 1)], Key("k", "s"))
        assert 1 == store.size

    def test_a_key_is_found_with_what_it_wrote(self, store: LoggedStore) -> None:
        """Under a key stand the first stream of its batch, the length that had then, and the position."""
        store.append([write("z")])
        store.append([write("b", n=2), write("a")], Key("k", "r"))
        store.append([write("b", 2)])
        assert (Found("k", "r", "b", 2, 2), None) == (store.find("k"), store.find("other"))

    # ---- rows and private values

    def test_a_row_is_replaced_by_the_next(self, store: LoggedStore) -> None:
        """The last row given stands; a write without one leaves it."""
        store.append([write("a", row=ROWS["a"])])
        store.append([write("a", 1, row=ROWS["c"])])
        store.append([write("a", 2)])
        assert ROWS["c"] == store.row("a")

    @pytest.mark.parametrize(("query", "streams"), QUERIES, ids=str)
    def test_rows_are_selected(self, store: LoggedStore, query: Query, streams: str) -> None:
        """Every field of a query narrows it; the answers are ordered by stream."""
        store.append([write("_no row")])
        for stream in "dbca":
            store.append([write(stream, row=ROWS[stream])])
        assert [(stream, ROWS[stream]) for stream in streams] == list(store.select(query))

    def test_private_values_lie_beside_their_record(self, store: LoggedStore) -> None:
        """They are found by stream, number and path, and are no part of the log."""
        values = (Private(2, "name", b"1" * 16, "Nguyễn".encode()), Private(2, "phone", b"2" * 16, b"\x00"))
        store.append([write("a", n=2, private=values)])
        assert ({"name": values[0], "phone": values[1]}, {}) == (store.private("a", 2), store.private("a", 1))
        assert root(leaf_hash(entry.data) for entry in store.scan()) == store.root()

    def test_a_private_value_opens_the_commitment_of_its_record(self, store: LoggedStore) -> None:
        """Verification finds one that does not, and one beside a record that holds no commitment."""
        store.append([sealed("_a", 3)])
        assert True is store.verify(noted).consistent
        other = Private(2, "name", b"s" * 16, b"Mai")
        store.append([Write("_b", 0, sealed("_b", 2).entries, (other,))])
        store.append([write("_c", private=(Private(1, "name", b"s" * 16, b"Lan"), Private(1, "phone", b"short", b"1")))])
        found = [(finding.code, finding.stream, finding.seq) for finding in store.verify(noted).findings]
        assert [("altered", "_b", 2), ("stray", "_c", 1), ("stray", "_c", 1)] == found

    def test_what_is_erased_is_gone_and_every_proof_holds(self, store: LoggedStore) -> None:
        """The record, the root and the proofs stay; again there is nothing to erase."""
        store.append([sealed("_a", 3)])
        (value,) = (p for seq in (1, 2, 3) for p in store.private("_a", seq).values())
        told = {"stream": KEEPING, "seq": 1, "type": "erased", "values": [["_a", value.seq, value.path]]}
        store.append([Write(KEEPING, 0, (encode(told),))])
        before, proof = store.root(), store.inclusion(0, store.size)
        erased = [store.erase([("_a", value.seq, value.path), ("none", 1, "x")]) for _ in range(2)]
        assert ([1, 0], {}) == (erased, store.private("_a", value.seq))
        assert (before, proof, True) == (store.root(), store.inclusion(0, store.size), store.verify().consistent)

    def test_a_value_that_is_gone_without_a_record_of_it_is_missing(self, store: LoggedStore) -> None:
        """Somebody took it away: nothing in the log says that it was erased."""
        store.append([sealed("_a", 3)])
        ((seq, path),) = ((seq, path) for seq in (1, 2, 3) for path in store.private("_a", seq))
        store.erase([("_a", seq, path)])
        assert [("missing", "_a", seq)] == [(f.code, f.stream, f.seq) for f in store.verify(noted).findings]

    def test_an_erasure_in_a_transaction_goes_with_it(self, store: LoggedStore) -> None:
        """Taken back, the values are there again."""
        store.append([sealed("_a", 2)])
        values = store.private("_a", 2)
        with pytest.raises(ZeroDivisionError), store.transaction():
            assert 1 == store.erase([("_a", 2, path) for path in values])
            raise ZeroDivisionError
        assert values == store.private("_a", 2)

    # ---- transactions

    def test_a_transaction_sees_its_own_appends(self, store: LoggedStore) -> None:
        """Inside, everything appended is there to be read; afterwards too."""
        with store.transaction():
            store.append([write("a", n=2, row=ROWS["a"])], Key("k", "r"))
            store.append([write("a", 2)])
            inside = (store.length("a"), store.size, store.root(), store.row("a"), store.find("k"), list(store.scan()))
        assert inside == (store.length("a"), store.size, store.root(), store.row("a"), store.find("k"), list(store.scan()))
        assert 3 == store.size

    def test_a_store_knows_whether_it_is_in_a_transaction(self, store: LoggedStore) -> None:
        """Inside, nested or not, and not after; one that lives in a caller's always is."""
        always = store.joined
        with store.transaction():
            with store.transaction():
                assert store.in_transaction
            assert store.in_transaction
        assert always == store.in_transaction

    def test_an_exception_takes_a_transaction_back(self, store: LoggedStore) -> None:
        """Entries, lengths, rows, keys, private values and the tree are as before."""
        store.append([write("a", row=ROWS["a"])])
        before = store.root()
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.append([write("a", 1, row=ROWS["b"], private=(Private(2, "x", b"1" * 16, b"v"),))], Key("k", "r"))
            store.append([write("b", row=ROWS["b"])])
            raise ZeroDivisionError
        assert (1, before, 1, 0) == (store.size, store.root(), store.length("a"), store.length("b"))
        assert (ROWS["a"], None, None, {}) == (store.row("a"), store.row("b"), store.find("k"), store.private("a", 2))
        store.append([write("a", 1), write("b")])
        assert (3, True) == (store.size, store.verify().consistent)

    def test_an_inner_transaction_is_taken_back_alone(self, store: LoggedStore) -> None:
        """What an inner span wrote goes; what stood before and after it stays."""
        with store.transaction():
            store.append([write("a")])
            with pytest.raises(ZeroDivisionError), store.transaction():
                store.append([write("a", 1), write("b")])
                raise ZeroDivisionError
            with store.transaction():
                store.append([write("c")])
            store.append([write("a", 1)])
        assert ["a", "c", "a"] == [entry.stream for entry in store.scan()]
        assert root(leaf_hash(entry.data) for entry in store.scan()) == store.root()

    def test_a_refused_append_leaves_the_transaction(self, store: LoggedStore) -> None:
        """A conflict that is caught inside takes back its own batch only."""
        with store.transaction():
            store.append([write("a")])
            with pytest.raises(Conflict):
                store.append([write("b"), write("a", 9)])
            store.append([write("a", 1)])
        assert (2, 0, True) == (store.length("a"), store.length("b"), store.verify().consistent)

    # ---- the tree

    def test_the_root_is_that_of_all_records(self, store: LoggedStore) -> None:
        """Appended by ones, by batches and in transactions, the tree is the one over the bytes in order; past roots too."""
        store.append([write("a", n=5)])
        with store.transaction():
            for n in range(300):
                store.append([write("b", n)])
        store.append([write("a", 5), write("c", n=20)])
        leaves = [leaf_hash(entry.data) for entry in store.scan()]
        assert root(leaves) == store.root()
        assert [root(leaves[:n]) for n in range(0, 327, 25)] == [store.root(n) for n in range(0, 327, 25)]
        assert leaves == [store.leaf(index) for index in range(326)]

    def test_proofs_convince(self, store: LoggedStore) -> None:
        """Inclusion and consistency proofs of the store are verified with the roots alone."""
        store.append([write("a", n=37)])
        for size in (1, 2, 21, 32, 37):
            for index in (0, size // 2, size - 1):
                proof = store.inclusion(index, size)
                assert verify_inclusion(store.leaf(index), index, size, proof, store.root(size))
            assert verify_consistency(size, 37, store.consistency(size), store.root(size), store.root())

    def test_the_future_has_no_proofs(self, store: LoggedStore) -> None:
        """What lies beyond the log is refused, with its size."""
        store.append([write("a", n=2)])
        for ask in (lambda: store.root(3), lambda: store.leaf(2), lambda: store.inclusion(2), lambda: store.consistency(1, 3)):
            with pytest.raises(InvalidInput, match="2"):
                ask()

    # ---- verification

    def test_a_good_store_is_consistent(self, store: LoggedStore) -> None:
        """Without a checkpoint completeness is unknown, and the words say so."""
        assert "consistent, completeness unknown" == str(store.verify())
        store.append([counted("a", n=3), counted("b")])
        found = store.verify(noted)
        assert ("consistent, completeness unknown", None, 4, store.root()) == (
            str(found),
            found.complete,
            found.size,
            found.root,
        )

    def test_a_checkpoint_met_says_complete(self, store: LoggedStore) -> None:
        """A trusted size and root that the log still makes: complete, also after it has grown."""
        store.append([write("a", n=3)])
        checkpoint = (3, store.root())
        store.append([write("a", 3, 700)])
        for held in ((0, EMPTY_ROOT), checkpoint, (703, store.root())):
            assert "consistent, complete" == str(store.verify(checkpoint=held))

    def test_a_log_cut_short_is_told(self, store: LoggedStore) -> None:
        """A checkpoint that covers more than there is: what is missing is named."""
        store.append([write("a", n=3)])
        found = store.verify(checkpoint=(5, b"\x01" * 32))
        message = "position 4: cut short: the checkpoint covers 5 records, and 3 are left"
        assert (True, False, [message]) == (found.consistent, found.complete, list(map(str, found.findings)))

    def test_a_forked_log_is_told(self, store: LoggedStore) -> None:
        """A checkpoint with another root: the log was written anew."""
        store.append([write("a", n=3)])
        found = store.verify(checkpoint=(2, b"\x01" * 32))
        assert (True, False, ["forked"]) == (found.consistent, found.complete, [f.code for f in found.findings])
        assert "forked: the first 2 records make" in str(found)

    def test_a_checkpoint_must_be_one(self, store: LoggedStore) -> None:
        """A size below zero or a root of other length is a slip of the caller."""
        for wrong in ((-1, EMPTY_ROOT), (1, b"abc")):
            with pytest.raises(InvalidInput, match="a checkpoint is a size and a root of 32 bytes"):
                store.verify(checkpoint=wrong)

    def test_a_record_in_the_wrong_place_is_told(self, store: LoggedStore) -> None:
        """The bytes say another stream, another number, or nothing at all."""
        store.append([Write("a", 0, (record("b", 1), record("a", 3), b"[]", b"\xff", b'{"stream":"a","seq":true}'))])
        found = store.verify()
        assert [1, 2, 3, 4, 5] == [finding.position for finding in found.findings]
        assert "position 1, a #1: the record says inside that it is b #1" == str(found.findings[0])
        assert "inconsistent, completeness unknown" == str(found).splitlines()[0]

    def test_a_row_that_is_not_the_fold_is_told(self, store: LoggedStore) -> None:
        """A row that differs, one that is missing and one too many: each with its stream."""
        store.append([write("a", row=Row("counted", steps=("at-2",), due=1))])
        store.append([write("b"), write("_c", row=ROWS["c"]), counted("d")])
        messages = [
            "a: the stored row differs from what the records make, in steps",
            "b: the records make a row, and none is stored",
            "_c: a row is stored, and the records make none",
        ]
        assert messages == list(map(str, store.verify(noted).findings))

    def test_a_fold_that_fails_is_a_finding(self, store: LoggedStore) -> None:
        """Records that cannot be folded are told with the last one read, and the check goes on."""
        store.append([write("a", n=2), write("b")])

        def fails(stream: str, entries: Iterable[Entry]) -> Row | None:
            for entry in entries:
                if entry.seq == 2:
                    raise KeyError(stream)
            return None

        told = ["position 2, a #2: the records cannot be folded: KeyError: 'a'"]
        assert told == list(map(str, store.verify(fails).findings))

    def test_many_findings_are_counted(self, store: LoggedStore) -> None:
        """Twenty are told of each level, and how many more there are."""
        store.append([Write("a", 0, (b"",) * 25)])
        findings = store.verify().findings
        assert (21, "and 5 more of this level") == (len(findings), str(findings[-1]))

    def test_progress_is_told_to_the_end(self, store: LoggedStore) -> None:
        """The callback counts up to the total, which includes the folding."""
        store.append([counted("a", n=1200), counted("b")])
        for fold, total in ((None, 1201), (noted, 2402)):
            done: list[int] = []
            totals: list[int] = []

            def told(n: int, of: int, done: list[int] = done, totals: list[int] = totals) -> None:
                done.append(n)
                totals.append(of)

            store.verify(fold, progress=told)
            assert (total, {total}, sorted(done)) == (done[-1], set(totals), done)

    # ---- many at once, and the end

    def test_threads_take_turns(self, store: LoggedStore) -> None:
        """Eight threads append to streams of their own: positions without a gap, every stream whole."""

        def work(name: str) -> None:
            for n in range(25):
                store.append([write(name, n)])

        _at_once([lambda name=name: work(name) for name in "abcdefgh"])
        assert list(range(1, 201)) == [entry.position for entry in store.scan()]
        assert [25] * 8 == [store.length(name) for name in "abcdefgh"]
        assert "consistent, completeness unknown" == str(store.verify())

    def test_of_two_at_once_one_wins(self, store: LoggedStore) -> None:
        """Threads that all expect an empty stream: one record lands, the others are told."""
        told = []

        def work() -> None:
            try:
                store.append([write("a")])
            except Conflict as conflict:
                told.append(str(conflict))

        _at_once([work] * 6)
        assert (1, ["a has 1 records, and 0 were expected; read it again and decide again"] * 5) == (store.size, told)

    def test_a_closed_store_says_so(self, store: LoggedStore) -> None:
        """After closing, once or twice, every use is refused."""
        store.close()
        store.close()
        for use in (
            lambda: store.append([write("a")]),
            lambda: list(store.read("a")),
            store.verify,
            lambda: store.size,
        ):
            with pytest.raises(StoreError, match="closed"):
                use()


def _at_once(jobs: list[Any]) -> None:
    """Run *jobs* in threads that begin together; what one of them raises is raised here."""
    barrier, failed = Barrier(len(jobs)), []

    def run(job: Any) -> None:
        barrier.wait()
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - a thread must not die silently
            failed.append(error)

    threads = [Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == failed
