"""Signed notes as others see them: vectors of golang/mod and C2SP, and tlog-scales as a verifier that shares no code with us."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tlog_scales.signing import Vkey, VkeySet
from tlog_scales.tlog import Checkpoint, ConsistencyProof, InclusionProof

from qms.checkpoint import COSIGNATURE, CheckpointNote, Note, Signer, VerifierKey, cosignatures, open_note, verified
from qms.trail import Frontier, consistency_proof, inclusion_proof, kept_nodes, leaf_hash

LEAVES = [leaf_hash(bytes([n])) for n in range(40)]
KEPT: list[bytes] = []
ROOTS = [Frontier().extended(LEAVES[:n]).root() for n in range(41)]
Frontier().extended(LEAVES, KEPT.append)
READ = kept_nodes(lambda number: KEPT[number - 1])
LOG = Signer.from_seed("office.example/log", bytes(range(32)))
WITNESS = Signer.from_seed("witness.example/w", bytes(range(1, 33)), COSIGNATURE)

COSIGNED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""


@pytest.fixture(scope="module")
def vectors(shared_data: Path) -> Any:
    """The published notes."""
    return json.loads((shared_data / "trail" / "signed_note_vectors.json").read_text())["valid"]


def test_published_notes_verify(vectors: Any) -> None:
    """Each note is signed by its key, and is written back byte for byte."""
    for vector in vectors:
        note, key = Note.parse(vector["note"]), VerifierKey.parse(vector["vkey"])
        assert [key] == list(verified(note, [key]))
        assert (vector["note"], vector["vkey"]) == (note.data.decode(), str(key))
    assert 2 == len(vectors)


def test_signing_gives_the_published_bytes(vectors: Any) -> None:
    """With the private key of the vector, the same signature; key and secret are written as they were."""
    (vector,) = (vector for vector in vectors if "skey" in vector)
    signer, text = Signer.parse(vector["skey"]), Note.parse(vector["note"]).text
    assert vector["note"] == Note(text, (signer.sign(text),)).data.decode()
    assert (vector["skey"], vector["vkey"]) == (signer.secret, signer.vkey)


def test_the_published_checkpoint_is_read() -> None:
    """The example of tlog-cosignature: origin, size, and a signature line with a time."""
    found = CheckpointNote.parse(COSIGNED)
    assert ("example.com/behind-the-sofa", 20852163, COSIGNED) == (found.origin, found.size, str(found))
    assert 1679315147 == int.from_bytes(found.signatures[1].value[:8], "big")


def test_our_checkpoint_is_pinned() -> None:
    """What is signed today must verify tomorrow: a literal note, signed and cosigned."""
    note = CheckpointNote(LOG.name, 7, ROOTS[7]).sign(LOG, WITNESS, at=1_700_000_000)
    assert PINNED == str(note)
    assert note == open_note(PINNED, [LOG.vkey, WITNESS.vkey], quorum=1)


def test_tlog_scales_verifies_our_checkpoint_and_cosignature() -> None:
    """Both signatures hold for it, and it reads the same origin, size and root."""
    note = CheckpointNote(LOG.name, 7, ROOTS[7]).sign(LOG, WITNESS, at=1_700_000_000)
    theirs = Checkpoint.from_text(str(note))
    keys = VkeySet(Vkey.from_string(LOG.vkey), Vkey.from_string(WITNESS.vkey))
    assert {LOG.name, WITNESS.name} == {key.name for key, _ in keys.verify(theirs.signatures, theirs)}
    assert (LOG.name, 7, ROOTS[7]) == (theirs.origin, theirs.size, theirs.root_hash)


def test_we_verify_what_tlog_scales_signs() -> None:
    """The other way round."""
    from tlog_scales.signing import PlainEd25519Signer

    theirs = Checkpoint.make_signed(LOG.name, 7, ROOTS[7], [PlainEd25519Signer(LOG.name, LOG.seed)])
    assert (7, ROOTS[7]) == open_note(theirs.serialize(), LOG.vkey).head


def test_tlog_scales_verifies_our_proofs() -> None:
    """Every inclusion and consistency proof up to 40 leaves."""
    for size in range(1, 41):
        for index in range(size):
            InclusionProof(index, size, list(inclusion_proof(index, size, READ))).check(LEAVES[index], ROOTS[size])
        for old in range(size + 1):
            ConsistencyProof(old, size, list(consistency_proof(old, size, READ))).check(ROOTS[old], ROOTS[size])


def test_a_cosignature_says_when() -> None:
    """Seconds since 1970, by the key of the witness."""
    note = CheckpointNote(LOG.name, 7, ROOTS[7]).sign(LOG, WITNESS, at=1_700_000_000)
    assert {WITNESS.key: 1_700_000_000} == cosignatures(note, [WITNESS.vkey])


PINNED = """office.example/log
7
NWAZGAMChESyMgGKwEf9tWHAnCOnpodsheCLXk1I6fM=

— office.example/log yb6jwiaFJOSuxR4kKTwfOEvQfZvxDPW3QpVLQ21qjL2Ymfgfs1GUmvxEvYDHF89BeYYZtI7s5pzyMA8EvCw7eYXwcA4=
— witness.example/w 1GfiIgAAAABlU/EAe50J6fan21HxigLqIXyRwWYvzBFTqs52P0VbzQi3YZP9vsazB5899HKd1Il63qowNLRR+iyusJoNDuUdLhYiAQ==
"""
