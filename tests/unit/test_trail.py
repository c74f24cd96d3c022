"""The Merkle tree: pinned bytes, the frontier, and what is refused."""

from __future__ import annotations

from hashlib import sha256

import pytest

from qms.errors import InvalidInput
from qms.trail import (
    EMPTY_ROOT,
    Frontier,
    commitment,
    consistency_proof,
    inclusion_proof,
    kept_nodes,
    leaf_hash,
    node_hash,
    root,
    root_at,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(bytes([n])) for n in range(130)]
KEPT: list[bytes] = []
WHOLE = Frontier().extended(LEAVES, KEPT.append)
READ = kept_nodes(lambda number: KEPT[number - 1])


def _by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + _by_definition(leaves[:k]) + _by_definition(leaves[k:])).digest()


def test_hashes_are_pinned() -> None:
    """What is stored today must be found tomorrow: literal hashes of an empty tree, a leaf and a node."""
    assert "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" == EMPTY_ROOT.hex()
    assert "b119a77a4864308c481efb947ff723d6bd4ea1e7fab902eb8ca98bd759e46aee" == leaf_hash(b'{"seq":1}').hex()
    assert "a20bf9a7cc2dc8a08f5f415a71b19f6ac427bab54d24eec868b5d3103449953a" == node_hash(LEAVES[0], LEAVES[1]).hex()


def test_a_leaf_is_no_node() -> None:
    """The prefixes keep a record of 64 bytes from passing as a node of two hashes."""
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])


@pytest.mark.parametrize("size", range(130))
def test_the_root_is_that_of_the_definition(size: int) -> None:
    """By appending, by reading kept nodes and by the recursive definition: one root."""
    expected = _by_definition(LEAVES[:size])
    assert (expected, expected, expected) == (root(LEAVES[:size]), root_at(size, READ), Frontier.at(size, READ).root())


def test_a_frontier_grows_in_steps_as_at_once() -> None:
    """Appending in parts leaves the same frontier as appending all, and as reading it back."""
    for cut in range(130):
        assert WHOLE == Frontier().extended(LEAVES[:cut]).extended(LEAVES[cut:])
        assert Frontier().extended(LEAVES[:cut]) == Frontier.at(cut, READ)


def test_kept_hashes_are_two_for_each_leaf_at_most() -> None:
    """A leaf completes one subtree for each trailing zero of its number, and itself: below two hashes on average."""
    assert [(n & -n).bit_length() * 32 for n in range(1, 131)] == [len(kept) for kept in KEPT]
    assert sum(map(len, KEPT)) < 2 * 32 * 130


def test_every_proof_to_size_130_convinces() -> None:
    """All inclusion and consistency proofs of trees to 130 leaves are verified, and none with one bit turned."""
    for size in (1, 2, 3, 4, 7, 8, 64, 65, 129, 130):
        whole = root(LEAVES[:size])
        for index in range(size):
            proof = inclusion_proof(index, size, READ)
            assert verify_inclusion(LEAVES[index], index, size, proof, whole)
            assert not verify_inclusion(LEAVES[index - 1], index, size, proof, whole) or size == 1
        for old in range(size + 1):
            proof = consistency_proof(old, size, READ)
            assert verify_consistency(old, size, proof, root(LEAVES[:old]), whole)
            assert not verify_consistency(old, size, proof, root(LEAVES[:old]), leaf_hash(b"forged")) or old == 0


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9])
def test_a_proof_cannot_be_bent(size: int) -> None:
    """Another index, another size, a step less, a step more, a turned bit: refused."""
    whole = root(LEAVES[:size])
    for index in range(size):
        proof = inclusion_proof(index, size, READ)
        bent = [(*proof, proof[0] if proof else whole), proof[:-1], proof[1:]]
        bent += [(*proof[:i], bytes([proof[i][0] ^ 1]) + proof[i][1:], *proof[i + 1 :]) for i in range(len(proof))]
        assert not any(verify_inclusion(LEAVES[index], index, size, other, whole) for other in bent if other != proof)
        assert [index] == [other for other in range(-1, size + 1) if verify_inclusion(LEAVES[index], other, size, proof, whole)]


def test_consistency_of_nothing_and_of_equals() -> None:
    """From nothing there is nothing to prove; equal sizes need equal roots; no proof may be longer than that."""
    one, two = root(LEAVES[:1]), root(LEAVES[:2])
    assert verify_consistency(0, 0, (), EMPTY_ROOT, EMPTY_ROOT)
    assert verify_consistency(0, 2, (), EMPTY_ROOT, two)
    assert not verify_consistency(0, 2, (), one, two)
    assert not verify_consistency(0, 0, (), EMPTY_ROOT, one)
    assert not verify_consistency(0, 2, (one,), EMPTY_ROOT, two)
    assert not verify_consistency(2, 2, (), one, two)
    assert not verify_consistency(2, 1, (), two, one)
    assert not verify_consistency(-1, 1, (), two, one)
    assert not verify_consistency(3, 5, (), two, one)
    assert not verify_consistency(1, 2, (LEAVES[1], LEAVES[1]), one, two)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_there_is_no_proof_outside_the_tree(index: int, size: int) -> None:
    """An index that is not below the size is refused, with what can be asked."""
    with pytest.raises(InvalidInput, match=f"index {index} is outside the tree: 0 to {size - 1} can be asked"):
        inclusion_proof(index, size, READ)


def test_a_tree_does_not_shrink() -> None:
    """An old size above the new one is refused, and so is a size below zero."""
    with pytest.raises(InvalidInput, match="old size 3 is outside the tree: 0 to 2 can be asked"):
        consistency_proof(3, 2, READ)
    with pytest.raises(InvalidInput, match="size -1 is outside the tree: 0 to its size can be asked"):
        root_at(-1, READ)


def test_commitments_are_pinned() -> None:
    """A commitment stored today must open tomorrow."""
    made = commitment(b"0123456789abcdef", "form.applicant", "dossier/1", 1, '"Nguyễn Văn An"'.encode())
    assert "5d16e4d1437eb0d7974af55bf811f06522422a215c79513de3c0542e69a71ca8" == made


def test_a_commitment_fits_one_place_only() -> None:
    """Another salt, path, stream, number or value gives another commitment, and parts cannot be shifted into each other."""
    base = (b"0123456789abcdef", "ab", "c", 1, b"v")
    others = [
        (b"0123456789abcdeg", "ab", "c", 1, b"v"),
        (b"0123456789abcdef", "a", "bc", 1, b"v"),
        (b"0123456789abcdef", "ab", "c1", 1, b"v"),
        (b"0123456789abcdef", "ab", "c", 11, b"v"),
        (b"0123456789abcdef", "ab", "c", 1, b"w"),
        (b"0123456789abcdefa", "b", "c", 1, b"v"),
    ]
    assert 7 == len({commitment(*parts) for parts in [base, *others]})


def test_a_short_salt_is_refused() -> None:
    """With fewer than 16 random bytes a short value could be guessed."""
    with pytest.raises(InvalidInput, match="a salt has at least 16 random bytes, not 15"):
        commitment(b"x" * 15, "a", "b", 1, b"v")
