"""Group dossiers: one submission for several procedures, each of which becomes a dossier of its own."""

from __future__ import annotations

from attrs import field, frozen

from ..form import personal
from .checks import filled, one_of, some

__all__ = ["GroupApplication", "GroupReceipt", "PartReceipt"]


@frozen(kw_only=True)
class GroupApplication:
    """The application for all of them; `applicant_id` is the opaque id of the applicant in the embedding system."""

    applicant: str = personal(validator=filled)
    applicant_id: str | None = field(default=None, validator=filled)
    channel: str = field(default="counter", validator=one_of("counter", "online", "post"))
    papers: tuple[str, ...] = ()


@frozen(kw_only=True)
class GroupReceipt:
    """The receipt for the whole: the codes of the *procedures*, each of which becomes a dossier."""

    procedures: tuple[str, ...] = field(validator=some)
    papers: tuple[str, ...] = ()
    register_number: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class PartReceipt:
    """A dossier that a group opens: of which *group* it is, and who the applicant is."""

    group: str = field(validator=filled)
    applicant_id: str | None = field(default=None, validator=filled)
    register_number: str | None = field(default=None, validator=filled)
