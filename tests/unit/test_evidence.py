"""Evidence: a case proved to anybody with the key, without anybody else's data, and refused when anything is wrong with it."""

from __future__ import annotations

from base64 import b64decode

import pytest
from attrs import evolve as changed
from tlog_scales.tlog import Checkpoint, InclusionProof

from definitions import small
from office import office
from qms.checkpoint import COSIGNATURE, CheckpointNote, Signer
from qms.codec import decode, encode
from qms.errors import Inconsistent, InvalidInput, NotFound, Untrusted
from qms.evidence import FORMAT, Evidence, Proof
from qms.ports import Private
from qms.stores import MemoryAnchor, SQLiteStore
from qms.trail import commitment, leaf_hash

LOG = Signer.from_seed("office.example/log", bytes(32))
OTHER = Signer.from_seed("other.example/log", b"o" * 32)
WITNESS = Signer.from_seed("witness.example/w", b"w" * 32, COSIGNATURE)

FORMED = """
[actions.tell]
from = "waiting"
roles = ["clerk"]
form = "Application"
"""


@pytest.fixture
def org():
    """Two cases, each with a personal value, whose records stand among each other, and a checkpoint over them."""
    made = office(small(FORMED), anchor=MemoryAnchor(), keys=LOG.vkey, forms={})
    for name in ("a", "b"):
        made.open("small", by="lan", id=name)
    for name in ("a", "b"):
        made.act(name, "tell", by="lan", form={"applicant": f"Person {name}", "phone": f"090 {name}"})
        made.act(name, "finish", by="lan")
    made.trail.checkpoint(LOG)
    return made


def refused(evidence, keys=LOG.vkey):
    """Why the evidence does not hold."""
    with pytest.raises((Untrusted, InvalidInput)) as caught:
        Evidence.parse(evidence if isinstance(evidence, (bytes, str)) else evidence.data).verify(keys)
    return str(caught.value)


def test_a_case_is_proved_by_its_file_and_the_key(org):
    """Its records in order, where they stand in the log, and what they say."""
    data = org.trail.evidence("a").data
    found = Evidence.parse(data).verify(LOG.vkey)
    assert ("a", [1, 2, 3, 4], True) == (found.stream, [one.seq for one in found.records], found.from_the_start)
    entries = list(org.store.read("a"))
    assert [(e.position, decode(e.data)) for e in entries] == [(one.position, one.content) for one in found.records]
    assert (LOG.name, org.trail.size) == (found.checkpoint.origin, found.checkpoint.size)


def test_one_record_is_proved_alone(org):
    """Then it is a part, and says so."""
    found = Evidence.parse(org.trail.evidence("a", 3).data).verify(LOG.vkey)
    assert ([3], False) == ([one.seq for one in found.records], found.from_the_start)


def test_nobody_elses_data_is_in_it(org):
    """Neither the other case nor any personal value that was not asked for; of this case neither."""
    told = str(Evidence.parse(org.trail.evidence("a").data).verify(LOG.vkey))
    parts = [
        b64decode(line.removeprefix("extra ")) for line in str(org.trail.evidence("a")).split("\n") if line.startswith("extra ")
    ]
    for text in (told, *map(str, parts)):
        assert [] == [word for word in ("Person", "090", '"b"') if word in text]


def test_personal_values_of_the_case_are_shown_when_asked_for(org):
    """All of them, or those named; each opens the commitment in its record."""
    every = Evidence.parse(org.trail.evidence("a", disclose=True).data).verify(LOG.vkey)
    assert {"form.applicant": "Person a", "form.phone": "090 a"} == every.records[2].values
    named = Evidence.parse(org.trail.evidence("a", disclose=["form.phone"]).data).verify(LOG.vkey)
    assert {"form.phone": "090 a"} == named.records[2].values


def test_one_text_names_one_path(org):
    """Not every path that it holds as a part; a record without it shows nothing."""
    found = Evidence.parse(org.trail.evidence("a", disclose="form.phone").data).verify(LOG.vkey)
    assert [{"form.phone": "090 a"}] == [dict(record.values) for record in found.records if record.values]
    with pytest.raises(InvalidInput, match=r"nothing is sealed at form\.phone_home; there are: form\.applicant, form\.phone"):
        org.trail.evidence("a", disclose="form.phone_home")


@pytest.mark.parametrize("disclose", [["form.fone", "form.phone"], {"form"}, [""]])
def test_a_path_at_which_nothing_is_sealed_is_refused(org, disclose):
    """A slip of the pen would else show less than was meant."""
    with pytest.raises(InvalidInput, match=r"there are: form\.applicant, form\.phone"):
        org.trail.evidence("a", disclose=disclose)


@pytest.mark.parametrize("disclose", [None, 5, [None], b"form.phone"])
def test_what_names_no_path_is_refused(org, disclose):
    """Paths, or all, or none."""
    with pytest.raises(InvalidInput, match="names no values"):
        org.trail.evidence("a", disclose=disclose)


def test_what_was_erased_is_sealed_and_not_shown(org):
    """Its path is one of the case's still; of what is left as much is shown as was asked for."""
    (seq, *_) = [one.seq for one in org.trail.personal("a")]
    org.store.erase([("a", seq, "form.phone")])
    found = org.trail.evidence("a", disclose=["form.applicant", "form.phone"]).verify(LOG.vkey)
    assert [{"form.applicant": "Person a"}] == [dict(record.values) for record in found.records if record.values]


def test_evidence_holds_however_the_log_grows(org):
    """It stands under its checkpoint; and the case may be proved anew under a later one."""
    before = org.trail.evidence("a").data
    org.open("small", by="lan", id="c")
    with pytest.raises(InvalidInput, match="sign a new one"):
        org.trail.evidence("c")
    org.trail.checkpoint(LOG)
    for data in (before, org.trail.evidence("a").data, org.trail.evidence("c").data):
        Evidence.parse(data).verify(LOG.vkey)


def test_another_verifier_takes_every_proof(org):
    """Each part is a c2sp.org/tlog-proof: tlog-scales, which knows nothing of us, leads it up to the root."""
    text = str(org.trail.evidence("a"))
    parts = [f"{FORMAT}\n{part}" for part in text.split(f"{FORMAT}\n")[1:]]
    assert 4 == len(parts)
    for part in parts:
        head, _, note = part.partition("\n\n")
        _, extra, index, *path = head.split("\n")
        record = decode(b64decode(extra.removeprefix("extra ")))["record"].encode()
        theirs = Checkpoint.from_text(note)
        proof = InclusionProof(int(index.removeprefix("index ")), theirs.size, [b64decode(line) for line in path])
        proof.check(leaf_hash(record), theirs.root_hash)


def test_a_file_is_pinned():
    """What is given out today must verify tomorrow: a literal file."""
    record = b'{"at":1700000000000000,"by":"lan","seq":1,"stream":"d-1","type":"opened"}'
    note = CheckpointNote(LOG.name, 1, leaf_hash(record)).sign(LOG)
    assert PINNED == str(Evidence((Proof(record, 0, ()),), str(note)))
    assert "d-1" == Evidence.parse(PINNED).verify(LOG.vkey).stream


# What is refused


def test_without_the_right_key_nothing_is_proved(org):
    """Another log's key, or none."""
    assert "no trusted key" in refused(org.trail.evidence("a"), OTHER.vkey)
    assert "no key is given" in refused(org.trail.evidence("a"), ())


def test_evidence_of_another_log_is_refused(org):
    """The same records in the log of another tenant: their key, and their origin."""
    theirs = org.trail.checkpoint(OTHER, anchor=[])
    assert "no trusted key" in refused(org.trail.evidence("a", checkpoint=theirs))
    twin = CheckpointNote(OTHER.name, theirs.size, theirs.root).sign(LOG)
    assert "no trusted key" in refused(changed(org.trail.evidence("a"), note=str(twin)))


def test_a_record_that_was_changed_is_refused(org):
    """One word of it, one field more, or white space."""
    whole = org.trail.evidence("a")
    for old, new in ((b"lan", b"mai"), (b'{"', b'{ "'), (b"}", b',"x":1}')):
        proofs = [changed(whole.proofs[0], record=whole.proofs[0].record.replace(old, new, 1)), *whole.proofs[1:]]
        assert "not in the log" in refused(Evidence(tuple(proofs), whole.note))


def test_a_record_of_another_case_or_left_out_is_refused(org):
    """Each is in the log; together they are no case."""
    a, b = org.trail.evidence("a"), org.trail.evidence("b")
    for proofs in (a.proofs[:1] + b.proofs[1:], a.proofs[:1] + a.proofs[2:], a.proofs[::-1], a.proofs[:1] * 2):
        assert "does not follow" in refused(Evidence(proofs, a.note))


def test_a_proof_of_another_place_is_refused(org):
    """Another index, a hash more, a hash less, one of zeros, none."""
    whole = org.trail.evidence("a", 1)
    (proof,) = whole.proofs
    for index in (0, proof.index + 1, 10**9):
        assert "not in the log" in refused(Evidence((changed(proof, index=index),), whole.note))
    path = proof.path
    for other in ((*path, bytes(32)), path[:-1], (bytes(32), *path[1:]), (), path[::-1]):
        assert "not in the log" in refused(Evidence((changed(proof, path=other),), whole.note))


def test_a_value_that_is_not_the_one_sealed_is_refused(org):
    """Another value, another salt, one of another field or record, one where nothing is sealed."""
    whole = org.trail.evidence("a", 3, disclose=True)
    (proof,) = whole.proofs
    salt, value = proof.values["form.applicant"]
    for values in (
        {"form.applicant": (salt, b'"Person x"')},
        {"form.applicant": (bytes(16), value)},
        {"form.phone": (salt, value)},
        {"form.title": (salt, value)},
        {"by": (salt, value)},
    ):
        assert "is not the one" in refused(Evidence((changed(proof, values=values),), whole.note))
    assert "16" in refused(Evidence((changed(proof, values={"form.applicant": (b"short", value)}),), whole.note))


def test_a_commitment_copied_to_another_record_does_not_open(org):
    """Stream, number and path are inside."""
    private = org.store.private("a", 3)["form.applicant"]
    args = (private.salt, "form.applicant", "a", 3, private.value)
    assert commitment(*args) != commitment(private.salt, "form.applicant", "b", 3, private.value)
    assert isinstance(private, Private)


MALFORMED = {
    "nothing": lambda text: "",
    "a checkpoint": lambda text: text.partition("\n\n")[2],
    "another format": lambda text: text.replace("@v1", "@v2"),
    "line ends of another system": lambda text: text.replace("\n", "\r\n"),
    "no record": lambda text: "\n".join(line for line in text.split("\n") if not line.startswith("extra")),
    "no index": lambda text: text.replace("index ", ""),
    "an index with a zero": lambda text: text.replace("index ", "index 0"),
    "a hash that is short": lambda text: text.replace("\n\n", "\nAAAA\n\n", 1),
    "a hash that is none": lambda text: text.replace("\n\n", "\n!\n\n", 1),
    "64 hashes": lambda text: text.replace("\n\n", "\n" + f"{'A' * 43}=\n" * 64 + "\n", 1),
    "two checkpoints": lambda text: (
        text.rpartition(FORMAT)[0] + text.rpartition(FORMAT)[1] + _later(text.rpartition(FORMAT)[2])
    ),
    "something between": lambda text: text.replace(f"\n{FORMAT}", f"\n\n{FORMAT}"),
}


def _later(part):
    return part.partition("\n\n")[0] + "\n\n" + str(CheckpointNote(LOG.name, 1, bytes(32)).sign(LOG))


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_file_is_refused(org, what):
    """Whatever it looks like."""
    refused(MALFORMED[what](str(org.trail.evidence("a"))))


@pytest.mark.parametrize(
    "extra",
    [b"", b"{}", b"[]", b'{"record":1}', b'{"record":"x","more":1}', b'{"record": "x"}', b'{"record":"x","values":{"p":["zz","1"]}}',
     b'{"record":"x","values":{"p":["AA","1"]}}', b'{"record":"x","values":[]}', b'{"record":"x","values":{}}', b"\xff"],
)  # fmt: skip
def test_a_malformed_record_is_refused(extra):
    """In one spelling alone."""
    text = f"{FORMAT}\nextra {_base64(extra)}\nindex 0\n\n{CheckpointNote(LOG.name, 1, leaf_hash(b'x')).sign(LOG)}"
    refused(text)


@pytest.mark.parametrize(
    "record", [b"x", b"[]", b'{"seq":1}', b'{"seq":"1","stream":"a"}', b'{"seq":1,"stream":1}', b'{"seq":1.5}']
)
def test_a_record_in_the_log_that_says_no_stream_is_refused(record):
    """It was signed over; it is still no record of a case."""
    note = CheckpointNote(LOG.name, 1, leaf_hash(record)).sign(LOG)
    refused(Evidence((Proof(record, 0, ()),), str(note)))


def _base64(data):
    from base64 import b64encode

    return b64encode(data).decode()


def test_a_leaf_that_is_a_node_is_refused(org):
    """64 bytes that are two hashes: the prefixes keep a node from passing as a record."""
    log = org.store
    left, right = log.leaf(0), log.leaf(1)
    note = CheckpointNote(LOG.name, 2, log.root(2)).sign(LOG)
    fake = Proof(left + right, 0, ())
    with pytest.raises(Untrusted):
        Evidence((fake,), str(note)).verify(LOG.vkey)


# Making


def test_evidence_is_made_of_what_there_is(org):
    """No such case or record, no checkpoint, one that is not signed, or one of another log: refused."""
    with pytest.raises(NotFound):
        org.trail.evidence("nobody")
    with pytest.raises(NotFound):
        org.trail.evidence("a", 9)
    with pytest.raises(InvalidInput, match="not signed"):
        org.trail.evidence("a", checkpoint=CheckpointNote(LOG.name, org.trail.size, org.trail.root))
    with pytest.raises(InvalidInput, match="are not signed"):
        org.trail.evidence("a", checkpoint=(org.trail.size, org.trail.root))
    with pytest.raises(Inconsistent):
        org.trail.evidence("a", checkpoint=CheckpointNote(LOG.name, org.trail.size, bytes(32)).sign(LOG))
    with pytest.raises(InvalidInput, match="keep one in an anchor"):
        office(small()).trail.evidence("a")


def test_nothing_proves_a_case_that_was_pruned(tmp_path):
    """Its bytes are gone: an empty file that is called good would be worse than none."""
    org = office(small(), store=SQLiteStore(tmp_path / "office.db"), anchor=MemoryAnchor(), keys=LOG.vkey)
    org.open("small", by="lan", id="a")
    org.act("a", "finish", by="lan")
    org.trail.checkpoint(LOG)
    org.trail.prune(by="hoa", basis="decision 7")
    for seq in (None, 2):
        with pytest.raises(NotFound, match="was pruned"):
            org.trail.evidence("a", seq)


@pytest.mark.parametrize("data", [None, 5, ["x"]])
def test_what_is_no_file_is_refused(data):
    """Bytes or a text."""
    with pytest.raises(InvalidInput, match="evidence is bytes or a text, not"):
        Evidence.parse(data)


def test_witnesses_can_be_asked_for(org):
    """A quorum of them, and when they signed."""
    note = org.trail.checkpoint(LOG, anchor=[]).sign(WITNESS, at=1_700_000_000)
    evidence = org.trail.evidence("a", checkpoint=note)
    found = Evidence.parse(evidence.data).verify([LOG.vkey, WITNESS.vkey], quorum=1)
    assert {WITNESS.key: 1_700_000_000} == found.witnesses
    with pytest.raises(Untrusted, match="1 must"):
        org.trail.evidence("a").verify([LOG.vkey, WITNESS.vkey], quorum=1)


def test_the_bytes_are_those_of_the_store(org):
    """Nothing is encoded anew on the way."""
    entries = [entry.data for entry in org.store.read("a")]
    assert entries == [proof.record for proof in Evidence.parse(org.trail.evidence("a").data).proofs]
    assert [encode(decode(data)) for data in entries] == entries


PINNED = """c2sp.org/tlog-proof@v1
extra eyJyZWNvcmQiOiJ7XCJhdFwiOjE3MDAwMDAwMDAwMDAwMDAsXCJieVwiOlwibGFuXCIsXCJzZXFcIjoxLFwic3RyZWFtXCI6XCJkLTFcIixcInR5cGVcIjpcIm9wZW5lZFwifSJ9
index 0

office.example/log
1
DZYKu3ILHeMekhWCsBKW8kXfQD/jVGhng09KuvYreV4=

— office.example/log llM/GKTCcgjD3FGuMSJyIa5AZtdagB+gWLzqZBnEERC0bWlfJCIYmheXmqbLKyWuKEzpV3WVLzge/Jul5aPEAlbB0QA=
"""
