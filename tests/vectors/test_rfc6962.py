"""RFC 6962 as others see it: constants and proofs of transparency-dev/merkle (Apache-2.0)."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from qms.trail import Frontier, kept_nodes, leaf_hash, root, root_at, verify_consistency, verify_inclusion


@pytest.fixture(scope="module")
def constants(shared_data: Path) -> Any:
    """Leaf inputs and the hashes of their trees."""
    return json.loads((shared_data / "trail" / "rfc6962_constants.json").read_text())


def _vectors(folder: Path, kind: str) -> list[dict[str, Any]]:
    files = sorted((folder / "trail" / "rfc6962" / kind).rglob("*.json"))
    return [json.loads(file.read_text()) | {"file": str(file.relative_to(folder))} for file in files]


def _bytes(text: str | None) -> bytes:
    return b64decode(text) if text else b""


def test_roots_of_the_first_eight_leaves(constants: Any) -> None:
    """The published roots of the trees of 0 to 8 leaves."""
    leaves = [leaf_hash(bytes.fromhex(text)) for text in constants["leaf_inputs_hex"]]
    assert constants["root_hashes"] == [root(leaves[:size]).hex() for size in range(9)]


def test_nodes_of_the_first_eight_leaves(constants: Any) -> None:
    """Every published inner node is among the hashes kept with the leaves."""
    kept: list[bytes] = []
    Frontier().extended([leaf_hash(bytes.fromhex(text)) for text in constants["leaf_inputs_hex"]], kept.append)
    read = kept_nodes(lambda number: kept[number - 1])
    nodes = [read(level, index).hex() for level in range(4) for index in range(8 >> level)]
    assert constants["node_hashes_level_order"] == nodes


def test_every_subtree_of_130_leaves(constants: Any) -> None:
    """The rolling hash over all valid subtrees of 130 one-byte leaves, the empty ones too, as published."""
    leaves = [leaf_hash(bytes([n])) for n in range(130)]
    rolling = sha256()
    for end in range(131):
        for start in range(end + 1):
            aligned = 1 << (end - start - 1).bit_length() if start < end else 1
            if start % aligned == 0:
                rolling.update(f"[{start}, {end}) {root(leaves[start:end]).hex()}\n".encode())
    assert constants["subtree_vectors_130"]["subtree_hash"] == rolling.hexdigest()


def test_published_inclusion_proofs(shared_data: Path) -> None:
    """Each proof is taken or refused as its author says: wrong roots, bent indices, missing and extra hashes."""
    vectors = _vectors(shared_data, "inclusion")
    verdicts = {
        v["file"]: not verify_inclusion(
            _bytes(v["leafHash"]), v["leafIdx"], v["treeSize"], [_bytes(p) for p in v["proof"] or []], _bytes(v["root"])
        )
        for v in vectors
    }
    assert {v["file"]: v["wantErr"] for v in vectors} == verdicts
    assert len(vectors) >= 40


def test_published_consistency_proofs(shared_data: Path) -> None:
    """Each proof is taken or refused as its author says, also that two empty trees have the root of nothing."""
    vectors = _vectors(shared_data, "consistency")
    verdicts = {
        v["file"]: not verify_consistency(
            v["size1"], v["size2"], [_bytes(p) for p in v["proof"] or []], _bytes(v["root1"]), _bytes(v["root2"])
        )
        for v in vectors
    }
    assert {v["file"]: v["wantErr"] for v in vectors} == verdicts
    assert len(vectors) >= 40


def test_roots_read_back_are_roots_made(constants: Any) -> None:
    """A root of the past is read from the kept hashes as it was when it was the newest."""
    kept: list[bytes] = []
    Frontier().extended([leaf_hash(bytes.fromhex(text)) for text in constants["leaf_inputs_hex"]], kept.append)
    read = kept_nodes(lambda number: kept[number - 1])
    assert constants["root_hashes"] == [root_at(size, read).hex() for size in range(9)]
