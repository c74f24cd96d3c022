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

from ..calendar import to_us
from ..case import Attempt, guard
from ..counting import is_over
from ..errors import Reason
from ..form import personal
from ..limits import CountingRule, TimeLimit
from ..signatures import LEVELS
from ..standing import lead_until
from ..state import Case, flat_get
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
    "ended_at",
]

# Words of the forms

PROPOSALS = ("granted", "partly-granted", "refused")
CAPACITIES = ("head", "TM.", "KT.", "TUQ.", "TL.", "Q.")
ANSWERS = ("very-dissatisfied", "dissatisfied", "neutral", "satisfied", "very-satisfied")


# At intake


@frozen(kw_only=True)
class Application:
    """The application as it comes in: who asks, through which channel, with which papers (TT 01 and TT 03: fields of the receipt).

    `applicant_id` is the opaque id of the applicant in the embedding system, never a number of a person; `previous` the
    dossier that this one takes up again.
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
    previous: str | None = field(default=None, validator=filled)


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

    kind: str = field(
        validator=one_of("land-use-levy", "land-rent", "registration-fee", "income-tax", "other-by-law", "service-fee")
    )
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
    """The evidence of a signature: the capacity as printed (ND 30 art. 13) and how it was signed; see `qms.signatures`.

    A certificate names a person and is sealed; its hash stands in the event.
    """

    capacity: str = field(default="head", validator=one_of(*CAPACITIES))
    evidence: str = field(default="wet", validator=one_of(*LEVELS))
    document_hash: str | None = field(default=None, validator=filled)
    certificate: str | None = personal(default=None, validator=filled)
    signature: str | None = field(default=None, validator=filled)


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

    ground: str = field(
        validator=one_of("no-supplement", "obligation-unpaid", "object-gone", "court", "forged-papers", "other-by-law")
    )
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
    """What the applicant got back on withdrawing; `originals` is left out where none were held."""

    originals: str | None = field(default=None, validator=one_of("returned", "lost"))
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
    """The result in the applicant's hands: who took it, how that was checked, and what became of originals that were held."""

    receiver: str | None = personal(default=None, validator=filled)
    proof: str = field(default="signature", validator=one_of("signature", "delivery-proof", "portal-download"))
    identity: str = field(default="checked", validator=one_of("checked", "authorised", "unchecked"))
    originals: str | None = field(default=None, validator=one_of("returned", "lost"))


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

    overall: str | None = personal(default=None, validator=one_of(*ANSWERS))
    timeliness: str | None = personal(default=None, validator=one_of(*ANSWERS))
    attitude: str | None = personal(default=None, validator=one_of(*ANSWERS))
    guidance: str | None = personal(default=None, validator=one_of(*ANSWERS))
    comment: str | None = personal(default=None, validator=filled)


@frozen(kw_only=True)
class ArchiveRecord:
    """The hand-over to the archive: two lists and two minutes (ND 30 art. 30)."""

    lists: tuple[str, ...] = field(validator=some)
    minutes: tuple[str, ...] = field(validator=some)


# Guards: what a procedure says


def _axis(attempt: Attempt, name: str) -> str | None:
    value: str | None = flat_get(attempt.case.particulars.axes, name)
    return value


def _date(attempt: Attempt, name: str) -> int | None:
    value: int | None = flat_get(attempt.case.particulars.dates, name)
    return value


def blank_of(attempt: Attempt, name: str) -> str | None:
    """What the procedure says in the blank *name*, or its default."""
    bound = attempt.context.process
    blank = bound.definition.blanks[name]
    return bound.procedure.definition.blanks.get(name, blank.default) if bound.procedure else blank.default


@guard("blank-is", reads_form=False)
def blank_is(attempt: Attempt, *, blank: str, value: str) -> Reason | None:
    """Refused where the procedure says anything but *value* in *blank*: what sector law does not give is not there."""
    said = blank_of(attempt, blank)
    return None if said == value else Reason("procedure-says", blank=blank, value=said, needed=value)


@guard("papers-on-list", reads_form=True)
def papers_on_list(attempt: Attempt) -> Reason | None:
    """No paper outside the published list may be asked for (ND 61 art. 5(1)dd)."""
    procedure = attempt.context.process.procedure
    listed = {paper.casefold() for paper in procedure.definition.papers} if procedure else set()
    strange = [item for item in attempt.form.items if item.partition(":")[0].strip().casefold() not in listed]
    return Reason("paper-not-listed", papers=tuple(strange), clause="ND 61 art. 5(1)dd") if listed and strange else None


# Who acts, judged by guards


@guard("representative-authority", reads_form=True)
def representative_authority(attempt: Attempt) -> Reason | None:
    """Who acts for another shows the authority to (Civil Code 2015 art. 134-141)."""
    form = attempt.form
    named = form.representative or form.representative_id
    missing = named and not form.authority
    return Reason("no-power-of-attorney", representative=form.representative_id or "unnamed") if missing else None


@guard("no-conflict", reads_form=True)
def no_conflict(attempt: Attempt) -> Reason | None:
    """Nobody is given their own dossier."""
    officer, parts = attempt.form.officer, attempt.case.parts
    for part in ("applicant", "representative"):
        if parts.get(part) == officer:
            return Reason("conflict-of-interest", officer=officer, part=part, clause="5.3")
    return None


@guard("officer-apart", reads_form=True)
def officer_apart(attempt: Attempt, **others: list[str]) -> Reason | None:
    """The officer is another person than whoever did the actions *from*; a published definition may waive it."""
    officer, doers = attempt.form.officer, attempt.case.doers
    for action in others["from"]:
        if officer in doers.get(action, ()):
            return Reason("officer-not-apart", officer=officer, with_action=action, clause="5.3")
    return None


@guard("is-assignee", reads_form=False)
def is_assignee(attempt: Attempt) -> Reason | None:
    """Only the officer the dossier was assigned to works on it."""
    assignee = attempt.case.parts.get("assignee")
    return None if assignee in (None, attempt.actor) else Reason("not-assigned", actor=attempt.actor, assignee=assignee)


@guard("enough-people", reads_form=True)
def enough_people(attempt: Attempt) -> Reason | None:
    """Minutes are signed by two people at least where the procedure says so."""
    alone = blank_of(attempt, "verification") == "two" and len(set(attempt.form.signed_by)) < 2
    return Reason("too-few-signatures", signed_by=attempt.form.signed_by, needed="two people") if alone else None


@guard("through-one-stop", reads_form=True)
def through_one_stop(attempt: Attempt) -> Reason | None:
    """The applicant is met at the one-stop unit alone: a division does not write to them itself (ND 61 art. 5(1)e)."""
    through = attempt.form.sent_through
    return None if through == "one-stop-unit" else Reason("direct-contact", sent_through=through, clause="ND 61 art. 5(1)e")


@guard("identity-checked", reads_form=True)
def identity_checked(attempt: Attempt) -> Reason | None:
    """A result goes to the applicant, or to whom they authorised."""
    return Reason("identity-unchecked") if attempt.form.identity == "unchecked" else None


# When it is done, judged by guards


@guard("notice-window", reads_form=False)
def notice_window(attempt: Attempt) -> Reason | None:
    """A supplement is asked for within the notice limit: 3 working days from receipt, unless sector law differs (ND 61 art. 19(4))."""
    clock = flat_get(attempt.case.flat_clocks, "notice")
    if clock is None or clock.due is None or not _over(attempt, "notice", clock.due):
        return None
    moment = attempt.context.calendar.moment
    return Reason("notice-window", limit=str(clock.limit), until=moment(clock.due), clause="ND 61 art. 19(4)")


def _over(attempt: Attempt, clock: str, due: int) -> bool:
    return is_over(due, attempt.when.occurred, attempt.context.rule(clock))


@guard("clock-over", reads_form=False)
def clock_over(attempt: Attempt, *, clock: str, code: str) -> Reason | None:
    """Says *code* where the limit *clock* had ended: for marks, which record and do not refuse."""
    running = flat_get(attempt.case.flat_clocks, clock)
    if running is None or running.due is None or not running.goes_on or not _over(attempt, clock, running.due):
        return None
    return Reason(code, until=attempt.context.calendar.moment(running.due))


@guard("after-clock", reads_form=False)
def after_clock(attempt: Attempt, *, clock: str) -> Reason | None:
    """Refused before the limit *clock* has ended."""
    running = flat_get(attempt.case.flat_clocks, clock)
    if running is None or running.due is None or _over(attempt, clock, running.due):
        return None
    return Reason("too-early", clock=clock, until=attempt.context.calendar.moment(running.due))


@guard("late-apology", reads_form=False)
def late_apology(attempt: Attempt) -> Reason | None:
    """An apology is sent at the latest 01 day before the limit ends (ND 61 art. 19(9)); a later one is kept and marked.

    The lead is the limit ``lead`` of the process, as the procedure fills it: ``1 day`` by the law, so that for a limit that
    ends on Monday Sunday is in time; ``1 working day`` is a policy stricter than the law.
    """
    clock, calendar = flat_get(attempt.case.flat_clocks, "legal"), attempt.context.calendar
    if clock is None or clock.due is None:
        return None
    lead, _ = attempt.context.process.limits["lead"]
    if attempt.when.occurred <= lead_until(clock.due, lead, calendar=calendar, rule=CountingRule.named(clock.rule)):
        return None
    return Reason("late-apology", due=calendar.moment(clock.due), clause="ND 61 art. 19(9)")


@guard("new-date-later", reads_form=True)
def new_date_later(attempt: Attempt) -> Reason | None:
    """A new date is later than the one promised, and has not passed."""
    promised, new = _date(attempt, "current_promise"), to_us(attempt.form.new_date)
    if new > max(promised or 0, attempt.when.occurred):
        return None
    moment = attempt.context.calendar.moment
    return Reason("new-date-not-later", new_date=moment(new), promised=moment(promised) if promised else None)


@guard("paid-in-order", reads_form=True)
def paid_in_order(attempt: Attempt) -> Reason | None:
    """A payment lies between its notice and its confirmation."""
    paid, noticed = to_us(attempt.form.paid_at), flat_get(attempt.case.flat_entered, "awaiting-obligation")
    if (noticed or 0) <= paid <= attempt.when.occurred:
        return None
    moment = attempt.context.calendar.moment
    return Reason("payment-out-of-order", paid_at=moment(paid), noticed=moment(noticed) if noticed else None)


# What is done, judged by guards


@guard("fee-never-pauses", reads_form=True)
def fee_never_pauses(attempt: Attempt) -> Reason | None:
    """Only what the law excludes from the limit pauses it; the office's own fee does not."""
    return Reason("fee-never-pauses", kind=attempt.form.kind) if attempt.form.kind == "service-fee" else None


@guard("reasoned-refusal", reads_form=True)
def reasoned_refusal(attempt: Attempt) -> Reason | None:
    """What is refused, wholly or in part, is refused with a reason and its basis (ND 61 art. 19(8))."""
    form = attempt.form
    if form.proposal == "granted" or (form.reason and form.basis):
        return None
    return Reason("refusal-unreasoned", proposal=form.proposal, clause="ND 61 art. 19(8)")


@guard("denial-ground", reads_form=True)
def denial_ground(attempt: Attempt) -> Reason | None:
    """That a decision is signed can be the ground only where one is."""
    if attempt.form.ground != "signed-decision" or "awaiting-issue" in attempt.case.steps:
        return None
    return Reason("no-signed-decision", at=tuple(sorted(attempt.case.steps)))


@guard("originals-returned", reads_form=True)
def originals_returned(attempt: Attempt) -> Reason | None:
    """Originals we hold are given back, or their loss is put on record (8.5.3)."""
    stand, said = _axis(attempt, "originals"), attempt.form.originals
    if (stand == "held" and said is None) or (stand == "lost" and said == "returned"):
        return Reason("originals-unsettled", originals=stand, clause="8.5.3")
    return Reason("no-originals-held", originals=stand) if said is not None and stand not in ("held", said) else None


@guard("originals-held", reads_form=False)
def originals_held(attempt: Attempt) -> Reason | None:
    """Only originals that we hold can be given back or lost."""
    stand = _axis(attempt, "originals")
    return None if stand == "held" else Reason("no-originals-held", originals=stand)


@guard("originals-accounted", reads_form=False)
def originals_accounted(attempt: Attempt) -> Reason | None:
    """A dossier is not archived while originals are held or lost (8.5.3; ND 61 art. 21(2))."""
    stand = _axis(attempt, "originals")
    return Reason("originals-unsettled", originals=stand, clause="8.5.3") if stand in ("held", "lost") else None


@guard("fee-settled", reads_form=False)
def fee_settled(attempt: Attempt) -> Reason | None:
    """An unpaid fee holds a result back only where the procedure says so."""
    blocks = _axis(attempt, "fee") == "due" and blank_of(attempt, "unpaid-fee") == "blocks"
    return Reason("fee-unpaid") if blocks else None


@guard("fee-is", reads_form=False)
def fee_is(attempt: Attempt, *, value: str) -> Reason | None:
    """Only a fee that is due is collected, only one that was paid is refunded."""
    fee = _axis(attempt, "fee")
    return None if fee == value else Reason("fee-is-not", fee=fee, needed=value)


# Guards that ask for a nonconformity


def ended_at(case: Case) -> int | None:
    """The last instant that counted against the legal limit (µs UTC); None while it has not stopped.

    What was stopped in a pause had not run since the pause began; what was withdrawn ended with the request.
    """
    clock = flat_get(case.flat_clocks, "legal")
    if clock is None or clock.stopped is None:
        return None
    start, end = clock.pauses[-1] if clock.pauses else (0, None)
    counted = start if end == clock.stopped else clock.stopped
    return min(counted, case.dates.get("finished_at", counted))


@guard("ended-late", reads_form=False)
def ended_late(attempt: Attempt) -> Reason | None:
    """Whether the dossier ended after its legal limit had, by the instant (10.2: the requirement was not met)."""
    clock = flat_get(attempt.case.flat_clocks, "legal")
    if clock is None or clock.due is None or (ended := ended_at(attempt.case)) is None:
        return None
    if not is_over(clock.due, ended, CountingRule.named(clock.rule)):
        return None
    moment = attempt.context.calendar.moment
    return Reason("ended-late", due=moment(clock.due), ended=moment(ended))


@guard("sent-back-often", reads_form=False)
def sent_back_often(attempt: Attempt) -> Reason | None:
    """Whether the draft was sent back three times or more."""
    times = flat_get(attempt.case.particulars.counts, "send-back") or 0
    return Reason("sent-back-often", times=times) if times >= 3 else None


@guard("originals-lost", reads_form=False)
def originals_lost(attempt: Attempt) -> Reason | None:
    """Whether originals in our care were lost (8.5.3: the owner is told and a record kept)."""
    return Reason("originals-lost", clause="8.5.3") if _axis(attempt, "originals") == "lost" else None
