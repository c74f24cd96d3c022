"""The log as a Merkle tree over bytes: append, root, proofs, and their verification (RFC 6962, section 2).

Rule 1: leaf = SHA-256(00 || record), node = SHA-256(01 || left || right); the root of nothing is SHA-256 of nothing.
The prefixes keep a node from passing as a record.
Rule 2: the tree over n leaves splits at the largest power of two below n; nothing is ever doubled or padded.
Rule 3: to append, only the frontier is needed: the roots of the complete subtrees, one for each bit of n.
Rule 4: proofs are made by the recursive definition over a reader of complete subtrees, and verified by the
iterative algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2: two pieces of code that share nothing but the hash.
Rule 5: no linear chain beside the tree; stream and sequence number inside the leaf give each stream its order.
Rule 6: a personal value enters the log as a salted commitment that names its place, so it fits no other record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, TypeAlias, TypeVar

from attrs import frozen

from .errors import InvalidInput

__all__ = [
    "EMPTY_ROOT",
    "KEEPING",
    "Frontier",
    "NodeReader",
    "at_once",
    "commitment",
    "consistency_proof",
    "inclusion_proof",
    "kept_nodes",
    "leaf_hash",
    "node_hash",
    "root",
    "root_at",
    "sealed",
    "verify_consistency",
    "verify_inclusion",
]

EMPTY_ROOT = sha256().digest()
KEEPING = "trail/keeping"
"""The stream of the decisions on keeping: values held, released and erased, and bodies of records pruned."""
_HASH = 32
_NOTHING = bytes(64 * _HASH)

T = TypeVar("T")

NodeReader: TypeAlias = Callable[[int, int], bytes]
"""Gives the root of the complete subtree (level, index): over the leaves index·2^level up to (index + 1)·2^level."""


def leaf_hash(data: bytes) -> bytes:
    """The hash under which a record enters the tree."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


@frozen
class Frontier:
    """A tree of *size* leaves as the roots of its complete subtrees, the largest first.

    >>> Frontier().extended([leaf_hash(b"")]).root().hex()[:8]
    '6e340b9c'
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def extended(self, leaves: Iterable[bytes], keep: Callable[[bytes], None] | None = None) -> Frontier:
        """The frontier with the leaf hashes *leaves* appended.

        *keep* gets for each leaf the hashes of all subtrees that it completes, joined: the leaf itself, its parent when
        it is a right child, and so on. Kept beside the records, two for each on average, they are the whole tree.
        """
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            node, index, chain = leaf, size, leaf
            while index & 1:
                node = sha256(b"\x01" + hashes.pop() + node).digest()
                index >>= 1
                chain += node
            hashes.append(node)
            size += 1
            if keep is not None:
                keep(chain)
        return Frontier(size, tuple(hashes))

    @classmethod
    def at(cls, size: int, read: NodeReader) -> Frontier:
        """The frontier the tree had at *size* leaves: one hash is read for each bit of *size*."""
        levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
        return cls(size, tuple(read(level, (size >> level) - 1) for level in levels))

    def root(self) -> bytes:
        """The root of the tree."""
        if not self.hashes:
            return EMPTY_ROOT
        node = self.hashes[-1]
        for left in self.hashes[-2::-1]:
            node = node_hash(left, node)
        return node


def kept_nodes(kept: Callable[[int], bytes]) -> NodeReader:
    """A reader over what `Frontier.extended` gave to keep: *kept* (number) is what came with the leaf of that number, from 1."""

    def read(level: int, index: int) -> bytes:
        return kept(index + 1 << level)[_HASH * level : _HASH * (level + 1)]

    return read


def at_once(ask: Callable[[NodeReader], T], fetch: Callable[[Sequence[int]], Callable[[int], bytes]]) -> T:
    """What *ask* answers, over nodes that are fetched together.

    It is run once over nothing, to learn which nodes it reads, and then over what *fetch* gives for their numbers (`kept_nodes`).
    """
    numbers: set[int] = set()

    def noted(number: int) -> bytes:
        numbers.add(number)
        return _NOTHING

    ask(kept_nodes(noted))
    return ask(kept_nodes(fetch(sorted(numbers))))


def root(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree over the leaf hashes *leaves*."""
    return Frontier().extended(leaves).root()


def root_at(size: int, read: NodeReader) -> bytes:
    """The root the tree had at *size* leaves."""
    _within("size", size, 0, None)
    return _subtree(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: NodeReader) -> tuple[bytes, ...]:
    """PATH(index, D[size]) of RFC 6962, section 2.1.1: the siblings from the leaf up to the root.

    Raises:
        InvalidInput: *index* is not below *size*.
    """
    _within("index", index, 0, size - 1)
    return tuple(_path(index, 0, size, read))


def consistency_proof(old: int, new: int, read: NodeReader) -> tuple[bytes, ...]:
    """PROOF(old, D[new]) of RFC 6962, section 2.1.2: that the tree of *new* leaves begins with the tree of *old*.

    Empty for equal sizes, and for *old* = 0, where there is nothing to prove.

    Raises:
        InvalidInput: *old* is above *new*.
    """
    _within("old size", old, 0, new)
    return tuple(_subproof(old, 0, new, True, read)) if 0 < old < new else ()


def _within(what: str, value: int, low: int, high: int | None) -> None:
    if value < low or (high is not None and value > high):
        raise InvalidInput(f"{what} {value} is outside the tree: {low} to {'its size' if high is None else high} can be asked")


def _split(size: int) -> int:
    """The largest power of two below *size*."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(start: int, end: int, read: NodeReader) -> bytes:
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return read(level, start >> level)
    middle = start + _split(size)
    return node_hash(_subtree(start, middle, read), _subtree(middle, end, read))


def _path(index: int, start: int, end: int, read: NodeReader) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle, read), _subtree(middle, end, read)]
    return [*_path(index, middle, end, read), _subtree(start, middle, read)]


def _subproof(old: int, start: int, end: int, whole: bool, read: NodeReader) -> list[bytes]:
    """SUBPROOF(old, D[start:end], whole): *whole* while the verifier knows the root of the first *old* leaves as it is."""
    if old == end:
        return [] if whole else [_subtree(start, end, read)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(old, start, middle, whole, read), _subtree(middle, end, read)]
    return [*_subproof(old, middle, end, False, read), _subtree(start, middle, read)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Iterable[bytes], root: bytes) -> bool:
    """Whether *proof* shows that the leaf hash *leaf* stands at *index* of the tree of *size* with *root* (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    fn, sn, node = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and node == root


def verify_consistency(old: int, new: int, proof: Iterable[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether *proof* shows that the tree (*new*, *new_root*) begins with the tree (*old*, *old_root*) (RFC 9162, 2.1.4.2)."""
    path = list(proof)
    if not 0 <= old <= new or (old == 0 and old_root != EMPTY_ROOT) or (new == 0 and new_root != EMPTY_ROOT):
        return False
    if old in (0, new):
        return not path and (old == 0 or old_root == new_root)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == old_root and second == new_root


def sealed(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The commitments that a record holds, each with its path: the keys down to it, joined by dots."""
    if isinstance(tree, dict):
        if len(tree) == 1 and "sealed" in tree:
            yield path, tree["sealed"]
        else:
            for name, item in tree.items():
                yield from sealed(item, f"{path}.{name}" if path else name)


_COMMITMENT = b"qms commitment 1\x00"
_SALT = 16


def commitment(salt: bytes, path: str, stream: str, seq: int, value: bytes) -> str:
    """What stands in the record for a personal value: 64 hexadecimal digits that say nothing without the salt.

    Path, stream and sequence number are inside, each with its length, so a commitment copied to another record or field
    does not open.

    Raises:
        InvalidInput: a salt of fewer than 16 bytes: a short value could be guessed.
    """
    if len(salt) < _SALT:
        raise InvalidInput(f"a salt has at least {_SALT} random bytes, not {len(salt)}")
    parts = (salt, path.encode(), stream.encode(), str(seq).encode(), value)
    return sha256(_COMMITMENT + b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
