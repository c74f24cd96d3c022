"""Consultations: the forms of who asks and who is asked, and the guards on both sides.

Rule 1: silence is consent only where the request names the law that says so.
Rule 2: the time given to an agency ends no later than the limit of the case that asks.
Rule 3: a late answer is read by whoever asked before the result is signed; that it was read is noted on the case.

ND 61 = Decree 61/2018/ND-CP; ND 217 = Decree 217/2026/ND-CP.
"""

from __future__ import annotations

from attrs import field, frozen

from ..case import Attempt, guard
from ..counting import due_us
from ..errors import Reason
from ..limits import TimeLimit
from ..state import flat_get
from .checks import filled, one_of

__all__ = ["Clarification", "ConsultationAgreed", "ConsultationRequest", "LateReplyRead", "Question", "Reply"]

ANSWERS = ("agree", "disagree", "conditions")
SILENCE = ("escalates", "consents")


@frozen(kw_only=True)
class ConsultationAgreed:
    """The head agrees that others are asked, and on what."""

    question: str = field(validator=filled)


@frozen(kw_only=True)
class ConsultationRequest:
    """Who is asked what, and how long they have: *agencies* are units here, *organizations* others that run their own cases.

    *silence* says what it means that an agency does not answer; ``consents`` needs the *basis* in law.
    """

    question: str = field(validator=filled)
    period: TimeLimit
    agencies: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    silence: str = field(default="escalates", validator=one_of(*SILENCE))
    basis: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class Question:
    """What one agency is asked, by whom, and how long it has; *officer* is the opaque id of who asks."""

    question: str = field(validator=filled)
    agency: str | None = field(default=None, validator=filled)
    period: TimeLimit | None = None
    silence: str = field(default="escalates", validator=one_of(*SILENCE))
    basis: str | None = field(default=None, validator=filled)
    officer: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class Clarification:
    """What was unclear, made clear."""

    text: str = field(validator=filled)


@frozen(kw_only=True)
class Reply:
    """The answer: agreed, not agreed, or agreed on conditions."""

    answer: str = field(validator=one_of(*ANSWERS))
    conditions: str | None = field(default=None, validator=filled)
    reason: str | None = field(default=None, validator=filled)
    number: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class LateReplyRead:
    """The late answer to a *consultation* (its id) was read; what it changes, or that it changes nothing."""

    consultation: str = field(validator=filled)
    note: str = field(validator=filled)


# Guards of who asks


@guard("agreed-by-head", reads_form=False)
def agreed_by_head(attempt: Attempt, *, agreement: str, request: str) -> Reason | None:
    """Each *request* takes an *agreement* of its own."""
    counts = attempt.case.particulars.counts
    if (flat_get(counts, agreement) or 0) > (flat_get(counts, request) or 0):
        return None
    return Reason("not-agreed", needed=agreement)


@guard("asks-somebody", reads_form=True)
def asks_somebody(attempt: Attempt) -> Reason | None:
    """A consultation names whom it asks."""
    form = attempt.form
    return None if form.agencies or form.organizations else Reason("nobody-asked")


@guard("fits-in-limit", reads_form=True)
def fits_in_limit(attempt: Attempt, *, clock: str) -> Reason | None:
    """The time that is given ends no later than the limit *clock* of the case."""
    running, context = flat_get(attempt.case.flat_clocks, clock), attempt.context
    if running is None or running.due is None:
        return None
    end = due_us(attempt.when.occurred, attempt.form.period, calendar=context.calendar, rule=context.rule(clock))
    if end <= running.due:
        return None
    moment = context.calendar.moment
    return Reason("beyond-limit", limit=str(attempt.form.period), due=moment(end), within=clock, until=moment(running.due))


@guard("late-reply-there", reads_form=True)
def late_reply_there(attempt: Attempt) -> Reason | None:
    """Only a late answer that came is read."""
    asked = attempt.form.consultation
    child = attempt.case.children.get(asked)
    return None if child is not None and "late-reply" in child.marks else Reason("no-late-reply", consultation=asked)


@guard("reads-late-reply", reads_form=True)
def reads_late_reply(attempt: Attempt) -> Reason | None:
    """For marks: which late answer was read."""
    return Reason(f"late-reply-read:{attempt.form.consultation}")


@guard("late-replies-read", reads_form=False)
def late_replies_read(attempt: Attempt) -> Reason | None:
    """Nothing is signed over a late answer that nobody has read."""
    marks = attempt.case.marks
    late = (child.id for child in attempt.case.particulars.children if "late-reply" in child.marks)
    unread = tuple(child for child in late if f"late-reply-read:{child}" not in marks)
    return Reason("late-reply-unread", consultations=unread) if unread else None


# Guards of who is asked


@guard("silence-needs-basis", reads_form=True)
def silence_needs_basis(attempt: Attempt) -> Reason | None:
    """Silence is consent only where a law says so, and the request names it (ND 217 art. 54(2)c is one)."""
    form = attempt.form
    if form.silence != "consents" or form.basis:
        return None
    return Reason("silence-unfounded", clause="ND 61 art. 19(5)b")


@guard("silence-is", reads_form=False)
def silence_is(attempt: Attempt, *, value: str) -> Reason | None:
    """What silence means in this consultation."""
    said = flat_get(attempt.case.particulars.axes, "silence")
    return None if said == value else Reason("silence-means", silence=said, needed=value)


@guard("reasoned-reply", reads_form=True)
def reasoned_reply(attempt: Attempt) -> Reason | None:
    """Who does not agree says why; who sets conditions names them."""
    form = attempt.form
    missing = {"disagree": "reason", "conditions": "conditions"}.get(form.answer)
    return Reason("reply-unreasoned", answer=form.answer, missing=missing) if missing and not getattr(form, missing) else None


@guard("note", reads_form=False)
def note(attempt: Attempt, *, code: str) -> Reason | None:
    """For marks: says *code* whenever it is done."""
    return Reason(code)
