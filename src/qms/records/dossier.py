"""The one-stop dossier: its forms, and the guards of its process.

Rule 1: forms are named by meaning and by the circular that prescribes them, never by number: the numbers moved in 2025.
Rule 2: a due date is computed, never typed. No form here has a field for one, except the apology, which makes a promise.
Rule 3: what identifies a person is marked personal and never enters the trail.
Rule 4: a guard is pure: it reads the attempt and answers a reason or nothing. Being overdue never blocks a result.

ND 61 = Decree 61/2018/ND-CP; TT 01 = Circular 01/2018/TT-VPCP; TT 03 = Circular 03/2025/TT-VPCP; ND 30 = Decree 30/2020/ND-CP.
"""

from __future__ import annotations

import pendulum
from attrs import field, frozen

from ..deadline import TimeLimit
from ..form import personal
from .checks import at_least, filled, one_of, some

__all__ = [
    "Apology",
    "Application",
    "ArchiveRecord",
    "Assignment",
    "ControlSlip",
    "Digitisation",
    "Dispatch",
    "DraftApology",
    "DraftResult",
    "DraftSupplement",
    "Extension",
    "FeeReceipt",
    "Guidance",
    "HandOver",
    "ObligationNotice",
    "ObligationReceipt",
    "OriginalsReceipt",
    "PapersAdded",
    "Reasoned",
    "Reassignment",
    "Receipt",
    "Refusal",
    "RegisterEntry",
    "SettledAtOnce",
    "Signature",
    "StandIn",
    "StopNotice",
    "SupplementRequest",
    "Survey",
    "Suspension",
    "VerificationMinutes",
    "VerificationPlan",
    "WithdrawalDenial",
    "WithdrawalReceipt",
    "WithdrawalRequest",
]

PROPOSALS = ("granted", "partly-granted", "refused")
CAPACITIES = ("head", "TM.", "KT.", "TUQ.", "TL.", "Q.")
EVIDENCE = ("wet", "click", "electronic", "digital-personal", "digital-official")


# At intake


@frozen(kw_only=True)
class Application:
    """The application as it comes in: who asks, through which channel, with which papers (TT 01 and TT 03: fields of the receipt).

    `applicant_id` is the opaque id of the applicant in the embedding system, never a number of a person.
    """

    applicant: str = personal(validator=filled)
    applicant_id: str | None = field(default=None, validator=filled)
    applicant_kind: str = field(default="citizen", validator=one_of("citizen", "business", "household-business", "agency"))
    representative: str | None = personal(default=None, validator=filled)
    representative_id: str | None = field(default=None, validator=filled)
    authority: str | None = field(default=None, validator=filled)
    channel: str = field(default="counter", validator=one_of("counter", "online", "post"))
    address: str | None = personal(default=None, validator=filled)
    phone: str | None = personal(default=None, validator=filled)
    email: str | None = personal(default=None, validator=filled)
    subject: str | None = personal(default=None, validator=filled)
    papers: tuple[str, ...] = ()
    sets_of_papers: int = field(default=1, validator=at_least(1))


@frozen(kw_only=True)
class SupplementRequest:
    """The request to supplement and complete a dossier (TT 01 form 02; TT 03 form 02): everything that is missing, at once.

    An item names the paper first, and after a colon what is missing or wrong: ``Bản vẽ thiết kế: thiếu chữ ký``.
    """

    items: tuple[str, ...] = field(validator=some)
    reason: str = field(validator=filled)
    basis: str = field(validator=filled)
    sent_through: str = field(default="one-stop-unit", validator=one_of("one-stop-unit", "division"))
    contact: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class PapersAdded:
    """The papers an applicant added after a request to supplement; each as it was received."""

    papers: tuple[str, ...] = field(validator=some)
    channel: str = field(default="counter", validator=one_of("counter", "online", "post"))


@frozen(kw_only=True)
class Receipt:
    """The receipt with the appointment to collect the result (TT 01 form 01; TT 03 form 01).

    The appointment itself is no field: it is the due date of the legal clock, printed from the case.
    """

    papers: tuple[str, ...] = ()
    originals: str = field(default="none", validator=one_of("none", "held"))
    fee: str = field(default="none", validator=one_of("none", "due", "paid", "waived"))
    fee_amount: int | None = field(default=None, validator=at_least(0))
    fee_receipt: str | None = field(default=None, validator=filled)
    collect_at: str = field(default="counter", validator=one_of("counter", "online", "post"))
    register_number: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class SettledAtOnce:
    """A result drafted at the counter; a receipt is given only on demand (ND 61 art. 17(4))."""

    proposal: str = field(default="granted", validator=one_of(*PROPOSALS))
    reason: str | None = field(default=None, validator=filled)
    basis: str | None = field(default=None, validator=filled)
    summary: str | None = field(default=None, validator=filled)
    originals: str = field(default="none", validator=one_of("none", "held"))
    fee: str = field(default="none", validator=one_of("none", "due", "paid", "waived"))
    receipt_asked: bool = False


@frozen(kw_only=True)
class Refusal:
    """The refusal to take or to settle a dossier (TT 01 form 03; TT 03 form 03): the reason and its legal basis.

    At intake it ends the dossier. After examination it is the draft of a result: signed, numbered, returned (ND 61 art. 19(8)).
    """

    reason: str = field(validator=filled)
    basis: str = field(validator=filled)


@frozen(kw_only=True)
class Guidance:
    """The guidance to the agency that is competent, for a dossier that came to the wrong one."""

    receiver: str = field(validator=filled)
    reason: str = field(validator=filled)


# In processing


@frozen(kw_only=True)
class ControlSlip:
    """One line of the control slip (TT 01 form 05; TT 03 form 06): what was handed over, and on what state of papers.

    Giver, receiver and the minute of the hand-over are the events' own.
    """

    papers: tuple[str, ...] = ()
    note: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class Reasoned:
    """A decision that needs nothing but its reason."""

    reason: str = field(validator=filled)


@frozen(kw_only=True)
class Assignment:
    """Who examines the dossier, by id."""

    officer: str = field(validator=filled)
    instruction: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class Reassignment:
    """Who examines the dossier from now on, and why it changes hands."""

    officer: str = field(validator=filled)
    reason: str = field(validator=filled)


@frozen(kw_only=True)
class StandIn:
    """Who stands in for the officer, between which days, and why; it never makes one person both sides of a duty."""

    officer: str = field(validator=filled)
    reason: str = field(validator=filled)
    since: pendulum.DateTime | None = None
    until: pendulum.DateTime | None = None


@frozen(kw_only=True)
class VerificationPlan:
    """The plan of a verification: where, when, by whom."""

    place: str = field(validator=filled)
    people: tuple[str, ...] = field(validator=some)
    planned_at: pendulum.DateTime | None = None
    question: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class VerificationMinutes:
    """The minutes of a verification, signed by those who were there."""

    findings: str = field(validator=filled)
    signed_by: tuple[str, ...] = field(validator=some)


@frozen(kw_only=True)
class DraftSupplement:
    """The draft of a request to supplement; it is sent by the one-stop unit when a head has agreed."""

    items: tuple[str, ...] = field(validator=some)
    reason: str = field(validator=filled)


@frozen(kw_only=True)
class DraftApology:
    """The draft of an apology."""

    reason: str = field(validator=filled)


@frozen(kw_only=True)
class ObligationNotice:
    """The notice of a tax, levy or charge that the law excludes from the limit; the basis names the exclusion."""

    kind: str = field(validator=one_of("land-use-levy", "land-rent", "registration-fee", "income-tax", "other-by-law", "service-fee"))
    amount: int = field(validator=at_least(0))
    basis: str = field(validator=filled)
    number: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class ObligationReceipt:
    """The receipt of a payment to the state: its number and the instant it was paid."""

    number: str = field(validator=filled)
    paid_at: pendulum.DateTime
    amount: int | None = field(default=None, validator=at_least(0))


@frozen(kw_only=True)
class Suspension:
    """The decision to suspend, for a ground of the closed list, with its basis and the time it lasts."""

    ground: str = field(validator=one_of("public-posting", "council", "court", "complaint", "other-procedure"))
    reason: str = field(validator=filled)
    basis: str = field(validator=filled)
    period: TimeLimit


@frozen(kw_only=True)
class Extension:
    """The decision to extend the legal limit, where the sector law allows it."""

    period: TimeLimit
    reason: str = field(validator=filled)
    basis: str = field(validator=filled)


@frozen(kw_only=True)
class DraftResult:
    """The draft of a result: what is proposed, and the criteria it was checked against."""

    proposal: str = field(default="granted", validator=one_of(*PROPOSALS))
    summary: str | None = field(default=None, validator=filled)
    checklist: tuple[str, ...] = ()
    reason: str | None = field(default=None, validator=filled)
    basis: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class Signature:
    """The evidence of a signature: the capacity as printed (ND 30 art. 13) and how it was signed."""

    capacity: str = field(default="head", validator=one_of(*CAPACITIES))
    evidence: str = field(default="wet", validator=one_of(*EVIDENCE))
    document_hash: str | None = field(default=None, validator=filled)
    certificate: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class RegisterEntry:
    """Number and seal: the entry of an issued document in the register (ND 30 art. 15, 18(1), 32)."""

    number: str = field(validator=filled)
    seal: str = field(default="seal", validator=one_of("seal", "agency-signature"))


@frozen(kw_only=True)
class Apology:
    """The apology with a new date (TT 01 form 04; TT 03 form 04): the reason of the delay and when the result will be there."""

    reason: str = field(validator=filled)
    new_date: pendulum.DateTime
    sent_by: str = field(default="paper", validator=one_of("paper", "email", "sms", "portal"))


@frozen(kw_only=True)
class StopNotice:
    """The notice that work on the dossier stops (TT 03 form 05): one of a closed list of grounds, reason and basis."""

    ground: str = field(validator=one_of("no-supplement", "obligation-unpaid", "object-gone", "court", "forged-papers", "other-by-law"))
    reason: str = field(validator=filled)
    basis: str = field(validator=filled)


@frozen(kw_only=True)
class Digitisation:
    """How far the papers are digitised."""

    level: str = field(validator=one_of("scanned", "signed"))
    files: tuple[str, ...] = ()


# Withdrawal


@frozen(kw_only=True)
class WithdrawalRequest:
    """The applicant's request to withdraw; a reason is not asked for."""

    reason: str | None = personal(default=None, validator=filled)


@frozen(kw_only=True)
class WithdrawalReceipt:
    """What the applicant got back on withdrawing."""

    originals: str = field(default="none", validator=one_of("none", "held", "returned", "lost"))
    receipt: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class WithdrawalDenial:
    """Why a withdrawal is denied: only rights of others or a decision already signed can be the ground."""

    ground: str = field(validator=one_of("third-party-rights", "signed-decision"))
    reason: str = field(validator=filled)
    basis: str = field(validator=filled)


# After finishing


@frozen(kw_only=True)
class FeeReceipt:
    """The receipt of a fee, paid or refunded."""

    number: str = field(validator=filled)
    amount: int = field(validator=at_least(0))


@frozen(kw_only=True)
class Dispatch:
    """The result on its way: who carries it, under which number."""

    carrier: str = field(validator=filled)
    number: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class HandOver:
    """The result in the applicant's hands: who took it, how that was checked, and what became of the originals."""

    receiver: str | None = personal(default=None, validator=filled)
    proof: str = field(default="signature", validator=one_of("signature", "delivery-proof", "portal-download"))
    identity: str = field(default="checked", validator=one_of("checked", "authorised", "unchecked"))
    originals: str = field(default="none", validator=one_of("none", "held", "returned", "lost"))


@frozen(kw_only=True)
class OriginalsReceipt:
    """The originals are back with their owner."""

    receiver: str | None = personal(default=None, validator=filled)
    note: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class Survey:
    """How the applicant found it; what is not answered stays unanswered, and no answer is ever a default.

    Answers go from ``very-dissatisfied`` to ``very-satisfied``.
    """

    overall: str | None = personal(default=None, validator=one_of(*("very-dissatisfied", "dissatisfied", "neutral", "satisfied", "very-satisfied")))
    timeliness: str | None = personal(default=None, validator=one_of("very-dissatisfied", "dissatisfied", "neutral", "satisfied", "very-satisfied"))
    attitude: str | None = personal(default=None, validator=one_of("very-dissatisfied", "dissatisfied", "neutral", "satisfied", "very-satisfied"))
    guidance: str | None = personal(default=None, validator=one_of("very-dissatisfied", "dissatisfied", "neutral", "satisfied", "very-satisfied"))
    comment: str | None = personal(default=None, validator=filled)


@frozen(kw_only=True)
class ArchiveRecord:
    """The hand-over to the archive: two lists and two minutes (ND 30 art. 30)."""

    lists: tuple[str, ...] = field(validator=some)
    minutes: tuple[str, ...] = field(validator=some)
