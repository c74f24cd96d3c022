"""Signatures: the least evidence that a procedure takes, and the capacity as it is held and printed (ND 30 art. 13)."""

from __future__ import annotations

from ..authority import OWN, exercised
from ..case import Attempt, guard
from ..errors import Reason
from .dossier import blank_of

__all__ = ["capacity_as_held", "signature_evidence"]


@guard("signature-evidence", reads_form=True)
def signature_evidence(attempt: Attempt) -> Reason | None:
    """A signature has at least the evidence that the procedure asks for; a digital one of the agency is more than a personal one."""
    needed, given = blank_of(attempt, "signature"), attempt.form.evidence
    enough = {"digital": ("digital-personal", "digital-official"), "digital-official": ("digital-official",)}.get(needed or "")
    return Reason("signature-evidence", evidence=given, needed=needed) if enough and given not in enough else None


@guard("capacity-as-held", reads_form=True)
def capacity_as_held(attempt: Attempt, *, action: str) -> Reason | None:
    """Who signs in a capacity prints that capacity, and no other (ND 30 art. 13)."""
    plan, context, at = attempt.context.process.plans[action], attempt.context, attempt.when.occurred
    grant = exercised(plan.roles, context.grants, attempt.case.unit, at, plan.subjects, plan.action.capacities)
    if grant is None or grant.capacity in (OWN, attempt.form.capacity):
        return None
    return Reason("capacity-not-held", capacity=attempt.form.capacity, held=grant.capacity, clause="ND 30 art. 13")
