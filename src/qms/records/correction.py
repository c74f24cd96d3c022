"""The correction of an issued result: its forms and guards, and what has become of a result that was issued.

Rule 1: the first case is not changed. That its result was superseded is read from the correction that it is linked with.
Rule 2: an error of form takes a letter, one of content a document of equal form, what is unlawful is revoked (ND 30 art. 18(3)).

ND 61 = Decree 61/2018/ND-CP; ND 30 = Decree 30/2020/ND-CP.
"""

from __future__ import annotations

from attrs import field, frozen

from ..case import Attempt, Case, guard
from ..errors import Reason
from ..form import personal
from ..state import flat_get
from .checks import filled, one_of

__all__ = ["CorrectionDraft", "CorrectionHandOver", "ErrorFound", "ErrorReport", "ResultError", "result_stands"]

REMEDIES = {"form": "corrected", "content": "replaced", "unlawful": "revoked"}


@frozen(kw_only=True)
class ErrorReport:
    """What is wrong with a result that was issued."""

    what: str = field(validator=filled)
    evidence: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class ResultError:
    """An error in the result of *source_case*: who holds the result, who reported it, who drafted it; opaque ids all."""

    source_case: str = field(validator=filled)
    what: str = field(validator=filled)
    evidence: str | None = field(default=None, validator=filled)
    holder: str | None = field(default=None, validator=filled)
    reporter: str | None = field(default=None, validator=filled)
    first_drafter: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class ErrorFound:
    """The error that the office made: of which kind it is, and what shows it."""

    error: str = field(validator=one_of(*REMEDIES))
    evidence: str = field(validator=filled)


@frozen(kw_only=True)
class CorrectionDraft:
    """The draft: a letter of correction (``corrected``), a document in the place of the first, or a revocation."""

    remedy: str = field(validator=one_of(*REMEDIES.values()))
    summary: str = field(validator=filled)


@frozen(kw_only=True)
class CorrectionHandOver:
    """The holder of the first result was told, apologised to (ND 61 art. 21(1)), and given the new one."""

    apology: str = field(validator=filled)
    receiver: str | None = personal(default=None, validator=filled)
    identity: str = field(default="checked", validator=one_of("checked", "authorised", "unchecked"))


@guard("remedy-fits", reads_form=True)
def remedy_fits(attempt: Attempt) -> Reason | None:
    """The remedy is that of the kind of error (ND 30 art. 18(3))."""
    error, remedy = flat_get(attempt.case.particulars.axes, "error"), attempt.form.remedy
    needed = REMEDIES.get(error)
    return None if remedy == needed else Reason("remedy", error=error, remedy=remedy, needed=needed, clause="ND 30 art. 18(3)")


def result_stands(case: Case) -> str:
    """What has become of the result of a dossier: ``none`` (not issued), ``standing``, ``superseded`` or ``revoked``.

    A letter of correction and a document in its place supersede it; both results stay verifiable.
    """
    if case.date("finished_at") is None or case.outcome not in ("granted", "partly-granted", "refused"):
        return "none"
    ended = sorted((c.ended or 0, c.outcome) for c in case.linked("correction") if not c.open)
    words = [outcome for _, outcome in ended if outcome in REMEDIES.values()]
    return "standing" if not words else "revoked" if words[-1] == "revoked" else "superseded"
