"""Laws of the tree and of stores: whatever is appended, in whatever portions."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from qms.errors import Conflict
from qms.ports import Key, Write
from qms.stores import MemoryStore, SQLiteStore
from qms.testing.contract import counted, noted, write
from qms.trail import (
    EMPTY_ROOT,
    Frontier,
    commitment,
    consistency_proof,
    inclusion_proof,
    kept_nodes,
    leaf_hash,
    root,
    root_at,
    verify_consistency,
    verify_inclusion,
)

RECORDS = st.lists(st.binary(max_size=8), max_size=70)


def _tree(records: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """The leaves of *records*, and what is kept with each."""
    kept: list[bytes] = []
    leaves = [leaf_hash(data) for data in records]
    Frontier().extended(leaves, kept.append)
    return leaves, kept


@given(RECORDS, st.data())
def test_portions_do_not_matter(records: list[bytes], data: st.DataObject) -> None:
    """Appended in two portions or at once, the frontier and all that is kept are the same."""
    leaves, kept = _tree(records)
    cut = data.draw(st.integers(0, len(leaves)))
    portions: list[bytes] = []
    grown = Frontier().extended(leaves[:cut], portions.append).extended(leaves[cut:], portions.append)
    assert (Frontier().extended(leaves), kept) == (grown, portions)


@given(RECORDS, st.data())
def test_the_past_can_be_read_back(records: list[bytes], data: st.DataObject) -> None:
    """Root and frontier of any earlier size follow from what is kept."""
    leaves, kept = _tree(records)
    size = data.draw(st.integers(0, len(leaves)))
    read = kept_nodes(lambda number: kept[number - 1])
    assert (root(leaves[:size]), Frontier().extended(leaves[:size])) == (root_at(size, read), Frontier.at(size, read))


@given(RECORDS, st.data())
def test_a_proof_convinces_of_what_is_there_only(records: list[bytes], data: st.DataObject) -> None:
    """A leaf is proved at its own place, and another leaf is not."""
    assume(records)
    leaves, kept = _tree(records)
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.binary(max_size=8))
    proof = inclusion_proof(index, size, kept_nodes(lambda number: kept[number - 1]))
    assert verify_inclusion(leaves[index], index, size, proof, root(leaves[:size]))
    assert verify_inclusion(leaf_hash(other), index, size, proof, root(leaves[:size])) is (leaf_hash(other) == leaves[index])


@given(RECORDS, st.data())
def test_a_tree_that_was_changed_is_no_extension(records: list[bytes], data: st.DataObject) -> None:
    """Consistency holds from every earlier size, and not when an old record was another."""
    leaves, kept = _tree(records)
    old = data.draw(st.integers(0, len(leaves)))
    proof = consistency_proof(old, len(leaves), kept_nodes(lambda number: kept[number - 1]))
    assert verify_consistency(old, len(leaves), proof, root(leaves[:old]), root(leaves))
    if old:
        place = data.draw(st.integers(0, old - 1))
        forged = [*leaves[:place], leaf_hash(records[place] + b"!"), *leaves[place + 1 :]]
        assert not verify_consistency(old, len(leaves), proof, root(leaves[:old]), root(forged))
        assert not verify_consistency(old, len(leaves), proof, root(forged[:old]), root(leaves))


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3), st.integers(1, 99), st.binary(max_size=3)), unique=True))
def test_commitments_of_different_places_differ(places: list[tuple[str, str, int, bytes]]) -> None:
    """No two of path, stream, number and value share a commitment under one salt."""
    assert len(places) == len({commitment(b"s" * 16, *place) for place in places})


STREAMS = st.sampled_from(["a", "b", "hồ sơ"])


class TwoStores(RuleBasedStateMachine):
    """A store in memory and one in a file are given the same, and must agree on everything."""

    keys: Bundle[str] = Bundle("keys")

    @initialize()
    def begin(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.stores = (MemoryStore(), SQLiteStore.on(self.connection))
        self.checkpoints = [(0, EMPTY_ROOT)]

    def both(self, writes: list[Write], key: Key | None = None) -> list[object]:
        """What each store answers."""
        answers: list[object] = []
        for store in self.stores:
            try:
                answers.append(store.append(writes, key))
            except Conflict as conflict:
                answers.append(str(conflict))
        return answers

    @rule(stream=STREAMS, n=st.integers(1, 4), off=st.sampled_from([0, 0, 0, 0, -1, 2]))
    def append(self, stream: str, n: int, off: int) -> None:
        length = max(0, self.stores[0].length(stream) + off)
        one, other = self.both([counted(stream, length, n)])
        assert one == other

    @rule(streams=st.lists(STREAMS, min_size=2, max_size=3, unique=True), wrong=st.booleans())
    def append_many(self, streams: list[str], *, wrong: bool) -> None:
        writes = [counted(stream, self.stores[0].length(stream)) for stream in streams]
        one, other = self.both([*writes, write("never", 7)] if wrong else writes)
        assert one == other

    @rule(target=keys, name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3), stream=STREAMS)
    def append_once(self, name: str, stream: str) -> str:
        one, other = self.both([counted(stream, self.stores[0].length(stream))], Key(name, "r"))
        assert one == other
        return name

    @rule(name=consumes(keys))
    def repeat(self, name: str) -> None:
        one, other = self.both([counted("a", 0)], Key(name, "r"))
        assert (one, self.stores[0].find(name)) == (other, self.stores[1].find(name))

    @rule(stream=STREAMS, n=st.integers(1, 3))
    def take_back(self, stream: str, n: int) -> None:
        for store in self.stores:
            with suppress(ZeroDivisionError), store.transaction():
                store.append([counted(stream, store.length(stream), n)])
                raise ZeroDivisionError

    @rule()
    def hold(self) -> None:
        self.checkpoints.append((self.stores[0].size, self.stores[0].root()))

    @invariant()
    def they_agree(self) -> None:
        one, other = self.stores
        assert (one.size, one.root(), list(one.scan())) == (other.size, other.root(), list(other.scan()))
        for stream in ("a", "b", "hồ sơ", "never"):
            assert (one.length(stream), one.row(stream)) == (other.length(stream), other.row(stream))

    def teardown(self) -> None:
        if hasattr(self, "stores"):
            for store in self.stores:
                for checkpoint in self.checkpoints:
                    assert "consistent, complete" == str(store.verify(noted, checkpoint))
            self.connection.close()


TestTwoStores = TwoStores.TestCase
