"""pymerkle 15: a consistency proof was taken for the new root without the old root being compared at all.

So a log whose past had been written anew was proved to continue any checkpoint.
"""

from __future__ import annotations

import pytest

from qms.stores import MemoryStore
from qms.testing.contract import write
from qms.trail import EMPTY_ROOT, verify_consistency


@pytest.mark.parametrize("old", range(34))
def test_both_roots_are_those_the_proof_makes(old: int) -> None:
    """Another old root, or another new one, is refused at every size."""
    with MemoryStore() as store:
        store.append([write("a", n=33)])
        proof, roots = store.consistency(old), (store.root(old), store.root())
    assert verify_consistency(old, 33, proof, *roots)
    for wrong in (b"\x01" * 32, EMPTY_ROOT if old else roots[1]):
        assert not verify_consistency(old, 33, proof, wrong, roots[1])
        assert old == 0 or not verify_consistency(old, 33, proof, roots[0], wrong)
