"""Rotation of a log's keys, recorded in the log: which key follows which, from which size on, signed under both.

Rule 1: the text names the log, its size and root then, the old key and the new one; both keys sign it. What the record says
beside the signed text (when, by whom, why) is told, not trusted.
Rule 2: the old key opens no checkpoint of more records than that size, the new one none of fewer. Size and root are inside the
signed text: moved to another place it says the same, and copied into a log that did not begin so it says nothing.
Rule 3: in the order of the log a key is replaced once, the one that replaces it is new, and sizes do not fall. What breaks
that was made by a thief of a key, and nothing is trusted until it is known who has it.
Rule 4: whoever trusts a key before or after trusts the other, within its span; but a key that is given as retired
(``until``) names none after it. Whoever trusts only a key that was stolen, and does not know it as retired, can be shown a
rotation that never was: the key in force is the one to hand out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from attrs import frozen

from .checkpoint import ED25519, Keyring, Keys, Note, Signer, TrustedKey, VerifierKey, number_of, verified
from .codec import decode, encode
from .errors import InvalidInput, Untrusted
from .ports import Checkpoint, Entry

__all__ = ["STREAM", "Rotation", "in_force", "in_order", "readable", "rotation_record", "rotations"]

STREAM = "trail/keys"
"""The stream of the log that its rotations are recorded in."""

_TITLE = "qms key rotation"
_WHO = "find out who has it"
_ROOT = re.compile("[0-9a-f]{64}")

Begins: TypeAlias = Callable[[Checkpoint], bool]
"""Whether a log begins with so many records under that root."""


@frozen
class Rotation:
    """The key *old* was replaced by *new* when the log *origin* had *size* records under *root*."""

    origin: str
    size: int
    root: bytes
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
        return f"{_TITLE}\n{self.origin}\n{self.size}\n{self.root.hex()}\n{self.old}\n{self.new}\n"

    @classmethod
    def parse(cls, data: bytes | str) -> Rotation:
        """The rotation that a signed note holds, once both of its keys have signed it.

        Raises:
            InvalidInput: another text.
            Untrusted: one of the two did not sign, or not this text.
        """
        note = Note.parse(data)
        lines = note.text[:-1].split("\n")
        if len(lines) != 6 or lines[0] != _TITLE or not _ROOT.fullmatch(lines[3]):
            raise InvalidInput(
                f"a rotation of keys has six lines, begins with {_TITLE!r}, and its fourth is a root of 64 digits"
            )
        size, root = number_of(lines[2], "the size"), bytes.fromhex(lines[3])
        found = cls(lines[1], size, root, VerifierKey.parse(lines[4]), VerifierKey.parse(lines[5]))
        if missing := {found.old, found.new} - set(verified(note, (found.old, found.new))):
            raise Untrusted(
                f"a rotation is signed under both keys; {', '.join(f'{key.id:08x}' for key in missing)} did not sign"
            )
        return found


def rotation_record(seq: int, head: Checkpoint, old: Signer, new: Signer, at: int, by: str, reason: str) -> bytes:
    """The bytes of the record that *old* is replaced by *new*: number *seq* of its stream, in a log of the size and root *head*.

    *at* is in µs UTC.

    Raises:
        InvalidInput: keys of different names, or the same key twice.
    """
    text = Rotation(old.name, *head, old.key, new.key).text
    note = Note(text, (old.sign(text), new.sign(text)))
    record = {"stream": STREAM, "seq": seq, "type": "key.rotated", "at": at, "by": by, "reason": reason}
    return encode(record | {"note": note.data.decode()})


def rotations(entries: Iterable[Entry], begins: Begins) -> tuple[Rotation, ...]:
    """The rotations that the *entries* of the stream `STREAM` record, in order, in a log of which *begins* tells.

    Raises:
        InvalidInput, Untrusted: a record that is none, is not signed under both keys, or is one of another log.
    """
    return tuple(_recorded(entry, begins) for entry in entries)


def readable(entries: Iterable[Entry], begins: Begins) -> Iterator[Rotation]:
    """As `rotations`, passing over what is none of this log: it could as well be left out, and so opens nothing more."""
    for entry in entries:
        try:
            found = _recorded(entry, begins)
        except (InvalidInput, Untrusted):
            continue
        yield found


def _recorded(entry: Entry, begins: Begins) -> Rotation:
    record = decode(entry.data)
    if not isinstance(record, dict) or record.get("type") != "key.rotated" or not isinstance(record.get("note"), str):
        raise InvalidInput(f"record {entry.seq} of the stream {STREAM} is no rotation of keys")
    found = Rotation.parse(record["note"])
    if not begins((found.size, found.root)):
        raise Untrusted(
            f"the rotation to {found.new} was made in a log whose first {found.size} records were others: it was copied, or the"
            " log was written anew; verify it with a checkpoint of the key before"
        )
    return found


def in_order(known: Iterable[Rotation]) -> tuple[Rotation, ...]:
    """The rotations *known*, once they can be those of a log, in its order.

    Raises:
        Untrusted: a key that was replaced is replaced again or comes back, or a size falls: somebody else has a key.
    """
    told = tuple(known)
    retired: set[VerifierKey] = set()
    seen: set[VerifierKey] = set()
    size = 0
    for one in told:
        if one.old in retired:
            raise Untrusted(f"the log's keys fork: {one.new} follows {one.old}, which was retired already; {_WHO}")
        if one.new in seen:
            raise Untrusted(
                f"the log's keys fork: {one.old} is followed by {one.new}, which was there before, and a key that was replaced"
                f" never comes back; {_WHO}"
            )
        if one.size < size:
            raise Untrusted(
                f"the log's keys fork: {one.new} follows {one.old} at {one.size} records, though another key was replaced at"
                f" {size} before; {_WHO}"
            )
        retired.add(one.old)
        seen |= {one.old, one.new}
        size = one.size
    return told


def in_force(keys: Keys, known: Iterable[Rotation]) -> Keyring:
    """*keys* with those that came before and after them by the rotations *known*, each with the sizes it is trusted for.

    Raises:
        Untrusted: as `in_order`.
    """
    told = in_order(known)
    spans = {each.key: (each.since, each.until) for each in Keyring.of(keys).keys}
    given_retired = {key for key, (_, until) in spans.items() if until is not None}
    for one in reversed(told):
        if one.new in spans:
            since, until = spans[one.new]
            spans[one.new] = max(since, one.size), until
            since, before = spans.get(one.old, (0, None))
            spans[one.old] = since, _least(one.size, before, until)
    for one in told:
        if one.old in spans:
            since, until = spans[one.old]
            spans[one.old] = since, _least(one.size, until)
            if one.old not in given_retired:
                spans.setdefault(one.new, (one.size, None))
    return Keyring(tuple(TrustedKey(key, *span) for key, span in spans.items()))


def _least(*sizes: int | None) -> int:
    """The least of *sizes*, None being without end."""
    return min(size for size in sizes if size is not None)
