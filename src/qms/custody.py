"""The trail in an organization's custody: verified, signed, proved to others.

Rule 1: what the log holds is told by the log; nothing here is kept beside it but the checkpoints, and these elsewhere.
Rule 2: without a trusted checkpoint a check can say "consistent", never "complete".
Rule 3: nothing is signed that does not continue what was signed before, by a proof that is made and verified anew.
Rule 4: a key is replaced by a record in the log, signed under both keys.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import pendulum

from . import archive, disposal, erasure, pruning, reading, rotation
from .casebook import DENIALS, Casebook, ended
from .checkpoint import COSIGNATURE, ED25519, CheckpointNote, Keyring, Keys, Signer, VerifierKey, open_note
from .errors import Conflict, Inconsistent, InvalidInput, NotFound, Reason, StoreError, Untrusted, said
from .event import Event, read
from .evidence import Evidence, make_evidence
from .feed import cloudevents
from .instants import to_us
from .limits import TimeLimit
from .ports import Anchor, Checkpoint, Fold, Log, Progress, Store, Verification, Write
from .state import Case
from .trail import EMPTY_ROOT, verify_consistency
from .witness import Send, ask

__all__ = ["Anchors", "Given", "Trail", "trusted_head"]

TRIES = 8
_SPANS = ("days", "weeks", "months", "years")

Anchors: TypeAlias = "Anchor | Callable[[str], object] | Sequence[Anchor | Callable[[str], object]]"
"""Where signed checkpoints go: an anchor, or a callable that sends the note elsewhere, or several of them."""

Given: TypeAlias = "CheckpointNote | Checkpoint | bytes | str | Path"
"""A checkpoint as people have it: opened, a trusted (size, root), the text of a note, or the path of its file."""


class Trail:
    """The trail of an organization: verified, signed, and proved to others.

    *fold* makes the rows that `verify` compares; *recorded* is now (µs UTC); *settled* whether what is read can no longer be
    taken back. *anchor* is where `checkpoint` keeps what it signed, and where `verify` finds it; *keys* are those it is
    verified by.
    """

    def __init__(
        self,
        store: Store,
        fold: Fold | None = None,
        *,
        recorded: Callable[[], int],
        settled: Callable[[], bool] = lambda: True,
        anchor: Anchors | None = None,
        keys: Keys = (),
        book: Casebook | None = None,
        looks: reading.Looks | None = None,
    ) -> None:
        self._store = store
        self._book = book
        self._kept: erasure.Kept | None = None if book is None else book.kept
        self._looks = looks or reading.Looks(store, recorded, on=False)
        self._fold = fold
        self._recorded = recorded
        self._settled = settled
        self._anchors = _anchors(anchor)
        self._keys: Keys = Keyring.of(keys) if keys else ()

    @property
    def _log(self) -> Log:
        log: Any = self._store
        return log  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """How many records it holds."""
        return self._log.size

    @property
    def root(self) -> bytes:
        """The RFC 6962 root over all of them."""
        return self._log.root()

    def verify(
        self,
        checkpoint: Given | None = None,
        progress: Progress | None = None,
        *,
        keys: Keys = (),
        since: Given | None = None,
        level: str = "semantics",
    ) -> Verification:
        """Whether every byte, the tree, the streams, private values and the rows are as they were written.

        With a *checkpoint*, given or in the anchor, it says "complete" or names what is missing; without one it can say
        "consistent", never "complete". A signed note is opened by *keys*, or those the organization was made with.

        *since* is a checkpoint, or size and root of an earlier verification, after which is gone on: what it covered is met by
        its root, and not read again. *level* is how far to go: ``bytes``, ``tree``, ``streams`` or ``semantics``.

        Raises:
            InvalidInput: a malformed note, or a note and no keys; no such level.
            Untrusted: a note that no trusted key signed.
        """
        if checkpoint is None:
            checkpoint = self._last()
        head = None if checkpoint is None else trusted_head(self._store, checkpoint, keys or self._keys)
        begun = None if since is None else trusted_head(self._store, since, keys or self._keys)
        return self._store.verify(self._fold, head, progress, since=begun, level=level)

    def _last(self) -> str | None:
        """The largest checkpoint that an anchor has."""
        notes = [note for anchor in self._anchors if (note := anchor.last()) is not None]
        return max(notes, key=lambda note: CheckpointNote.parse(note).size, default=None)

    # Signing

    def checkpoint(
        self,
        signers: Signer | Sequence[Signer],
        *,
        anchor: Anchors | None = None,
        witnesses: Mapping[str, Send] | None = None,
    ) -> CheckpointNote:
        """The log as it is now, signed; kept in every *anchor* (default: the organization's) before it is given back.

        *signers* bear the name of the log, which is the origin. *witnesses* are asked, by vkey, for their cosignatures.

        Raises:
            Inconsistent: the log does not continue the checkpoint in an anchor: nothing was signed.
            Untrusted: that checkpoint was signed by none of these keys, nor one before them; a signer that was retired; keys
                of the log that fork; a witness that refused.
            InvalidInput: no signer, signers of different names, the key of a witness, or a transaction that is open.
            Conflict: others signed at the same time again and again.
        """
        signing = _signers([signers] if isinstance(signers, Signer) else signers)
        names = {signer.name for signer in signing}
        if len(names) != 1 or any(signer.kind != ED25519 for signer in signing):
            raise InvalidInput("a checkpoint is signed by the keys of the log, which bear its name, all the same", "signers")
        if not self._settled():
            raise InvalidInput(
                "what is not committed may be taken back, and is not signed; sign after the commit, over a store of its own"
            )
        anchors = self._anchors if anchor is None else _anchors(anchor)
        origin = names.pop()
        for _ in range(TRIES):
            lasts = [one.last() for one in anchors]
            size = self._log.size  # before the rotations: a key that is replaced meanwhile signs no more than it may
            ring = rotation.in_force([signer.key for signer in signing], self.rotations())
            made = CheckpointNote(origin, size, self._log.root(size))
            for signer in signing:
                if not any(each.covers(size) for each in ring.keys if each.key == signer.key):
                    raise Untrusted(f"the key {signer.vkey} was retired; sign with the one that replaced it")
            old = [self._continues(made, note, ring) for note in lasts if note is not None]
            signed = self._witnessed(made.sign(*signing), witnesses or {}, max(old, default=0))
            note = str(signed)
            try:
                for one, last in zip(anchors, lasts, strict=True):
                    if last != note:
                        one.keep(note, last)
            except Conflict:
                continue
            return signed
        raise Conflict(f"other signers were first {TRIES} times; try again")

    def _continues(self, made: CheckpointNote, note: str, ring: Keyring) -> int:
        """The size that *note* covers, once *made* was shown to continue it."""
        last = open_note(note, ring, origin=made.origin)
        _not_cut(made.origin, made.size, last.size)
        proof = self._log.consistency(last.size, made.size)
        if not verify_consistency(last.size, made.size, proof, last.root, made.root):
            raise Inconsistent(
                f"the log of {made.origin!r} was written anew: its first {last.size} records are not those that were signed over;"
                " verify it with that checkpoint"
            )
        return last.size

    def _witnessed(self, signed: CheckpointNote, witnesses: Mapping[str, Send], old: int) -> CheckpointNote:
        for vkey, send in witnesses.items():
            key = VerifierKey.parse(vkey)
            if key.kind != COSIGNATURE:
                raise InvalidInput(f"{vkey} is no key of a witness (kind 4)", "witnesses")
            signed = signed.with_signatures([ask(send, key, signed, self._log.consistency, old)])
        return signed

    # Keys

    def rotate(self, old: Signer, new: Signer, *, by: str, reason: str) -> rotation.Rotation:
        """Replace the key *old* of the log by *new*, by a record that both sign; *old* signs nothing from then on.

        Sign a checkpoint with *new* right after it, and hand out its key.

        Raises:
            InvalidInput: what is no key, keys of different names, the same key twice, nobody who does it, or no reason.
            Untrusted: *old* was retired already, or *new* is not new.
            Inconsistent: a checkpoint in an anchor covers more records than there are.
            Conflict: others wrote to the log again and again.
        """
        _signers((old, new))
        said(by, "by")
        said(reason, "reason")
        for _ in range(TRIES):
            try:
                with self._store.transaction():
                    return self._rotated(old, new, by, reason)
            except Conflict:
                continue
        raise Conflict(f"other writers were first {TRIES} times; try again")

    def _rotated(self, old: Signer, new: Signer, by: str, reason: str) -> rotation.Rotation:
        """The rotation, appended in the transaction that is open: between its size and its record nobody signs."""
        known = self.rotations()
        size = self._log.size
        head = size, self._log.root(size)
        found = rotation.Rotation(old.name, *head, old.key, new.key)
        rotation.in_order((*known, found))
        last = self._last()
        if last is not None:
            _not_cut(old.name, size, CheckpointNote.parse(last).size)
        record = rotation.rotation_record(len(known) + 1, head, old, new, self._recorded(), by, reason)
        self._store.append([Write(rotation.STREAM, len(known), (record,))])
        if self._log.size > size + 1:
            raise Conflict("records came between, and the old key may have signed over them")
        return found

    def rotations(self) -> tuple[rotation.Rotation, ...]:
        """The rotations of keys that the log records."""
        return rotation.rotations(self._store.read(rotation.STREAM), _begins(self._log))

    def keyring(self, keys: Keys = ()) -> Keyring:
        """*keys* (default: the organization's) with those before and after them by the log, and the sizes each covers."""
        return rotation.in_force(keys or self._keys, self.rotations())

    # Erasing

    def erase(
        self,
        *,
        case: str | None = None,
        subject: str | None = None,
        paths: Collection[str] | None = None,
        basis: str,
        by: str,
    ) -> erasure.Erasure:
        """Erase the personal values of a *case*, or of all cases of a *subject*, at *paths* (default: all).

        The fact enters the log first; every record, hash and proof stays as it is.

        Raises:
            Denied: a case is open, within its time of retention, or on hold; every reason, and until when. Nothing was erased.
            InvalidInput: neither or both of case and subject, no basis, or a transaction that is open.
            NotFound: no such case, or no case of that subject.
            StoreError: recorded, and not removed from everywhere yet; do it again.
        """
        if (case is None) == (subject is None):
            raise InvalidInput("say one of case and subject", "case")
        if not self._settled():
            raise InvalidInput("what is not committed may be taken back; erase after the commit, over a store of its own")
        cases = (case,) if case is not None else erasure.of_subject(self._store, str(subject))
        if not cases or (case is not None and not self._store.length(case)):
            raise NotFound(f"no case {case!r} in this store" if case is not None else f"no case of {subject!r} in this store")
        return erasure.erase(self._store, cases, at=self._recorded(), by=by, basis=basis, paths=paths, kept=self._kept)

    def hold(self, *cases: str, by: str, basis: str) -> None:
        """Keep the personal values of *cases*, and their records, for a dispute or an inspection, until `release`.

        Raises:
            NotFound: no such case.
            InvalidInput: no case, no basis, or nobody who decides.
        """
        erasure.hold(self._store, cases, at=self._recorded(), by=by, basis=basis)

    def release(self, *cases: str, by: str, basis: str) -> None:
        """End the hold on *cases*.

        Raises:
            NotFound: no such case.
            InvalidInput: a case that is not on hold, no basis, or nobody who decides.
        """
        erasure.hold(self._store, cases, at=self._recorded(), by=by, basis=basis, release=True)

    def holds(self) -> tuple[erasure.Hold, ...]:
        """The cases that are on hold."""
        return erasure.holds(self._store)

    def erasures(self) -> tuple[erasure.Erasure, ...]:
        """Every erasure that the log records."""
        return erasure.erasures(self._store)

    def personal(self, case: str) -> tuple[erasure.Personal, ...]:
        """The personal values of *case*; those erased say so."""
        self._looks.note("personal", case)
        return erasure.personal(self._store, case)

    def lost(self) -> tuple[tuple[str, int, str], ...]:
        """The personal values, by stream, record and path, that are gone though no erasure is recorded."""
        return tuple(erasure.missing(self._store))

    # Handing over, destroying, pruning

    def due_for_archive(
        self, within: TimeLimit | str | None = None, at: datetime | None = None, *, years: int = 1, soon: int = 30
    ) -> tuple[archive.Due, ...]:
        """The ended cases that were not handed over to the archive, the earliest due first; see `qms.archive.due_for_archive`.

        *within* (``"3 months"``) leaves out those due later than that from *at* (default now); *soon* is days before the due.
        """
        span = None
        if within is not None:
            parts = TimeLimit.parse(within).parts if isinstance(within, str) else within.parts
            span = pendulum.duration(**{part.unit: part.amount for part in parts if part.unit in _SPANS})
            if any(part.unit not in _SPANS for part in parts):
                raise InvalidInput(f"{within} is not told in days, weeks, months or years", "within")
        instant = self._recorded() if at is None else to_us(at)
        self._looks.note("due-for-archive", within=None if within is None else str(within), at=instant)
        return archive.due_for_archive(self._store, self._ended_case, ended, instant, within=span, years=years, soon=soon)

    def archive_list(self, *cases: str) -> archive.ArchiveList:
        """The list of *cases* to be handed over, with its minutes, to be printed and signed.

        Raises:
            Denied: a case is open, or was handed over; every reason.
            NotFound: no such case.
        """
        book = self._cases()
        for case in cases:
            self._looks.note("archive-list", case)
        return archive.listed(self._store, book.name, [self._ended_case(each) for each in cases], ended, book.retention)

    def hand_over(
        self, *cases: str, by: str, to: str, lists: Collection[bytes], minutes: Collection[bytes]
    ) -> archive.HandOver:
        """Record that *cases* went to the archive *to*, with the signed copies: two *lists*, two *minutes*, as files.

        Raises:
            Denied: a case is open or was handed over, or copies are missing; every reason. Nothing was recorded.
            NotFound: no such case.
        """
        found = [self._ended_case(each) for each in cases]
        return archive.hand_over(self._store, found, at=self._recorded(), by=by, to=to, lists=lists, minutes=minutes)

    def hand_overs(self) -> tuple[archive.HandOver, ...]:
        """Every hand-over to an archive that the log records."""
        return archive.hand_overs(self._store)

    def against_destroying(self, case: Case, events: Iterable[Event]) -> tuple[Reason, ...]:
        """What keeps the cases that the list *case* names, where *events* would approve it."""
        if not disposal.is_destruction(case) or not any(getattr(event, "action", "") == disposal.ACTION for event in events):
            return ()
        return disposal.against(self._store, disposal.listed_in(self._history(case.id))[0], self._kept)

    def destroyed(self, case: Case) -> None:
        """Carry out the list *case* where it was approved just now; inside a transaction, `certify` does it after the commit."""
        if disposal.is_destruction(case) and case.closed and case.outcome == disposal.OUTCOME and self._settled():
            self.certify(case.id)

    def certify(self, case: str) -> disposal.Certificate:
        """The certificate of the destruction list *case*; what is not destroyed yet is destroyed first.

        Raises:
            Denied: it was not approved, or something keeps a case of it.
            NotFound: no such case.
            InvalidInput: it is no list for destruction, or a transaction is open.
            StoreError: recorded, and not removed from everywhere yet; do it again.
        """
        if not self._settled():
            raise InvalidInput("what is not committed may be taken back; destroy after the commit, over a store of its own")
        found = self._cases().current(case, fresh=True)
        return disposal.carry_out(self._store, found, self._history(case), self._recorded(), self._kept)

    def certificates(self) -> tuple[disposal.Certificate, ...]:
        """Every certificate of destruction that the log holds."""
        return disposal.certificates(self._store)

    def prune(self, checkpoint: Given | None = None, *, by: str, basis: str, keys: Keys = ()) -> pruning.Pruning:
        """Drop the bodies of ended cases that a signed *checkpoint* (default: the one in the anchor) covers; hashes stay.

        Only cases that nothing keeps and no personal values are left of; the decision enters the log first.

        Raises:
            InvalidInput: no checkpoint, no basis, a store that cannot prune, or a transaction that is open.
            Untrusted: no trusted key signed the checkpoint.
            Inconsistent: it is not one of this log.
        """
        if not self._settled():
            raise InvalidInput("what is not committed may be taken back; prune after the commit, over a store of its own")
        note = _note(checkpoint if checkpoint is not None else self._last())
        size, root = trusted_head(self._store, note, keys or self._keys)
        self._is_of_this_log(note)
        book = self._cases()
        facts: dict[str, Any] = {"at": self._recorded(), "by": by, "basis": basis, "kept": book.kept}
        return pruning.prune(self._store, size, root, **facts, family=book.family, forget=book.forget)

    def prunings(self) -> Sequence[pruning.Pruning]:
        """Every decision to prune that the log records."""
        return pruning.prunings(self._store)

    # Following and looking

    def cloudevents(self, after: int = 0) -> Iterator[dict[str, Any]]:
        """The log from position *after* + 1 on as CloudEvents, at least once; see `qms.feed`."""
        self._looks.note("export", form="cloudevents", after=after)
        return cloudevents(self._store, self._cases().name, after)

    def reads(self, case: str | None = None) -> tuple[reading.Look, ...]:
        """Who looked at *case*; without one, who looked at lists and took exports. Empty unless looks are recorded."""
        return reading.looks(self._store, case)

    def denials(self, case: str) -> tuple[reading.Denial, ...]:
        """The denied attempts on *case*."""
        return reading.denials(self._store, DENIALS + case, case)

    def _cases(self) -> Casebook:
        if self._book is None:
            raise InvalidInput("this trail knows no cases; ask that of an organization")
        return self._book

    def _ended_case(self, case: str) -> Case:
        book = self._cases()
        return book.viewed(book.current(case, fresh=True), self._recorded())

    def _history(self, case: str) -> list[Event]:
        return [read(entry.data) for entry in self._cases().entries(case)]

    def _is_of_this_log(self, note: CheckpointNote) -> None:
        if note.size > self._log.size or self._log.root(note.size) != note.root:
            raise Inconsistent(f"the checkpoint of {note.origin!r} over {note.size} records is not one of this log")

    # Proving

    def evidence(
        self,
        id: str,  # noqa: A002 - the word of the domain
        seq: int | None = None,
        *,
        checkpoint: Given | None = None,
        disclose: Collection[str] | bool = False,
    ) -> Evidence:
        """The file that proves the records of the case *id*, or its record *seq*, under a signed *checkpoint*.

        The checkpoint (default: the one in the anchor) must cover them. Personal values stay sealed unless *disclose* is
        true or names their paths (``form.applicant``).

        Raises:
            NotFound: no such case or record, or one that was pruned.
            InvalidInput: no checkpoint, one that is not signed or does not cover the records; a path at which they seal nothing.
            Inconsistent: the checkpoint is not of this log.
        """
        note = _note(checkpoint if checkpoint is not None else self._last())
        self._is_of_this_log(note)
        self._looks.note("evidence", id, seq=seq)
        entries = (
            list(self._store.read(id)) if seq is None else [one for one in self._store.read(id, seq - 1) if one.seq == seq]
        )
        if not entries:
            raise NotFound(f"no case {id!r} in this store" if seq is None else f"{id!r} has no record {seq}")
        private = (self._store.private(id, entry.seq) for entry in entries)
        return make_evidence(entries, self._log, note, private, disclose)


def _not_cut(origin: str, size: int, signed: int) -> None:
    if signed > size:
        raise Inconsistent(
            f"the log of {origin!r} has {size} records, and a checkpoint was signed over {signed}: records"
            f" {size + 1} to {signed} are missing; find out why, put them back, then sign"
        )


class _Sending:
    """A callable as an anchor: it is sent each note, and the last is remembered as long as the process lives."""

    def __init__(self, send: Callable[[str], object]) -> None:
        self._send = send
        self._note: str | None = None

    def last(self) -> str | None:
        return self._note

    def keep(self, note: str, after: str | None) -> None:
        if self._note != after:
            raise Conflict("another checkpoint was sent meanwhile; sign anew")
        self._send(note)
        self._note = note


def _signers(given: Any) -> list[Signer]:
    found = list(given) if isinstance(given, Iterable) else [given]
    for one in found:
        if not isinstance(one, Signer):  # not repeated: it may be a secret
            raise InvalidInput(f"{type(one).__name__} is no key that signs; read it by Signer.parse", "signers")
    return found


def _anchors(given: Anchors | None) -> list[Anchor]:
    several: Sequence[Any] = [] if given is None else given if isinstance(given, (list, tuple)) else [given]
    return list(map(_anchor, several))


def _anchor(given: Any) -> Anchor:
    if callable(getattr(given, "keep", None)) and callable(getattr(given, "last", None)):
        return given  # type: ignore[no-any-return]
    if not callable(given):
        raise InvalidInput(f"{given!r} is no anchor; write FileAnchor(path) for a file, or give what sends a note", "anchor")
    return _Sending(given)


def _note(given: Given | None) -> CheckpointNote:
    if given is None:
        raise InvalidInput("name a signed checkpoint, or keep one in an anchor first", "checkpoint")
    if isinstance(given, CheckpointNote):
        return given
    if isinstance(given, tuple):
        raise InvalidInput("a size and a root are not signed, and prove nothing to others; give the note", "checkpoint")
    return CheckpointNote.parse(_text(given))


def _text(given: bytes | str | Path) -> bytes | str:
    """The note itself; a text without a line end is the path of its file."""
    if isinstance(given, bytes) or (isinstance(given, str) and "\n" in given):
        return given
    if not isinstance(given, (str, os.PathLike)):
        raise InvalidInput(f"{given!r} is no checkpoint; give a note, or the path of its file", "checkpoint")
    try:
        return Path(given).read_bytes()
    except (OSError, ValueError) as error:
        raise InvalidInput(f"the checkpoint cannot be read: {getattr(error, 'strerror', None) or error}", str(given)) from error


def trusted_head(store: Store, given: Given, keys: Keys) -> Checkpoint:
    """The size and root of a checkpoint, once *keys*, or those before and after them by the log of *store*, have signed it.

    A tuple is trusted as it is.

    Raises:
        InvalidInput: a malformed note, or no keys.
        Untrusted: no trusted key signed it, or it was retired; or the log's keys fork (`qms.rotation.in_order`).
    """
    if isinstance(given, tuple):
        return _head(given)
    data = given.data if isinstance(given, CheckpointNote) else _text(given)
    return open_note(data, rotation.in_force(keys, _told(store))).head


def _head(given: tuple[object, ...]) -> Checkpoint:
    """What is given for size and root, once it is such."""
    match given:
        case int() as size, bytes() as root if type(size) is int and size >= 0 and len(root) == len(EMPTY_ROOT):
            return size, root
    raise InvalidInput(f"a checkpoint is a size and a root of {len(EMPTY_ROOT)} bytes, not {given!r}", "checkpoint")


def _told(store: Store) -> Iterator[rotation.Rotation]:
    """The rotations that the store tells, as far as they can be read: what is damaged is a finding of its own."""
    with suppress(StoreError):
        log: Any = store
        yield from rotation.readable(store.read(rotation.STREAM), _begins(log))


def _begins(log: Log) -> rotation.Begins:
    return lambda head: head[0] <= log.size and log.root(head[0]) == head[1]
