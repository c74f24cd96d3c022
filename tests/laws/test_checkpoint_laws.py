"""Laws of signed notes and evidence: what was written is read, and one bit elsewhere is noticed."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from qms.checkpoint import CheckpointNote, Keyring, Note, Signer, VerifierKey, open_note
from qms.codec import encode
from qms.errors import InvalidInput, Untrusted
from qms.evidence import Evidence, Proof, make_evidence
from qms.ports import Entry, Private
from qms.rotation import Rotation, in_force
from qms.trail import EMPTY_ROOT, Frontier, commitment, inclusion_proof, kept_nodes, leaf_hash

LOG = Signer.from_seed("office.example/log", bytes(32))
SALT = bytes(range(16))
LINES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=20)
NAMES = LINES.map(lambda text: "".join(c for c in text if not c.isspace() and c != "+").lstrip("#")).filter(bool)


class Tree:
    """A log of records in memory."""

    def __init__(self, records):
        kept = []
        self.root = Frontier().extended([leaf_hash(record) for record in records], kept.append).root()
        self._read = kept_nodes(lambda number: kept[number - 1])

    def inclusion(self, index, size=None):
        """The proof of one record."""
        return inclusion_proof(index, size, self._read)


def _record(stream, seq, **more):
    return encode({"stream": stream, "seq": seq, "at": 1_700_000_000_000_000, "by": "lan", "type": "acted", **more})


def _evidence():
    sealed = commitment(SALT, "form.name", "d-1", 1, b'"An"')
    records = [
        _record("other", 1),
        _record("d-1", 1, form={"name": {"sealed": sealed}}),
        _record("other", 2),
        _record("d-1", 2),
    ]
    log = Tree(records)
    note = CheckpointNote(LOG.name, 4, log.root).sign(LOG)
    entries = [Entry(2, "d-1", 1, records[1]), Entry(4, "d-1", 2, records[3])]
    private = [{"form.name": Private(1, "form.name", SALT, b'"An"')}, {}]
    return make_evidence(entries, log, note, private, True)


def _holds(data, keys=LOG.vkey):
    try:
        Evidence.parse(data).verify(keys)
    except (InvalidInput, Untrusted):
        return False
    return True


@given(st.lists(LINES, max_size=3), st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), NAMES)
def test_a_checkpoint_is_read_as_it_was_signed(extensions, size, root, name):
    """Whatever lines and names it has."""
    signer = Signer.from_seed(name, bytes(32))
    note = CheckpointNote(name, size, root if size else EMPTY_ROOT, tuple(extensions)).sign(signer)
    assert note == open_note(note.data, signer.vkey)


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.binary())
def test_any_text_is_read_back_or_refused(data):
    """Nothing else is raised, and what is read is written back to the byte."""
    try:
        note = Note.parse(data)
    except InvalidInput:
        return
    assert note.data == (data if isinstance(data, bytes) else data.encode())


def test_every_bit_of_a_signed_checkpoint_counts():
    """Flipped one by one: none is still opened."""
    data = CheckpointNote(LOG.name, 7, bytes(range(32))).sign(LOG).data
    assert [] == [bit for bit in range(len(data) * 8) if _opens(_flipped(data, bit))]


def test_every_bit_of_evidence_counts():
    """Flipped one by one, in records, salts, values, proofs, the checkpoint and the words around them: none still holds."""
    data = _evidence().data
    assert _holds(data)
    assert [] == [bit for bit in range(len(data) * 8) if _holds(_flipped(data, bit))]


@given(st.data())
def test_evidence_cut_or_doubled_anywhere_does_not_hold(data):
    """But for whole records left out at an end, which are evidence of fewer."""
    whole = _evidence()
    text = whole.data
    fewer = {Evidence(whole.proofs[:1], whole.note).data, Evidence(whole.proofs[1:], whole.note).data, text}
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for other in (text[:start] + text[end:], text[:end] + text[start:]):
        assert _holds(other) == (other in fewer)


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 39))
def test_a_case_among_others_is_proved_at_every_size(own, seed):
    """Any interleaving of a case with others, under any checkpoint that covers it."""
    records, entries, seqs = [], [], {"d-1": 0, "other": 0}
    for mine in own:
        stream = "d-1" if mine else "other"
        seqs[stream] += 1
        records.append(_record(stream, seqs[stream]))
        if mine:
            entries.append(Entry(len(records), stream, seqs[stream], records[-1]))
    if not entries:
        return
    last = max(number for number, mine in enumerate(own, 1) if mine)
    size = last + seed % (len(records) - last + 1)
    log, past = Tree(records), Tree(records[:size])
    note = CheckpointNote(LOG.name, size, past.root).sign(LOG)
    found = Evidence.parse(make_evidence(entries, log, note).data).verify(LOG.vkey)
    assert [entry.position for entry in entries] == [record.position for record in found.records]
    assert found.from_the_start


@given(st.permutations(range(3)))
def test_records_of_a_case_stand_in_their_order(order):
    """Swapped or left out in the middle, each still in the log: the case is not what they tell."""
    records = [_record("d-1", seq) for seq in (1, 2, 3)]
    log = Tree(records)
    note = CheckpointNote(LOG.name, 3, log.root).sign(LOG)
    proofs = tuple(Proof(records[i], i, log.inclusion(i, 3)) for i in order)
    assert _holds(Evidence(proofs, str(note)).data) == (list(order) == [0, 1, 2])
    assert not _holds(Evidence((proofs[0], proofs[0]), str(note)).data)


KEYS = tuple(VerifierKey(LOG.name, bytes([n]) * 32) for n in range(4))
THIEF = tuple(VerifierKey(LOG.name, bytes([n]) * 32) for n in (101, 102))


@settings(max_examples=1000)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=3).map(sorted), st.booleans(), st.data())
def test_a_thief_of_retired_keys_is_trusted_no_further_than_these(sizes, alone, data):
    """Whatever rotations it makes of its keys, adds, leaves out or reorders: by the key in force, alone or with those before."""
    genuine = [Rotation(LOG.name, size, bytes(32), *pair) for size, pair in zip(sizes, pairwise(KEYS), strict=False)]
    trusted = Keyring.of(KEYS[len(sizes)]) if alone else in_force(KEYS[0], genuine)
    stolen = data.draw(st.lists(st.integers(0, len(sizes) - 1), min_size=1, unique=True))
    held = [*(KEYS[n] for n in stolen), *THIEF]
    pairs = st.permutations(held).map(lambda order: order[:2])
    made = data.draw(st.lists(st.tuples(st.integers(0, 4), pairs), max_size=2))
    left = data.draw(st.lists(st.sampled_from(genuine), unique=True))
    told = data.draw(st.permutations([*left, *(Rotation(LOG.name, size, bytes(32), *pair) for size, pair in made)]))
    try:
        found = in_force(trusted, told)
    except Untrusted:
        return
    last = max(sizes[n] for n in stolen)
    assert [] == [each for each in found.keys if each.key in held and (each.until is None or each.until > last)]


def _opens(data):
    try:
        open_note(data, LOG.vkey)
    except (InvalidInput, Untrusted):
        return False
    return True


def _flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
