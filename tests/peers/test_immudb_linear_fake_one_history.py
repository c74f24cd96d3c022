"""immudb, "linear-fake": the linear part of a proof was not wholly checked, so a server could show two histories under one state.

There is no chain beside the tree: one proof from root to root says it all, and a record is proved by the same root.
"""

from __future__ import annotations

from itertools import product

from qms.ports import Write
from qms.stores import MemoryStore
from qms.testing.contract import record
from qms.trail import verify_consistency, verify_inclusion


def _history(n: int, other: int | None = None) -> MemoryStore:
    store = MemoryStore()
    store.append([Write("a", 0, tuple(record("a", k, fake=True) if k == other else record("a", k) for k in range(1, n + 1)))])
    return store


def test_no_proof_leads_from_one_history_to_another() -> None:
    """A log of 20 that differs in one record: no proof it can make shows that it continues the other, or holds its record."""
    true = _history(20)
    for old, fake in product(range(1, 20), range(1, 21)):
        forged = _history(20, fake)
        continues = verify_consistency(old, 20, forged.consistency(old), true.root(old), forged.root())
        assert (fake > old) == continues
        for proof in (true.inclusion(fake - 1), forged.inclusion(fake - 1)):
            assert not verify_inclusion(forged.leaf(fake - 1), fake - 1, 20, proof, true.root())
