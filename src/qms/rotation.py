"""Rotation of a log's keys, recorded in the log: which key follows which, from which size on, signed under both.

Rule 1: the text names the log, its size, the old key and the new one; both keys sign it. What the record says beside the
signed text (when, by whom, why) is told, not trusted.
Rule 2: the old key opens no checkpoint of more records than that size, the new one none of fewer. The size is inside the
signed text, so moving the record to another place in the log moves nothing.
Rule 3: whoever trusts a key before or after trusts the other, within its span. Whoever trusts only a retired key that was
stolen can be shown a rotation that never was: the key in force is the one to hand out.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from .checkpoint import ED25519, Keyring, Keys, Note, Signer, TrustedKey, VerifierKey, number_of, verified
from .codec import decode, encode
from .errors import InvalidInput, Untrusted
from .ports import Entry

__all__ = ["STREAM", "Rotation", "in_force", "rotation_record", "rotations"]

STREAM = "trail/keys"
"""The stream of the log that its rotations are recorded in."""

_TITLE = "qms key rotation"


@frozen
class Rotation:
    """The key *old* was replaced by *new* when the log *origin* had *size* records."""

    origin: str
    size: int
    old: VerifierKey
    new: VerifierKey

    def __attrs_post_init__(self) -> None:
        if not self.origin == self.old.name == self.new.name or self.old.kind != ED25519 or self.new.kind != ED25519:
            raise InvalidInput("a key of a log is replaced by another of the same name, which is that of the log")
        if self.old == self.new:
            raise InvalidInput(f"{self.new} is the key that there is; make a new one")

    @property
    def text(self) -> str:
        """What both keys sign."""
        return f"{_TITLE}\n{self.origin}\n{self.size}\n{self.old}\n{self.new}\n"

    @classmethod
    def parse(cls, data: bytes | str) -> Rotation:
        """The rotation that a signed note holds, once both of its keys have signed it.

        Raises:
            InvalidInput: another text.
            Untrusted: one of the two did not sign, or not this text.
        """
        note = Note.parse(data)
        lines = note.text[:-1].split("\n")
        if len(lines) != 5 or lines[0] != _TITLE:
            raise InvalidInput(f"a rotation of keys has five lines, and begins with {_TITLE!r}")
        found = cls(lines[1], number_of(lines[2], "the size"), VerifierKey.parse(lines[3]), VerifierKey.parse(lines[4]))
        if missing := {found.old, found.new} - set(verified(note, (found.old, found.new))):
            raise Untrusted(
                f"a rotation is signed under both keys; {', '.join(f'{key.id:08x}' for key in missing)} did not sign"
            )
        return found


def rotation_record(seq: int, size: int, old: Signer, new: Signer, at: int, by: str, reason: str) -> bytes:
    """The bytes of the record that *old* is replaced by *new*: number *seq* of its stream, in a log of *size* records.

    *at* is in µs UTC.

    Raises:
        InvalidInput: keys of different names, or the same key twice.
    """
    text = Rotation(old.name, size, old.key, new.key).text
    note = Note(text, (old.sign(text), new.sign(text)))
    record = {"stream": STREAM, "seq": seq, "type": "key.rotated", "at": at, "by": by, "reason": reason}
    return encode(record | {"note": note.data.decode()})


def rotations(entries: Iterable[Entry]) -> tuple[Rotation, ...]:
    """The rotations that the *entries* of the stream `STREAM` record, in order.

    Raises:
        InvalidInput, Untrusted: a record that is none, or is not signed under both keys.
    """
    found = []
    for entry in entries:
        record = decode(entry.data)
        if not isinstance(record, dict) or record.get("type") != "key.rotated" or not isinstance(record.get("note"), str):
            raise InvalidInput(f"record {entry.seq} of the stream {STREAM} is no rotation of keys")
        found.append(Rotation.parse(record["note"]))
    return tuple(found)


def in_force(keys: Keys, known: Iterable[Rotation]) -> Keyring:
    """*keys* with those that came before and after them by the rotations *known*, each with the sizes it is trusted for."""
    ring = Keyring.of(keys)
    spans = {each.key: (each.since, each.until) for each in ring.keys}
    told = list(known)
    while True:
        follow = [one for one in told if one.old in spans or one.new in spans]
        if not follow:
            break
        told = [one for one in told if one not in follow]
        for one in follow:
            since, until = spans.get(one.old, (0, None))
            spans[one.old] = since, one.size if until is None else min(until, one.size)
            since, until = spans.get(one.new, (0, None))
            spans[one.new] = max(since, one.size), until
    return Keyring(tuple(TrustedKey(key, *span) for key, span in spans.items()))
