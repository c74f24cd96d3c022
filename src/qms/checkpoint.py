"""Checkpoints: the size and root of a log as a note that is signed, and who is trusted to sign it.

Rule 1: a note is text, an empty line, and signature lines: ``— name base64(key id || signature)`` (c2sp.org/signed-note).
What is malformed is refused whole; nothing is trimmed, normalised or guessed.
Rule 2: name and id together name a key. Signatures of unknown keys are ignored; a bad one of a known key refuses the
whole note; without a good one of a trusted key there is nothing to read.
Rule 3: a checkpoint is origin, size and root, a line each (c2sp.org/tlog-checkpoint). The origin is the name of the key
that signs it, so that a note of another log is no note of this one.
Rule 4: a key is trusted for a span of sizes of the log. One that was retired opens nothing that came after it.
Rule 5: a witness signs with another kind of key, and says when (c2sp.org/tlog-cosignature, 0x04).

Ed25519 is RFC 8032, by `cryptography` (extra ``sign``), which is loaded when something is signed or verified.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping, Sized
from hashlib import sha256
from typing import Any, Self, TypeAlias

from attrs import evolve, field, frozen

from .errors import InvalidInput, Untrusted
from .trail import EMPTY_ROOT

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "MOST_SIGNATURES",
    "CheckpointNote",
    "Keyring",
    "Keys",
    "Note",
    "Signature",
    "Signer",
    "TrustedKey",
    "VerifierKey",
    "base64_of",
    "bytes_of",
    "cosignatures",
    "number_of",
    "open_note",
    "text_of",
    "verified",
]

ED25519, COSIGNATURE = 0x01, 0x04
"""The kinds of key: one that signs the text as it is, and one of a witness, which signs it with the time."""

MOST_SIGNATURES = 16
"""Signature lines of one note: as many as every verifier must take, and no more."""

MOST_BYTES = 1 << 20
_MOST_SIZE = 2**63 - 1
_DASH = "— "
_PREFIX = "PRIVATE+KEY+"
_SEED = 32
_REMARK = re.compile(r"(?:^|\s)#")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def base64_of(data: bytes) -> str:
    """*data* in standard base64 (RFC 4648, section 4)."""
    return b64encode(data).decode("ascii")


def bytes_of(text: str, what: str) -> bytes:
    """The bytes of *what* in base64, in their one right spelling.

    Raises:
        InvalidInput: another alphabet, white space, missing or wrong padding, bits that stand for nothing.
    """
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except (Base64Error, ValueError) as error:
        raise InvalidInput(f"{what} is not base64: {error}") from error
    if base64_of(data) != text:
        raise InvalidInput(f"{what} is not base64 in its one right spelling")
    return data


def number_of(text: str, what: str) -> int:
    """The number of *what* in ASCII digits without leading zeros.

    Raises:
        InvalidInput: another spelling, or 2^63 and more.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > _MOST_SIZE:
        raise InvalidInput(f"{what} {text[:40]!r} is no whole number without leading zeros below 2^63")
    return int(text)


def text_of(data: object, what: str, most: int) -> str:
    """The text that *data* holds: UTF-8, of *most* bytes or characters.

    Raises:
        InvalidInput: something else.
    """
    if not isinstance(data, (bytes, str)):
        raise InvalidInput(f"{what} is bytes or a text, not {type(data).__name__}")
    if len(data) > most:
        raise InvalidInput(f"{what} has {most} bytes at the most, not {len(data)}")
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        text.encode()
    except UnicodeError as error:
        raise InvalidInput(f"{what} is not UTF-8: {error}") from error
    return text


def _key_name(name: object) -> str:
    if not isinstance(name, str) or not name or any(char.isspace() or char == "+" or char < " " for char in name):
        raise InvalidInput(f"{name!r} cannot name a key: no blanks, no plus, no control characters, and not nothing")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{name!r} cannot name a key: {error}") from error
    return name


def _key_bytes(data: object) -> None:
    there = len(data) if isinstance(data, bytes) else type(data).__name__
    if there != _SEED:
        raise InvalidInput(f"an Ed25519 key has {_SEED} bytes, not {there}")


# Keys


@frozen
class VerifierKey:
    """A public key by the name of who holds it; its text (*vkey*) is ``name+id+base64(kind || key)``.

    Raises (when made):
        InvalidInput: a name with blanks or a plus, a key that is not 32 bytes, a kind that is neither 1 nor 4.
    """

    name: str
    public: bytes
    kind: int = ED25519

    def __attrs_post_init__(self) -> None:
        _key_name(self.name)
        if self.kind not in (ED25519, COSIGNATURE):
            raise InvalidInput(
                f"keys of kind {self.kind:#04x} are not known here; use Ed25519 (0x01) or its cosignatures (0x04)"
            )
        _key_bytes(self.public)

    @property
    def id(self) -> int:
        """The first four bytes of SHA-256(name || 0A || kind || key): a name for the key, no proof of it."""
        return int.from_bytes(sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4], "big")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that a vkey writes.

        Raises:
            InvalidInput: no vkey, another kind of key, or an id that is not the key's.
        """
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise InvalidInput(f"{text!r} is no key; write name+id+base64, as `qms key` prints it")
        name, key_id, rest = parts
        data = bytes_of(rest, f"the key of {name}")
        key = cls(name, data[1:], data[0] if data else 0)
        if f"{key.id:08x}" != key_id:
            raise InvalidInput(f"the id {key_id!r} is not that of the key of {name}, {key.id:08x}; copy the key anew")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id:08x}+{base64_of(bytes([self.kind]) + self.public)}"

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether *signature* is this key's over *text*; a witness's says the time in its first eight bytes."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            if len(signature) != 72 or signature[0] > 0x7F:
                return False
            message, signature = _dated(text, int.from_bytes(signature[:8], "big")), signature[8:]
        exceptions, ed25519 = _cryptography()
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (exceptions.InvalidSignature, ValueError):
            return False
        return True


def _dated(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _cryptography() -> tuple[Any, Any]:
    try:
        from cryptography import exceptions
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ModuleNotFoundError as error:
        raise InvalidInput("signing and verifying need cryptography: pip install 'qms[sign]'") from error
    return exceptions, ed25519


@frozen
class Signer:
    """A secret key by the name of who holds it; whoever reads `secret` can sign in that name.

    Raises (when made):
        InvalidInput: as `VerifierKey`.
    """

    name: str
    seed: bytes = field(repr=False)
    kind: int = ED25519

    def __attrs_post_init__(self) -> None:
        VerifierKey(self.name, self.seed, self.kind)  # a name, a kind and 32 bytes

    @classmethod
    def generate(cls, name: str, kind: int = ED25519) -> Self:
        """A new key of `cryptography`'s own randomness; keep its `secret` where the log cannot be written from."""
        _, ed25519 = _cryptography()
        return cls(name, ed25519.Ed25519PrivateKey.generate().private_bytes_raw(), kind)

    @classmethod
    def from_seed(cls, name: str, seed: bytes, kind: int = ED25519) -> Self:
        """The key of 32 secret bytes (RFC 8032, 5.1.5)."""
        return cls(name, seed, kind)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that `secret` writes, a line end after it or not.

        Raises:
            InvalidInput: no secret key. What was given is not repeated.
        """
        parts = text.removesuffix("\n").removeprefix(_PREFIX).split("+", 2)
        if not text.startswith(_PREFIX) or len(parts) != 3:
            raise InvalidInput("that is no secret key; it begins with PRIVATE+KEY+, as `qms key` writes it")
        try:
            data = bytes_of(parts[2], "the secret key")
            signer = cls(parts[0], data[1:], data[0] if data else 0)
        except InvalidInput:
            raise InvalidInput("that is no secret key: its last part is not the base64 of a kind and 32 bytes") from None
        if f"{signer.key.id:08x}" != parts[1]:
            raise InvalidInput(f"the id {parts[1]!r} is not that of the secret key of {parts[0]}; take the key from its copy")
        return signer

    @property
    def key(self) -> VerifierKey:
        """What others verify by."""
        _, ed25519 = _cryptography()
        public = ed25519.Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return VerifierKey(self.name, public, self.kind)

    @property
    def vkey(self) -> str:
        """`key` as text."""
        return str(self.key)

    @property
    def secret(self) -> str:
        """The key as text, to be kept secret (the encoding of golang.org/x/mod/sumdb/note)."""
        return f"{_PREFIX}{self.name}+{self.key.id:08x}+{base64_of(bytes([self.kind]) + self.seed)}"

    def sign(self, text: str, at: int | None = None) -> Signature:
        """The signature over *text*; that of a witness needs *at*, in seconds since 1970 (UTC).

        Raises:
            InvalidInput: a time for a key that says none, or none for one that does.
        """
        if (self.kind == COSIGNATURE) != (at is not None):
            raise InvalidInput("a witness's key signs with the time, every other without", "at")
        _, ed25519 = _cryptography()
        private = ed25519.Ed25519PrivateKey.from_private_bytes(self.seed)
        if at is None:
            return Signature(self.name, self.key.id, private.sign(text.encode()))
        if type(at) is not int or not 0 < at <= _MOST_SIZE:
            raise InvalidInput(f"{at!r} is no whole number of seconds since 1970", "at")
        return Signature(self.name, self.key.id, at.to_bytes(8, "big") + private.sign(_dated(text, at)))


# Notes


@frozen
class Signature:
    """One signature line: whose, by which key id, and its bytes."""

    name: str
    key: int
    value: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64_of(self.key.to_bytes(4, 'big') + self.value)}\n"

    @classmethod
    def parse(cls, line: str) -> Self:
        """The signature of one *line*, without its line end.

        Raises:
            InvalidInput: another shape.
        """
        name, blank, rest = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not blank:
            raise InvalidInput(f"{line[:80]!r} is no signature line; it is an em dash, the name of the key, and base64")
        data = bytes_of(rest, f"the signature of {name[:80]}")
        if len(data) < 5:
            raise InvalidInput(f"the signature of {name[:80]} has {len(data)} bytes; four name the key, and some must follow")
        return cls(_key_name(name), int.from_bytes(data[:4], "big"), data[4:])


@frozen
class Note:
    """A text that ends a line, and its signatures; nothing in it is trusted until `verified`."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not self.text.endswith("\n") or any(char < " " and char != "\n" for char in self.text):
            raise InvalidInput("the text of a note ends with a line end, and has no other control characters")
        _few(self.signatures)

    @property
    def data(self) -> bytes:
        """The note as it is stored and sent: UTF-8."""
        return f"{self.text}\n{''.join(map(str, self.signatures))}".encode()

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """The note that *data* holds, to the last byte.

        Raises:
            InvalidInput: not UTF-8, a control character (a carriage return too), no line end at the end, no empty line,
                no signature, a line that is none, more than 16 of them, or more than 1 MiB.
        """
        whole = text_of(data, "a note", MOST_BYTES)
        if found := next((char for char in whole if char < " " and char != "\n"), None):
            raise InvalidInput(f"the note has the control character {found!r}; lines end with a line feed alone")
        text, empty, rest = whole.rpartition("\n\n")
        if not whole.endswith("\n") or not empty or not rest:
            raise InvalidInput("a note is text, an empty line, and signature lines, each with its line end; here they are not")
        lines = rest[:-1].split("\n", MOST_SIGNATURES + 1)
        if len(lines) > MOST_SIGNATURES:
            raise InvalidInput(f"more signatures than the {MOST_SIGNATURES} that a note has at the most")
        return cls(text + "\n", tuple(map(Signature.parse, lines)))


def _few(signatures: Sized) -> None:
    if len(signatures) > MOST_SIGNATURES:
        raise InvalidInput(f"{len(signatures)} signatures; a note has {MOST_SIGNATURES} at the most")


def verified(note: Note, keys: Iterable[VerifierKey]) -> dict[VerifierKey, Signature]:
    """Which of *keys* signed the note; signatures of others are ignored.

    Raises:
        Untrusted: a signature in the name and id of one of *keys* that is not its own.
    """
    known = {(key.name, key.id): key for key in keys}
    found: dict[VerifierKey, Signature] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key))
        if key is not None:
            if not key.verify(note.text, signature.value):
                raise Untrusted(
                    f"the signature of {key.name} ({key.id:08x}) is not over this text: the note was altered or forged"
                )
            found.setdefault(key, signature)
    return found


# Who is trusted


@frozen
class TrustedKey:
    """A key, and the sizes of the log it is trusted for: *since* to *until*, both included; None: it is still in force."""

    key: VerifierKey
    since: int = 0
    until: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """``vkey``, ``vkey until=120`` or ``vkey since=120 until=400``.

        Raises:
            InvalidInput: another shape.
        """
        vkey, *rest = text.split()
        span: dict[str, int] = {}
        for word in rest:
            name, _, value = word.partition("=")
            if name not in ("since", "until") or name in span:
                raise InvalidInput(f"{word!r} says nothing about a key; write since=SIZE or until=SIZE")
            span[name] = number_of(value, name)
        return cls(VerifierKey.parse(vkey), **span)

    def __str__(self) -> str:
        since = f" since={self.since}" if self.since else ""
        return f"{self.key}{since}" + ("" if self.until is None else f" until={self.until}")

    def covers(self, size: int) -> bool:
        """Whether the key is trusted for a checkpoint of *size*."""
        return self.since <= size and (self.until is None or size <= self.until)


@frozen
class Keyring:
    """Whom somebody trusts: the keys of a log, and those of witnesses; see `Keyring.of`."""

    keys: tuple[TrustedKey, ...] = ()

    def __attrs_post_init__(self) -> None:
        named: dict[tuple[str, int], VerifierKey] = {}
        for each in self.keys:
            other = named.setdefault((each.key.name, each.key.id), each.key)
            if other != each.key:
                raise InvalidInput(f"two keys share the name {each.key.name} and the id {each.key.id:08x}; keep the right one")

    @classmethod
    def of(cls, keys: Keys) -> Keyring:
        """The keyring of *keys*: vkeys, keys, or lines of a file, in which ``#`` begins a remark.

        Raises:
            InvalidInput: something that is no key, or no key at all.
        """
        if isinstance(keys, Keyring):
            return keys
        given = list(keys) if isinstance(keys, Iterable) and not isinstance(keys, (str, bytes)) else [keys]
        found: list[TrustedKey] = []
        for key in given:
            if isinstance(key, str):
                lines = (_REMARK.split(line, maxsplit=1)[0].strip() for line in key.splitlines())
                found += [TrustedKey.parse(line) for line in lines if line]
            elif isinstance(key, (VerifierKey, TrustedKey)):
                found.append(TrustedKey(key) if isinstance(key, VerifierKey) else key)
            else:
                raise InvalidInput(f"{type(key).__name__} is no key; give a vkey, the text that `qms key` prints", "keys")
        if not found:
            raise InvalidInput("no key is given, so nothing can be trusted; name the vkey of the log", "keys")
        return cls(tuple(found))

    def of_kind(self, kind: int) -> tuple[VerifierKey, ...]:
        """The keys of one *kind*, each once."""
        return tuple(dict.fromkeys(each.key for each in self.keys if each.key.kind == kind))

    def __str__(self) -> str:
        return "\n".join(map(str, self.keys))


Keys: TypeAlias = "Keyring | str | VerifierKey | TrustedKey | Iterable[str | VerifierKey | TrustedKey]"
"""How trusted keys may be given."""


# Checkpoints


@frozen
class CheckpointNote:
    """The *size* and *root* of the log *origin* at a moment, with the signatures it has; trusted only out of `open_note`.

    Raises (when made):
        InvalidInput: an origin or extension that is no line, a size below 0 or past 2^63, a root that is not 32 bytes, or
            not that of nothing where the size is 0.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()

    def __attrs_post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or any(char < " " for char in line):
                raise InvalidInput(
                    f"{line!r} cannot stand as a line of a checkpoint: it is not empty and has no control characters"
                )
        if type(self.size) is not int or not 0 <= self.size <= _MOST_SIZE:
            raise InvalidInput(f"{self.size!r} is no size of a log")
        if len(self.root) != len(EMPTY_ROOT) or (self.size == 0 and self.root != EMPTY_ROOT):
            raise InvalidInput(f"{self.root.hex()!r} is not the root of a log of {self.size} records")
        _few(self.signatures)

    @property
    def text(self) -> str:
        """What is signed."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, base64_of(self.root), *self.extensions))

    @property
    def note(self) -> Note:
        """The text with its signatures."""
        return Note(self.text, self.signatures)

    @property
    def data(self) -> bytes:
        """The signed note as it is stored and sent."""
        return self.note.data

    def __str__(self) -> str:
        return self.data.decode()

    @property
    def head(self) -> tuple[int, bytes]:
        """Size and root, as `qms.ports.Store.verify` takes them."""
        return self.size, self.root

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """The checkpoint that a signed note holds; nothing of it is trusted.

        Raises:
            InvalidInput: a malformed note (`Note.parse`) or checkpoint: fewer than three lines, an empty one, a size with
                leading zeros, a root that is not 32 bytes in base64.
        """
        return cls.of(Note.parse(data))

    @classmethod
    def of(cls, note: Note) -> Self:
        """As `parse`, of a note that was parsed."""
        lines = note.text[:-1].split("\n")
        if len(lines) < 3:
            raise InvalidInput("a checkpoint has three lines: origin, size and root")
        origin, size, root, *extensions = lines
        return cls(origin, number_of(size, "the size"), bytes_of(root, "the root"), tuple(extensions), note.signatures)

    def sign(self, *signers: Signer, at: int | None = None) -> Self:
        """This checkpoint with the signatures of *signers* too; those of witnesses need *at*, in seconds since 1970.

        Nothing is judged here: `qms.custody.Trail.checkpoint` signs only what continues the checkpoint before.
        """
        made = (signer.sign(self.text, at if signer.kind == COSIGNATURE else None) for signer in signers)
        return self.with_signatures(made)

    def with_signatures(self, signatures: Iterable[Signature]) -> Self:
        """This checkpoint with *signatures* too, each once.

        Raises:
            InvalidInput: more than 16 signatures.
        """
        return evolve(self, signatures=tuple(dict.fromkeys((*self.signatures, *signatures))))


def open_note(data: bytes | str, trusted: Keys, *, origin: str | None = None, quorum: int = 0) -> CheckpointNote:
    """The checkpoint of the signed note *data*, once a key of *trusted* has signed it.

    Keys of the log (kind 1) must bear the name of the *origin* (default: the origin in the note); keys of witnesses
    (kind 4) among *trusted* are asked for their cosignatures, of which *quorum* are needed.

    Raises:
        InvalidInput: a malformed note or checkpoint, no key, or a quorum that is no number.
        Untrusted: signed by no trusted key, by one that was retired, a bad signature of a known one, another origin than
            was asked for, or too few witnesses.
    """
    if type(quorum) is not int or quorum < 0:
        raise InvalidInput(f"{quorum!r} is no number of witnesses", "quorum")
    ring = Keyring.of(trusted)
    note = Note.parse(data)
    found = CheckpointNote.of(note)
    if origin is not None and found.origin != origin:
        raise Untrusted(f"this is a checkpoint of {found.origin!r}, not of {origin!r}")
    names = {found.origin} if origin is None else {key.name for key in ring.of_kind(ED25519)}
    signed = verified(note, (key for key in ring.of_kind(ED25519) if key.name in names))
    if not signed:
        known = ", ".join(f"{key.name} ({key.id:08x})" for key in ring.of_kind(ED25519)) or "none"
        by = ", ".join(f"{one.name} ({one.key:08x})" for one in note.signatures)
        raise Untrusted(f"no trusted key signed this checkpoint of {found.origin!r}; trusted: {known}; signed by: {by}")
    if not any(each.covers(found.size) for each in ring.keys if each.key in signed):
        key = next(iter(signed))
        raise Untrusted(
            f"the key {key.name} ({key.id:08x}) is not trusted for a log of {found.size} records: it was retired, or came later"
        )
    if (there := len(cosignatures(note, ring))) < quorum:
        raise Untrusted(f"{there} of the witnesses that are trusted have signed; {quorum} must")
    return found


def cosignatures(note: Note | CheckpointNote, trusted: Keys) -> Mapping[VerifierKey, int]:
    """Which witnesses of *trusted* signed the note, and when (seconds since 1970, UTC).

    Raises:
        Untrusted: a cosignature in the name and id of one of them that is not its own.
    """
    note = note if isinstance(note, Note) else note.note
    signed = verified(note, Keyring.of(trusted).of_kind(COSIGNATURE))
    return {key: int.from_bytes(signature.value[:8], "big") for key, signature in signed.items()}
