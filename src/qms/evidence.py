"""Evidence: one text file for one record or one case, which anybody verifies offline with the key of the log.

Rule 1: a file is one proof for each record, in the format of c2sp.org/tlog-proof, one after another, all under the same
checkpoint. Each proof stands by itself: a tool that knows the format verifies it without knowing this library.
Rule 2: the ``extra`` line holds the bytes of the record, and the personal values of this case that were asked for, each
with its salt. Of anybody else there are hashes alone.
Rule 3: nothing in the file is trusted. The signature is judged first, then the record's hash is led up to the root that was
signed, then each value is held against its commitment. Verifying shares nothing but SHA-256 with the making of proofs.
Rule 4: a proof shows that a record is in the log, never that another is not: whether a case went on, the file cannot say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any, Protocol, Self

from attrs import field, frozen

from .checkpoint import CheckpointNote, Keys, VerifierKey, base64_of, bytes_of, cosignatures, number_of, open_note, text_of
from .codec import decode, encode
from .errors import InvalidInput, NotFound, Untrusted
from .ports import Entry, Private
from .trail import commitment, leaf_hash, verify_inclusion

__all__ = ["FORMAT", "Evidence", "Proof", "ProvedRecord", "Prover", "Verified", "make_evidence"]

FORMAT = "c2sp.org/tlog-proof@v1"
MOST_BYTES = 64 << 20
_MOST_HASHES = 63
_HASH = 32
_MOST_EXTRA = 1 << 20


class Prover(Protocol):
    """What proofs are made by: a `qms.ports.Log`."""

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The proof that leaf *index* is in the tree of *size*."""


@frozen
class Proof:
    """One record's part of the file: its bytes, its place, the way up, and personal values as path to (salt, value)."""

    record: bytes
    index: int
    path: tuple[bytes, ...]
    values: Mapping[str, tuple[bytes, bytes]] = field(factory=dict, repr=False)

    def text(self, note: str) -> str:
        """The proof under the checkpoint *note*, as c2sp.org/tlog-proof writes it."""
        extra = encode(_tree(self.record.decode(), self.values), limit=_MOST_EXTRA)
        lines = "".join(f"{base64_of(one)}\n" for one in self.path)
        return f"{FORMAT}\nextra {base64_of(extra)}\nindex {self.index}\n{lines}\n{note}"

    @classmethod
    def parse(cls, text: str) -> tuple[Self, str]:
        """The proof and the note of one part.

        Raises:
            InvalidInput: another shape.
        """
        head, empty, note = text.partition("\n\n")
        first, *lines = head.split("\n", _MOST_HASHES + 3)
        if first != FORMAT or not empty or len(lines) < 2 or len(lines) > _MOST_HASHES + 2:
            raise InvalidInput(
                f"a proof is the line {FORMAT}, extra, index, at most {_MOST_HASHES} hashes, an empty line, and the checkpoint"
            )
        if not lines[0].startswith("extra ") or not lines[1].startswith("index "):
            raise InvalidInput("the record is not in the file: the second line must begin with extra, the third with index")
        record, values = _extra(bytes_of(lines[0].removeprefix("extra "), "the record"))
        index = number_of(lines[1].removeprefix("index "), "the index")
        path = tuple(bytes_of(line, "a hash of the proof") for line in lines[2:])
        if any(len(one) != _HASH for one in path):
            raise InvalidInput(f"a hash of the proof has {_HASH} bytes")
        return cls(record, index, path, values), note


def _extra(data: bytes) -> tuple[bytes, dict[str, tuple[bytes, bytes]]]:
    """The record and values of the extra line, in the one spelling that `Proof.text` gives them."""
    extra = decode(data)
    try:
        record, values = extra["record"], extra.get("values", {})
        found = {path: (bytes.fromhex(salt), value.encode()) for path, (salt, value) in values.items()}
        if encode(_tree(record, found), limit=_MOST_EXTRA) != data:
            raise InvalidInput("the extra line holds more than a record and its values, or spells them otherwise")
        return record.encode(), found
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"the extra line holds no record: {error}") from error


def _tree(record: str, values: Mapping[str, tuple[bytes, bytes]]) -> dict[str, Any]:
    shown = {path: [salt.hex(), value.decode()] for path, (salt, value) in values.items()}
    return {"record": record} | ({"values": shown} if shown else {})


@frozen
class Evidence:
    """The file: the proofs of one case, in its order, under one checkpoint."""

    proofs: tuple[Proof, ...]
    note: str

    def __str__(self) -> str:
        return "".join(proof.text(self.note) for proof in self.proofs)

    @property
    def data(self) -> bytes:
        """The file as bytes."""
        return str(self).encode()

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """The file that *data* holds; nothing of it is trusted.

        Raises:
            InvalidInput: another shape, or proofs under different checkpoints.
        """
        text = text_of(data, "evidence", MOST_BYTES)
        if not text.startswith(f"{FORMAT}\n"):
            raise InvalidInput(f"this is no evidence: it does not begin with the line {FORMAT}")
        first, *rest = text.split(f"\n{FORMAT}\n")
        parts = [first, *(f"{FORMAT}\n{one}" for one in rest)]
        found = [Proof.parse(part + "\n" if n < len(rest) else part) for n, part in enumerate(parts)]
        notes = {note for _, note in found}
        if len(notes) != 1:
            raise InvalidInput("the records stand under different checkpoints; a file has one")
        return cls(tuple(proof for proof, _ in found), notes.pop())

    def verify(self, keys: Keys, *, origin: str | None = None, quorum: int = 0) -> Verified:
        """What the file proves to somebody who trusts *keys*; see `qms.checkpoint.open_note` for the rest.

        Raises:
            InvalidInput: a malformed checkpoint or record.
            Untrusted: a signature, a proof or a value that does not hold, or records that are not of one case in order.
        """
        note = open_note(self.note, keys, origin=origin, quorum=quorum)
        records = tuple(_proved(proof, note) for proof in self.proofs)
        for before, after in pairwise(records):
            if after.stream != before.stream or after.seq != before.seq + 1 or after.position <= before.position:
                raise Untrusted(
                    f"{after.stream} #{after.seq} does not follow on {before.stream} #{before.seq}: a record was left out or moved"
                )
        return Verified(records, note, cosignatures(note, keys))


@frozen
class ProvedRecord:
    """A record that is in the log: its place, what it says, and the personal values that were disclosed, by path."""

    stream: str
    seq: int
    position: int
    content: Mapping[str, Any]
    values: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen
class Verified:
    """What was proved: records of one case in order, the checkpoint they stand under, and which witnesses signed it when."""

    records: tuple[ProvedRecord, ...]
    checkpoint: CheckpointNote
    witnesses: Mapping[VerifierKey, int] = field(factory=dict)

    @property
    def stream(self) -> str:
        """The case."""
        return self.records[0].stream

    @property
    def from_the_start(self) -> bool:
        """Whether the first record of the case is among them: then they are its history up to the last of them."""
        return self.records[0].seq == 1


def _proved(proof: Proof, note: CheckpointNote) -> ProvedRecord:
    if not verify_inclusion(leaf_hash(proof.record), proof.index, note.size, proof.path, note.root):
        raise Untrusted(f"the record given for position {proof.index + 1} is not in the log of this checkpoint")
    content = decode(proof.record)
    if not isinstance(content, dict) or type(content.get("stream")) is not str or type(content.get("seq")) is not int:
        raise InvalidInput(f"the record at position {proof.index + 1} does not say its stream and number")
    stream, seq = content["stream"], content["seq"]
    values = {}
    for path, (salt, value) in proof.values.items():
        if _sealed(content, path) != commitment(salt, path, stream, seq, value):
            raise Untrusted(f"the value given for {path} is not the one that {stream} #{seq} is sealed with")
        values[path] = decode(value)
    return ProvedRecord(stream, seq, proof.index + 1, content, values)


def _sealed(content: Any, path: str) -> Any:
    try:
        for name in path.split("."):
            content = content[name]
        return content["sealed"]
    except (KeyError, TypeError):
        return None


# Making


def make_evidence(
    entries: Iterable[Entry],
    log: Prover,
    note: CheckpointNote,
    private: Iterable[Mapping[str, Private]] = (),
    disclose: Collection[str] | bool = False,
) -> Evidence:
    """The file for *entries*, records of one case, under the signed *note*.

    *private* are the personal values beside each entry, in the same order; *disclose* says which paths are shown: all, or
    those named. What was erased cannot be.

    Raises:
        InvalidInput: no entries, one that the checkpoint does not cover, no signature on it, or a path to disclose at which
            no entry seals a value.
        NotFound: an entry that was pruned.
    """
    if not note.signatures:
        raise InvalidInput("the checkpoint is not signed, and would prove nothing", "checkpoint")
    proofs = []
    sealed: set[str] = set()
    paths = _paths(disclose)
    beside = iter(private)
    for entry in entries:
        if not entry.data:
            raise NotFound(f"{entry.stream} #{entry.seq} was pruned: its hash is left, and nothing that could be shown")
        if entry.position is None or entry.position > note.size:
            raise InvalidInput(
                f"{entry.stream} #{entry.seq} is not among the {note.size} records of this checkpoint; sign a new one first",
                "checkpoint",
            )
        shown = next(beside, {}) if disclose else {}
        content = decode(entry.data) if paths else None
        sealed |= {*shown, *(path for path in paths or () if _sealed(content, path) is not None)}
        values = {path: (one.salt, one.value) for path, one in sorted(shown.items()) if paths is None or path in paths}
        way = log.inclusion(entry.position - 1, note.size)
        proofs.append(Proof(entry.data, entry.position - 1, way, values))
    if not proofs:
        raise InvalidInput("there is no record to prove")
    if unknown := sorted((paths or set()) - sealed):
        there = ", ".join(sorted(sealed)) or "none"
        raise InvalidInput(f"nothing is sealed at {', '.join(unknown)}; there are: {there}", "disclose")
    return Evidence(tuple(proofs), str(note))


def _paths(disclose: Collection[str] | bool) -> set[str] | None:
    """The paths to disclose; None for all."""
    if isinstance(disclose, bool):
        return None if disclose else set()
    given: Any = [disclose] if isinstance(disclose, str) else disclose
    if not isinstance(given, Collection) or not all(isinstance(path, str) for path in given):
        raise InvalidInput(f"{disclose!r} names no values; write their paths (form.applicant), or True for all", "disclose")
    return set(given)
