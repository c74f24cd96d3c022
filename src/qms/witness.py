"""Witnesses: somebody else who saw the log grow, and says so under a key and a time (c2sp.org/tlog-witness).

    log --> "old 120", proof, checkpoint --> witness: known log? signed? where I was last? consistent? --> cosignature

Rule 1: a witness signs a checkpoint only when a proof shows that it continues the last one it signed of that log. So two
people who ask for the same witnesses cannot be shown two histories.
Rule 2: it keeps the new checkpoint before it answers; of two requests at once, the one that comes second is told to begin anew.
Rule 3: a request and its answer are bytes; how they travel (HTTP, a file on a stick) is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from attrs import frozen

from .checkpoint import (
    COSIGNATURE,
    CheckpointNote,
    Keyring,
    Keys,
    Signature,
    Signer,
    VerifierKey,
    base64_of,
    bytes_of,
    number_of,
    open_note,
)
from .errors import Conflict, InvalidInput, Untrusted
from .ports import Anchor
from .trail import EMPTY_ROOT, verify_consistency

__all__ = ["Answer", "Prove", "Send", "Witness", "ask", "read_request", "request"]

_MOST_HASHES = 63
_REFUSED: Mapping[int, str] = {400: "malformed", 403: "not signed by a known key", 404: "unknown log", 422: "not consistent"}


@frozen
class Answer:
    """What a witness answers: a status of HTTP and a body. 200: cosignature lines; 409: the size it saw last."""

    status: int
    body: bytes


Send: TypeAlias = Callable[[bytes], Answer]
"""Takes a request to a witness and brings its answer."""

Prove: TypeAlias = Callable[[int, int], "tuple[bytes, ...]"]
"""The proof that the log of the second size continues the log of the first."""


class Witness:
    """One witness: *signer* is its key (kind 4), *logs* the keys of each log it watches, by origin, *seen* what it saw last."""

    def __init__(self, signer: Signer, logs: Mapping[str, Keys], seen: Mapping[str, Anchor]) -> None:
        if signer.kind != COSIGNATURE:
            raise InvalidInput("a witness signs with a key of kind 4; make one with Signer.generate(name, COSIGNATURE)")
        if missing := sorted(set(logs) - set(seen)):
            raise InvalidInput(f"say where the last checkpoint of {', '.join(missing)} is kept", "seen")
        self.signer = signer
        self._logs = {origin: Keyring.of(keys) for origin, keys in logs.items()}
        self._seen = seen

    def add_checkpoint(self, body: bytes, at: int) -> Answer:
        """Judge the request *body* at the time *at* (seconds since 1970, UTC), and cosign what continues the log."""
        try:
            old, proof, note = read_request(body)
            found = CheckpointNote.parse(note)
        except InvalidInput as error:
            return _refused(400, error)
        ring = self._logs.get(found.origin)
        if ring is None:
            return _refused(404)
        try:
            found = open_note(note, ring, origin=found.origin)
        except Untrusted as error:
            return _refused(403, error)
        if old > found.size:
            return _refused(400)
        anchor = self._seen[found.origin]
        kept = anchor.last()
        last = None if kept is None else CheckpointNote.parse(kept)
        size = 0 if last is None else last.size
        if old != size:
            return Answer(409, f"{size}\n".encode())
        if not verify_consistency(size, found.size, proof, EMPTY_ROOT if last is None else last.root, found.root):
            return _refused(422)
        signature = self.signer.sign(found.text, at)
        try:
            anchor.keep(found.with_signatures([signature]).data.decode(), kept)
        except Conflict:
            return Answer(409, f"{CheckpointNote.parse(anchor.last() or '').size}\n".encode())
        return Answer(200, str(signature).encode())


def _refused(status: int, error: Exception | None = None) -> Answer:
    return Answer(status, f"{error or _REFUSED[status]}\n".encode())


def request(old: int, proof: tuple[bytes, ...], note: CheckpointNote) -> bytes:
    """The body of a request to cosign *note*, which continues a log of *old* records by *proof*."""
    lines = "".join(f"{base64_of(one)}\n" for one in proof)
    return f"old {old}\n{lines}\n{note}".encode()


def read_request(body: bytes) -> tuple[int, tuple[bytes, ...], bytes]:
    """The old size, the proof and the note of a request.

    Raises:
        InvalidInput: another shape, or a proof of more than 63 hashes.
    """
    if not isinstance(body, bytes):
        raise InvalidInput(f"a request is bytes, not {type(body).__name__}", "body")
    head, empty, note = body.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n", _MOST_HASHES + 1)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"a request begins with an ASCII line: {error}") from error
    if not empty or not first.startswith("old ") or len(lines) > _MOST_HASHES:
        raise InvalidInput(f'a request is "old SIZE", at most {_MOST_HASHES} hashes, an empty line, and the checkpoint')
    proof = tuple(bytes_of(line, "a hash of the proof") for line in lines)
    if any(len(one) != 32 for one in proof):
        raise InvalidInput("a hash of the proof has 32 bytes")
    return number_of(first.removeprefix("old "), "the old size"), proof, note


def ask(send: Send, key: VerifierKey, note: CheckpointNote, prove: Prove, old: int = 0) -> Signature:
    """The cosignature of the witness *key* on *note*; *old* is the size it is thought to have seen last.

    Raises:
        Untrusted: it refused, or answered with something else than its own cosignature.
    """
    for _ in range(3):
        answer: Any = send(request(old, prove(old, note.size), note))
        if not isinstance(answer, Answer) or not isinstance(answer.body, bytes):
            raise Untrusted(
                f"what was sent to the witness {key.name} brought {answer!r}; send gives an Answer of a status and bytes"
            )
        if answer.status != 409:
            break
        try:
            old = number_of(answer.body.decode("ascii").removesuffix("\n"), "the size")
        except ValueError as error:
            raise Untrusted(f"the witness {key.name} answered no size: {error}") from error
        if old > note.size:
            raise Untrusted(f"the witness {key.name} has seen {old} records of {note.origin!r}; this log has {note.size}")
    if answer.status != 200:
        raise Untrusted(
            f"the witness {key.name} refused ({answer.status}): {answer.body[:200].decode(errors='replace').strip()}"
        )
    try:
        given = map(Signature.parse, answer.body.decode().removesuffix("\n").split("\n"))
        found = next((one for one in given if (one.name, one.key) == (key.name, key.id)), None)
    except ValueError as error:
        raise Untrusted(f"the witness {key.name} answered no cosignature: {error}") from error
    if found is None or not key.verify(note.text, found.value):
        raise Untrusted(f"the witness {key.name} answered a cosignature that is not its own over this checkpoint")
    return found
